"""Writing an application on a phone, on a bad network, and two at a time."""

import random
import re
import time
from datetime import timedelta

import pytest
from django.core import mail as mailbox

from grants.applications.models import Application, TeamMember
from grants.pools.models import Question
from grants.pools.money import money, ore
from tests import factories
from tests.journeys.conftest import PHONE
from tests.journeys.seeing import DESKTOP, nothing_is_wrong
from workflows import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_now(world):
    """The call is open at this very moment: the server has its own clock."""
    world.call.opens_at = clock.now() - timedelta(days=1)
    world.call.closes_at = clock.now() + timedelta(days=30)
    world.call.answer_by = clock.today() + timedelta(days=60)
    world.call.save()
    return world.call


@pytest.fixture
def draft(world, cast, open_now):
    begins = clock.today() + timedelta(days=60)
    return factories.draft(
        world, cast.asta, at=clock.now(), starts_on=begins, ends_on=begins + timedelta(days=9)
    )


def saved(application):
    return Application.objects.get(pk=application.pk)


def go_to(page, application, section, question=""):
    anchor = f"#{question}" if question else ""
    page.goto(f"/applications/{application.reference}/write/{section}/{anchor}")


def until(holds):
    """Asks again until it holds; the server and the browser take their time."""
    give_up_at = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def is_saved(page):
    """The server has acknowledged all that was typed: the browser keeps none of it any more."""
    until(lambda: page.evaluate("Object.keys(localStorage).length") == 0)


def go_on(page):
    page.get_by_role("button", name="Save and go on", exact=True).click()


def next_question(page):
    page.get_by_role("button", name="Next question").tap()


@pytest.fixture
def visitor(chromium, live_server):
    """A phone that nobody has logged in on."""
    context = chromium.new_context(base_url=live_server.url, viewport=PHONE, has_touch=True)
    context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_from_the_front_page_to_sent_with_touch_and_keyboard(visitor, world, open_now):
    """Slow: everything that somebody new does, one question at a time."""
    page = visitor
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Read more")).first.tap()
    page.get_by_role("link", name="Begin application").first.tap()
    _begin(page)
    _tell_the_idea(page)
    _say_where(page)
    _say_what_it_costs(page)
    _send(page)

    application = Application.objects.get()
    assert application.status == "submitted"
    assert application.title == "Natteradio 🎧"
    assert application.least_workable == 5_000_00
    lines = application.budget_lines.values_list("text", "amount")
    assert set(lines) == {("Udstyr", 9_000_50), ("Kage 🍰", 999_50)}


def _begin(page):
    page.get_by_label("Title").tap()
    page.keyboard.type("Natteradio 🎧")
    page.get_by_label("The idea in short").tap()
    page.keyboard.type("Radio om natten.")
    page.get_by_label("One person").tap()
    page.get_by_label("Name", exact=True).tap()
    page.keyboard.type("Nova Lind")
    page.get_by_label("Birth date").fill("2004-06-01")
    go_on(page)
    page.get_by_label("Your e-mail address").tap()
    page.keyboard.type("nova@example.org")
    page.keyboard.press("Enter")
    page.get_by_label("The code in the mail").tap()
    page.keyboard.type(re.search("[A-Z]{4}-[A-Z]{4}", mailbox.outbox[-1].body).group())
    page.keyboard.press("Enter")
    page.wait_for_url("**/write/idea/")


def _tell_the_idea(page):
    page.get_by_text("Question 1 of 9").wait_for()
    assert page.get_by_label("The idea in short").is_hidden()
    page.get_by_label("Title").tap()
    page.keyboard.press("Enter")  # the next question, not the next page
    page.get_by_text("Question 2 of 9").wait_for()
    page.get_by_label("The idea in short").tap()
    page.keyboard.press("End")
    page.keyboard.type(" Fra et vaskeri.")
    page.get_by_text("Characters left: 268").wait_for()
    next_question(page)
    page.get_by_label("Art form").select_option(label="Media arts")
    next_question(page)
    for text in ["Otte udsendelser.", "Alle under 25."]:
        page.locator("[data-is-current] textarea").tap()
        page.keyboard.type(text)
        next_question(page)
    page.get_by_label("Yes").tap()
    next_question(page)
    page.locator("[data-is-current] textarea").tap()
    page.keyboard.type("Der er ingen natteradio.")
    next_question(page)
    page.go_back()  # Back is the question before
    page.get_by_text("Question 7 of 9").wait_for()
    next_question(page)
    begins = clock.today() + timedelta(days=60)
    page.get_by_label("Begins").fill(begins.isoformat())
    next_question(page)
    page.get_by_label("Ends").fill((begins - timedelta(days=1)).isoformat())
    go_on(page)
    page.get_by_role("alert").get_by_text("It ends before it begins").wait_for()
    page.get_by_text("Question 9 of 9").wait_for()  # the one that is wrong
    page.get_by_label("Ends").fill((begins + timedelta(days=20)).isoformat())
    go_on(page)
    page.wait_for_url("**/write/where/**")


