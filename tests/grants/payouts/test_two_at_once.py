"""Two people at the payments desk at the same moment, on two real connections."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection, transaction

from applicants.actions import name_account
from grants.applications import guardians
from grants.applications.models import Application
from grants.decisions.actions import lapse
from grants.payouts import actions
from grants.payouts.models import Instalment, PaymentBatch, Payout
from tests import factories
from tests.grants.payouts.conftest import LATER
from workflows import audit, clock
from workflows.machine import Refusal

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = 5


def race(read, *acts):
    """Each reads its own rows, all wait for each other, and act. Returns what became of them."""
    barrier = Barrier(len(acts))

    def one(act):
        try:
            with clock.at(LATER):
                rows = read()
                barrier.wait(timeout=20)
                act(rows)
        except Refusal as refusal:
            return refusal.code
        else:
            return "did it"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(one, acts))


def test_an_instalment_planned_by_two_is_one_payout(application_at, cast, world):
    """Slow: an application walks through its whole life for each round."""
    other = factories.role(factories.user("Lis"), world.pool, "caseworker")
    for number in range(ROUNDS):
        instalment = application_at("accepted").current_grant().instalments.get()
        outcomes = race(
            lambda pk=instalment.pk: Instalment.objects.get(pk=pk),
            lambda row: actions.plan(row, by=cast.frida),
            lambda row: actions.plan(row, by=other),
        )
        assert outcomes == ["did it", "refused"]
        assert Payout.objects.count() == number + 1


def test_payouts_released_by_two_are_in_one_file(application_at, payout_at, cast, world):
    """Slow: as above."""
    other = factories.role(factories.user("Lis"), world.pool, "approver")
    for number in range(ROUNDS):
        for _each in range(2):
            application = application_at("accepted", amount=1_000_00)
            payout_at("approved", application.current_grant().instalments.get())
        outcomes = race(
            lambda: list(Payout.objects.filter(status="approved")),
            lambda rows: actions.release(rows, by=cast.gorm),
            lambda rows: actions.release(rows[::-1], by=other),
        )
        assert outcomes == ["did it", "faster"]
        assert PaymentBatch.objects.count() == number + 1
    assert Payout.objects.exclude(batch=None).count() == 2 * ROUNDS
    assert audit.verify().fits


def test_a_grant_cannot_lapse_while_its_money_is_approved(application_at, payout_at, cast):
    """Slow: as above."""
    for _number in range(ROUNDS):
        application = application_at("accepted")
        payout = payout_at("planned", application.current_grant().instalments.get())
        outcomes = race(
            lambda pk=payout.pk: Payout.objects.select_related(
                "instalment__grant__application"
            ).get(pk=pk),
            lambda row: actions.approve(row, by=cast.gorm),
            lambda row: lapse(row.application, by=cast.frida),
        )
        assert outcomes == ["did it", "obstacle"]


def _take_consent_back(application, guardian):
    guardians.withdraw_consent(application, guardian=guardian, by=guardian.user)


def _name_another_account(application, guardian):
    iban, by = factories.ANOTHER_ACCOUNT, application.contact
    name_account(application.applicant, holder="Asta", iban=iban, by=by, row=application)


@pytest.mark.parametrize("act", [_take_consent_back, _name_another_account])
def test_what_was_said_before_the_release_counts(act, world, cast, payout_at):
    """Said, not yet committed: the release waits for it, and then sends nothing."""
    young = factories.applicant(cast.asta, birth_date=date(2009, 1, 1))
    application = factories.draft(world, cast.asta, who=young)
    guardian = factories.guardian(application, factories.user("Mor"))
    for step, reached in factories._ACCEPTED:
        if reached == "accepted":
            factories.consent(application, guardian)
        application = Application.objects.get(pk=application.pk)
        step(application, world, cast)
    application.refresh_from_db()
    payout = payout_at("approved", application.current_grant().instalments.get())

    def release():
        try:
            with clock.at(LATER):
                actions.release([Payout.objects.get(pk=payout.pk)], by=cast.gorm)
        except Refusal as refusal:
            return refusal.code
        else:
            return "did it"
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            act(application, guardian)
            outcome = pool.submit(release)
            time.sleep(1)
        assert outcome.result(timeout=20) == "obstacle"
