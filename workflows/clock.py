"""The one place that knows the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

# Deadlines are set and read in Danish time, also by the partners across the Sound (the same hour).
LOCAL = ZoneInfo("Europe/Copenhagen")

_handed_in: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The moment, in UTC: the server's clock, or the one handed in by `at`."""
    return _handed_in.get() or datetime.now(UTC)


def today() -> date:
    """The date in Denmark."""
    return now().astimezone(LOCAL).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Everything inside happens at `moment` (an aware datetime): for demos, stories and tests."""
    if moment.tzinfo is None:
        raise ValueError("The clock wants a moment with a time zone.")
    token = _handed_in.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _handed_in.reset(token)
