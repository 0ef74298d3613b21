"""What nobody sends by a form of ours is refused; what is for one person is kept by nobody else."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.template.loader import render_to_string

# Files are kept on disk while they are read, and everybody may send one to /verify/.
LARGEST_BODY = 25_000_000


class Limits:
    """400 for a NUL in an address, which PostgreSQL does not take; 413 for a body without end."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("An address has no NUL.")
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            return HttpResponse(render_to_string("413.html"), status=413)
        return self.get_response(request)


class NothingKept:
    """An answer to somebody logged in is theirs: no cache keeps it, nor a shared computer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        if not answer.has_header("Cache-Control") and request.user.is_authenticated:
            answer["Cache-Control"] = "private, no-store"
        return answer
