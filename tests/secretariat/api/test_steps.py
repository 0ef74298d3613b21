"""Every step through the API, and every way in which it is refused."""

import pytest
from django.test import Client

from applicants import actions as applicants
from committee.votes import actions as voting
from grants.applications import actions as applications
from grants.applications.models import UNDER_REVIEW, Application
from grants.decisions import actions as decisions
from grants.payouts import actions as payouts
from secretariat.api import steps, views
from tests import factories
from workflows import clock
from workflows.lifecycle import edges
from workflows.machine import Refusal


def _votes(application, world, cast):
    factories.clear(application, *cast.members)
    for member in cast.members:
        factories.vote(application, member, amount=5_000_00)


def _rejection(application, world, cast):
    factories.decide(application, world, cast, amount=0)


def _account(application, world, cast):
    applicants.name_account(
        application.applicant,
        holder="Asta",
        iban=factories.ASTAS_ACCOUNT,
        by=cast.asta,
        row=application,
    )


def _paid_and_reported(application, world, cast):
    factories.pay(application, cast)
    factories.report(application, cast)


def _paid_and_heard(application, world, cast):
    factories.pay(application, cast)
    hearing = decisions.hear(application, by=cast.frida, text="Vi overvejer at kræve pengene.")
    decisions.answer_hearing(hearing, by=cast.asta, answer="Det forstår vi.")


ASKED = {"question": "Hvor mange kommer?", "answer_by": "2026-04-01"}
LESS = {"amount": 4_000_00, "guideline": "§ 4", "criterion": 1, "fact": "Kun ét sted."}
DEVIATING = {**LESS, "deviation_reason": "Budgettet kan blive mindre."}

# step: (from, what happens first, who takes it, the body, to)
WAYS = {
    "submit": ("draft", None, "asta", {}, "submitted"),
    "ask_for_more": ("submitted", None, "frida", ASKED, "incomplete"),
    "resubmit": ("incomplete", None, "asta", {"answer": "Vi er ti."}, "submitted"),
    "accept_for_review": ("submitted", None, "frida", {}, "eligible"),
    "open_review": ("eligible", None, "frida", {"closes_at": "2026-03-20T12:00Z"}, "in_review"),
    "recommend": ("in_review", _votes, "dines", {}, "recommended"),
    "decide": ("recommended", None, "frida", DEVIATING, "decided"),
    "reopen_decision": ("decided", None, "frida", {}, "recommended"),
    "award": ("decided", None, "frida", {}, "awarded"),
    "reject": ("submitted", _rejection, "frida", {}, "rejected"),
    "accept_grant": ("awarded", _account, "asta", {}, "accepted"),
    "decline_grant": ("awarded", None, "asta", {}, "lapsed"),
    "lapse": ("accepted", None, "frida", {}, "lapsed"),
    "withdraw": ("submitted", None, "asta", {}, "withdrawn"),
    "complete": ("accepted", _paid_and_reported, "frida", {}, "completed"),
    "reclaim": ("accepted", _paid_and_heard, "frida", {"amount": 10_000_00}, "reclaimed"),
    "reopen": ("rejected", None, "hanne", {"reason": "Nye oplysninger."}, "submitted"),
}


def test_every_step_of_the_lifecycle_has_its_address():
    assert set(steps.STEPS) == {edge.name for edge in edges(Application)} == set(WAYS)


@pytest.mark.parametrize("step", WAYS)
def test_a_step_is_offered_then_taken_and_answered_by_the_new_state(
    step, take, get, application_at, world, cast
):
    source, first, person, body, target = WAYS[step]
    application, who = application_at(source), getattr(cast, person)
    if first:
        first(application, world, cast)
    offered = get(who, f"applications/{application.reference}").json()["available_steps"]
    assert step in [each["name"] for each in offered]

    answer = take(who, application, step, body)

    application.refresh_from_db()
    assert answer.status_code == 200
    assert application.status == target
    assert answer.json()["reference"] == application.reference
    shown = application.status if person in ("frida", "hanne") else application.status_shown
    assert answer.json()["status"] == shown


