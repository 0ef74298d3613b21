"""What the public may see of the figures: no cell with fewer than five grants behind it.

An amount with few grants behind it tells what somebody got, so it is hidden with its number. One
hidden amount could be found by subtracting the others from the total: then the next smallest is
hidden too. For the same reason the public has no filters, whose answers could be subtracted.
"""

from dataclasses import dataclass

from grants.pools.models import Municipality

LEAST = 5


@dataclass(frozen=True)
class PublicRow:
    """One municipality as the public sees it; None is hidden. Amounts in øre."""

    municipality: Municipality
    granted: int | None
    awards: int | None


def public(rows):
    """The rows of `per_municipality` as PublicRows. Zero hides nobody and is shown.

    A place that neither pays in nor was granted anything has a row only since somebody applied:
    nobody is told.
    """
    rows = [row for row in rows if row.contributed or row.awards]
    hidden = {row.municipality.pk for row in rows if 0 < row.awards < LEAST}
    if len(hidden) == 1:
        shown = [row for row in rows if row.awards and row.municipality.pk not in hidden]
        least = min(shown, key=lambda row: (row.awards, row.granted), default=None)
        hidden |= {least.municipality.pk} if least else set()
    return [
        PublicRow(row.municipality, None, None)
        if row.municipality.pk in hidden
        else PublicRow(row.municipality, row.granted, row.awards)
        for row in rows
    ]


def is_total_safe(rows, awards):
    """Whether the pool's total may be shown: five grants, and not one hidden row alone."""
    hidden = [row for row in rows if row.awards is None]
    return len(hidden) != 1 and (awards == 0 or awards >= LEAST)
