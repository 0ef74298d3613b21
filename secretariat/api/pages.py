"""Long lists, page by page, the newest first. A page stays what it was while others apply."""

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    page_size = 50

    def paginate_queryset(self, queryset, request, view=None):
        try:
            return super().paginate_queryset(queryset, request, view)
        except ValidationError as error:  # a cursor of somebody's own making names no moment
            raise NotFound(self.invalid_cursor_message) from error

    def get_paginated_response_schema(self, schema):
        # The framework's own says `nullable`, which OpenAPI 3.1 does not know.
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }


class NewestCallsFirst(NewestFirst):
    ordering = ("-opens_at", "-pk")


class NewestApplicationsFirst(NewestFirst):
    ordering = ("-created_at", "-pk")
