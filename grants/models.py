"""Gathers the corners' models for Django."""

from grants.applications.models import *  # noqa: F403
from grants.decisions.models import *  # noqa: F403
from grants.letters.models import *  # noqa: F403
from grants.payouts.models import *  # noqa: F403
from grants.pools.models import *  # noqa: F403
