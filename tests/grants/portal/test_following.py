"""The list of one's own, the case, its letters, a hearing, the report."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grants.applications import actions
from grants.applications.models import Application, TeamMember
from grants.decisions import actions as decisions
from grants.letters import outbox
from grants.payouts import actions as payouts
from tests import factories
from tests.factories import LONG_AFTER
from workflows import clock
from workflows.lifecycle import ApplicationStatus

HIDDEN = [
    *["Ready for the committee", "With the committee", "Recommended", "Decided"],
    *["recommended", "decided", "announced", "in_review", "eligible"],
]


def read(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_list_says_what_to_do_first(as_user, cast):
    assert "No applications yet" in read(as_user(cast.cille), "/my/")


def test_the_list_shows_ones_own_and_nobody_elses(as_user, cast, world, application_at):
    mine = application_at("submitted")
    theirs = factories.draft(world, cast.bo)
    page = read(as_user(cast.asta), "/my/")
    assert mine.reference in page
    assert theirs.reference not in page


def test_the_list_asks_as_much_with_one_row_and_with_thirty(
    as_user, cast, world, application_at, monkeypatch
):
    monkeypatch.setattr(actions, "MOST_DRAFTS", 30)
    browser = as_user(cast.asta)
    first = application_at("submitted")
    read(browser, "/my/")
    with CaptureQueriesContext(connection) as one:
        read(browser, "/my/")
    for _number in range(29):
        factories.draft(world, cast.asta, who=first.applicant)
    with CaptureQueriesContext(connection) as thirty:
        read(browser, "/my/")
    assert len(one) == len(thirty)


@pytest.mark.parametrize("status", ApplicationStatus.values)
def test_every_status_has_its_page(as_user, cast, application_at, path, status):
    application = application_at(status)
    assert "What happens next?" in read(as_user(cast.asta), path(application))


@pytest.mark.parametrize("status", ["eligible", "in_review", "recommended", "decided"])
def test_nothing_is_told_before_it_is_announced(as_user, cast, application_at, path, status):
    application = application_at(status)
    browser = as_user(cast.asta)
    for page in [read(browser, path(application)), read(browser, "/my/")]:
        assert "Under review" in page
        assert not [word for word in HIDDEN if word in page]
        assert "Kun ét sted" not in page
        assert "letters/" not in page


def test_the_pages_are_the_same_from_eligible_to_decided(as_user, cast, application_at, path):
    """Not a word differs, so that nothing can be read between the lines."""
    application = application_at("eligible")
    before = _timeless(read(as_user(cast.asta), path(application)))
    factories._open_review(application, None, cast)
    factories.vote_through(
        application, cast, amount=application.amount_applied_for, at=factories.clock.now()
    )
    application.refresh_from_db()
    factories.decide(application, None, cast, amount=application.amount_applied_for)
    assert _timeless(read(as_user(cast.asta), path(application))) == before


def _timeless(page):
    return [line for line in page.splitlines() if "csrf" not in line.lower()]


@pytest.mark.parametrize("status", ["submitted", "in_review", "awarded"])
def test_a_stranger_gets_404(as_user, cast, application_at, path, status):
    application = application_at(status)
    for stranger in [cast.cille, cast.esther, cast.frida]:
        assert as_user(stranger).get(path(application)).status_code == 404


def test_somebody_who_is_not_logged_in_logs_in_first(client, application_at, path):
    answer = client.get(path(application_at("submitted")))
    assert answer["Location"].startswith("/accounts/login/")


def test_a_helper_reads_without_buttons(as_user, cast, application_at, path):
    application = application_at("awarded")
    TeamMember.objects.create(
        application=application, user=cast.bo, name="Bo", is_helper=True, can_write=False
    )
    page = read(as_user(cast.bo), path(application))
    for act in ["accept/", "decline/", "account/", "withdraw/", "edit/"]:
        assert act not in page


# Letters


@pytest.fixture
def rejected(application_at):
    application = application_at("rejected")
    outbox.make_bytes(application.decisions.get().letter_id)
    return application


def letter_of(application):
    return f"{application.get_absolute_url()}letters/{application.decisions.get().letter_id}/"


def test_a_letter_without_bytes_is_being_made(as_user, cast, application_at, path):
    application = application_at("rejected")
    browser = as_user(cast.asta)
    assert "is being made" in read(browser, path(application))
    assert browser.get(letter_of(application)).status_code == 404


def test_the_letter_is_fetched_through_its_application(as_user, cast, rejected, path):
    browser = as_user(cast.asta)
    assert letter_of(rejected) in read(browser, path(rejected))
    answer = browser.get(letter_of(rejected))
    assert answer.content == bytes(rejected.decisions.get().letter.pdf)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_house_has_another_door_to_it(as_user, cast, world, rejected):
    auditor = factories.role(factories.user("Ida"), world.pool, "auditor")
    reader = factories.role(
        factories.user("Kaj"), world.pool, "municipality_reader", municipality=world.places[0]
    )
    house = [cast.frida, cast.gorm, cast.hanne, auditor, cast.dines, cast.esther, reader]
    for user in [cast.cille, *house]:
        assert as_user(user).get(letter_of(rejected)).status_code == 404


def test_a_letter_is_not_fetched_through_another_application(
    as_user, cast, world, rejected, application_at
):
    other = factories.draft(world, cast.asta, who=rejected.applicant)
    letter = rejected.decisions.get().letter_id
    address = f"{other.get_absolute_url()}letters/{letter}/"
    assert as_user(cast.asta).get(address).status_code == 404


# The hearing, and where the money is


@pytest.fixture
def accepted(application_at):
    return application_at("accepted")


def test_a_hearing_is_answered_once(as_user, cast, accepted, path):
    hearing = decisions.hear(accepted, by=cast.frida, text="Vi overvejer at kræve pengene.")
    browser = as_user(cast.asta)
    assert "Vi overvejer" in read(browser, path(accepted, "hearing"))
    assert (
        "Your answer"
        in browser.post(path(accepted, "hearing"), {"answer": "x" * 3001}).content.decode()
    )
    browser.post(path(accepted, "hearing"), {"answer": "Vi har brugt dem 🎸"})
    hearing.refresh_from_db()
    assert hearing.answer == "Vi har brugt dem 🎸"
    assert browser.get(path(accepted, "hearing"))["Location"] == path(accepted)


def test_a_helper_and_a_stranger_do_not_answer_a_hearing(as_user, cast, accepted, path):
    decisions.hear(accepted, by=cast.frida, text="Vi overvejer.")
    TeamMember.objects.create(
        application=accepted, user=cast.bo, name="Bo", is_helper=True, can_write=False
    )
    for user in [cast.bo, cast.cille]:
        answer = as_user(user).post(path(accepted, "hearing"), {"answer": "Nej"})
        assert answer.status_code == 404


def test_where_the_money_is_is_told_in_plain_words(as_user, cast, accepted, path):
    def page_tells(next_step, part):
        page = read(as_user(cast.asta), path(accepted))
        return next_step in page and part in page

    assert page_tells("We prepare the payment", "Soon")
    payout = payouts.plan(accepted.current_grant().instalments.get(), by=cast.frida)
    payouts.approve(payout, by=cast.gorm)
    assert page_tells("We prepare the payment", "Being prepared")
    payouts.release([payout], by=cast.gorm)
    assert page_tells("The money is on its way", "On its way")
    payout.refresh_from_db()
    payouts.bounce(payout, by=cast.frida, reason="AC01")
    assert page_tells("The bank sent the money back", "The bank sent it back: check the account")
    factories.pay(Application.objects.get(pk=accepted.pk), cast)
    assert page_tells("The money has been paid out", "Paid on 12 March 2026")


def test_the_last_part_waits_for_the_report(as_user, cast, world, application_at, path):
    world.call.advance_percent = 75
    world.call.save()
    application = application_at("accepted")
    advance, final = application.current_grant().instalments.order_by("kind")
    pay_part(advance, cast)
    assert "The money has been paid out" in read(as_user(cast.asta), path(application))
    factories.report(application, cast)
    page = read(as_user(cast.asta), path(application))
    assert "We prepare the payment" in page
    assert "tell us how it went by" not in page
    pay_part(final, cast)
    assert "The money has been paid out" in read(as_user(cast.asta), path(application))


def pay_part(instalment, cast):
    payout = payouts.plan(instalment, by=cast.frida)
    payouts.approve(payout, by=cast.gorm)
    payouts.release([payout], by=cast.gorm)
    payout.refresh_from_db()
    payouts.confirm(payout, by=cast.frida)


def test_what_comes_next_follows_the_report(as_user, cast, application_at, path):
    application = application_at("accepted")
    pay_part(application.current_grant().instalments.get(), cast)

    def next_step():
        page = read(as_user(cast.asta), path(application)).replace("\u00a0", " ")
        return page[page.index("What happens next?") : page.index('id="letters"')]

    assert "tell us how it went by 1 October 2026" in next_step()
    with clock.at(LONG_AFTER):
        assert "Your report was due on 1 October 2026" in next_step()
    report = payouts.save_report(
        application,
        by=cast.asta,
        happened="Vi sendte.",
        participants=4,
        lines=factories.accounts(application, left=600_00),
    )
    payouts.submit_report(report, by=cast.asta)
    assert "We have your report and read it now." in next_step()
    payouts.return_report(report, by=cast.frida, note="Hvor mange?")
    assert "Your report needs a little more." in next_step()
    report.refresh_from_db()
    payouts.submit_report(report, by=cast.asta)
    owed = payouts.approve_report(report, by=cast.frida, seen=report.submitted_at)
    assert "Pay 600,00 kr. back by 11 April 2026" in next_step()
    payouts.settle(owed, by=cast.frida, paid_on=clock.today())
    assert "back by" not in next_step()
    assert "Your report is approved." in next_step()


def test_an_open_hearing_is_part_of_what_comes_next(as_user, cast, accepted, path):
    decisions.hear(accepted, by=cast.frida, text="Vi overvejer.")
    page = read(as_user(cast.asta), path(accepted))
    assert "We would like to hear what you think by 26 March 2026" in page