@pytest.mark.parametrize("step", WAYS)
def test_a_step_taken_twice_is_refused_the_second_time(step, take, application_at, world, cast):
    source, first, person, body, target = WAYS[step]
    application = application_at(source)
    if first:
        first(application, world, cast)
    take(getattr(cast, person), application, step, body)
    second = take(getattr(cast, person), application, step, body)
    assert second.status_code == 409
    application.refresh_from_db()
    assert application.status == target


def test_the_decision_is_kept_as_it_was_sent(take, application_at, world, cast):
    application = application_at("recommended")
    told = take(cast.frida, application, "decide", DEVIATING).json()["decision"]
    decision = application.current_decision()
    assert (decision.amount_awarded, decision.guideline, decision.criterion, decision.fact) == (
        *(4_000_00, world.guideline, world.criterion),
        "Kun ét sted.",
    )
    assert (told["amount_awarded"], told["guideline"], told["criterion"]) == (4_000_00, "§ 4", 1)


def test_a_stranger_gets_404_for_every_step(take, application_at, cast, other_caseworker):
    application = application_at("submitted")
    for stranger in (cast.cille, other_caseworker):
        answers = [take(stranger, application, step) for step in WAYS]
        assert {answer.status_code for answer in answers} == {404}


def test_a_step_that_nobody_knows_is_404(take, application_at, cast):
    answer = take(cast.frida, application_at("submitted"), "jump")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_an_applicant_learns_nothing_by_asking_for_the_desks_steps(take, application_at, cast):
    cases = [application_at(status) for status in UNDER_REVIEW]
    for step in ("decide", "award", "reject", "reopen_decision", "open_review"):
        for body in ({}, LESS):
            answers = [take(cast.asta, application, step, body) for application in cases]
            assert {answer.status_code for answer in answers} == {409}
            assert {answer.json()["code"] for answer in answers} == {"role"}
            assert len({answer.content for answer in answers}) == 1


def test_the_role_is_refused_in_the_words_of_the_machine(take, application_at, cast):
    application = application_at("submitted")
    with pytest.raises(Refusal) as refusal:
        applications.accept_for_review(application, by=cast.gorm)
    answer = take(cast.gorm, application, "accept_for_review")
    assert answer.json() == {"code": "role", "detail": refusal.value.sentence}


@pytest.mark.parametrize(
    "step, status, person, act, body",
    [
        ("resubmit", "submitted", "asta", applications.resubmit, {"answer": "Vi er ti."}),
        ("recommend", "in_review", "dines", voting.close_vote, {}),
        ("accept_grant", "awarded", "asta", payouts.accept_grant, {}),
        ("complete", "accepted", "frida", payouts.complete, {}),
        ("reclaim", "accepted", "frida", payouts.reclaim, {"amount": 100_00}),
    ],
)
def test_an_obstacle_has_the_same_sentence_as_the_act(
    step, status, person, act, body, take, application_at, cast
):
    application, who = application_at(status), getattr(cast, person)
    if status == "in_review":
        factories.clear(application, *cast.members)
    with pytest.raises(Refusal) as refusal:
        act(application, by=who, **body)
    answer = take(who, application, step, body)
    assert answer.status_code == 409
    assert answer.json() == {"code": refusal.value.code, "detail": refusal.value.sentence}
    application.refresh_from_db()
    assert application.status == status


def test_it_cannot_be_sent_after_the_deadline(take, application_at, cast):
    application = application_at("draft")
    with clock.at(factories.LONG_AFTER):
        answer = take(cast.asta, application, "submit")
        assert answer.json() == {"code": "obstacle", "detail": application.submit_obstacle(None)}


def test_a_rejection_is_not_announced_as_a_grant(take, application_at, world, cast):
    application = application_at("submitted")
    _rejection(application, world, cast)
    answer = take(cast.frida, application, "award")
    assert answer.status_code == 409
    assert answer.json()["detail"] == application.award_obstacle(cast.frida)


