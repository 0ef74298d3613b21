"""Counting the votes on one application: values in, a value out, exact integers and fractions.

The rules (forvaltningsloven §§ 3-6 for who is entitled; the municipal councils' practice for the
rest) are the committee's own, as data: how many votes are a quorum, what is a majority, who settles
a tie, how the scores are weighed. Abstaining takes part, but is no vote for or against and scores
nothing. The amount is the lower median of what those in favour would give. findings.py makes the
sentences.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

Seat = Literal["young", "staff"]
Choice = Literal["for", "against", "abstain"]
Breaker = Literal["chair", "young"]
Outcome = Literal["no_quorum", "rejected", "below_threshold", "fundable"]

BEST = 5  # scores are 0 to 5
PARTED = Fraction(3, 2)  # the blocs' opinions part when their means are further apart than this


@dataclass(frozen=True)
class Ballot:
    """One member's vote; amount: what the member would give, in øre, 0 when none is named.

    scores: {criterion: 0 to 5}. Those of an abstention count for nothing.
    """

    member: str
    seat: Seat
    choice: Choice
    amount: int = 0
    scores: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Rules:
    """What a committee counts by.

    A quorum is `quorum_percent` of those entitled, with so many young and so many staff in it.
    wants_both_blocs: a double majority. ties: who settles one, in this order.
    weights: {criterion: weight above zero}; without any there are no scores and no threshold.
    young_weight: percent of the score that is the young members' mean, however many they are.
    rounding: recommended amounts are whole steps of so many øre.
    """

    quorum_percent: int
    least_young: int
    least_staff: int
    wants_both_blocs: bool
    ties: tuple[Breaker, ...]
    threshold: Fraction
    young_weight: int
    rounding: int
    weights: Mapping[str, int] = field(hash=False)

    def __post_init__(self) -> None:
        if not (0 <= self.quorum_percent <= 100 and 0 <= self.young_weight <= 100):
            raise ValueError("A percentage is from 0 to 100.")
        if min(self.least_young, self.least_staff) < 0 or self.rounding < 1:
            raise ValueError("The least is zero or more, and a step is at least one øre.")
        if any(weight <= 0 for weight in self.weights.values()):
            raise ValueError("A criterion weighs more than nothing.")


@dataclass(frozen=True)
class Poll:
    """All that a result depends on. Amounts in øre.

    seats: {member: seat} of all who sit, the recused and the chair among them. A ballot of somebody
    recused stays here, and is not counted. Raises ValueError for two ballots of one member, a
    ballot from a seat that is not the member's, and scores or amounts that cannot be.
    """

    ballots: tuple[Ballot, ...]
    seats: Mapping[str, Seat] = field(hash=False)
    rules: Rules
    applied_for: int
    least_workable: int
    recused: frozenset[str] = frozenset()
    chair: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.least_workable <= self.applied_for:
            raise ValueError("0 < least workable <= applied for does not hold.")
        if len({ballot.member for ballot in self.ballots}) < len(self.ballots):
            raise ValueError("Somebody has voted twice.")
        for ballot in self.ballots:
            self._check(ballot)

    def _check(self, ballot: Ballot) -> None:
        if self.seats.get(ballot.member) != ballot.seat:
            raise ValueError("Somebody has voted who is not entitled to.")
        if ballot.choice == "abstain":
            return
        if ballot.scores.keys() != self.rules.weights.keys():
            raise ValueError("A ballot scores each criterion, and no other.")
        if any(score not in range(BEST + 1) for score in ballot.scores.values()):
            raise ValueError("A score is from 0 to 5.")
        if ballot.choice == "for" and not 0 <= ballot.amount <= self.applied_for:
            raise ValueError("Nobody gives more than was applied for.")

    @property
    def entitled(self) -> dict[str, Seat]:
        """{member: seat}: the seats less the recused."""
        return {member: seat for member, seat in self.seats.items() if member not in self.recused}

    @property
    def counted(self) -> tuple[Ballot, ...]:
        """The ballots of those entitled."""
        return tuple(each for each in self.ballots if each.member not in self.recused)

    @property
    def out(self) -> dict[str, Seat]:
        """{member: seat}: those entitled who have not voted."""
        voted = {ballot.member for ballot in self.ballots}
        return {member: seat for member, seat in self.entitled.items() if member not in voted}


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
class Means:
    """A mean of each bloc and of both, weighted; None where nobody has scored."""

    young: Fraction | None
    staff: Fraction | None
    weighted: Fraction | None


@dataclass(frozen=True)
class Tally:
    """The result.

    needed: how many votes a quorum takes in all. support: the part of the votes for and against
    that is for. score: the ballots' means over all criteria; criteria: {criterion: its means}.
    disagreement: how far the blocs' means are apart; opinions_part: too far, so talk about it.
    broken_by: who settled a tie, either way, or "". carried: the votes alone, whether or not there
    is a quorum or the score is high enough. median: the lower one of the amounts that those in
    favour have named, 0 when nobody has. recommended: 0 unless fundable. Amounts in øre.
    """

    entitled: int
    entitled_young: int
    entitled_staff: int
    cast: int
    young_cast: int
    staff_cast: int
    needed: int
    quorum: Quorum
    votes_for: int
    votes_against: int
    abstentions: int
    young_for: int
    young_against: int
    staff_for: int
    staff_against: int
    support: Fraction
    broken_by: Literal["", Breaker]
    carried: bool
    score: Means
    criteria: Mapping[str, Means] = field(hash=False)
    disagreement: Fraction | None
    opinions_part: bool
    outcome: Outcome
    median: int
    recommended: int


def tally(poll: Poll) -> Tally:
    """Count. Whether there is a quorum is part of the result: without one it is not final."""
    ballots, rules = poll.counted, poll.rules
    entitled, cast = _blocs(poll.entitled.values()), _blocs(each.seat for each in ballots)
    yes, no = _votes(ballots, "for"), _votes(ballots, "against")
    needed = votes_needed(
        entitled.all, rules.quorum_percent, least=rules.least_young + rules.least_staff
    )
    quorum = _quorum(rules, needed, cast)
    carried, broken_by = _majority(poll, yes, no)
    score = _score(ballots, rules)
    disagreement = _apart(score)
    outcome = _outcome(rules, quorum, carried, score)
    median = _lower_median(each.amount for each in ballots if each.choice == "for" and each.amount)
    return Tally(
        entitled=entitled.all,
        entitled_young=entitled.young,
        entitled_staff=entitled.staff,
        cast=cast.all,
        young_cast=cast.young,
        staff_cast=cast.staff,
        needed=needed,
        quorum=quorum,
        votes_for=yes.all,
        votes_against=no.all,
        abstentions=cast.all - yes.all - no.all,
        young_for=yes.young,
        young_against=no.young,
        staff_for=yes.staff,
        staff_against=no.staff,
        support=Fraction(yes.all, max(yes.all + no.all, 1)),
        broken_by=broken_by,
        carried=carried,
        score=score,
        criteria={name: _criterion(ballots, name, rules) for name in rules.weights},
        disagreement=disagreement,
        opinions_part=disagreement is not None and disagreement > PARTED,
        outcome=outcome,
        median=median,
        recommended=_workable(poll, median) if outcome == "fundable" else 0,
    )


def votes_needed(entitled: int, percent: int, *, least: int) -> int:
    """How many votes a quorum takes in all: a part of those entitled, rounded up, or the least.

    Nobody at all is never a quorum, also where nobody is entitled.
    """
    return max(-(-entitled * percent // 100), least, 1)


def points(ballot: Ballot, rules: Rules) -> Fraction:
    """The weighted mean of one ballot's scores. The ballot is for or against, with criteria."""
    weighed = sum(ballot.scores[name] * weight for name, weight in rules.weights.items())
    return Fraction(weighed, sum(rules.weights.values()))


