"""Final reports, money that comes back, and closing the case."""

from datetime import date, timedelta

import pytest

from grants.decisions import actions as decisions
from grants.letters.models import Mail
from grants.payouts import actions
from grants.payouts.models import FinalReport, Repayment
from tests.grants.payouts.conftest import LATER
from workflows import audit, clock

pytestmark = pytest.mark.django_db

ANSWERS = {
    "happened": "Vi sendte hver nat.",
    "participants": 40,
    "income": 12_000_00,
    "expenses": 12_000_00,
}


@pytest.fixture
def report(accepted, payout_at, cast):
    """Asta has had the money, and her report is sent; income and expenses are equal."""
    payout_at("paid")
    written = actions.save_report(accepted, by=cast.asta, **ANSWERS)
    actions.submit_report(written, by=cast.asta)
    return written


@pytest.fixture
def heard(accepted, payout_at, cast):
    """10.000 kr. were paid, and Asta has answered the hearing."""
    payout_at("paid")
    hearing = decisions.hear(accepted, by=cast.frida, text="Vi overvejer at kræve pengene.")
    decisions.answer_hearing(hearing, by=cast.asta, answer="Det forstår vi.")
    return accepted


def test_a_report_is_begun_once_and_then_changed(accepted, cast):
    begun = actions.save_report(accepted, by=cast.asta, happened="Vi")
    changed = actions.save_report(accepted, by=cast.asta, **ANSWERS)
    assert begun == changed
    assert FinalReport.objects.get().participants == 40
    assert audit.verify().fits


@pytest.mark.parametrize("who", ["cille", "frida", "esther"])
def test_only_the_applicants_report(accepted, cast, refused, who):
    refused("role", actions.save_report, accepted, by=getattr(cast, who), **ANSWERS)


def test_bo_on_the_team_reports_too(accepted, cast):
    accepted.team.create(user=cast.bo, name="Bo")
    assert actions.save_report(accepted, by=cast.bo, **ANSWERS).status == "draft"


@pytest.mark.parametrize("status", ["submitted", "awarded", "rejected"])
def test_without_an_accepted_grant_there_is_nothing_to_report(
    application_at, cast, refused, status
):
    refused("no grant", actions.save_report, application_at(status), by=cast.asta, **ANSWERS)


@pytest.mark.parametrize("missing", ["happened", "participants", "income", "expenses"])
def test_an_unfinished_report_is_not_sent(accepted, cast, refused, missing):
    answers = {name: value for name, value in ANSWERS.items() if name != missing}
    written = actions.save_report(accepted, by=cast.asta, **answers)
    refused("Tell|Fill in", actions.submit_report, written, by=cast.asta)


@pytest.mark.parametrize("reached", [None, "planned", "sent", "returned"])
def test_before_money_is_paid_there_is_nothing_to_report(
    accepted, payout_at, cast, refused, reached
):
    if reached:
        payout_at(reached)
    written = actions.save_report(accepted, by=cast.asta, **ANSWERS)
    refused("Nothing has been paid out yet", actions.submit_report, written, by=cast.asta)
    assert FinalReport.objects.get().status == "draft"


def test_a_sent_report_is_not_changed(report, accepted, cast, refused):
    refused("has been sent", actions.save_report, accepted, by=cast.asta, happened="Andet")
    assert FinalReport.objects.get().happened == ANSWERS["happened"]


def test_a_returned_report_can_be_changed_and_sent_again(report, accepted, cast):
    actions.return_report(report, by=cast.frida, note="Hvor mange kom?")
    report.refresh_from_db()
    assert (report.status, report.secretariat_note) == ("returned", "Hvor mange kom?")
    mail = Mail.objects.latest("pk")
    assert mail.to == cast.asta
    assert "Hvor mange" not in mail.text
    report = actions.save_report(accepted, by=cast.asta, participants=50)
    actions.submit_report(report, by=cast.asta)
    assert FinalReport.objects.get().status == "submitted"


def test_a_report_is_not_returned_without_a_word(report, cast, refused):
    refused("missing", actions.return_report, report, by=cast.frida, note=" ")


@pytest.mark.parametrize("act", [actions.return_report, actions.approve_report])
@pytest.mark.parametrize("who", ["asta", "gorm", "cille"])
def test_only_a_caseworker_answers_a_report(report, cast, refused, act, who):
    note = {"note": "Mere"} if act is actions.return_report else {}
    refused("role", act, report, by=getattr(cast, who), **note)


