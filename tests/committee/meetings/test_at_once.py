"""Two at the same moment, on two real connections: one is done, the other is told."""

from functools import partial

import pytest
from django.db import transaction

from committee.meetings import actions
from committee.meetings.models import AgendaItem, Meeting
from committee.review.models import VoteWindow
from grants.letters.models import Letter
from tests import factories
from tests.committee import threads
from tests.committee.meetings import conftest as scene
from workflows import clock

pytestmark = pytest.mark.django_db(transaction=True)


class Act(threads.Act):
    """One act on a connection of its own, within the meeting."""

    def __init__(self, act):
        super().__init__(partial(_in_the_meeting, act))


def _in_the_meeting(act):
    with clock.at(scene.HELD_AT):
        act()


def refusals(first, second):
    """The first is done; the second waits for it to be through. What each was refused for."""
    with clock.at(scene.HELD_AT), transaction.atomic():
        first()
        other = Act(second)
        other.start()
        assert threads.waits(other)
    return other.ended()


def take_anew(cast, by="dines"):
    actions.take_anew(AgendaItem.objects.get(), by=getattr(cast, by))


def test_a_vote_is_taken_anew_once(held, cast):
    assert refusals(lambda: take_anew(cast), lambda: take_anew(cast, "frida")) == "faster"
    assert VoteWindow.objects.filter(closed_at=None).count() == 1


def test_a_vote_taken_anew_is_closed_once(held, cast):
    with clock.at(scene.HELD_AT):
        take_anew(cast)

    def close(by):
        actions.close_anew(AgendaItem.objects.get(), by=by)

    assert refusals(lambda: close(cast.dines), lambda: close(cast.frida)) == "closed"


def test_a_vote_that_is_changed_while_it_closes_is_refused(held, cast):
    with clock.at(scene.HELD_AT):
        take_anew(cast)

    def change():
        actions.change_vote(
            AgendaItem.objects.get(), member=cast.members[1], by=cast.esther, choice="abstain"
        )

    def close():
        actions.close_anew(AgendaItem.objects.get(), by=cast.dines)

    assert refusals(close, change) == "closed"
    window = VoteWindow.objects.get(follows__isnull=False)
    assert all(vote.is_taken_over for vote in window.votes.all())


def test_minutes_are_approved_once(held, cast):
    with clock.at(scene.HELD_AT):
        actions.end_meeting(held, by=cast.dines)

    def approve():
        actions.approve_minutes(Meeting.objects.get(), by=cast.dines)

    assert refusals(approve, approve) == "approved"
    assert Letter.objects.filter(kind="minutes").count() == 1


def test_a_meeting_that_is_cancelled_while_it_opens_is_open(meeting, cast):
    def open_it():
        actions.open_meeting(meeting, by=cast.dines)

    def cancel():
        actions.cancel_meeting(meeting, by=cast.frida)

    assert refusals(open_it, cancel) == "faster"
    meeting.refresh_from_db()
    assert meeting.cancelled_at is None
    assert meeting.opened_at > factories.MONDAY
