"""Applying where no script runs: an old phone, a strict school network."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from grants.applications.models import Application
from tests.journeys.seeing import DESKTOP
from workflows import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def picture():
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "purple").save(data, "png")
    return {"name": "plakat.png", "mimeType": "image/png", "buffer": data.getvalue()}


@pytest.mark.parametrize("viewport", [None, DESKTOP], ids=["phone", "desktop"])
def test_applying_attaching_and_sending(person, world, cast, viewport):
    """Slow: every page of an application, in a browser."""
    world.call.opens_at = clock.now() - timedelta(days=1)
    world.call.closes_at = clock.now() + timedelta(days=30)
    world.call.save()
    size = {"viewport": viewport} if viewport else {}
    page = person(cast.asta, java_script_enabled=False, **size)
    page.goto(f"/calls/{world.call.slug}/apply/")
    page.get_by_label("Title").fill("Natteradio 🎧")
    page.get_by_label("The idea in short").fill("Radio om natten.")
    page.get_by_label("One person").check()
    page.get_by_label("Name", exact=True).fill("Asta Holm")
    page.get_by_label("Birth date").fill("2004-06-01")
    _go_on(page, "idea")
    _tell_the_idea(page)
    _say_where_and_what_it_costs(page)
    _attach(page)
    _send(page)

    application = Application.objects.get()
    assert application.status == "submitted"
    assert application.budget_lines.count() == 2
    assert application.attachments.count() == 1


def _tell_the_idea(page):
    page.get_by_label("Art form").select_option(label="Media arts")
    page.get_by_label("What will happen").fill("Otte udsendelser.\nOg en fest.")
    page.get_by_label("Who it is for").fill("Alle under 25.")
    page.get_by_label("Yes").check()
    page.get_by_label("Why it is new").fill("x" * 1501)  # more than there is room for
    begins = clock.today() + timedelta(days=60)
    page.get_by_label("Begins", exact=True).fill(begins.isoformat())
    page.get_by_label("Ends", exact=True).fill((begins + timedelta(days=20)).isoformat())
    page.get_by_role("button", name="Save and go on", exact=True).click()
    wrong = page.get_by_label("Why it is new")
    assert page.get_by_role("alert").get_by_role("link", name="Why it is new").is_visible()
    assert len(wrong.input_value()) == 1501
    wrong.fill("Der er ingen natteradio.")
    _go_on(page, "where")


def _say_where_and_what_it_costs(page):
    page.get_by_label("Municipality").nth(0).select_option(label="København")
    page.get_by_label("Municipality").nth(1).select_option(label="Køge")
    _go_on(page, "money")
    page.get_by_label("How much you apply for").fill("10.000")
    page.get_by_label("The least that still works").fill("5000")
    for place, amount in enumerate(["9.000,50", "999,50"]):
        page.get_by_label("What", exact=True).nth(place).fill("Udstyr")
        page.get_by_label("Kroner", exact=True).nth(place).fill(amount)
    _go_on(page, "files")


def _attach(page):
    page.locator("input[type=file]").first.set_input_files(picture())
    page.locator(".files__form button").first.click()
    page.get_by_text("1 file is saved.").wait_for()


def _send(page):
    reference = re.search(r"/applications/([^/]+)/", page.url).group(1)
    page.goto(f"/applications/{reference}/write/where/")
    assert page.get_by_text("Køge 50 %").is_visible()  # the split, shared equally
    page.goto(f"/applications/{reference}/check/")
    page.get_by_role("link", name="Choose the municipality you live in.").click()
    page.get_by_label("The municipality you live in").select_option(label="Køge")
    _go_on(page, "idea")
    page.goto(f"/applications/{reference}/check/")
    page.get_by_role("button", name="Send application").click()
    page.get_by_role("heading", name="We have your application").wait_for()


def _go_on(page, section):
    page.get_by_role("button", name="Save and go on", exact=True).click()
    page.wait_for_url(re.compile(f"/{section}/"))
