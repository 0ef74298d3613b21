"""One pool with a case in every state that has a page, and one person for every role there is."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from applicants import actions as applicants
from applicants.models import User
from committee.allocations import actions as allocations
from committee.meetings import actions as meetings
from committee.review import actions as review
from committee.seats.models import Procedure
from committee.votes import actions as voting
from grants.applications import actions as applications
from grants.applications import attaching, guardians
from grants.applications.models import TeamMember
from grants.decisions import actions as decisions
from grants.letters import secret_links, tasks
from grants.letters.models import Letter, Mail
from grants.payouts import actions as payouts
from grants.pools.models import Call
from tests import factories
from tests.grants.applications.samples import picture, upload
from workflows import clock

# What was opened for the committee on the third day is voted on by the fifth, and closes by itself
# on the tenth.
VOTED = factories.MONDAY + timedelta(days=5)
YESTERDAY = factories.MONDAY + timedelta(days=11)
TODAY = YESTERDAY + timedelta(days=1)

# The words for what stands in an address: cases, and rows that have a number.
CASES = (
    *["draft", "sent", "asked", "minors", "ready", "reviewed", "voted", "recommended"],
    *["decided", "awarded", "accepted", "paid", "repaid", "proposed"],
)
NUMBERS = (
    *["applicant", "mate", "parent", "draft_file", "file", "photo", "letter", "doubt"],
    *["called", "held", "ended", "approved", "point", "anew"],
    *["payout", "batch", "repayment", "token"],
)
CALLS = ("call", "together", "waiting")


@dataclass(frozen=True)
class Site:
    """people: {role: User, or None for a visitor}. things: {word: what stands in an address}."""

    people: dict
    things: dict


def build():
    """Every case walks by the real actions; nothing leaves the house."""
    world = factories.world()
    cast = factories.cast(world)
    site = _Building(world, cast, people_of(world, cast))
    with clock.at(YESTERDAY):
        things = site.things()
        tasks.sweep()
    things["letter"] = Letter.objects.get(reference=things["awarded"]).pk
    return Site(site.people, things)


def people_of(world, cast):
    """{role: User, or None}."""
    home = {"municipality": world.places[0]}
    elsewhere = factories.world(code="anden")
    return {
        "visitor": None,
        "stranger": cast.cille,
        "contact": cast.asta,
        "writer": cast.bo,
        "helper": factories.user("Hjalte"),
        "guardian": factories.user("Mor"),
        "member": cast.esther,
        **committee_of(world),
        "chair": cast.dines,
        "caseworker": cast.frida,
        "approver": cast.gorm,
        "pool admin": cast.hanne,
        "reader": factories.role(factories.user("Lis"), world.pool, "municipality_reader", **home),
        "auditor": factories.role(factories.user("Karl"), world.pool, "auditor"),
        "elsewhere": factories.role(factories.user("Iris"), elsewhere.pool, "caseworker"),
        "superuser": User.objects.create_superuser("root@example.org", name="Root"),
    }


def committee_of(world):
    """Young members, each with another answer; one of two substitutes sits in for the recused."""

    def seated(name, **fields):
        return factories.seat(factories.user(name), world.committee, "young", **fields).user

    return {
        "undeclared": seated("Ulla"),
        "in doubt": seated("Tove"),
        "recused": seated("Rie"),
        "substitute": seated("Sif", is_substitute=True),
        "called in": seated("Inga", is_substitute=True),
    }


class _Building:
    def __init__(self, world, cast, people):
        self.world, self.cast, self.people = world, cast, people

    def things(self):
        draft = self._at("draft")
        minors, parent, token = self._minors()
        reviewed = self._before_the_committee()
        planned, paid, repaid = self._accepted(), self._accepted(), self._accepted()
        cases = {
            "draft": draft,
            "sent": self._at("submitted"),
            "asked": self._at("incomplete"),
            "minors": minors,
            "ready": self._at("eligible"),
            "reviewed": reviewed,
            "voted": self._voted(),
            "recommended": self._recommended(),
            "decided": self._decided(),
            "awarded": self._awarded(),
            "accepted": planned,
            "paid": paid,
            "repaid": repaid,
        }
        return {
            **{word: case.reference for word, case in cases.items()},
            **self._together(),
            "call": self.world.call.slug,
            "doubt": reviewed.declarations.get(answer="unsure").pk,
            "applicant": draft.applicant_id,
            "mate": draft.team.get(user=self.people["writer"]).pk,
            "draft_file": self._attach(draft, "application"),
            "parent": parent,
            "token": token,
            "file": reviewed.attachments.get().pk,
            "photo": self._photo(planned),
            "payout": self._planned(planned).pk,
            "batch": self._paid(paid).reference,
            "repayment": self._owed(repaid).pk,
        }

    # --- Before the committee ---------------------------------------------------------------

    def _at(self, status, *, world=None, **given):
        world = world or self.world
        return self._with_people(factories.application_at(status, world, self.cast, **given))

    def _minors(self):
        """Somebody's who is fifteen, and whose father has got a link."""
        who = factories.applicant(self.cast.asta, birth_date=date(2010, 6, 1))
        case = self._at("submitted", who=who)
        father = guardians.invite_guardian(
            case, name="Far", email="far@example.org", relation="Far", by=self.cast.asta
        )
        text = secret_links.with_tokens(Mail.objects.filter(to=father.user).first().text)
        return case, father.pk, text.partition("/consent/")[2].partition("/")[0]

    def _before_the_committee(self):
        """The case with a file that the committee has begun to vote on."""
        case = factories.draft(self.world, self.cast.asta)
        self._attach(case, "application")
        applications.submit(case, by=self.cast.asta)
        applications.accept_for_review(case, by=self.cast.frida)
        review.open_review([case], by=self.cast.frida)
        self._with_people(case)
        take_stances(case, self.people, self.cast)
        doubtful = self.people["in doubt"]
        review.declare(
            case, member=doubtful.seats.get(), answer="unsure", note="Min nabo.", by=doubtful
        )
        return case

    def _voted(self, world=None):
        """Everybody who may has voted, and the time is over."""
        case = self._at("in_review", world=world)
        with clock.at(VOTED):
            take_stances(case, self.people, self.cast)
            for member in self.cast.members:
                factories.vote(case, member)
        return case

    # --- After it ---------------------------------------------------------------------------

    def _recommended(self):
        case = self._voted()
        voting.close_vote(case, by=self.cast.dines)
        case.refresh_from_db()
        return case

    def _decided(self):
        case = self._recommended()
        factories.decide(case, self.world, self.cast, amount=case.amount_applied_for)
        return case

    def _announced(self):
        case = self._decided()
        decisions.announce([case], by=self.cast.frida)
        case.refresh_from_db()
        return case

    def _awarded(self):
        """Nothing stands in the way of a yes."""
        case, asta = self._announced(), self.cast.asta
        account = {"holder": "Asta", "iban": factories.ASTAS_ACCOUNT}
        applicants.name_account(case.applicant, **account, by=asta, row=case)
        return case

    def _accepted(self):
        case = self._awarded()
        payouts.accept_grant(case, by=self.cast.asta)
        case.refresh_from_db()
        return case

    def _photo(self, case):
        payouts.save_report(case, by=self.cast.asta, happened="Vi sendte.", participants=40)
        return self._attach(case, "photo")

    def _planned(self, case):
        return payouts.plan(case.current_grant().instalments.get(), by=self.cast.frida)

    def _paid(self, case):
        """Its payment file. The report is handed in too."""
        payout = self._planned(case)
        payouts.approve(payout, by=self.cast.gorm)
        batch = payouts.release([payout], by=self.cast.gorm)
        payout.refresh_from_db()
        payouts.confirm(payout, by=self.cast.frida)
        lines = factories.accounts(case)
        written = payouts.save_report(
            case, by=self.cast.asta, happened="Vi sendte.", participants=40, lines=lines
        )
        payouts.submit_report(written, by=self.cast.asta)
        return batch

    def _owed(self, case):
        factories._reclaim(case, self.world, self.cast)
        return case.repayments.get()

    # --- By an allocation, and in meetings ---------------------------------------------------

    def _together(self):
        """Two calls in which all is recommended together: one adopted, one laid forward."""
        Procedure.objects.create(
            committee=self.world.committee, version=2, recommends=Procedure.Recommends.TOGETHER
        )
        frida, together, waiting = self.cast.frida, self._call("sammen"), self._call("venter")
        self._closed(together)
        allocations.adopt(allocations.propose(together, rule="ranked", by=frida), by=frida)
        proposed = self._closed(together)
        allocations.propose(together, rule="ranked", by=frida)
        point, anew = self._closed(waiting), self._closed(waiting)
        approved = self._met(point, at=YESTERDAY + timedelta(hours=2))
        with clock.at(TODAY - timedelta(hours=1)):
            meetings.approve_minutes(approved, by=self.cast.dines)
        ended = self._met(at=YESTERDAY + timedelta(hours=4))
        held = self._meeting(point, anew, at=TODAY)
        with clock.at(TODAY):
            self._begin(held)
            meetings.take_anew(held.items.get(application=anew), by=frida)
        return {
            "together": together.slug,
            "waiting": waiting.slug,
            "proposed": proposed.reference,
            "approved": approved.pk,
            "ended": ended.pk,
            "held": held.pk,
            "called": self._meeting(at=TODAY + timedelta(days=7)).pk,
            "point": held.items.get(application=point).pk,
            "anew": held.items.get(application=anew).pk,
        }

    def _call(self, slug):
        call = Call.objects.get(pk=self.world.call.pk)
        (criterion,) = call.criteria.all()
        call.pk, call.slug = None, slug
        call.save()
        criterion.pk, criterion.call = None, call
        criterion.save()
        return call

    def _closed(self, call):
        case = self._voted(replace(self.world, call=call))
        voting.close_vote(case, by=self.cast.dines)
        case.refresh_from_db()
        return case

    def _met(self, *cases, at):
        meeting = self._meeting(*cases, at=at)
        with clock.at(at):
            self._begin(meeting)
            meetings.end_meeting(meeting, by=self.cast.frida)
        meeting.refresh_from_db()
        return meeting

    def _meeting(self, *cases, at):
        return meetings.call_meeting(
            self.world.committee,
            by=self.cast.frida,
            starts_at=at,
            ends_at=at + timedelta(hours=1),
            chosen=[case.reference for case in cases],
        )

    def _begin(self, meeting):
        meetings.open_meeting(meeting, by=self.cast.frida)
        there = {member.pk for member in self.cast.members}
        meetings.note_attendance(meeting, present=there, by=self.cast.frida)
        meeting.refresh_from_db()

    # --- Those around it --------------------------------------------------------------------

    def _with_people(self, case):
        """The same team for every case, and somebody asked as guardian."""
        for role in ["writer", "helper"]:
            who = self.people[role]
            is_helper = role == "helper"
            TeamMember.objects.create(
                application=case,
                user=who,
                name=who.name,
                is_helper=is_helper,
                can_write=not is_helper,
            )
        factories.guardian(case, self.people["guardian"])
        return case

    def _attach(self, case, purpose):
        file = upload("plan", picture())
        return attaching.attach(case, file, purpose=purpose, by=self.cast.asta).pk


def take_stances(case, people, cast):
    """One member stands aside, a substitute is called in for them, one has not answered yet."""
    rie, inga = people["recused"].seats.get(), people["called in"].seats.get()
    review.declare_recusal(case, member=rie, ground="family", by=rie.user)
    review.call_in(case, member=rie, substitute=inga, by=cast.frida)
    factories.clear(case, *cast.members, inga)
