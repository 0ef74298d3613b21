"""The count, first by examples, then by what is true of every vote."""

import json
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from itertools import chain, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from committee.tally import (
    Ballot,
    Means,
    Poll,
    Quorum,
    Rules,
    canonical,
    is_settled,
    points,
    record,
    seal,
    tally,
)

KR = 100
RULES = Rules(
    quorum_percent=50,
    least_young=2,
    least_staff=2,
    wants_both_blocs=False,
    ties=(),
    threshold=Fraction(0),
    young_weight=50,
    rounding=100 * KR,
    weights={},
)
SCORED = replace(RULES, weights={"idea": 2, "reach": 1}, threshold=Fraction(3))
LONE = replace(RULES, quorum_percent=0, least_young=0, least_staff=0)  # one vote is a quorum


def poll(*votes, others=(), recused=(), rules=RULES, applied_for=20_000, least=5_000, chair=""):
    """votes: (seat, choice, kroner or scores...); m0, m1... in this order.

    others: the seats of w0, w1... who have not voted. Scores follow the order of the criteria.
    """
    ballots = tuple(
        Ballot(
            member=f"m{n}",
            seat=seat,
            choice=choice,
            amount=amount * KR,
            scores=dict(zip(rules.weights, scores, strict=False)),
        )
        for n, (seat, choice, amount, *scores) in enumerate(votes)
    )
    waiting = {f"w{n}": seat for n, seat in enumerate(others)}
    return Poll(
        ballots=ballots,
        seats={each.member: each.seat for each in ballots} | waiting,
        rules=rules,
        applied_for=applied_for * KR,
        least_workable=least * KR,
        recused=frozenset(recused),
        chair=chair,
    )


def split(*, young=(0, 0), staff=(0, 0), **more):
    """So many young for and against, and so many staff; the young first."""
    seats = [("young", young), ("staff", staff)]
    return poll(
        *(
            (seat, choice, 0)
            for seat, counts in seats
            for choice, count in zip(("for", "against"), counts, strict=True)
            for _ in range(count)
        ),
        **{"rules": LONE, **more},
    )


# Who votes, and how many it takes


def test_five_vote_and_the_majority_carries_the_lower_median():
    result = tally(
        poll(
            ("young", "for", 20_000),
            ("young", "for", 12_550),
            ("staff", "for", 14_000),
            ("staff", "for", 8_000),
            ("staff", "against", 0),
        )
    )
    assert (result.votes_for, result.votes_against, result.carried) == (4, 1, True)
    assert (result.young_for, result.young_against) == (2, 0)
    assert (result.staff_for, result.staff_against) == (2, 1)
    assert result.support == Fraction(4, 5)
    assert result.median == 12_550 * KR  # the lower of 12.550 and 14.000
    assert result.recommended == 12_500 * KR
    assert (result.entitled, result.entitled_young, result.entitled_staff) == (5, 2, 3)
    assert (result.cast, result.young_cast, result.staff_cast) == (5, 2, 3)
    assert result.quorum == Quorum(missing=0, missing_young=0, missing_staff=0)
    assert result.outcome == "fundable"


FOUR = [("young", "for", 9_000)] * 2 + [("staff", "for", 9_000)] * 2


@pytest.mark.parametrize(
    "percent, others, missing", [(50, 4, 0), (50, 5, 1), (60, 2, 0), (60, 3, 1), (100, 1, 1)]
)
def test_a_quorum_is_a_part_of_those_entitled_rounded_up(percent, others, missing):
    rules = replace(RULES, quorum_percent=percent)
    result = tally(poll(*FOUR, others=["young"] * others, rules=rules))
    assert result.quorum == Quorum(missing=missing, missing_young=0, missing_staff=0)
    assert result.needed == 4 + missing
    assert (result.outcome == "no_quorum") == bool(missing)


def test_without_a_quorum_nothing_is_recommended():
    result = tally(poll(*FOUR, others=["young"] * 5))
    assert (result.carried, result.outcome, result.recommended) == (True, "no_quorum", 0)


