"""Who may read an application: whom one of the pages' three doors lets in."""

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.shortcuts import get_object_or_404

from committee.review.permissions import read_by_member
from grants.applications.models import Application
from grants.applications.permissions import own_applications
from grants.decisions.models import Grant
from grants.pools.permissions import pools_where
from secretariat.permissions import STAFF, cases_in


def applications(user):
    """The user's own, those of the pools they work for, and those they are asked to vote on.

    Each with `is_own` and `is_on_my_desk`, since what one may know depends on the door, and with
    what every answer shows; `standing_grants` is the grant that counts, or empty.
    """
    own = own_applications(user)
    desk = cases_in(pools_where(user, *STAFF), user)
    standing = Grant.objects.filter(ended_at=None)
    return (
        Application.objects.annotate(is_own=_among(own), is_on_my_desk=_among(desk))
        .filter(Q(is_own=True) | Q(is_on_my_desk=True) | _among(read_by_member(user)))
        .select_related("call__pool", "applicant", "home")
        .prefetch_related(
            "municipal_parts__municipality", Prefetch("grants", standing, to_attr="standing_grants")
        )
    )


def application_for(user, reference):
    """Raises Http404 for whom none of the doors lets in."""
    return get_object_or_404(applications(user), reference=reference)


def _among(found):
    return Exists(found.filter(pk=OuterRef("pk")))
