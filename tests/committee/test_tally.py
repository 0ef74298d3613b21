"""The count, first by examples, then by what is true of every vote."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.tally import Ballot, Poll, Quorum, Rules, seal, tally

RULES = Rules(least_young=2, least_staff=2, rounding=100_00)
KR = 100


def poll(*votes, others=(), rules=RULES, applied_for=20_000 * KR, least_workable=5_000 * KR):
    """votes: ("young", "for", kroner); others: the seats of those entitled who have not voted."""
    ballots = tuple(
        Ballot(member=f"m{n}", seat=seat, choice=choice, amount=kroner * KR)
        for n, (seat, choice, kroner) in enumerate(votes)
    )
    waiting = {f"w{n}": seat for n, seat in enumerate(others)}
    return Poll(
        ballots=ballots,
        entitled={each.member: each.seat for each in ballots} | waiting,
        rules=rules,
        applied_for=applied_for,
        least_workable=least_workable,
    )


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
    assert result.recommended == 12_500 * KR  # the lower of 12.550 and 14.000, rounded down
    assert (result.entitled, result.cast, result.young_cast, result.staff_cast) == (5, 5, 2, 3)
    assert result.quorum == Quorum(missing=0, missing_young=0, missing_staff=0)


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


def test_a_tie_is_not_carried():
    result = tally(
        poll(
            ("young", "for", 9_000),
            ("young", "for", 9_000),
            ("staff", "against", 0),
            ("staff", "against", 0),
        )
    )
    assert not result.carried
    assert result.recommended == 0


def test_all_abstaining_is_a_quorum_and_not_carried():
    result = tally(poll(*[("young", "abstain", 0)] * 2, *[("staff", "abstain", 0)] * 2))
    assert result.quorum.is_met
    assert not result.carried


def test_a_quorum_is_half_of_those_entitled_rounded_up():
    four = [("young", "for", 9_000)] * 2 + [("staff", "for", 9_000)] * 2
    assert tally(poll(*four, others=["young"] * 4)).quorum.is_met
    missing = tally(poll(*four, others=["young"] * 5)).quorum
    assert missing == Quorum(missing=1, missing_young=0, missing_staff=0)


def test_the_quorum_says_which_votes_are_missing():
    alone = poll(("young", "for", 9_000), others=["young", "young", "staff", "staff"])
    assert tally(alone).quorum == Quorum(missing=3, missing_young=1, missing_staff=2)


def test_nobody_is_never_a_quorum():
    empty = poll(rules=replace(RULES, least_young=0, least_staff=0))
    assert tally(empty).quorum == Quorum(missing=1, missing_young=0, missing_staff=0)


def test_less_than_the_least_workable_is_never_recommended():
    result = tally(poll(*[("young", "for", 2_000)] * 2, *[("staff", "for", 3_000)] * 2))
    assert result.recommended == 5_000 * KR


def test_more_than_was_applied_for_is_never_recommended():
    result = tally(poll(*[("young", "for", 90_000)] * 4))
    assert result.recommended == 20_000 * KR


def test_all_that_was_applied_for_is_not_rounded_down():
    assert tally(poll(("young", "for", 12_345), applied_for=12_345 * KR)).recommended == 12_345 * KR
    assert tally(poll(("young", "for", 12_344), applied_for=12_345 * KR)).recommended == 12_300 * KR


def test_those_who_name_no_amount_do_not_pull_it_down():
    result = tally(poll(("young", "for", 0), ("young", "for", 0), ("staff", "for", 12_000)))
    assert result.recommended == 12_000 * KR


def test_carried_without_an_amount_gives_the_least_workable():
    assert tally(poll(("young", "for", 0))).recommended == 5_000 * KR


def test_what_those_against_would_give_does_not_count():
    result = tally(
        poll(("young", "for", 9_000), ("young", "for", 9_000), ("staff", "against", 20_000))
    )
    assert result.recommended == 9_000 * KR


def test_nobody_votes_twice():
    ballot = Ballot("m0", "young", "for", 1)
    with pytest.raises(ValueError, match="twice"):
        Poll((ballot, ballot), {"m0": "young"}, RULES, 2, 1)


@pytest.mark.parametrize("entitled", [{}, {"m0": "staff"}])
def test_only_those_entitled_vote_and_from_their_own_seat(entitled):
    with pytest.raises(ValueError, match="not entitled"):
        Poll((Ballot("m0", "young", "for", 1),), entitled, RULES, 2, 1)


def test_the_seal_tells_any_change_apart():
    first = poll(("young", "for", 9_000), ("staff", "against", 0))
    others = [
        poll(("young", "for", 9_001), ("staff", "against", 0)),
        poll(("young", "for", 9_000), ("staff", "abstain", 0)),
        poll(("young", "for", 9_000), ("staff", "against", 0), others=["staff"]),
        replace(first, rules=replace(RULES, rounding=1)),
        replace(first, least_workable=1),
    ]
    assert len({seal(each) for each in [first, *others]}) == 6


seats = st.sampled_from(["young", "staff"])
choices = st.sampled_from(["for", "against", "abstain"])
votes = st.tuples(seats, choices, st.integers(0, 40_000))


@st.composite
def polls(draw, least_votes=0):
    applied_for = draw(st.integers(1, 3_000_000))
    return poll(
        *draw(st.lists(votes, min_size=least_votes, max_size=15)),
        others=draw(st.lists(seats, max_size=6)),
        rules=Rules(
            least_young=draw(st.integers(0, 4)),
            least_staff=draw(st.integers(0, 4)),
            rounding=draw(st.sampled_from([1, 100, 10_000, 50_000])),
        ),
        applied_for=applied_for,
        least_workable=draw(st.integers(1, applied_for)),
    )


@given(polls(), st.randoms())
def test_the_order_of_ballots_never_matters(given_poll, chance):
    shuffled = list(given_poll.ballots)
    chance.shuffle(shuffled)
    again = replace(given_poll, ballots=tuple(shuffled))
    assert tally(again) == tally(given_poll)
    assert seal(again) == seal(given_poll)


@given(polls(), seats)
def test_an_abstention_where_there_was_no_ballot_changes_nothing_but_the_quorum(given_poll, seat):
    waiting = replace(given_poll, entitled={**given_poll.entitled, "new": seat})
    ballot = Ballot("new", seat, "abstain")
    before, after = tally(waiting), tally(replace(waiting, ballots=(*waiting.ballots, ballot)))
    assert after.quorum.missing <= before.quorum.missing
    assert (after.cast, after.abstentions) == (before.cast + 1, before.abstentions + 1)
    for name in ["entitled", "votes_for", "votes_against", "carried", "recommended"]:
        assert getattr(after, name) == getattr(before, name)


@given(polls())
def test_the_recommended_amount_stays_between_the_least_workable_and_what_was_applied_for(
    given_poll,
):
    result = tally(given_poll)
    if result.carried:
        assert given_poll.least_workable <= result.recommended <= given_poll.applied_for
    else:
        assert result.recommended == 0


@given(polls(least_votes=1), st.data())
def test_recusing_a_member_reduces_those_entitled_and_takes_the_vote_out(given_poll, data):
    gone = data.draw(st.sampled_from(given_poll.ballots))
    rest = {member: seat for member, seat in given_poll.entitled.items() if member != gone.member}
    ballots = tuple(each for each in given_poll.ballots if each != gone)
    before, after = tally(given_poll), tally(replace(given_poll, ballots=ballots, entitled=rest))
    assert (after.entitled, after.cast) == (before.entitled - 1, before.cast - 1)


@given(polls())
def test_a_vote_more_for_never_stops_what_is_carried(given_poll):
    ballot = Ballot("new", "young", "for", given_poll.applied_for)
    more = replace(
        given_poll,
        ballots=(*given_poll.ballots, ballot),
        entitled={**given_poll.entitled, "new": "young"},
    )
    assert tally(more).carried >= tally(given_poll).carried
    assert tally(more).recommended >= tally(given_poll).recommended


@given(polls())
def test_a_quorum_is_as_the_rules_say(given_poll):
    result, rules = tally(given_poll), given_poll.rules
    by_the_rules = (
        result.cast > 0
        and result.cast * 2 >= result.entitled
        and result.young_cast >= rules.least_young
        and result.staff_cast >= rules.least_staff
    )
    assert result.quorum.is_met == by_the_rules


@given(polls())
def test_the_parts_add_up(given_poll):
    result = tally(given_poll)
    assert result.votes_for + result.votes_against + result.abstentions == result.cast
    assert result.young_cast + result.staff_cast == result.cast <= result.entitled