def test_the_quorum_says_which_votes_are_missing():
    alone = tally(poll(("young", "for", 9_000), others=["young", "young", "staff", "staff"]))
    assert alone.needed == 4  # half would be 3, but two of each is more
    assert alone.quorum == Quorum(missing=3, missing_young=1, missing_staff=2)


def test_many_young_are_no_quorum_without_staff():
    result = tally(poll(*[("young", "for", 9_000)] * 9, others=["staff"] * 2))
    assert result.quorum == Quorum(missing=2, missing_young=0, missing_staff=2)


def test_nobody_is_never_a_quorum():
    assert tally(poll(rules=LONE)).quorum == Quorum(missing=1, missing_young=0, missing_staff=0)


def test_the_recused_are_not_entitled_and_their_ballots_are_not_counted():
    result = tally(
        poll(*FOUR, ("staff", "against", 0), others=["young"] * 6, recused=["m4", "w0", "w1"])
    )
    assert (result.entitled, result.entitled_young, result.entitled_staff) == (8, 6, 2)
    assert (result.cast, result.votes_against) == (4, 0)
    assert result.quorum.is_met  # 4 of 8; with the recused it would have been 5 of 11


def test_a_vote_that_is_voided_can_cost_the_quorum():
    assert tally(poll(*FOUR)).quorum.is_met
    assert tally(poll(*FOUR, recused=["m0"])).quorum == Quorum(1, 1, 0)


def test_all_abstaining_is_a_quorum_and_not_carried():
    result = tally(poll(*[("young", "abstain", 0)] * 2, *[("staff", "abstain", 0)] * 2))
    assert result.quorum.is_met
    assert (result.outcome, result.support, result.broken_by) == ("rejected", 0, "")


# The majority


def test_two_for_one_against_and_two_abstaining_is_carried():
    result = tally(
        poll(
            ("young", "for", 10_000),
            ("young", "for", 10_000),
            ("staff", "against", 0),
            ("staff", "abstain", 0),
            ("staff", "abstain", 0),
        )
    )
    assert result.carried
    assert result.abstentions == 2
    assert result.quorum.is_met


BOTH = replace(LONE, wants_both_blocs=True, ties=("chair", "young"))


@pytest.mark.parametrize(
    "young, staff, carried",
    [
        ((3, 1), (2, 1), True),
        ((4, 0), (1, 2), False),
        ((1, 2), (4, 0), False),
        ((4, 0), (1, 1), False),  # as many for as against is no majority of the bloc
        ((2, 1), (0, 0), True),  # a bloc without a vote for or against stands in nobody's way
        ((0, 0), (1, 2), False),
        ((0, 0), (0, 0), False),
        ((2, 0), (0, 2), False),  # no tie for the chair (m0, for) to settle
    ],
)
def test_a_double_majority_is_one_in_each_bloc(young, staff, carried):
    result = tally(split(young=young, staff=staff, rules=BOTH, others=["staff"], chair="m0"))
    assert (result.carried, result.broken_by) == (carried, "")


# Ties


def tie(*ties, chair="", young=(1, 1), staff=(1, 1), **more):
    result = tally(
        split(young=young, staff=staff, rules=replace(LONE, ties=ties), chair=chair, **more)
    )
    return result.carried, result.broken_by


def test_a_tie_that_nobody_settles_is_not_carried():
    assert tie() == (False, "")
    assert tie("chair", "young") == (False, "")


def test_a_tie_goes_as_the_chair_voted():
    assert tie("chair", chair="m0") == (True, "chair")
    assert tie("chair", chair="m1") == (False, "chair")


def test_a_tie_goes_as_most_of_the_young_voted():
    assert tie("young", young=(2, 1), staff=(0, 1)) == (True, "young")
    assert tie("young", young=(1, 2), staff=(1, 0)) == (False, "young")


def test_who_settles_a_tie_is_asked_in_the_order_of_the_rules():
    votes = {"young": (2, 1), "staff": (0, 1), "chair": "m3"}  # the chair is staff, and against
    assert tie("chair", "young", **votes) == (False, "chair")
    assert tie("young", "chair", **votes) == (True, "young")


