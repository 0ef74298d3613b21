"""A case before the committee of which every word can be found again, and what happens to it."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from committee.allocations import actions as allocations
from committee.discussion import actions as discussion
from committee.meetings import actions as meetings
from committee.review import actions as review
from committee.review import queries as review_queries
from committee.seats.models import Procedure
from committee.votes import actions as voting
from committee.votes import reminders
from grants.applications import actions as applications
from grants.applications import attaching
from grants.applications.models import Application
from grants.pools.models import PoolRole
from tests import factories
from tests.doors import asking, looking
from tests.doors import site as building
from tests.grants.applications.samples import picture, upload
from workflows import clock

WORDS = {
    "summary": "Tavshummer",
    "activity": "Tavskrabbe",
    "audience": "Tavssild",
    "newness": "Tavsrokke",
    "place": "Tavslaks",
}
NOTE, THOUGHT, REMARK, FILE = "Tavsgedde", "Tavsaborre", "Tavsbrasen", "Tavsrudskalle"
# What is applied for, the least that works, and what is voted for: as pages and files write it.
APPLIED, WORKABLE, GIVEN = 12_345_00, 6_789_00, 9_100_00
AMOUNTS = ["12,345", "12.345", "1234500", "6,789", "6.789", "678900", "9,100", "9.100", "910000"]
SECRETS = [*WORDS.values(), NOTE, THOUGHT, REMARK, FILE, *AMOUNTS]

OPENED = factories.MONDAY + timedelta(days=3)
VOTED = factories.MONDAY + timedelta(days=4)
# The time to vote is over.
OVER = OPENED + timedelta(days=7)
MET = OVER + timedelta(hours=1)
LATER = OVER + timedelta(days=1)


@dataclass(frozen=True)
class Room:
    """The case, one beside it, whoever has to do with them, and their browsers."""

    world: factories.World
    cast: factories.Cast
    people: dict
    case: Application
    beside: Application
    things: dict
    browsers: dict

    @property
    def voters(self):
        """Those who have no conflict, with the substitute who was called in."""
        return [*self.cast.members, self.seat("called in")]

    def seat(self, role):
        return self.people[role].seats.get()


def build(*, together):
    """together: whether all of a call are recommended together, by an allocation."""
    world = factories.world()
    cast = factories.cast(world)
    people = building.people_of(world, cast)
    if together:
        recommends = Procedure.Recommends.TOGETHER
        Procedure.objects.create(committee=world.committee, version=2, recommends=recommends)
    with clock.at(factories.MONDAY):
        case = _sent(world, cast)
        beside = factories.application_at("eligible", world, cast)
    browsers = {role: asking.browser_of(who) for role, who in people.items()}
    things = _things(world, case)
    room = Room(world, cast, people, case, beside, things, browsers)
    with clock.at(OPENED):
        _open(room)
    return room


def _sent(world, cast):
    case = factories.draft(world, cast.asta, amount=APPLIED, **WORDS)
    applications.save_answers(case, by=cast.asta, given={"least_workable": WORKABLE})
    attaching.attach(case, upload(FILE, picture()), purpose="application", by=cast.asta)
    applications.submit(case, by=cast.asta)
    applications.note(case, by=cast.frida, text=NOTE)
    applications.accept_for_review(case, by=cast.frida)
    return case


def _open(room):
    """Each member has said what there is to say about the case; all may vote on the other."""
    review.open_review([room.case, room.beside], by=room.cast.frida)
    building.take_stances(room.case, room.people, room.cast)
    doubtful = room.seat("in doubt")
    review.declare(room.case, member=doubtful, answer="unsure", note="Min nabo.", by=doubtful.user)
    others = [room.seat(role) for role in ("undeclared", "in doubt", "recused")]
    factories.clear(room.beside, *room.cast.members, *others)


def _things(world, case):
    """For every word of the table's addresses: this case, what belongs to it, or the first row."""
    return (
        dict.fromkeys(building.CASES, case.reference)
        | dict.fromkeys(building.NUMBERS, 1)
        | dict.fromkeys(building.CALLS, world.call.slug)
        | {"file": case.attachments.get().pk}
    )


# --- Looking ---------------------------------------------------------------------------------


