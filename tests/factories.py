"""The smallest world in which an application can live, made by the real actions."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from applicants import actions as applicants
from applicants.models import Applicant, Guardian, User
from committee.review import actions as review
from committee.seats.models import Committee, Member, Procedure
from committee.votes import actions as voting
from grants.applications import actions as applications
from grants.applications import guardians
from grants.applications.models import Application, ConsentLink
from grants.decisions import actions as decisions
from grants.decisions.changes import what_is_agreed
from grants.payouts import actions as payouts
from grants.payouts.accounts import Told
from grants.pools.models import (
    Call,
    ComplaintGuidance,
    Contribution,
    Criterion,
    Guideline,
    Municipality,
    Pool,
    PoolRole,
)
from workflows import clock
from workflows.lifecycle import ApplicationStatus

# The day on which the world begins; every walk hands this clock in.
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG_AFTER = MONDAY + timedelta(days=400)

ASTAS_ACCOUNT = "DK5000400440116243"
ANOTHER_ACCOUNT = "DK9520000123456789"


@dataclass(frozen=True)
class World:
    """One pool with all that belongs to it."""

    pool: Pool
    call: Call
    committee: Committee
    places: list[Municipality]
    guideline: Guideline
    criterion: Criterion


def user(name, **fields):
    email = fields.pop("email", f"{name.lower()}@example.org")
    return User.objects.create_user(email, name=name, **fields)


def role(who, pool, name, **fields):
    PoolRole.objects.create(user=who, pool=pool, role=name, **fields)
    return who


def municipalities():
    rows = [("DK", "0101", "København"), ("DK", "0259", "Køge"), ("SE", "1280", "Malmö")]
    return [
        Municipality.objects.get_or_create(
            country=country,
            code=code,
            defaults={"name": name, "place": place, "longitude": 12, "latitude": 55},
        )[0]
        for place, (country, code, name) in enumerate(rows)
    ]


def world(code="ukp", budget=100_000_00):
    places = municipalities()
    pool = Pool.objects.create(
        code=code,
        name="Ungekulturpuljen",
        purpose="Penge til unges egne ideer.",
        authority="Kultursekretariatet",
        street="Rådhuspladsen 1",
        postal_code="1550",
        town="København V",
        email="pulje@example.org",
        phone="33 00 00 00",
        iban="DK5000400440116243",
    )
    for place in places:
        Contribution.objects.create(pool=pool, municipality=place, year=2026, amount=50_000_00)
    for kind in ComplaintGuidance.Kind:
        ComplaintGuidance.objects.create(
            pool=pool, kind=kind, version=1, text="Du kan klage.", text_en="You can complain."
        )
    call = Call.objects.create(
        pool=pool,
        slug=f"{code}-foraar",
        title="Forår",
        title_en="Spring",
        summary="Penge til foråret.",
        summary_en="Money for spring.",
        opens_at=MONDAY - timedelta(days=30),
        closes_at=MONDAY + timedelta(days=60),
        answer_by=date(2026, 6, 1),
        budget=budget,
        least_amount=500_00,
        greatest_amount=25_000_00,
        conditions="Fortæl at puljen støtter jer.",
        conditions_en="Tell that the pool supports you.",
    )
    committee = Committee.objects.create(pool=pool, name="Udvalget")
    Procedure.objects.create(committee=committee)
    return World(
        pool=pool,
        call=call,
        committee=committee,
        places=places,
        guideline=Guideline.objects.create(
            pool=pool, paragraph="§ 4", text="Åbent for alle.", text_en="Open to all."
        ),
        criterion=Criterion.objects.create(
            call=call,
            position=1,
            name="Fællesskab",
            name_en="Community",
            text="Andre unge kan være med.",
            text_en="Other young people can join.",
        ),
    )


def seat(who, committee, kind, *, is_chair=False, **fields):
    role(who, committee.pool, "chair" if is_chair else "member")
    return Member.objects.create(
        committee=committee,
        user=who,
        seat=kind,
        is_chair=is_chair,
        home=Municipality.objects.first(),
        **fields,
    )


def applicant(who, **fields):
    given = {"name": who.name, "birth_date": date(2004, 5, 17), "phone": "20 20 20 20"}
    return Applicant.objects.create(user=who, **(given | fields))


def draft(world, contact, *, amount=10_000_00, who=None, parts=None, at=MONDAY, **answers):
    """A draft that lacks nothing."""
    with clock.at(at):
        application = applications.start(
            world.call, by=contact, applicant=who or applicant(contact), language="da"
        )
        applications.save_answers(
            application,
            by=contact,
            given={
                "title": "Natteradio",
                "summary": "Vi laver radio om natten.",
                "activity": "Otte udsendelser fra et vaskeri.",
                "audience": "Alle under 25 kan være med.",
                "newness": "Der findes ingen natteradio i byen.",
                "art_form": "media",
                "starts_on": date(2026, 8, 1),
                "ends_on": date(2026, 9, 1),
                "place": "Vaskeriet",
                "amount_applied_for": amount,
                "least_workable": amount // 2,
                "is_public": True,
                "home": world.places[0],
                "parts": parts or [(world.places[0], 67), (world.places[1], 33)],
                "line-1": {"kind": "expense", "text": "Udstyr", "amount": amount, "nature": ""},
            }
            | answers,
        )
    return application


@dataclass(frozen=True)
class Cast:
    """Asta applies, Bo is on her team, Cille is a stranger, Dines and Esther sit in the committee,
    Frida is caseworker, Gorm approves payments, Hanne is pool administrator."""

    asta: User
    bo: User
    cille: User
    dines: User
    esther: User
    frida: User
    gorm: User
    hanne: User
    members: list[Member]


def cast(world):
    dines, esther = user("Dines"), user("Esther")
    members = [
        seat(dines, world.committee, "staff", is_chair=True),
        seat(esther, world.committee, "young"),
        seat(user("Ib"), world.committee, "staff"),
        seat(user("Jo"), world.committee, "young"),
    ]
    return Cast(
        asta=user("Asta"),
        bo=user("Bo"),
        cille=user("Cille"),
        dines=dines,
        esther=esther,
        frida=role(user("Frida"), world.pool, "caseworker", title="Sagsbehandler"),
        gorm=role(user("Gorm"), world.pool, "approver"),
        hanne=role(user("Hanne"), world.pool, "pool_admin"),
        members=members,
    )


def clear(application, *members):
    """They say that they have no conflict."""
    for member in members:
        review.declare(application, member=member, answer="clear", by=member.user)


def scores(application, points=4):
    """As many points for every criterion."""
    return {str(criterion.pk): points for criterion in application.call.criteria.all()}


def vote(application, member, *, amount=0, choice="for", points=4):
    """The member votes, and has declared; amount 0 with "for" is all that was applied for."""
    return voting.cast_vote(
        application,
        member=member,
        choice=choice,
        amount=amount or application.amount_applied_for,
        scores=scores(application, points),
        by=member.user,
    )


def vote_through(application, cast, *, amount, at):
    """All members vote for the amount (0: against), and the chair closes the vote."""
    choice = "for" if amount else "against"
    with clock.at(at):
        clear(application, *cast.members)
        for member in cast.members:
            vote(application, member, choice=choice, amount=amount)
        voting.close_vote(application, by=cast.dines)


def decide(application, world, cast, *, amount):
    less = amount < application.amount_applied_for
    reason = (
        {"guideline": world.guideline, "criterion": world.criterion, "fact": "Kun ét sted."}
        if less
        else {}
    )
    decisions.decide(application, by=cast.frida, amount=amount, **reason)


def pay(application, cast):
    """Every instalment that can be paid is planned, approved, released and confirmed."""
    for instalment in application.current_grant().instalments.all():
        payout = payouts.plan(instalment, by=cast.frida)
        payouts.approve(payout, by=cast.gorm)
        payouts.release([payout], by=cast.gorm)
        payout.refresh_from_db()
        payouts.confirm(payout, by=cast.frida)


def report(application, cast):
    application.refresh_from_db()
    written = payouts.save_report(
        application,
        by=cast.asta,
        happened="Vi sendte hver nat.",
        participants=40,
        lines=accounts(application),
    )
    payouts.submit_report(written, by=cast.asta)
    payouts.approve_report(written, by=cast.frida, seen=written.submitted_at)


def accounts(application, *, income=0, left=0):
    """The lines of a report: so much other income and so much left, in øre; what is one expense."""
    grant = application.current_grant()
    if grant is None:
        return []
    (line,) = what_is_agreed(grant).lines
    spent = grant.amount_awarded + income - left
    other = [Told("", "income", "Billetter", income)] if income else []
    return [Told(line.key, line.kind, line.text, spent), *other]


def application_at(status, world, cast, **given):
    """An application of Asta's that has walked to `status` by the real actions, a day a step."""
    application = draft(world, cast.asta, **given)
    for day, (act, reached) in enumerate(_walk_to(status), start=1):
        with clock.at(MONDAY + timedelta(days=day)):
            application = Application.objects.get(pk=application.pk)
            act(application, world, cast)
            application.refresh_from_db()
        assert application.status == reached
    return application


