"""The doors of the applicant's pages."""

from django.http import Http404

from grants.applications.permissions import own_application
from grants.decisions.models import Decision
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


def case_to_act_on(user, reference, *statuses):
    """The application where the applicant can act in one of the statuses; the helper only reads.

    Raises Http404 for strangers, and where there is nothing to do now: no page links there then.
    """
    application, roles = case_for(user, reference)
    if Role.APPLICANT not in roles or application.status not in statuses:
        raise Http404
    return application


def letter_for(user, reference, pk):
    """A letter, fetched through its application: its people's and nobody else's.

    Raises Http404 for others, the house too, and while the bytes are being made.
    """
    decision = (
        Decision.objects.filter(application__reference=reference, letter_id=pk)
        .exclude(letter__rendered_at=None)
        .select_related("application__call", "application__applicant", "letter")
        .defer("letter__html", "letter__facts")
        .first()
    )
    if decision is None or not READS_LETTERS & decision.application.roles_of(user):
        raise Http404
    return decision.letter