def seen(room, role, *turns, at=LATER, hats=()):
    """What the role can see after these turns of events, which then have not happened.

    {address or mail: what it says}. hats: roles in the pool that they have besides.
    """
    who = room.people[role]
    with looking.as_if_never():
        for hat in hats:
            place = room.world.places[0] if hat == "municipality_reader" else None
            PoolRole.objects.create(user=who, pool=room.world.pool, role=hat, municipality=place)
        for turn in turns:
            turn(room)
        room.case.refresh_from_db()
        with clock.at(at):
            found = looking.everything(
                room.browsers[role], who, room.things, words=["Tavs", "Natteradio"]
            )
    room.case.refresh_from_db()
    return found


# --- What happens to the case ----------------------------------------------------------------


def votes(room, choice="for", amount=GIVEN, points=5, voters=()):
    """Everybody who may votes, with a paper full of notes."""
    with clock.at(VOTED):
        for member in voters or room.voters:
            vote(room.case, member, choice, amount=amount, points=points)


votes_against = partial(votes, choice="against", amount=0, points=0)


def vote(case, member, choice, *, amount, points):
    notes = {str(criterion.pk): THOUGHT for criterion in case.call.criteria.all()}
    voting.save_assessment(case, member=member, by=member.user, notes=notes, choice=choice)
    factories.vote(case, member, choice=choice, amount=amount, points=points)


def talk(room):
    """A remark, a question to the secretariat, and its answer; two of them new to the case."""
    esther = room.seat("member")
    said = {"member": esther, "by": esther.user, "is_new_fact": True}
    with clock.at(VOTED):
        discussion.write_remark(room.case, kind="remark", text=REMARK, **said)
        asked = discussion.write_remark(room.case, kind="question", text=f"{REMARK}?", **said)
        discussion.answer(asked, text=f"{REMARK}.", by=room.cast.frida, is_new_fact=True)


def demand(room):
    """A member wants a meeting."""
    esther = room.seat("member")
    with clock.at(VOTED):
        voting.demand_meeting(room.case, member=esther, reason=REMARK, by=esther.user)


def time_passes(room):
    """Those who have not voted are reminded, and what can close closes; the rest is told of."""
    with clock.at(OVER - timedelta(hours=1)):
        reminders.remind_members()
    with clock.at(OVER):
        voting.close_due_votes()
    room.case.refresh_from_db()


def close(room):
    """The doubt is settled, so it closes when its time is over."""
    (doubt,) = review_queries.doubts(room.case)
    with clock.at(VOTED):
        review.rule(doubt, is_recused=False, reason="Ingen nærhed.", by=room.cast.dines)
    time_passes(room)


def decide(room):
    factories.decide(room.case, room.world, room.cast, amount=GIVEN)


def close_the_other(room):
    """The case beside it is carried."""
    with clock.at(VOTED):
        for member in room.cast.members:
            factories.vote(room.beside, member)
    with clock.at(OVER):
        voting.close_vote(room.beside, by=room.cast.dines)


def propose(room):
    with clock.at(OVER):
        return allocations.propose(room.world.call, rule="ranked", by=room.cast.frida)


def adopt(room):
    with clock.at(OVER):
        allocations.adopt(propose(room), by=room.cast.frida)


def meet(room):
    """About the case; the meeting has begun, and its vote is taken anew."""
    with clock.at(OVER):
        meeting = meetings.call_meeting(
            room.world.committee,
            by=room.cast.frida,
            starts_at=MET,
            ends_at=MET + timedelta(hours=1),
            chosen=[room.case.reference],
        )
    with clock.at(MET):
        meetings.open_meeting(meeting, by=room.cast.frida)
        there = {member.pk for member in room.voters}
        meetings.note_attendance(meeting, present=there, by=room.cast.frida)
        item = meeting.items.get()
        meetings.save_note(item, text=REMARK, by=room.cast.frida)
        meetings.take_anew(item, by=room.cast.frida)
    return meeting


def end(room):
    """The meeting ends; its minutes are a draft."""
    meeting = meet(room)
    with clock.at(MET + timedelta(minutes=30)):
        meetings.close_anew(meeting.items.get(), by=room.cast.frida)
        meetings.end_meeting(meeting, by=room.cast.frida)