def is_settled(poll: Poll) -> bool:
    """Whether there is a quorum and no ballot still out can change the outcome or the amount.

    Whatever those still out do: vote, score and name what they like, or stay away. One more vote
    for never loses a majority, a higher score never lowers the mean, a higher amount never lowers
    the median; so everything that can happen lies between the few cases where all still out do the
    same: for with all that was applied for, for with as little as can be, or against, each with the
    best scores and with the worst. If these change nothing, nothing does.
    """
    result = tally(poll)
    votes: list[tuple[Choice, int]] = [("for", poll.applied_for), ("for", 1), ("against", 0)]
    extremes = (
        tally(_with_all_out(poll, choice, amount, score))
        for choice, amount in votes
        for score in (0, BEST)
    )
    return result.quorum.is_met and all(
        (each.outcome, each.recommended) == (result.outcome, result.recommended)
        for each in extremes
    )


def record(result: Tally) -> dict[str, Any]:
    """The result as JSON can hold it, fractions as "17/4"."""
    return {name: _plain(value) for name, value in asdict(result).items()}


def canonical(poll: Poll) -> dict[str, Any]:
    """All that was voted, counted or not, what it was counted by, and the result; for JSON."""
    ballots = sorted(poll.ballots, key=lambda ballot: ballot.member)
    return {
        "ballots": [_plain(asdict(ballot)) for ballot in ballots],
        "seats": dict(sorted(poll.seats.items())),
        "recused": sorted(poll.recused),
        "chair": poll.chair,
        "rules": _plain(asdict(poll.rules)),
        "applied_for": poll.applied_for,
        "least_workable": poll.least_workable,
        "result": record(tally(poll)),
    }


