"""The mails around logging in: ours, in Danish, and with no name but Ungepuljen."""

import re

import pytest

from applicants.models import User
from tests import factories

pytestmark = pytest.mark.django_db

LINK = re.compile(r"https?://\S+")
NEW = "ny@example.org"


@pytest.fixture(autouse=True)
def _as_it_is_seen_first(settings):
    settings.LANGUAGE_CODE = "da"


def the_mail(mailoutbox):
    """(subject, body) of the one that was sent; it names neither machine nor framework."""
    [mail] = mailoutbox
    for text in [mail.subject, LINK.sub("", mail.body)]:
        for strange in ["localhost", "testserver", "example.com", "[", "Hello", "Hej fra"]:
            assert strange not in text
    return mail.subject, mail.body


def test_signing_up_gets_a_code(client, mailoutbox):
    client.post("/accounts/signup/", {"email": NEW})
    subject, body = the_mail(mailoutbox)
    assert subject == "Bekræft din e-mailadresse"
    assert "Ungepuljen" in body
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", body)[0]
    client.post("/accounts/confirm-email/", {"code": code})
    assert "_auth_user_id" in client.session
    assert User.objects.get().email == NEW


def test_logging_in_with_an_unknown_address_tells_how_to_make_a_profile(client, mailoutbox):
    client.post("/accounts/login/code/", {"email": NEW})
    subject, body = the_mail(mailoutbox)
    assert subject == "Ingen profil med denne adresse"
    assert NEW in body
    assert LINK.search(body)[0].endswith("/accounts/signup/")


def test_signing_up_with_a_known_address_tells_how_to_log_in(client, mailoutbox):
    known = factories.user("Asta")
    client.post("/accounts/signup/", {"email": known.email})
    subject, body = the_mail(mailoutbox)
    assert subject == "Du har allerede en profil"
    assert known.email in body
    assert LINK.search(body)[0].endswith("/accounts/login/")


def test_logging_in_gets_a_code(client, mailoutbox):
    client.post("/accounts/login/code/", {"email": factories.user("Asta").email})
    assert the_mail(mailoutbox)[0] == "Din kode"


def test_a_new_password_is_told_in_our_words(client, mailoutbox):
    client.post("/accounts/password/reset/", {"email": factories.user("Asta").email})
    assert the_mail(mailoutbox)[0] == "Ny adgangskode"
