"""Drafts that were never sent go six months after their call has closed, and not unannounced."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from grants.applications import actions as applications
from grants.applications.models import Application
from grants.letters.models import Mail
from grants.portal import timeline
from secretariat.journal import journal
from secretariat.my_data import retention, unsent
from secretariat.my_data.tasks import let_drafts_go
from tests import factories
from workflows import audit, clock
from workflows.models import LogEntry

pytestmark = pytest.mark.django_db

# The world's call closes on 1 May 2026.
GOES_ON = date(2026, 11, 1)
SUBJECT = "Your draft is going to be deleted"


@pytest.fixture
def draft(application_at):
    application = application_at("draft")
    Application.objects.filter(pk=application.pk).update(language="en")
    return application


def day(when):
    return clock.at(datetime(when.year, when.month, when.day, 5, 15, tzinfo=UTC))


def run(*days):
    for when in days:
        with day(when):
            let_drafts_go()


def told():
    return Mail.objects.filter(subject=SUBJECT)


def title(draft):
    return Application.objects.get(pk=draft.pk).title


def every_day(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_the_writer_is_told_once_fourteen_days_before_and_then_the_words_go(draft):
    assert retention.goes_on(draft) == GOES_ON
    run(*every_day(date(2026, 10, 15), date(2026, 10, 17)))
    assert not told().exists()
    run(*every_day(date(2026, 10, 18), date(2026, 10, 31)))
    mail = told().get()
    assert draft.reference in mail.text
    assert "1 November 2026" in mail.text
    assert "Natteradio" not in mail.text
    assert title(draft) == "Natteradio"
    run(*every_day(GOES_ON, date(2026, 11, 5)))
    row = Application.objects.get(pk=draft.pk)
    assert (row.title, row.activity, row.amount_applied_for, row.status) == ("", "", None, "draft")
    assert not row.budget_lines.exists()
    assert told().count() == 1


def test_it_is_logged_once_without_a_word_and_told_in_plain_ones(draft, cast):
    run(*every_day(date(2026, 10, 18), date(2026, 11, 20)))
    entry = LogEntry.objects.get(event="draft_emptied")
    assert (entry.actor, entry.facts) == ("system", {})
    assert journal(draft)[0].what == "The draft was never sent, and was emptied"
    assert "deleted" in timeline.of(draft, cast.asta)[0]["what"]
    assert audit.verify().fits


def test_a_worker_that_stood_still_tells_first_and_waits_fourteen_days(draft):
    late = date(2027, 2, 1)
    run(late, late + timedelta(days=13))
    assert "15 February 2027" in told().get().text
    assert title(draft) == "Natteradio"
    run(late + timedelta(days=14))
    assert title(draft) == ""


def test_what_was_withdrawn_unsent_goes_too(draft, cast):
    applications.withdraw(draft, by=cast.asta)
    run(*every_day(date(2026, 10, 18), GOES_ON))
    assert title(draft) == ""


@pytest.mark.parametrize("status", ["submitted", "incomplete", "rejected", "withdrawn"])
def test_what_was_sent_stays(application_at, status):
    application = application_at(status)
    run(*every_day(date(2026, 10, 18), GOES_ON), date(2030, 1, 1), date(2030, 2, 1))
    assert title(application) == "Natteradio"
    assert not told().exists()


def test_a_call_that_is_opened_again_keeps_its_drafts(draft, world):
    run(*every_day(date(2026, 10, 18), date(2026, 10, 31)))
    world.call.closes_at = datetime(2026, 12, 1, tzinfo=UTC)
    world.call.save()
    run(*every_day(GOES_ON, date(2026, 11, 30)))
    assert title(draft) == "Natteradio"


@pytest.fixture
def rolling(world, draft):
    world.call.closes_at = None
    world.call.save()
    return draft


def test_a_rolling_calls_draft_goes_six_months_after_somebody_wrote_in_it(rolling, cast):
    run(*every_day(date(2026, 8, 10), date(2026, 8, 20)))
    assert told().count() == 1  # written on 2 March
    with day(date(2026, 8, 25)):
        rolling.refresh_from_db()
        applications.save_answers(rolling, by=cast.asta, given={"title": "Dagradio"})
    run(*every_day(date(2026, 8, 26), date(2026, 9, 10)), date(2027, 2, 10))
    assert title(rolling) == "Dagradio"
    assert told().count() == 1
    run(date(2027, 2, 11), date(2027, 2, 24))
    assert title(rolling) == "Dagradio"
    run(date(2027, 2, 25))
    assert title(rolling) == ""
    assert told().count() == 2


def test_what_is_written_anew_in_an_emptied_draft_has_a_time_of_its_own(rolling, cast):
    run(*every_day(date(2026, 8, 19), date(2026, 9, 2)))
    assert title(rolling) == ""
    with day(date(2026, 9, 3)):
        rolling.refresh_from_db()
        applications.save_answers(rolling, by=cast.asta, given={"title": "Ny"})
    run(*every_day(date(2026, 9, 4), date(2026, 9, 20)))
    assert title(rolling) == "Ny"


@pytest.mark.parametrize(
    "closed, goes",
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 6, 30), date(2026, 12, 30)),
        (date(2026, 12, 1), date(2027, 6, 1)),
    ],
)
def test_six_months_end_on_a_day_that_exists(draft, closed, goes):
    draft.call.closes_at = datetime(closed.year, closed.month, closed.day, 11, tzinfo=UTC)
    assert retention.goes_on(draft) == goes


def test_no_more_is_asked_for_what_is_over(draft, django_assert_max_num_queries):
    run(*every_day(date(2026, 10, 18), GOES_ON))
    with day(date(2026, 11, 2)), django_assert_max_num_queries(2):
        unsent.tell_of_drafts()
        unsent.let_drafts_go()


def test_the_privacy_notice_says_that_nothing_that_was_sent_goes_by_itself(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(reverse("privacy")).content.decode()
    assert page.count("the secretariat decides with the archive") == 2
    assert "six months after the call has closed" in page


@pytest.mark.parametrize(
    "status, line", [("rejected", "Kept at least until 5 March 2028"), ("submitted", None)]
)
def test_the_desk_reads_until_when_a_case_is_kept(
    application_at, as_user, client, settings, cast, status, line
):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    application = application_at(status)
    with clock.at(factories.MONDAY + timedelta(days=20)):
        page = as_user(cast.frida).get(reverse("desk:case", args=[application.reference]))
    assert ("Kept at least until" in page.content.decode()) == bool(line)
    if line:
        assert line in page.content.decode()
