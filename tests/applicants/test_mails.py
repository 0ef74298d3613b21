"""The mails around logging in: ours, in the language chosen, with no name but Ungepuljen."""

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


@pytest.mark.parametrize("is_known", [True, False])
def test_known_or_new_one_gets_a_code(client, mailoutbox, is_known):
    if is_known:
        factories.user("Ny", email=NEW)
    client.post("/accounts/login/", {"email": NEW})
    subject, body = the_mail(mailoutbox)
    assert subject == "Din kode"
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", body)[0]
    client.post("/accounts/login/code/", {"code": code})
    assert "_auth_user_id" in client.session
    assert User.objects.get().email == NEW


def test_the_mail_speaks_the_language_chosen(client, mailoutbox, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.post("/accounts/login/", {"email": NEW})
    assert the_mail(mailoutbox)[0] == "Your code"


def test_a_closed_profile_is_told_in_the_mail_alone(client, mailoutbox, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    factories.user("Asta", is_active=False)
    client.post("/accounts/login/", {"email": "asta@example.org"})
    subject, body = the_mail(mailoutbox)
    assert subject == "Your profile is closed"
    assert "asta@example.org" in body
