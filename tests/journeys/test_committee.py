"""A committee votes a call through: recused late, without a quorum, repaired, met, adopted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from committee.review import actions as review
from committee.review.models import VoteWindow
from committee.seats.models import Procedure
from committee.votes.recounting import recount
from tests import factories
from tests.journeys.conftest import PHONE
from tests.journeys.seeing import DESKTOP
from workflows import audit, clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def together(world):
    """The committee recommends all of a call together."""
    Procedure.objects.create(
        committee=world.committee, version=2, recommends=Procedure.Recommends.TOGETHER
    )


@pytest.fixture
def application(together, world, cast):
    found = factories.application_at("eligible", world, cast)
    review.open_review([found], by=cast.frida)  # now: the server has its own clock
    return found


@pytest.fixture
def members(world, cast):
    """{name: (user, the size of their screen)} of the five who sit, and the one who waits."""
    kaj, lone = factories.user("Kaj"), factories.user("Lone")
    factories.seat(kaj, world.committee, "young")
    factories.seat(lone, world.committee, "staff", is_substitute=True)
    users = {member.user.name: member.user for member in cast.members} | {"Kaj": kaj}
    sizes = dict(zip(users, [DESKTOP, PHONE, DESKTOP, PHONE, PHONE], strict=True))
    return {name: (user, sizes[name]) for name, user in users.items()} | {"Lone": (lone, PHONE)}


def test_five_members_vote_a_call_through(person, members, application, world):
    """Slow: six browsers, and everything that a committee is for."""
    pages = {name: person(user, viewport=size) for name, (user, size) in members.items()}
    chair, reference = pages["Dines"], application.reference
    for name in ("Dines", "Esther", "Ib", "Jo", "Kaj"):
        _declare(pages[name])
        _assess_and_vote(pages[name], reference)

    _stand_aside(pages["Ib"], reference)
    _cannot_close(chair, reference)
    _call_in(chair, application, "Ib")
    _declare(pages["Lone"])
    _assess_and_vote(pages["Lone"], reference)
    _close(chair, reference)

    meeting = _call_a_meeting(chair, application)
    _note_who_is_there(chair, ["Dines", "Esther", "Jo", "Lone"])
    _take_anew(chair, application)
    _change_the_vote(pages["Jo"], meeting, application)
    _close_anew_and_end(chair, meeting)

    _adopt(chair, world.call)
    _learns_nothing(pages["Ib"], application, world.call, meeting)

    application.refresh_from_db()
    assert application.status == "recommended"
    assert application.recommendations.get().amount == application.amount_applied_for
    before, anew = VoteWindow.objects.order_by("id")
    assert anew.follows == before
    assert before.result["staff_cast"] == anew.result["staff_cast"] == 2
    assert recount().misfit is None
    assert audit.verify().fits


def _declare(page):
    page.goto("/committee/declare/")
    page.get_by_text("No conflict: I can read it and vote").click()
    page.get_by_role("button", name="Save the answers").click()
    page.wait_for_url("**/committee/")


def _assess_and_vote(page, reference):
    page.goto(f"/committee/{reference}/")
    page.get_by_role("group", name="Community").get_by_role("radio").nth(4).check()
    page.get_by_text("For: give").click()
    page.get_by_role("button", name="Vote", exact=True).click()
    page.get_by_text("is in.").first.wait_for()


def _stand_aside(page, reference):
    page.goto(f"/committee/{reference}/")
    page.get_by_role("link", name="Declare that you stand aside").click()
    page.get_by_text("Family or somebody close").click()
    page.get_by_role("button", name="Stand aside").click()
    page.wait_for_url("**/committee/")
    page.goto(f"/committee/{reference}/")
    page.wait_for_url("**/declare/")


def _cannot_close(page, reference):
    page.goto(f"/committee/{reference}/close/")
    page.get_by_text("1 staff vote is missing").wait_for()
    assert not page.get_by_role("button", name="Close the vote").is_visible()


def _call_in(page, application, whose_place):
    page.goto("/committee/coverage/")
    page.get_by_text("Quorum impossible: call in a substitute").wait_for()
    page.get_by_role("link", name=application.title, exact=True).first.click()
    places = page.get_by_label("Whose place?")
    places.select_option(places.locator("option", has_text=whose_place).get_attribute("value"))
    page.get_by_role("button", name="Call in").click()
    page.wait_for_url("**/coverage/")


def _close(page, reference):
    page.goto(f"/committee/{reference}/close/")
    page.get_by_role("button", name="Close the vote").click()
    page.get_by_text("recommended together with the others.").first.wait_for()


def _call_a_meeting(page, application):
    soon = timezone.localtime(clock.now() + timedelta(minutes=2), clock.LOCAL)
    page.goto("/committee/meetings/call/")
    page.get_by_label("When does it begin?").fill(soon.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Place").fill("Rådhuset")
    page.get_by_label(application.title).check()
    page.get_by_role("button", name="Call the meeting").click()
    page.get_by_role("button", name="Open the meeting").click()
    page.get_by_role("heading", name="Who is there").wait_for()
    return page.url


def _note_who_is_there(page, names):
    for name in names:
        page.get_by_label(f"{name}, ").check()
    page.get_by_role("button", name="Save who is there").click()
    page.get_by_role("link", name="End the meeting").wait_for()


def _take_anew(page, application):
    page.get_by_role("link", name=application.title).click()
    page.get_by_role("button", name="Take the vote anew").click()
    page.get_by_role("heading", name="Taken anew now").wait_for()


def _change_the_vote(page, meeting, application):
    page.goto(meeting)
    page.get_by_role("link", name=application.title).click()
    page.get_by_label("Community").select_option("5")
    page.get_by_role("button", name="Change my vote").click()
    page.get_by_role("button", name="Change my vote").wait_for()


def _close_anew_and_end(page, meeting):
    page.reload()
    page.get_by_role("button", name="Close the vote").click()
    page.get_by_text("Taken anew in the meeting").first.wait_for()
    page.goto(meeting)
    page.get_by_role("link", name="End the meeting").click()
    page.get_by_role("button", name="End the meeting").click()
    page.wait_for_url(lambda url: not url.endswith("/end/"))


def _adopt(page, call):
    page.goto(f"/committee/allocations/{call.slug}/")
    page.get_by_role("button", name="Lay it forward").click()
    page.get_by_role("link", name="Adopt").click()
    page.get_by_role("button", name="Adopt").click()
    page.get_by_role("heading", name="Adopted: who gets how much").wait_for()


def _learns_nothing(page, application, call, meeting):
    """Who stands aside finds the title and the applicant, and no amount, anywhere."""
    for address in (
        *["/committee/", "/committee/declare/", "/committee/allocations/", meeting],
        f"/committee/allocations/{call.slug}/",
    ):
        page.goto(address)
        told = page.locator("main").inner_text()
        assert "10.000" not in told, address
        assert application.summary not in told, address
