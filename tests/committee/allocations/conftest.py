"""A call whose applications are recommended together, with votes that are closed."""

from datetime import timedelta

import pytest

from committee.allocations import actions
from committee.seats.models import Procedure
from committee.votes import actions as voting
from grants.pools.models import Call
from tests import factories
from workflows import clock

VOTED_AT = factories.MONDAY + timedelta(days=4)
TIME_IS_OVER = VOTED_AT + timedelta(days=20)
# What each of the cast gives: Dines and Ib are staff, Esther and Jo are young.
GIVEN = {
    "Natteradio": (5, 5, 5, 5),
    "Kælderteater": (4, 4, 4, 4),
    "Vægmaleri": (3, 3, 3, 3),
}


@pytest.fixture
def together(world):
    """The world, in which a call's applications are recommended together; 25.000 kr. are there."""
    Procedure.objects.create(committee=world.committee, version=2, recommends="together")
    Call.objects.filter(pk=world.call.pk).update(budget=25_000_00)
    world.call.refresh_from_db()
    return world


def vote_and_close(application, cast, points, by=None, close_at=None):
    """The cast votes for all that was applied for, each with their points (None: against)."""
    for member, given in zip(cast.members, points, strict=True):
        factories.clear(application, member)
        if given is None:
            factories.vote(application, member, choice="against", points=1)
        else:
            factories.vote(application, member, points=given)
    with clock.at(close_at or clock.now()):
        voting.close_vote(application, by=by or cast.dines)


@pytest.fixture
def in_reviews(together, cast):
    """{title: application} with the committee; each asks for 10.000 kr., 5.000 would do."""
    asta = factories.applicant(cast.asta)
    return {
        title: factories.application_at("in_review", together, cast, who=asta, title=title)
        for title in GIVEN
    }


@pytest.fixture
def closed(in_reviews, cast):
    """The same, with their votes closed: 5, 4 and 3 points by everybody."""
    with clock.at(VOTED_AT):
        for title, application in in_reviews.items():
            vote_and_close(application, cast, GIVEN[title])
    return in_reviews


@pytest.fixture
def proposed(closed, together, cast):
    """By ranking there is enough for two, and for the third the least that works."""
    with clock.at(VOTED_AT):
        return actions.propose(together.call, rule="ranked", by=cast.frida)


@pytest.fixture
def later():
    with clock.at(VOTED_AT + timedelta(hours=1)):
        yield
