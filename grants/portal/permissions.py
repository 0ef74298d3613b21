"""The doors of the applicant's pages."""

from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from grants.applications.attaching import REPORTED, WRITTEN
from grants.applications.models import Application, Attachment
from grants.applications.permissions import is_kept_from, own_application
from grants.letters.models import Letter
from workflows.lifecycle import ApplicationStatus, Role

# The secretariat has a door of its own, which knows who stands aside and whose name is hidden.
READS_LETTERS = {Role.APPLICANT, Role.GUARDIAN, Role.HELPER}
# As long as a guardian's consent can matter.
BEFORE_THE_END = (
    *[ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, ApplicationStatus.INCOMPLETE],
    *[ApplicationStatus.ELIGIBLE, ApplicationStatus.IN_REVIEW, ApplicationStatus.RECOMMENDED],
    *[ApplicationStatus.DECIDED, ApplicationStatus.AWARDED, ApplicationStatus.ACCEPTED],
)

# As long as it can be said where the money goes.
TAKES_AN_ACCOUNT = (ApplicationStatus.AWARDED, ApplicationStatus.ACCEPTED)


def case_for(user, reference):
    """(application, roles) for applicants, helpers and guardians. Raises Http404 for strangers."""
    application = own_application(user, reference)
    return application, application.roles_of(user)


def reads_letters(application, user):
    """A letter has the address in it: where that is protected it is for who wrote it down."""
    if is_kept_from(application, user, "who"):
        return False
    return bool(READS_LETTERS & application.roles_of(user))


def case_to_act_on(user, reference, *statuses):
    """The application where the applicant can act in one of the statuses; the helper only reads.

    Raises Http404 for strangers, and where there is nothing to do now: no page links there then.
    """
    application, roles = case_for(user, reference)
    if Role.APPLICANT not in roles or application.status not in statuses:
        raise Http404
    return application


def attachment_for(user, reference, pk):
    """A file, fetched through its application; a guardian reads what is applied with.

    Raises Http404 for strangers, for a file of another application, and for one that was removed.
    """
    application, roles = case_for(user, reference)
    is_team = roles & {Role.APPLICANT, Role.HELPER}
    purposes = (*WRITTEN, *REPORTED) if is_team else WRITTEN
    return get_object_or_404(
        Attachment, application=application, pk=pk, purpose__in=purposes, removed_at=None
    )


def letter_for(user, reference, pk):
    """A letter, fetched through its application: its people's and nobody else's.

    Raises Http404 for others, the house too, and while the bytes are being made.
    """
    of_the_case = Q(decision__application=OuterRef("pk")) | Q(
        change_request__application=OuterRef("pk")
    )
    letters = Letter.objects.filter(of_the_case, pk=pk).exclude(rendered_at=None)
    application = Application.objects.filter(Exists(letters), reference=reference).first()
    if application is None or not reads_letters(application, user):
        raise Http404
    return Letter.objects.defer("html", "facts").get(pk=pk)
