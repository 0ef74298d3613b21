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


def save(browser, address, typed):
    """Open the page, fill it in, and press the button: whoever does has seen what is saved."""
    seen = browser.get(address).context["seen"]
    return browser.post(address, typed | {"seen": seen})


def tell_all(browser, paid, path, line, **accounts):
    save(browser, path(paid, "report/story"), STORY)
    save(browser, path(paid, "report/people"), PEOPLE)
    save(browser, path(paid, "report/accounts"), {line: "9.500,50"} | accounts)


def test_each_part_is_saved_by_itself(browser, paid, path):
    save(browser, path(paid, "report/story"), STORY)
    assert (written().status, written().happened) == ("draft", "Vi sendte hver nat 🎉")
    save(browser, path(paid, "report/people"), {"participants": "40"})
    assert (written().participants, written().ages) == (40, {})
    assert written().happened == "Vi sendte hver nat 🎉"


def test_save_and_go_on_leads_to_the_next_part(browser, paid, path):
    to_people = save(browser, path(paid, "report/story"), STORY | {"on": "yes"})
    assert to_people["Location"] == path(paid, "report/people")
    to_accounts = save(browser, path(paid, "report/people"), PEOPLE | {"on": "yes"})
    assert to_accounts["Location"] == path(paid, "report/accounts")


def test_a_part_can_be_saved_empty_and_half_done(browser, paid, path, line):
    save(browser, path(paid, "report/story"), {"happened": ""})
    save(browser, path(paid, "report/people"), {"participants": "", "ages-13-17": "3"})
    save(browser, path(paid, "report/accounts"), {line: "", "expense-0-text": "Kage"})
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
    page = save(browser, path(paid, f"report/{part}"), typed).content.decode()
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
    page = save(browser, path(paid, "report/accounts"), wrong).content.decode()
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
            save(browser, path(paid, f"report/{part}"), said)
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
    save(browser, path(paid, "report/accounts"), {line: "9000"} | extra)
    assert written().expenses == 9_100_00
    page = read(browser, path(paid, "report/accounts"))
    assert 'name="expense-2-text"' in page  # two empty ones behind it
    save(browser, path(paid, "report/accounts"), {line: "9000", "expense-0-text": ""})
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


# Two on the team


@pytest.fixture
def bo(paid, as_user, cast, browser):
    """Bo's browser; Asta's is another one."""
    TeamMember.objects.create(application=paid, user=cast.bo, name="Bo")
    other = type(browser)()
    other.cookies.update(browser.cookies)
    other.force_login(cast.bo, backend="django.contrib.auth.backends.ModelBackend")
    return other


def test_what_somebody_else_wrote_meanwhile_stays_and_both_are_shown(browser, bo, paid, path):
    story = path(paid, "report/story")
    seen = bo.get(story).context["seen"]
    save(browser, story, {"happened": "Astas ord"})
    late = {"happened": "Bos ord", "deviations": "Intet", "seen": seen}
    answer = bo.post(story, late)
    page = answer.content.decode()
    assert "Somebody else has changed this meanwhile" in page
    assert "Astas ord" in page
    assert "Bos ord" in page
    assert (written().happened, written().deviations) == ("Astas ord", "Intet")
    assert answer.context["meanwhile"] == [("What happened?", "Astas ord")]
    again = bo.post(story, late | {"seen": answer.context["seen"]})
    assert again.status_code == 302
    assert written().happened == "Bos ord"


def test_two_who_wrote_the_same_or_other_parts_hear_of_nothing(browser, bo, paid, path):
    story, people = path(paid, "report/story"), path(paid, "report/people")
    seen = bo.get(story).context["seen"]
    save(browser, story, STORY)
    assert bo.post(story, STORY | {"seen": seen}).status_code == 302
    assert bo.post(people, PEOPLE | {"seen": seen}).status_code == 302
    assert (written().participants, written().happened) == (40, STORY["happened"])


def test_of_two_accounts_the_first_stays_and_the_typed_one_is_kept_in_the_fields(
    browser, bo, paid, path, line
):
    accounts = path(paid, "report/accounts")
    many = {f"expense-{n}-text": f"Kage {n}" for n in range(4)}
    save(browser, accounts, {line: "9000"} | many)
    seen = bo.get(accounts).context["seen"]
    save(browser, accounts, {line: "8000", "expense-0-text": ""})
    answer = bo.post(accounts, {line: "7000", "seen": seen} | many)
    page = answer.content.decode().replace("\u00a0", " ")
    for told in ["Udstyr: 8.000,00 kr.", 'value="7000"', 'value="Kage 3"']:
        assert told in page
    assert written().expenses == 8_000_00
    assert bo.post(accounts, {line: "7000", "seen": answer.context["seen"]}).status_code == 302
    assert written().expenses == 7_000_00


def test_a_mistake_does_not_make_one_see_what_one_has_not_seen(browser, bo, paid, path):
    people = path(paid, "report/people")
    seen = bo.get(people).context["seen"]
    save(browser, people, PEOPLE)
    wrong = bo.post(people, {"participants": "mange", "seen": seen})
    answer = bo.post(people, {"participants": "41", "seen": wrong.context["seen"]})
    told = dict(answer.context["meanwhile"])
    assert told["How many took part?"] == 40
    assert "13 to 17: 15" in told["How old were they?"]
    assert written().participants == 40


@pytest.mark.parametrize(
    "part, typed", [("story", {"happened": "Bos ord"}), ("people", {"participants": "777"})]
)
def test_what_is_typed_while_the_report_is_sent_can_be_copied(
    browser, bo, paid, path, line, part, typed
):
    tell_all(browser, paid, path, line)
    seen = bo.get(path(paid, f"report/{part}")).context["seen"]
    browser.post(path(paid, "report"))
    page = bo.post(path(paid, f"report/{part}"), typed | {"seen": seen}).content.decode()
    assert "Copy what you want to keep" in page
    assert next(iter(typed.values())) in page
    assert (written().happened, written().participants) == (STORY["happened"], 40)


def test_without_having_seen_anything_nothing_is_taken_away(browser, paid, path):
    save(browser, path(paid, "report/story"), STORY)
    browser.post(path(paid, "report/story"), {"happened": "Andet"})
    assert written().happened == STORY["happened"]


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
    save(browser, path(paid, "report/accounts"), {line: "8999,99"})
    browser.post(path(paid, "report"))
    page = read(as_user(cast.frida), f"/desk/payouts/reports/{paid.reference}/")
    assert "deviates" in page
