"""Who sees the figures: everybody some, the house and its municipalities all."""

from django.shortcuts import get_object_or_404

from grants.pools.models import Pool
from grants.pools.permissions import pools_where
from workflows.lifecycle import Role

READERS = (
    Role.CASEWORKER,
    Role.APPROVER,
    Role.POOL_ADMIN,
    Role.AUDITOR,
    Role.MUNICIPALITY_READER,
)


def pool(user, code=""):
    """The pool asked for, else the user's first, else the first. Raises Http404."""
    if code:
        return get_object_or_404(Pool, code=code)
    return pools_where(user, *READERS).first() or get_object_or_404(Pool.objects.order_by("pk")[:1])


def sees_all(user, pool):
    """Whether the user sees the whole table; everybody else sees what is public."""
    return pools_where(user, *READERS).filter(pk=pool.pk).exists()
