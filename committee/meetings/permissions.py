"""The doors to the committee's meetings: who reads one, and who leads it."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.utils.translation import gettext as _

from applicants.models import User
from committee.meetings import queries
from committee.meetings.models import Meeting
from committee.review.models import Substitution
from committee.seats.models import Committee, Member
from committee.seats.permissions import seats_today
from grants.pools.permissions import pool_roles, pools_where
from workflows.lifecycle import Role


@dataclass(frozen=True)
class Reader:
    """Who looks at a meeting. member: the seat in its committee, if there is one."""

    user: User
    member: Member | None
    leads: bool


def reader_of(user, committee):
    """The user as a Reader of the committee's meetings; a door has let them in before."""
    member = seats_today().filter(committee=committee, user=user).first()
    is_chair = member is not None and member.is_chair
    leads = is_chair or Role.CASEWORKER in pool_roles(user, committee.pool_id)
    return Reader(user, member, leads)


def meetings_read_by(user):
    """The meetings that the user may read: of the own committee or pool.

    A substitute reads those about an application for which they are called in.
    """
    mine = seats_today().filter(user=user)
    called_in = Substitution.objects.filter(
        substitute__in=mine, application__agenda_items__meeting=OuterRef("pk")
    )
    return Meeting.objects.filter(
        Q(committee__in=mine.filter(is_substitute=False).values("committee"))
        | Q(committee__pool__in=pools_where(user, Role.CASEWORKER))
        | Exists(called_in)
    ).select_related("committee__pool")


def committees_of(user):
    """The committees that the user sits in or works for. Raises Http404 when there are none."""
    seats = seats_today().filter(user=user)
    found = Committee.objects.filter(
        Q(pk__in=seats.values("committee")) | Q(pool__in=pools_where(user, Role.CASEWORKER))
    )
    committees = list(found.select_related("pool").order_by("pk"))
    if not committees:
        raise Http404
    return committees


def committees_led_by(user):
    """The committees whose meetings the user calls and leads, as a list."""
    chaired = seats_today().filter(user=user, is_chair=True)
    found = Committee.objects.filter(
        Q(pk__in=chaired.values("committee")) | Q(pool__in=pools_where(user, Role.CASEWORKER))
    )
    return list(found.select_related("pool").order_by("pk"))


def meeting_for(user, pk):
    """The door to a meeting: (meeting, reader). Raises Http404 for everybody else."""
    meeting = meetings_read_by(user).filter(pk=pk).first()
    if meeting is None:
        raise Http404
    return meeting, reader_of(user, meeting.committee)


def meeting_to_lead(user, pk):
    """The door to what only those do who lead it: (meeting, reader). Raises Http404."""
    meeting, reader = meeting_for(user, pk)
    if not reader.leads:
        raise Http404
    return meeting, reader


def lead_obstacle(meeting, by):
    """The sentence that keeps `by` from leading the meeting, or None."""
    if not reader_of(by, meeting.committee).leads:
        return _("Only the chair or the secretariat can do this.")
    return None


def write_obstacle(meeting, by):
    """The sentence that keeps `by` from writing the minutes, or None."""
    points = queries.points(meeting, reader_of(by, meeting.committee))
    if any(point.is_shut for point in points):
        return _("You may not read all of the minutes. Somebody else writes them.")
    return lead_obstacle(meeting, by)


def approve_obstacle(meeting, by):
    """The sentence that keeps `by` from approving the minutes, and says who can; or None."""
    able = queries.approvers(meeting)
    if by.pk in {member.user_id for member in able}:
        return None
    if not able:
        return _("The committee has no chair. Only a chair can approve the minutes.")
    return _("Only %(names)s can approve the minutes.") % {"names": ", ".join(map(str, able))}
