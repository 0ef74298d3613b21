"""The doors of the desk: who in the house may read cases, and who may act on them."""

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from committee.review.models import VoteWindow
from committee.review.permissions import read_by_member
from committee.review.queries import taken_part_in_by
from committee.seats.permissions import seats_today
from grants.applications import attaching
from grants.applications.models import Application
from grants.pools.permissions import pools_where
from workflows.lifecycle import Role

STAFF = (Role.CASEWORKER, Role.APPROVER, Role.POOL_ADMIN, Role.AUDITOR)
# Addresses, telephone numbers and protected names are for those who write to people.
READ_CONTACTS = frozenset({Role.CASEWORKER, Role.POOL_ADMIN})


def pools_read_by(user):
    """The pools whose cases the user may read. Raises Http404 when there are none."""
    pools = list(pools_where(user, *STAFF))
    if not pools:
        raise Http404
    return pools


def pools_worked_by(user):
    """The pools in which the user is caseworker; an empty list for those who only read."""
    return list(pools_where(user, Role.CASEWORKER))


def cases_in(pools, user):
    """What the pools have received, less the user's own and what they stand aside from.

    Drafts are their writers' own until they are sent. Who has a seat in the committee too reads
    what it is asked about as its members do: when they have answered about conflicts.
    """
    received = Application.objects.filter(call__pool__in=pools, submitted_at__isnull=False)
    seats = seats_today().filter(user=user, is_substitute=False)
    asked = VoteWindow.objects.filter(
        application=OuterRef("pk"), committee__members__in=seats, closed_at=None
    )
    unanswered = Exists(asked) & ~Q(pk__in=read_by_member(user).values("pk"))
    return (
        received.exclude(recusals__member__user=user)
        .exclude(pk__in=taken_part_in_by(user).values("pk"))
        .exclude(unanswered)
    )


def case_for(user, reference):
    """The door to a case. Raises Http404 for strangers, for drafts, and for who stands aside."""
    case = (
        cases_in(pools_where(user, *STAFF), user)
        .filter(reference=reference)
        .select_related("call__pool", "applicant", "contact", "home")
        .first()
    )
    if case is None:
        raise Http404
    return case


def attachment_for(user, reference, pk):
    """A file of a case, also one that was removed after the case was sent. Raises Http404."""
    application = case_for(user, reference)
    if not may_read_letters(application, user):
        raise Http404
    return get_object_or_404(attaching.received(application), pk=pk)


def may_read_letters(application, user):
    """Whether the user may open the case's letters and files: they tell the applicant's name."""
    if not application.applicant.is_protected:
        return True
    return bool(application.roles_of(user) & READ_CONTACTS)
