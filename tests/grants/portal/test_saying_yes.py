"""A guardian's consent, a bank account, and the applicant's yes or no."""

import re
from datetime import date

import pytest

from applicants.models import Applicant, BankAccount, Guardian, User
from grants.applications import actions
from grants.applications.models import Application
from grants.letters.models import Mail
from tests import factories
from workflows import clock
from workflows.models import LogEntry

ACCOUNT = {"holder": "Asta Holm", "registration": "0040", "number": "0440116243"}
MONA = {"name": "Mona Holm", "email": "Mona@example.org", "relation": "Mor"}


def saved(application):
    return Application.objects.get(pk=application.pk)


@pytest.fixture
def awarded(application_at):
    return application_at("awarded")


@pytest.fixture
def young(cast, application_at):
    """Asta's application with a grant; she is sixteen."""
    who = factories.applicant(cast.asta, birth_date=date(2010, 1, 1))
    return application_at("awarded", who=who)


# The bank account


def test_the_account_is_named_by_its_two_numbers_and_shown_masked(as_user, cast, awarded, path):
    browser = as_user(cast.asta)
    answer = browser.post(path(awarded, "account"), ACCOUNT)
    assert answer["Location"] == path(awarded)
    assert BankAccount.objects.get().iban == "DK5000400440116243"
    for page in ["", "account"]:
        text = browser.get(path(awarded, page)).content.decode()
        assert "62 43" in text
        assert "0440116243" not in text


def test_the_account_is_named_by_its_iban(as_user, cast, awarded, path):
    iban = {"holder": "Asta", "iban": "dk50 0040 0440 1162 43"}
    as_user(cast.asta).post(path(awarded, "account"), iban)
    assert BankAccount.objects.get().iban == "DK5000400440116243"


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"registration": "40"}, "four digits"),
        ({"number": ""}, "Write the account number too"),
        ({"number": "ABC"}, "digits only"),
        ({"number": "12345678901"}, "at most ten digits"),
        ({"registration": "", "number": "", "iban": "DK5100400440116243"}, "typing error"),
        ({"registration": "", "number": "", "iban": "DK500040044011"}, "too few or too many"),
        ({"registration": "", "number": "", "iban": "XX5000400440116243"}, "two letters of a co"),
        ({"iban": "DK5000400440116243"}, "not both"),
        ({"holder": ""}, "required"),
    ],
)
def test_a_wrong_account_is_said_and_kept(as_user, cast, awarded, path, wrong, sentence):
    typed = ACCOUNT | wrong
    answer = as_user(cast.asta).post(path(awarded, "account"), typed)
    page = answer.content.decode()
    assert sentence in page
    assert all(value in page for value in typed.values())
    assert not BankAccount.objects.exists()


def test_nobody_else_names_the_account(as_user, cast, awarded, path):
    for user in [cast.cille, cast.frida]:
        assert as_user(user).post(path(awarded, "account"), ACCOUNT).status_code == 404


def test_before_there_is_a_grant_no_account_is_asked_for(as_user, cast, application_at, path):
    application = application_at("submitted")
    assert as_user(cast.asta).get(path(application, "account")).status_code == 404


# Yes or no


def test_without_an_account_the_page_says_what_to_do(as_user, cast, awarded, path):
    browser = as_user(cast.asta)
    page = browser.get(path(awarded)).content.decode()
    assert "Tell us which bank account the money goes to first" in page
    assert path(awarded, "accept") not in page
    browser.post(path(awarded, "accept"))
    assert saved(awarded).status == "awarded"


def test_yes_is_said_once_by_two_clicks(as_user, cast, awarded, path):
    browser = as_user(cast.asta)
    browser.post(path(awarded, "account"), ACCOUNT)
    page = browser.get(path(awarded)).content.decode()
    assert path(awarded, "accept") in page
    assert "Fortæl at puljen støtter jer." in page
    browser.post(path(awarded, "accept"))
    browser.post(path(awarded, "accept"))
    assert saved(awarded).status == "accepted"
    assert saved(awarded).current_grant().instalments.count() == 1


def test_no_is_said_after_a_warning(as_user, cast, awarded, path):
    browser = as_user(cast.asta)
    page = browser.get(path(awarded, "decline")).content.decode()
    assert "This cannot be undone" in page
    assert saved(awarded).status == "awarded"
    browser.post(path(awarded, "decline"))
    assert saved(awarded).status == "lapsed"


# Somebody under 18


def test_a_guardian_is_named_and_told_by_mail(as_user, cast, young, path):
    browser = as_user(cast.asta)
    page = browser.get(path(young)).content.decode()
    assert path(young, "guardian") in page
    browser.post(path(young, "guardian"), MONA)
    browser.post(path(young, "guardian"), MONA)
    guardian = Guardian.objects.get()
    assert (guardian.user.email, guardian.user.name) == ("mona@example.org", "Mona Holm")
    mail = Mail.objects.filter(to=guardian.user).first()
    assert path(young) in mail.text
    assert "Natteradio" not in mail.text
    assert LogEntry.objects.filter(stream=young.stream, event="guardian_named").exists()


def test_a_guardian_gets_in_with_one_code(as_user, client, cast, young, path, mailoutbox):
    as_user(cast.asta).post(path(young, "guardian"), MONA)
    client.logout()
    answer = client.post("/accounts/login/code/", {"email": "mona@example.org"})
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", mailoutbox[0].body)[0]
    client.post(answer["Location"], {"code": code})
    assert client.get(path(young)).status_code == 200


