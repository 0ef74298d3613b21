"""What a member finds on the desk."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from committee.findings import what_is_missing
from committee.review import queries as review
from committee.review.models import VoteWindow
from committee.votes import queries as votes
from grants.applications.models import Application
from workflows import clock
from workflows.lifecycle import ApplicationStatus

ORDER = ["undeclared", "todo", "done", "unsure", "waiting", "recused"]


@dataclass(frozen=True)
class Row:
    """An application on a member's desk. What is shut shows its title and applicant, no more."""

    application: Application
    state: str
    state_label: str
    window: VoteWindow | None = None
    missing: tuple[str, ...] = ()

    @property
    def is_overdue(self):
        return votes.is_overdue(self.window)

    @property
    def place(self):
        """What is left for me first, then what closes first; what I may not see comes last."""
        closes = self.window.closes_at if self.window else clock.now()
        return (ORDER.index(self.state), closes, self.application.pk)


@dataclass(frozen=True)
class Desk:
    """All that is with the member's committees now."""

    rows: tuple[Row, ...]

    @cached_property
    def undeclared(self):
        """The rows that await the member's word about conflicts."""
        return [row for row in self.rows if row.state == "undeclared"]

    @cached_property
    def left(self):
        """The rows that await the member's vote."""
        return [row for row in self.rows if row.state == "todo"]

    @cached_property
    def done(self):
        return sum(row.state == "done" for row in self.rows)

    @cached_property
    def total(self):
        return len(self.undeclared) + len(self.left) + self.done


def desk(seats):
    """The desk of a member with these seats. The number of queries does not depend on the rows."""
    mine = {seat.committee_id: seat for seat in seats}
    here = votes.windows().filter(
        committee__in=mine, closed_at=None, application__status=ApplicationStatus.IN_REVIEW
    )
    rows = [_row(window, mine[window.committee_id]) for window in here]
    return Desk(tuple(sorted(filter(None, rows), key=lambda row: row.place)))


def _row(window, member):
    """None for what is not the member's: of a substitute who is not called in."""
    state = review.bench(window).state_of(member)
    if state == "outside":
        return None
    if state == "recused":
        return Row(window.application, "recused", _("You stand aside"))
    if state == "undeclared":
        return Row(window.application, "undeclared", _("Say whether you have a conflict"))
    if state == "unsure":
        return Row(window.application, "unsure", _("Waits until your doubt is settled"))
    lacking = tuple(what_is_missing(votes.quorum(window)))
    if not votes.takes_votes(window):
        return Row(window.application, "waiting", _("Being counted"), window)
    if votes.vote_of(window, member) is None:
        return Row(window.application, "todo", _("Your vote is missing"), window, lacking)
    return Row(window.application, "done", _("You have voted"), window, lacking)
