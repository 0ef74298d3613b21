"""Django's admin sets up what is rare, and changes no case."""

import pytest
from django.contrib import admin
from django.urls import reverse

from applicants.models import User
from committee.votes import actions as voting
from grants.pools.models import Call, ComplaintGuidance, PoolRole
from tests import factories
from workflows import clock
from workflows.models import LogEntry

SET_UP = [
    *["pool", "poolrole", "call", "question", "guideline", "complaintguidance", "municipality"],
]


@pytest.fixture
def root(db, client):
    client.force_login(User.objects.create_superuser("root@example.org", name="Root"))
    return client


def test_no_case_letter_or_payment_is_in_it():
    names = {model._meta.model_name for model in admin.site._registry}
    ours = {
        *["application", "letter", "mail", "decision", "grant", "payout", "paymentbatch"],
        *["recommendation", "finalreport", "repayment", "consent", "note", "vote", "recusal"],
    }
    assert not names & ours


@pytest.mark.parametrize("name", SET_UP)
def test_the_lists_and_forms_open(root, world, name):
    assert root.get(reverse(f"admin:grants_{name}_changelist")).status_code == 200
    assert root.get(reverse(f"admin:grants_{name}_add")).status_code == 200


def test_the_log_does_not_tell_who_has_voted_while_the_vote_is_open(root, application_at, cast):
    application = application_at("in_review")
    member = cast.members[1]
    with clock.at(application.vote_windows.get().opened_at):
        factories.clear(application, member)
        factories.vote(application, member)
    cast_entry = LogEntry.objects.get(event="vote_cast")
    assert "vote_cast" not in root.get("/admin/workflows/logentry/").content.decode()
    page = reverse("admin:workflows_logentry_change", args=[cast_entry.pk])
    assert root.get(page).status_code == 302  # as for what is not there
    with clock.at(application.vote_windows.get().opened_at):
        for each in (cast.members[0], *cast.members[2:]):
            factories.clear(application, each)
            factories.vote(application, each)
        voting.close_vote(application, by=cast.dines)
    assert root.get(page).status_code == 200


def test_the_log_is_only_read(root, application_at):
    application_at("submitted")
    entry = LogEntry.objects.first()
    page = reverse("admin:workflows_logentry_change", args=[entry.pk])
    assert root.get(page).status_code == 200
    assert root.post(page, {"event": "changed"}).status_code == 403
    assert root.get(reverse("admin:workflows_logentry_add")).status_code == 403


def test_staff_without_rights_does_not_come_in(client, cast):
    client.force_login(cast.frida, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("admin:index")).status_code == 302


def test_a_role_is_given_and_logged(root, world, cast):
    root.post(
        reverse("admin:grants_poolrole_add"),
        {"user": cast.cille.pk, "pool": world.pool.pk, "role": "auditor"},
    )
    assert PoolRole.objects.filter(user=cast.cille, role="auditor").exists()
    entry = LogEntry.objects.get(stream=world.pool.stream, event="set_up")
    assert entry.facts["fields"] == ["pool", "role", "user"]


def test_a_new_guidance_is_a_new_version(root, world):
    given = {"pool": world.pool.pk, "kind": "rejection", "text": "Nyt.", "text_en": "New."}
    root.post(reverse("admin:grants_complaintguidance_add"), given)
    newest = ComplaintGuidance.objects.filter(kind="rejection").order_by("-version").first()
    assert (newest.version, newest.text) == (2, "Nyt.")


def test_a_budget_cannot_go_below_what_was_given(root, application_at, world):
    application_at("awarded")
    page = root.get(reverse("admin:grants_call_change", args=[world.call.pk]))
    form = page.context["adminform"].form
    given = {name: form[name].value() or "" for name in form.fields}
    given |= {"opens_at_0": "2026-01-01", "opens_at_1": "09:00", "budget": "100"}
    given |= {"closes_at_0": "", "closes_at_1": ""}
    given |= {"criteria-TOTAL_FORMS": 0, "criteria-INITIAL_FORMS": 0}
    page = root.post(reverse("admin:grants_call_change", args=[world.call.pk]), given)
    assert "budget" in page.context["adminform"].form.errors
    assert Call.objects.get().budget == world.call.budget