def _say_where(page):
    next_question(page)
    page.get_by_label("Municipality").first.select_option(label="København")
    go_on(page)
    page.wait_for_url("**/write/money/**")


def _say_what_it_costs(page):
    page.get_by_label("How much you apply for").tap()
    page.keyboard.type("10.000")
    next_question(page)
    page.get_by_label("The least that still works").tap()
    page.keyboard.type("fem tusind")
    next_question(page)
    page.get_by_label("What", exact=True).first.tap()
    page.keyboard.type("Udstyr")
    page.get_by_label("Kroner", exact=True).first.tap()
    page.keyboard.type("9.000,50")
    page.get_by_text("There is too much").wait_for()
    page.get_by_role("button", name="Add an expense").tap()
    page.keyboard.type("Kage 🍰")
    page.get_by_label("Kroner", exact=True).nth(1).tap()
    page.keyboard.type("999,50")
    page.get_by_text("It balances.").wait_for()
    go_on(page)
    page.get_by_text("Question 2 of 3").wait_for()  # what is written wrongly there stops it
    wrong = page.get_by_label("The least that still works")
    assert wrong.get_attribute("aria-invalid") == "true"
    nothing_is_wrong(page)
    wrong.fill("5000")
    is_saved(page)
    assert page.locator(".field__error").count() == 0
    next_question(page)
    go_on(page)
    page.wait_for_url("**/files/**")


def _send(page):
    page.get_by_role("link", name="I am done with the files").tap()
    page.get_by_role("link", name="Choose the municipality you live in.").tap()
    page.get_by_label("The municipality you live in").select_option(label="Køge")
    is_saved(page)
    page.goto(re.sub("/write/.*", "/check/", page.url))
    page.get_by_role("button", name="Send application").tap()
    page.get_by_role("heading", name="We have your application").wait_for()
    nothing_is_wrong(page)


def test_losing_the_network_loses_nothing(person, cast, draft):
    """Slow: a phone that is offline, and a tab that is closed meanwhile."""
    page = person(cast.asta)
    go_to(page, draft, "idea", "id_activity")
    page.get_by_label("What will happen").fill("Før. ")
    is_saved(page)
    page.context.set_offline(True)
    page.get_by_text("No connection.").wait_for()
    page.get_by_label("What will happen").press_sequentially("Uden net 🚌.")
    go_to_question(page, "id_audience")
    page.get_by_label("Who it is for").fill("Alle i bussen.")
    page.context.set_offline(False)
    is_saved(page)
    assert saved(draft).activity == "Før. Uden net 🚌."
    assert saved(draft).audience == "Alle i bussen."

    page.context.set_offline(True)
    page.get_by_label("Who it is for").fill("Skrevet før lukketid.")
    go_to_question(page, "id_title")
    page.get_by_label("Title").fill("Bussen")
    page.close()
    assert saved(draft).title == "Natteradio"
    page.context.set_offline(False)
    again = page.context.new_page()
    go_to(again, draft, "where")  # another page of the draft sends it too
    is_saved(again)
    assert saved(draft).title == "Bussen"
    assert saved(draft).audience == "Skrevet før lukketid."


def go_to_question(page, anchor):
    page.evaluate("anchor => { location.hash = anchor }", anchor)