def seal(poll: Poll, salt: str = "") -> str:
    """SHA-256 of the canonical form: counted again from what is stored, it is the same.

    salt: drawn when the vote closes and told to nobody. Without it one could try out ballots until
    the seal fits, and a last voter could choose the lot that is drawn from it.
    """
    text = json.dumps(canonical(poll), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


@dataclass(frozen=True)
class _Blocs:
    young: int
    staff: int

    @property
    def all(self) -> int:
        return self.young + self.staff


def _blocs(seats: Iterable[Seat]) -> _Blocs:
    listed = list(seats)
    return _Blocs(listed.count("young"), listed.count("staff"))


def _votes(ballots: Iterable[Ballot], choice: Choice) -> _Blocs:
    return _blocs(each.seat for each in ballots if each.choice == choice)


def _quorum(rules: Rules, needed: int, cast: _Blocs) -> Quorum:
    missing_young = max(rules.least_young - cast.young, 0)
    missing_staff = max(rules.least_staff - cast.staff, 0)
    return Quorum(
        missing=max(needed - cast.all, missing_young + missing_staff),
        missing_young=missing_young,
        missing_staff=missing_staff,
    )


def _majority(poll: Poll, yes: _Blocs, no: _Blocs) -> tuple[bool, Literal["", Breaker]]:
    """Whether more are for than against, and who settled it where they are as many.

    A double majority is never a tie: with as many for as against, one bloc is not in favour. A bloc
    in which nobody is for or against stands in nobody's way; that it takes part at all is the
    quorum's matter.
    """
    if poll.rules.wants_both_blocs:
        voting = [votes for votes in ((yes.young, no.young), (yes.staff, no.staff)) if any(votes)]
        return bool(voting) and all(in_favour > opposed for in_favour, opposed in voting), ""
    if yes.all != no.all:
        return yes.all > no.all, ""
    for breaker in poll.rules.ties:
        lead = _chairs_vote(poll) if breaker == "chair" else yes.young - no.young
        if lead:
            return lead > 0, breaker
    return False, ""


def _chairs_vote(poll: Poll) -> int:
    """1 for, -1 against, 0 where the chair abstains, is recused or has not voted."""
    chair = [ballot for ballot in poll.counted if ballot.member == poll.chair]
    return _votes(chair, "for").all - _votes(chair, "against").all


def _score(ballots: Iterable[Ballot], rules: Rules) -> Means:
    if not rules.weights:
        return Means(None, None, None)
    return _means([(each.seat, points(each, rules)) for each in _scoring(ballots)], rules)


def _criterion(ballots: Iterable[Ballot], name: str, rules: Rules) -> Means:
    return _means([(each.seat, Fraction(each.scores[name])) for each in _scoring(ballots)], rules)


def _scoring(ballots: Iterable[Ballot]) -> list[Ballot]:
    return [ballot for ballot in ballots if ballot.choice != "abstain"]


def _means(scores: list[tuple[Seat, Fraction]], rules: Rules) -> Means:
    """Where one bloc has not scored, the other's mean stands alone."""
    young = _mean([score for seat, score in scores if seat == "young"])
    staff = _mean([score for seat, score in scores if seat == "staff"])
    if young is None or staff is None:
        return Means(young, staff, staff if young is None else young)
    weight = Fraction(rules.young_weight, 100)
    return Means(young, staff, weight * young + (1 - weight) * staff)


def _mean(numbers: list[Fraction]) -> Fraction | None:
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else None


def _apart(score: Means) -> Fraction | None:
    if score.young is None or score.staff is None:
        return None
    return abs(score.young - score.staff)


def _outcome(rules: Rules, quorum: Quorum, carried: bool, score: Means) -> Outcome:
    if not quorum.is_met:
        return "no_quorum"
    if not carried:
        return "rejected"
    if score.weighted is not None and score.weighted < rules.threshold:
        return "below_threshold"
    return "fundable"


def _lower_median(amounts: Iterable[int]) -> int:
    ordered = sorted(amounts)
    return ordered[(len(ordered) - 1) // 2] if ordered else 0


def _workable(poll: Poll, median: int) -> int:
    if median == poll.applied_for:
        # All that was asked for is not rounded: nobody meant to give a few kroner less.
        return median
    return max(poll.least_workable, median - median % poll.rules.rounding)


def _with_all_out(poll: Poll, choice: Choice, amount: int, score: int) -> Poll:
    scores = dict.fromkeys(poll.rules.weights, score)
    late = (Ballot(member, seat, choice, amount, scores) for member, seat in poll.out.items())
    return replace(poll, ballots=(*poll.ballots, *late))


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return list(value) if isinstance(value, tuple) else value
