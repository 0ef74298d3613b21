"""Vote windows, and who of the committee may take part in each."""

from dataclasses import dataclass
from typing import Literal

from django.db.models import Prefetch, Q

from applicants.models import User
from committee.review.models import Declaration, Substitution, VoteWindow
from committee.seats.models import Member
from committee.seats.permissions import seats_today
from grants.pools.models import PoolRole
from workflows import clock

State = Literal["undeclared", "unsure", "clear", "recused", "outside"]


def windows():
    """Vote windows with all that tells who may take part, in a fixed number of queries."""
    return VoteWindow.objects.select_related(
        "committee__pool",
        "procedure",
        "application__call__pool",
        "application__applicant",
        "application__home",
    ).prefetch_related(
        Prefetch("committee__members", seats_today().select_related("user"), to_attr="seats"),
        "application__recusals",
        Prefetch("application__substitutions", Substitution.objects.order_by("id")),
        Prefetch(
            "application__declarations",
            Declaration.objects.select_related("ruling").order_by("-declared_at", "-id"),
        ),
    )


def window_for(application):
    """The newest vote window of the application, as from `windows()`, or None."""
    return windows().filter(application=application).first()


@dataclass(frozen=True)
class Bench:
    """Who of the committee is who on one application: {member's pk: Member} each.

    seated: the seats with a say in it, the recused among them; a substitute who was called in
    sits in the place of the other. aside: those of them who are recused. unsure: those whose
    doubt nobody has settled. clear: those who may read and vote.
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
    """The Bench of the window (one of `windows()`)."""
    application = window.application
    recused = {recusal.member_id for recusal in application.recusals.all()}
    seats = {seat.pk: seat for seat in window.committee.seats}
    called_in = [each for each in application.substitutions.all() if each.substitute_id in seats]
    replaced = {each.member_id for each in called_in} - recused
    sitting = {each.substitute_id for each in called_in}
    seated = {
        pk: seat
        for pk, seat in seats.items()
        if (not seat.is_substitute or pk in sitting) and pk not in replaced
    }
    # Who stands aside does so also where a substitute's term, or the own, has ended since.
    aside = {pk: seats[pk] for pk in recused if pk in seats}
    newest = {}
    for declaration in application.declarations.all():
        newest.setdefault(declaration.member_id, declaration)
    answers = {pk: _answer(newest[pk]) for pk in seated if pk in newest and pk not in aside}
    return Bench(
        seated=seated,
        aside=aside,
        unsure={pk: seated[pk] for pk, answer in answers.items() if answer == "unsure"},
        clear={pk: seated[pk] for pk, answer in answers.items() if answer == "clear"},
    )


def _answer(declaration):
    """What a declaration comes to: "clear", "unsure", or "recused"."""
    if declaration.answer != Declaration.Answer.UNSURE:
        return declaration.answer
    ruling = getattr(declaration, "ruling", None)
    if ruling is None:
        return "unsure"
    return "recused" if ruling.is_recused else "clear"


def doubts(application):
    """The declarations that somebody else has to settle, newest of their member only."""
    newest = {}
    for each in application.declarations.select_related("member__user", "ruling"):
        newest.setdefault(each.member_id, each)
    recused = set(application.recusals.values_list("member_id", flat=True))
    return [
        each
        for pk, each in newest.items()
        if pk not in recused and _answer(each) == Declaration.Answer.UNSURE
    ]


def caseworkers(application):
    """Those to tell when a vote needs the secretariat; never somebody who stands aside."""
    today = clock.today()
    standing = PoolRole.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        pool=application.pool,
        role=PoolRole.Name.CASEWORKER,
    )
    aside = Member.objects.filter(recusals__application=application).values("user_id")
    return User.objects.filter(pk__in=standing.values("user_id")).exclude(pk__in=aside)
