"""A pool administrator sets up a call: its rules, its questions, and whom one can ask."""

import pytest
from django.urls import reverse

from applicants.models import User
from grants.pools.admin_forms import QuestionForm
from grants.pools.models import Call, Question
from workflows.models import LogEntry

CRITERION = ("name", "name_en", "text", "text_en", "weight", "scale", "scale_en")
EMPTY = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}


@pytest.fixture
def root(world, client):
    client.force_login(User.objects.create_superuser("root@example.org", name="Root"))
    return client


def inline(prefix, *rows, initial=0):
    told = {"TOTAL_FORMS": len(rows), "INITIAL_FORMS": initial}
    told |= {f"{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}
    return {f"{prefix}-{name}": value for name, value in told.items()}


def as_it_stands(root, call):
    """What the form of the call would send if nothing was touched."""
    page = root.get(reverse("admin:grants_call_change", args=[call.pk]))
    form = page.context["adminform"].form
    told = {name: form[name].value() for name in form.fields}
    told = {name: value for name, value in told.items() if value is not None and value is not False}
    told |= {
        "opens_at_0": "2026-01-01",
        "opens_at_1": "09:00",
        "closes_at_0": "2026-06-01",
        "closes_at_1": "12:00",
    }
    kept = [
        {"id": each.pk, "call": call.pk, "position": each.position}
        | {name: getattr(each, name) for name in CRITERION}
        for each in call.criteria.all()
    ]
    return told | inline("criteria", *kept, initial=len(kept)) | inline("black_outs")


def save(root, call, **changed):
    return root.post(
        reverse("admin:grants_call_change", args=[call.pk]), as_it_stands(root, call) | changed
    )


def errors(page):
    return page.context["adminform"].form.errors


def test_the_rules_of_a_call_are_set_in_its_form(root, world):
    changed = {
        "age_to": "25",
        "kinds": ["group", "association"],
        "residence": "either",
        "days_before_start": "14",
        "awards_per_year": "1",
        "greatest_budget": "30.000",
        "greatest_amount": "10.000 kr.",
        "must_be_public": "on",
        "least_municipalities": "2",
    }
    days = {"starts_on": "2026-07-01", "ends_on": "2026-07-31", "reason": "Lukket"}
    answer = save(
        root, world.call, **changed, **inline("black_outs", days | {"reason_en": "Closed"})
    )
    assert answer.status_code == 302
    call = Call.objects.get(pk=world.call.pk)
    assert (call.age_to, call.kinds, call.residence) == (25, ["group", "association"], "either")
    assert (call.greatest_budget, call.greatest_amount) == (30_000_00, 10_000_00)
    assert (call.days_before_start, call.awards_per_year, call.least_municipalities) == (14, 1, 2)
    assert (call.must_be_public, call.black_outs.get().reason_en) == (True, "Closed")


def test_what_was_not_touched_is_not_logged_as_changed(root, world):
    save(root, world.call)
    save(root, world.call, age_to="25")
    entry = LogEntry.objects.filter(stream=world.pool.stream, event="set_up").last()
    assert entry.facts["fields"] == ["age_to"]
    call = Call.objects.get(pk=world.call.pk)
    assert (call.budget, call.least_amount) == (world.call.budget, world.call.least_amount)


@pytest.mark.parametrize(
    "field, changed",
    [
        ("age_to", {"age_from": "26", "age_to": "25"}),
        ("greatest_amount", {"least_amount": "500", "greatest_amount": "400"}),
        ("greatest_budget", {"least_amount": "500", "greatest_budget": "400"}),
        ("greatest_amount", {"greatest_amount": "plenty"}),
        ("closes_at", {"closes_at_0": "2025-01-01"}),
        ("awards_per_year", {"awards_per_year": "0"}),
        ("kinds", {"kinds": []}),
        ("least_municipalities", {"least_municipalities": "21"}),
        ("kinds", {"kinds": ["cat"]}),
        ("slug", {"slug": "not an address"}),
    ],
)
def test_a_call_that_nobody_could_apply_to_is_not_saved(root, world, field, changed):
    page = save(root, world.call, **changed)
    assert list(errors(page)) == [field]


def test_a_residence_wants_municipalities(root, world):
    world.pool.contributions.all().delete()
    page = save(root, world.call, residence="home")
    assert "No municipality pays into the pool yet" in str(errors(page)["residence"])


def test_a_black_out_that_ends_before_it_begins_is_told(root, world):
    days = {"starts_on": "2026-07-31", "ends_on": "2026-07-01", "reason": "a", "reason_en": "b"}
    page = save(root, world.call, **inline("black_outs", days))
    assert b"It ends before it begins" in page.content


def test_consultants_and_examples_are_set_up_with_the_pool(root, world):
    page = root.get(reverse("admin:grants_pool_change", args=[world.pool.pk]))
    form = page.context["adminform"].form
    told = {name: form[name].value() or "" for name in form.fields}
    place = world.places[1].pk
    answer = root.post(
        reverse("admin:grants_pool_change", args=[world.pool.pk]),
        told
        | inline("contributions")
        | inline("consultants", {"municipality": place, "name": "Kim", "email": "kim@example.org"})
        | inline(
            "examples",
            {"title": "Natbio", "text": "Film.", "text_en": "Films.", "amount": "12.500,50"}
            | {"municipality": place, "year": 2025},
        ),
    )
    assert answer.status_code == 302
    assert world.pool.consultants.get().name == "Kim"
    assert world.pool.examples.get().amount == 12_500_50


# --- questions ------------------------------------------------------------------------------------


def question(world, code="transport", **columns):
    told = {"kind": "text", "text": "Hvordan?", "text_en": "How?"}
    return Question.objects.create(call=world.call, code=code, **(told | columns))


def form(world, instance=None, **told):
    given = {"call": world.call.pk, "code": "transport", "kind": "text", "position": 1}
    given |= {"text": "Hvordan?", "text_en": "How?", "most": 300}
    return QuestionForm(given | told, instance=instance)


CHOICES = "bus | Med bus | By bus\nbike | På cykel | By bike"


def test_a_question_with_options_is_written_one_a_line(root, world):
    given = {"call": world.call.pk, "code": "transport", "kind": "choice", "position": 1}
    given |= {"text": "Hvordan?", "text_en": "How?", "most": 300, "typed_options": CHOICES + "\n\n"}
    assert root.post(reverse("admin:grants_question_add"), given).status_code == 302
    written = Question.objects.get()
    assert written.options == [["bus", "Med bus", "By bus"], ["bike", "På cykel", "By bike"]]
    assert LogEntry.objects.filter(stream=world.pool.stream, event="set_up").exists()


def test_a_changed_question_is_a_new_version_and_the_old_one_stays(root, world):
    old = question(world, kind="choice", options=[["a", "A", "A"], ["b", "B", "B"]])
    page = reverse("admin:grants_question_change", args=[old.pk])
    given = {"kind": "choice", "text": "Hvordan så?", "text_en": "How?", "most": 1000}
    given |= {"position": 1, "typed_options": "a | A | A\nb | B | B"}
    assert root.post(page, given).status_code == 302
    assert [(each.version, each.text) for each in Question.objects.order_by("version")] == [
        (1, "Hvordan?"),
        (2, "Hvordan så?"),
    ]
    told = root.get(reverse("admin:grants_question_changelist")).context["cl"].result_list
    assert [each.version for each in told] == [2]


def test_a_question_that_was_not_touched_gets_no_new_version(root, world):
    old = question(world, kind="choice", options=[["a", "A", "A"], ["b", "B", "B"]])
    page = reverse("admin:grants_question_change", args=[old.pk])
    shown = root.get(page).context["adminform"].form
    given = {name: shown[name].value() for name in shown.fields}
    given = {
        name: value for name, value in given.items() if value is not None and value is not False
    }
    assert root.post(page, given).status_code == 302
    assert Question.objects.count() == 1


def test_a_question_is_retired_by_a_new_version(root, world):
    old = question(world)
    page = reverse("admin:grants_question_change", args=[old.pk])
    given = {"kind": "text", "text": "Hvordan?", "text_en": "How?", "most": 1000, "position": 1}
    root.post(page, given | {"is_retired": "on"})
    assert [each.is_retired for each in Question.objects.order_by("version")] == [False, True]


def test_an_old_version_cannot_be_changed_again(root, world):
    old = question(world)
    question(world, version=2)
    page = reverse("admin:grants_question_change", args=[old.pk])
    assert root.get(page).status_code == 302


@pytest.mark.parametrize(
    "field, told",
    [
        ("code", {"code": "kind"}),
        ("code", {"code": "two words"}),
        ("code", {"code": "there"}),
        ("typed_options", {"kind": "choice", "typed_options": ""}),
        ("typed_options", {"kind": "choice", "typed_options": "bus | Med bus | By bus"}),
        ("typed_options", {"kind": "several", "typed_options": CHOICES + "\ncar | I bil"}),
        (
            "typed_options",
            {"kind": "several", "typed_options": CHOICES + "\nBIL! | I bil | By car"},
        ),
        ("typed_options", {"kind": "choice", "typed_options": CHOICES + "\nbus | Igen | Again"}),
        ("typed_options", {"kind": "text", "typed_options": CHOICES}),
        ("ask_if", {"ask_if": "nowhere", "ask_if_answer": "yes"}),
        ("ask_if", {"ask_if": "transport", "ask_if_answer": "yes"}),
        ("ask_if", {"ask_if_answer": "yes"}),
        ("ask_if_answer", {"ask_if": "is_public"}),
        ("ask_if_answer", {"ask_if": "is_public", "ask_if_answer": "perhaps"}),
        ("ask_if_answer", {"ask_if": "kind", "ask_if_answer": "cat"}),
        ("ask_if_answer", {"ask_if": "art_form", "ask_if_answer": "cooking"}),
        ("ask_if_answer", {"ask_if": "there", "ask_if_answer": "c"}),
    ],
)
def test_a_question_that_could_not_be_answered_is_not_saved(world, field, told):
    question(world, "there", kind="choice", options=[["a", "A", "A"], ["b", "B", "B"]])
    assert list(form(world, **told).errors) == [field]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"kind": "choice", "typed_options": CHOICES},
        {"ask_if": "is_public", "ask_if_answer": "yes"},
        {"ask_if": "kind", "ask_if_answer": "group"},
        {"ask_if": "art_form", "ask_if_answer": "music"},
        {"ask_if": "there", "ask_if_answer": "a"},
        {"ask_if": "free", "ask_if_answer": "anything"},
    ],
)
def test_a_question_that_can_be_answered_is_saved(world, told):
    question(world, "there", kind="choice", options=[["a", "A", "A"], ["b", "B", "B"]])
    question(world, "free")
    assert form(world, **told).errors == {}


def test_two_questions_do_not_wait_for_each_other(world):
    first = question(world, "first")
    question(world, "second", ask_if="first", ask_if_answer="x")
    told = {"code": "first", "ask_if": "second", "ask_if_answer": "x"}
    assert list(form(world, instance=first, **told).errors) == ["ask_if"]


def test_a_question_that_another_waits_for_is_not_retired(world):
    first = question(world, "first")
    question(world, "second", ask_if="first", ask_if_answer="x")
    told = {"code": "first", "is_retired": "on"}
    assert "second" in str(form(world, instance=first, **told).errors["is_retired"])


def test_a_retired_question_can_be_asked_about_no_more(world):
    question(world, "gone")
    question(world, "gone", version=2, is_retired=True)
    assert list(form(world, ask_if="gone", ask_if_answer="x").errors) == ["ask_if"]