def test_less_than_all_without_a_reason_is_refused_by_the_act(take, application_at, cast):
    application = application_at("recommended")
    answer = take(cast.frida, application, "decide", {"amount": 100_00, "fact": "Kun ét sted."})
    assert answer.status_code == 409
    assert application.current_decision() is None


# (step, from, by): [(body, the fields that are wrong)]
WRONG = {
    ("decide", "recommended", "frida"): [
        ({}, ["amount"]),
        ({"amount": "4000"}, ["amount"]),
        ({"amount": 4000.5}, ["amount"]),
        ({"amount": True}, ["amount"]),
        ({"amount": -1}, ["amount"]),
        ({"amount": 10**30}, ["amount"]),
        ({**LESS, "guideline": "§ 99"}, ["guideline"]),
        ({**LESS, "criterion": 99}, ["criterion"]),
        ({**LESS, "criterion": 10**30}, ["criterion"]),
        ({**LESS, "reason": "x"}, ["reason"]),
        ({"amount": -1, "fact": 2001 * "x"}, ["amount", "fact"]),
    ],
    ("ask_for_more", "submitted", "frida"): [
        ({}, ["answer_by", "question"]),
        ({**ASKED, "answer_by": "2026-03-14"}, ["answer_by"]),
        ({**ASKED, "question": " "}, ["question"]),
        ({**ASKED, "question": "a\0b"}, ["question"]),
    ],
    ("resubmit", "incomplete", "asta"): [({"answer": ""}, ["answer"])],
    ("open_review", "eligible", "frida"): [({"closes_at": "soon"}, ["closes_at"])],
    ("reclaim", "accepted", "frida"): [({"amount": 0}, ["amount"])],
    ("reopen", "rejected", "hanne"): [({}, ["reason"])],
    ("withdraw", "submitted", "asta"): [
        ({"why": "x"}, ["why"]),
        (["x"], ["non_field_errors"]),
    ],
}


@pytest.mark.parametrize("step, status, person", WRONG)
def test_a_wrong_body_is_told_field_by_field(step, status, person, take, application_at, cast):
    application = application_at(status)
    for body, wrong in WRONG[step, status, person]:
        answer = take(getattr(cast, person), application, step, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
        assert sorted(answer.json()["fields"]) == wrong
    application.refresh_from_db()
    assert application.status == status


def test_what_is_no_json_is_told_so(application_at, cast):
    application = application_at("submitted")
    client = Client()
    client.force_login(cast.asta, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/api/v1/applications/{application.reference}/steps/withdraw"
    broken = client.post(address, "{", content_type="application/json")
    form = client.post(address, {"a": "b"})
    assert (broken.status_code, broken.json()["code"]) == (400, "parse_error")
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")


def test_nobody_takes_a_step(take, application_at):
    answer = take(None, application_at("submitted"), "withdraw")
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_authenticated"


def test_a_step_wants_the_csrf_token(application_at, cast):
    application = application_at("submitted")
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.asta, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/api/v1/applications/{application.reference}/steps/withdraw"
    without = client.post(address, {}, content_type="application/json")
    assert (without.status_code, without.json()["code"]) == (403, "permission_denied")
    client.cookies["csrftoken"] = "a" * 32
    token = {"X-CSRFToken": "a" * 32}
    assert (
        client.post(address, {}, content_type="application/json", headers=token).status_code == 200
    )


def test_what_nobody_expected_is_500_with_the_requests_id(
    application_at, cast, monkeypatch, caplog
):
    application = application_at("submitted")
    monkeypatch.setattr(views, "_shown", lambda request, reference: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(cast.asta, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/api/v1/applications/{application.reference}")
    assert answer.status_code == 500
    assert answer.json()["code"] == "unexpected"
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    assert "ZeroDivisionError" in caplog.text
