"""Every finding is a sentence that is true and whole."""

from dataclasses import replace
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import given

from committee.findings import sentences, what_is_missing
from committee.tally import Quorum, tally
from tests.committee.test_tally import KR, LONE, SCORED, poll, polls, split


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def kroner(amount):
    return f"{amount // KR} kr."


def said(given_poll):
    return sentences(tally(given_poll), given_poll.rules, kroner)


def test_all_is_explained_in_the_order_to_read_it():
    votes = [
        *[("young", "for", 9_000, 5, 5)] * 3,
        ("young", "against", 0, 4, 3),
        *[("staff", "for", 12_090, 3, 3)] * 2,
        ("staff", "abstain", 0),
    ]
    rules = replace(SCORED, young_weight=60)
    assert said(poll(*votes, others=["young", "staff"], rules=rules)) == {
        "quorum": "7 of 9 who may vote have voted, 4 young and 3 staff. "
        "It takes 5, at least 2 young and 2 staff.",
        "majority": "5 for, 1 against, 1 abstaining. It takes more for than against.",
        "score": "The mean is 4.00: 4.66 from the young, who count for 60 %, "
        "and 3.00 from staff, who count for 40 %. The line is 3.00.",
        "disagreement": "Opinions part: the young give 1.66 more than staff.",
        "amount": "The vote points to 9000 kr.: "
        "at least half of those who named an amount would give that or more.",
        "outcome": "The vote carried it.",
    }


def test_a_committee_that_asks_for_no_bloc_is_told_the_whole_number_only():
    told = said(split(young=(1, 0), others=["staff"], rules=LONE))["quorum"]
    assert told == "1 of 2 who may vote have voted, 1 young and 0 staff. It takes 1."


def test_a_double_majority_shows_each_bloc():
    rules = replace(LONE, wants_both_blocs=True, ties=("chair",))
    told = said(split(young=(2, 0), staff=(0, 2), rules=rules, chair="m0"))
    assert told["majority"] == (
        "2 for, 2 against, 0 abstaining. Young: 2 for, 0 against. Staff: 0 for, 2 against. "
        "It takes more for than against among the young and among staff."
    )
    assert "tie" not in told
    assert told["outcome"] == "The vote did not carry it."


@pytest.mark.parametrize(
    "ties, chair, ending",
    [
        (("chair",), "m0", "The chair's vote decides: for."),
        (("chair",), "m2", "The chair's vote decides: against."),
        (("young",), "", "The majority of the young decides: for."),
        ((), "", "and nothing settles it. So it is not carried."),
    ],
)
def test_a_tie_says_who_settled_it(ties, chair, ending):
    told = said(
        split(young=(2, 1), staff=(0, 1), rules=replace(LONE, ties=ties), chair=chair)
    )["tie"]  # fmt: skip
    assert told.startswith("As many are for as against")
    assert told.endswith(ending)


def test_a_tie_that_the_young_voted_against_says_so():
    rules = replace(LONE, ties=("young",))
    told = said(split(young=(1, 2), staff=(1, 0), rules=rules))["tie"]
    assert told.endswith("The majority of the young decides: against.")


@pytest.mark.parametrize("young", [(0, 0), (2, 1)])
def test_what_is_no_tie_says_nothing_of_one(young):
    assert "tie" not in said(split(young=young, others=["staff"]))


@pytest.mark.parametrize("seat, who", [("young", "the young"), ("staff", "staff")])
def test_the_mean_of_one_bloc_says_that_it_is_alone(seat, who):
    told = said(poll((seat, "for", 0, 4, 4), rules=SCORED))
    assert told["score"] == f"The mean is 4.00, from {who} only. The line is 3.00."
    assert "disagreement" not in told


def test_when_opinions_part_it_says_who_gives_more():
    told = said(poll(("young", "for", 0, 1, 1), ("staff", "for", 0, 4, 4), rules=SCORED))
    assert told["disagreement"] == "Opinions part: staff give 3.00 more than the young."


@pytest.mark.parametrize(
    "named, why",
    [
        (0, "The vote points to 5000 kr., the least that works: nobody named an amount."),
        (2_000, "At least half of those who named an amount would give at most 2000 kr. each."),
        (9_090, "at least half of those who named an amount would give 9090 kr. or more."),
        (9_000, "at least half of those who named an amount would give that or more."),
    ],
)
def test_the_amount_says_how_it_was_found(named, why):
    told = said(poll(("young", "for", named), least=5_000, rules=LONE))["amount"]
    amount = "9000 kr." if named >= 9_000 else "5000 kr."
    assert told.startswith(f"The vote points to {amount}")
    assert ("rounded down" in told) == (named == 9_090)
    assert ("the least that works" in told) == (named < 5_000)
    assert told.endswith(why)


def test_where_nothing_is_recommended_no_amount_is_named():
    told = said(poll(("young", "for", 9_000)))
    assert "amount" not in told
    assert told["outcome"] == "Too few have voted, so there is no result."


def test_a_mean_below_the_line_is_no_lost_vote():
    rules = replace(SCORED, quorum_percent=0, least_young=0, least_staff=0, threshold=Fraction(5))
    told = said(poll(("young", "for", 9_000, 4, 4), rules=rules))
    assert told["outcome"] == "The vote carried it, but its mean is below the line."


def test_the_missing_votes_are_counted_and_never_named():
    assert what_is_missing(Quorum(0, 0, 0)) == []
    assert what_is_missing(Quorum(3, 1, 2)) == [
        "1 young vote is missing",
        "2 staff votes are missing",
    ]
    assert what_is_missing(Quorum(4, 2, 0)) == [
        "2 young votes are missing",
        "4 votes are missing in all",
    ]
    assert what_is_missing(Quorum(1, 0, 0)) == ["1 vote is missing in all"]


@given(polls())
def test_whatever_was_voted_each_finding_is_whole(given_poll):
    told = said(given_poll)
    assert {"quorum", "majority", "outcome"} <= told.keys()
    for sentence in told.values():
        assert sentence.endswith(".")
        assert not sentence.endswith("kr.")
        assert ".." not in sentence
        assert "%(" not in sentence
    assert ("amount" in told) == (tally(given_poll).recommended > 0)
