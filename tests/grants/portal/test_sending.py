"""Check your answers, send, answer the secretariat, take it back."""

from datetime import date, timedelta

import pytest

from grants.applications import actions, readiness
from grants.applications.models import Application
from grants.pools.models import Call
from tests.grants.portal.conftest import LOOKED_AT
from workflows import clock
from workflows.models import LogEntry

A_DAY = timedelta(days=1)
A_SECOND = timedelta(seconds=1)


def saved(application):
    return Application.objects.get(pk=application.pk)


def entries(application, event):
    return LogEntry.objects.filter(stream=application.stream, event=event).count()


@pytest.fixture
def draft(application_at):
    return application_at("draft")


@pytest.mark.parametrize("page", ["", "check", "withdraw", "receipt"])
def test_a_stranger_gets_404(as_user, cast, draft, path, page):
    assert as_user(cast.cille).get(path(draft, page)).status_code == 404
    assert as_user(cast.frida).get(path(draft, page)).status_code == 404


def test_check_says_what_is_missing_and_links_to_it(as_user, cast, draft, path):
    actions.save_answers(draft, by=cast.asta, given={"title": "", "line-1": None})
    page = as_user(cast.asta).get(path(draft, "check")).content.decode()
    assert f"{path(draft, 'write/idea')}#id_title" in page
    assert f"{path(draft, 'write/money')}#lines" in page
    assert path(draft, "submit") not in page


@pytest.mark.parametrize("begins, is_sent", [(LOOKED_AT, True), (LOOKED_AT - A_DAY, False)])
def test_what_has_begun_already_is_not_sent(as_user, cast, draft, path, begins, is_sent):
    actions.save_answers(draft, by=cast.asta, given={"starts_on": begins.date()})
    page = as_user(cast.asta).get(path(draft, "check")).content.decode()
    assert ("It begins before today" in page) is not is_sent
    as_user(cast.asta).post(path(draft, "submit"))
    assert (saved(draft).status == "submitted") is is_sent


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"least_workable": 20_000_00}, "The least that still works is more than you apply for"),
        ({"ends_on": date(2026, 7, 1)}, "It ends before it begins"),
        ({"is_public": None}, "Say if everybody can come"),
        ({"line-1": {"kind": "expense", "text": "", "amount": 9, "nature": ""}}, "does not say"),
        ({"parts": []}, "Choose at least one municipality"),
    ],
)
def test_answers_that_do_not_fit_are_told_before_sending(
    as_user, cast, draft, path, given, sentence
):
    actions.save_answers(draft, by=cast.asta, given=given)
    browser = as_user(cast.asta)
    assert sentence in browser.get(path(draft, "check")).content.decode()
    browser.post(path(draft, "submit"))
    assert saved(draft).status == "draft"


def test_the_calls_rules_are_judged_before_sending(as_user, cast, world, draft, path):
    Call.objects.filter(pk=world.call.pk).update(days_before_start=365)
    browser = as_user(cast.asta)
    assert "at least 365 days" in browser.get(path(draft, "check")).content.decode()
    browser.post(path(draft, "submit"))
    assert saved(draft).status == "draft"


