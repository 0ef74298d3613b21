"""The doors of the committee room: who sits in it today, and who may see which case."""

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from committee.models import Member
from grants.applications import attaching
from grants.applications.models import Application
from workflows import clock, machine
from workflows.lifecycle import ApplicationStatus, Role

# A guardian has one when they have said yes: being named is nothing that they did.
OWN_PART = {Role.APPLICANT, Role.HELPER}


def seats_today():
    """The seats that somebody has today."""
    return Member.objects.filter(Q(ends_on=None) | Q(ends_on__gte=clock.today()))


def seats_of(user):
    """The door to the committee's desk: the user's seats. Raises Http404 for everybody else."""
    seats = seats_today().filter(user=user) if user.is_authenticated else Member.objects.none()
    found = list(seats.select_related("committee__pool"))
    if not found:
        raise Http404
    return found


def application_for_member(user, reference):
    """The door to a case: (application, member).

    Raises Http404 for strangers, for seats that ended, for what the committee was never asked
    about, and for a recused member, who may not even learn how the case goes.
    """
    asked = (
        Application.objects.filter(reference=reference, vote_windows__isnull=False)
        .select_related("call__pool", "applicant", "home")
        .first()
    )
    if asked is None:
        raise Http404
    member = next((s for s in seats_of(user) if s.committee.pool_id == asked.call.pool_id), None)
    if member is None or asked.recusals.filter(member=member).exists():
        raise Http404
    return asked, member


def files_shown(application):
    """What the committee can open: what is applied with, while it is under review.

    Nothing of an applicant whose name is protected: what they sent would tell it.
    """
    is_shown = application.status == ApplicationStatus.IN_REVIEW
    if not is_shown or application.applicant.is_protected:
        return application.attachments.none()
    return attaching.standing(application, *attaching.WRITTEN)


def attachment_for_member(user, reference, pk):
    """The door to a file of a case. Raises Http404 wherever it is not shown to the member."""
    application, _member = application_for_member(user, reference)
    return get_object_or_404(files_shown(application), pk=pk)


def aside_obstacle(application, user):
    """The sentence that keeps a person from having a part in the vote, or None."""
    if application.recusals.filter(member__user=user).exists():
        return _("You stand aside from this application.")
    if OWN_PART & application.roles_of(user) or application.has_answer_of(user):
        return _("You take part in this application yourself. Declare that you stand aside.")
    return None


def close_obstacle(window, by):
    """The sentence that keeps `by` (a user or SYSTEM) from closing the vote now, or None.

    The chair may close it at any time, a caseworker and SYSTEM once its time is over. Whether
    there is a quorum is another question.
    """
    application = window.application
    roles = machine.roles_on(application, by)
    if application.status != ApplicationStatus.IN_REVIEW:
        return _("The application is not with the committee any more.")
    if Role.SYSTEM not in roles and (sentence := aside_obstacle(application, by)):
        return sentence
    if Role.CHAIR in roles:
        return None
    if not roles & {Role.CASEWORKER, Role.SYSTEM}:
        return _("Only the chair or the secretariat can close a vote.")
    if clock.now() < window.closes_at:
        return _("The time to vote is not over. Only the chair can close the vote before.")
    return None
