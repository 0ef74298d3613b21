"""What the committee's pages and acts ask for."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applicants.models import User
from committee import tally
from committee.models import Member, Vote, VoteWindow
from committee.permissions import seats_today
from grants.applications.models import Application
from grants.pools.models import PoolRole
from workflows import clock
from workflows.lifecycle import ApplicationStatus


def windows():
    """Vote windows with all that counting them takes, in a fixed number of queries."""
    return VoteWindow.objects.select_related(
        "committee", "application__call__pool", "application__applicant", "application__home"
    ).prefetch_related(
        Prefetch("votes", Vote.objects.filter(voided_at=None), to_attr="standing_votes"),
        Prefetch("committee__members", seats_today().select_related("user"), to_attr="seats"),
        "application__recusals",
    )


def poll(window):
    """The window (one of `windows()`) as values to count.

    Entitled are those who have a seat today and are not recused; only their votes count.
    """
    recused = {recusal.member_id for recusal in window.application.recusals.all()}
    entitled = {
        str(seat.pk): seat.seat for seat in window.committee.seats if seat.pk not in recused
    }
    return tally.Poll(
        ballots=tuple(
            tally.Ballot(
                str(vote.member_id), entitled[str(vote.member_id)], vote.choice, vote.amount
            )
            for vote in window.standing_votes
            if str(vote.member_id) in entitled
        ),
        entitled=entitled,
        rules=tally.Rules(
            least_young=window.committee.least_young,
            least_staff=window.committee.least_staff,
            rounding=window.committee.rounding,
        ),
        applied_for=window.application.amount_applied_for,
        least_workable=window.application.least_workable,
    )


def quorum(window):
    """How many votes the window lacks, as a tally.Quorum."""
    return tally.tally(poll(window)).quorum


def takes_votes(window):
    """Whether one can vote now: until its time, and after it for as long as there is no quorum."""
    if window.closed_at or window.application.status != ApplicationStatus.IN_REVIEW:
        return False
    return clock.now() < window.closes_at or not quorum(window).is_met


def is_overdue(window):
    """Whether its time is over and it goes on, since a quorum is still missing."""
    return clock.now() >= window.closes_at and takes_votes(window)


def what_is_missing(lacking):
    """A tally.Quorum in words: numbers of votes, never whose. Empty when it is met."""
    phrases = []
    if young := lacking.missing_young:
        phrases.append(
            ngettext("%(count)s young vote is missing", "%(count)s young votes are missing", young)
            % {"count": young}
        )
    if staff := lacking.missing_staff:
        phrases.append(
            ngettext("%(count)s staff vote is missing", "%(count)s staff votes are missing", staff)
            % {"count": staff}
        )
    if lacking.missing > young + staff:
        phrases.append(
            ngettext(
                "%(count)s vote is missing in all",
                "%(count)s votes are missing in all",
                lacking.missing,
            )
            % {"count": lacking.missing}
        )
    return phrases


def window_for(application):
    """The newest vote window of the application, as from `windows()`."""
    return windows().filter(application=application).first()


def vote_of(window, member):
    """The member's own standing vote, or None."""
    return next((vote for vote in window.standing_votes if vote.member_id == member.pk), None)


@dataclass(frozen=True)
class Row:
    """An application on a member's desk. A recused one shows its title and applicant, no more."""

    application: Application
    state: str
    state_label: str
    window: VoteWindow | None = None
    missing: tuple[str, ...] = ()

    @property
    def is_overdue(self):
        return is_overdue(self.window)

    @property
    def place(self):
        """What is left for me first, then what closes first; what I may not see comes last."""
        order = ["todo", "done", "waiting", "recused"].index(self.state)
        return (order, self.window.closes_at if self.window else clock.now(), self.application.pk)


@dataclass(frozen=True)
class Desk:
    """All that is with the member's committees now."""

    rows: tuple[Row, ...]

    @cached_property
    def left(self):
        """The rows that await the member's vote."""
        return [row for row in self.rows if row.state == "todo"]

    @cached_property
    def done(self):
        return sum(row.state == "done" for row in self.rows)

    @cached_property
    def total(self):
        return len(self.left) + self.done


def desk(seats):
    """The desk of a member with these seats. The number of queries does not depend on the rows."""
    mine = {seat.committee_id: seat for seat in seats}
    here = windows().filter(
        committee__in=mine, closed_at=None, application__status=ApplicationStatus.IN_REVIEW
    )
    rows = [_row(window, mine[window.committee_id]) for window in here]
    return Desk(tuple(sorted(rows, key=lambda row: row.place)))


def _row(window, member):
    if any(recusal.member_id == member.pk for recusal in window.application.recusals.all()):
        return Row(window.application, "recused", _("You stand aside"))
    missing = tuple(what_is_missing(quorum(window)))
    if not takes_votes(window):
        return Row(window.application, "waiting", _("Being counted"), window)
    vote = vote_of(window, member)
    if vote is None:
        return Row(window.application, "todo", _("Your vote is missing"), window, missing)
    return Row(window.application, "done", _("You have voted"), window, missing)


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
