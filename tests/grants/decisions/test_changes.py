"""Asking for a change after the yes, and the answer with its letter."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from grants.decisions import changes
from grants.decisions.budgets import Line
from grants.decisions.models import ChangeRequest
from grants.letters.models import Letter, Mail
from grants.payouts import actions as payouts
from tests import factories
from workflows import audit, clock
from workflows.machine import Refusal

LATER = factories.MONDAY + timedelta(days=20)
OTHER_DATES = {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 10, 20)}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _later():
    with clock.at(LATER):
        yield


@pytest.fixture
def accepted(application_at):
    """Asta has said yes to 10.000 kr.; her budget is one line."""
    return application_at("accepted")


@pytest.fixture
def ask(accepted, cast):
    """ask(kind, ...): Asta asks, and says why."""

    def asked(kind, **wished):
        given = {"reason": "Salen er optaget."} | wished
        return changes.ask_for_change(accepted, kind=kind, by=cast.asta, **given)

    return asked


@pytest.fixture
def answer(cast):
    """answer(request, yes or no): Frida answers."""

    def answered(request, *, yes=True, text="Det er fint.", by=None):
        changes.answer_change(request, is_granted=yes, answer=text, by=by or cast.frida)

    return answered


@pytest.fixture
def refused():
    def tried(part, act, *args, **given):
        with pytest.raises(Refusal, match=part):
            act(*args, **given)

    return tried


def agreed(application):
    return changes.what_is_agreed(application.current_grant())


def paid(application, cast):
    factories.pay(application, cast)


# What is agreed


def test_first_what_was_applied_for_is_agreed(accepted):
    now = agreed(accepted)
    assert (now.starts_on, now.ends_on) == (date(2026, 8, 1), date(2026, 9, 1))
    assert [(line.text, line.amount) for line in now.lines] == [("Udstyr", 10_000_00)]
    assert now.report_by == accepted.current_grant().report_by


def test_a_wish_changes_nothing_before_it_is_granted(accepted, ask, answer):
    before = agreed(accepted)
    asked = ask("dates", **OTHER_DATES)
    assert agreed(accepted) == before
    answer(asked, yes=False, text="Salen er fri.")
    assert agreed(accepted) == before


def test_other_dates_move_the_report_too(accepted, ask, answer):
    answer(ask("dates", **OTHER_DATES))
    now = agreed(accepted)
    assert (now.starts_on, now.ends_on) == (date(2026, 10, 1), date(2026, 10, 20))
    assert now.report_by == date(2026, 10, 20) + timedelta(days=30)


def test_earlier_dates_leave_the_report_its_time(accepted, ask, answer):
    before = agreed(accepted).report_by
    answer(ask("dates", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 2)))
    assert agreed(accepted).report_by == before


def test_more_time_is_given(accepted, ask, answer):
    answer(ask("extension", report_by=date(2026, 12, 24)))
    assert agreed(accepted).report_by == date(2026, 12, 24)


def test_the_newest_change_counts(accepted, ask, answer):
    answer(ask("dates", **OTHER_DATES))
    with clock.at(LATER + timedelta(days=1)):
        answer(ask("dates", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 2)))
    assert agreed(accepted).starts_on == date(2026, 11, 1)


# The budget


@pytest.fixture
def two_lines(world, cast):
    """Asta's budget: 6.000 and 4.000 kr. of expenses."""
    lines = {
        "line-1": {"kind": "expense", "text": "Udstyr", "amount": 6_000_00, "nature": ""},
        "line-2": {"kind": "expense", "text": "Plakater", "amount": 4_000_00, "nature": ""},
    }
    return factories.application_at("accepted", world, cast, **lines)


def moved(application, by):
    """The budget with so many øre moved from the first line to the second."""
    first, second = agreed(application).lines
    return [
        replace(first, amount=first.amount - by),
        replace(second, amount=second.amount + by),
    ]


def budget(application, lines, cast):
    return changes.ask_for_change(
        application, kind="budget", reason="Billigere udstyr.", lines=lines, by=cast.asta
    )


def test_up_to_ten_percent_of_each_line_is_free(two_lines, cast):
    asked = budget(two_lines, moved(two_lines, 400_00), cast)
    assert (asked.is_granted, asked.answered_by, asked.letter) == (True, None, None)
    assert [line.amount for line in agreed(two_lines).lines] == [5_600_00, 4_400_00]
    assert not Letter.objects.filter(kind="change").exists()
    assert audit.verify().fits


def test_above_ten_percent_wants_permission(two_lines, cast, answer):
    asked = budget(two_lines, moved(two_lines, 400_01), cast)
    assert asked.is_granted is None
    assert [line.amount for line in agreed(two_lines).lines] == [6_000_00, 4_000_00]
    answer(asked)
    assert [line.amount for line in agreed(two_lines).lines] == [5_599_99, 4_400_01]


def test_how_much_is_free_is_the_calls_to_say(two_lines, world, cast):
    world.call.free_change_percent = 0
    world.call.save()
    assert budget(two_lines, moved(two_lines, 1), cast).is_granted is None