def test_the_next_rule_is_asked_where_the_chair_has_not_voted():
    assert tie("chair", "young", young=(2, 0), staff=(0, 2), chair="w0", others=["staff"]) == (
        True,
        "young",
    )


def test_the_chair_who_abstains_settles_no_tie():
    votes = [("staff", "abstain", 0), ("young", "for", 0), ("young", "against", 0)]
    result = tally(poll(*votes, rules=replace(LONE, ties=("chair",)), chair="m0"))
    assert (result.carried, result.broken_by) == (False, "")


def test_the_chair_who_is_recused_settles_no_tie():
    assert tie("chair", young=(2, 1), chair="m0", recused=["m0"]) == (False, "")


def test_nobody_settles_what_is_no_tie():
    assert tie("chair", "young", young=(2, 1), chair="m2") == (True, "")
    assert tie("chair", "young", young=(1, 2), chair="m0") == (False, "")


# Scores


def test_points_are_the_weighted_mean_of_one_ballot():
    ballot = Ballot("m0", "young", "for", 0, {"idea": 5, "reach": 2})
    assert points(ballot, SCORED) == 4  # (2 x 5 + 1 x 2) / 3


def test_the_blocs_are_weighed_and_not_their_sizes():
    rules = replace(SCORED, least_young=0, least_staff=0, young_weight=40)
    votes = [("young", "for", 0, 5, 5), *[("staff", "against", 0, 2, 2)] * 3]
    result = tally(poll(*votes, rules=rules))
    assert result.score == Means(Fraction(5), Fraction(2), Fraction(16, 5))  # 0.4 x 5 + 0.6 x 2
    assert result.criteria == {"idea": result.score, "reach": result.score}


def test_each_criterion_has_its_means():
    result = tally(
        poll(("young", "for", 0, 5, 0), ("young", "for", 0, 4, 1), ("staff", "for", 0, 2, 3),
             rules=SCORED)
    )  # fmt: skip
    assert result.criteria == {
        "idea": Means(Fraction(9, 2), Fraction(2), Fraction(13, 4)),
        "reach": Means(Fraction(1, 2), Fraction(3), Fraction(7, 4)),
    }
    assert result.score == Means(Fraction(19, 6), Fraction(7, 3), Fraction(11, 4))


@pytest.mark.parametrize("alone", ["young", "staff"])
def test_where_one_bloc_has_not_scored_the_others_mean_stands_alone(alone):
    other = "staff" if alone == "young" else "young"
    result = tally(poll((alone, "for", 0, 4, 4), (other, "abstain", 0), rules=SCORED))
    assert result.score.weighted == getattr(result.score, alone) == 4
    assert getattr(result.score, other) is None
    assert (result.disagreement, result.opinions_part) == (None, False)


def test_the_scores_of_those_who_abstain_count_for_nothing():
    result = tally(poll(("young", "for", 0, 4, 4), ("young", "abstain", 0, 0, 0), rules=SCORED))
    assert result.score.young == 4


@pytest.mark.parametrize("young, part", [(4, False), (5, True), (1, False), (0, True)])
def test_opinions_part_when_the_means_are_more_than_one_and_a_half_apart(young, part):
    halves = [("staff", "for", 0, 2, 2), ("staff", "for", 0, 3, 3)]  # a mean of 2.5
    result = tally(poll(("young", "for", 0, young, young), *halves, rules=SCORED))
    assert result.disagreement == abs(young - Fraction(5, 2))
    assert result.opinions_part == part


@pytest.mark.parametrize(
    "threshold, outcome", [("4", "fundable"), ("400001/100000", "below_threshold")]
)
def test_a_mean_on_the_line_is_not_below_it(threshold, outcome):
    rules = replace(SCORED, threshold=Fraction(threshold))
    votes = [("young", "for", 9_000, 4, 4)] * 2 + [("staff", "for", 9_000, 4, 4)] * 2
    result = tally(poll(*votes, rules=rules))
    assert (result.carried, result.outcome) == (True, outcome)
    assert result.recommended == (9_000 * KR if outcome == "fundable" else 0)


