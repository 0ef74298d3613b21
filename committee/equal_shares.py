"""The Method of Equal Shares: whole numbers in, exact purchases out.

The budget is split equally among the voters. What is wanted is bought with the money of those
who want it, each paying in proportion to the points that she gave it, nobody more than she has
left; what costs least a point (rho, by the one who pays most a point) is bought first. Peters,
Pierczyński, Skowron: Proportional Participatory Budgeting with Additive Utilities, NeurIPS 2021.

All is exact. Purses are whole numbers over one common denominator, which grows with each purchase
and makes it some ten times as fast as a fraction for each purse.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd


class Offer:
    """Something that can be bought, with its cost (zero or more) and its points, {voter: points}.

    Voters are numbered from 0; points are whole and above zero. Offers are handed over in the
    order that decides between two that cost the same a point.
    """

    def __init__(self, cost: int, points: Mapping[int, int]) -> None:
        self.cost = cost
        self.voters = tuple(points)
        self.points = tuple(points.values())
        self.all_points = sum(self.points)
        self.different_points = frozenset(self.points)
        if cost < 0 or not points or min(self.points) <= 0:
            raise ValueError("An offer costs zero or more and has points above zero.")
        self.least_price = _sortable(cost, self.all_points)


@dataclass(frozen=True)
class Purchase:
    """offer: its number. parts: {voter: what she paid}, in parts of which `scale` are one."""

    offer: int
    parts: Mapping[int, int]
    scale: int

    @property
    def paid(self) -> dict[int, Fraction]:
        """{voter: what she paid}; together the cost."""
        return {voter: Fraction(part, self.scale) for voter, part in self.parts.items()}


@dataclass(frozen=True)
class Outcome:
    """share: what each had at first. purses: what each has left, by the voter's number."""

    share: Fraction
    purchases: tuple[Purchase, ...]
    purses: tuple[Fraction, ...]

    @property
    def offers(self) -> list[int]:
        return [purchase.offer for purchase in self.purchases]


# May this offer be bought, when those (their numbers, in order) are? Once not is never again.
Admits = Callable[[Sequence[int], int], bool]


def admit_all(bought: Sequence[int], offer: int) -> bool:
    return True


def buy(
    offers: Sequence[Offer], voters: int, share: Fraction, admits: Admits = admit_all
) -> Outcome:
    """The plain method, with `share` in each of so many purses."""
    purses, scale = [share.numerator] * voters, share.denominator
    purchases: list[Purchase] = []
    bought: list[int] = []
    # The price a point never falls while money is spent, so that an old one is a lower bound:
    # only what is cheapest by its old price has to be asked for its price of today.
    prices = [(*offer.least_price, number) for number, offer in enumerate(offers)]
    heapq.heapify(prices)
    while prices:
        *_, number = heapq.heappop(prices)
        offer = offers[number]
        price = _price(offer, purses, scale)
        if price is None or not admits(bought, number):
            continue
        due, points = price
        entry = (*_sortable(due, points * scale), number)
        if prices and prices[0] < entry:
            heapq.heappush(prices, entry)
            continue
        finer = points // gcd(due, points)
        if finer > 1:
            purses, scale = [money * finer for money in purses], scale * finer
        parts = _pay(offer, due * finer // points, purses)
        purchases.append(Purchase(number, parts, scale))
        bought.append(number)
    left = tuple(Fraction(money, scale) for money in purses)
    return Outcome(share, tuple(purchases), left)


def buy_and_raise(
    offers: Sequence[Offer], voters: int, budget: int, step: int, admits: Admits = admit_all
) -> Outcome:
    """The method completed by add-one: every share is raised by `step` until nothing more fits.

    The first outcome that leaves no room for another offer is the result; if one would cost more
    than the budget before that, it is the one before. With a step of 0 nothing is raised.
    """
    outcome = buy(offers, voters, Fraction(budget, voters), admits)
    while step and _has_room(outcome.offers, offers, budget, admits):
        raised = buy(offers, voters, outcome.share + step, admits)
        if sum(offers[number].cost for number in raised.offers) > budget:
            break
        outcome = raised
    return outcome


def _sortable(due: int, points: int) -> tuple[int, Fraction]:
    """A price a point, behind its whole part in small units: fractions are slow to compare."""
    return (due << 64) // points, Fraction(due, points)


def _price(offer: Offer, purses: Sequence[int], scale: int) -> tuple[int, int] | None:
    """(due, points): so much for so many points; None when its supporters have too little.

    Those who cannot pay for all their points pay what they have, and the others the rest.
    """
    due, points = offer.cost * scale, offer.all_points
    money = [purses[voter] for voter in offer.voters]
    if sum(money) < due:
        return None
    rich = list(zip(money, offer.points, strict=True))
    while True:
        # Rounded up, which changes nothing: what somebody has is whole.
        wanted = {each: -(-due * each // points) for each in offer.different_points}
        poor = [(has, each) for has, each in rich if has < wanted[each]]
        if not poor:
            return due, points
        rich = [(has, each) for has, each in rich if has >= wanted[each]]
        due -= sum(has for has, _ in poor)
        points -= sum(each for _, each in poor)


def _pay(offer: Offer, rate: int, purses: list[int]) -> dict[int, int]:
    """Take the rate for each point out of the purses, or all that is in one."""
    paid = {}
    for voter, points in zip(offer.voters, offer.points, strict=True):
        paid[voter] = min(purses[voter], rate * points)
        purses[voter] -= paid[voter]
    return paid


def _has_room(bought: Sequence[int], offers: Sequence[Offer], budget: int, admits: Admits) -> bool:
    left = budget - sum(offers[number].cost for number in bought)
    return any(
        offer.cost <= left and number not in bought and admits(bought, number)
        for number, offer in enumerate(offers)
    )
