"""From the front page to an application that is sent."""

from datetime import date, timedelta

import pytest

from applicants.models import Applicant, User
from grants.applications import actions, readiness
from grants.applications.models import Application, TeamMember
from grants.pools.models import Contribution, Municipality
from tests import factories
from tests.grants.portal.conftest import LOOKED_AT
from workflows import clock
from workflows.models import LogEntry

A_DAY = timedelta(days=1)
WHO = {"kind": "person", "name": "Asta Holm", "birth_date": "2008-05-17", "phone": "20 20 20 20"}
WORDS = "Vi laver 🎉 i gården\nog en fest for Zoë, Øjvind & <Åse>"


def saved(application):
    return Application.objects.get(pk=application.pk)


def entries(application, event):
    return LogEntry.objects.filter(stream=application.stream, event=event).count()


@pytest.fixture
def apply(world):
    return f"/calls/{world.call.slug}/apply/"


@pytest.fixture
def draft(application_at):
    return application_at("draft")


def test_applying_wants_a_login(client, apply):
    assert client.get(apply)["Location"].startswith("/accounts/login/")


def test_looking_at_the_page_begins_nothing(as_user, cast, apply):
    as_user(cast.asta).get(apply)
    assert not Application.objects.exists()
    assert not Applicant.objects.exists()


def test_who_applies_begins_a_draft(as_user, cast, apply):
    answer = as_user(cast.asta).post(apply, WHO)
    application = Application.objects.get()
    assert answer["Location"] == f"/applications/{application.reference}/edit/"
    assert application.status == "draft"
    assert application.applicant.name == "Asta Holm"


def test_a_double_click_begins_one_draft(as_user, cast, apply):
    browser = as_user(cast.asta)
    browser.post(apply, WHO)
    browser.post(apply, WHO)
    assert Application.objects.count() == Applicant.objects.count() == 1


def test_the_same_person_applies_again_as_the_same_applicant(as_user, cast, draft, apply):
    who = WHO | {"name": draft.applicant.name, "birth_date": str(draft.applicant.birth_date)}
    as_user(cast.asta).post(apply, who | {"phone": "31 31 31 31"})
    assert Application.objects.count() == 2
    assert Applicant.objects.get().phone == "31 31 31 31"


def test_a_group_tells_its_contacts_name(as_user, cast, apply):
    who = WHO | {"kind": "group", "name": "Kollektivet", "contact_name": "Asta Holm"}
    as_user(cast.asta).post(apply, who)
    assert User.objects.get(pk=cast.asta.pk).name == "Asta Holm"
    assert Applicant.objects.get().name == "Kollektivet"


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"birth_date": "2031-01-01"}, "Write the day you were born"),
        ({"birth_date": ""}, "Write your birth date"),
        ({"kind": "association", "cvr": "12345678"}, "That is no CVR number"),
        ({"name": "x" * 10_000}, "140"),
        ({"name": "A\x00sta"}, "Null"),
    ],
)
def test_a_wrong_answer_about_oneself_is_said(as_user, cast, apply, wrong, sentence):
    answer = as_user(cast.asta).post(apply, WHO | wrong)
    assert sentence in answer.content.decode()
    assert not Application.objects.exists()


def test_a_cvr_number_is_read_with_spaces(as_user, cast, apply):
    as_user(cast.asta).post(apply, WHO | {"kind": "association", "cvr": "DK 13 58 56 28"})
    assert Applicant.objects.get().cvr == "13585628"


def test_a_call_that_is_closed_begins_nothing(as_user, cast, apply, world):
    with clock.at(factories.LONG_AFTER):
        answer = as_user(cast.asta).post(apply, WHO)
    assert answer["Location"] == f"/calls/{world.call.slug}/"
    assert not Application.objects.exists()


def test_a_draft_is_saved_with_anything_missing(as_user, cast, draft, typed, path):
    empty = dict.fromkeys(["title", "summary", "activity", "starts_on", "ends_on", "home"], "")
    empty |= dict.fromkeys(["amount_applied_for", "least_workable"], "")
    answer = as_user(cast.asta).post(path(draft, "edit"), typed(draft, **empty))
    assert answer["Location"] == path(draft, "edit")
    assert saved(draft).title == ""
    assert saved(draft).amount_applied_for is None


