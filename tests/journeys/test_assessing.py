"""Members judge applications: on a phone with a bad network, and on a desktop by keys alone."""

import re
import time
from datetime import timedelta

import pytest

from committee.review import actions as review
from committee.votes import actions as voting
from committee.votes.models import Assessment, Vote
from grants.applications import actions as applications
from grants.applications.models import Application
from grants.pools.models import Criterion
from tests import factories
from tests.journeys.conftest import PHONE
from tests.journeys.seeing import DESKTOP, violations, violations_of_contrast
from workflows import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NARROWEST = {"width": 320, "height": 640}
SCALE = "Slet ikke\nNæsten ikke\nLidt\nI store træk\nGodt tænkt\nHelt klart"
SCALE_EN = "Not at all\nHardly\nA little\nBy and large\nWell thought out\nClearly"


@pytest.fixture
def criteria(world):
    """Three, the second of them with words for its scores."""
    world.call.opens_at = clock.now() - timedelta(days=9)
    world.call.closes_at = clock.now() + timedelta(days=30)
    world.call.answer_by = clock.today() + timedelta(days=60)
    world.call.save()
    for position, name, scale, in_english in [(2, "Courage", SCALE, SCALE_EN), (3, "Plan", "", "")]:
        Criterion.objects.create(
            call=world.call, position=position, name=name, name_en=name, text=name, text_en=name,
            scale=scale, scale_en=in_english, weight=position,
        )  # fmt: skip
    return world.call.criteria


@pytest.fixture
def asked(world, cast, criteria):
    """asked(title, *members): an application of now, on which these have no conflict."""

    def opened(title, *members):
        begins = clock.today() + timedelta(days=60)
        told = {"title": title, "starts_on": begins, "ends_on": begins}
        who = factories.user(title, email=f"{title}@example.org".lower().replace(" ", "."))
        application = factories.draft(world, who, at=clock.now(), **told)
        applications.submit(application, by=who)
        applications.accept_for_review(_again(application), by=cast.frida)
        review.open_review([_again(application)], by=cast.frida)
        factories.clear(application, *members)
        return _again(application)

    return opened


def _again(application):
    return Application.objects.get(pk=application.pk)


def until(holds):
    """Asks again until it holds; the server and the browser take their time."""
    give_up_at = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def scores_of(row):
    return {Criterion.objects.get(pk=key).name: score for key, score in row.scores.items()}


def point(page, criterion, points):
    """The big target, not the input that lies under it."""
    group = page.get_by_role("group", name=criterion, exact=True)
    return group.locator(".point__tile").nth(points)


def note_on(page, criterion):
    """What opens the note."""
    return page.locator("summary", has_text=re.compile(f"^Your note: {criterion}$"))


