"""One application through the pages, from draft to paid, as the people who do it."""

import io
import re
from datetime import timedelta

import pypdf
import pytest

from applicants.models import User
from grants.applications.models import Application
from grants.letters import tasks
from tests.journeys.seeing import DESKTOP
from workflows import audit, clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_now(world):
    """The call is open at this very moment: the server has its own clock."""
    world.call.opens_at = clock.now() - timedelta(days=1)
    world.call.closes_at = clock.now() + timedelta(days=30)
    world.call.save()
    return world.call


def test_from_draft_to_paid_as_five_people(person, world, cast, open_now):
    """Slow: a browser, and everything that the system is for."""
    nova = User.objects.create_user("nova@example.org", name="Nova Lind")
    page = person(nova, viewport=DESKTOP)
    reference = _apply(page, open_now)
    _send(page, reference)
    _screen_and_open(person(cast.frida), reference)
    for member in cast.members[1:]:
        _vote(person(member.user), reference)
    chair = person(cast.dines)
    _vote(chair, reference)
    _close_the_vote(chair, reference)
    caseworker = person(cast.frida)
    _decide(caseworker, reference)
    _nobody_knows_yet(page, reference)
    _announce(caseworker, reference)
    tasks.sweep()
    _read_the_letter(page, reference)
    _say_yes(page, reference)
    _plan(caseworker, reference)
    approver = person(cast.gorm)
    _approve_and_release(approver, reference)
    _confirm(caseworker, reference)
    _the_money_has_come(page, reference)

    application = Application.objects.get(reference=reference)
    assert application.amount_paid() == 8_000_00
    assert audit.verify().fits


def _apply(page, call):
    page.goto(f"/calls/{call.slug}/")
    page.get_by_role("link", name="Begin application").first.click()
    page.get_by_label("Title").fill("Natteradio 🎧")
    page.get_by_label("The idea in short").fill("Radio om natten fra et vaskeri.")
    page.get_by_label("One person").check()
    page.get_by_label("Name", exact=True).fill("Nova Lind")
    page.get_by_label("Birth date").fill("2004-06-01")
    _go_on(page, "idea")
    page.get_by_label("Art form").select_option(label="Media arts")
    page.get_by_label("What will happen").fill("Otte udsendelser.")
    page.get_by_label("Who it is for, and how others can join").fill("Alle under 25.")
    page.get_by_label("Yes").check()
    page.get_by_label("Why it is new or needed").fill("Der er ingen natteradio.")
    begins = clock.today() + timedelta(days=60)
    page.get_by_label("Begins", exact=True).fill(begins.isoformat())
    page.get_by_label("Ends", exact=True).fill((begins + timedelta(days=20)).isoformat())
    _go_on(page, "where")
    page.get_by_label("Municipality").first.select_option(label="København")
    _go_on(page, "money")
    page.get_by_label("How much you apply for, in kroner").fill("10.000")
    page.get_by_label("The least that still works, in kroner").fill("5000")
    page.get_by_label("What", exact=True).first.fill("Udstyr")
    page.get_by_label("Kroner", exact=True).first.fill("10.000,00")
    _go_on(page, "files")
    reference = re.search(r"/applications/([^/]+)/", page.url).group(1)
    page.goto(f"/applications/{reference}/check/")
    page.get_by_role("link", name="Choose the municipality you live in.").click()
    page.get_by_label("The municipality you live in").select_option(label="København")
    _go_on(page, "idea")
    page.get_by_role("link", name="Check your answers").click()
    page.get_by_text("Ready to send?").wait_for()
    return reference


def _go_on(page, section):
    page.get_by_role("button", name="Save and go on", exact=True).click()
    page.wait_for_url(re.compile(f"/{section}/"))


def _send(page, reference):
    page.get_by_role("button", name="Send application").click()
    page.goto(f"/applications/{reference}/")
    page.get_by_text("Received", exact=True).first.wait_for()


def _screen_and_open(page, reference):
    page.goto(f"/desk/cases/{reference}/")
    page.get_by_role("button", name="Ready for the committee").click()
    page.get_by_role("link", name="Open for the committee").click()
    page.get_by_role("button", name="Open for the committee").click()
    page.get_by_text("With the committee", exact=True).first.wait_for()


