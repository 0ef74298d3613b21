"""What each person reads: through the same doors as on the pages, and never more than announced."""

import json

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from committee.review import actions as review
from committee.review.permissions import application_for_member
from grants.applications import actions as applications
from grants.applications.models import UNDER_REVIEW
from grants.applications.permissions import own_application
from secretariat.permissions import case_for
from tests import factories
from workflows import clock
from workflows.lifecycle import ApplicationStatus

PERSONS = ["asta", "bo", "cille", "dines", "esther", "frida", "gorm", "hanne"]


def _opens(door, *args):
    try:
        return bool(door(*args))
    except Http404:
        return False


def _references(answer):
    return [row["reference"] for row in answer.json()["results"]]


@pytest.mark.parametrize("status", ApplicationStatus)
def test_the_doors_are_those_of_the_pages(status, get, application_at, cast):
    application = application_at(status)
    application.team.create(user=cast.bo, name="Bo")
    for name in PERSONS:
        who = getattr(cast, name)
        doors = (own_application, case_for, application_for_member)
        is_let_in = any(_opens(door, who, application.reference) for door in doors)
        answer = get(who, f"applications/{application.reference}")
        assert answer.status_code == (200 if is_let_in else 404), name
        assert _references(get(who, "applications")) == is_let_in * [application.reference], name


@pytest.mark.parametrize("status", ApplicationStatus)
def test_an_applicant_never_reads_more_than_was_announced(status, get, application_at, cast):
    application = application_at(status)
    alone = get(cast.asta, f"applications/{application.reference}")
    listed = get(cast.asta, "applications").json()["results"][0]
    assert alone.json()["status"] == listed["status"] == application.status_shown
    assert alone.json()["status_label"] == listed["status_label"] == application.status_shown_label
    assert alone.json()["recommendation"] is None
    assert alone.json()["decision"] is None
    if status in UNDER_REVIEW:
        told = alone.content.decode() + json.dumps(listed)
        assert not [secret for secret in UNDER_REVIEW if f'"{secret}"' in told]
        assert [step["name"] for step in alone.json()["available_steps"]] == ["withdraw"]
        assert alone.json()["grant"] is None


def test_a_grant_is_told_when_it_is_announced(get, application_at, cast):
    application = application_at("awarded")
    grant = get(cast.asta, f"applications/{application.reference}").json()["grant"]
    assert grant["amount_awarded"] == 10_000_00
    assert grant["conditions"] == ["Fortæl at puljen støtter jer."]


def test_the_desk_reads_the_status_and_what_was_recommended_and_decided(get, application_at, cast):
    application = application_at("decided")
    told = get(cast.frida, f"applications/{application.reference}").json()
    assert told["status"] == "decided"
    assert told["recommendation"]["amount"] == told["decision"]["amount_awarded"] == 10_000_00
    assert [step["name"] for step in told["available_steps"]] == ["reopen_decision", "award"]


def test_the_approver_reads_and_is_offered_nothing(get, application_at, cast):
    application = application_at("decided")
    told = get(cast.gorm, f"applications/{application.reference}").json()
    assert (told["status"], told["available_steps"]) == ("decided", [])


def test_a_caseworker_reads_the_own_case_as_an_applicant(get, world, cast):
    other = factories.role(factories.user("Lis"), world.pool, "caseworker")
    application = factories.draft(world, cast.frida)
    with clock.at(factories.MONDAY):
        applications.submit(application, by=cast.frida)
        applications.accept_for_review(application, by=other)
    told = get(cast.frida, f"applications/{application.reference}").json()
    assert told["status"] == "under_review"


def test_a_recused_member_sees_nothing(get, take, application_at, cast):
    application = application_at("in_review")
    member = next(each for each in cast.members if each.user == cast.dines)
    factories.clear(application, member)
    assert _references(get(cast.dines, "applications")) == [application.reference]
    review.declare_recusal(application, member=member, ground="family", by=cast.dines)
    assert _references(get(cast.dines, "applications")) == []
    assert get(cast.dines, f"applications/{application.reference}").status_code == 404
    assert take(cast.dines, application, "recommend").status_code == 404


def test_the_committee_reads_no_more_than_it_votes_on(get, application_at, cast):
    application = application_at("awarded")
    told = get(cast.esther, f"applications/{application.reference}").json()
    assert (told["grant"], told["recommendation"], told["decision"]) == (None, None, None)
    assert (told["information_requests"], told["available_steps"]) == ([], [])


def test_a_protected_name_is_its_owners(get, world, cast):
    hidden = factories.applicant(cast.asta, is_protected=True)
    application = factories.draft(world, cast.asta, who=hidden)
    with clock.at(factories.MONDAY):
        applications.submit(application, by=cast.asta)
    address = f"applications/{application.reference}"
    assert get(cast.asta, address).json()["applicant"] == "Asta"
    assert get(cast.frida, address).json()["applicant"] == application.name_shown != "Asta"


def test_a_caseworker_of_another_pool_sees_nothing(get, application_at, other_caseworker):
    application = application_at("submitted")
    assert get(other_caseworker, f"applications/{application.reference}").status_code == 404
    assert _references(get(other_caseworker, "applications")) == []


def test_a_draft_is_its_writers_own(get, application_at, cast):
    application = application_at("draft")
    assert _references(get(cast.asta, "applications")) == [application.reference]
    assert _references(get(cast.frida, "applications")) == []


def test_nobody_reads_applications(get, application_at):
    application = application_at("submitted")
    assert get(None, "applications").status_code == 403
    assert get(None, f"applications/{application.reference}").status_code == 403


def test_amounts_are_whole_numbers(get, application_at, cast):
    application = application_at("accepted")
    told = get(cast.frida, f"applications/{application.reference}").json()
    amounts = [
        told["amount_applied_for"],
        told["least_workable"],
        told["grant"]["amount_awarded"],
        told["decision"]["amount_awarded"],
        told["recommendation"]["amount"],
        *(line["amount"] for line in told["budget_lines"]),
    ]
    assert {type(amount) for amount in amounts} == {int}
    assert told["currency"] == "DKK"


@pytest.mark.parametrize("name", ["frida", "dines"])
def test_a_long_list_asks_no_more_than_a_short_one(name, as_person, received, cast):
    client = as_person(getattr(cast, name))
    assert _queries(client, received(1), cast) == _queries(client, received(29), cast)


def _queries(client, cases, cast):
    with clock.at(factories.MONDAY):
        for case in cases:
            applications.accept_for_review(case, by=cast.frida)
        review.open_review(cases, by=cast.frida)
        for case in cases:
            factories.clear(case, cast.members[0])
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rows = client.get("/api/v1/applications").json()["results"]
    assert len(rows) >= len(cases)
    return len(asked)


def test_the_list_goes_on_page_by_page(get, received, cast, monkeypatch):
    monkeypatch.setattr("secretariat.api.pages.NewestFirst.page_size", 2)
    references = {case.reference for case in received(3)}
    first = get(cast.frida, "applications")
    rest = get(cast.frida, first.json()["next"].split("/api/v1/")[1])
    assert {*_references(first), *_references(rest)} == references
    assert rest.json()["next"] is None


def test_a_cursor_of_ones_own_making_is_not_found(get, world, cast):
    assert get(cast.asta, "applications?cursor=cD0yMDI2").status_code == 404