def test_on_a_phone_one_declares_scores_loses_the_network_and_votes(person, cast, asked):
    """Slow: a browser, and a network that goes and comes."""
    asked("Natteradio")
    asked("Kældershow", cast.members[1])
    page = person(cast.esther, has_touch=True)
    page.goto("/committee/")
    page.get_by_role("link", name="Natteradio").tap()
    page.get_by_label("No conflict").tap()
    page.get_by_role("button", name="Answer").tap()
    page.get_by_role("heading", name="Your vote", exact=True).wait_for()

    page.get_by_role("link", name="To your vote").tap()
    point(page, "Community", 4).tap()
    page.get_by_text("Saved at").wait_for()
    assert page.get_by_text("1 of 3 criteria").is_visible()
    point(page, "Courage", 2).tap()
    assert page.get_by_text("A little").first.is_visible()
    until(lambda: len(Assessment.objects.get().scores) == 2)

    page.context.set_offline(True)
    point(page, "Plan", 5).tap()
    note_on(page, "Plan").tap()
    page.get_by_label("Your note on “Plan”").fill("Budgettet holder.")
    page.get_by_label("For, but give less").tap()
    page.get_by_label("How much, if less?").fill("6.500")
    page.get_by_text("No connection. What you write is kept here").wait_for()
    assert page.get_by_text("3 of 3 criteria").is_visible()
    assert page.get_by_text("Saved, not cast yet").is_visible()
    page.get_by_role("button", name="Vote", exact=True).tap()
    page.get_by_text("Your vote is not cast. Vote again when you are back.").wait_for()
    assert len(Assessment.objects.get().scores) == 2
    assert not Vote.objects.exists()

    page.context.set_offline(False)
    until(lambda: page.evaluate("Object.keys(localStorage).length") == 0)
    paper = Assessment.objects.get()
    assert scores_of(paper) == {"Fællesskab": 4, "Courage": 2, "Plan": 5}
    assert list(paper.notes.values()) == ["Budgettet holder."]
    page.get_by_role("button", name="Vote", exact=True).tap()
    page.get_by_text("Your vote on “Natteradio” is in.").wait_for()
    assert page.get_by_role("heading", name="Kældershow").is_visible()
    vote = Vote.objects.get()
    assert (vote.choice, vote.amount) == ("for", 6_500_00)
    assert scores_of(vote) == {"Fællesskab": 4, "Courage": 2, "Plan": 5}


def test_what_was_written_without_a_network_goes_off_from_the_next_page(person, cast, asked):
    """Slow: a browser that is closed in the middle."""
    application = asked("Natteradio", cast.members[1])
    page = person(cast.esther)
    page.goto(f"/committee/{application.reference}/")
    page.context.set_offline(True)
    point(page, "Plan", 3).click()
    page.get_by_text("No connection").wait_for()
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto("/committee/")
    until(lambda: Assessment.objects.filter(member=cast.members[1]).exists())
    assert scores_of(Assessment.objects.get()) == {"Plan": 3}
    until(lambda: page.evaluate("Object.keys(localStorage).length") == 0)


def test_by_keys_alone_on_a_desktop(person, cast, asked):
    """Slow: a browser, and no mouse."""
    first = asked("Natteradio", cast.members[1])
    second = asked("Kældershow", cast.members[1])
    page = person(cast.esther, viewport=DESKTOP)
    page.goto(f"/committee/{first.reference}/")
    page.get_by_role("heading", name="Keys").wait_for()
    keys = page.keyboard

    for points in "435":
        keys.press(points)
    until(lambda: Assessment.objects.filter(scores__isnull=False).exists())
    until(lambda: scores_of(Assessment.objects.get()) == {"Fællesskab": 4, "Courage": 3, "Plan": 5})
    assert page.evaluate("document.activeElement.name") == "answer"
    keys.press("2")  # nothing is left to score, and nothing is changed by chance
    keys.press("Shift+Tab")
    keys.press("j")
    page.wait_for_url(f"**/{second.reference}/")
    keys.press("k")
    page.wait_for_url(f"**/{first.reference}/")
    assert page.get_by_text("3 of 3 criteria").is_visible()

    page.get_by_role("radio", name="Against").focus()
    keys.press("Space")
    page.get_by_text("Saved, not cast yet").wait_for()
    keys.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Vote"
    keys.press("Enter")
    page.wait_for_url(f"**/{second.reference}/")
    vote = Vote.objects.get()
    assert vote.choice == "against"
    assert scores_of(vote) == {"Fællesskab": 4, "Courage": 3, "Plan": 5}


