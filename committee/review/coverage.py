"""Who may vote on what, and where a quorum is at risk; never who has voted."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from django.db.models import Q
from django.utils.translation import gettext as _

from committee.review import facts, permissions, queries
from committee.review.hints import hints_to_others
from committee.review.models import Declaration, VoteWindow
from committee.seats.models import Committee, Member, Procedure
from committee.seats.permissions import seats_today
from committee.tally import votes_needed
from grants.applications.models import Application
from grants.pools.permissions import pools_where
from workflows.lifecycle import ApplicationStatus, Role

Risk = Literal["", "at_risk", "impossible"]


@dataclass(frozen=True)
class Reach:
    """Who can vote, against what a quorum takes. seats: all entitled; doubtful: the unsure."""

    seats: tuple[Member, ...]
    doubtful: frozenset[int]
    procedure: Procedure

    @cached_property
    def young(self):
        return _young(self.seats)

    @cached_property
    def staff(self):
        return len(self.seats) - self.young

    @cached_property
    def needed(self):
        return self._needed(self.seats)

    @property
    def risk(self) -> Risk:
        """ "impossible" without a substitute; "at_risk" where it hangs on one vote or a doubt."""
        if self._spare(self.seats) < 0:
            return "impossible"
        firm = [seat for seat in self.seats if seat.pk not in self.doubtful]
        return "at_risk" if self._spare(firm) < 1 else ""

    def _spare(self, seats):
        """How many of these can stay away before there is no quorum; below 0: it takes more."""
        young, rules = _young(seats), self.procedure
        blocs = [(young, rules.least_young), (len(seats) - young, rules.least_staff)]
        wanted = [bloc for bloc in blocs if bloc[1]]
        return min(have - takes for have, takes in [*wanted, (len(seats), self._needed(seats))])

    def _needed(self, seats):
        rules = self.procedure
        least = rules.least_young + rules.least_staff
        return votes_needed(len(seats), rules.quorum_percent, least=least)


@dataclass(frozen=True)
class Cell:
    """What one member is to one application: as Bench.state_of, and as a shape and a word.

    hints: sentences; none about those who stand aside already.
    """

    member: Member
    state: str
    shape: str
    label: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """An application. Where it is shut for the reader there are no cells, and only its title.

    doubts: the declarations that the reader may settle. has_substitutes: somebody can be called in.
    """

    application: Application
    window: VoteWindow
    cells: tuple[Cell, ...] = ()
    reach: Reach | None = None
    doubts: tuple[Declaration, ...] = ()
    has_substitutes: bool = False

    @property
    def is_shut(self):
        return self.reach is None

    @property
    def risk(self):
        return self.reach.risk if self.reach else ""

    @property
    def risk_shown(self):
        """(shape, label)"""
        return {
            "impossible": ("problem", _("Quorum impossible")),
            "at_risk": ("warning", _("Quorum at risk")),
            "": ("done", _("Quorum possible")),
        }[self.risk]

    @property
    def hinted(self):
        """The cells with something to tell."""
        return [cell for cell in self.cells if cell.hints]


@dataclass(frozen=True)
class Coverage:
    """members: the columns, the young first and the substitutes last, as the cells of each row."""

    committee: Committee
    members: tuple[Member, ...]
    rows: tuple[Row, ...]

    def _at(self, risk):
        return [row for row in self.rows if row.risk == risk]

    @property
    def impossible(self):
        return self._at("impossible")

    @property
    def at_risk(self):
        return self._at("at_risk")

    @property
    def doubts(self):
        """[(row, declaration)] that the reader may settle."""
        return [(row, doubt) for row in self.rows for doubt in row.doubts]


def coverage(user, committee):
    """The committee's open votes for its chair or a caseworker, in a fixed number of queries.

    A case that is shut for the chair is a title; for the secretariat it is not there at all.
    """
    is_open = {"closed_at": None, "application__status": ApplicationStatus.IN_REVIEW}
    windows = queries.windows().filter(committee=committee, **is_open).order_by("closes_at", "id")
    shut = _shut(windows, user, committee)
    is_chair = seats_today().filter(user=user, committee=committee, is_chair=True).exists()
    shown = [window for window in windows if is_chair or window.pk not in shut]
    members = tuple(sorted(shown[0].committee.seats, key=_place)) if shown else ()
    known = facts.members(members)
    matters = facts.matters([window for window in shown if window.pk not in shut])
    rows = [
        Row(window.application, window)
        if window.pk in shut
        else _row(window, members, known, matters[window.application_id], user)
        for window in shown
    ]
    return Coverage(committee, members, tuple(rows))


def _shut(windows, user, committee):
    """The pks of the windows in which permissions.office_obstacle keeps the user from acting."""
    part = Q(pk__in=queries.taken_part_in_by(user).values("pk"))
    aside = Q(recusals__member__user=user)
    kept_out = set(
        Application.objects.filter(part | aside, vote_windows__in=windows).values_list(
            "pk", flat=True
        )
    )
    is_caseworker = pools_where(user, Role.CASEWORKER).filter(pk=committee.pool_id).exists()
    return {
        window.pk
        for window in windows
        if window.application_id in kept_out
        or (not is_caseworker and permissions.seat_obstacle(window, user))
    }


def _place(seat):
    return (seat.is_substitute, seat.seat != seat.Seat.YOUNG, seat.pk)


def _row(window, members, known, matter, user):
    bench = queries.bench(window)
    return Row(
        window.application,
        window,
        cells=tuple(_cell(bench, seat, known[seat.pk], matter) for seat in members),
        reach=Reach(tuple(bench.entitled.values()), frozenset(bench.unsure), window.procedure),
        doubts=tuple(_doubts(window, bench, user)),
        has_substitutes=bool(open_places(window)),
    )


def _cell(bench, seat, who, matter):
    state = bench.state_of(seat)
    hints = hints_to_others(who, matter) if state in {"undeclared", "unsure", "clear"} else []
    shape, label = state_shown(state, seat)
    return Cell(seat, state, shape, label, tuple(hint.to_others for hint in hints))


def _doubts(window, bench, user):
    """What permissions.rule_obstacle lets the user settle (a test compares them)."""
    if permissions.waits_for_the_chair(window, bench, user):
        return
    for seat in bench.unsure.values():
        if seat.user_id != user.pk:
            said = queries.said_by(seat, window)
            said.member = seat  # so that nobody asks the database for it
            yield said


def open_places(window):
    """[(member, substitutes)]: who can be called in for whom.

    The same as actions.call_in allows (a test compares them), without a query a pair.
    """
    bench, called_in = queries.bench(window), window.application.substitutions.all()
    taken = {each.member_id for each in called_in if each.substitute_id in bench.entitled}
    busy = {
        *bench.seated,
        *bench.aside,
        *window.own_part,
        *(each.substitute_id for each in called_in),
    }
    free = [seat for seat in window.committee.seats if seat.is_substitute and seat.pk not in busy]
    places = [
        (member, [seat for seat in free if seat.seat == member.seat])
        for member in bench.seated.values()
        if not member.is_substitute
        and member.pk not in taken
        and (member.pk in bench.aside or member.pk in bench.undeclared)
    ]
    return [(member, substitutes) for member, substitutes in places if substitutes]


def state_shown(state, member):
    """(shape, label) of what a member is to an application, out of Bench.state_of."""
    if state == "outside":
        state = "substitute" if member.is_substitute else "replaced"
    return {
        "clear": ("done", _("May vote")),
        "recused": ("recused", _("Stands aside")),
        "unsure": ("warning", _("Unsure")),
        "undeclared": ("todo", _("Not answered")),
        "substitute": ("waiting", _("Substitute")),
        "replaced": ("withdrawn", _("Replaced")),
    }[state]


def _young(seats):
    return sum(seat.seat == seat.Seat.YOUNG for seat in seats)
