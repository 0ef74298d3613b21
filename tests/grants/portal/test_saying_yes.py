"""A bank account, and the applicant's yes or no."""

import pytest

from applicants.models import BankAccount
from grants.applications.models import Application

ACCOUNT = {"holder": "Asta Holm", "registration": "0040", "number": "0440116243"}


def saved(application):
    return Application.objects.get(pk=application.pk)


@pytest.fixture
def awarded(application_at):
    return application_at("awarded")


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
