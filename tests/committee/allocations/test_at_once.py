"""Adopting, moving and taking a vote anew at the same moment, on two real connections."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import transaction

from committee.allocations import actions
from grants.applications.models import Application
from grants.decisions.models import Recommendation
from tests.committee.allocations.conftest import VOTED_AT
from tests.committee.threads import Act, waits
from workflows import clock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _now(later):
    """After the votes."""


def test_two_who_adopt_at_once_adopt_once(proposed, cast):
    barrier = Barrier(2)
    both = [
        Act(lambda who=who: actions.adopt(proposed, by=who), before=barrier.wait)
        for who in (cast.dines, cast.frida)
    ]
    for each in both:
        each.start()
    assert sorted(each.ended() or "" for each in both) == ["", "faster"]
    assert Recommendation.objects.count() == 3


def test_a_move_on_its_way_is_waited_for_and_adopted(proposed, closed, cast):
    adopting = Act(lambda: actions.adopt(proposed, by=cast.dines))
    radio = closed["Natteradio"]
    with transaction.atomic():
        actions.move(proposed, radio, amount=0, reason="Ikke i år.", by=cast.frida)
        adopting.start()
        assert waits(adopting)
    assert adopting.ended() is None
    assert radio.recommendations.get().amount == 0


def test_a_vote_taken_anew_meanwhile_stops_the_whole_adoption(proposed, closed, cast):
    adopting = Act(lambda: actions.adopt(proposed, by=cast.dines))
    radio = closed["Natteradio"]
    with transaction.atomic():
        take_anew(radio)
        adopting.start()
        assert waits(adopting)
    assert adopting.ended() == "votes"
    assert not Recommendation.objects.exists()
    proposed.refresh_from_db()
    assert proposed.adopted_at is None


def test_a_vote_can_not_be_taken_anew_while_it_is_adopted(proposed, closed, cast):
    radio = closed["Natteradio"]
    statuses = []
    again = Act(lambda: statuses.append(take_anew(radio)))
    with transaction.atomic():
        actions.adopt(proposed, by=cast.dines)
        again.start()
        assert waits(again)
    assert again.ended() is None
    assert statuses == ["recommended"]
    assert radio.vote_windows.count() == 1


def take_anew(application):
    """As a meeting does it: the application first, and only while the committee has it."""
    with transaction.atomic():
        status = Application.objects.select_for_update().get(pk=application.pk).status
        if status == "in_review":
            old = application.vote_windows.get()
            application.vote_windows.create(
                committee=old.committee,
                procedure=old.procedure,
                weights=old.weights,
                follows=old,
                opened_at=VOTED_AT,
                closes_at=clock.now() + timedelta(hours=2),
            )
    return status