def test_who_logs_in_again_finds_what_was_typed_and_nobody_else_does(person, cast, draft):
    """Slow: a login that ends while somebody writes."""
    page = person(cast.asta)
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    go_to(page, draft, "idea")
    ended = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_label("Title").fill("Skrevet uden at være logget ind")
    page.get_by_text("You have been logged out.").wait_for()
    assert page.get_by_role("link", name="Log in", exact=True).is_visible()
    nothing_is_wrong(page)

    theirs = person(cast.bo).context.cookies()
    page.context.add_cookies(theirs)
    go_to(page, draft, "idea")
    page.wait_for_load_state("networkidle")
    assert page.get_by_label("Title").input_value() == "Natteradio"
    assert saved(draft).title == "Natteradio"

    page.context.add_cookies(ended)
    go_to(page, draft, "idea")
    page.get_by_text("You wrote this here earlier").wait_for()
    is_saved(page)
    assert saved(draft).title == "Skrevet uden at være logget ind"

    page.context.set_offline(True)
    page.get_by_label("Title").fill("Ikke sendt")
    page.context.set_offline(False)
    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    page.wait_for_url(lambda url: "/applications/" not in url)
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_two_who_write_at_once_see_each_other_and_lose_nothing(person, cast, draft):
    """Slow: two browsers, and the seconds until one asks again."""
    TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
    asta, bo = person(cast.asta, color_scheme="dark"), person(cast.bo, viewport=DESKTOP)
    go_to(asta, draft, "idea")
    go_to(bo, draft, "idea")
    bo.get_by_label("The idea in short").fill("Bos korte udgave.")
    is_saved(bo)
    asta.get_by_label("Title").fill("Astas titel")
    is_saved(asta)
    go_to_question(asta, "id_summary")
    asta.get_by_text("Somebody else on the team has just written here.").wait_for()
    assert asta.get_by_label("The idea in short").input_value() == "Bos korte udgave."

    asta.context.set_offline(True)
    go_to_question(asta, "id_newness")
    asta.get_by_label("Why it is new").fill("Astas grund.")
    bo.get_by_label("Why it is new").fill("Bos grund.")
    is_saved(bo)
    asta.context.set_offline(False)
    both = asta.get_by_role("group", name="Somebody else has changed this meanwhile.")
    both.wait_for()
    assert both.get_by_text("Bos grund.").is_visible()
    assert both.get_by_text("Astas grund.").is_visible()
    assert saved(draft).newness == "Bos grund."
    nothing_is_wrong(asta)
    asta.get_by_role("button", name="Use yours").click()
    is_saved(asta)
    assert saved(draft).newness == "Astas grund."

    go_to(asta, draft, "money", "lines")
    go_to(bo, draft, "money")
    bo.get_by_role("button", name="Add an expense").click()
    bo.keyboard.type("Bos telt")
    bo.get_by_label("Kroner", exact=True).nth(1).fill("2000")
    bo.get_by_label("Kroner", exact=True).nth(1).blur()
    is_saved(bo)
    asta.get_by_text("Money is lacking").wait_for()
    texts = asta.get_by_label("What", exact=True)
    assert "Bos telt" in [each.input_value() for each in texts.all()]


def test_an_answer_that_is_lost_on_its_way_is_no_conflict(person, cast, draft):
    """Slow: a network that takes what is sent, and loses what comes back."""
    page = person(cast.asta)
    lost = []

    def lose(route):
        if len(lost) % 2:
            route.continue_()
        else:
            route.fetch()
            route.abort()
        lost.append(route.request.post_data)

    page.route("**/save/", lose)
    go_to(page, draft, "idea")
    with page.expect_event("requestfailed"):
        page.get_by_label("Title").fill("Ét")
    page.get_by_label("Title").press_sequentially(" ord til")
    is_saved(page)
    go_to(page, draft, "money", "lines")
    page.get_by_label("Kroner", exact=True).first.fill("9000")
    is_saved(page)
    assert len(lost) >= 4
    assert page.locator(".both").count() == 0
    assert saved(draft).title == "Ét ord til"
    assert saved(draft).budget_lines.get().amount == 9_000_00


def test_what_is_typed_before_the_script_has_come_is_saved_too(person, cast, draft):
    """Slow: a network on which the page is there before its scripts."""
    page = person(cast.asta)
    waiting = []
    page.route("**/writing.js", lambda route: waiting.append(route))
    page.goto(f"/applications/{draft.reference}/write/idea/", wait_until="commit")
    page.get_by_label("Title").fill("Hurtige fingre")
    waiting.pop().continue_()
    page.get_by_text("Saved at").wait_for()
    assert saved(draft).title == "Hurtige fingre"


