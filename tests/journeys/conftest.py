"""A browser for those who try the pages as people do."""

import os
import re
import shutil

import pytest
from django.core import mail as mailbox
from playwright.sync_api import sync_playwright

# Playwright's loop runs in this thread; Django is asked here only between the browser's steps.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Without these it looks for hosts on the net, which a test machine may not have.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        sentence = "Chromium is not installed: sudo apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def person(chromium, live_server):
    """person(user): a page on a phone in which the user has logged in with the code by e-mail."""
    contexts = []

    def logged_in(user, *, language="en", **options):
        options = {"viewport": PHONE} | options
        context = chromium.new_context(base_url=live_server.url, **options)
        spoken = {"name": "django_language", "value": language, "url": live_server.url}
        context.add_cookies([spoken])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/accounts/login/")
        page.locator("main input[type=email]").fill(user.email)
        page.locator("main form button[type=submit]").first.click()
        page.locator("main input[name=code]").fill(_code_sent_to(user))
        page.locator("main form button[type=submit]").first.click()
        page.wait_for_url(lambda url: "/accounts/" not in url)
        return page

    yield logged_in
    for context in contexts:
        context.close()


def _code_sent_to(user):
    told = next(mail for mail in reversed(mailbox.outbox) if mail.to == [user.email])
    return re.search(r"^([A-Z0-9-]{6,12})$", told.body, re.MULTILINE).group(1)