def test_somebody_known_here_keeps_their_name(as_user, cast, young, path):
    as_user(cast.asta).post(path(young, "guardian"), MONA | {"email": cast.bo.email})
    assert User.objects.get(pk=cast.bo.pk).name == "Bo"
    assert Guardian.objects.get().user == cast.bo


def test_nobody_is_their_own_guardian(as_user, cast, young, path):
    answer = as_user(cast.asta).post(path(young, "guardian"), MONA | {"email": "ASTA@example.org"})
    assert "somebody else than you" in answer.content.decode()
    assert "ASTA@example.org" in answer.content.decode()
    assert not Guardian.objects.exists()


def test_an_adult_is_asked_for_no_guardian(as_user, cast, awarded, path):
    page = as_user(cast.asta).get(path(awarded)).content.decode()
    assert path(awarded, "guardian") not in page


@pytest.fixture
def mona(young):
    who = factories.user("Mona")
    factories.guardian(young, who)
    return who


def test_a_guardian_reads_what_it_is_for_and_the_conditions(as_user, young, mona, path):
    browser = as_user(mona)
    assert path(young, "consent") in browser.get(path(young)).content.decode()
    page = browser.get(path(young, "consent")).content.decode()
    for told in ["Natteradio", "Otte udsendelser", "Fortæl at puljen støtter jer.", "Mor"]:
        assert told in page


def test_a_guardian_says_yes_and_takes_it_back(as_user, cast, young, mona, path):
    as_user(cast.asta).post(path(young, "account"), ACCOUNT)
    browser = as_user(mona)
    browser.post(path(young, "consent"))
    browser.post(path(young, "consent"))
    assert saved(young).consents.get().withdrawn_at is None
    assert path(young, "accept") in as_user(cast.asta).get(path(young)).content.decode()
    as_user(mona).post(path(young, "withdraw-consent"))
    assert not saved(young).has_consent()
    page = as_user(cast.asta).get(path(young)).content.decode()
    assert "A parent or guardian has to give consent first" in page
    assert path(young, "accept") not in page


def test_a_guardian_decides_nothing_else(as_user, young, mona, path):
    browser = as_user(mona)
    for act in ["accept", "decline", "withdraw", "submit"]:
        browser.post(path(young, act))
    for page in ["account", "guardian", "check"]:
        assert browser.get(path(young, page)).status_code == 404
    assert saved(young).status == "awarded"


def test_only_the_guardian_gives_consent(as_user, cast, young, mona, path):
    for user in [cast.asta, cast.cille, cast.frida]:
        assert as_user(user).post(path(young, "consent")).status_code == 404
        assert as_user(user).post(path(young, "withdraw-consent")).status_code == 404
    assert not saved(young).has_consent()


def test_a_guardian_reads_what_they_do_and_when(as_user, cast, world, mona, young, path):
    draft = factories.draft(world, cast.asta, who=young.applicant)

    def page():
        return as_user(mona).get(path(draft)).content.decode()

    assert "Asta is still writing" in page()
    assert "Fill in what is missing" not in page()
    assert path(draft, "consent") not in page()
    actions.submit(draft, by=cast.asta)
    assert "Read the application and give your consent" in page()
    assert path(draft, "consent") in page()
    as_user(mona).post(path(draft, "consent"))
    assert "nothing more for you to do" in page()
    awarded = as_user(mona).get(path(young)).content.decode()
    assert "when a parent or guardian has given consent" in awarded


def test_consent_waits_until_the_application_is_sent(as_user, cast, world, path):
    who = factories.applicant(cast.asta, birth_date=date(2010, 1, 1))
    draft = factories.draft(world, cast.asta, who=who)
    mona = factories.user("Mona")
    factories.guardian(draft, mona)
    as_user(mona).post(path(draft, "consent"))
    assert not draft.consents.exists()
    actions.submit(draft, by=cast.asta)
    as_user(mona).post(path(draft, "consent"))
    assert draft.consents.exists()
    assert Applicant.objects.count() == 1


def test_a_consent_counts_only_for_the_text_it_was_given_to(cast, world):
    """She asks for more after her mother's yes, so her mother is asked again."""
    mother = factories.user("Mona")
    who = factories.applicant(cast.asta, birth_date=date(2010, 1, 1))
    application = factories.draft(world, cast.asta, who=who)
    with clock.at(factories.MONDAY):
        actions.submit(application, by=cast.asta)
        guardian = factories.guardian(application, mother)
        actions.give_consent(application, guardian=guardian, by=mother)
        actions.ask_for_more(
            application, by=cast.frida, question="Hvor meget?", answer_by=date(2026, 4, 1)
        )
        actions.save_answers(
            application,
            by=cast.asta,
            answers={"amount_applied_for": 20_000_00},
            lines=[("expense", "Udstyr", 20_000_00)],
        )
        actions.resubmit(application, by=cast.asta, answer="Det dobbelte.")
    assert not application.has_consent()
    assert Mail.objects.filter(to=mother).exists()
    assert LogEntry.objects.filter(event="consent_outdated", actor="system").count() == 1


def test_a_consent_stays_when_nothing_was_changed(cast, world):
    mother = factories.user("Mona")
    who = factories.applicant(cast.asta, birth_date=date(2010, 1, 1))
    application = factories.draft(world, cast.asta, who=who)
    with clock.at(factories.MONDAY):
        actions.submit(application, by=cast.asta)
        guardian = factories.guardian(application, mother)
        actions.give_consent(application, guardian=guardian, by=mother)
        actions.ask_for_more(
            application, by=cast.frida, question="Hvor?", answer_by=date(2026, 4, 1)
        )
        actions.resubmit(application, by=cast.asta, answer="Her.")
    assert application.has_consent()
