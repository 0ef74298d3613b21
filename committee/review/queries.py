"""Vote windows, and who of the committee may take part in each."""

from dataclasses import dataclass
from typing import Literal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Prefetch, Q

from applicants.models import User
from committee.review.models import Declaration, Substitution, VoteWindow
from committee.seats.models import Member
from committee.seats.permissions import seats_today
from grants.applications.models import Application
from grants.pools.models import PoolRole
from workflows import clock

State = Literal["undeclared", "unsure", "clear", "recused", "outside"]


def taken_part_in_by(user):
    """The applications in which the user has a part: contact, team, or guardian who said yes.

    A guardian has one when they have said yes: being named is nothing that they did.
    user: a User, or an expression for one.
    """
    return Application.objects.filter(
        Q(contact=user) | Q(team__user=user) | Q(consents__guardian__user=user)
    )


def windows():
    """Vote windows with all that tells who may take part, in a fixed number of queries.

    own_part: the pks of the committee's members who have a part in the application themselves.
    """
    part = taken_part_in_by(OuterRef("user")).filter(pk=OuterRef(OuterRef("application")))
    their_own = Member.objects.filter(Exists(part), committee=OuterRef("committee"))
    return (
        VoteWindow.objects.select_related(
            "committee__pool",
            "procedure",
            "application__call__pool",
            "application__applicant",
            "application__home",
        )
        .annotate(own_part=ArraySubquery(their_own.values("pk")))
        .prefetch_related(
            Prefetch("committee__members", seats_today().select_related("user"), to_attr="seats"),
            "application__recusals",
            Prefetch("application__substitutions", Substitution.objects.order_by("id")),
            Prefetch(
                "application__declarations",
                Declaration.objects.select_related("ruling").order_by("-declared_at", "-id"),
            ),
        )
    )


def window_for(application):
    """The newest vote window of the application, as from `windows()`, or None."""
    return windows().filter(application=application).first()


@dataclass(frozen=True)
class Bench:
    """Who of the committee is who on one application: {member's pk: Member} each.

    seated: the seats with a say in it, the recused among them; a substitute who was called in
    sits in the place of the other. aside: who is recused, or takes part in the application.
    unsure: those whose doubt nobody has settled. clear: those who may read and vote.
    """

    seated: dict[int, Member]
    aside: dict[int, Member]
    unsure: dict[int, Member]
    clear: dict[int, Member]

    @property
    def entitled(self):
        return {pk: seat for pk, seat in self.seated.items() if pk not in self.aside}

    @property
    def undeclared(self):
        answered = self.unsure.keys() | self.clear.keys()
        return {pk: seat for pk, seat in self.entitled.items() if pk not in answered}

    @property
    def chair(self):
        """The chair, where the chair may read and vote; or None."""
        return next((seat for seat in self.clear.values() if seat.is_chair), None)

    def state_of(self, member) -> State:
        """ "outside" for a substitute who is not called in, and for who is replaced by one."""
        if member.pk in self.aside:
            return "recused"
        if member.pk not in self.seated:
            return "outside"
        if member.pk in self.clear:
            return "clear"
        return "unsure" if member.pk in self.unsure else "undeclared"


def bench(window):
    """The Bench of the window (one of `windows()`).

    A substitution holds for as long as both have their seats. A substitute who stands aside gives
    the place back, until another is called in.
    """
    application = window.application
    seats = {seat.pk: seat for seat in window.committee.seats}
    recused = {recusal.member_id for recusal in application.recusals.all()}
    kept_out = recused | set(window.own_part)
    places = {
        each.substitute_id: each.member_id
        for each in application.substitutions.all()
        if each.substitute_id in seats and each.member_id in seats
    }
    replaced = {place for substitute, place in places.items() if substitute not in kept_out}
    seated = {
        pk: seat
        for pk, seat in seats.items()
        if (pk in places if seat.is_substitute else pk not in replaced - kept_out)
    }
    aside = {
        pk: seat for pk, seat in seats.items() if pk in recused or pk in seated.keys() & kept_out
    }
    answers = {
        pk: _answer(said)
        for pk, said in _newest(application.declarations.all()).items()
        if pk in seated and pk not in aside
    }
    return Bench(
        seated=seated,
        aside=aside,
        unsure={pk: seated[pk] for pk, answer in answers.items() if answer == "unsure"},
        clear={pk: seated[pk] for pk, answer in answers.items() if answer == "clear"},
    )


def _newest(declarations):
    """{member's pk: Declaration}: what each has said last. They come newest first."""
    newest = {}
    for declaration in declarations:
        newest.setdefault(declaration.member_id, declaration)
    return newest


def said_by(member, window):
    """What the member has said last about conflicts in the window's application, or None."""
    return _newest(window.application.declarations.all()).get(member.pk)


def _answer(declaration):
    """What a declaration comes to: "clear", "unsure", or "recused"."""
    if declaration.answer != Declaration.Answer.UNSURE:
        return declaration.answer
    ruling = getattr(declaration, "ruling", None)
    if ruling is None:
        return "unsure"
    return "recused" if ruling.is_recused else "clear"


def doubts(application):
    """The declarations that somebody else has to settle, of those who sit in the vote."""
    window = window_for(application)
    unsure = bench(window).unsure if window else {}
    newest = _newest(application.declarations.select_related("member__user"))
    return [newest[pk] for pk in unsure]


def caseworkers(application):
    """Those to tell when a vote needs the secretariat; nobody who stands aside or takes part."""
    today = clock.today()
    standing = PoolRole.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        pool=application.pool,
        role=PoolRole.Name.CASEWORKER,
    )
    aside = Member.objects.filter(recusals__application=application).values("user_id")
    part = taken_part_in_by(OuterRef("pk")).filter(pk=application.pk)
    here = User.objects.filter(pk__in=standing.values("user_id"))
    return here.exclude(pk__in=aside).exclude(Exists(part))
