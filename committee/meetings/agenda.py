"""What a meeting is for: the closed votes that have to be talked about, and why. Plain values.

Three reasons, the strongest first: a member has demanded it; the opinions of the blocs part
(tally.PARTED); or it is near a line, where a little more or less decides: the mean that is the
threshold, or, where a call is recommended together, the last krone of the ranking.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from committee.allocation import Proposal
from committee.tally import Tally

Why = Literal["demanded", "opinions_part", "near_the_line"]

NEAR = Fraction(1, 4)  # a mean no further from the threshold than this is near it
AROUND = 2  # so many on either side of where the money ends


@dataclass(frozen=True)
class Closed:
    """A closed vote that is not recommended yet. threshold: the mean that it takes."""

    id: str
    result: Tally
    threshold: Fraction
    is_demanded: bool = False

    @property
    def from_the_line(self) -> Fraction | None:
        """How far its mean is from the threshold; None where nobody has scored."""
        weighted = self.result.score.weighted
        return None if weighted is None else abs(weighted - self.threshold)


@dataclass(frozen=True)
class Proposed:
    """An application that belongs on the agenda."""

    id: str
    why: Why


def proposed(votes: Iterable[Closed], around: Collection[str] = ()) -> list[Proposed]:
    """What belongs on the agenda, each once with its strongest reason, in the order to talk.

    around: what `around_the_line` found. What was demanded comes first, then what parts the blocs
    most, then what is nearest to a line.
    """
    found = [(why, each) for each in votes if (why := _why(each, around))]
    return [Proposed(each.id, why) for why, each in sorted(found, key=_place)]


def around_the_line(ranked: Proposal) -> frozenset[str]:
    """Those next to where the money of a ranked proposal ends: the last that were funded, and the
    first for which too little was left. None where there is enough for all.
    """
    short = [line.id for line in ranked.skipped if line.code == "no_money"]
    funded = [line.id for line in ranked.funded]
    return frozenset(funded[-AROUND:] + short[:AROUND]) if short else frozenset()


def _why(vote: Closed, around: Collection[str]) -> Why | None:
    if vote.is_demanded:
        return "demanded"
    if vote.result.opinions_part:
        return "opinions_part"
    if vote.id in around or (vote.from_the_line is not None and vote.from_the_line <= NEAR):
        return "near_the_line"
    return None


def _place(found: tuple[Why, Closed]) -> tuple[int, Fraction, Fraction, str]:
    why, vote = found
    apart = vote.result.disagreement or Fraction(0)
    return (
        ("demanded", "opinions_part", "near_the_line").index(why),
        -apart if why == "opinions_part" else Fraction(0),
        vote.from_the_line or Fraction(0),
        vote.id,
    )
