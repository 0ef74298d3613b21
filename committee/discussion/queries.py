"""The discussion as members read it, and the questions as the secretariat does."""

from dataclasses import dataclass

from django.db.models import Prefetch

from committee.discussion import permissions
from committee.discussion.models import Remark
from committee.seats.models import Member


@dataclass(frozen=True)
class Said:
    """A remark with its author's name and seat, and the answer to it if it is a question.

    name: "" where it may not be told.
    """

    remark: Remark
    name: str
    seat: str
    answer: Remark | None


@dataclass(frozen=True)
class Thread:
    """What members say, the oldest first. ended: why nobody can write any more, or None."""

    said: tuple[Said, ...]
    ended: str | None


def thread(window, member):
    """The discussion of the window's application as the member reads it: a Thread, or None.

    window: one of votes.windows(). None for whom it is shut, whether or not anything was said.
    """
    if permissions.read_obstacle(window, member):
        return None
    remarks = _with_answers(window.application.remarks.exclude(kind=Remark.Kind.ANSWER))
    return Thread(_said(window, remarks), permissions.write_obstacle(window.application))


def questions(window):
    """What the secretariat was asked about the window's application, as (Said, ...).

    Without names until the vote is closed: only who has voted can ask.
    """
    asked = _with_answers(window.application.remarks.filter(kind=Remark.Kind.QUESTION))
    if window.closed_at:
        return _said(window, asked)
    return tuple(Said(each, "", "", getattr(each, "answer", None)) for each in asked)


def waiting(found):
    """The questions about these applications that nobody has answered yet, the oldest first."""
    return Remark.objects.filter(
        application__in=found.filter(status__in=permissions.TALKED_ABOUT),
        kind=Remark.Kind.QUESTION,
        answer=None,
    ).order_by("written_at", "id")


def _with_answers(remarks):
    answers = Remark.objects.select_related("author")
    return remarks.select_related("author").prefetch_related(Prefetch("answer", answers))


def _said(window, remarks):
    seats = Member.objects.filter(committee=window.committee, user__in=[r.author for r in remarks])
    labels = {seat.user_id: seat.get_seat_display() for seat in seats}
    return tuple(
        Said(
            remark=each,
            name=str(each.author),
            seat=labels.get(each.author_id, ""),
            answer=getattr(each, "answer", None),
        )
        for each in remarks
    )
