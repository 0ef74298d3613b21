"""Counting the votes on one application: values in, a value out, exact integers.

The rules (forvaltningsloven §§ 3-6 for who is entitled; the municipal councils' practice for the
rest): a quorum is at least half of those entitled, with so many young and so many staff among
them; abstaining takes part, but only votes for and against are counted for the majority; a tie
is not carried. The amount is the lower median of what those in favour would give.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

Seat = Literal["young", "staff"]
Choice = Literal["for", "against", "abstain"]


@dataclass(frozen=True)
class Ballot:
    """One member's vote; amount is what the member would give, in øre."""

    member: str
    seat: Seat
    choice: Choice
    amount: int = 0


@dataclass(frozen=True)
class Rules:
    """What a committee counts by; recommended amounts are whole steps of `rounding` (øre)."""

    least_young: int
    least_staff: int
    rounding: int


@dataclass(frozen=True)
class Poll:
    """All that a result depends on.

    entitled: {member: seat}, the seats less the recused. Amounts in øre. Raises ValueError for
    two ballots of one member and for a ballot of somebody who is not entitled.
    """

    ballots: tuple[Ballot, ...]
    entitled: Mapping[str, Seat] = field(hash=False)
    rules: Rules
    applied_for: int
    least_workable: int

    def __post_init__(self) -> None:
        voters = [ballot.member for ballot in self.ballots]
        if len(set(voters)) < len(voters):
            raise ValueError("Somebody has voted twice.")
        if any(self.entitled.get(each.member) != each.seat for each in self.ballots):
            raise ValueError("Somebody has voted who is not entitled to.")


@dataclass(frozen=True)
class Quorum:
    """How many votes are missing: in all, of young members, of staff. Zeros are a quorum."""

    missing: int
    missing_young: int
    missing_staff: int

    @property
    def is_met(self) -> bool:
        return self.missing == 0


@dataclass(frozen=True)
class Tally:
    """The result. recommended: øre, 0 when it is not carried."""

    entitled: int
    cast: int
    young_cast: int
    staff_cast: int
    quorum: Quorum
    votes_for: int
    votes_against: int
    abstentions: int
    carried: bool
    recommended: int


def tally(poll: Poll) -> Tally:
    """Count. Whether there is a quorum is part of the result: without one it is not final."""
    votes_for = _count(poll.ballots, "for")
    votes_against = _count(poll.ballots, "against")
    young_cast = sum(ballot.seat == "young" for ballot in poll.ballots)
    carried = votes_for > votes_against
    return Tally(
        entitled=len(poll.entitled),
        cast=len(poll.ballots),
        young_cast=young_cast,
        staff_cast=len(poll.ballots) - young_cast,
        quorum=_quorum(poll, young_cast),
        votes_for=votes_for,
        votes_against=votes_against,
        abstentions=_count(poll.ballots, "abstain"),
        carried=carried,
        recommended=_recommended(poll) if carried else 0,
    )


def seal(poll: Poll) -> str:
    """SHA-256 of the ballots, the rules and the result: counted again, they give the same."""
    whole = {
        "ballots": sorted([each.member, each.choice, each.amount] for each in poll.ballots),
        "entitled": sorted([member, seat] for member, seat in poll.entitled.items()),
        "rules": asdict(poll.rules),
        "applied_for": poll.applied_for,
        "least_workable": poll.least_workable,
        "result": asdict(tally(poll)),
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _count(ballots: Iterable[Ballot], choice: Choice) -> int:
    return sum(ballot.choice == choice for ballot in ballots)


def _quorum(poll: Poll, young_cast: int) -> Quorum:
    """Nobody at all is never a quorum, also where nobody is entitled."""
    cast = len(poll.ballots)
    half = max((len(poll.entitled) + 1) // 2, 1)
    missing_young = max(poll.rules.least_young - young_cast, 0)
    missing_staff = max(poll.rules.least_staff - (cast - young_cast), 0)
    return Quorum(
        missing=max(half - cast, missing_young + missing_staff, 0),
        missing_young=missing_young,
        missing_staff=missing_staff,
    )


def _recommended(poll: Poll) -> int:
    named = sorted(each.amount for each in poll.ballots if each.choice == "for" and each.amount)
    if not named:
        return poll.least_workable
    median = min(named[(len(named) - 1) // 2], poll.applied_for)
    if median == poll.applied_for:
        # All that was asked for is not rounded: nobody meant to give a few kroner less.
        return median
    return max(poll.least_workable, median - median % poll.rules.rounding)
