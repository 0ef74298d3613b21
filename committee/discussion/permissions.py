"""Who may read the discussion of an application, and for how long it goes on."""

from django.http import Http404
from django.utils.translation import gettext as _

from committee.review import permissions as review
from committee.review.queries import bench
from committee.votes import queries as votes
from workflows.lifecycle import ApplicationStatus

# From when the committee is asked until the applicant is told.
TALKED_ABOUT = (
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RECOMMENDED,
    ApplicationStatus.DECIDED,
)


def thread_for_member(user, reference):
    """The door to the discussion: (window, member). Raises Http404 for whom it is shut."""
    application, member = review.application_for_member(user, reference)
    window = votes.window_for(application)
    if read_obstacle(window, member):
        raise Http404
    return window, member


def read_obstacle(window, member):
    """The sentence that keeps the member out of the discussion, or None.

    window: one of votes.windows(). What others think is read after the own vote is in, and an
    abstention is one; a vote that is closed, or taken anew in a meeting, is no secret any more.
    """
    if bench(window).state_of(member) != "clear":
        return _("You cannot take part in this discussion.")
    if window.closed_at or window.follows_id or votes.vote_of(window, member):
        return None
    return _("The discussion opens when your vote is in.")


def write_obstacle(application):
    """The sentence that keeps anybody from writing any more, or None."""
    if application.status not in TALKED_ABOUT:
        return _("The committee is done with this application, so the discussion has ended.")
    return None
