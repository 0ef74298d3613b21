"""Where the money goes: the contact says it, and a change never goes unseen."""

import re

import pytest
from django.urls import reverse

from applicants.models import BankAccount, User
from grants.applications.models import Application, Consent, TeamMember
from grants.letters.models import Mail
from grants.payouts import actions, destination
from tests import factories
from workflows.models import LogEntry

pytestmark = pytest.mark.django_db

CHANGED = "The bank account has been changed"


@pytest.fixture(autouse=True)
def _in_english(cast):
    User.objects.update(language="en")
    for person in [cast.asta, cast.bo]:
        person.refresh_from_db()


def name(application, by, iban=factories.ANOTHER_ACCOUNT):
    return destination.name(application, holder="Asta", iban=iban, by=by)


def told():
    mails = Mail.objects.filter(subject=CHANGED)
    return sorted(mails.values_list("to__email", flat=True))


def test_the_first_account_needs_no_warning(application_at, cast):
    application = application_at("awarded")
    name(application, cast.asta)
    assert told() == []


def test_a_change_is_mailed_at_once_and_says_no_number(accepted, cast):
    User.objects.filter(pk=cast.asta.pk).update(told="daily")
    name(accepted, cast.asta)
    mail = Mail.objects.get(subject=CHANGED)
    assert (mail.to, mail.is_for_digest) == (cast.asta, False)
    assert accepted.reference in mail.text
    for secret in [factories.ANOTHER_ACCOUNT[-4:], factories.ASTAS_ACCOUNT[-4:], "••"]:
        assert secret not in re.sub(accepted.reference, "", mail.text)


def test_the_guardian_who_said_yes_and_the_contact_before_are_told_too(accepted, cast):
    for person, withdrawn_at in [(cast.cille, None), (cast.dines, factories.MONDAY)]:
        guardian = factories.guardian(accepted, person)
        Consent.objects.create(
            application=accepted,
            guardian=guardian,
            document_hash="x" * 64,
            withdrawn_at=withdrawn_at,
        )
    Application.objects.filter(pk=accepted.pk).update(contact=cast.bo)
    name(accepted, cast.bo)
    assert told() == ["asta@example.org", "bo@example.org", "cille@example.org"]


def test_the_log_has_the_version_and_no_number(accepted, cast):
    name(accepted, cast.asta)
    entry = LogEntry.objects.filter(event="account_named").latest("pk")
    assert entry.facts == {"version": 2}


@pytest.mark.parametrize("can_write", [True, False])
def test_nobody_of_the_team_names_it(accepted, cast, as_user, refused, can_write):
    TeamMember.objects.create(
        application=accepted, user=cast.bo, name="Bo", can_write=can_write, is_helper=not can_write
    )
    refused("Only the contact", name, accepted, cast.bo)
    given = {"holder": "Bo", "iban": factories.ANOTHER_ACCOUNT}
    client = as_user(cast.bo)
    page = reverse("portal:account", args=[accepted.reference])
    assert client.get(page).status_code in (302, 404)
    assert client.post(page, given).status_code in (302, 404)
    assert page not in client.get(accepted.get_absolute_url()).content.decode()
    assert BankAccount.objects.get().version == 1


def test_nobody_names_it_over_the_head_of_another_contact(
    application_at, world, cast, refused, accepted
):
    other = factories.application_at("awarded", world, cast, who=accepted.applicant)
    Application.objects.filter(pk=other.pk).update(contact=cast.bo)
    other.refresh_from_db()
    refused("Somebody else is the contact", name, other, cast.bo)
    refused("Somebody else is the contact", name, accepted, cast.asta)


def test_a_payout_to_the_older_account_wants_a_new_one(accepted, instalment, cast, refused):
    payout = actions.plan(instalment, by=cast.frida)
    name(accepted, cast.asta)
    refused("The bank account has changed", actions.approve, payout, by=cast.gorm)
    actions.cancel(payout, by=cast.frida)
    again = actions.plan(instalment, by=cast.frida)
    actions.approve(again, by=cast.gorm)
    assert actions.release([again], by=cast.gorm).count == 1
    assert factories.ANOTHER_ACCOUNT.encode() in actions.PaymentBatch.objects.get().file


def test_the_page_shows_the_account_masked(accepted, cast, as_user):
    page = as_user(cast.asta).get(reverse("portal:account", args=[accepted.reference]))
    assert "DK•• •••• •••• ••62 43" in page.content.decode()
    assert factories.ASTAS_ACCOUNT not in page.content.decode()


def test_no_page_of_payments_opens_the_seal(accepted, instalment, cast, as_user, monkeypatch):
    payout = actions.plan(instalment, by=cast.frida)

    def opened(*args):
        raise AssertionError("opened")

    monkeypatch.setattr("applicants.sealing.unseal", opened)
    client = as_user(cast.frida)
    for page in [
        reverse("payouts:list"),
        reverse("payouts:bounce", args=[payout.pk]),
        reverse("desk:case", args=[accepted.reference]),
    ]:
        assert "••62 43" in client.get(page).content.decode()
    assert "••62 43" in as_user(cast.asta).get(accepted.get_absolute_url()).content.decode()
