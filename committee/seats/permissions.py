"""The door to the committee room: who sits in it today."""

from django.db.models import Q
from django.http import Http404

from committee.seats.models import Member
from workflows import clock


def seats_today():
    """The seats that somebody has today, the substitutes' too."""
    today = clock.today()
    return Member.objects.filter(
        Q(starts_on=None) | Q(starts_on__lte=today), Q(ends_on=None) | Q(ends_on__gte=today)
    )


def seats_of(user):
    """The door to the committee's desk: the user's seats. Raises Http404 for everybody else."""
    seats = seats_today().filter(user=user) if user.is_authenticated else Member.objects.none()
    found = list(seats.select_related("committee__pool"))
    if not found:
        raise Http404
    return found


def chaired_by(user):
    """The door to what only a chair does: the seat. Raises Http404 for everybody else."""
    seat = next((seat for seat in seats_of(user) if seat.is_chair), None)
    if seat is None:
        raise Http404
    return seat
