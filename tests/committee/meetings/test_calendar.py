"""The file for calendars, read back by the library that calendars are written with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.meetings import calendar
from tests import factories
from workflows import clock

SUMMER = datetime(2026, 7, 3, 15, 0, tzinfo=UTC)
APPOINTMENT = calendar.Appointment(
    uid="meeting-7@pool.example",
    sequence=0,
    is_cancelled=False,
    starts_at=SUMMER,
    ends_at=SUMMER + timedelta(hours=2),
    summary="Udvalget mødes",
    place="Rådhuset, stuen; lokale 2",
    page="https://pool.example/committee/meetings/7/",
    description="https://meet.example/x\nhttps://pool.example/committee/meetings/7/",
)


def read(**changes):
    """(calendar, event) of the file."""
    with clock.at(factories.MONDAY):
        text = calendar.file(replace(APPOINTMENT, **changes))
    found = icalendar.Calendar.from_ical(text)
    (event,) = found.walk("VEVENT")
    return found, event


def test_it_says_when_where_and_who_meets():
    found, event = read()
    assert (found["VERSION"], found["METHOD"]) == ("2.0", "PUBLISH")
    assert event["UID"] == "meeting-7@pool.example"
    assert event["STATUS"] == "CONFIRMED"
    assert event["SUMMARY"] == "Udvalget mødes"
    assert event["LOCATION"] == "Rådhuset, stuen; lokale 2"
    assert event["URL"] == "https://pool.example/committee/meetings/7/"
    assert event.decoded("DTSTAMP") == factories.MONDAY


@pytest.mark.parametrize(
    "starts_at, told",
    [
        (SUMMER, "20260703T170000"),
        (datetime(2026, 12, 4, 16, 0, tzinfo=UTC), "20261204T170000"),
    ],
)
def test_the_time_is_danish_time_in_summer_and_in_winter(starts_at, told):
    _found, event = read(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    assert event["DTSTART"].to_ical().decode() == told
    assert event["DTSTART"].params["TZID"] == "Europe/Copenhagen"
    assert event.decoded("DTSTART") == starts_at


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 12, 31)))
def test_the_time_zone_in_the_file_is_the_real_one(moment):
    """A calendar that knows no Copenhagen reads the same offset out of the file itself."""
    found, _event = read()
    (zone,) = found.walk("VTIMEZONE")
    real = moment.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Copenhagen"))
    assert moment.replace(tzinfo=UTC).astimezone(zone.to_tz()).utcoffset() == real.utcoffset()


def test_a_meeting_that_is_moved_is_the_same_one_and_newer():
    first, moved = read()[1], read(sequence=1)[1]
    assert first["UID"] == moved["UID"]
    assert moved["SEQUENCE"] > first["SEQUENCE"]


def test_a_cancelled_one_tells_calendars_to_take_it_out():
    found, event = read(is_cancelled=True, sequence=2)
    assert (found["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 2)


def test_lines_end_and_fold_as_calendars_want():
    with clock.at(factories.MONDAY):
        text = calendar.file(replace(APPOINTMENT, summary="Ø" * 200))
    assert text.count(b"\n") == text.count(b"\r\n")
    assert max(map(len, text.split(b"\r\n"))) <= 75