def test_what_is_written_is_stored_as_written(as_user, cast, draft, typed, path):
    as_user(cast.asta).post(
        path(draft, "edit"),
        typed(
            draft,
            activity=WORDS.replace("\n", "\r\n"),
            amount_applied_for="12.500 kr.",
            **{"expense-1-text": "Kage 🍰", "expense-1-amount": "2.500,50"},
        ),
    )
    assert saved(draft).activity == WORDS
    assert saved(draft).amount_applied_for == 12_500_00
    assert saved(draft).budget_lines.get(text="Kage 🍰").amount == 2_500_50


def test_a_wrong_form_keeps_all_that_was_typed(as_user, cast, draft, typed, path):
    answer = as_user(cast.asta).post(
        path(draft, "edit"),
        typed(
            draft,
            title="Ny 🎈 titel",
            activity=WORDS,
            amount_applied_for="mange penge",
            **{"expense-2-text": "Telt", "expense-2-amount": "ret dyrt", "where-0-percent": "67 %"},
        ),
    )
    page = answer.content.decode()
    for kept in ["Ny 🎈 titel", "🎉", "mange penge", "Telt", "ret dyrt", "67 %"]:
        assert kept in page
    assert "&lt;Åse&gt;" in page
    assert 'href="#id_amount_applied_for"' in page
    assert 'href="#id_expense-2-amount"' in page
    assert saved(draft).title == "Natteradio"


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"amount_applied_for": "0"}, "above zero"),
        ({"least_workable": "99999"}, "more than you apply for"),
        ({"ends_on": "2026-07-01"}, "ends before it begins"),
        ({"starts_on": ""}, "Say when it begins too"),
        ({"activity": "x" * 3001}, "3000"),
        ({"expense-3-text": "Lys"}, "how much it is"),
        ({"expense-3-amount": "30"}, "what the money is for"),
        ({"where-2-percent": "10"}, "Choose the municipality"),
        ({"where-0-percent": "101"}, "100"),
        ({"version": ""}, "required"),
        ({"where-TOTAL_FORMS": "x"}, "ManagementForm"),
    ],
)
def test_what_cannot_be_stored_is_an_error_with_a_sentence(
    as_user, cast, draft, typed, path, wrong, sentence
):
    answer = as_user(cast.asta).post(path(draft, "edit"), typed(draft, **wrong))
    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_each_error_says_in_which_line_it_is(as_user, cast, draft, typed, path):
    wrong = {"expense-1-amount": "x", "income-0-amount": "x", "where-1-percent": "x"}
    page = as_user(cast.asta).post(path(draft, "edit"), typed(draft, **wrong)).content.decode()
    summary = page[page.index("Correct this first") : page.index('id="who"')]
    for told in [
        'href="#id_expense-1-amount"><strong>Expenses, line 2: Kroner',
        'href="#id_income-0-amount"><strong>Other income, line 1: Kroner',
        'href="#id_where-1-percent"><strong>Where it happens, line 2: Percent',
    ]:
        assert told in summary


def test_nothing_is_cut_off_by_the_browser_and_limits_are_told(as_user, cast, draft, typed, path):
    page = as_user(cast.asta).get(path(draft, "edit")).content.decode()
    assert "maxlength" not in page
    for most in [100, 300, 1500, 3000]:
        assert f"At most {most} characters." in page
    as_user(cast.asta).post(path(draft, "edit"), typed(draft, title="🎉" * 100))
    assert saved(draft).title == "🎉" * 100
    too_long = typed(draft, title="🎉" * 101, **{"expense-0-text": "x" * 121})
    page = as_user(cast.asta).post(path(draft, "edit"), too_long).content.decode()
    assert "at most 100 characters (it has 101)" in page
    assert "at most 120 characters (it has 121)" in page


@pytest.mark.parametrize("begins, is_sent", [(LOOKED_AT, True), (LOOKED_AT - A_DAY, False)])
def test_what_has_begun_already_is_not_sent(as_user, cast, draft, path, begins, is_sent):
    actions.save_answers(draft, by=cast.asta, answers={"starts_on": begins.date()})
    page = as_user(cast.asta).get(path(draft, "check")).content.decode()
    assert ("It begins before today" in page) is not is_sent
    as_user(cast.asta).post(path(draft, "submit"))
    assert (saved(draft).status == "submitted") is is_sent


