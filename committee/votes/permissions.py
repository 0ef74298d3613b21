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
    bench = review.bench(window)
    is_chair = by is not SYSTEM and bench.chair is not None and bench.chair.user_id == by.pk
    has_chair = any(seat.is_chair for seat in bench.entitled.values())
    # What the chair stands aside from the secretariat closes, and somebody else leads in a meeting.
    waits = not window.is_over and not window.is_in_a_meeting
    if waits and not is_chair and (has_chair or by is SYSTEM):
        return _("The time to vote is not over. Only the chair can close the vote before.")
    return None
