"""Gathers the corners' models for Django."""

from committee.allocations.models import *  # noqa: F403
from committee.discussion.models import *  # noqa: F403
from committee.meetings.models import *  # noqa: F403
from committee.review.models import *  # noqa: F403
from committee.seats.models import *  # noqa: F403
from committee.votes.models import *  # noqa: F403
