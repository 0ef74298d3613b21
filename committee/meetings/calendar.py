"""A meeting as a file for calendars (RFC 5545): when and where, and nothing of what it is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import (
    STATUS,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vRecur,
)

from workflows import clock

PRODUCT = "-//Ungepuljen//Meetings//EN"
WINTER, SUMMER = timedelta(hours=1), timedelta(hours=2)


@dataclass(frozen=True)
class Appointment:
    """What a calendar is told.

    uid: the same for as long as the meeting is. sequence: grows when it is moved or cancelled, and
    calendars take the highest. page: where to read more, behind login.
    """

    uid: str
    sequence: int
    is_cancelled: bool
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str
    page: str
    description: str


def file(appointment: Appointment) -> bytes:
    """The .ics file. The times are Danish ones and bring their time zone with them."""
    event = Event.new(
        uid=appointment.uid,
        sequence=appointment.sequence,
        stamp=clock.now(),
        start=appointment.starts_at.astimezone(clock.LOCAL),
        end=appointment.ends_at.astimezone(clock.LOCAL),
        status=STATUS.CANCELLED if appointment.is_cancelled else STATUS.CONFIRMED,
        summary=appointment.summary,
        location=appointment.place or None,
        description=appointment.description,
        url=appointment.page,
    )
    calendar = Calendar.new(
        prodid=PRODUCT,
        method="CANCEL" if appointment.is_cancelled else "PUBLISH",
        uid=appointment.uid,
        subcomponents=[_danish_time(), event],
    )
    return bytes(calendar.to_ical())


def _danish_time() -> Timezone:
    """The European Union's summer time: the last Sundays of March and October, at 1 UTC."""
    # icalendar makes one by itself, in which summer begins an hour late.
    zone = Timezone()
    zone.add("tzid", str(clock.LOCAL))
    zone.add_component(
        _change(TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), WINTER, SUMMER)
    )
    zone.add_component(
        _change(TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), SUMMER, WINTER)
    )
    return zone


def _change(
    change: TimezoneDaylight | TimezoneStandard,
    name: str,
    first: datetime,
    before: timedelta,
    after: timedelta,
) -> TimezoneDaylight | TimezoneStandard:
    change.add("dtstart", first)
    change.add("tzname", name)
    change.add("tzoffsetfrom", before)
    change.add("tzoffsetto", after)
    change.add("rrule", vRecur(FREQ="YEARLY", BYMONTH=first.month, BYDAY="-1SU"))
    return change