def test_the_keys_keep_away_from_fields_and_can_be_turned_off(person, cast, asked):
    """Slow: a browser."""
    application = asked("Natteradio", cast.members[1])
    page = person(cast.esther, viewport=DESKTOP)
    page.goto(f"/committee/{application.reference}/")
    note_on(page, "Community").click()
    page.get_by_label("Your note on “Community”").focus()
    page.keyboard.type("j 4 k 0")
    until(lambda: Assessment.objects.filter(notes__isnull=False).exists())
    assert page.get_by_text("0 of 3 criteria").is_visible()
    page.get_by_label("Use these keys").uncheck()
    page.get_by_role("heading", name="Keys").click()
    page.keyboard.press("4")
    page.reload()
    page.keyboard.press("4")
    assert page.get_by_text("0 of 3 criteria").is_visible()
    page.get_by_label("Use these keys").check()
    page.get_by_role("heading", name="Keys").click()
    page.keyboard.press("4")
    page.get_by_text("1 of 3 criteria").wait_for()


def test_a_wrong_amount_is_told_when_one_leaves_it(person, cast, asked):
    """Slow: a browser."""
    application = asked("Natteradio", cast.members[1])
    page = person(cast.esther)
    page.goto(f"/committee/{application.reference}/")
    assert page.get_by_label("How much, if less?").is_hidden()
    page.get_by_label("For, but give less").check()
    less = page.get_by_label("How much, if less?")
    less.fill("65")
    until(lambda: Assessment.objects.filter(amount=65_00).exists())
    page.get_by_role("radio", name="Against").focus()
    page.get_by_text("It does not work for less than").last.wait_for()
    assert less.get_attribute("aria-invalid") == "true"
    less.fill("6500")
    until(lambda: Assessment.objects.get().amount == 6_500_00)
    until(lambda: less.get_attribute("aria-invalid") is None)


def test_no_amount_is_a_mistake_only_when_one_has_left_the_field(person, cast, asked):
    """Slow: a browser."""
    application = asked("Natteradio", cast.members[1])
    page = person(cast.esther, has_touch=True)
    page.goto(f"/committee/{application.reference}/")
    page.get_by_label("For, but give less").tap()
    until(lambda: Assessment.objects.filter(choice="for").exists())
    page.wait_for_load_state("networkidle")
    wanted = page.get_by_text("Write the amount you would give")
    assert not wanted.count()
    page.get_by_label("How much, if less?").focus()
    page.keyboard.press("Tab")
    wanted.last.wait_for()


def test_what_one_is_about_to_say_lies_there_until_it_is_said(person, cast, asked):
    """Slow: a browser, a vote that is changed, and a page that is loaded anew."""
    application = asked("Natteradio", cast.members[1])
    factories.vote(application, cast.members[1])
    page = person(cast.esther)
    address = f"/committee/{application.reference}/"
    page.goto(address)
    said = page.get_by_label("What do you want to say?")
    said.fill("Hvem ejer vaskeriet?\nOg må vi?")
    page.get_by_label("A question to the secretariat").check()
    page.get_by_label("Abstain").check()
    page.get_by_role("button", name="Change vote").click()
    page.get_by_text("is in.").first.wait_for()
    page.goto(address)
    page.reload()
    assert said.input_value() == "Hvem ejer vaskeriet?\nOg må vi?"
    assert page.get_by_label("A question to the secretariat").is_checked()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("The secretariat is asked.").wait_for()
    assert application.remarks.get().kind == "question"
    assert said.input_value() == ""
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_what_one_scores_by_keyboard_is_not_under_the_bar(person, cast, asked):
    """Slow: a browser. The heading of what has the focus is seen too (WCAG 2.4.11)."""
    application = asked("Natteradio", cast.members[1])
    for size in (PHONE, DESKTOP):
        page = person(cast.esther, viewport=size, reduced_motion="reduce")
        page.goto(f"/committee/{application.reference}/")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.locator("fieldset.criterion input").first.focus()
        bar = page.locator(".standing").bounding_box()
        assert bar["y"] <= 0 or bar["y"] + bar["height"] < size["height"] / 2
        assert bar["height"] < 80
        tile = page.locator(".point__tile").first.bounding_box()
        assert bar["y"] + bar["height"] <= tile["y"]