def test_what_the_vote_rejects_is_rejected_however_well_it_scores():
    votes = [("young", "against", 0, 5, 5)] * 2 + [("staff", "against", 0, 5, 5)] * 2
    assert tally(poll(*votes, rules=SCORED)).outcome == "rejected"


def test_without_criteria_no_threshold_is_asked():
    result = tally(poll(*FOUR, rules=replace(RULES, threshold=Fraction(4))))
    assert (result.outcome, result.score, result.criteria) == (
        "fundable",
        Means(None, None, None),
        {},
    )


# The amount


def recommended(*amounts, choice="for", **more):
    carried = [("young", "for", 0)] if choice != "for" else []
    votes = [("young", choice, amount) for amount in amounts]
    return tally(poll(*carried, *votes, rules=LONE, **more)).recommended / KR


def test_less_than_the_least_workable_is_never_recommended():
    assert recommended(2_000, 2_000, 3_000) == 5_000


def test_rounding_never_goes_below_the_least_workable():
    assert recommended(5_090, least=5_050) == 5_050


def test_all_that_was_applied_for_is_not_rounded_down():
    assert recommended(12_345, applied_for=12_345) == 12_345
    assert recommended(12_344, applied_for=12_345) == 12_300


def test_those_who_name_no_amount_do_not_pull_it_down():
    assert recommended(0, 0, 12_000) == 12_000


def test_carried_without_an_amount_gives_the_least_workable():
    assert recommended(0) == 5_000


def test_what_those_abstaining_would_give_does_not_count():
    assert recommended(20_000, choice="abstain") == 5_000


def test_what_those_against_would_give_does_not_count():
    votes = [("young", "for", 9_000)] * 2 + [("staff", "against", 20_000)]
    assert tally(poll(*votes, rules=LONE)).recommended == 9_000 * KR


def test_what_the_recused_would_give_does_not_count():
    assert recommended(20_000, 9_000, 9_000, 20_000, 20_000, recused=["m3", "m4"]) == 9_000


# What cannot be


def test_nobody_votes_twice():
    ballot = Ballot("m0", "young", "for", 1)
    with pytest.raises(ValueError, match="twice"):
        Poll((ballot, ballot), {"m0": "young"}, RULES, 2, 1)


@pytest.mark.parametrize("seats", [{}, {"m0": "staff"}])
def test_only_those_with_a_seat_vote_and_from_their_own(seats):
    with pytest.raises(ValueError, match="not entitled"):
        Poll((Ballot("m0", "young", "for", 1),), seats, RULES, 2, 1)


@pytest.mark.parametrize("scores", [(), (3,), (3, 6), (-1, 3)])
@pytest.mark.parametrize("choice", ["for", "against"])
def test_whoever_is_for_or_against_scores_each_criterion_from_0_to_5(choice, scores):
    with pytest.raises(ValueError, match="score"):
        poll(("young", choice, 0, *scores), rules=SCORED)


def test_nobody_scores_what_is_no_criterion():
    with pytest.raises(ValueError, match="no other"):
        Poll((Ballot("m0", "young", "for", 1, {"mood": 5}),), {"m0": "young"}, RULES, 2, 1)


@pytest.mark.parametrize("amount", [-1, 20_001])
def test_nobody_in_favour_gives_more_than_was_applied_for_or_less_than_nothing(amount):
    with pytest.raises(ValueError, match="more than was applied for"):
        poll(("young", "for", amount))


@pytest.mark.parametrize("least", [0, 20_001])
def test_the_least_workable_lies_between_nothing_and_what_was_applied_for(least):
    with pytest.raises(ValueError, match="least workable"):
        poll(least=least)


@pytest.mark.parametrize(
    "change",
    [
        {"quorum_percent": 101},
        {"young_weight": -1},
        {"least_staff": -1},
        {"rounding": 0},
        {"weights": {"idea": 0}},
    ],
)
def test_rules_that_cannot_be_are_refused(change):
    with pytest.raises(ValueError):  # noqa: PT011  # whichever it is, it is not a rule
        replace(RULES, **change)


# The seal


