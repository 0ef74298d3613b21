"""Two closed votes that wait for their allocation: in one the blocs are far apart."""

from datetime import timedelta

import pytest

from applicants.models import Applicant
from committee.meetings import actions
from committee.review import actions as review
from committee.seats.models import Procedure
from committee.votes import actions as voting
from grants.applications.models import Application
from grants.pools.models import Call
from tests import factories
from workflows import clock

VOTED_AT = factories.MONDAY + timedelta(days=4)
CALLED_AT = factories.MONDAY + timedelta(days=11)
# The Friday after next at five in the afternoon, Danish winter time.
STARTS_AT = factories.MONDAY + timedelta(days=18, hours=7)
HELD_AT = STARTS_AT + timedelta(minutes=10)


def again(application):
    return Application.objects.get(pk=application.pk)


def in_review(world, cast, title):
    """An application of Asta's, with the committee."""
    asta = Applicant.objects.filter(user=cast.asta).first() or factories.applicant(cast.asta)
    return factories.application_at("in_review", world, cast, who=asta, title=title)


def stand_aside(application, member):
    review.declare_recusal(application, member=member, ground="family", by=member.user)


def voted(application, cast, *, young, staff, aside=(), without=()):
    """Everybody in the cast but those votes for all of it, each bloc with its points; closed."""
    with clock.at(VOTED_AT):
        for member in cast.members:
            if member in aside:
                stand_aside(application, member)
            elif member not in without:
                factories.clear(application, member)
                points = young if member.seat == "young" else staff
                factories.vote(application, member, points=points)
        voting.close_vote(application, by=cast.dines)
    return again(application)


@pytest.fixture
def together(world):
    """The world, in which a call is recommended together, so that closed votes wait."""
    Procedure.objects.create(committee=world.committee, version=2, recommends="together")
    Call.objects.filter(pk=world.call.pk).update(budget=100_000_00)
    return world


@pytest.fixture
def parted(together, cast):
    """The young give it 5, staff 2."""
    return voted(in_review(together, cast, "Natteradio"), cast, young=5, staff=2)


@pytest.fixture
def agreed(together, cast):
    """Everybody gives it 4: nothing to talk about."""
    return voted(in_review(together, cast, "Kælderteater"), cast, young=4, staff=4)


def call(world, by, *chosen, **given):
    when = {"starts_at": STARTS_AT, "ends_at": STARTS_AT + timedelta(hours=2)}
    with clock.at(given.pop("at", CALLED_AT)):
        return actions.call_meeting(
            world.committee,
            by=by,
            place="Rådhuset, stuen",
            chosen=[each.reference for each in chosen],
            **(when | given),
        )


@pytest.fixture
def meeting(together, cast, parted):
    """A meeting about the application in which opinions part."""
    return call(together, cast.dines, parted)


@pytest.fixture
def held(meeting, cast):
    """The same, opened, and all but Jo are there."""
    return hold(meeting, cast, *cast.members[:3])


def hold(meeting, cast, *present):
    with clock.at(HELD_AT):
        actions.open_meeting(meeting, by=cast.dines)
        actions.note_attendance(meeting, present={each.pk for each in present}, by=cast.dines)
    meeting.refresh_from_db()
    return meeting


@pytest.fixture
def in_the_meeting():
    """The clock stands within the meeting."""
    with clock.at(HELD_AT):
        yield