def _submit(application, world, cast):
    applications.submit(application, by=cast.asta)


def _ask_for_more(application, world, cast):
    applications.ask_for_more(
        application, by=cast.frida, question="Hvor mange?", answer_by=date(2026, 4, 1)
    )


def _accept_for_review(application, world, cast):
    applications.accept_for_review(application, by=cast.frida)


def _open_review(application, world, cast):
    review.open_review([application], by=cast.frida)


def _recommend(application, world, cast):
    vote_through(application, cast, amount=application.amount_applied_for, at=clock.now())


def _decide_yes(application, world, cast):
    decide(application, world, cast, amount=application.amount_applied_for)


def _decide_no(application, world, cast):
    decide(application, world, cast, amount=0)


def _announce(application, world, cast):
    decisions.announce([application], by=cast.frida)


def _accept(application, world, cast):
    applicants.name_account(
        application.applicant, holder="Asta", iban=ASTAS_ACCOUNT, by=cast.asta, row=application
    )
    payouts.accept_grant(application, by=cast.asta)


def _decline(application, world, cast):
    decisions.decline_grant(application, by=cast.asta)


def _complete(application, world, cast):
    pay(application, cast)
    report(application, cast)
    payouts.complete(application, by=cast.frida)


def _reclaim(application, world, cast):
    pay(application, cast)
    hearing = decisions.hear(application, by=cast.frida, text="Vi overvejer at kræve pengene.")
    decisions.answer_hearing(hearing, by=cast.asta, answer="Det forstår vi.")
    payouts.reclaim(application, by=cast.frida, amount=application.amount_paid())


