"""Who gets how much: tallied applications and a budget in, a proposal out. People decide.

Three rules: ranked (walk down the list), equal shares (see equal_shares.py) and by threshold
(rolling calls: first come, first served). Every application gets a reason, a code with its facts;
reasons.py makes the sentence. All is exact: money in whole øre, everything else as fractions.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any, Literal

from committee.equal_shares import Offer, Outcome, buy_and_raise
from grants.pools.shares import split

Rule = Literal["ranked", "equal_shares", "threshold"]
Votes = Mapping[str, Mapping[str, Fraction]]  # {member: {application: points}}
Facts = dict[str, int | str]  # amounts in øre; fractions as "17/4", so that JSON can hold them


@dataclass(frozen=True)
class Tallied:
    """An application as the committee has tallied it; amounts in øre.

    amount: what is recommended. least_workable: 0 when the applicant has named none.
    score: the mean that it is ranked by. carried: with a quorum, and enough votes for it.
    received: when, as any number that grows. municipalities: {code: weight}, whose it is.
    received_per_inhabitant: what its municipality was given this year, by inhabitant.
    Raises ValueError unless least_workable <= amount <= applied_for.
    """

    id: str
    amount: int
    applied_for: int
    least_workable: int
    score: Fraction
    support: Fraction
    carried: bool = True
    young_mean: Fraction = Fraction(0)
    received_per_inhabitant: Fraction = Fraction(0)
    received: int = 0
    municipalities: Mapping[str, int] = field(default_factory=dict, hash=False)
    art_form: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.least_workable <= self.amount <= self.applied_for:
            raise ValueError(f"{self.id}: least workable <= amount <= applied for does not hold.")

    @property
    def amounts(self) -> tuple[int, ...]:
        """What may be offered: all of it, else the least that works."""
        lesser = 0 < self.least_workable < self.amount
        return (self.amount, self.least_workable) if lesser else (self.amount,)


@dataclass(frozen=True)
class Limit:
    """At least `floor` and at most `ceiling` øre (None: no ceiling) for one part of the pool."""

    of: Literal["municipality", "art_form"]
    code: str
    floor: int = 0
    ceiling: int | None = None

    def __post_init__(self) -> None:
        if self.floor < 0 or (self.ceiling is not None and self.ceiling < self.floor):
            raise ValueError(f"{self.code}: 0 <= floor <= ceiling does not hold.")

    def part(self, application: Tallied, amount: int) -> int:
        """How much of an amount counts here, in øre; across borders, the municipality's part."""
        if self.of == "art_form":
            return amount if application.art_form == self.code else 0
        return by_municipality(application, amount).get(self.code, 0)


@dataclass(frozen=True)
class Terms:
    """What an allocation is made by; amounts in øre.

    step: by how much equal shares are raised at a time, 0 for not at all. seed: what the lot is
    drawn from. threshold: the mean below which nothing is given.
    """

    budget: int
    step: int = 100_00
    seed: str = ""
    threshold: Fraction = Fraction(0)
    limits: tuple[Limit, ...] = ()

    def __post_init__(self) -> None:
        if self.budget < 0 or self.step < 0:
            raise ValueError("A budget and a step are zero or more.")
        if len({(limit.of, limit.code) for limit in self.limits}) < len(self.limits):
            raise ValueError("A part of the pool has two limits.")


@dataclass(frozen=True)
class Line:
    """One application in a proposal. amount: øre, 0 when it is skipped. asked: øre.

    code and facts are the reason; reasons.py makes them a sentence.
    """

    id: str
    asked: int
    amount: int
    code: str
    facts: Facts = field(hash=False)


@dataclass(frozen=True)
class Shares:
    """The money of the voters under equal shares, in øre.

    first: an equal share of the budget. last: what it was raised to. paid: {application:
    {member: amount}} for what was bought with it.
    """

    first: Fraction
    last: Fraction
    paid: Mapping[str, Mapping[str, Fraction]] = field(hash=False)


