"""The log as a whole, for who looks after the system: it keeps what a sealed vote keeps."""

from django.contrib import admin

from committee.review.models import VoteWindow
from workflows.admin import ReadOnly
from workflows.models import LogEntry


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    list_display = ["at", "stream", "number", "event", "from_status", "to_status", "actor"]
    search_fields = ["stream"]
    ordering = ["-pk"]
    show_full_result_count = False

    def get_queryset(self, request):
        """Without the cases on which a vote is open: an entry that is left out leaves a gap."""
        open_votes = VoteWindow.objects.filter(closed_at=None).select_related("application")
        sealed = [window.application.stream for window in open_votes]
        return super().get_queryset(request).exclude(stream__in=sealed)