def test_a_line_does_not_creep_by_ten_percent_again_and_again(two_lines, cast):
    assert budget(two_lines, moved(two_lines, 400_00), cast).is_granted
    assert budget(two_lines, moved(two_lines, 100_00), cast).is_granted is None


def test_from_a_budget_that_was_permitted_it_is_measured_anew(two_lines, cast, answer):
    answer(budget(two_lines, moved(two_lines, 2_000_00), cast))
    assert [line.amount for line in agreed(two_lines).lines] == [4_000_00, 6_000_00]
    with clock.at(LATER + timedelta(days=1)):
        assert budget(two_lines, moved(two_lines, 400_00), cast).is_granted


def test_a_new_line_wants_permission(two_lines, cast):
    first, second = agreed(two_lines).lines
    cake = Line("kage", "expense", "Kage", 100_00)
    lines = [replace(first, amount=first.amount - 100_00), second, cake]
    assert budget(two_lines, lines, cast).is_granted is None


def test_a_budget_has_to_balance(two_lines, cast, refused):
    first, second = agreed(two_lines).lines
    with pytest.raises(Refusal, match=r"1,00.* is missing"):
        budget(two_lines, [replace(first, amount=first.amount + 1_00), second], cast)
    with pytest.raises(Refusal, match=r"1,00.* of the income is not used"):
        budget(two_lines, [replace(first, amount=first.amount - 1_00), second], cast)


@pytest.mark.parametrize(
    "part, change",
    [
        ("Nothing is changed", lambda lines: lines),
        ("above zero", lambda lines: [*lines, Line("x", "expense", "Luft", 0)]),
        ("a name", lambda lines: [*lines, Line("x", "expense", "", 5)]),
        ("twice", lambda lines: [*lines, lines[0]]),
    ],
)
def test_a_budget_that_cannot_be_meant_is_refused(two_lines, cast, part, change):
    with pytest.raises(Refusal, match=part):
        budget(two_lines, change(agreed(two_lines).lines), cast)


# Who, when, and what makes no sense


@pytest.mark.parametrize("who", ["cille", "frida", "esther"])
def test_only_the_applicants_ask(accepted, cast, refused, who):
    by = getattr(cast, who)
    refused("role", changes.ask_for_change, accepted, kind="give_up", reason="Nej", by=by)


@pytest.mark.parametrize("who", ["asta", "gorm", "hanne"])
def test_only_a_caseworker_answers(ask, answer, cast, refused, who):
    asked = ask("give_up")
    refused("role", answer, asked, by=getattr(cast, who))


@pytest.mark.parametrize("status", ["submitted", "awarded", "completed", "lapsed"])
def test_only_what_was_said_yes_to_is_changed(application_at, cast, refused, status):
    application = application_at(status)
    given = {"kind": "give_up", "reason": "Nej", "by": cast.asta}
    refused("said yes to", changes.ask_for_change, application, **given)


@pytest.mark.parametrize(
    "kind, wished, part",
    [
        ("dates", {}, "when it begins"),
        ("dates", {"starts_on": date(2026, 9, 2), "ends_on": date(2026, 9, 1)}, "before it begins"),
        ("dates", {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 2)}, "before today"),
        ("dates", {"starts_on": date(2026, 8, 1), "ends_on": date(2026, 9, 1)}, "agreed already"),
        ("extension", {}, "after the one"),
        ("extension", {"report_by": date(2026, 4, 1)}, "after the one"),
        ("give_up", {"reason": "  "}, "Say why"),
    ],
)
def test_a_wish_that_cannot_be_meant_is_refused(ask, refused, kind, wished, part):
    refused(part, ask, kind, **wished)
    assert not ChangeRequest.objects.exists()


def test_one_request_at_a_time(ask, refused, answer):
    asked = ask("give_up")
    refused("asked for a change already", ask, "extension", report_by=date(2026, 12, 1))
    answer(asked, yes=False, text="Prøv igen.")
    ask("extension", report_by=date(2026, 12, 1))


def test_the_database_holds_one_open_request(ask, accepted, cast):
    ask("give_up")
    with pytest.raises(IntegrityError, match="one_open_change_request"), transaction.atomic():
        ChangeRequest.objects.create(
            application=accepted,
            grant=accepted.current_grant(),
            kind="give_up",
            reason="Igen",
            asked_by=cast.asta,
        )


def test_a_wish_and_its_answer_never_change(ask, answer):
    asked = ask("extension", report_by=date(2026, 12, 1))
    answer(asked)
    for column, value in [("report_by", "'2030-01-01'"), ("is_granted", "false")]:
        with pytest.raises(IntegrityError, match="final"), transaction.atomic():
            connection.cursor().execute(
                f"UPDATE grants_changerequest SET {column} = {value} WHERE id = %s", [asked.pk]
            )


def test_a_sent_report_closes_for_changes(accepted, cast, ask, refused):
    paid(accepted, cast)
    written = payouts.save_report(
        accepted,
        by=cast.asta,
        happened="Ja",
        participants=1,
        lines=factories.accounts(accepted),
    )
    payouts.submit_report(written, by=cast.asta)
    refused("report has been sent", ask, "extension", report_by=date(2026, 12, 1))