def test_sending_gives_a_receipt_with_number_and_what_comes_next(as_user, cast, draft, path):
    browser = as_user(cast.asta)
    assert path(draft, "submit") in browser.get(path(draft, "check")).content.decode()
    answer = browser.post(path(draft, "submit"), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == path(draft, "receipt")
    assert saved(draft).status == "submitted"
    assert "We have your application" in page
    assert draft.reference in page
    assert "1 June 2026" in page


def test_a_draft_has_no_receipt(as_user, cast, draft, path):
    assert as_user(cast.asta).get(path(draft, "receipt"))["Location"] == path(draft)


def test_sending_twice_is_sending_once(as_user, cast, draft, path):
    browser = as_user(cast.asta)
    first = browser.post(path(draft, "submit"))
    second = browser.post(path(draft, "submit"))
    assert first["Location"] == second["Location"] == path(draft, "receipt")
    assert entries(draft, "submit") == 1


def test_the_time_left_is_shown_by_the_servers_clock(as_user, cast, world, draft, path):
    browser = as_user(cast.asta)
    with clock.at(world.call.closes_at - timedelta(hours=3)):
        assert "There are 3\xa0hours left" in browser.get(path(draft, "check")).content.decode()


@pytest.mark.parametrize("late, is_sent", [(timedelta(0), True), (A_SECOND, False)])
def test_the_deadlines_last_second_counts(as_user, cast, draft, path, world, late, is_sent):
    browser = as_user(cast.asta)
    with clock.at(world.call.closes_at + late):
        page = browser.get(path(draft, "check"))
        assert ("The deadline has passed" in page.content.decode()) is not is_sent
        browser.post(path(draft, "submit"))
    assert (saved(draft).status == "submitted") is is_sent


@pytest.mark.parametrize(
    "begun, sent, is_sent",
    [
        (-A_DAY, timedelta(minutes=10), True),
        (-A_DAY, timedelta(minutes=10) + A_SECOND, False),
        (A_SECOND, timedelta(minutes=5), False),
    ],
)
def test_grace_is_for_drafts_that_were_begun_in_time(
    as_user, cast, draft, path, world, begun, sent, is_sent
):
    closes_at = world.call.closes_at
    Call.objects.filter(pk=world.call.pk).update(grace_minutes=10)
    Application.objects.filter(pk=draft.pk).update(created_at=closes_at + begun)
    with clock.at(closes_at + sent):
        as_user(cast.asta).post(path(draft, "submit"))
    assert (saved(draft).status == "submitted") is is_sent


def test_an_answer_to_the_secretariat_sends_it_again(as_user, cast, application_at, path):
    application = application_at("incomplete")
    browser = as_user(cast.asta)
    assert "Hvor mange?" in browser.get(path(application, "resubmit")).content.decode()
    answer = browser.post(path(application, "resubmit"), {"answer": "Fyrre 🙌"})
    assert answer["Location"] == path(application)
    assert saved(application).status == "submitted"
    assert application.information_requests.get().answer == "Fyrre 🙌"


def test_the_log_tells_which_answers_were_changed_on_request(as_user, cast, application_at, path):
    application = application_at("incomplete")
    actions.save_answers(application, by=cast.asta, given={"newness": "Nyere"})
    as_user(cast.asta).post(path(application, "resubmit"), {"answer": "Her."})
    entry = LogEntry.objects.get(stream=application.stream, event="resubmit")
    assert entry.facts["fields"] == ["newness"]


def test_an_answer_stays_when_something_is_missing(as_user, cast, application_at, path):
    application = application_at("incomplete")
    actions.save_answers(application, by=cast.asta, given={"title": ""})
    answer = as_user(cast.asta).post(path(application, "resubmit"), {"answer": "Fyrre"})
    assert "Fyrre" in answer.content.decode()
    assert "Give the project a title" in answer.content.decode()
    assert saved(application).status == "incomplete"


@pytest.mark.parametrize("status", ["draft", "submitted", "in_review", "decided"])
def test_withdrawing_says_what_it_cannot_undo(as_user, cast, application_at, path, status):
    application = application_at(status)
    browser = as_user(cast.asta)
    page = browser.get(path(application, "withdraw"))
    assert "This cannot be undone" in page.content.decode()
    assert saved(application).status == status
    browser.post(path(application, "withdraw"))
    assert saved(application).status == "withdrawn"


def test_what_has_been_answered_cannot_be_withdrawn(as_user, cast, application_at, path):
    application = application_at("rejected")
    browser = as_user(cast.asta)
    assert browser.get(path(application, "withdraw"))["Location"] == path(application)
    browser.post(path(application, "withdraw"))
    assert saved(application).status == "rejected"


def test_a_year_that_is_a_slip_of_the_finger_is_not_sent(draft):
    draft.ends_on = date(9999, 12, 31)
    assert [each.field for each in readiness.missing(draft)] == ["ends_on"]


@pytest.mark.parametrize("page", ["check", "resubmit"])
def test_pages_for_writing_lead_to_the_case_when_it_is_sent(
    as_user, cast, application_at, path, page
):
    application = application_at("submitted")
    assert as_user(cast.asta).get(path(application, page))["Location"] == path(application)