def test_the_seal_tells_any_change_apart():
    votes = [("young", "for", 9_000, 4, 4), ("staff", "against", 0, 1, 1)]
    first = poll(*votes, rules=SCORED)
    others = [
        poll(("young", "for", 9_001, 4, 4), votes[1], rules=SCORED),
        poll(("young", "for", 9_000, 4, 3), votes[1], rules=SCORED),
        poll(votes[0], ("staff", "abstain", 0, 1, 1), rules=SCORED),
        poll(*votes, rules=SCORED, others=["staff"]),
        poll(*votes, rules=SCORED, recused=["m1"]),
        poll(*votes, rules=SCORED, chair="m1"),
        replace(first, least_workable=1),
        *(
            replace(first, rules=replace(SCORED, **change))
            for change in (
                {"quorum_percent": 51},
                {"least_young": 1},
                {"wants_both_blocs": True},
                {"ties": ("chair",)},
                {"threshold": Fraction(2)},
                {"young_weight": 51},
                {"rounding": 1},
                {"weights": {"idea": 2, "reach": 2}},
            )
        ),
    ]
    assert len({seal(each) for each in [first, *others]}) == 1 + len(others)


def test_what_is_sealed_holds_the_ballots_that_are_not_counted():
    votes = [("young", "for", 9_000, 4, 4), ("staff", "against", 0, 1, 1)]
    sealed = canonical(poll(*votes, rules=SCORED, recused=["m1"]))
    assert [ballot["member"] for ballot in sealed["ballots"]] == ["m0", "m1"]
    assert sealed["ballots"][1]["scores"] == {"idea": 1, "reach": 1}
    assert sealed["recused"] == ["m1"]
    assert sealed["result"]["votes_against"] == 0


def test_a_record_writes_fractions_as_people_do():
    told = record(tally(poll(("young", "for", 0, 5, 2), ("staff", "for", 0, 4, 5), rules=SCORED)))
    assert told["score"] == {"young": "4", "staff": "13/3", "weighted": "25/6"}
    assert told["criteria"]["idea"]["weighted"] == "9/2"
    assert (told["support"], told["disagreement"]) == ("1", "1/3")


# What is true of every vote

SEATS = st.sampled_from(["young", "staff"])
CHOICES = st.sampled_from(["for", "against", "abstain"])


@st.composite
def rule_books(draw, criteria=0):
    """Any rules, with at least so many criteria."""
    return Rules(
        quorum_percent=draw(st.integers(0, 100)),
        least_young=draw(st.integers(0, 2)),
        least_staff=draw(st.integers(0, 2)),
        wants_both_blocs=draw(st.booleans()),
        ties=tuple(draw(st.lists(st.sampled_from(["chair", "young"]), unique=True))),
        threshold=draw(st.fractions(0, 5, max_denominator=6)),
        young_weight=draw(st.integers(0, 100)),
        rounding=draw(st.sampled_from([1, 3, 10])),
        weights=draw(
            st.dictionaries(
                st.sampled_from(["idea", "reach"]),
                st.integers(1, 4),
                min_size=criteria,
                max_size=2,
            )
        ),
    )


def ballots(member, seat, rules, applied_for):
    """Any ballot that this member can cast."""
    scores = st.fixed_dictionaries({name: st.integers(0, 5) for name in rules.weights})
    return st.builds(
        Ballot, st.just(member), st.just(seat), CHOICES, st.integers(0, applied_for), scores
    )


@st.composite
def polls(draw, least_out=0, most=7, rules=None):
    """A committee of at most `most`, in which some vote, and some of those or others are recused.

    Amounts are small: the rules do not care, and ties and edges come often.
    """
    rules = rules or draw(rule_books())
    applied_for = draw(st.integers(1, 40))
    seats = {f"m{n}": seat for n, seat in enumerate(draw(st.lists(SEATS, max_size=most)))}
    seats |= {f"w{n}": draw(SEATS) for n in range(least_out)}
    members = st.sets(st.sampled_from(sorted(seats))) if seats else st.just(set())
    voters = {member for member in draw(members) if member[0] == "m"}
    return Poll(
        ballots=tuple(
            draw(ballots(member, seats[member], rules, applied_for)) for member in sorted(voters)
        ),
        seats=seats,
        rules=rules,
        applied_for=applied_for,
        least_workable=draw(st.integers(1, applied_for)),
        recused=frozenset(m for m in draw(members) if m[0] == "m"),
        chair=draw(st.sampled_from(["", *sorted(seats)])),
    )


