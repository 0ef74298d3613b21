"""Settling and calling in at the same moment, on two real connections."""

import pytest

from committee.review import actions as review
from committee.review.models import Ruling, Substitution
from tests import factories
from tests.committee.threads import NOW, again, at_once
from workflows import clock

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_doubt_that_two_settle_at_once_is_settled_once(in_review, cast):
    esther = cast.members[1]
    factories.role(cast.gorm, in_review.pool, "caseworker")
    with clock.at(NOW):
        review.declare(in_review, member=esther, answer="unsure", note="?", by=esther.user)
    doubt = in_review.declarations.get()
    people = [(cast.frida, True), (cast.gorm, False)]
    acts = [
        lambda by=by, aside=aside: review.rule(doubt, is_recused=aside, reason="Derfor.", by=by)
        for by, aside in people
    ]
    assert at_once(*acts) == ["", "faster"]
    assert in_review.recusals.exists() == Ruling.objects.get().is_recused


def test_two_who_are_called_in_at_once_do_not_get_the_same_place(in_review, cast, world):
    waiting = [
        factories.seat(factories.user(name), world.committee, "young", is_substitute=True)
        for name in ["Sif", "Ulf"]
    ]
    acts = [
        lambda substitute=substitute: review.call_in(
            again(in_review), member=cast.members[1], substitute=substitute, by=cast.frida
        )
        for substitute in waiting
    ]
    assert at_once(*acts) == ["", "refused"]
    assert Substitution.objects.count() == 1


def test_who_answers_twice_at_once_has_answered_once(in_review, cast):
    both = [lambda: factories.clear(again(in_review), cast.members[1])] * 2
    assert at_once(*both) == ["", ""]
    assert in_review.declarations.count() == 1