def test_an_answer_is_given_once(ask, answer, refused):
    asked = ask("give_up")
    again = ChangeRequest.objects.get()
    answer(asked, yes=False, text="Nej.")
    refused("faster", answer, again)
    assert Letter.objects.filter(kind="change").count() == 1


def test_a_no_wants_its_reason(ask, answer, refused):
    refused("Say why not", answer, ask("give_up"), yes=False, text=" ")


# Giving up


def test_giving_up_with_nothing_paid_ends_the_grant(accepted, ask, answer, world):
    answer(ask("give_up"))
    accepted.refresh_from_db()
    assert accepted.status == "lapsed"
    assert accepted.current_grant() is None
    assert "lapses" in letter_text() or "bortfalder" in letter_text()


def test_giving_up_with_money_paid_says_that_it_comes_back(accepted, ask, answer, cast, refused):
    paid(accepted, cast)
    answer(ask("give_up"))
    accepted.refresh_from_db()
    assert accepted.status == "accepted"
    assert changes.is_given_up(accepted.current_grant())
    assert "skal betales tilbage" in letter_text()
    refused("given up", ask, "extension", report_by=date(2026, 12, 1))


def test_giving_up_waits_while_money_is_with_the_bank(accepted, ask, answer, cast, refused):
    payout = payouts.plan(accepted.current_grant().instalments.get(), by=cast.frida)
    payouts.approve(payout, by=cast.gorm)
    asked = ask("give_up")
    refused("Money is on its way", answer, asked)
    assert ChangeRequest.objects.get().answered_at is None
    assert not Letter.objects.filter(kind="change").exists()
    payouts.cancel(payout, by=cast.frida)
    answer(asked)
    accepted.refresh_from_db()
    assert accepted.status == "lapsed"


# The letter


def letter_text():
    return Letter.objects.get(kind="change").html


def test_an_answer_is_a_letter_and_a_mail_that_says_nothing_of_it(ask, answer, cast):
    answer(ask("extension", report_by=date(2026, 12, 24)), text="God fornøjelse.")
    assert "24. december 2026" in letter_text()
    assert "God fornøjelse." in letter_text()
    mail = Mail.objects.latest("pk")
    assert mail.to == cast.asta
    assert mail.letter.kind == "change"
    assert "fornøjelse" not in mail.text


def test_a_no_carries_reason_and_guidance_on_complaints(ask, answer):
    answer(ask("dates", **OTHER_DATES), yes=False, text="Salen er fri i august.")
    for told in ["Salen er fri i august.", "Du kan klage.", "Begrundelse"]:
        assert told in letter_text()


def test_the_letter_can_be_seen_before_it_is_sent(ask, cast):
    asked = ask("dates", **OTHER_DATES)
    seen = changes.letter_preview(asked, is_granted=True, answer="Fint.", by=cast.frida)
    assert "1. oktober 2026" in seen
    assert not Letter.objects.filter(kind="change").exists()


def test_a_letter_of_a_new_budget_lists_it(two_lines, cast, answer):
    answer(budget(two_lines, moved(two_lines, 2_000_00), cast))
    for told in ["Udstyr", "4.000,00", "6.000,00"]:
        assert told in letter_text()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_have_one_request(world, cast):
    """Slow: two connections, and tables emptied afterwards."""
    application = factories.application_at("accepted", world, cast)

    def asking(_number):
        try:
            with clock.at(LATER):
                changes.ask_for_change(application, kind="give_up", reason="Nej", by=cast.asta)
            return "asked"
        except Refusal as refusal:
            return refusal.sentence
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as two:
        outcomes = sorted(two.map(asking, range(2)))
    assert outcomes.count("asked") == 1, outcomes
    assert ChangeRequest.objects.count() == 1


@pytest.mark.parametrize(
    "kind, wished",
    [
        ("dates", {"starts_on": date(2026, 10, 1), "ends_on": date(9999, 12, 31)}),
        ("dates", {"starts_on": date(2026, 10, 1), "ends_on": date(2037, 1, 1)}),
        ("dates", {"starts_on": date(26, 10, 1), "ends_on": date(2026, 11, 1)}),
        ("extension", {"report_by": date(9999, 12, 31)}),
    ],
)
def test_a_slip_of_the_finger_in_a_year_is_refused(ask, refused, kind, wished):
    refused("Check the year", ask, kind, **wished)


def test_a_wish_to_the_end_of_days_is_read_and_answered_with_no(accepted, cast, answer, refused):
    wished = {"starts_on": date(2026, 10, 1), "ends_on": date.max}
    request = changes.wish(accepted, kind="dates", reason="Vi har tid.", by=cast.asta, **wished)
    request.save()
    assert changes.report_by_after(request) == date.max
    assert changes.letter_preview(request, is_granted=True, answer="", by=cast.frida)
    refused("Check the year", answer, request)
    answer(request, yes=False)
    assert request.is_granted is False
