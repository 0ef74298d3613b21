"""Of a case that one stands aside from, and of a vote that is not closed, nothing comes out."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from committee.review import actions as review
from committee.review import queries as review_queries
from committee.votes import actions as voting
from grants.applications import actions as applications
from grants.applications import attaching
from grants.applications.models import Application
from tests import factories
from tests.doors import asking, looking
from tests.doors import site as building
from tests.doors.table import ROLES
from tests.grants.applications.samples import picture, upload
from workflows import clock

pytestmark = pytest.mark.django_db

WORDS = {
    "summary": "Tavshummer",
    "activity": "Tavskrabbe",
    "audience": "Tavssild",
    "newness": "Tavsrokke",
    "place": "Tavslaks",
}
NOTE, THOUGHT, REMARK, FILE = "Tavsgedde", "Tavsaborre", "Tavsbrasen", "Tavsrudskalle"
FOR, AGAINST = 9_100_00, 0
# As words, and as the amounts are written in pages and in files.
APPLIED = ["12,345", "12.345", "1234500"]
WORKABLE = ["6,789", "6.789", "678900"]
GIVEN = ["9,100", "9.100", "910000"]
SECRETS = [*WORDS.values(), NOTE, THOUGHT, REMARK, FILE, *APPLIED, *WORKABLE, *GIVEN]


OPENED = factories.MONDAY + timedelta(days=3)
VOTED = factories.MONDAY + timedelta(days=4)
# The time to vote is over, and whoever may has closed what could be closed.
OVER = factories.MONDAY + timedelta(days=12)


@dataclass(frozen=True)
class Room:
    """A case before the committee, whoever has to do with it, and their browsers."""

    world: factories.World
    cast: factories.Cast
    people: dict
    case: Application
    things: dict
    browsers: dict

    @property
    def voters(self):
        """Those who have no conflict, with the substitute who was called in."""
        return [*self.cast.members, self.people["called in"].seats.get()]

    def shown_to(self, role):
        """{address or mail: what it says}."""
        return looking.everything(
            self.browsers[role], self.people[role], self.things, words=["Tavs", "Natteradio"]
        )


@pytest.fixture(scope="module")
def room(lasting):
    world = factories.world()
    cast = factories.cast(world)
    people = building.people_of(world, cast)
    with clock.at(factories.MONDAY):
        case = _sent(world, cast)
        beside = factories.application_at("eligible", world, cast)
    with clock.at(OPENED):
        _opened(case, beside, cast, people)
    return Room(
        world=world,
        cast=cast,
        people=people,
        case=case,
        things=_things(world, case),
        browsers={role: asking.browser_of(who) for role, who in people.items()},
    )


def _sent(world, cast):
    """A case with a file and a note, every word of which can be found again."""
    case = factories.draft(world, cast.asta, amount=12_345_00, **WORDS)
    applications.save_answers(case, by=cast.asta, given={"least_workable": 6_789_00})
    file = upload(FILE, picture())
    attaching.attach(case, file, purpose="application", by=cast.asta)
    applications.submit(case, by=cast.asta)
    applications.note(case, by=cast.frida, text=NOTE)
    applications.accept_for_review(case, by=cast.frida)
    return case


def _opened(case, beside, cast, people):
    review.open_review([case, beside], by=cast.frida)
    building.take_stances(case, people, cast)
    doubtful = people["in doubt"]
    review.declare(
        case, member=doubtful.seats.get(), answer="unsure", note="Min nabo.", by=doubtful
    )
    regular = [people[role].seats.get() for role in ("undeclared", "in doubt", "recused")]
    factories.clear(beside, *cast.members, *regular)


def _things(world, case):
    """For every word of the table's addresses: this case, what belongs to it, or the first row."""
    return (
        dict.fromkeys(building.CASES, case.reference)
        | dict.fromkeys(building.NUMBERS, 1)
        | {"call": world.call.slug, "file": case.attachments.get().pk}
    )


# --- What happens to the case --------------------------------------------------------------


def nothing_more(room):
    """It was opened, and nobody has voted."""


def all_vote(room, *, choice="for"):
    """Everybody who may; the two who are left have not said whether they can."""
    with clock.at(VOTED):
        for member in room.voters:
            _vote(room.case, member, choice, points=5 if choice == "for" else 0)


def _vote(case, member, choice, *, amount=FOR, points=5):
    """With a paper full of notes."""
    notes = {str(criterion.pk): THOUGHT for criterion in case.call.criteria.all()}
    voting.save_assessment(case, member=member, by=member.user, notes=notes, choice=choice)
    factories.vote(case, member, choice=choice, amount=amount, points=points)


def it_is_carried(room):
    all_vote(room)
    _close(room)


def it_is_not_carried(room):
    all_vote(room, choice="against")
    _close(room)


def it_is_decided(room):
    it_is_carried(room)
    room.case.refresh_from_db()
    factories.decide(room.case, room.world, room.cast, amount=FOR)


def _close(room):
    """When its time is over, and the doubt is settled."""
    (doubt,) = review_queries.doubts(room.case)
    with clock.at(VOTED):
        review.rule(doubt, is_recused=False, reason="Ingen nærhed.", by=room.cast.dines)
    with clock.at(OVER):
        voting.close_vote(room.case, by=room.cast.dines)


TURNS = [nothing_more, all_vote, it_is_carried, it_is_not_carried, it_is_decided]


def seen(room, role, turn, *, at=OVER):
    """What the role can see after this turn of events, which then has not happened."""
    with looking.as_if_never():
        turn(room)
        with clock.at(at):
            return room.shown_to(role)


# --- A case that one stands aside from, or has not been let into ----------------------------


@pytest.mark.parametrize("role", ["undeclared", "in doubt", "recused", "substitute"])
def test_who_is_kept_out_finds_title_and_applicant_and_no_more(room, role):
    everything = seen(room, role, all_vote)
    assert "Natteradio" in everything["/committee/"] or role == "substitute"
    found = {
        (address, secret)
        for address, said in everything.items()
        for secret in SECRETS
        if secret in said.replace(f"q={secret}", "")
    }
    assert not found


def test_for_who_stands_aside_it_looks_the_same_whatever_happens(room):
    before = seen(room, "recused", nothing_more)
    after = {turn.__name__: seen(room, "recused", turn) for turn in TURNS[1:]}
    told = {name: looking.differences(before, each) for name, each in after.items()}
    assert not any(told.values()), told


# --- A vote that is not closed --------------------------------------------------------------

WAYS = [("for", FOR, 5), ("for", 6_900_00, 1), ("against", AGAINST, 0)]


def the_others_vote(room, way):
    """Two, of whom nobody may learn how; two more vote the same in any case."""
    choice, amount, points = way
    _chair, esther, *others = room.cast.members
    with clock.at(VOTED):
        for member in [esther, room.people["called in"].seats.get()]:
            _vote(room.case, member, "for")
        for member in others:
            _vote(room.case, member, choice, amount=amount, points=points)
    with clock.at(OVER):
        voting.close_due_votes()  # it cannot: a doubt is left


@pytest.mark.parametrize("role", ROLES.values())
def test_how_the_others_vote_is_told_to_nobody(room, role):
    one, *more = [seen(room, role, partial(the_others_vote, way=way), at=VOTED) for way in WAYS]
    assert one
    for other in more:
        assert not looking.differences(one, other)
