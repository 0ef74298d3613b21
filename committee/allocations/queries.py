"""What an allocation is made of, and what it came to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from committee import allocation as allocating
from committee import elections, reasons, tally
from committee import receipts as receipting
from committee.allocations.models import Allocation
from committee.review import queries as review
from committee.review.models import VoteWindow
from committee.votes import queries as votes
from grants.applications.models import Application
from grants.decisions.models import MunicipalShare
from grants.pools.models import Call, Municipality
from grants.pools.money import money
from workflows import clock
from workflows.lifecycle import ApplicationStatus


@dataclass(frozen=True)
class Waiting:
    """The votes of a call that nothing follows from yet; the newest of each application.

    ready: closed, in order of reference. open: how many are still open. to_meet: how many are
    closed and wait for a meeting.
    """

    ready: tuple[VoteWindow, ...]
    open: int
    to_meet: int


@dataclass(frozen=True)
class Basis:
    """Closed votes as values that an allocation is made of.

    votes: {seat: {reference: points}} of those in favour; who is against or abstains pays nothing,
    and has a share all the same. Each seat in the committee has one share: a substitute spends
    that of the member whose place they take. seats: {seat: "young" or "staff"}.
    voters: {(seat, reference): the member who voted from it}; seats and members are pks as text.
    """

    windows: tuple[VoteWindow, ...]
    applications: tuple[allocating.Tallied, ...]
    votes: allocating.Votes
    seats: Mapping[str, str]
    voters: Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Progress:
    """How far a call has come. open, closed: votes that nothing follows from yet, how many.

    proposal: what lies before the committee; adopted: the newest of what was adopted; or None.
    """

    call: Call
    open: int
    closed: int
    proposal: Allocation | None
    adopted: Allocation | None

    @property
    def is_adopted_in_part(self):
        """Something was adopted, and there are votes that it was not about."""
        return self.adopted is not None and bool(self.open or self.closed)


def calls_in(pools, user):
    """`Progress` of each call of the pools that is allocated together, the newest first.

    What the user stands aside from, or has a part in, is in no count.
    """
    asked = VoteWindow.objects.filter(application__call=OuterRef("pk"))
    calls = Call.objects.filter(Exists(asked), pool__in=pools, closes_at__isnull=False)
    allocations = Allocation.objects.filter(call__in=calls, dropped_at=None)
    proposals, adoptions = {}, {}
    for allocation in allocations.order_by("adopted_at"):
        kept = adoptions if allocation.adopted_at else proposals
        kept[allocation.call_id] = allocation
    votes_of = _votes_in(calls, user)
    return [
        Progress(
            call=call,
            open=sum(closed is None for closed in votes_of.get(call.pk, ())),
            closed=sum(closed is not None for closed in votes_of.get(call.pk, ())),
            proposal=proposals.get(call.pk),
            adopted=adoptions.get(call.pk),
        )
        for call in calls.select_related("pool").order_by("-closes_at", "-pk")
    ]


def _votes_in(calls, user):
    """{call's pk: when each of its newest votes was closed, or None} of what still waits."""
    asked = VoteWindow.objects.filter(
        application__call__in=calls, application__status=ApplicationStatus.IN_REVIEW
    )
    newest = (
        _told_to(user, asked)
        .order_by("application_id", "-opened_at", "-id")
        .distinct("application_id")
        .values_list("application__call", "closed_at")
    )
    found = {}
    for call, closed_at in newest:
        found.setdefault(call, []).append(closed_at)
    return found


def _told_to(user, windows):
    """Without those of what the user stands aside from, or has a part in: a count would tell."""
    own = Q(application__in=review.taken_part_in_by(user))
    return windows.exclude(own | Q(application__recusals__member__user=user))


def waiting(call, told_to=None):
    """What of the call waits for an allocation, as `Waiting`; all of it, or what a user may know
    of."""
    asked = _windows(call).filter(application__status=ApplicationStatus.IN_REVIEW)
    if told_to is not None:
        asked = _told_to(told_to, asked)
    newest = [window for window in _newest(asked) if not window.recommendation_id]
    closed = [window for window in newest if window.closed_at]
    to_meet = [window for window in closed if votes.waits_for_a_meeting(window)]
    return Waiting(
        ready=tuple(window for window in closed if window not in to_meet),
        open=len(newest) - len(closed),
        to_meet=len(to_meet),
    )


def windows_of(allocation):
    """The closed votes that the allocation was made of, in order of reference."""
    here = _windows(allocation.call).filter(
        application__reference__in=allocating.recorded(allocation.record).amounts,
        closed_at__lte=allocation.proposed_at,
    )
    return _newest(here)


def _windows(call):
    parts = "application__municipal_parts__municipality"
    return votes.windows().filter(application__call=call).prefetch_related(parts)


def _newest(windows):
    """The newest of each application, in order of reference."""
    newest = {}
    for window in windows:  # the newest come first
        newest.setdefault(window.application_id, window)
    return tuple(sorted(newest.values(), key=lambda window: window.application.reference))


def basis(windows):
    """What the closed windows (of one call) come to, as `Basis`."""
    received = _received_per_inhabitant({window.application.home for window in windows})
    points, seats, voters = {}, {}, {}
    for window in windows:
        poll, reference = votes.poll(window), window.application.reference
        for ballot in poll.counted:
            seat = _in_whose_place(window.application, ballot.member)
            seats[seat] = ballot.seat
            paid = points.setdefault(seat, {})
            if worth := _points(ballot, poll.rules):
                paid[reference] = worth
            voters[seat, reference] = ballot.member
    return Basis(
        windows=tuple(windows),
        applications=tuple(
            votes.tallied(window, received_per_inhabitant=received[window.application.home_id])
            for window in windows
        ),
        votes=points,
        seats=seats,
        voters=voters,
    )


def _points(ballot, rules):
    if ballot.choice != "for":
        return Fraction(0)
    return tally.points(ballot, rules) if rules.weights else Fraction(1)


def _in_whose_place(application, member):
    """The seat that the member (a pk as text) voted from: another's for a substitute."""
    places = {str(each.substitute_id): each.member_id for each in application.substitutions.all()}
    while member in places:
        member = str(places[member])
    return member


def _received_per_inhabitant(homes):
    """{municipality's pk: øre that pools have given it this year, by inhabitant, exact}.

    0 where nobody has counted the inhabitants.
    """
    given = dict(
        MunicipalShare.objects.filter(
            municipality__in=[home.pk for home in homes if home],
            grant__ended_at=None,
            grant__award_date__year=clock.today().year,
        )
        .order_by()
        .values_list("municipality")
        .annotate(Sum("amount"))
    )
    return {None: Fraction(0)} | {
        home.pk: Fraction(given.get(home.pk, 0), home.population)
        if home.population
        else Fraction(0)
        for home in homes
        if home
    }


def seed_of(windows):
    """What the lot is drawn from: nobody can choose it, anybody can compute it."""
    seals = "\n".join(sorted(window.seal for window in windows))
    return hashlib.sha256(seals.encode()).hexdigest()


def terms(windows, *, limits=(), step=None):
    """The terms for the windows (of one call), against the money that it has left.

    Where they were opened under several versions of the rules, the highest threshold counts and
    the largest step, which is the committee's rounding unless another one is handed in.
    """
    rules = [window.procedure for window in windows]
    has_scores = all(window.weights for window in windows)
    return allocating.Terms(
        budget=max(votes.left_of(windows[0].application.call), 0),
        step=max(each.rounding for each in rules) if step is None else step,
        seed=seed_of(windows),
        threshold=Fraction(max(each.threshold for each in rules)) if has_scores else Fraction(0),
        limits=tuple(limits),
    )


def laid_forward(call):
    """The proposal that is before the committee now, or None."""
    return _allocations(call).filter(adopted_at=None, dropped_at=None).first()


def adopted(call):
    """What the committee has adopted for the call, the newest first."""
    return _allocations(call).exclude(adopted_at=None)


def _allocations(call):
    return (
        Allocation.objects.filter(call=call)
        .select_related("call__pool", "proposed_by", "adopted_by")
        .prefetch_related("moves__application")
    )


def counted(allocation):
    """What the allocation was computed from, read from its own file: elections.Counted."""
    return elections.count(elections.read(allocation.election))


def standing(allocation, votes=None):
    """The proposal with what people have moved since.

    votes: of a `Basis`, to have it with who paid what; computed anew then, else as recorded.
    """
    known = counted(allocation)
    proposal = allocating.recorded(allocation.record)
    if votes is not None:
        proposal = allocating.allocate(allocation.rule, known.applications, votes, known.terms)
    tallied = {each.id: each for each in known.applications}
    for moved in allocation.moves.all():
        application = tallied[moved.application.reference]
        proposal = allocating.move(proposal, known.applications, application, moved.amount)
    return proposal


def room(allocation, proposal, reference):
    """The most that the application can be given, the others as they stand: allocation.Room."""
    applications = counted(allocation).applications
    application = next(each for each in applications if each.id == reference)
    return allocating.room(proposal, applications, application)


def file_is_open(windows):
    """Whether those who see all of it may have the file: from secret ballots it could tell who."""
    return not any(window.procedure.is_secret for window in windows)


def receipt_of(allocation, member):
    """The member's own receipts.Receipt of what was adopted, or None for who had no vote in it.

    A substitute who has no share of their own has a share of 0 on it.
    """
    its = basis(windows_of(allocation))
    me = str(member.pk)
    own, by_points = [], []
    found = receipting.receipts(standing(allocation, its.votes), its.votes)
    for seat, receipt in found.items():
        own += [line for line in receipt.own if its.voters[seat, line[0]] == me]
        by_points += [line for line in receipt.by_points if its.voters[seat, line[0]] == me]
    if me not in its.voters.values():
        return None
    share = found[me].share if me in found else 0
    return receipting.Receipt(share, tuple(own), tuple(by_points))


def reason_of(application):
    """Why the application got its recommended amount, as a sentence; None where no rule says."""
    window = VoteWindow.objects.filter(
        application=application, recommendation__isnull=False
    ).first()
    if window is None:
        return None
    if window.reason:
        line = allocating.Line(application.reference, 0, 0, **window.reason)
        return reasons.sentence(line, lambda amount: money(amount, application.currency))
    later = adopted(application.call).filter(proposed_at__gte=window.closed_at)
    for allocation in later.order_by("adopted_at"):
        said = reasons_in(allocation, standing(allocation))
        if application.reference in said:
            return said[application.reference]
    return None


def reasons_in(allocation, proposal):
    """{reference: why so much, in words}; where people have moved it, theirs and the rule's."""
    written = {move.application.reference: move.reason for move in allocation.moves.all()}
    said = sentences(proposal, allocation.pool)
    by_rule = sentences(allocating.recorded(allocation.record), allocation.pool)
    for reference, why in written.items():
        own = _("By the rule: %(why)s") % {"why": by_rule[reference]}
        said[reference] = f"{said[reference]} “{why}” {own}"
    return said


def sentences(proposal, pool):
    """{reference: why so much, in words}, without what people have written."""
    names = names_of_parts(proposal.terms.limits)
    return {
        line.id: reasons.sentence(
            line, lambda amount: money(amount, pool.currency), lambda of, code: names[of, code]
        )
        for line in (*proposal.funded, *proposal.skipped)
    }


def names_of_parts(limits):
    """{("municipality" or "art_form", code): what people call it} of what is limited."""
    forms = dict(Application.ArtForm.choices)
    names = {("art_form", each.code): str(forms[each.code]) for each in limits if _is_form(each)}
    codes = [each.code for each in limits if not _is_form(each)]
    if codes:
        found = {each.key_text: each.name for each in Municipality.objects.all()}
        names |= {("municipality", code): found[code] for code in codes}
    return names


def name_of(limit):
    """What people call the part of the pool that is limited."""
    return names_of_parts([limit])[limit.of, limit.code]


def _is_form(limit):
    return limit.of == "art_form"
