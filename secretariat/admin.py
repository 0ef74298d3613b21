"""The log as a whole, for who looks after the system: it keeps what a sealed vote keeps."""

from django.contrib import admin

from committee.review.models import VoteWindow
from secretariat.journal import MEMBERS_CAN, TELLS_WHO_VOTED
from workflows.admin import ReadOnly
from workflows.models import LogEntry


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnly):
    list_display = ["at", "stream", "number", "event", "from_status", "to_status", "actor"]
    search_fields = ["stream"]
    ordering = ["-pk"]
    show_full_result_count = False

    def get_queryset(self, request):
        """Without what tells who has voted, while the vote is open."""
        open_votes = VoteWindow.objects.filter(closed_at=None).select_related("application")
        return (
            super()
            .get_queryset(request)
            .exclude(
                event__in=TELLS_WHO_VOTED | MEMBERS_CAN,
                stream__in=[window.application.stream for window in open_votes],
            )
        )
