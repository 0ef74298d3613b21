"""Who may close a vote, and when."""

from django.utils.translation import gettext as _

from committee.review import queries as review
from committee.review.permissions import office_obstacle
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus


def close_obstacle(window, by):
    """The sentence that keeps `by` (a user or SYSTEM) from closing the vote at all, or None.

    Whether there is a quorum, and whether it may close before its time, are other questions.
    """
    application = window.application
    if application.status != ApplicationStatus.IN_REVIEW:
        return _("The application is not with the committee any more.")
    if by is not SYSTEM and (sentence := office_obstacle(window, by)):
        return sentence
    chair = review.bench(window).chair
    is_chair = by is not SYSTEM and chair is not None and chair.user_id == by.pk
    # What the chair stands aside from the secretariat closes, and somebody else leads in a meeting.
    waits = not window.is_over and not window.is_in_a_meeting
    if waits and not is_chair and (chair is not None or by is SYSTEM):
        return _("The time to vote is not over. Only the chair can close the vote before.")
    return None
