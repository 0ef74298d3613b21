"""What belongs on an agenda: closed votes as values in, reasons out."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from committee import allocation, tally
from committee.meetings.agenda import Closed, Proposed, around_the_line, proposed

RULES = tally.Rules(
    quorum_percent=50,
    least_young=1,
    least_staff=1,
    wants_both_blocs=False,
    ties=(),
    threshold=Fraction(5, 2),
    young_weight=50,
    rounding=100_00,
    weights={"idea": 1},
)


def vote(name, young, staff, **given):
    """A vote in which the two young give so many points each, and the two of staff."""
    seats = [("young", young), ("young", young), ("staff", staff), ("staff", staff)]
    ballots = tuple(
        tally.Ballot(f"m{n}", seat, "for", 10_000_00, {"idea": points})
        for n, (seat, points) in enumerate(seats)
    )
    poll = tally.Poll(
        ballots=ballots,
        seats={each.member: each.seat for each in ballots},
        rules=RULES,
        applied_for=10_000_00,
        least_workable=5_000_00,
    )
    return Closed(name, tally.tally(poll), RULES.threshold, **given)


def whys(*votes, **given):
    return [(each.id, each.why) for each in proposed(votes, **given)]


def test_opinions_part_by_more_than_one_and_a_half():
    assert whys(vote("two apart", 5, 3)) == [("two apart", "opinions_part")]
    assert whys(vote("one apart", 5, 4)) == []


def test_a_mean_within_a_quarter_of_the_line_is_near_it():
    near, far = vote("near", 3, 2), vote("far", 3, 3)
    assert (near.from_the_line, far.from_the_line) == (0, Fraction(1, 2))
    assert whys(near, far) == [("near", "near_the_line")]


def test_a_quarter_is_near_and_more_is_not():
    vote_at = vote("x", 3, 2)
    for threshold, expected in [(Fraction(11, 4), 1), (Fraction(276, 100), 0)]:
        moved = Closed("x", vote_at.result, threshold)
        assert len(proposed([moved])) == expected


def test_what_is_demanded_comes_first_then_what_parts_most_then_what_is_nearest():
    votes = [
        vote("nearly", 3, 2),
        vote("apart", 5, 3),
        vote("demanded", 4, 4, is_demanded=True),
        vote("far apart", 5, 1),
    ]
    assert [name for name, _why in whys(*votes)] == ["demanded", "far apart", "apart", "nearly"]


def test_one_that_has_many_reasons_stands_there_once_with_the_strongest():
    several = vote("x", 5, 0, is_demanded=True)
    assert whys(several, around=["x"]) == [("x", "demanded")]


def test_without_scores_only_a_demand_or_the_money_puts_it_on():
    abstained = tally.Poll(
        ballots=(tally.Ballot("m0", "young", "abstain"),),
        seats={"m0": "young"},
        rules=RULES,
        applied_for=1,
        least_workable=1,
    )
    closed = Closed("x", tally.tally(abstained), RULES.threshold)
    assert whys(closed) == []
    assert whys(closed, around=["x"]) == [("x", "near_the_line")]


def application(name, score, amount=10_000_00):
    return allocation.Tallied(
        id=name,
        amount=amount,
        applied_for=amount,
        least_workable=amount,
        score=Fraction(score),
        support=Fraction(1),
    )


def ranked(applications, budget):
    terms = allocation.Terms(budget=budget, threshold=Fraction(5, 2))
    return allocation.allocate("ranked", applications, {}, terms)


def test_two_on_either_side_of_where_the_money_ends_are_near_the_line():
    listed = [application(name, 5 - place / 4) for place, name in enumerate("abcdefg")]
    assert around_the_line(ranked(listed, 40_000_00)) == {"c", "d", "e", "f"}


def test_where_there_is_enough_for_all_there_is_no_line():
    listed = [application(name, 4) for name in "abc"]
    assert around_the_line(ranked(listed, 30_000_00)) == frozenset()


def test_what_nobody_would_fund_is_not_near_the_line():
    listed = [application("a", 5), application("b", 4), application("low", 1)]
    assert around_the_line(ranked(listed, 10_000_00)) == {"a", "b"}


points = st.integers(0, 5)


@given(st.lists(st.tuples(points, points, st.booleans()), max_size=8), st.randoms())
def test_the_order_in_which_votes_come_never_matters(given_points, random):
    votes = [
        vote(f"v{n}", young, staff, is_demanded=demanded)
        for n, (young, staff, demanded) in enumerate(given_points)
    ]
    shuffled = random.sample(votes, len(votes))
    found = proposed(votes)
    assert proposed(shuffled) == found
    assert len({each.id for each in found}) == len(found)
    assert all(isinstance(each, Proposed) for each in found)
