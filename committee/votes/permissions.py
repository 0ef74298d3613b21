"""Who may close a vote, and when."""

from django.utils.translation import gettext as _

from committee.review.permissions import aside_obstacle
from workflows import machine
from workflows.lifecycle import ApplicationStatus, Role


def close_obstacle(window, by):
    """The sentence that keeps `by` (a user or SYSTEM) from closing the vote at all, or None.

    Whether there is a quorum, and whether it may close before its time, are other questions.
    """
    application = window.application
    roles = machine.roles_on(application, by)
    if application.status != ApplicationStatus.IN_REVIEW:
        return _("The application is not with the committee any more.")
    if Role.SYSTEM not in roles and (sentence := aside_obstacle(application, by)):
        return sentence
    if not roles & {Role.CHAIR, Role.CASEWORKER, Role.SYSTEM}:
        return _("Only the chair or the secretariat can close a vote.")
    if not window.is_over and not roles & {Role.CHAIR}:
        return _("The time to vote is not over. Only the chair can close the vote before.")
    return None