@given(polls(), st.randoms())
def test_the_order_of_ballots_and_seats_never_matters(given_poll, chance):
    shuffled, seats = list(given_poll.ballots), list(given_poll.seats.items())
    chance.shuffle(shuffled)
    chance.shuffle(seats)
    again = replace(given_poll, ballots=tuple(shuffled), seats=dict(seats))
    assert tally(again) == tally(given_poll)
    assert seal(again) == seal(given_poll)
    assert is_settled(again) == is_settled(given_poll)


@given(polls(least_out=1))
def test_an_abstention_where_there_was_no_ballot_changes_nothing_but_the_quorum(given_poll):
    ballot = Ballot("w0", given_poll.seats["w0"], "abstain")
    before = tally(given_poll)
    after = tally(replace(given_poll, ballots=(*given_poll.ballots, ballot)))
    assert after.quorum.missing <= before.quorum.missing
    assert (after.cast, after.abstentions) == (before.cast + 1, before.abstentions + 1)
    may_change = {"quorum", "cast", "young_cast", "staff_cast", "abstentions"}
    if not before.quorum.is_met and after.quorum.is_met:
        may_change |= {"outcome", "recommended"}
    for each in fields(before):
        if each.name not in may_change:
            assert getattr(after, each.name) == getattr(before, each.name), each.name


@given(polls())
def test_the_recommended_amount_stays_between_the_least_workable_and_what_was_applied_for(
    given_poll,
):
    result = tally(given_poll)
    if result.outcome == "fundable":
        assert given_poll.least_workable <= result.recommended <= given_poll.applied_for
    else:
        assert result.recommended == 0


@st.composite
def seasons(draw):
    """Several cases before one committee: the same seats, chair and rules, ballots of their own."""
    first = draw(polls(least_out=1))
    cases = [first]
    for _ in range(draw(st.integers(1, 2))):
        voters = draw(st.sets(st.sampled_from(sorted(first.seats))))
        cast = tuple(
            draw(ballots(member, first.seats[member], first.rules, first.applied_for))
            for member in sorted(voters)
        )
        cases.append(replace(first, ballots=cast, recused=frozenset()))
    return cases


@given(seasons(), st.data())
def test_recusing_a_member_changes_the_count_of_that_case_alone(cases, data):
    member = data.draw(st.sampled_from(sorted(cases[0].seats)))
    before = [(tally(case), seal(case)) for case in cases]
    case = cases[0] = replace(cases[0], recused=cases[0].recused | {member})
    assert [(tally(each), seal(each)) for each in cases[1:]] == before[1:]
    # In that case it is as if the member had no seat and had never voted.
    without = replace(
        case,
        ballots=tuple(each for each in case.ballots if each.member != member),
        seats={name: seat for name, seat in case.seats.items() if name != member},
    )
    assert tally(case) == tally(without)


@given(rule_books(criteria=1).flatmap(lambda rules: polls(rules=rules)), st.data())
def test_raising_a_score_never_lowers_the_mean(given_poll, data):
    criteria = sorted(given_poll.rules.weights)
    low = [
        (place, name)
        for place, ballot in enumerate(given_poll.ballots)
        for name in criteria
        if ballot.scores[name] < 5
    ]
    assume(low)
    place, name = data.draw(st.sampled_from(low))
    raised = list(given_poll.ballots)
    scores = {**raised[place].scores, name: raised[place].scores[name] + 1}
    raised[place] = replace(raised[place], scores=scores)
    before, after = tally(given_poll), tally(replace(given_poll, ballots=tuple(raised)))
    if before.score.weighted is None:
        assert after == before
    else:
        assert after.score.weighted >= before.score.weighted
        assert after.criteria[name].weighted >= before.criteria[name].weighted
    assert (after.carried, after.median) == (before.carried, before.median)


