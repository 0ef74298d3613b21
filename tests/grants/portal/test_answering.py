"""Writing an application: page by page, and answer by answer as it is typed."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applicants.models import Applicant
from grants.applications import actions
from grants.applications.models import Application, InformationRequest, TeamMember
from grants.pools.models import Contribution, Municipality, Question
from grants.pools.money import money
from tests import factories
from workflows.models import LogEntry

WORDS = "Vi laver 🎉 i gården\nog en fest for Zoë, Øjvind & <Åse>"
JSON = {"accept": "application/json"}


def saved(application):
    return Application.objects.get(pk=application.pk)


@pytest.fixture
def draft(application_at):
    return application_at("draft")


@pytest.fixture
def save(as_user, cast, path):
    """save(application, section, by=None, **typed): the browser saves one answer; its JSON."""

    def saving(application, section, by=None, seen=None, **typed):
        seen = saved(application).version if seen is None else seen
        return as_user(by or cast.asta).post(
            path(application, f"write/{section}/save"), typed | {"seen": seen}, headers=JSON
        )

    return saving


def asked_by(call, code, **told):
    return Question.objects.create(
        call=call, code=code, **({"text": "Hvad mangler I?", "text_en": "What do you lack?"} | told)
    )


# --- A page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("least, rows", [(1, 5), (4, 5), (7, 8)])
def test_there_are_rows_for_as_many_municipalities_as_the_call_wants(
    as_user, cast, draft, path, least, rows
):
    draft.call.least_municipalities = least
    draft.call.save()
    page = as_user(cast.asta).get(path(draft, "write/where")).content.decode()
    assert page.count('-municipality"') >= rows
    assert f'name="part-{rows - 1}-municipality"' in page
    assert f'name="part-{rows}-municipality"' not in page
    assert f"Up to {rows}." in page


@pytest.mark.parametrize(
    "section, empty",
    [
        ("idea", ["title", "summary", "activity", "starts_on", "ends_on"]),
        ("who", ["home"]),
        ("money", ["amount_applied_for", "least_workable", "line-1-text", "line-1-amount"]),
        ("where", ["part-0-municipality", "part-0-percent"]),
    ],
)
def test_a_draft_is_saved_with_anything_missing(as_user, cast, draft, typed, path, section, empty):
    answer = as_user(cast.asta).post(
        path(draft, f"write/{section}"), typed(draft, section, **dict.fromkeys(empty, ""))
    )
    assert answer.status_code == 302
    assert saved(draft).version == draft.version + 1


def test_saving_leads_to_the_next_section_and_at_last_to_the_check(
    as_user, cast, draft, typed, path
):
    browser, been = as_user(cast.asta), []
    section = "who"
    while section in ("who", "idea", "where", "money"):
        been.append(section)
        answer = browser.post(path(draft, f"write/{section}"), typed(draft, section))
        section = answer["Location"].rstrip("/").rpartition("/")[2]
    assert been == ["who", "idea", "where", "money"]
    assert section == "files"


def test_what_is_written_is_stored_as_written(as_user, cast, draft, typed, path):
    browser = as_user(cast.asta)
    browser.post(
        path(draft, "write/idea"), typed(draft, "idea", activity=WORDS.replace("\n", "\r\n"))
    )
    new = {"line-ab12-kind": "income", "line-ab12-text": "Kage 🍰", "line-ab12-amount": "2.500,50"}
    browser.post(
        path(draft, "write/money"),
        typed(draft, "money", amount_applied_for="12.500 kr.", **new),
    )
    assert saved(draft).activity == WORDS
    assert saved(draft).amount_applied_for == 12_500_00
    assert saved(draft).budget_lines.get(text="Kage 🍰").amount == 2_500_50


def test_what_is_right_is_saved_beside_what_is_wrong(as_user, cast, draft, typed, path):
    new = {"line-cd-kind": "expense", "line-cd-text": "Telt", "line-cd-amount": "ret dyrt"}
    answer = as_user(cast.asta).post(
        path(draft, "write/money"),
        typed(draft, "money", amount_applied_for="mange penge", least_workable="900", **new),
    )
    page = answer.content.decode()
    for kept in ["mange penge", "Telt", "ret dyrt", "900"]:
        assert kept in page
    assert 'href="#id_amount_applied_for"' in page
    assert 'href="#id_line-cd-amount"' in page
    assert saved(draft).amount_applied_for == 10_000_00
    assert saved(draft).least_workable == 900_00
    assert f'name="seen" value="{saved(draft).version}"' in page


@pytest.mark.parametrize(
    "section, wrong, sentence",
    [
        ("money", {"amount_applied_for": "0"}, "above zero"),
        ("money", {"least_workable": "99999"}, "more than you apply for"),
        ("idea", {"ends_on": "2026-07-01"}, "ends before it begins"),
        ("idea", {"activity": "x" * 3001}, "3000"),
        ("idea", {"title": "A\x00sta"}, "Null"),
        ("who", {"name": "x" * 10_000}, "140"),
        ("where", {"part-2-percent": "10"}, "Choose the municipality"),
        ("where", {"part-0-percent": "101"}, "100"),
        ("where", {"part-0-percent": "99", "part-1-percent": "99"}, "add up to 198"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_else_is_lost(
    as_user, cast, draft, typed, path, section, wrong, sentence
):
    browser = as_user(cast.asta)
    answer = browser.post(path(draft, f"write/{section}"), typed(draft, section, **wrong))
    said = answer if answer.status_code == 200 else browser.get(path(draft, "check"))
    assert sentence in said.content.decode()


def test_each_error_says_in_which_line_it_is(as_user, cast, draft, typed, path):
    wrong = {"line-ee-kind": "expense", "line-ee-amount": "x"}
    browser = as_user(cast.asta)
    page = browser.post(path(draft, "write/money"), typed(draft, "money", **wrong)).content.decode()
    assert 'href="#id_line-ee-amount"><strong>Expenses, line 5: Kroner' in page
    wrong = {"part-1-percent": "x"}
    page = browser.post(path(draft, "write/where"), typed(draft, "where", **wrong)).content.decode()
    assert 'href="#id_part-1-percent"><strong>Where it happens, line 2: Percent' in page


def test_nothing_is_cut_off_by_the_browser_and_limits_are_told(as_user, cast, draft, typed, path):
    browser = as_user(cast.asta)
    page = browser.get(path(draft, "write/idea")).content.decode()
    assert "maxlength" not in page
    for most in [100, 300, 1500, 3000]:
        assert f"At most {most} characters." in page
    browser.post(path(draft, "write/idea"), typed(draft, "idea", title="🎉" * 100))
    assert saved(draft).title == "🎉" * 100
    page = browser.post(path(draft, "write/idea"), typed(draft, "idea", title="🎉" * 101))
    assert "at most 100 characters (it has 101)" in page.content.decode()


def test_empty_percentages_share_what_is_left(as_user, cast, draft, typed, path, world):
    rows = {
        "part-0-percent": "",
        "part-1-percent": "",
        "part-2-municipality": str(world.places[2].pk),
        "part-2-percent": "49",
    }
    as_user(cast.asta).post(path(draft, "write/where"), typed(draft, "where", **rows))
    assert sorted(part.percent for part in draft.municipal_parts.all()) == [25, 26, 49]


def test_the_split_is_shown_in_kroner(as_user, cast, draft, path):
    page = as_user(cast.asta).get(path(draft, "write/where")).content.decode()
    assert money(6_700_00) in page
    assert money(3_300_00) in page


def test_a_municipality_twice_is_said(as_user, cast, draft, typed, path, world):
    twice = {"part-1-municipality": str(world.places[0].pk)}
    answer = as_user(cast.asta).post(path(draft, "write/where"), typed(draft, "where", **twice))
    assert "This municipality is there already" in answer.content.decode()


def test_the_pools_municipalities_come_first(as_user, cast, draft, path, world):
    Contribution.objects.filter(municipality=world.places[0]).delete()
    Municipality.objects.create(
        country="DK", code="0751", name="Aarhus", place=99, longitude=10, latitude=56
    )
    page = as_user(cast.asta).get(path(draft, "write/who")).content.decode()
    choices = page[page.index('id="id_home"') :]
    assert choices.index("Køge") < choices.index("Malmö") < choices.index("København")
    assert choices.index("København") < choices.index("Aarhus")


def test_an_emptied_line_of_the_budget_goes(as_user, cast, draft, typed, path):
    empty = {"line-1-text": "", "line-1-amount": ""}
    as_user(cast.asta).post(path(draft, "write/money"), typed(draft, "money", **empty))
    assert not draft.budget_lines.exists()


def test_text_that_comes_after_sending_is_shown_and_not_saved(as_user, cast, draft, typed, path):
    late = typed(draft, "idea", title="For sent")
    actions.submit(saved(draft), by=cast.asta)
    answer = as_user(cast.asta).post(path(draft, "write/idea"), late)
    assert "It has been sent in the meantime" in answer.content.decode()
    assert "For sent" in answer.content.decode()
    assert saved(draft).title == "Natteradio"


def test_who_has_applied_before_keeps_name_and_birth_date(as_user, cast, world, draft, typed, path):
    actions.submit(draft, by=cast.asta)
    second = factories.draft(world, cast.asta, who=draft.applicant)
    as_user(cast.asta).post(
        path(second, "write/who"),
        typed(second, "who", birth_date="2012-01-01", phone="12 12 12 12"),
    )
    applicant = Applicant.objects.get()
    assert applicant.birth_date == date(2004, 5, 17)
    assert applicant.phone == "12 12 12 12"


def test_a_municipality_that_nobody_knows_is_an_error_and_no_crash(
    as_user, cast, draft, typed, path, save
):
    browser = as_user(cast.asta)
    unknown = {"part-0-municipality": "999999"}
    assert (
        browser.post(path(draft, "write/where"), typed(draft, "where", **unknown)).status_code
        == 200
    )
    unknown |= {"part-0-percent": "100"}
    assert save(draft, "where", **unknown).status_code == 409
    far = {"part-0-municipality": "9" * 25, "part-0-percent": "100"}
    assert save(draft, "where", **far).json()["errors"]
    assert draft.municipal_parts.count() == 2


# --- An answer at a time ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "section, answer",
    [
        ("idea", {"title": "Ny titel"}),
        ("idea", {"activity": WORDS}),
        ("idea", {"is_public": "False"}),
        ("idea", {"starts_on": "2026-10-10"}),
        ("who", {"phone": "31 31 31 31"}),
        ("who", {"home": "1"}),
        ("where", {"part-0-municipality": "1", "part-0-percent": "100"}),
        ("money", {"least_workable": "1.000"}),
        (
            "money",
            {
                "line-77-kind": "income",
                "line-77-text": "Billetter",
                "line-77-amount": "2.000",
                "line-77-nature": "sales",
            },
        ),
        ("money", {"line-1-kind": "expense", "line-1-text": "", "line-1-amount": ""}),
    ],
)
def test_an_answer_is_saved_in_three_queries_one_of_them_compares_the_version(
    as_user, cast, draft, path, world, section, answer
):
    answer = {
        name: str(world.places[2].pk) if value == "1" else value for name, value in answer.items()
    }
    browser = as_user(cast.asta)
    version = saved(draft).version
    with CaptureQueriesContext(connection) as asked:
        browser.post(path(draft, f"write/{section}/save"), answer | {"seen": version}, headers=JSON)
    ours = [
        each["sql"]
        for each in asked.captured_queries
        if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))
        and "django_session" not in each["sql"]
        and 'FROM "applicants_user"' not in each["sql"]
    ]
    assert saved(draft).version == version + 1
    assert len(ours) <= 3
    assert sum(sql.startswith("UPDATE") and '"version" = ' in sql for sql in ours) == 1


def test_a_wrong_answer_is_not_saved_and_its_sentence_comes_back(draft, save):
    answer = save(draft, "money", amount_applied_for="mange penge").json()
    assert "Write an amount" in answer["errors"]["amount_applied_for"]
    assert answer["names"] == []
    assert saved(draft).amount_applied_for == 10_000_00


def test_half_a_line_is_kept_and_told_before_sending(as_user, cast, draft, save, path):
    half = {"line-99-kind": "expense", "line-99-text": "Lys", "line-99-amount": ""}
    assert save(draft, "money", **half).json()["names"] == ["line-99"]
    page = as_user(cast.asta).get(path(draft, "check")).content.decode()
    assert "A line of the budget lacks its amount" in page


def test_two_write_in_different_fields_and_both_are_saved(draft, save, cast):
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    version = draft.version
    save(draft, "idea", title="Astas titel", seen=version)
    save(draft, "idea", by=cast.bo, newness="Bos grund", seen=version)
    assert saved(draft).title == "Astas titel"
    assert saved(draft).newness == "Bos grund"


def test_two_write_in_one_field_and_the_second_is_shown_both(draft, save, cast):
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    version = draft.version
    save(draft, "idea", title="Astas titel", seen=version)
    answer = save(draft, "idea", by=cast.bo, title="Bos titel", seen=version).json()
    assert answer["elsewhere"] == {"title": "Astas titel"}
    assert saved(draft).title == "Astas titel"
    save(draft, "idea", by=cast.bo, title="Bos titel", seen=answer["version"])
    assert saved(draft).title == "Bos titel"


def test_without_javascript_the_page_shows_both(as_user, cast, draft, typed, path):
    mine = typed(draft, "idea", title="Min titel 🎺", newness="Min grund")
    actions.save_answers(saved(draft), by=cast.asta, given={"title": "Bos titel"})
    browser = as_user(cast.asta)
    page = browser.post(path(draft, "write/idea"), mine).content.decode()
    assert "Somebody else has changed this meanwhile" in page
    assert "Min titel 🎺" in page
    assert "Bos titel" in page
    assert saved(draft).title == "Bos titel"
    assert saved(draft).newness == "Min grund"
    browser.post(path(draft, "write/idea"), mine | {"seen": str(saved(draft).version)})
    assert saved(draft).title == "Min titel 🎺"


def test_the_other_sees_what_was_written_and_only_that(as_user, draft, save, cast, path):
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    version = draft.version
    save(draft, "idea", title="Astas titel")
    save(draft, "money", least_workable="1200")
    address = path(draft, "write/idea/changes") + f"?seen={version}"
    told = as_user(cast.bo).get(address).json()
    assert told["values"] == {"title": "Astas titel"}
    assert told["version"] == version + 2
    address = path(draft, "write/idea/changes") + f"?seen={told['version']}"
    assert as_user(cast.bo).get(address).json()["values"] == {}


def test_a_line_that_was_taken_away_is_told(as_user, draft, save, cast, path):
    version = draft.version
    save(draft, "money", **{"line-1-kind": "expense", "line-1-text": "", "line-1-amount": ""})
    address = path(draft, "write/money/changes") + f"?seen={version}"
    assert as_user(cast.asta).get(address).json()["values"] == {"line-1": None}


def test_after_sending_nothing_is_saved_and_the_sentence_says_so(draft, save, cast):
    actions.submit(saved(draft), by=cast.asta)
    answer = save(draft, "idea", title="For sent")
    assert answer.status_code == 409
    assert "sent in the meantime" in answer.json()["sentence"]


def test_lines_without_end_are_refused_and_nothing_else_is(draft, save):
    Application.objects.filter(pk=draft.pk).update(
        versions={f"line-{number}": 1 for number in range(400)}
    )
    line = {"line-new-kind": "expense", "line-new-text": "Mere", "line-new-amount": "1"}
    assert save(draft, "money", **line).status_code == 409
    assert save(draft, "idea", title="Ny").json()["names"] == ["title"]


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40])
def test_a_version_that_is_no_number_is_none(draft, save, seen):
    assert save(draft, "idea", title="Ny", seen=seen).status_code == 200


# --- Who may ------------------------------------------------------------------------------------


def test_a_team_member_writes_too(draft, save, cast):
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    save(draft, "idea", by=cast.bo, title="Bos titel")
    assert saved(draft).title == "Bos titel"


@pytest.mark.parametrize("who", ["helper", "reader", "stranger", "caseworker"])
def test_others_do_not_write(as_user, cast, draft, save, path, who):
    user = {"stranger": cast.cille, "caseworker": cast.frida}.get(who, cast.bo)
    if user == cast.bo:
        TeamMember.objects.create(
            application=draft, user=user, name="Bo", is_helper=who == "helper", can_write=False
        )
    assert save(draft, "idea", by=user, title="Min").status_code == 404
    assert as_user(user).get(path(draft, "write/idea")).status_code == 404
    assert as_user(user).get(path(draft, "write/idea/changes")).status_code == 404
    assert saved(draft).title == "Natteradio"


def test_one_who_left_the_team_between_reading_and_saving_does_not_write(draft, cast):
    member = TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    row = saved(draft)
    member.delete()
    with pytest.raises(actions.Refusal):
        actions.save_answers(row, by=cast.bo, given={"title": "Bos"})
    assert saved(draft).title == "Natteradio"


def test_only_the_sections_that_were_asked_about_are_open(
    as_user, cast, application_at, save, path
):
    application = application_at("incomplete")
    InformationRequest.objects.update(sections=["money"])
    browser = as_user(cast.asta)
    assert browser.get(path(application, "write/money")).status_code == 200
    assert browser.get(path(application, "write/idea")).status_code == 404
    assert save(application, "idea", title="Ny").status_code == 404
    assert save(application, "money", least_workable="1200").status_code == 200
    page = browser.get(path(application)).content.decode()
    assert path(application, "write/money") in page
    assert path(application, "write/idea") not in page


# --- What the call itself asks ------------------------------------------------------------------


def test_a_call_without_questions_has_no_page_for_them(as_user, cast, draft, path):
    assert "write/more" not in as_user(cast.asta).get(path(draft)).content.decode()


def test_an_answer_stays_with_the_version_that_was_asked(as_user, cast, world, draft, save, path):
    first = asked_by(world.call, "lack")
    save(draft, "more", **{"own-lack": "En scene 🎸"})
    actions.submit(saved(draft), by=cast.asta)
    asked_by(world.call, "lack", version=2, text="Noget andet?", text_en="Something else?")
    assert saved(draft).own_answers == {"lack": {"question": first.pk, "value": "En scene 🎸"}}
    page = as_user(cast.asta).get(path(draft)).content.decode()
    assert "What do you lack?" in page
    assert "En scene 🎸" in page
    assert "Something else?" not in page


def test_a_question_that_has_to_be_answered_keeps_it_from_being_sent(
    as_user, cast, world, draft, save, path
):
    asked_by(world.call, "lack", is_required=True)
    browser = as_user(cast.asta)
    assert "Answer “What do you lack?”" in browser.get(path(draft, "check")).content.decode()
    browser.post(path(draft, "submit"))
    assert saved(draft).status == "draft"
    save(draft, "more", **{"own-lack": "Intet"})
    browser.post(path(draft, "submit"))
    assert saved(draft).status == "submitted"


def test_a_question_on_a_condition_is_wanted_only_when_it_holds(
    as_user, cast, world, draft, save, path
):
    asked_by(world.call, "stage", kind="choice", options=[["y", "Ja", "Yes"], ["n", "Nej", "No"]])
    asked_by(
        world.call,
        "size",
        position=2,
        is_required=True,
        ask_if="stage",
        ask_if_answer="y",
        text="Hvor stor?",
        text_en="How big?",
    )
    browser = as_user(cast.asta)
    assert "How big?" not in browser.get(path(draft, "check")).content.decode()
    save(draft, "more", **{"own-stage": "y"})
    assert "How big?" in browser.get(path(draft, "check")).content.decode()
    save(draft, "more", **{"own-size": "Ret stor"})
    save(draft, "more", **{"own-stage": "n"})
    assert "Ret stor" not in browser.get(path(draft, "check")).content.decode()


@pytest.mark.parametrize(
    "kind, typed_in, stored",
    [
        ("text", "Ja 🎸", "Ja 🎸"),
        ("long", "To\r\nlinjer", "To\nlinjer"),
        ("number", "40", 40),
        ("date", "2026-11-21", "2026-11-21"),
        ("choice", "b", "b"),
        ("several", ["a", "b"], ["a", "b"]),
    ],
)
def test_each_kind_of_answer_is_stored_plainly_and_read_again(
    as_user, cast, world, draft, save, path, kind, typed_in, stored
):
    asked_by(world.call, "q", kind=kind, options=[["a", "Æble", "Apple"], ["b", "Bær", "Berry"]])
    save(draft, "more", **{"own-q": typed_in})
    assert saved(draft).own_answers["q"]["value"] == stored
    browser = as_user(cast.asta)
    assert browser.get(path(draft, "write/more")).status_code == 200
    assert browser.get(path(draft, "check")).status_code == 200


@pytest.mark.parametrize(
    "kind, wrong",
    [("number", "mange"), ("date", "i morgen"), ("choice", "z"), ("text", "x" * 1001)],
)
def test_a_wrong_answer_to_the_calls_own_question_is_said(world, draft, save, kind, wrong):
    asked_by(world.call, "q", kind=kind, options=[["a", "Æble", "Apple"]])
    assert save(draft, "more", **{"own-q": wrong}).json()["errors"]["own-q"]
    assert saved(draft).own_answers == {}


def test_no_tick_is_an_answer_when_the_boxes_were_shown(world, draft, save):
    asked_by(world.call, "q", kind="several", options=[["a", "Æble", "Apple"]])
    save(draft, "more", **{"own-q": ["a"]})
    save(draft, "more", **{"own-q-shown": "yes"})
    assert saved(draft).own_answers["q"]["value"] == []


# --- What it costs ------------------------------------------------------------------------------


def test_a_page_asks_no_more_however_long_the_budget(
    as_user, cast, draft, path, django_assert_max_num_queries
):
    browser = as_user(cast.asta)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            browser.get(path(draft, "write/money"))
        return len(queries)

    few = asked()
    actions.save_answers(
        saved(draft),
        by=cast.asta,
        given={
            f"line-x{number}": {"kind": "expense", "text": "Te", "amount": 100, "nature": ""}
            for number in range(30)
        },
    )
    assert asked() == few


@pytest.mark.parametrize(
    "section, answer",
    [
        ("idea", {"title": "Sikker\u202egpj.exe"}),
        ("who", {"name": "Asta\x00Holm"}),
        ("money", {"line-9-kind": "expense", "line-9-text": "Telt\u2066", "line-9-amount": "9"}),
    ],
)
def test_what_hides_or_turns_a_line_of_text_is_refused_in_words(draft, save, section, answer):
    told = save(draft, section, **answer).json()
    assert told["errors"]
    assert told["names"] == []


def test_only_who_applies_writes_who_that_is(as_user, cast, draft, save, path):
    """It counts in all cases of the applicant, its protected address too."""
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    Applicant.objects.update(is_protected=True)
    assert save(draft, "who", by=cast.bo, is_protected="False").status_code == 404
    with pytest.raises(actions.Refusal):
        actions.save_answers(saved(draft), by=cast.bo, given={"street": "Bos vej 1"})
    assert save(draft, "who", is_protected="False").json()["names"] == ["is_protected"]
    said = LogEntry.objects.get(stream=draft.stream, event="protection_said")
    assert said.facts == {"is_protected": False}


def test_what_was_judged_about_who_applies_stays_when_more_is_asked_for(cast, application_at, save):
    application = application_at("incomplete")
    save(application, "who", birth_date="1999-01-01", kind="association", phone="12 12 12 12")
    applicant = Applicant.objects.get()
    assert (applicant.kind, applicant.birth_date) == ("person", date(2004, 5, 17))
    assert applicant.phone == "12 12 12 12"
