"""A case that is taken up again and granted anew: nothing of the former grant counts for it."""

from datetime import timedelta

import pytest

from grants.decisions import actions as decisions
from grants.payouts import actions
from tests import factories
from tests.grants.payouts.conftest import LATER
from workflows import clock
from workflows.machine import Refusal

pytestmark = pytest.mark.django_db


def granted_anew(application, world, cast):
    """Lapsed, taken up again, and said yes to once more, a day later."""
    with clock.at(LATER + timedelta(days=1)):
        decisions.lapse(application, by=cast.frida)
        decisions.reopen(application, by=cast.hanne, reason="En klage.")
        factories.decide(application, world, cast, amount=application.amount_applied_for)
        decisions.announce([application], by=cast.frida)
        actions.accept_grant(application, by=cast.asta)


def test_a_payout_of_the_former_grant_is_never_sent(accepted, payout_at, world, cast):
    old = payout_at("planned")
    granted_anew(accepted, world, cast)
    with pytest.raises(Refusal) as refusal:
        actions.approve(old, by=cast.gorm)
    assert refusal.value.code == "obstacle"


def test_a_hearing_about_the_former_grant_is_no_hearing(accepted, world, cast):
    hearing = decisions.hear(accepted, by=cast.frida, text="Vi overvejer at kræve pengene.")
    decisions.answer_hearing(hearing, by=cast.asta, answer="Det forstår vi.")
    granted_anew(accepted, world, cast)
    with clock.at(LATER + timedelta(days=2)):
        factories.pay(accepted, cast)
        with pytest.raises(Refusal) as refusal:
            actions.reclaim(accepted, by=cast.frida, amount=1)
    assert refusal.value.code == "obstacle"


def test_nothing_is_taken_up_again_while_money_is_with_the_bank(
    world, application_at, payout_at, cast
):
    world.call.advance_percent = 50
    world.call.save()
    case = application_at("accepted")
    advance, final = case.current_grant().instalments.order_by("kind")
    paid = payout_at("paid", advance)
    factories.report(case, cast)
    payout_at("sent", final)
    hearing = decisions.hear(case, by=cast.frida, text="Vi overvejer at kræve pengene.")
    decisions.answer_hearing(hearing, by=cast.asta, answer="Det forstår vi.")
    actions.reclaim(case, by=cast.frida, amount=1)
    actions.bounce(paid, by=cast.frida, reason="Kontoen er lukket.")
    with pytest.raises(Refusal) as refusal:
        decisions.reopen(case, by=cast.hanne, reason="En klage.")
    assert refusal.value.code == "obstacle"
