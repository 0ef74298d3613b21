"""A passkey, added after the first login by code, lets the same person in without a mail."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(person):
    """A page of Asta's, on a phone that makes passkeys and says yes for its person."""
    page = person(factories.user("Asta"))
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


def test_add_log_out_and_log_in_with_it(phone):
    """Slow: a browser."""
    phone.goto("/my/")
    phone.get_by_role("link", name="Add a passkey").click()
    phone.get_by_role("link", name="Add a passkey").click()
    phone.get_by_label("What you call it").fill("Min telefon 📱")
    phone.get_by_role("button", name="Add a passkey").click()
    phone.get_by_text("The passkey is added.").wait_for()
    phone.get_by_text("Min telefon 📱").first.wait_for()
    assert mail.outbox[-1].subject == "A passkey was added"

    phone.get_by_role("button", name="Log out").click()
    phone.wait_for_url("**/")
    mail.outbox.clear()
    phone.goto("/accounts/login/?next=/verify/")
    phone.get_by_role("button", name="Use a passkey").click()
    phone.wait_for_url(lambda url: url.endswith("/verify/") and "/accounts/" not in url)
    assert phone.get_by_role("button", name="Log out").is_visible()
    assert not mail.outbox

    phone.goto("/my/")
    assert not phone.get_by_text("Next time without waiting for a mail?").is_visible()


def test_rename_and_remove_it(phone):
    """Slow: a browser."""
    phone.goto("/accounts/passkeys/add/")
    phone.get_by_role("button", name="Add a passkey").click()
    phone.get_by_role("link", name="Rename").click()
    phone.get_by_label("What you call it").fill("Gammel telefon")
    phone.get_by_role("button", name="Save").click()
    phone.get_by_text("Gammel telefon").first.wait_for()
    phone.get_by_role("link", name="Remove").click()
    phone.get_by_role("button", name="Remove the passkey").click()
    phone.get_by_text("You have no passkey yet.").wait_for()
    assert not Authenticator.objects.exists()

    phone.get_by_role("button", name="Log out").click()
    phone.goto("/accounts/login/")
    phone.get_by_role("button", name="Use a passkey").click()  # the phone has it still
    phone.get_by_text("That passkey did not work here.").first.wait_for()


def test_the_offer_can_be_put_away(phone):
    """Slow: a browser."""
    phone.goto("/my/")
    phone.get_by_role("button", name="Not now").click()
    phone.wait_for_url("**/my/")
    phone.get_by_role("heading", name="My applications").wait_for()
    assert not phone.get_by_text("Next time without waiting for a mail?").is_visible()


def test_without_scripts_there_is_the_code_alone(chromium, live_server):
    """Slow: a browser."""
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/accounts/login/")
    assert page.locator("form[data-passkey]").is_hidden()
    assert page.locator("main form:not([data-passkey]) button").is_visible()
    context.close()
