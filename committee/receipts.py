"""A member's receipt: where my share of the money went."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from committee.allocation import Proposal, Votes
from grants.pools.shares import split


@dataclass(frozen=True)
class Receipt:
    """share: an equal part of the budget, in whole øre. lines: (application, øre).

    Under equal shares `own` is what the member's own share bought. All other money that was
    spent counts by points: who gave an application a third of its points gave a third of it.
    What somebody spent can so be less or more than an equal share.
    """

    share: int
    own: tuple[tuple[str, int], ...]
    by_points: tuple[tuple[str, int], ...]

    @property
    def spent(self) -> int:
        return sum(amount for _, amount in (*self.own, *self.by_points))

    @property
    def rest(self) -> int:
        """What of the share went to what others supported, or was left."""
        return max(self.share - self.spent, 0)


def receipts(proposal: Proposal, votes: Votes) -> dict[str, Receipt]:
    """{member: receipt}. For each application they add up to what it was given, to the øre;
    only what nobody gave points to (ranked on other figures) is on no receipt.
    """
    own: dict[str, list[tuple[str, int]]] = {member: [] for member in votes}
    by_points: dict[str, list[tuple[str, int]]] = {member: [] for member in votes}
    for line in proposal.funded:
        parts, lines = None, by_points
        if proposal.shares and line.code == "shares":
            parts, lines = proposal.shares.paid[line.id], own
        for member, amount in _divided(line.amount, parts or _points(line.id, votes)).items():
            lines[member].append((line.id, amount))
    share = proposal.terms.budget // len(votes) if votes else 0
    return {
        member: Receipt(share, tuple(own[member]), tuple(by_points[member])) for member in votes
    }


def _points(application: str, votes: Votes) -> dict[str, Fraction]:
    return {
        member: points[application]
        for member, points in votes.items()
        if points.get(application, 0) > 0
    }


def _divided(amount: int, parts: Mapping[str, Fraction]) -> dict[str, int]:
    return split(amount, parts) if any(parts.values()) else {}