@given(polls(least_out=1))
def test_a_vote_more_for_never_stops_what_is_carried(given_poll):
    scores = dict.fromkeys(given_poll.rules.weights, 5)
    ballot = Ballot("w0", given_poll.seats["w0"], "for", given_poll.applied_for, scores)
    before = tally(given_poll)
    after = tally(replace(given_poll, ballots=(*given_poll.ballots, ballot)))
    assert after.carried >= before.carried
    assert after.recommended >= before.recommended
    assert before.outcome != "fundable" or after.outcome == "fundable"


@given(polls())
def test_a_quorum_is_as_the_rules_say(given_poll):
    result, rules = tally(given_poll), given_poll.rules
    by_the_rules = (
        result.cast > 0
        and result.cast * 100 >= result.entitled * rules.quorum_percent
        and result.young_cast >= rules.least_young
        and result.staff_cast >= rules.least_staff
    )
    assert result.quorum.is_met == by_the_rules == (result.outcome != "no_quorum")
    assert result.quorum.is_met or result.quorum.missing > 0


@given(polls())
def test_the_parts_add_up(given_poll):
    result = tally(given_poll)
    assert result.votes_for + result.votes_against + result.abstentions == result.cast
    assert result.young_for + result.staff_for == result.votes_for
    assert result.young_against + result.staff_against == result.votes_against
    assert result.young_cast + result.staff_cast == result.cast <= result.entitled
    assert result.entitled_young + result.entitled_staff == result.entitled


def parts(value):
    """The value and all that it is made of."""
    yield value
    if is_dataclass(value):
        value = [getattr(value, each.name) for each in fields(value)]
    elif isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from parts(each)


@given(polls())
def test_there_are_no_floats_and_what_is_recorded_survives_json(given_poll):
    sealed = canonical(given_poll)
    assert not any(isinstance(each, float) for each in parts([tally(given_poll), sealed]))
    assert json.loads(json.dumps(sealed)) == sealed
    assert sealed["result"] == record(tally(given_poll))


# Whether a vote is settled


def scored(*weights, **change):
    return replace(LONE, weights=dict(zip(["idea", "reach"], weights, strict=False)), **change)


@pytest.mark.parametrize(
    "what, waiting, settled",
    [
        ("nobody is out", split(young=(1, 0)), True),
        ("no quorum yet", split(young=(1, 0), others=["young"], rules=RULES), False),
        (
            "two against would make it a tie",
            split(young=(2, 0), others=["staff"] * 2, applied_for=5_000),
            False,
        ),
        (
            "two against would not make it a tie",
            split(young=(3, 0), others=["staff"] * 2, applied_for=5_000),
            True,
        ),
        ("nobody can lift it", split(young=(0, 3), others=["staff"] * 2), True),
        ("it can become a tie", split(young=(0, 2), others=["staff"] * 2), True),
        (
            "the chair can settle that tie",
            split(
                young=(0, 2),
                others=["staff"] * 2,
                rules=replace(LONE, ties=("chair",)),
                chair="w0",
            ),
            False,
        ),
        (
            "two gave all, and one more cannot move the median",
            poll(*[("young", "for", 20_000)] * 2, others=["staff"], rules=LONE),
            True,
        ),
        (
            "one gave all, and one who gives less moves the median",
            poll(("young", "for", 20_000), *[("young", "for", 0)] * 2, others=["staff"],
                 rules=LONE),
            False,
        ),
        (
            "one who gives more moves the median",
            poll(("young", "for", 9_000), ("young", "for", 20_000), others=["staff"], rules=LONE),
            False,
        ),
        (
            "the last score can fall below the line",
            poll(*[("young", "for", 20_000, 3)] * 3, others=["young"],
                 rules=scored(1, threshold=Fraction(3))),
            False,
        ),
        (
            "the last score can lift it to the line",
            poll(*[("young", "for", 9_000, 2)] * 2, others=["young"],
                 rules=scored(1, threshold=Fraction(3))),
            False,
        ),
        (
            "the last score cannot lift it to the line",
            poll(*[("young", "for", 9_000, 2)] * 3, others=["young"],
                 rules=scored(1, threshold=Fraction(3))),
            True,
        ),
        (
            "the one who is out is recused",
            split(young=(1, 0), others=["staff"], recused=["w0"]),
            True,
        ),
    ],
    ids=str,
)  # fmt: skip
def test_a_vote_is_settled_when_no_ballot_still_out_can_change_it(what, waiting, settled):
    assert is_settled(waiting) == settled


