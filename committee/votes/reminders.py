"""Members are reminded of what awaits them, once before a vote closes."""

from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committee.review import queries as review
from committee.review.models import VoteWindow
from committee.votes import queries
from grants.letters import outbox
from workflows import audit, clock
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus

# Time to read and vote at the end of a day of school or work.
LONG_BEFORE = timedelta(hours=24)


def due_at(window):
    """When to remind: a day before it closes, but never before half of its time is gone.

    Who has had less than half of the time is not late, and who is told then has as much left.
    """
    return window.closes_at - min(LONG_BEFORE, (window.closes_at - window.opened_at) / 2)


@transaction.atomic
def remind_members():
    """One mail a member, however many applications; none to who has done it all. Returns how many.

    A vote that is taken anew in a meeting reminds nobody: those who change it are there.
    """
    asked = defaultdict(list)
    for window in _take_those_due():
        audit.record(window.application, "members_reminded", by=SYSTEM)
        for seat in _awaited(window):
            asked[seat.user].append(window)
    for user, windows in asked.items():
        _remind(user, windows)
    return len(asked)


def _take_those_due():
    """The windows to remind of now, marked. Two workers at once take each once."""
    now = clock.now()
    near = VoteWindow.objects.filter(
        application__status=ApplicationStatus.IN_REVIEW,
        closed_at=None,
        follows=None,
        reminded_at=None,
        closes_at__gt=now,
        closes_at__lte=now + LONG_BEFORE,
    )
    locked = near.select_for_update(of=("self",)).order_by("pk")  # one order, no deadlock
    due = [window.pk for window in locked if due_at(window) <= now]
    VoteWindow.objects.filter(pk__in=due).update(reminded_at=now)
    return queries.windows().filter(pk__in=due)


def _awaited(window):
    """Those who can do something: vote, or declare first. Whose doubt is open can only wait."""
    bench = review.bench(window)
    voted = {vote.member_id for vote in window.votes.all()}
    todo = bench.undeclared | {pk: seat for pk, seat in bench.clear.items() if pk not in voted}
    return todo.values()


def _remind(user, windows):
    closes_at = timezone.localtime(min(each.closes_at for each in windows), clock.LOCAL)
    with translation.override(user.language):
        outbox.post(
            user,
            _("Your vote is still missing"),
            ngettext(
                "%(count)s application still awaits your vote. Vote before %(closes)s.",
                "%(count)s applications still await your vote. The first vote closes %(closes)s.",
                len(windows),
            )
            % {
                "count": len(windows),
                "closes": formats.date_format(closes_at, "DATETIME_FORMAT"),
            },
            link=reverse("committee:desk"),
        )
