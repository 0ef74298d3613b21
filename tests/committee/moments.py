"""Days in a vote that opens three days after Monday for a week, and what the log says of it."""

from datetime import timedelta

from tests import factories
from workflows.models import LogEntry

AFTER_A_DAY = factories.MONDAY + timedelta(days=4)
TIME_IS_OVER = factories.MONDAY + timedelta(days=30)


def events(application, name):
    return LogEntry.objects.filter(stream=application.stream, event=name)
