"""Reminders: each once, on its day, in the person's language, and to nobody who has done it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from grants.applications import actions as applications
from grants.applications import reminders
from grants.applications.models import Reminder
from grants.decisions import actions as decisions
from grants.decisions import changes
from grants.letters.models import Mail
from grants.payouts import actions as payouts
from tests import factories
from workflows import audit, clock

pytestmark = pytest.mark.django_db


def on(day, act):
    """What the daily task does on that day: how many were reminded."""
    with clock.at(datetime.combine(day, time(7), tzinfo=UTC)):
        return act()


def days(before, day):
    return day - timedelta(days=before)


def newest_mail():
    return Mail.objects.latest("pk")


# An answer to the secretariat: asked for by 1 April


@pytest.mark.parametrize("before, count", [(4, 0), (3, 1), (1, 1), (0, 1), (-1, 0)])
def test_an_answer_is_reminded_of_in_its_last_three_days(application_at, before, count):
    application_at("incomplete")
    assert on(days(before, date(2026, 4, 1)), reminders.remind_of_answers) == count


def test_once_is_enough(application_at, cast):
    application = application_at("incomplete")
    mails = Mail.objects.count()
    for before in (3, 3, 2, 1, 0):
        on(days(before, date(2026, 4, 1)), reminders.remind_of_answers)
    assert Mail.objects.count() == mails + 1
    assert newest_mail().to == cast.asta
    assert "1. april 2026" in newest_mail().text
    assert application.reference in newest_mail().text
    assert audit.verify().fits


def test_it_is_said_in_the_language_of_the_application(application_at):
    application = application_at("incomplete")
    type(application).objects.filter(pk=application.pk).update(language="en")
    on(date(2026, 3, 30), reminders.remind_of_answers)
    assert "1 April 2026" in newest_mail().text
    assert newest_mail().subject == "We still wait for your answer"


def test_who_has_answered_is_left_alone(application_at, cast):
    application = application_at("incomplete")
    with clock.at(factories.MONDAY + timedelta(days=5)):
        applications.resubmit(application, by=cast.asta, answer="Tolv.")
    assert on(date(2026, 3, 31), reminders.remind_of_answers) == 0


# A draft: the call closes on 1 May


@pytest.mark.parametrize("before, count", [(4, 0), (3, 1), (0, 1), (-1, 0)])
def test_a_draft_is_reminded_of_in_the_calls_last_three_days(application_at, before, count):
    closes_on = application_at("draft").call.closes_at.date()
    assert on(days(before, closes_on), reminders.remind_of_drafts) == count
    assert on(days(before, closes_on), reminders.remind_of_drafts) == 0


def test_who_has_sent_another_one_to_the_call_is_left_alone(application_at, world, cast):
    sent = application_at("submitted")
    factories.draft(world, cast.asta, who=sent.applicant)
    assert on(days(1, world.call.closes_at.date()), reminders.remind_of_drafts) == 0


def test_a_call_without_a_deadline_reminds_of_nothing(application_at, world):
    application_at("draft")
    world.call.closes_at = None
    world.call.save()
    assert on(date(2026, 4, 30), reminders.remind_of_drafts) == 0


# A grant that waits for a yes


@pytest.mark.parametrize("before, count", [(6, 0), (5, 1), (0, 1), (-1, 0)])
def test_a_grant_is_reminded_of_in_its_last_five_days(application_at, before, count):
    accept_by = application_at("awarded").current_grant().accept_by
    assert on(days(before, accept_by), decisions.remind_of_grants) == count
    assert on(days(before, accept_by), decisions.remind_of_grants) == 0


@pytest.mark.parametrize("status", ["accepted", "lapsed"])
def test_who_has_said_yes_or_no_is_left_alone(application_at, status):
    accept_by = application_at(status).grants.get().accept_by
    assert on(accept_by, decisions.remind_of_grants) == 0


# The report: due thirty days after 1 September


@pytest.fixture
def paid(application_at, cast):
    application = application_at("accepted")
    with clock.at(factories.MONDAY + timedelta(days=20)):
        factories.pay(application, cast)
    return application


@pytest.fixture
def due(paid):
    return paid.current_grant().report_by


def test_a_report_is_reminded_of_fourteen_days_before_and_when_it_is_overdue(paid, due):
    told = [on(days(before, due), payouts.remind_of_reports) for before in range(16, -3, -1)]
    assert told == [0, 0, 1, *[0] * 14, 1, 0]
    assert list(Reminder.objects.order_by("pk").values_list("what", flat=True)) == [
        *["report", "overdue"]
    ]


def test_more_time_is_reminded_of_anew(paid, due, cast):
    assert on(days(14, due), payouts.remind_of_reports) == 1
    with clock.at(factories.MONDAY + timedelta(days=30)):
        asked = changes.ask_for_change(
            paid,
            kind="extension",
            reason="Mere tid",
            report_by=due + timedelta(days=60),
            by=cast.asta,
        )
        changes.answer_change(asked, is_granted=True, answer="", by=cast.frida)
    assert on(due + timedelta(days=1), payouts.remind_of_reports) == 0
    assert on(due + timedelta(days=46), payouts.remind_of_reports) == 1


@pytest.mark.parametrize("returned, count", [(False, 0), (True, 1)])
def test_a_report_that_is_sent_is_left_alone_until_it_comes_back(paid, due, cast, returned, count):
    with clock.at(factories.MONDAY + timedelta(days=40)):
        written = payouts.save_report(
            paid, by=cast.asta, happened="Ja", participants=1, lines=factories.accounts(paid)
        )
        payouts.submit_report(written, by=cast.asta)
        if returned:
            payouts.return_report(written, by=cast.frida, note="Mere")
    assert on(due, payouts.remind_of_reports) == count


def test_who_has_had_no_money_or_has_given_up_owes_no_report(application_at, paid, due, cast):
    with clock.at(factories.MONDAY + timedelta(days=30)):
        asked = changes.ask_for_change(paid, kind="give_up", reason="Syg", by=cast.asta)
        changes.answer_change(asked, is_granted=True, answer="", by=cast.frida)
    application_at("accepted")
    assert on(due, payouts.remind_of_reports) == 0


def test_the_tasks_run_and_running_twice_does_no_harm(application_at):
    from grants.applications.tasks import remind as first  # Celery, which others do not need
    from grants.decisions.tasks import remind as second
    from grants.payouts.tasks import remind as third

    application_at("awarded")
    application = application_at("incomplete", who=None)
    mails = Mail.objects.count()
    with clock.at(factories.MONDAY + timedelta(days=27)):
        for task in (first, second, third) * 2:
            task()
    assert Mail.objects.count() == mails + 2
    assert application.reminders.count() == 1


def test_every_reminder_is_told_in_the_journal_and_the_timeline(application_at, cast):
    from grants.portal import timeline
    from secretariat.journal import journal

    application = application_at("incomplete")
    on(date(2026, 3, 30), reminders.remind_of_answers)
    assert journal(application)[0].what == "Reminded of what is due on 1 April 2026"
    assert timeline.of(application, cast.asta)[0]["what"] == "We sent a reminder"
