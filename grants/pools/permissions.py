"""Who is what in a pool."""

from django.db.models import Q

from grants.pools.models import Pool, PoolRole
from workflows import clock


def pool_roles(user, pool_id):
    """The roles that the user has in the pool today, as a set of codes."""
    return set(_standing(user).filter(pool_id=pool_id).values_list("role", flat=True))


def roles_anywhere(user):
    """The roles that the user has today in any pool: for menus, never for a door."""
    return set(_standing(user).values_list("role", flat=True))


def pools_where(user, *roles):
    """The pools in which the user has one of the roles today."""
    if not user.is_authenticated:
        return Pool.objects.none()
    return Pool.objects.filter(
        pk__in=_standing(user).filter(role__in=roles).values("pool_id")
    ).order_by("pk")


def _standing(user):
    today = clock.today()
    return PoolRole.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), user=user)