def test_empty_percentages_share_what_is_left(as_user, cast, draft, typed, path, world):
    rows = {
        "where-0-percent": "",
        "where-1-percent": "",
        "where-2-municipality": str(world.places[2].pk),
        "where-2-percent": "49",
    }
    as_user(cast.asta).post(path(draft, "edit"), typed(draft, **rows))
    assert sorted(part.percent for part in draft.municipal_parts.all()) == [25, 26, 49]


def test_a_single_municipality_gets_it_all(as_user, cast, draft, typed, path):
    rows = {"where-0-percent": "", "where-1-municipality": "", "where-1-percent": ""}
    as_user(cast.asta).post(path(draft, "edit"), typed(draft, **rows))
    assert [part.percent for part in draft.municipal_parts.all()] == [100]


def test_a_municipality_twice_is_said(as_user, cast, draft, typed, path, world):
    answer = as_user(cast.asta).post(
        path(draft, "edit"),
        typed(draft, **{"where-1-municipality": str(world.places[0].pk)}),
    )
    assert "This municipality is there already" in answer.content.decode()


def test_the_pools_municipalities_come_first(as_user, cast, draft, path, world):
    Contribution.objects.filter(municipality=world.places[0]).delete()
    Municipality.objects.create(
        country="DK", code="0751", name="Aarhus", place=99, longitude=10, latitude=56
    )
    page = as_user(cast.asta).get(path(draft, "edit")).content.decode()
    choices = page[page.index('id="id_home"') :]
    assert choices.index("Køge") < choices.index("Malmö") < choices.index("København")
    assert choices.index("København") < choices.index("Aarhus")


def test_two_writers_never_overwrite_each_other_unseen(as_user, cast, draft, typed, path):
    mine = typed(draft, title="Min titel 🎺", newness="Min grund")
    actions.save_answers(saved(draft), by=cast.asta, answers={"title": "Bos titel"})
    browser = as_user(cast.asta)
    answer = browser.post(path(draft, "edit"), mine)
    page = answer.content.decode()
    assert "Somebody else has saved in between" in page
    assert "Min titel 🎺" in page
    assert "Bos titel" in page
    assert "Min grund" in page
    assert saved(draft).title == "Bos titel"
    assert f'name="version" value="{saved(draft).version}"' in page
    browser.post(path(draft, "edit"), mine | {"version": str(saved(draft).version)})
    assert saved(draft).title == "Min titel 🎺"


def test_text_that_comes_after_sending_is_shown_and_not_saved(as_user, cast, draft, typed, path):
    late = typed(draft, title="For sent")
    actions.submit(saved(draft), by=cast.asta)
    answer = as_user(cast.asta).post(path(draft, "edit"), late)
    assert "It has been sent in the meantime" in answer.content.decode()
    assert "For sent" in answer.content.decode()
    assert saved(draft).title == "Natteradio"


def test_who_has_applied_before_keeps_name_and_birth_date(as_user, cast, world, draft, typed, path):
    actions.submit(draft, by=cast.asta)
    second = factories.draft(world, cast.asta, who=draft.applicant)
    as_user(cast.asta).post(
        path(second, "edit"), typed(second, birth_date="2012-01-01", phone="12 12 12 12")
    )
    applicant = Applicant.objects.get()
    assert applicant.birth_date == date(2004, 5, 17)
    assert applicant.phone == "12 12 12 12"


def test_a_team_member_writes_too(as_user, cast, draft, typed, path):
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    as_user(cast.bo).post(path(draft, "edit"), typed(draft, title="Bos titel"))
    assert saved(draft).title == "Bos titel"


def test_a_helper_reads_and_cannot_write(as_user, cast, draft, typed, path):
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo", is_helper=True)
    browser = as_user(cast.bo)
    assert browser.get(path(draft)).status_code == 200
    assert browser.get(path(draft, "edit"))["Location"] == path(draft)
    assert browser.get(path(draft, "check")).status_code == 404
    browser.post(path(draft, "edit"), typed(draft, title="Hjælperens"))
    browser.post(path(draft, "submit"))
    assert saved(draft).title == "Natteradio"
    assert saved(draft).status == "draft"


