"""From money in the account to what is paid back: the report, written on a phone."""

from datetime import timedelta

import pytest

from grants.payouts.models import FinalReport, Repayment
from tests import factories
from tests.grants.applications.samples import picture
from workflows import audit, clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def paid(world, cast):
    """Asta has had her 10.000 kr.; the world began a month ago."""
    began = clock.now() - timedelta(days=30)
    world.call.opens_at, world.call.closes_at = began - timedelta(days=30), None
    world.call.save()
    later = began - factories.MONDAY
    first_day = (began + timedelta(days=20)).date()
    last_day = first_day + timedelta(days=2)
    application = factories.draft(world, cast.asta, at=began, starts_on=first_day, ends_on=last_day)
    for day, (act, _reached) in enumerate(factories._walk_to("accepted"), start=1):
        with clock.at(factories.MONDAY + later + timedelta(days=day)):
            application.refresh_from_db()
            act(application, world, cast)
    with clock.at(clock.now() - timedelta(days=5)):
        application.refresh_from_db()
        factories.pay(application, cast)
    return application


def test_a_report_with_photo_and_receipt_is_sent_approved_and_something_is_paid_back(
    person, paid, cast
):
    """Slow: two people, a browser, and files."""
    asta = person(cast.asta)
    asta.goto(paid.get_absolute_url())
    asta.get_by_role("link", name="Write the report").click()
    _story(asta)
    _people(asta)
    _accounts(asta)
    _photo_and_receipt(asta)
    _send(asta)
    _approve(person(cast.frida), paid)
    _what_is_to_be_paid_back(asta, paid)
    assert Repayment.objects.get().amount == 2_750_00
    assert audit.verify().fits


def _story(page):
    page.get_by_role("link", name="What happened?").click()
    page.get_by_label("What happened?").fill("Vi sendte hver nat 🎉")
    page.get_by_role("button", name="Save and go on").click()


def _people(page):
    page.get_by_label("How many took part?").fill("40")
    page.get_by_label("13 to 17").fill("41")
    page.get_by_role("button", name="Save and go on").click()
    assert page.get_by_role("alert").is_visible()  # more ages than people
    page.get_by_label("13 to 17").fill("25")
    page.get_by_role("button", name="Save and go on").click()


def _accounts(page):
    page.get_by_label("Kroner for Udstyr").fill("7.500")
    page.get_by_label("Not in the budget: what?").first.fill("Kage")
    page.locator("[name=expense-0-amount]").fill("250,50")
    page.get_by_label("Not in the budget: what?").nth(2).fill("Kaffesalg")
    page.locator("[name=income-0-amount]").fill("500,50")
    told = page.locator("[data-accounts]")
    told.get_by_text("so it goes back to").wait_for()  # at once, before anything is saved
    assert "2.750,00" in told.inner_text().replace("2,750.00", "2.750,00")
    page.get_by_role("button", name="Save", exact=True).click()


# Whatever the page says about a file while it is chosen and sent.
LISTEN = """() => {
  window.told = [];
  const hear = () => {
    for (const line of document.querySelectorAll(".files__told li")) {
      if (!window.told.includes(line.textContent)) window.told.push(line.textContent);
    }
  };
  for (const list of document.querySelectorAll(".files__told")) {
    new MutationObserver(hear).observe(list, {
      childList: true, subtree: true, characterData: true,
    });
  }
}"""


def _photo_and_receipt(page):
    page.evaluate(LISTEN)
    photo = {"name": "koncert.png", "mimeType": "image/png", "buffer": picture()}
    page.locator("#files-photo input[type=file]").set_input_files(photo)
    page.locator("#files-photo").get_by_label("Everybody who can be recognised").check()
    page.locator("#files-photo").get_by_role("button", name="Send the files").click()
    page.locator("#files-photo .file").wait_for()
    receipt = {"name": "bon.png", "mimeType": "image/png", "buffer": picture(size=(30, 90))}
    page.locator("#files-receipt input[type=file]").set_input_files(receipt)
    page.locator("#files-receipt").get_by_role("button", name="Send the files").click()
    page.locator("#files-receipt .file").wait_for()
    for name in ["koncert.png", "bon.png"]:
        line = page.get_by_text(f"{name} is sent", exact=True)
        line.wait_for()
    assert page.evaluate("window.told") == [
        *["koncert.png", "koncert.png: Sending …", "koncert.png is sent"],
        *["bon.png", "bon.png: Sending …", "bon.png is sent"],
    ]


def _send(page):
    page.reload()
    assert "2.750,00" in page.locator("[data-accounts]").inner_text()
    page.get_by_role("button", name="Send report").click()
    page.get_by_text("Your report is sent").wait_for()
    assert FinalReport.objects.get().ages == {"13-17": 25}


def _approve(page, paid):
    page.goto(f"/desk/payouts/reports/{paid.reference}/")
    told = page.locator("main").inner_text()
    for part in ["Kage", "not in the budget", "deviates", "koncert.png", "bon.png", "2.750,00"]:
        assert part in told, part
    page.get_by_role("button", name="Approve the report").click()
    page.get_by_text("the surplus is asked back").wait_for()


def _what_is_to_be_paid_back(page, paid):
    page.goto(paid.get_absolute_url())
    next_step = page.locator(".panel--loud").inner_text()
    assert "Pay 2.750,00" in next_step.replace("\u00a0", " ")
    assert "DK5000400440116243" in page.locator("main").inner_text()  # the pool's account