def _withdraw(application, world, cast):
    applications.withdraw(application, by=cast.asta)


S = ApplicationStatus
_SUBMITTED = [(_submit, S.SUBMITTED)]
_IN_REVIEW = [*_SUBMITTED, (_accept_for_review, S.ELIGIBLE), (_open_review, S.IN_REVIEW)]
_RECOMMENDED = [*_IN_REVIEW, (_recommend, S.RECOMMENDED)]
_AWARDED = [*_RECOMMENDED, (_decide_yes, S.DECIDED), (_announce, S.AWARDED)]
_ACCEPTED = [*_AWARDED, (_accept, S.ACCEPTED)]

_WALKS = {
    S.DRAFT: [],
    S.SUBMITTED: _SUBMITTED,
    S.INCOMPLETE: [*_SUBMITTED, (_ask_for_more, S.INCOMPLETE)],
    S.ELIGIBLE: _IN_REVIEW[:2],
    S.IN_REVIEW: _IN_REVIEW,
    S.RECOMMENDED: _RECOMMENDED,
    S.DECIDED: _AWARDED[:-1],
    S.AWARDED: _AWARDED,
    S.REJECTED: [*_SUBMITTED, (_decide_no, S.DECIDED), (_announce, S.REJECTED)],
    S.ACCEPTED: _ACCEPTED,
    S.LAPSED: [*_AWARDED, (_decline, S.LAPSED)],
    S.COMPLETED: [*_ACCEPTED, (_complete, S.COMPLETED)],
    S.RECLAIMED: [*_ACCEPTED, (_reclaim, S.RECLAIMED)],
    S.WITHDRAWN: [*_SUBMITTED, (_withdraw, S.WITHDRAWN)],
}


def _walk_to(status):
    return _WALKS[ApplicationStatus(status)]


def guardian(application, who, relation="Mor"):
    """Somebody's parent, asked about it by a link that is too old, unless it is a draft."""
    named = Guardian.objects.create(applicant=application.applicant, user=who, relation=relation)
    if application.status != ApplicationStatus.DRAFT:
        ConsentLink.objects.create(
            application=application,
            guardian=named,
            token_sha256=f"{named.pk:064}",
            expires_at=clock.now(),
        )
    return named


def consent(application, guardian, **said):
    """The guardian's yes, behind login."""
    given = {"name": guardian.user.name, "relation": guardian.relation} | said
    return guardians.give_consent(application, guardian=guardian, by=guardian.user, **given)
