"""Who reads about an allocation, how much of it, and who may act on it.

What a member may not know of one application must not be told by the others either: see
docs/decisions/0061-allocation-in-the-house.md.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from committee.review import queries as review
from committee.seats.models import Member
from committee.seats.permissions import seats_today
from grants.applications.models import Application
from grants.pools.models import Call, Pool
from grants.pools.permissions import pool_roles, pools_where
from workflows.lifecycle import ApplicationStatus, Role

# The applicant has had an answer, so nothing of the result is a secret to a member any more.
TOLD = {
    *[ApplicationStatus.AWARDED, ApplicationStatus.REJECTED, ApplicationStatus.ACCEPTED],
    *[ApplicationStatus.LAPSED, ApplicationStatus.COMPLETED, ApplicationStatus.RECLAIMED],
}


@dataclass(frozen=True)
class Reader:
    """Somebody who reads about some closed votes of a call.

    seat: their Member, or None. leads: chair or caseworker. shut: the references of which they
    know title and applicant only. hidden: those of which they know nothing, since they have no
    place in that vote.
    """

    seat: Member | None
    leads: bool
    is_caseworker: bool
    shut: frozenset[str]
    hidden: frozenset[str]

    @property
    def sees_all(self):
        return not self.shut and not self.hidden


def pools_of(user):
    """The pools in whose committee the user sits, or whose caseworker they are. Raises Http404."""
    sits_in = Q(committee__members__in=seats_today().filter(user=user))
    works_for = Q(pk__in=pools_where(user, Role.CASEWORKER).values("pk"))
    pools = list(Pool.objects.filter(sits_in | works_for, committee__isnull=False).distinct())
    if not pools:
        raise Http404
    return pools


def seat_in(pool, user):
    """The user's seat in the pool's committee today, or None."""
    return seats_today().filter(user=user, committee__pool=pool).first()


def call_for(user, slug):
    """The door to a call with a committee. Raises Http404 for strangers."""
    return get_object_or_404(
        Call.objects.select_related("pool__committee").filter(pool__in=pools_of(user)), slug=slug
    )


def reader(user, call, windows):
    """What the user may know of these votes (from the corner's queries) of the call: a Reader."""
    seat, roles = seat_in(call.pool, user), pool_roles(user, call.pool_id)
    is_caseworker = Role.CASEWORKER in roles
    shut, hidden = _own(user, windows), set()
    for window in windows:
        state = review.bench(window).state_of(seat) if seat else "outside"
        if state in {"recused", "unsure", "undeclared"}:
            shut.add(window.application.reference)
        elif state == "outside" and not is_caseworker:
            hidden.add(window.application.reference)
    told = {each.application.reference for each in windows if each.application.status in TOLD}
    return Reader(
        seat=seat,
        leads=is_caseworker or bool(seat and seat.is_chair and Role.CHAIR in roles),
        is_caseworker=is_caseworker,
        shut=frozenset(shut - told),
        hidden=frozenset(hidden - shut),
    )


def reads_reasons(user, call):
    """Whether nothing of the call is shut to the user: a reason tells what money was left, and so
    what others were given.
    """
    asked = _shut_to(user).filter(call=call, vote_windows__isnull=False)
    return not asked.exclude(status__in=TOLD).exists()


def _own(user, windows):
    """The references of what the user has a part in, or stands aside from."""
    here = _shut_to(user).filter(pk__in=[window.application_id for window in windows])
    return set(here.values_list("reference", flat=True))


def _shut_to(user):
    """What the user has a part in, or stands aside from."""
    part = Q(contact=user) | Q(team__user=user) | Q(consents__guardian__user=user)
    return Application.objects.filter(part | Q(recusals__member__user=user))


def lead_obstacle(reader):
    """The sentence that keeps the reader from laying forward, moving and adopting, or None."""
    if not reader.leads:
        return _("Only the chair or the secretariat can do this.")
    if reader.sees_all:
        return None
    if reader.is_caseworker:
        return _(
            "You cannot take part in one of its applications. "
            "The chair or another caseworker can do this instead."
        )
    return _(
        "You cannot take part in one of its applications. The secretariat can do this instead."
    )
