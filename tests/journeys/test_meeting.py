"""A meeting of the committee, from the call to the approved minutes, in three browsers."""

from contextvars import ContextVar

import pytest

from committee.meetings.models import AgendaItem, Meeting
from committee.seats.models import Procedure
from grants.letters import tasks
from tests import factories
from tests.committee.meetings import conftest as scene
from tests.journeys import seeing
from tests.journeys.test_looks import NARROWEST, TOO_WIDE
from workflows import clock


@pytest.fixture
def the_clock_stands_at(monkeypatch):
    """the_clock_stands_at(moment): for the server's threads too."""

    def stand(moment):
        monkeypatch.setattr(clock, "_handed_in", ContextVar("clock", default=moment))

    return stand


@pytest.fixture
def lis(world):
    return factories.seat(factories.user("Lis"), world.committee, "young")


@pytest.fixture
def closed(world, cast, lis):
    """A vote in which opinions part, and from which Lis stands aside."""
    Procedure.objects.create(committee=world.committee, version=2, recommends="together")
    application = scene.in_review(world, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        scene.stand_aside(application, lis)
    return scene.voted(application, cast, young=5, staff=2)


def nothing_is_wrong(page):
    """axe-core finds nothing, light and dark, and nothing sticks out on the narrowest phone."""
    size = page.viewport_size
    page.set_viewport_size(NARROWEST)
    assert page.evaluate(TOO_WIDE) == []
    seeing.nothing_is_wrong(page)
    page.emulate_media(color_scheme="dark")
    assert not seeing.violations_of_contrast(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(size)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_committee_meets(person, cast, lis, closed, the_clock_stands_at):
    """Slow: three people in a browser each, and axe at every page."""
    the_clock_stands_at(scene.CALLED_AT)
    dines = person(cast.dines, viewport=seeing.DESKTOP)
    dines.goto("/committee/meetings/")
    nothing_is_wrong(dines)
    dines.get_by_role("link", name="Call a meeting").click()
    assert dines.locator("[name=chosen]").is_checked()
    nothing_is_wrong(dines)
    dines.locator("[name=starts_at]").fill("2026-03-20T17:00")
    dines.locator("[name=place]").fill("Rådhuset")
    dines.get_by_role("button", name="Call the meeting").click()
    page = f"/committee/meetings/{Meeting.objects.get().pk}/"

    the_clock_stands_at(scene.HELD_AT)
    dines = person(cast.dines, viewport=seeing.DESKTOP)
    dines.goto(page)
    dines.get_by_role("button", name="Open the meeting").click()
    for name in ("Dines", "Esther", "Ib", "Lis"):
        dines.get_by_label(name).check()
    dines.get_by_role("button", name="Save who is there").click()
    nothing_is_wrong(dines)
    dines.get_by_role("link", name="Natteradio").click()
    dines.get_by_role("button", name="Take the vote anew").click()
    nothing_is_wrong(dines)

    esther = person(cast.esther)
    esther.goto(page)
    esther.get_by_role("link", name="Natteradio").click()
    esther.get_by_label("Against", exact=True).check()
    esther.locator("[name^=score]").first.select_option("1")
    esther.get_by_role("button", name="Change my vote").click()
    nothing_is_wrong(esther)
    aside = person(lis.user)
    aside.goto(page)
    assert aside.get_by_role("link", name="Natteradio").count() == 0
    nothing_is_wrong(aside)

    dines.reload()
    assert dines.get_by_text("changed", exact=True).is_visible()
    dines.locator("[name=text]").fill("Larmen kan styres.")
    dines.get_by_role("button", name="Close the vote").click()
    assert dines.locator("[name=text]").input_value() == "Larmen kan styres."
    nothing_is_wrong(dines)
    dines.goto(f"{page}end/")
    nothing_is_wrong(dines)
    dines.get_by_role("button", name="End the meeting").click()
    dines.get_by_role("link", name="Approve the minutes").click()
    nothing_is_wrong(dines)
    dines.get_by_role("button", name="Approve the minutes").click()
    tasks.sweep()
    esther.goto(f"{page}minutes/")
    assert esther.get_by_text("Larmen kan styres.").is_visible()
    nothing_is_wrong(esther)
    kept = esther.request.get(f"{page}minutes.pdf")
    assert (kept.status, kept.body()[:4]) == (200, b"%PDF")
    aside.goto(f"{page}minutes/")
    assert aside.get_by_text("Larmen kan styres.").count() == 0
    assert aside.request.get(f"{page}minutes.pdf").status == 404
    assert AgendaItem.objects.get().window.result["votes_against"] == 1