def test_without_javascript_one_saves_by_a_button_and_votes(person, cast, asked):
    """Slow: a browser."""
    application = asked("Natteradio", cast.members[1])
    page = person(cast.esther, java_script_enabled=False)
    page.goto(f"/committee/{application.reference}/")
    point(page, "Plan", 3).click()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved at").wait_for()
    assert page.get_by_role("radio", name="3", exact=True).nth(1).is_checked()
    assert page.get_by_role("heading", name="Keys").is_hidden()
    page.get_by_label("Abstain").check()
    page.get_by_role("button", name="Vote", exact=True).click()
    page.get_by_text("is in.").wait_for()
    assert Vote.objects.get().choice == "abstain"


def _states(cast, asked):
    """{what is looked at: (whose page, its address)}."""
    dines, esther, _ib, jo = cast.members
    case = "/committee/{}/"
    fresh = asked("Kældershow", dines, esther)
    asked("Loftkoncert")
    changed = asked("Torvedans", esther, jo)
    factories.vote(changed, esther)
    factories.vote(changed, jo, choice="against")
    voting.demand_meeting(changed, member=jo, reason="Hvem betaler?", by=jo.user)
    scores = {str(each.pk): 1 for each in changed.call.criteria.all()}
    notes = dict.fromkeys(scores, "Uklart.")
    voting.save_assessment(changed, member=esther, by=esther.user, scores=scores, notes=notes)
    closed, waiting = asked("Natteradio", *cast.members), asked("Gadebold", *cast.members)
    voting.demand_meeting(waiting, member=jo, reason="Hvor er det?", by=jo.user)
    for application in (closed, waiting):
        for member in cast.members:
            factories.vote(application, member, points=5 if member.seat == "young" else 2)
        voting.close_vote(application, by=dines.user)
    ready = asked("Byvandring", *cast.members)
    for member in cast.members:
        factories.vote(ready, member)
    return {
        "desk": (cast.esther, "/committee/"),
        "fresh": (cast.esther, case.format(fresh.reference)),
        "changed": (cast.esther, case.format(changed.reference)),
        "closed": (cast.esther, case.format(closed.reference)),
        "waiting": (cast.esther, case.format(waiting.reference)),
        "demand": (cast.esther, case.format(fresh.reference) + "demand/"),
        "too early": (cast.dines, case.format(fresh.reference) + "close/"),
        "close": (cast.dines, case.format(ready.reference) + "close/"),
    }


def test_axe_finds_nothing_and_nothing_is_wider_than_the_narrowest_phone(person, cast, asked):
    """Slow: a browser at every page and state, in light and in the dark."""
    states = _states(cast, asked)
    pages = {user: person(user) for user in (cast.esther, cast.dines)}
    wrong = {}
    for name, (user, address) in states.items():
        page = pages[user]
        page.goto(address)
        for told in _wrong_with(page):
            wrong[name, told[:60]] = told
    page = pages[cast.esther]
    page.goto(states["fresh"][1])
    page.get_by_role("button", name="Vote", exact=True).click()
    page.locator(".error-summary").wait_for()
    for told in _wrong_with(page):
        wrong["sent empty", told[:60]] = told
    assert not wrong, "\n\n".join([str(list(wrong)), *wrong.values()])


def _wrong_with(page):
    for details in page.locator("details:not(.languages) > summary").all():
        details.click()
    told = [each for size in (PHONE, DESKTOP) for each in _seen_at(page, size)]
    page.set_viewport_size(NARROWEST)
    sticks_out = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.set_viewport_size(PHONE)
    return told + ([f"{sticks_out} wider than 320 pixels"] if sticks_out > 0 else [])


def _seen_at(page, size):
    page.set_viewport_size(size)
    in_light = violations(page)
    page.emulate_media(color_scheme="dark")
    in_the_dark = violations_of_contrast(page)
    page.emulate_media(color_scheme="light")
    return in_light + in_the_dark
