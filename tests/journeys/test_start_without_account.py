"""From the front page to a draft, on a phone, by somebody whom nobody knows."""

import re
from datetime import timedelta

import pytest
from django.core import mail

from grants.applications.models import Application
from tests.journeys.conftest import PHONE
from workflows import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TITLE, SUMMARY = "Natteradio 🎧", "Radio om natten fra et vaskeri."


@pytest.fixture
def open_now(world):
    """The call is open at this very moment: the server has its own clock."""
    world.call.opens_at = clock.now() - timedelta(days=1)
    world.call.closes_at = clock.now() + timedelta(days=30)
    world.call.save()
    return world.call


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def visitor(request, chromium, live_server):
    context = chromium.new_context(
        base_url=live_server.url, viewport=PHONE, java_script_enabled=request.param
    )
    context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_from_the_front_page_to_a_draft_with_the_words(visitor, open_now):
    """Slow: a browser, and all that can go wrong with a code."""
    page = visitor
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Read more")).first.click()
    page.get_by_role("link", name="Begin application").first.click()
    _write(page)
    _send_a_code_to(page, "nvoa@example.org")  # a slip of the finger
    page.get_by_role("link", name="Use another address").click()
    _send_a_code_to(page, "nova@example.org")

    page.get_by_label("The code in the mail").fill("BBBB-BBBB")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("That is not the code.").first.wait_for()
    page.get_by_role("button", name="Send a new code").click()
    page.get_by_label("The code in the mail").fill(_newest_code())
    page.get_by_role("button", name="Log in").click()

    page.wait_for_url("**/write/idea/")
    assert page.get_by_label("Title").input_value() == TITLE
    assert page.get_by_label("The idea in short").input_value() == SUMMARY
    draft = Application.objects.get()
    assert (draft.title, draft.contact.email) == (TITLE, "nova@example.org")


def test_the_tab_is_closed_before_the_code_comes(visitor, open_now):
    """Slow: a browser."""
    visitor.goto(f"/calls/{open_now.slug}/apply/")
    _write(visitor)
    later = visitor.context.new_page()
    visitor.close()
    later.goto("/accounts/login/")
    _send_a_code_to(later, "nova@example.org")
    later.get_by_label("The code in the mail").fill(_newest_code())
    later.get_by_role("button", name="Log in").click()
    later.wait_for_url("**/write/idea/")
    assert Application.objects.get().title == TITLE


def _write(page):
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("The idea in short").fill(SUMMARY)
    page.get_by_label("One person").check()
    page.get_by_label("Name", exact=True).fill("Nova Lind")
    page.get_by_label("Birth date").fill("2008-06-01")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/accounts/login/")


def _send_a_code_to(page, email):
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.wait_for_url("**/accounts/login/code/")


def _newest_code():
    return re.search(r"^([A-Z]{4}-[A-Z]{4})$", mail.outbox[-1].body, re.MULTILINE)[1]


def test_a_reload_or_a_lost_network_costs_no_word_of_the_idea(chromium, live_server, open_now):
    """Slow: a browser whose network goes."""
    context = chromium.new_context(base_url=live_server.url, viewport=PHONE)
    context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"/calls/{open_now.slug}/apply/")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("The idea in short").fill(SUMMARY)
    page.reload()
    assert page.get_by_label("Title").input_value() == TITLE

    context.set_offline(True)
    page.get_by_role("radio", name="One person").check()
    page.get_by_label("Name", exact=True).fill("Nova")
    page.get_by_label("Birth date").fill("2008-05-17")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_timeout(500)
    context.set_offline(False)
    page.goto(f"/calls/{open_now.slug}/apply/")
    assert page.get_by_label("Title").input_value() == TITLE
    assert page.get_by_label("The idea in short").input_value() == SUMMARY
    context.close()
