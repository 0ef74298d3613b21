"""Closing the account: what goes is gone, what stays is said, and money keeps it open."""

from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as mailbox
from django.urls import reverse

from applicants.dates import is_minor
from applicants.models import Applicant, Guardian, User
from grants.applications import actions as applications
from grants.applications.models import Application, Consent, TeamMember
from grants.letters import outbox, tasks
from grants.pools.models import PoolRole
from secretariat.my_data import actions, retention
from tests import factories
from workflows import audit, clock
from workflows.machine import Refusal
from workflows.models import LogEntry

pytestmark = pytest.mark.django_db

CLOSE = reverse("my_data:close")


@pytest.fixture(autouse=True)
def _later():
    with clock.at(factories.MONDAY + timedelta(days=20)):
        yield


@pytest.fixture
def client(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def again(user):
    return User.objects.get(pk=user.pk)


def refused(user, part):
    with pytest.raises(Refusal, match=part):
        actions.close_account(user)
    assert again(user).is_active
    return True


# --- What goes ----------------------------------------------------------------------------------


def test_a_draft_is_withdrawn_and_every_word_of_it_is_gone(application_at, cast):
    application = application_at("draft")
    actions.close_account(cast.asta)
    application = Application.objects.get(pk=application.pk)
    assert application.status == "withdrawn"
    texts = ["title", "summary", "activity", "audience", "newness", "place", "art_form"]
    assert {getattr(application, name) for name in texts} == {""}
    assert application.amount_applied_for is None
    assert application.own_answers == {}
    assert not application.budget_lines.exists()
    assert not application.municipal_parts.exists()
    applicant = Applicant.objects.get()
    assert (applicant.name, applicant.phone, applicant.street) == ("", "", "")
    assert applicant.birth_date == actions.NO_BIRTH_DATE
    assert not is_minor(applicant.birth_date, clock.today())
    assert again(cast.asta).name == ""


def test_the_files_of_a_draft_are_gone_from_the_disk(
    application_at, cast, django_capture_on_commit_callbacks
):
    from django.core.files.base import ContentFile

    from grants.applications import attaching  # with Django set up

    application = application_at("draft")
    path = attaching.storage().save("aa/bb/file", ContentFile(b"words"))
    application.attachments.create(
        name="a.txt", content_type="text/plain", size=5, sha256="x", path=path, added_by=cast.asta
    )
    with django_capture_on_commit_callbacks(execute=True):
        actions.close_account(cast.asta)
    assert not application.attachments.exists()
    assert not attaching.storage().exists(path)


def test_a_draft_that_was_withdrawn_before_is_emptied_too(application_at, cast):
    application = application_at("draft")
    applications.withdraw(application, by=cast.asta)
    actions.close_account(cast.asta)
    assert Application.objects.get().activity == ""


def test_what_was_not_answered_is_taken_back_and_keeps_its_words(application_at, cast):
    application = application_at("submitted")
    actions.close_account(cast.asta)
    application = Application.objects.get(pk=application.pk)
    assert (application.status, application.title) == ("withdrawn", "Natteradio")
    assert Applicant.objects.get().name == "Asta"
    assert Applicant.objects.get().phone == ""
    assert again(cast.asta).name == "Asta"


def test_nobody_gets_in_and_every_session_ends(as_user, application_at, cast):
    application_at("draft")
    phone = as_user(cast.asta)
    other = type(phone)()
    other.force_login(cast.asta, backend="django.contrib.auth.backends.ModelBackend")
    assert other.get(reverse("portal:home")).status_code == 200
    answer = phone.post(CLOSE, {"is_sure": "on"}, follow=True)
    assert "Your account is closed" in answer.content.decode()
    for client in [phone, other]:
        assert client.get(reverse("portal:home")).status_code == 302
    user = again(cast.asta)
    assert (user.is_active, user.email) == (False, f"closed-{user.pk}@closed.invalid")
    assert user.closed_at == clock.now()
    assert not EmailAddress.objects.filter(user=user).exists()


def test_the_address_can_come_back_as_somebody_new(client, application_at, cast):
    application_at("submitted")
    actions.close_account(cast.asta)
    client.post(reverse("account_request_login_code"), {"email": "asta@example.org"})
    new = User.objects.get(email="asta@example.org")
    assert new.pk != cast.asta.pk
    assert [sent.to for sent in mailbox.outbox] == [["asta@example.org"]]
    assert not Application.objects.filter(contact=new).exists()


def test_it_is_logged_without_a_word(application_at, cast):
    application = application_at("draft")
    actions.close_account(cast.asta)
    entry = LogEntry.objects.get(event="account_closed")
    assert entry.facts == {"drafts": [application.reference], "withdrawn": [application.reference]}
    assert audit.verify().fits


def test_a_team_forgets_who_left_its_draft_and_keeps_the_name_on_what_was_sent(
    application_at, world, cast
):
    sent = application_at("submitted")
    draft = factories.draft(world, cast.cille)
    for case in [sent, draft]:
        TeamMember.objects.create(application=case, user=cast.bo, name="Bo")
    actions.close_account(cast.bo)
    left = TeamMember.objects.get()
    assert (left.application, left.user, left.name) == (sent, None, "Bo")


def test_nobody_is_written_to_who_is_gone(application_at, cast):
    application_at("draft")
    actions.close_account(cast.asta)
    outbox.post(again(cast.asta), "Hej", "Se her.", link="/")
    tasks.sweep()
    assert mailbox.outbox == []


def test_an_account_with_nothing_in_it_is_closed(cast):
    actions.close_account(cast.cille)
    assert again(cast.cille).name == ""


# --- What stands in the way ---------------------------------------------------------------------


@pytest.mark.parametrize("status", ["awarded", "accepted"])
def test_money_under_way_keeps_it_open(application_at, cast, status):
    application_at(status)
    assert refused(cast.asta, "is not finished")


def test_money_that_is_owed_keeps_it_open(application_at, cast):
    with clock.at(factories.LONG_AFTER):
        application_at("reclaimed")
    assert refused(cast.asta, "is not finished")


@pytest.mark.parametrize("status", ["rejected", "lapsed", "withdrawn"])
def test_a_case_that_is_over_does_not(application_at, cast, status):
    application_at(status)
    actions.close_account(cast.asta)
    assert not again(cast.asta).is_active


@pytest.mark.parametrize("status", ["draft", "submitted", "in_review", "decided"])
def test_what_others_write_as_well_keeps_it_open(application_at, cast, status):
    application = application_at(status)
    TeamMember.objects.create(application=application, user=cast.bo, name="Bo")
    assert refused(cast.asta, "Others write")


def test_the_last_of_an_office_stays(world, cast):
    assert refused(cast.frida, "Nobody else is caseworker")
    factories.role(cast.cille, world.pool, "caseworker")
    actions.close_account(cast.frida)
    assert PoolRole.objects.get(user=cast.frida).ends_on == clock.today() - timedelta(days=1)
    assert again(cast.frida).name == "Frida"


def test_a_colleague_who_is_gone_does_not_count(world, cast):
    colleague = factories.role(factories.user("Liv"), world.pool, "caseworker")
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    assert refused(cast.frida, "Nobody else is caseworker")


def test_the_last_who_can_set_up_stays(cast):
    User.objects.filter(pk=cast.cille.pk).update(is_superuser=True)
    assert refused(again(cast.cille), "Nobody else can set")


def test_a_member_leaves_the_committee(world, cast):
    actions.close_account(cast.esther)
    assert cast.esther.seats.get().ends_on == clock.today() - timedelta(days=1)


def test_a_consent_that_money_rests_on_keeps_it_open(application_at, cast):
    application = application_at("awarded")
    guardian = factories.guardian(application, cast.bo)
    Consent.objects.create(application=application, guardian=guardian, document_hash="x" * 64)
    assert refused(cast.bo, "Your consent to")
    Consent.objects.update(withdrawn_at=clock.now())
    actions.close_account(cast.bo)
    assert Guardian.objects.get().user == again(cast.bo)


def test_the_page_says_what_is_in_the_way_and_has_no_button(as_user, application_at, cast):
    application_at("accepted")
    page = as_user(cast.asta).get(CLOSE).content.decode()
    assert "is not finished" in page
    assert "is_sure" not in page
    as_user(cast.asta).post(CLOSE, {"is_sure": "on"})
    assert again(cast.asta).is_active


def test_it_takes_one_more_yes(as_user, cast):
    page = as_user(cast.cille).post(CLOSE, {"button": "pressed"})
    assert "Tick it if you want" in page.content.decode()
    assert again(cast.cille).is_active


# --- What stays ---------------------------------------------------------------------------------


def test_a_rejected_case_stays_two_years(as_user, application_at, cast):
    application = application_at("rejected")
    (kept,) = actions.kept_cases(cast.asta)
    # The walk takes a day a step: sent, decided, announced.
    assert (kept.reference, kept.until) == (application.reference, date(2028, 3, 5))
    page = as_user(cast.asta).get(CLOSE).content.decode()
    assert "complain" in page
    assert "5 March 2028" in page


def test_a_grant_stays_five_full_financial_years(application_at, cast):
    application_at("completed")
    (kept,) = actions.kept_cases(cast.asta)
    assert (kept.rule, kept.until) == (retention.GRANT, date(2031, 12, 31))


def test_a_draft_is_not_among_what_stays(application_at, cast):
    application_at("draft")
    assert actions.kept_cases(cast.asta) == []


def test_two_years_from_a_leap_day_are_a_day(application_at, cast):
    application = application_at("draft")
    with clock.at(factories.datetime(2028, 2, 29, 12, tzinfo=factories.UTC)):
        assert retention.kept(application).until == date(2030, 2, 28)
