"""What a program reads of a vote that is open, or closed and waiting: nothing."""

import pytest

from committee.discussion import actions as discussion
from committee.review import actions as review
from committee.seats.models import Procedure
from committee.votes import actions as voting
from tests import factories

READERS = ["asta", "dines", "esther", "frida", "gorm", "hanne"]


@pytest.fixture
def opened(application_at, cast, today):
    """With the committee for another week, so that votes are still taken today."""
    application = application_at("in_review")
    application.vote_windows.update(closes_at=today + factories.timedelta(days=7))
    return application


def all_that_is_told(get, cast, application):
    addresses = ["applications", f"applications/{application.reference}"]
    return {
        (name, address): get(getattr(cast, name), address).json()
        for name in READERS
        for address in addresses
    }


def test_nothing_changes_with_the_votes(get, opened, cast):
    lea = factories.seat(factories.user("Lea"), opened.pool.committee, "young")
    factories.clear(opened, *cast.members, lea)
    for member in cast.members:
        factories.vote(opened, member)
    before = all_that_is_told(get, cast, opened)
    factories.vote(opened, lea, choice="against", points=0)
    factories.vote(opened, cast.members[1], choice="abstain")
    discussion.write_remark(
        opened, member=lea, kind="question", text="Hvorfor?", by=lea.user, is_new_fact=True
    )
    assert all_that_is_told(get, cast, opened) == before


def test_what_is_scored_named_or_written_is_nowhere(get, opened, cast):
    dines = cast.members[0]
    factories.clear(opened, dines)
    voting.save_assessment(
        opened, member=dines, by=cast.dines, notes={str(opened.call.criteria.get().pk): "Notat"}
    )
    factories.vote(opened, dines, amount=7_654_00)
    discussion.write_remark(opened, member=dines, kind="remark", text="Indlæg", by=cast.dines)
    told = str(all_that_is_told(get, cast, opened))
    for kept in ["765400", "Notat", "Indlæg"]:
        assert kept not in told


def steps(get, who, application):
    told = get(who, f"applications/{application.reference}").json()
    return [step["name"] for step in told["available_steps"]]


def test_a_closed_vote_that_waits_cannot_be_closed_again(
    get, take, world, application_at, cast, today
):
    Procedure.objects.create(committee=world.committee, version=2, recommends="together")
    application = application_at("in_review")
    application.vote_windows.update(closes_at=today + factories.timedelta(days=7))
    factories.clear(application, *cast.members)
    for member in cast.members:
        factories.vote(application, member)
    assert steps(get, cast.dines, application) == ["recommend"]
    voting.close_vote(application, by=cast.dines)
    application.refresh_from_db()
    assert application.status == "in_review"
    assert steps(get, cast.dines, application) == []
    answer = take(cast.dines, application, "recommend")
    assert (answer.status_code, answer.json()["code"]) == (409, "closed")


def test_a_doubt_keeps_the_vote_from_being_closed(get, take, opened, cast):
    dines, esther, ib, jo = cast.members
    lea = factories.seat(factories.user("Lea"), opened.pool.committee, "young")
    factories.clear(opened, dines, ib, jo, lea)
    for member in (dines, ib, jo, lea):
        factories.vote(opened, member)
    review.declare(opened, member=esther, answer="unsure", note="En ven.", by=cast.esther)
    assert steps(get, cast.dines, opened) == []
    assert take(cast.dines, opened, "recommend").json()["code"] == "unsure"
