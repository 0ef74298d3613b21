"""The Method of Equal Shares by examples from the literature, and against a slow program."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.equal_shares import Offer, buy, buy_and_raise
from tests.committee.elections import BOOK_1, BOOK_12, RED_AND_BLUE, random_election


def offers_of(election):
    """The offers in the order of the file, and their names; approvals weigh the cost."""
    offers, names = [], []
    for project in election.projects:
        weight = int(project.cost) if election.is_approval else 1
        points = {
            voter: int(ballot.points[project.id]) * weight
            for voter, ballot in enumerate(election.ballots)
            if ballot.points.get(project.id, 0) > 0
        }
        if points:
            offers.append(Offer(int(project.cost), points))
            names.append(project.id)
    return offers, names


def bought(election, step=None):
    """The names of what is bought, in order, and the purses afterwards."""
    offers, names = offers_of(election)
    budget, voters = int(election.meta["budget"]), len(election.ballots)
    if step is None:
        outcome = buy(offers, voters, Fraction(budget, voters))
    else:
        outcome = buy_and_raise(offers, voters, budget, step)
    return [names[number] for number in outcome.offers], list(outcome.purses)


def test_one_seat_of_four_is_bought_and_then_nobody_can_pay():
    assert bought(BOOK_1) == (["a"], [Fraction(5, 24)] * 8 + [Fraction(1, 3)] * 4)


def test_who_cannot_pay_a_full_part_pays_what_is_left():
    purses = [Fraction(7, 40)] * 3 + [Fraction(1, 20)] * 2 + [0] * 2 + [Fraction(3, 8)]
    assert bought(BOOK_12) == (["c", "a"], purses)


def test_49_of_100_get_as_much_as_51():
    def colours(step):
        names, _ = bought(RED_AND_BLUE, step)
        return [sum(name.startswith(colour) for name in names) for colour in ("red", "blue")]

    assert colours(step=None) == [5, 4]
    assert colours(step=1) == [5, 5]


def test_more_points_pay_more():
    outcome = buy([Offer(9, {0: 1, 1: 2})], 2, Fraction(10))
    assert outcome.purchases[0].paid == {0: 3, 1: 6}


def test_a_raise_that_would_spend_more_than_there_is_does_not_count():
    both = [Offer(6, {0: 1}), Offer(6, {1: 1})]
    assert buy_and_raise(both, 2, budget=11, step=1).offers == []
    assert buy_and_raise(both, 2, budget=12, step=1).offers == [0, 1]


def test_shares_are_raised_no_more_when_nothing_else_would_fit():
    outcome = buy_and_raise([Offer(4, {0: 1}), Offer(12, {1: 1})], 2, budget=14, step=1)
    assert (outcome.offers, outcome.share) == ([0], 7)


def test_without_a_step_nothing_is_raised():
    offers, _ = offers_of(RED_AND_BLUE)
    assert buy_and_raise(offers, 100, 10_000, step=0) == buy(offers, 100, Fraction(100))


def test_what_is_not_admitted_is_not_bought_and_leaves_no_room():
    offers = [Offer(4, {0: 1}), Offer(4, {0: 1}), Offer(4, {0: 1})]
    outcome = buy_and_raise(offers, 1, 12, 1, admits=lambda taken, offer: len(taken) < 2)
    assert outcome.offers == [0, 1]
    assert outcome.share == 12


@pytest.mark.parametrize("points", [{}, {0: 0}, {0: 2, 1: -1}])
def test_an_offer_without_points_is_none(points):
    with pytest.raises(ValueError, match="points above zero"):
        Offer(1, points)


def slowly(offers, voters, share):
    """The definition, word by word: every price anew in every round, with plain fractions."""
    purses, taken = [share] * voters, []
    while True:
        prices = {}
        for number, offer in enumerate(offers):
            points = dict(zip(offer.voters, offer.points, strict=True))
            if number in taken or sum(purses[voter] for voter in points) < offer.cost:
                continue
            # Rho solves sum(min(purse, rho * points)) == cost: try with ever more voters emptied.
            by_worth = sorted(points, key=lambda voter: purses[voter] / points[voter])
            for place, voter in enumerate(by_worth):
                due = offer.cost - sum((purses[each] for each in by_worth[:place]), Fraction(0))
                rho = due / sum(points[each] for each in by_worth[place:])
                if rho * points[voter] <= purses[voter]:
                    prices[number] = rho
                    break
        if not prices:
            return taken, purses
        best = min(prices, key=lambda number: (prices[number], number))
        for voter, points in zip(offers[best].voters, offers[best].points, strict=True):
            purses[voter] -= min(purses[voter], prices[best] * points)
        taken.append(best)


@given(st.integers(min_value=0))
def test_it_is_what_a_slow_and_obvious_program_finds(seed):
    election = random_election(random.Random(seed))
    offers, _ = offers_of(election)
    voters = len(election.ballots)
    share = Fraction(int(election.meta["budget"]), voters)
    outcome = buy(offers, voters, share)
    assert (outcome.offers, list(outcome.purses)) == slowly(offers, voters, share)
    for purchase in outcome.purchases:
        assert sum(purchase.paid.values()) == offers[purchase.offer].cost
