"""Asking for a change on the applicant's pages, and what the case's page says of it."""

from datetime import date

import pytest

from grants.applications.models import TeamMember
from grants.decisions import changes
from grants.decisions.models import ChangeRequest
from grants.letters import outbox
from tests import factories

KINDS = ["dates", "budget", "extension", "give_up"]
WHY = {"reason": "Salen er optaget 🎻"}


@pytest.fixture
def accepted(application_at):
    return application_at("accepted")


@pytest.fixture
def browser(as_user, cast):
    return as_user(cast.asta)


@pytest.fixture
def line(accepted):
    return f"line-{accepted.budget_lines.get().key}"


def read(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def asked():
    return ChangeRequest.objects.get()


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_comes_first_and_then_its_own_questions(browser, accepted, path, kind):
    assert path(accepted, "change") in read(browser, path(accepted))
    chosen = browser.post(path(accepted, "change"), {"kind": kind})
    assert chosen["Location"] == path(accepted, f"change/{kind}")
    assert "Why?" in read(browser, path(accepted, f"change/{kind}"))


def test_choosing_nothing_says_so(browser, accepted, path):
    page = browser.post(path(accepted, "change"), {"kind": ""}).content.decode()
    assert "Choose what you want to change." in page


def test_other_dates_are_asked_for_and_wait(browser, accepted, path):
    days = {"starts_on": "2026-10-01", "ends_on": "2026-10-20"}
    browser.post(path(accepted, "change/dates"), WHY | days)
    assert (asked().ends_on, asked().reason) == (date(2026, 10, 20), WHY["reason"])
    page = read(browser, path(accepted))
    assert "waits for our answer" in page
    assert "You have asked for a change." in page
    assert path(accepted, "change") not in page  # one at a time
    assert browser.get(path(accepted, "change"))["Location"] == path(accepted)
    assert browser.post(path(accepted, "change/give_up"), WHY)["Location"] == path(accepted)
    assert asked().kind == "dates"


@pytest.mark.parametrize(
    "kind, typed, sentence",
    [
        ("dates", {"starts_on": "2026-10-02", "ends_on": "2026-10-01"}, "ends before it begins"),
        ("dates", {"starts_on": "2026-08-01", "ends_on": "2026-09-01"}, "agreed already"),
        ("extension", {"report_by": "2026-04-01"}, "which is agreed now"),
        ("extension", {"report_by": "i morgen"}, "Enter a valid date"),
        ("give_up", {"reason": ""}, "Write why."),
        ("budget", {"expense-0-text": "Kage"}, "Write how much it is"),
        ("budget", {"expense-0-text": "Kage", "expense-0-amount": "100"}, "does not balance"),
    ],
)
def test_wrong_input_is_told_and_kept(browser, accepted, path, line, kind, typed, sentence):
    given = WHY | ({line: "10.000"} if kind == "budget" else {}) | typed
    page = browser.post(path(accepted, f"change/{kind}"), given).content.decode()
    assert sentence in page
    for value in given.values():
        assert value in page
    assert not ChangeRequest.objects.exists()


def test_a_small_change_of_the_budget_counts_at_once(browser, accepted, path, line, world):
    typed = {line: "10.500", "income-0-text": "Billetter", "income-0-amount": "500"}
    told = browser.post(path(accepted, "change/budget"), WHY | typed, follow=True)
    assert "We have your request" in told.content.decode()  # a new line wants permission
    changes.answer_change(
        asked(), is_granted=True, answer="", by=world.pool.roles.get(role="caseworker").user
    )
    new = changes.what_is_agreed(accepted.current_grant()).lines
    fields = {f"line-{each.key}": each.amount for each in new}
    expense, income = fields
    less = {expense: "10.450", income: "450"}
    told = browser.post(path(accepted, "change/budget"), WHY | less, follow=True)
    assert "Your new budget counts from now on." in told.content.decode()
    assert "counts at once" in told.content.decode()


def test_the_report_is_laid_out_as_the_budget_that_is_agreed(browser, accepted, path, line, cast):
    typed = {line: "9.000", "expense-0-text": "Kage", "expense-0-amount": "1.000"}
    browser.post(path(accepted, "change/budget"), WHY | typed)
    changes.answer_change(asked(), is_granted=True, answer="", by=cast.frida)
    page = read(browser, path(accepted, "report/accounts"))
    assert "Budget: 9.000,00 kr." in page
    assert "Kage" in page
    assert "Budget: 1.000,00 kr." in page


@pytest.mark.parametrize("yes", [True, False])
def test_the_answer_and_its_letter_are_on_the_cases_page(
    browser, accepted, path, cast, as_user, yes
):
    browser.post(path(accepted, "change/extension"), WHY | {"report_by": "2026-12-24"})
    changes.answer_change(asked(), is_granted=yes, answer="Kom godt i gang.", by=cast.frida)
    letter = asked().letter
    assert "is being made" in read(browser, path(accepted))
    outbox.make_bytes(letter.pk)
    page = read(browser, path(accepted))
    assert ("we said yes" if yes else "we said no") in page
    assert "Kom godt i gang." in page
    assert f"letters/{letter.pk}/" in page
    assert ("24 December 2026" in page.split("Report by")[1][:60]) == yes
    address = path(accepted, f"letters/{letter.pk}")
    letter.refresh_from_db()
    assert browser.get(address).content == bytes(letter.pdf)
    for stranger in [cast.cille, cast.frida, cast.gorm]:
        assert as_user(stranger).get(address).status_code == 404


def test_giving_up_says_what_it_costs(browser, accepted, path, cast):
    assert "the money goes to others" in read(browser, path(accepted, "change/give_up"))
    factories.pay(accepted, cast)
    assert "has to be paid back" in read(browser, path(accepted, "change/give_up"))
    browser.post(path(accepted, "change/give_up"), WHY)
    changes.answer_change(asked(), is_granted=True, answer="", by=cast.frida)
    page = read(browser, path(accepted))
    assert "The project is given up" in page
    assert path(accepted, "report") not in page
    assert browser.get(path(accepted, "report")).status_code == 404


@pytest.mark.parametrize("status", ["submitted", "in_review", "awarded", "completed", "lapsed"])
def test_without_a_yes_there_is_nothing_to_change(application_at, browser, path, status):
    application = application_at(status)
    assert "/change/" not in read(browser, path(application))
    assert browser.get(path(application, "change")).status_code == 404


def test_a_helper_and_strangers_do_not_ask(as_user, accepted, path, cast):
    TeamMember.objects.create(
        application=accepted, user=cast.bo, name="Bo", is_helper=True, can_write=False
    )
    for who in [cast.bo, cast.cille, cast.frida]:
        client = as_user(who)
        assert client.get(path(accepted, "change")).status_code == 404
        assert client.post(path(accepted, "change/give_up"), WHY).status_code == 404
    assert "Ask for a change" not in read(as_user(cast.bo), path(accepted))


def test_a_kind_that_is_none_is_not_there(browser, accepted, path):
    assert browser.get(path(accepted, "change/everything")).status_code == 404
