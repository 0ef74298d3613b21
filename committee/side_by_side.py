"""Two proposals for the same applications, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass

from committee.allocation import Proposal, Tallied, by_municipality


@dataclass(frozen=True)
class Change:
    """What the first and the second proposal give one application or municipality, in øre."""

    of: str
    first: int
    second: int

    @property
    def gain(self) -> int:
        """Below zero when the second gives less."""
        return self.second - self.first


@dataclass(frozen=True)
class Comparison:
    """applications: those that get another amount. municipalities: all, by code."""

    applications: tuple[Change, ...]
    municipalities: tuple[Change, ...]


def compare(first: Proposal, second: Proposal, applications: Iterable[Tallied]) -> Comparison:
    """What changes from the first to the second; across borders, each municipality its part."""
    changes = []
    sums: dict[str, list[int]] = {}
    for application in applications:
        amounts = first.amounts[application.id], second.amounts[application.id]
        changes.append(Change(application.id, *amounts))
        for place, amount in enumerate(amounts):
            for code, part in by_municipality(application, amount).items():
                sums.setdefault(code, [0, 0])[place] += part
    return Comparison(
        applications=tuple(change for change in changes if change.gain),
        municipalities=tuple(Change(code, *sums[code]) for code in sorted(sums)),
    )
