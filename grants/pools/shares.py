"""An amount split among municipalities, exact to the øre."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol, TypeVar


class Ordered(Protocol):
    """A key that has a place before or after each other key."""

    def __lt__(self, other: Any, /) -> bool: ...


K = TypeVar("K", bound=Ordered)


def split(amount: int, weights: Mapping[K, int | Fraction]) -> dict[K, int]:
    """Shares of an amount in øre by largest remainder, in key order; they sum to the amount.

    Equal remainders go to the lower key. A negative amount (a repayment) mirrors the positive
    one, so that what was given and what came back cancel out. ValueError for unusable weights.
    """
    _refuse_unusable(weights)
    keys = sorted(weights)
    total = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    exact = {key: abs(amount) * weights[key] / total for key in keys}
    shares = {key: exact[key].numerator // exact[key].denominator for key in keys}
    # sorted() keeps the key order among equal remainders.
    by_remainder = sorted(keys, key=lambda key: shares[key] - exact[key])
    for key in by_remainder[: abs(amount) - sum(shares.values())]:
        shares[key] += 1
    return shares if amount >= 0 else {key: -share for key, share in shares.items()}


def _refuse_unusable(weights: Mapping[K, int | Fraction]) -> None:
    if not weights:
        raise ValueError("There is nobody to split the amount among.")
    if any(weight < 0 for weight in weights.values()):
        raise ValueError("A weight is negative; weights are zero or more.")
    if not any(weights.values()):
        raise ValueError("All weights are zero; at least one must be more.")
