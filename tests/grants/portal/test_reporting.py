"""The final report as the grantee writes it: a part a page, saved half done, sent whole."""

import pytest

from grants.applications import attaching
from grants.applications.models import Attachment, TeamMember
from grants.payouts import actions as payouts
from grants.payouts.models import FinalReport
from tests import factories
from tests.grants.applications.samples import picture, upload

Purpose = Attachment.Purpose
STORY = {"happened": "Vi sendte hver nat 🎉"}
PEOPLE = {"participants": "40", "ages-13-17": "15", "ages-18-24": "20"}


@pytest.fixture
def paid(application_at, cast):
    """Asta has had her 10.000 kr."""
    application = application_at("accepted")
    factories.pay(application, cast)
    return application


@pytest.fixture
def browser(as_user, cast):
    return as_user(cast.asta)


@pytest.fixture
def line(paid):
    """The name of the field for the only line of the budget."""
    return f"line-{paid.budget_lines.get().key}"


def read(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def written():
    return FinalReport.objects.get()


def tell_all(browser, paid, path, line, **accounts):
    browser.post(path(paid, "report/story"), STORY)
    browser.post(path(paid, "report/people"), PEOPLE)
    browser.post(path(paid, "report/accounts"), {line: "9.500,50"} | accounts)


def test_each_part_is_saved_by_itself(browser, paid, path):
    browser.post(path(paid, "report/story"), STORY)
    assert (written().status, written().happened) == ("draft", "Vi sendte hver nat 🎉")
    browser.post(path(paid, "report/people"), {"participants": "40"})
    assert (written().participants, written().ages) == (40, {})
    assert written().happened == "Vi sendte hver nat 🎉"


def test_save_and_go_on_leads_to_the_next_part(browser, paid, path):
    to_people = browser.post(path(paid, "report/story"), STORY | {"on": "yes"})
    assert to_people["Location"] == path(paid, "report/people")
    to_accounts = browser.post(path(paid, "report/people"), PEOPLE | {"on": "yes"})
    assert to_accounts["Location"] == path(paid, "report/accounts")


def test_a_part_can_be_saved_empty_and_half_done(browser, paid, path, line):
    browser.post(path(paid, "report/story"), {"happened": ""})
    browser.post(path(paid, "report/people"), {"participants": "", "ages-13-17": "3"})
    browser.post(path(paid, "report/accounts"), {line: "", "expense-0-text": "Kage"})
    assert (written().participants, written().ages) == (None, {"13-17": 3})
    assert [each.text for each in written().account_lines.all()] == ["Kage"]
    page = read(browser, path(paid, "report/accounts"))
    assert 'value="Kage"' in page


@pytest.mark.parametrize(
    "part, typed, sentence",
    [
        ("people", {"participants": "mange"}, "Enter a whole number"),
        ("people", PEOPLE | {"participants": "30"}, "The ages come to 35 people"),
        ("accounts", {"expense-0-text": "Kage", "expense-0-amount": "halvtreds"}, "digits only"),
        ("accounts", {"income-0-amount": "77,50"}, "Write what the money is for"),
        ("story", {"happened": "x" * 4001}, "4001"),
    ],
)
def test_wrong_input_is_told_and_kept(browser, paid, path, part, typed, sentence):
    page = browser.post(path(paid, f"report/{part}"), typed).content.decode()
    assert sentence in page
    for value in typed.values():
        assert value in page
    assert not FinalReport.objects.exists()


def test_the_accounts_are_laid_out_as_the_budget_was(browser, paid, path, line):
    page = read(browser, path(paid, "report/accounts"))
    for told in ["Udstyr", "Budget: 10.000,00 kr.", "The grant", f'name="{line}"']:
        assert told in page


def test_sums_and_what_goes_back_are_told_before_it_is_sent(browser, paid, path, line):
    tell_all(browser, paid, path, line)
    page = read(browser, path(paid, "report"))
    assert "You may keep what is left" in shown(page)
    assert "499,50 kr." in page
    tell_all(browser, paid, path, line, **{"income-0-text": "Kaffe", "income-0-amount": "1"})
    page = read(browser, path(paid, "report"))
    assert "it goes back to the pool" in shown(page)
    assert "500,50 kr." in page


def shown(page):
    """The page's lines without those that are hidden."""
    return "\n".join(row for row in page.splitlines() if " hidden" not in row)


def test_what_was_typed_is_summed_on_the_page_also_when_some_of_it_is_wrong(
    browser, paid, path, line
):
    typed = {line: "8.000", "expense-0-text": "Kage", "expense-0-amount": "250,50"}
    wrong = typed | {"income-0-text": "Salg", "income-0-amount": "hundrede"}
    page = browser.post(path(paid, "report/accounts"), wrong).content.decode()
    assert "8.250,50" in page


def test_the_report_is_sent_whole(browser, paid, path, line, cast):
    assert "Tell us what happened" in read(browser, path(paid, "report"))
    tell_all(browser, paid, path, line)
    browser.post(path(paid, "report"))
    assert written().status == "submitted"
    assert (written().income, written().expenses) == (10_000_00, 9_500_50)
    assert written().ages == {"13-17": 15, "18-24": 20}
    for page in ["report", "report/story", "report/accounts"]:
        assert browser.get(path(paid, page))["Location"] == path(paid)


@pytest.mark.parametrize("left_out", ["story", "people", "accounts"])
def test_without_one_of_its_parts_it_is_not_sent(browser, paid, path, line, left_out):
    parts = {"story": STORY, "people": PEOPLE, "accounts": {line: "9000"}}
    for part, said in parts.items():
        if part != left_out:
            browser.post(path(paid, f"report/{part}"), said)
    assert "Send report" not in read(browser, path(paid, "report"))
    browser.post(path(paid, "report"))
    assert written().status == "draft"


def test_before_money_is_paid_the_page_says_why_it_cannot_be_sent(
    application_at, browser, path, cast
):
    accepted = application_at("accepted")
    key = f"line-{accepted.budget_lines.get().key}"
    tell_all(browser, accepted, path, key)
    assert "Nothing has been paid out yet" in read(browser, path(accepted, "report"))


def test_a_report_that_came_back_shows_why_and_is_sent_again(browser, paid, path, line, cast):
    tell_all(browser, paid, path, line)
    browser.post(path(paid, "report"))
    payouts.return_report(written(), by=cast.frida, note="Hvor er kvitteringerne?")
    for page in ["", "report"]:
        assert "Hvor er kvitteringerne?" in read(browser, path(paid, page))
    browser.post(path(paid, "report"))
    assert written().status == "submitted"


def test_lines_that_were_not_in_the_budget_come_and_go(browser, paid, path, line):
    extra = {"expense-0-text": "Kage", "expense-0-amount": "100"}
    browser.post(path(paid, "report/accounts"), {line: "9000"} | extra)
    assert written().expenses == 9_100_00
    page = read(browser, path(paid, "report/accounts"))
    assert 'name="expense-2-text"' in page  # two empty ones behind it
    browser.post(path(paid, "report/accounts"), {line: "9000", "expense-0-text": ""})
    assert written().expenses == 9_000_00


def test_strangers_helpers_and_the_house_do_not_write_it(as_user, paid, path, cast):
    helper = factories.user("Hans")
    TeamMember.objects.create(
        application=paid, user=helper, name="Hans", is_helper=True, can_write=False
    )
    for who in [helper, cast.cille, cast.frida]:
        for page in ["report", "report/story"]:
            assert as_user(who).get(path(paid, page)).status_code == 404
            assert as_user(who).post(path(paid, page), STORY).status_code == 404
    assert not FinalReport.objects.exists()


def test_a_part_that_is_none_is_not_there(browser, paid, path):
    assert browser.get(path(paid, "report/poem")).status_code == 404


# Photos and receipts


@pytest.fixture
def photo(paid, cast):
    return attaching.attach(
        paid, upload("koncert.png", picture()), purpose=Purpose.PHOTO, by=cast.asta
    )


def test_a_photo_counts_when_everybody_in_it_has_said_yes(browser, paid, path, photo, as_user):
    assert "These photos do not count yet" in read(browser, path(paid, "report"))
    browser.post(path(paid, f"report/photos/{photo.pk}"))
    photo.refresh_from_db()
    assert photo.is_agreed
    assert "These photos do not count yet" not in read(browser, path(paid, "report"))


def test_only_the_applicants_say_that_a_photo_may_be_shown(as_user, paid, path, photo, cast):
    for who in [cast.cille, cast.frida]:
        address = path(paid, f"report/photos/{photo.pk}")
        assert as_user(who).post(address).status_code == 404
    photo.refresh_from_db()
    assert not photo.is_agreed


def test_the_secretariat_reads_it_beside_the_budget(
    browser, as_user, paid, path, line, photo, cast
):
    agreed = attaching.attach(
        paid,
        upload("scene.png", picture(size=(50, 50))),
        purpose=Purpose.PHOTO,
        is_agreed=True,
        by=cast.asta,
    )
    tell_all(browser, paid, path, line, **{"expense-0-text": "Kage", "expense-0-amount": "30"})
    browser.post(path(paid, "report"))
    page = read(as_user(cast.frida), f"/desk/payouts/reports/{paid.reference}/")
    for told in ["10.000,00 kr.", "9.500,50 kr.", "Kage", "not in the budget", "13 to 17"]:
        assert told in page
    assert "deviates" not in page  # five percent less than the budget is free
    assert f"/files/{agreed.pk}/" in page
    assert f"/files/{photo.pk}/" not in page


def test_what_lies_far_from_the_budget_is_marked(browser, as_user, paid, path, line, cast):
    tell_all(browser, paid, path, line)
    browser.post(path(paid, "report/accounts"), {line: "8999,99"})
    browser.post(path(paid, "report"))
    page = read(as_user(cast.frida), f"/desk/payouts/reports/{paid.reference}/")
    assert "deviates" in page