def out(given_poll):
    voted = {ballot.member for ballot in given_poll.ballots}
    return [item for item in given_poll.entitled.items() if item[0] not in voted]


def every_ballot(member, seat, given_poll):
    """Staying away (none), and each ballot that this member can cast."""
    names, amounts = list(given_poll.rules.weights), range(given_poll.applied_for + 1)
    for scores in product(range(6), repeat=len(names)):
        said = dict(zip(names, scores, strict=True))
        yield from ((Ballot(member, seat, "for", amount, said),) for amount in amounts)
        yield (Ballot(member, seat, "against", 0, said),)
    yield (Ballot(member, seat, "abstain"),)
    yield ()


@st.composite
def small_polls(draw):
    """At most two ballots out, at most one criterion and amounts to 3: all of it can be tried."""
    rules = replace(
        draw(rule_books()),
        quorum_percent=draw(st.integers(0, 60)),
        least_young=draw(st.integers(0, 1)),
        least_staff=0,
        rounding=1,
        weights=draw(st.sampled_from([{}, {"idea": 1}])),
    )
    seats = {f"m{n}": seat for n, seat in enumerate(draw(st.lists(SEATS, min_size=3, max_size=6)))}
    applied_for = draw(st.integers(1, 3))
    away = draw(st.sampled_from([1, 2, 0]))
    return Poll(
        ballots=tuple(
            draw(ballots(member, seats[member], rules, applied_for))
            for member in sorted(seats)[away:]
        ),
        seats=seats,
        rules=rules,
        applied_for=applied_for,
        least_workable=draw(st.integers(1, applied_for)),
        recused=frozenset(draw(st.sets(st.sampled_from(sorted(seats)), max_size=1))),
        chair=draw(st.sampled_from(["", *sorted(seats)])),
    )


@settings(max_examples=200)
@given(small_polls())
def test_settled_is_what_no_way_of_voting_can_change(given_poll):
    now = tally(given_poll)
    ways = product(*(every_ballot(*waiting, given_poll) for waiting in out(given_poll)))
    changed = (
        (after.outcome, after.recommended) != (now.outcome, now.recommended)
        for way in ways
        for after in [tally(replace(given_poll, ballots=(*given_poll.ballots, *chain(*way))))]
    )
    assert is_settled(given_poll) == (now.quorum.is_met and not any(changed))


@st.composite
def one_sided_polls(draw):
    """Some have cast the same ballot, and a few others are still out."""
    first = draw(polls(rules=draw(rule_books())))
    ballot = draw(ballots("", "young", first.rules, first.applied_for))
    voted = {f"v{n}": seat for n, seat in enumerate(draw(st.lists(SEATS, min_size=3, max_size=9)))}
    waiting = {f"w{n}": seat for n, seat in enumerate(draw(st.lists(SEATS, max_size=4)))}
    cast = tuple(replace(ballot, member=member, seat=seat) for member, seat in voted.items())
    return replace(first, ballots=cast, seats=voted | waiting, recused=frozenset(), chair="w0")


@given(one_sided_polls(), st.data())
def test_what_is_settled_stays_as_it_is_whoever_votes(given_poll, data):
    assume(is_settled(given_poll))
    late = [
        data.draw(st.none() | ballots(*waiting, given_poll.rules, given_poll.applied_for))
        for waiting in out(given_poll)
    ]
    now = tally(given_poll)
    after = tally(replace(given_poll, ballots=(*given_poll.ballots, *filter(None, late))))
    assert (after.outcome, after.recommended) == (now.outcome, now.recommended)
