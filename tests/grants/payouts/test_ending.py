"""Final reports, money that comes back, and closing the case."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from grants.decisions import actions as decisions
from grants.letters.models import Mail
from grants.payouts import actions, queries
from grants.payouts.accounts import Told
from grants.payouts.models import FinalReport, Repayment
from tests import factories
from tests.grants.payouts.conftest import LATER
from workflows import audit, clock

pytestmark = pytest.mark.django_db

TOLD = {"happened": "Vi sendte hver nat.", "participants": 40}


def answers(application, **sums):
    """All that a report has to say; sums as factories.accounts takes them."""
    return TOLD | {"lines": factories.accounts(application, **sums)}


@pytest.fixture
def report(accepted, payout_at, cast):
    """Asta has had the money, and her report is sent; income and expenses are equal."""
    payout_at("paid")
    written = actions.save_report(accepted, by=cast.asta, **answers(accepted))
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
    changed = actions.save_report(accepted, by=cast.asta, **answers(accepted))
    assert begun == changed
    assert FinalReport.objects.get().participants == 40
    assert audit.verify().fits


@pytest.mark.parametrize("who", ["cille", "frida", "esther"])
def test_only_the_applicants_report(accepted, cast, refused, who):
    refused("role", actions.save_report, accepted, by=getattr(cast, who), **TOLD)


def test_bo_on_the_team_reports_too(accepted, cast):
    accepted.team.create(user=cast.bo, name="Bo")
    assert actions.save_report(accepted, by=cast.bo, **TOLD).status == "draft"


@pytest.mark.parametrize("status", ["submitted", "awarded", "rejected"])
def test_without_an_accepted_grant_there_is_nothing_to_report(
    application_at, cast, refused, status
):
    refused("no grant", actions.save_report, application_at(status), by=cast.asta, **TOLD)


@pytest.mark.parametrize("missing", ["happened", "participants", "lines"])
def test_an_unfinished_report_is_not_sent(accepted, cast, refused, missing):
    told = {name: value for name, value in answers(accepted).items() if name != missing}
    written = actions.save_report(accepted, by=cast.asta, **told)
    refused("Tell|Fill in", actions.submit_report, written, by=cast.asta)


def test_a_line_of_the_budget_without_its_amount_holds_the_report_back(accepted, cast, refused):
    (line,) = factories.accounts(accepted)
    half = [replace(line, amount=None), Told("", "income", "Billetter", 500_00)]
    written = actions.save_report(accepted, by=cast.asta, **TOLD, lines=half)
    assert (written.income, written.expenses) == (None, None)
    refused("every line", actions.submit_report, written, by=cast.asta)
    kept = written.account_lines.get(key="")
    assert (kept.text, kept.amount) == ("Billetter", 500_00)


def test_income_and_expenses_are_the_sums_of_the_lines(accepted, cast):
    (line,) = factories.accounts(accepted)
    lines = [
        replace(line, amount=9_000_00),
        Told("", "expense", "Kage", 250_50),
        Told("", "income", "Billetter", 1_000_00),
    ]
    written = actions.save_report(accepted, by=cast.asta, lines=lines)
    assert (written.income, written.expenses) == (11_000_00, 9_250_50)
    again = actions.save_report(accepted, by=cast.asta, lines=lines[:1])
    assert (again.income, again.expenses) == (10_000_00, 9_000_00)
    assert again.account_lines.count() == 1


def test_ages_are_of_those_who_took_part(accepted, cast, refused):
    told = answers(accepted) | {"ages": {"13-17": 30, "18-24": 11}}
    written = actions.save_report(accepted, by=cast.asta, **told)
    refused("more people than took part", actions.submit_report, written, by=cast.asta)


def test_a_budget_line_is_told_once(accepted, cast):
    (line,) = factories.accounts(accepted)
    with pytest.raises(IntegrityError, match="one_account_line_per_budget_line"):
        actions.save_report(accepted, by=cast.asta, lines=[line, line])


@pytest.mark.parametrize("reached", [None, "planned", "sent", "returned"])
def test_before_money_is_paid_there_is_nothing_to_report(
    accepted, payout_at, cast, refused, reached
):
    if reached:
        payout_at(reached)
    written = actions.save_report(accepted, by=cast.asta, **answers(accepted))
    refused("Nothing has been paid out yet", actions.submit_report, written, by=cast.asta)
    assert FinalReport.objects.get().status == "draft"


def test_a_sent_report_is_not_changed(report, accepted, cast, refused):
    refused("has been sent", actions.save_report, accepted, by=cast.asta, happened="Andet")
    assert FinalReport.objects.get().happened == TOLD["happened"]


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


@pytest.mark.parametrize("who", ["asta", "gorm", "cille"])
def test_only_a_caseworker_answers_a_report(report, cast, refused, who):
    by = getattr(cast, who)
    refused("role", actions.return_report, report, by=by, note="Mere")
    refused("role", actions.approve_report, report, by=by, seen=report.submitted_at)


def test_a_report_that_was_sent_again_is_not_approved_unseen(report, accepted, cast, refused):
    seen = report.submitted_at
    actions.return_report(report, by=cast.frida, note="Hvor mange?")
    with clock.at(LATER + timedelta(minutes=1)):
        again = actions.save_report(accepted, by=cast.asta, **answers(accepted, left=5_000_00))
        actions.submit_report(again, by=cast.asta)
        refused("sent again", actions.approve_report, report, by=cast.frida, seen=seen)
        assert not Repayment.objects.exists()
        repayment = actions.approve_report(again, by=cast.frida, seen=again.submitted_at)
    assert repayment.amount == 5_000_00


@pytest.mark.parametrize(
    "income, left, back",
    [
        (2_000_00, 0, 0),
        (0, -1_000_00, 0),
        (2_000_00, 500_00, 0),
        (2_000_00, 500_01, 500_01),
        (0, 3_000_00, 3_000_00),
        (30_000_00, 28_000_00, 10_000_00),  # never more than the grant
    ],
)
def test_a_surplus_above_500_kroner_goes_back(accepted, payout_at, cast, income, left, back):
    repayment = approved(accepted, payout_at, cast, income=income, left=left)
    assert (repayment.amount if repayment else 0) == back
    if repayment:
        assert repayment.due_on == LATER.date() + timedelta(days=30)
        assert Mail.objects.latest("pk").to == cast.asta


@pytest.mark.parametrize("keep, back", [(0, 500_00), (499_99, 500_00), (500_00, 0)])
def test_what_may_be_kept_is_the_calls_to_say(accepted, payout_at, cast, world, keep, back):
    world.call.surplus_to_keep = keep
    world.call.save()
    repayment = approved(accepted, payout_at, cast, left=500_00)
    assert (repayment.amount if repayment else 0) == back


@pytest.fixture
def in_two_parts(application_at, world):
    """Asta has said yes to 10.000 kr.: 8.000 in advance, and 2.000 when the report is approved."""
    world.call.advance_percent = 80
    world.call.save()
    return application_at("accepted")


@pytest.mark.parametrize(
    "left, back, final",
    [
        (500_00, 0, 2_000_00),  # kept
        (1_500_00, 0, 500_00),
        (2_000_00, 0, 0),
        (3_000_00, 1_000_00, 0),
        (10_000_00, 8_000_00, 0),  # nothing was spent: all that was paid, and no more
    ],
)
def test_a_surplus_is_taken_off_the_final_instalment_first(
    in_two_parts, payout_at, cast, refused, world, left, back, final
):
    advance, last = in_two_parts.current_grant().instalments.order_by("kind")
    payout_at("paid", advance)
    report = actions.save_report(in_two_parts, by=cast.asta, **answers(in_two_parts, left=left))
    actions.submit_report(report, by=cast.asta)
    assert actions.surplus_to_pay_back(report) == back
    assert actions.less_to_pay(report) == 2_000_00 - final
    repayment = actions.approve_report(report, by=cast.frida, seen=report.submitted_at)
    assert (repayment.amount if repayment else 0) == back
    ours = queries.due(world.pool).filter(grant__application=in_two_parts)
    due = queries.listed(ours, amount="to_pay")
    assert (due.count, due.amount) == (1 if final else 0, final)
    if final:
        refused("not been paid out", actions.complete, in_two_parts, by=cast.frida)
        assert payout_at("paid", last).amount == final
    else:
        refused("nothing left to pay", actions.plan, last, by=cast.frida)
    if repayment:
        actions.settle(repayment, by=cast.frida, paid_on=clock.today())
    actions.complete(in_two_parts, by=cast.frida)


def test_a_smaller_last_part_is_told(in_two_parts, payout_at, cast):
    payout_at("paid", in_two_parts.current_grant().instalments.get(kind="advance"))
    report = actions.save_report(in_two_parts, by=cast.asta, **answers(in_two_parts, left=1_500_00))
    actions.submit_report(report, by=cast.asta)
    actions.approve_report(report, by=cast.frida, seen=report.submitted_at)
    assert "bliver mindre" in Mail.objects.latest("pk").text


def approved(accepted, payout_at, cast, **sums):
    payout_at("paid")
    report = actions.save_report(accepted, by=cast.asta, **answers(accepted, **sums))
    actions.submit_report(report, by=cast.asta)
    return actions.approve_report(report, by=cast.frida, seen=report.submitted_at)


def test_closing_wants_money_report_and_nothing_owed(accepted, payout_at, cast, refused):
    refused("not been paid out", actions.complete, accepted, by=cast.frida)
    payout_at("paid")
    refused("report", actions.complete, accepted, by=cast.frida)
    report = actions.save_report(accepted, by=cast.asta, **answers(accepted, left=1_000_00))
    actions.submit_report(report, by=cast.asta)
    repayment = actions.approve_report(report, by=cast.frida, seen=report.submitted_at)
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
    report = actions.save_report(heard, by=cast.asta, **answers(heard, left=1_000_00))
    actions.submit_report(report, by=cast.asta)
    actions.approve_report(report, by=cast.frida, seen=report.submitted_at)
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
    refused("no grant", actions.save_report, heard, by=cast.asta, **TOLD)