@pytest.mark.parametrize(
    "income, expenses, back",
    [
        (12_000_00, 12_000_00, 0),
        (12_000_00, 13_000_00, 0),
        (12_500_00, 12_000_00, 0),
        (12_500_01, 12_000_00, 500_01),
        (15_000_00, 12_000_00, 3_000_00),
        (40_000_00, 12_000_00, 10_000_00),  # never more than the grant
    ],
)
def test_a_surplus_above_500_kroner_goes_back(accepted, payout_at, cast, income, expenses, back):
    payout_at("paid")
    answers = ANSWERS | {"income": income, "expenses": expenses}
    report = actions.save_report(accepted, by=cast.asta, **answers)
    actions.submit_report(report, by=cast.asta)
    repayment = actions.approve_report(report, by=cast.frida)
    assert (repayment.amount if repayment else 0) == back
    if repayment:
        assert repayment.due_on == LATER.date() + timedelta(days=30)
        assert Mail.objects.latest("pk").to == cast.asta


def test_closing_wants_money_report_and_nothing_owed(accepted, payout_at, cast, refused):
    refused("not been paid out", actions.complete, accepted, by=cast.frida)
    payout_at("paid")
    refused("report", actions.complete, accepted, by=cast.frida)
    answers = ANSWERS | {"income": 13_000_00}
    report = actions.save_report(accepted, by=cast.asta, **answers)
    actions.submit_report(report, by=cast.asta)
    repayment = actions.approve_report(report, by=cast.frida)
    refused("owed", actions.complete, accepted, by=cast.frida)
    actions.settle(repayment, by=cast.frida, paid_on=clock.today())
    actions.complete(accepted, by=cast.frida)
    assert accepted.status == "completed"
    assert audit.verify().fits


def test_reclaiming_makes_a_repayment(heard, cast):
    repayment = actions.reclaim(heard, by=cast.frida, amount=10_000_00)
    assert heard.status == "reclaimed"
    assert (repayment.amount, repayment.paid_on) == (10_000_00, None)
    assert Mail.objects.latest("pk").to == cast.asta


@pytest.mark.parametrize("amount", [0, -1, 10_000_01])
def test_no_more_is_reclaimed_than_was_paid(heard, cast, refused, amount):
    refused("paid out", actions.reclaim, heard, by=cast.frida, amount=amount)
    assert not Repayment.objects.exists()


def test_a_surplus_that_is_asked_back_is_not_reclaimed_too(heard, cast, refused):
    answers = ANSWERS | {"income": 13_000_00}
    report = actions.save_report(heard, by=cast.asta, **answers)
    actions.submit_report(report, by=cast.asta)
    actions.approve_report(report, by=cast.frida)
    refused("paid out", actions.reclaim, heard, by=cast.frida, amount=9_000_01)


def test_nobody_reclaims_without_a_hearing(accepted, payout_at, cast, refused):
    payout_at("paid")
    refused("Hear the applicant", actions.reclaim, accepted, by=cast.frida, amount=1)


@pytest.mark.parametrize("who", ["asta", "gorm", "cille", "hanne"])
def test_only_a_caseworker_reclaims_and_settles(heard, cast, refused, who):
    refused("role", actions.reclaim, heard, by=getattr(cast, who), amount=1)
    heard.refresh_from_db()
    owed = actions.reclaim(heard, by=cast.frida, amount=1)
    refused("role", actions.settle, owed, by=getattr(cast, who), paid_on=clock.today())


def test_a_repayment_is_settled_once_and_not_ahead(heard, cast, refused):
    owed = actions.reclaim(heard, by=cast.frida, amount=5_000_00)
    refused("lies ahead", actions.settle, owed, by=cast.frida, paid_on=date(2030, 1, 1))
    actions.settle(owed, by=cast.frida, paid_on=clock.today())
    refused("already", actions.settle, owed, by=cast.frida, paid_on=clock.today())
    assert Repayment.objects.get().paid_on == clock.today()


def test_a_report_of_a_reclaimed_case_cannot_be_begun(heard, cast, refused):
    actions.reclaim(heard, by=cast.frida, amount=1)
    refused("no grant", actions.save_report, heard, by=cast.asta, **ANSWERS)