@dataclass(frozen=True)
class Proposal:
    """funded: in the order in which it was. skipped: in the order of the ranking."""

    rule: Rule
    terms: Terms
    funded: tuple[Line, ...]
    skipped: tuple[Line, ...]
    shares: Shares | None = None

    @property
    def spent(self) -> int:
        return sum(line.amount for line in self.funded)

    @property
    def left(self) -> int:
        return self.terms.budget - self.spent

    @property
    def amounts(self) -> dict[str, int]:
        """{application: øre}, all of them."""
        return {line.id: line.amount for line in (*self.funded, *self.skipped)}

    def record(self) -> dict[str, Any]:
        """All of it but the payments, as JSON can hold it, to be stored with the decision."""
        shares = self.shares and {"first": str(self.shares.first), "last": str(self.shares.last)}
        return {
            "rule": self.rule,
            "budget": self.terms.budget,
            "step": self.terms.step,
            "seed": self.terms.seed,
            "threshold": str(self.terms.threshold),
            "limits": [
                [each.of, each.code, each.floor, each.ceiling] for each in self.terms.limits
            ],
            "funded": [_row(line) for line in self.funded],
            "skipped": [_row(line) for line in self.skipped],
            "shares": shares,
        }


def recorded(record: Mapping[str, Any]) -> Proposal:
    """The proposal that a record was made of, without the shares and who paid what."""
    terms = Terms(
        budget=record["budget"],
        step=record["step"],
        seed=record["seed"],
        threshold=Fraction(record["threshold"]),
        limits=tuple(Limit(*each) for each in record["limits"]),
    )
    funded, skipped = (tuple(Line(*row) for row in record[key]) for key in ("funded", "skipped"))
    return Proposal(record["rule"], terms, funded, skipped)


def ranking(applications: Iterable[Tallied], seed: str) -> list[Tallied]:
    """By score, the highest first; then by ties()."""
    return sorted(applications, key=lambda each: (-each.score, *ties(each, seed)))


def ties(application: Tallied, seed: str) -> tuple[Fraction, Fraction, Fraction, int, str]:
    """Who goes before whom, as a key: support, young mean, the municipality that has received
    least per inhabitant this year, earliest received, and then the lot.
    """
    return (
        -application.support,
        -application.young_mean,
        application.received_per_inhabitant,
        application.received,
        lot(application.id, seed),
    )


def lot(application: str, seed: str) -> str:
    """The lowest goes first, and anybody can draw it again: SHA-256 of seed, line break, id."""
    return hashlib.sha256(f"{seed}\n{application}".encode()).hexdigest()


def allocate(rule: Rule, applications: Sequence[Tallied], votes: Votes, terms: Terms) -> Proposal:
    """Propose. Equal shares asks the votes; the others have them in the scores.

    A floor steps in only where the rule alone would leave its part of the pool below it: then
    the best of that part come first. Raises ValueError for an application that is there twice or
    a vote on one that is not there.
    """
    known = {each.id for each in applications}
    if len(known) < len(applications):
        raise ValueError("An application is there twice.")
    if any(not known.issuperset(points) for points in votes.values()):
        raise ValueError("Somebody has voted on an application that is not there.")
    below: set[Limit] = set()
    while True:
        desk = _Desk(applications, terms)
        desk.fund_below_floors(below)
        shares = RULES[rule](desk, votes)
        missed = {each for each in terms.limits if desk.given[each] < each.floor}
        if missed <= below:
            return Proposal(rule, terms, tuple(desk.funded), desk.skipped(), shares)
        below |= missed