@pytest.mark.parametrize("page", ["", "edit", "check", "withdraw"])
def test_a_stranger_gets_404(as_user, cast, draft, path, page):
    assert as_user(cast.cille).get(path(draft, page)).status_code == 404
    assert as_user(cast.frida).get(path(draft, page)).status_code == 404


def test_check_says_what_is_missing_and_links_to_it(as_user, cast, draft, typed, path):
    browser = as_user(cast.asta)
    lines = {"title": "", "expense-0-text": "", "expense-0-amount": ""}
    answer = browser.post(path(draft, "edit"), typed(draft, check="yes", **lines))
    assert answer["Location"] == path(draft, "check")
    page = browser.get(path(draft, "check")).content.decode()
    assert f"{path(draft, 'edit')}#id_title" in page
    assert f"{path(draft, 'edit')}#id_expense-0-text" in page
    assert path(draft, "submit") not in page


def test_sending_gives_a_receipt(as_user, cast, draft, path):
    browser = as_user(cast.asta)
    assert path(draft, "submit") in browser.get(path(draft, "check")).content.decode()
    answer = browser.post(path(draft, "submit"), follow=True)
    page = answer.content.decode()
    assert saved(draft).status == "submitted"
    assert "Your application is sent" in page
    assert draft.reference in page
    assert "1 June 2026" in page


def test_sending_twice_is_sending_once(as_user, cast, draft, path):
    browser = as_user(cast.asta)
    browser.post(path(draft, "submit"))
    browser.post(path(draft, "submit"))
    assert entries(draft, "submit") == 1


def test_after_the_deadline_it_cannot_be_sent(as_user, cast, draft, path, world):
    browser = as_user(cast.asta)
    with clock.at(world.call.closes_at + timedelta(seconds=1)):
        page = browser.get(path(draft, "check"))
        assert "The deadline has passed" in page.content.decode()
        answer = browser.post(path(draft, "submit"), follow=True)
    assert "The deadline has passed" in answer.content.decode()
    assert saved(draft).status == "draft"


def test_an_answer_to_the_secretariat_sends_it_again(as_user, cast, application_at, path):
    application = application_at("incomplete")
    browser = as_user(cast.asta)
    assert "Hvor mange?" in browser.get(path(application, "resubmit")).content.decode()
    answer = browser.post(path(application, "resubmit"), {"answer": "Fyrre 🙌"})
    assert answer["Location"] == path(application)
    assert saved(application).status == "submitted"
    assert application.information_requests.get().answer == "Fyrre 🙌"


def test_an_answer_stays_when_something_is_missing(as_user, cast, application_at, path):
    application = application_at("incomplete")
    actions.save_answers(application, by=cast.asta, answers={"title": ""})
    answer = as_user(cast.asta).post(path(application, "resubmit"), {"answer": "Fyrre"})
    assert "Fyrre" in answer.content.decode()
    assert "Give the project a title" in answer.content.decode()
    assert saved(application).status == "incomplete"


@pytest.mark.parametrize("status", ["draft", "submitted", "in_review", "decided"])
def test_withdrawing_says_what_it_cannot_undo(as_user, cast, application_at, path, status):
    application = application_at(status)
    browser = as_user(cast.asta)
    page = browser.get(path(application, "withdraw"))
    assert "This cannot be undone" in page.content.decode()
    assert saved(application).status == status
    browser.post(path(application, "withdraw"))
    assert saved(application).status == "withdrawn"


def test_what_has_been_answered_cannot_be_withdrawn(as_user, cast, application_at, path):
    application = application_at("rejected")
    browser = as_user(cast.asta)
    assert browser.get(path(application, "withdraw"))["Location"] == path(application)
    browser.post(path(application, "withdraw"))
    assert saved(application).status == "rejected"


def test_a_municipality_that_nobody_knows_is_an_error_and_no_crash(
    as_user, cast, draft, typed, path
):
    answers = typed(draft, **{"where-0-municipality": "999999", "home": "x"})
    assert as_user(cast.asta).post(path(draft, "edit"), answers).status_code == 200


def test_a_year_that_is_a_slip_of_the_finger_is_not_sent(draft):
    draft.ends_on = date(9999, 12, 31)
    assert [each.field for each in readiness.missing(draft)] == ["ends_on"]