def _vote(page, reference):
    page.goto(f"/committee/{reference}/")
    page.get_by_text("No conflict: I can read it and vote").click()
    page.get_by_role("button", name="Answer").click()
    page.get_by_role("group", name="Community").get_by_role("radio").nth(4).check()
    page.get_by_label("For, but give less").check()
    page.get_by_label("How much, if less?").fill("8.000")
    page.get_by_role("button", name="Vote", exact=True).click()
    page.get_by_role("heading", name="You have voted").wait_for()


def _close_the_vote(page, reference):
    page.goto(f"/committee/{reference}/close/")
    page.get_by_role("button", name="Close the vote").click()
    page.goto(f"/committee/{reference}/")
    page.get_by_role("heading", name="The result").wait_for()


def _decide(page, reference):
    page.goto(f"/desk/cases/{reference}/decide/")
    assert "8.000" in page.get_by_label("Amount").first.input_value()
    page.get_by_role("button", name="Record decision").click()  # the reason is still missing
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("Guideline").select_option(index=1)
    page.get_by_label("Criterion").select_option(index=1)
    page.get_by_label("The fact").fill("Udstyret kan lånes for mindre.")
    page.get_by_role("button", name="Record decision").click()
    page.get_by_text("Decided, not announced").first.wait_for()


def _nobody_knows_yet(page, reference):
    page.goto(f"/applications/{reference}/")
    told = page.locator("main").inner_text()
    assert "Under review" in told
    assert "8.000" not in told


def _announce(page, reference):
    page.goto("/desk/announce/")
    page.get_by_role("button", name="See what will be sent").click()
    page.get_by_role("button", name="Send 1 letter").click()
    page.goto(f"/desk/cases/{reference}/")
    page.get_by_text("Awarded", exact=True).first.wait_for()


def _read_the_letter(page, reference):
    page.goto(f"/applications/{reference}/")
    link = page.get_by_role("link", name="(PDF)").get_attribute("href")
    answer = page.request.get(link)
    assert answer.headers["content-type"] == "application/pdf"
    text = "".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(answer.body())).pages)
    told = " ".join(text.split())
    assert "8,000.00" in told  # her pages are in English, and so is her letter
    assert "Udstyret kan lånes for mindre." in told
    assert "Natteradio [headphone]" in told


def _say_yes(page, reference):
    page.goto(f"/applications/{reference}/")
    page.get_by_role("link", name="Name a bank account").click()
    page.get_by_label("Who the account belongs to").fill("Nova Lind")
    page.get_by_label("Registration number").fill("0040")
    page.get_by_label("Account number").fill("0440116243")
    page.get_by_role("button", name="Save the account").click()
    page.get_by_role("button", name="Say yes to the grant and its conditions").click()
    page.get_by_text("Accepted", exact=True).first.wait_for()


def _plan(page, reference):
    page.goto("/desk/payouts/")
    page.get_by_label(reference).check()
    page.get_by_role("button", name="Plan the chosen").click()
    page.get_by_role("heading", name="Approve").wait_for()


def _approve_and_release(page, reference):
    page.goto("/desk/payouts/")
    page.get_by_label(reference).check()
    page.get_by_role("button", name="Approve the chosen").click()
    page.get_by_label(reference).check()
    page.get_by_role("button", name="See the payment file first").click()
    page.get_by_role("button", name=re.compile("^Release")).click()
    page.goto("/desk/payouts/files/")
    link = page.get_by_role("link", name=re.compile(r"\.xml")).first.get_attribute("href")
    assert b"pain.001.001.09" in page.request.get(link).body()


def _confirm(page, reference):
    page.goto("/desk/payouts/")
    page.get_by_label(reference).check()
    page.get_by_role("button", name="Confirm the chosen").click()
    page.get_by_role("button", name="Confirm as paid out").click()
    page.goto(f"/desk/cases/{reference}/")
    page.get_by_text("Paid out").first.wait_for()


def _the_money_has_come(page, reference):
    page.goto(f"/applications/{reference}/")
    page.get_by_text("Paid", exact=False).first.wait_for()
