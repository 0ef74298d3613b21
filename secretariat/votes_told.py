"""What a case page tells of the committee: of an open vote what it lacks, and never more."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from committee.allocations.permissions import reads_reasons
from committee.allocations.queries import reason_of
from committee.desk.queries import Result, result_of
from committee.discussion import queries as discussion
from committee.discussion.permissions import write_obstacle
from committee.review import queries as review
from committee.review.models import Declaration, Substitution, VoteWindow
from committee.review.permissions import rule_obstacle
from committee.votes import queries as votes
from workflows.lifecycle import ApplicationStatus


@dataclass(frozen=True)
class Round:
    """One time in which the committee voted on the case.

    state: "open", "late" (over, and without a quorum), "doubt" (over, and somebody is unsure),
    "counting" (over, and about to be closed), "left" (the case left the committee before it was
    closed) or "closed".
    missing: what it lacks for a quorum, in words. result, waits_for (a sentence or "") and reason
    (a sentence or None) only once it is closed.
    """

    window: VoteWindow
    state: Literal["open", "late", "doubt", "counting", "left", "closed"]
    missing: tuple[str, ...] = ()
    result: Result | None = None
    waits_for: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class Told:
    """The committee's part of a case. doubts: [(Declaration, whether the reader may settle it)]."""

    rounds: tuple[Round, ...]
    doubts: tuple[tuple[Declaration, bool], ...]
    substitutions: tuple[Substitution, ...]
    questions: tuple[discussion.Said, ...]
    takes_answers: bool

    @property
    def lacking(self):
        """What keeps a vote from closing now that its time is over, in words; mostly nothing."""
        return next((list(each.missing) for each in self.rounds if each.state == "late"), [])


def told(application, user):
    """What the user, of the staff, reads of the committee; None where it was never asked."""
    windows = votes.windows().filter(application=application).select_related("recommendation")
    found = list(windows)
    if not found:
        return None
    rounds = [_round(window, user, is_newest=window is found[0]) for window in found]
    is_open = not found[0].closed_at and application.status == ApplicationStatus.IN_REVIEW
    doubts = review.doubts(application) if is_open else []
    people = application.substitutions.select_related("member__user", "substitute__user")
    return Told(
        rounds=tuple(rounds),
        doubts=tuple((each, rule_obstacle(each, user) is None) for each in doubts),
        substitutions=tuple(people.order_by("pk")),
        questions=discussion.questions(found[0]),
        takes_answers=write_obstacle(application) is None,
    )


def _round(window, user, *, is_newest):
    if not window.closed_at:
        state = _state(window)
        missing = votes.missing(window) if state in {"open", "late"} else ()
        return Round(window, state, tuple(missing))
    result = result_of(window)
    return Round(
        window,
        "closed",
        result=result,
        waits_for=_waits_for(result) if is_newest else "",
        reason=_reason(window, user),
    )


def _reason(window, user):
    if window.recommendation is None or not reads_reasons(user, window.application.call):
        return None
    return reason_of(window.application)


def _state(window):
    if window.application.status != ApplicationStatus.IN_REVIEW:
        return "left"
    if not window.is_over:
        return "open"
    if votes.takes_votes(window):
        return "late"
    return "doubt" if review.bench(window).unsure else "counting"


def _waits_for(result):
    sentences = {
        "meeting": _("It is recommended after a meeting: members have demanded one."),
        "allocation": _("It is recommended with the others of the call, by an allocation."),
    }
    return sentences.get(result.waits_for, "")