def test_a_question_that_depends_on_another_comes_and_goes(person, cast, draft):
    """Slow: a browser."""
    asked = {"call": draft.call, "kind": Question.Kind.CHOICE, "help_en": ""}
    Question.objects.create(
        **asked,
        code="food",
        text="Mad?",
        text_en="Is there food?",
        options=[["yes", "Ja", "Yes"], ["no", "Nej", "No"]],
    )
    Question.objects.create(
        call=draft.call,
        code="who",
        position=2,
        text="Hvem?",
        text_en="Who cooks?",
        ask_if="food",
        ask_if_answer="yes",
    )
    page = person(cast.asta)
    go_to(page, draft, "more")
    page.get_by_text("Question 1 of 1").wait_for()
    page.get_by_label("Is there food?").select_option(label="Yes")
    page.get_by_text("Question 1 of 2").wait_for()
    page.get_by_role("button", name="Next question").click()
    page.get_by_label("Who cooks?").fill("Bo")
    is_saved(page)
    assert saved(draft).own_answers["who"]["value"] == "Bo"


def test_only_what_is_asked_about_can_be_changed(person, cast, draft):
    """Slow: a browser, from the question to the answer."""
    factories.applications.submit(draft, by=cast.asta)
    factories.applications.ask_for_more(
        Application.objects.get(pk=draft.pk),
        by=cast.frida,
        question="Hvor meget koster udstyret?",
        answer_by=clock.today() + timedelta(days=7),
        sections=["money"],
    )
    page = person(cast.asta)
    page.goto(f"/applications/{draft.reference}/resubmit/")
    page.get_by_text("Hvor meget koster udstyret?").wait_for()
    page.get_by_role("link", name="Change the application").click()
    page.wait_for_url("**/write/money/**")
    assert page.get_by_role("link", name="The idea").count() == 0
    assert page.request.get(f"/applications/{draft.reference}/write/idea/").status == 404
    go_to_question(page, "lines")
    page.get_by_label("Kroner", exact=True).first.fill("9.000")
    page.get_by_label("Kroner", exact=True).first.blur()
    page.get_by_text("There is too much").wait_for()
    page.get_by_label("Kroner", exact=True).first.fill("10000")
    page.get_by_label("What", exact=True).first.fill("Brugt udstyr")
    go_on(page)
    page.get_by_role("link", name="Answer and send again").click()
    page.get_by_label("Your answer").fill("Det er brugt, så 10.000.")
    page.get_by_role("button", name="Send again").click()
    page.get_by_text("Thank you. Your answer is sent.").wait_for()
    assert saved(draft).status == "submitted"
    assert saved(draft).budget_lines.get().text == "Brugt udstyr"


LOOKS = [
    *[("da", scheme, size) for scheme in ("light", "dark") for size in ("phone", "wide")],
    *[(language, "light", "phone") for language in ("en", "sv", "nb")],
]


@pytest.mark.parametrize("language, scheme, size", LOOKS)
def test_nothing_is_in_the_way_on_any_page(person, cast, draft, language, scheme, size):
    """Slow: every page of writing, looked through by axe."""
    options = {"viewport": DESKTOP} if size == "wide" else {}
    page = person(cast.asta, language=language, color_scheme=scheme, **options)
    for section in ["who", "idea", "where", "money"]:
        go_to(page, draft, section)
        nothing_is_wrong(page)
    page.goto(f"/applications/{draft.reference}/check/")
    nothing_is_wrong(page)


def test_money_is_read_and_written_as_the_server_does_it(person, cast, draft, live_server):
    """Slow: a browser, whose sums stand beside the server's."""
    dice = random.Random(1)
    typed = ["".join(dice.choices("0159., ", k=dice.randint(1, 8))) for _each in range(300)]
    typed += ["12.500 kr.", "1 200,-", "500:- ", "DKK 100", "9,5 €", "kr. 1.000", "fem", "", "-5"]
    amounts = [0, 5, 100, 123_456_789, -2_000_50]
    page = person(cast.asta)
    for language in ["da", "en", "sv", "nb"]:
        spoken = {"name": "django_language", "value": language, "url": live_server.url}
        page.context.add_cookies([spoken])
        go_to(page, draft, "money")
        read, written = page.evaluate(
            """async ([typed, amounts]) => {
                const { ore, money } = await import("/static/js/money.js");
                return [typed.map(ore), amounts.map((each) => money(each, "DKK"))];
            }""",
            [typed, amounts],
        )
        assert read == [_ore(each) for each in typed]
        assert written == [money(each, "DKK", language) for each in amounts]


def _ore(text):
    try:
        return ore(text)
    except ValueError:
        return None