class Unmovable(ValueError):
    """People cannot decide that; code: "amount", "budget" or "ceiling", whichever forbids it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The {code} does not allow it.")
        self.code = code


@dataclass(frozen=True)
class Room:
    """The most that one application can be given, in øre; limit: whose ceiling makes it no more,
    None where the budget does.
    """

    amount: int
    limit: Limit | None = None


def room(proposal: Proposal, applications: Iterable[Tallied], application: Tallied) -> Room:
    """What the budget and every ceiling that counts for it leave, all others as they are."""
    others = proposal.amounts | {application.id: 0}
    found = Room(proposal.terms.budget - sum(others.values()))
    tallied = {each.id: each for each in applications}
    for limit in proposal.terms.limits:
        if limit.ceiling is None:
            continue
        left = limit.ceiling - sum(limit.part(tallied[each], others[each]) for each in others)
        # Across borders only a part counts here: the largest amount whose part fits.
        fitting = range(1, found.amount + 1)
        most = bisect_right(fitting, left, key=lambda amount: limit.part(application, amount))
        if most < found.amount:
            found = Room(most, limit)
    return found


def move(
    proposal: Proposal, applications: Iterable[Tallied], application: Tallied, amount: int
) -> Proposal:
    """People decide: give one application another amount, in øre; 0 takes it out.

    Its reason is then "moved", with what it had by the rule; why is for those to write who move
    it. Raises Unmovable for an amount above what was applied for or below the least that works,
    and when the budget or a ceiling does not hold it.
    """
    if amount and not application.least_workable <= amount <= application.applied_for:
        raise Unmovable("amount")
    amounts = proposal.amounts | {application.id: amount}
    if sum(amounts.values()) > proposal.terms.budget:
        raise Unmovable("budget")
    tallied = {each.id: each for each in applications}
    for limit in proposal.terms.limits:
        given = sum(limit.part(tallied[each], amounts[each]) for each in amounts)
        if limit.ceiling is not None and given > limit.ceiling and limit.part(application, amount):
            raise Unmovable("ceiling")
    (old,) = (line for line in (*proposal.funded, *proposal.skipped) if line.id == application.id)
    facts: Facts = {"by_rule": old.facts["by_rule"] if old.code == "moved" else old.amount}
    line = Line(application.id, application.amount, amount, "moved", facts)
    funded = [each for each in proposal.funded if each.id != line.id]
    skipped = [each for each in proposal.skipped if each.id != line.id]
    (funded if amount else skipped).append(line)
    return replace(proposal, funded=tuple(funded), skipped=tuple(skipped))


def by_municipality(application: Tallied, amount: int) -> dict[str, int]:
    """An amount in øre by municipality, exact; empty for an application of none."""
    if not application.municipalities:
        return {}
    return split(amount, application.municipalities)


class _Desk:
    """A proposal while it is made: what is funded, what is left, what stood in the way."""

    def __init__(self, applications: Sequence[Tallied], terms: Terms) -> None:
        self.terms = terms
        self.left = terms.budget
        self.given = dict.fromkeys(terms.limits, 0)
        self.funded: list[Line] = []
        self.reasons: dict[str, tuple[str, Facts]] = {}  # why not, so far
        self.ranked = ranking(applications, terms.seed)
        self.waiting = {each.id: each for each in self.ranked if self._may_be_funded(each)}

    def _may_be_funded(self, application: Tallied) -> bool:
        score, threshold = application.score, self.terms.threshold
        if not application.carried:
            self.reasons[application.id] = "not_carried", {}
        elif score < threshold:
            facts: Facts = {"score": str(score), "threshold": str(threshold)}
            self.reasons[application.id] = "below_threshold", facts
        elif application.support <= 0:
            self.reasons[application.id] = "no_support", {}
        return application.id not in self.reasons

    def offer(self, application: Tallied, code: str, facts: Facts) -> None:
        """Fund it, fully or with the least that works; or write down why it cannot be."""
        for amount in application.amounts:
            if amount <= self.left and not self.full_limit(application, amount):
                if amount < application.amount:
                    code, facts = f"{code}_least", {**facts, **self._scarce(application)}
                self.fund(application, amount, code, facts)
                return
        self.reasons[application.id] = self._obstacle(application)

    def fund(self, application: Tallied, amount: int, code: str, facts: Facts) -> None:
        self.left -= amount
        for limit in self.given:
            self.given[limit] += limit.part(application, amount)
        del self.waiting[application.id]
        self.funded.append(Line(application.id, application.amount, amount, code, facts))

    def full_limit(self, application: Tallied, amount: int) -> Limit | None:
        """The limit whose ceiling the amount would break."""
        for limit, given in self.given.items():
            part = limit.part(application, amount)
            if limit.ceiling is not None and part and given + part > limit.ceiling:
                return limit
        return None

    def _obstacle(self, application: Tallied) -> tuple[str, Facts]:
        least = application.amounts[-1]
        limit = self.full_limit(application, least)
        if least > self.left or limit is None:
            return "no_money", {"left": self.left, "least": least}
        room, part = (limit.ceiling or 0) - self.given[limit], limit.part(application, least)
        return "ceiling", {"of": limit.of, "code": limit.code, "left": room, "least": part}

    def _scarce(self, application: Tallied) -> Facts:
        """What was left for it: of the budget, or under a ceiling (whose, then) if that is less."""
        limit = self.full_limit(application, application.amount)
        room = self.left if limit is None else (limit.ceiling or 0) - self.given[limit]
        if limit is None or room >= self.left:
            return {"left": self.left}
        return {"left": room, "full_of": limit.of, "full_code": limit.code}

    def fund_below_floors(self, limits: set[Limit]) -> None:
        """Down the ranking, what counts where a floor has not been reached."""
        for application in list(self.waiting.values()):
            for limit in self.terms.limits:
                if (
                    limit in limits
                    and self.given[limit] < limit.floor
                    and limit.part(application, application.amount)
                    and application.id in self.waiting
                ):
                    facts: Facts = {"of": limit.of, "code": limit.code, "floor": limit.floor}
                    self.offer(application, "floor", facts)

    def skipped(self) -> tuple[Line, ...]:
        funded = {line.id for line in self.funded}
        return tuple(
            Line(each.id, each.amount, 0, *self.reasons[each.id])
            for each in self.ranked
            if each.id not in funded
        )


def _ranked(desk: _Desk, votes: Votes, code: str = "rank") -> None:
    places = {each.id: place for place, each in enumerate(desk.ranked, start=1)}
    for application in list(desk.waiting.values()):
        facts: Facts = {"place": places[application.id], "score": str(application.score)}
        desk.offer(application, code, facts)


def _by_threshold(desk: _Desk, votes: Votes) -> None:
    threshold = desk.terms.threshold
    first_come = sorted(
        desk.waiting.values(), key=lambda each: (each.received, lot(each.id, desk.terms.seed))
    )
    for application in first_come:
        facts: Facts = {"score": str(application.score), "threshold": str(threshold)}
        desk.offer(application, "threshold", facts)


def _equal_shares(desk: _Desk, votes: Votes) -> Shares | None:
    """Equal shares of what the floors have left, then the list with what the shares have left."""
    if not votes:
        _ranked(desk, votes, "rest")
        return None
    members = sorted(votes)
    wanted = _wanted(desk, votes, members)
    offers = [Offer(each.amount, points) for each, points in wanted]
    budget = desk.left
    outcome = buy_and_raise(offers, len(members), budget, desk.terms.step, _admits(desk, wanted))
    paid = {}
    for purchase in outcome.purchases:
        application, points = wanted[purchase.offer]
        by_voter = purchase.paid
        paid[application.id] = {members[voter]: part for voter, part in by_voter.items()}
        facts: Facts = {"supporters": len(points), "most": ceil(max(by_voter.values()))}
        desk.fund(application, application.amount, "shares", facts)
    _ranked(desk, votes, "rest")
    _explain_by_shares(desk, wanted, outcome)
    return Shares(Fraction(budget, len(members)), outcome.share, paid)


def _wanted(
    desk: _Desk, votes: Votes, members: Sequence[str]
) -> list[tuple[Tallied, dict[int, int]]]:
    """What has points, with them, {number of the member: whole points}, in the order for ties."""
    fine = lcm(*(each.denominator for points in votes.values() for each in points.values()))
    in_order = sorted(desk.waiting.values(), key=lambda each: ties(each, desk.terms.seed))
    wanted = []
    for application in in_order:
        given = [votes[member].get(application.id, Fraction(0)) for member in members]
        points = {voter: int(each * fine) for voter, each in enumerate(given) if each > 0}
        if points:
            wanted.append((application, points))
    return wanted


def _admits(
    desk: _Desk, wanted: Sequence[tuple[Tallied, Mapping[int, int]]]
) -> Callable[[Sequence[int], int], bool]:
    """Whether the ceilings leave room for one more."""
    capped = [(limit, limit.ceiling) for limit in desk.terms.limits if limit.ceiling is not None]
    parts = {limit: [limit.part(each, each.amount) for each, _ in wanted] for limit, _ in capped}

    def admits(bought: Sequence[int], offer: int) -> bool:
        return all(
            not parts[limit][offer]
            or desk.given[limit] + sum(parts[limit][each] for each in (*bought, offer)) <= ceiling
            for limit, ceiling in capped
        )

    return admits


def _explain_by_shares(
    desk: _Desk, wanted: Sequence[tuple[Tallied, Mapping[int, int]]], outcome: Outcome
) -> None:
    """Say of what was too dear for its supporters what they had left, in whole øre."""
    for application, points in wanted:
        code, facts = desk.reasons.get(application.id, ("", {}))
        left = sum((outcome.purses[voter] for voter in points), Fraction(0))
        if code == "no_money" and left < application.amount:
            mine: Facts = {"supporters_left": floor(left), "cost": application.amount}
            desk.reasons[application.id] = "shares_short", {**mine, **facts}


RULES: Mapping[Rule, Callable[[_Desk, Votes], Shares | None]] = {
    "ranked": _ranked,
    "equal_shares": _equal_shares,
    "threshold": _by_threshold,
}


def _row(line: Line) -> list[Any]:
    return [line.id, line.asked, line.amount, line.code, line.facts]
