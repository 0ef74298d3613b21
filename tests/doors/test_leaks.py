"""Of a case that one stands aside from, and of a vote that is not closed, nothing comes out.

Slow, since each of these reads the whole site more than once.
"""

from functools import partial

import pytest

from tests.doors import looking
from tests.doors import room as rooms
from tests.doors.room import seen
from tests.doors.table import ROLES
from workflows import clock

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HATS = ("caseworker", "approver", "pool_admin", "municipality_reader", "auditor")


@pytest.fixture(scope="module")
def room(lasting):
    return rooms.build(together=False)


# --- A case that one stands aside from, or has not been let into ----------------------------


@pytest.mark.parametrize("role", ["undeclared", "in doubt", "recused", "substitute"])
def test_who_is_kept_out_finds_title_and_applicant_and_no_more(room, role):
    everything = seen(room, role, rooms.votes, rooms.talk, rooms.demand)
    assert "Natteradio" in everything["/committee/"] or role == "substitute"
    found = {
        (address, secret)
        for address, said in everything.items()
        for secret in rooms.SECRETS
        if secret in said
    }
    assert not found


@pytest.mark.parametrize("hats", [(), HATS], ids=["a member", "a member who works here too"])
def test_for_who_stands_aside_it_looks_the_same_whatever_happens(room, hats):
    turns = {
        "the committee votes and talks": [rooms.votes, rooms.talk, rooms.time_passes],
        "it is carried": [rooms.votes, rooms.close],
        "it is not carried": [rooms.votes_against, rooms.close],
        "it is decided": [rooms.votes, rooms.close, rooms.decide],
    }
    before = seen(room, "recused", rooms.time_passes, hats=hats)
    told = {
        name: looking.differences(before, seen(room, "recused", *turn, hats=hats))
        for name, turn in turns.items()
    }
    assert not any(told.values()), told


@pytest.mark.parametrize("last", [rooms.meet, rooms.end])
def test_from_a_meeting_who_stands_aside_learns_no_result(room, last):
    carried, lost = (
        seen(room, "recused", vote, rooms.demand, rooms.close, last)
        for vote in (rooms.votes, rooms.votes_against)
    )
    assert "Natteradio" in "".join(carried.values())
    assert not looking.differences(carried, lost)


# --- A vote that is not closed --------------------------------------------------------------


def _others_vote(room, choice, amount, points):
    """Two, of whom nobody may learn how; two more vote the same in any case."""
    _chair, esther, *others = room.cast.members
    with clock.at(rooms.VOTED):
        for member in [esther, room.seat("called in")]:
            rooms.vote(room.case, member, "for", amount=rooms.GIVEN, points=5)
        for member in others:
            rooms.vote(room.case, member, choice, amount=amount, points=points)


@pytest.mark.parametrize("role", ROLES.values())
def test_how_the_others_vote_is_told_to_nobody(room, role):
    much = partial(_others_vote, choice="for", amount=rooms.APPLIED, points=5)
    nothing = partial(_others_vote, choice="against", amount=0, points=0)
    turns = [rooms.talk, rooms.time_passes]
    # A doubt is left, so it stays open.
    for_it, against_it = (seen(room, role, vote, *turns) for vote in (much, nothing))
    assert for_it
    assert not looking.differences(for_it, against_it)


@pytest.mark.parametrize("role", ["contact", "member", "undeclared", "chair", "caseworker"])
def test_that_one_more_has_voted_is_told_to_nobody(room, role):
    """Once there are enough of them."""
    enough, all_of_them = (
        seen(room, role, partial(rooms.votes, voters=voters), at=rooms.VOTED)
        for voters in (room.cast.members, room.voters)
    )
    assert not looking.differences(enough, all_of_them)
