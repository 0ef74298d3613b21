"""Allocating, first by examples, then by what is true of every proposal."""

import json
import random
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from committee.allocation import (
    Limit,
    Room,
    Tallied,
    Terms,
    Unmovable,
    allocate,
    by_municipality,
    lot,
    move,
    ranking,
    recorded,
    room,
)
from committee.elections import Ballot, Election, count
from tests.committee.elections import BOOK_1, RED_AND_BLUE, random_election

KR = 100


def tallied(name, kroner, score=4, least=0, **more):
    amounts = {"amount": kroner * KR, "applied_for": kroner * KR, "least_workable": least * KR}
    more = {"support": Fraction(1), **more}
    return Tallied(id=name, score=Fraction(score), **amounts, **more)


def terms(kroner, **more):
    return Terms(budget=kroner * KR, **more)


def funded(proposal):
    return [(line.id, line.amount // KR, line.code) for line in proposal.funded]


def skipped(proposal):
    return [(line.id, line.code) for line in proposal.skipped]


def test_down_the_list_past_what_is_too_dear():
    proposal = allocate(
        "ranked",
        [tallied("dear", 9_000, 3), tallied("best", 6_000, 5), tallied("small", 3_000, 2)],
        {},
        terms(10_000),
    )
    assert funded(proposal) == [("best", 6_000, "rank"), ("small", 3_000, "rank")]
    assert skipped(proposal) == [("dear", "no_money")]
    assert proposal.skipped[0].facts == {"left": 4_000 * KR, "least": 9_000 * KR}
    assert (proposal.spent, proposal.left) == (9_000 * KR, 1_000 * KR)


def test_when_money_runs_short_the_least_that_works_is_offered():
    proposal = allocate(
        "ranked",
        [tallied("best", 6_000, 5), tallied("next", 9_000, 4, least=3_500)],
        {},
        terms(10_000),
    )
    assert funded(proposal) == [("best", 6_000, "rank"), ("next", 3_500, "rank_least")]
    assert proposal.funded[1].facts == {"place": 2, "score": "4", "left": 4_000 * KR}


def test_what_has_no_majority_or_is_below_the_line_gets_nothing():
    applications = [
        tallied("voted down", 100, 5, carried=False),
        tallied("just below", 100, Fraction(299, 100)),
        tallied("on the line", 100, 3),
        tallied("unwanted", 100, 4, support=Fraction(0)),
    ]
    for rule in ("ranked", "threshold", "equal_shares"):
        votes = {"dines": {each.id: Fraction(1) for each in applications}}
        proposal = allocate(rule, applications, votes, terms(10_000, threshold=Fraction(3)))
        assert [line.id for line in proposal.funded] == ["on the line"]
        assert skipped(proposal) == [
            ("voted down", "not_carried"),
            ("unwanted", "no_support"),
            ("just below", "below_threshold"),
        ]


def test_a_rolling_call_gives_to_who_came_first():
    early = tallied("early", 6_000, 3, received=1)
    late = tallied("late", 6_000, 5, received=2)
    proposal = allocate("threshold", [late, early], {}, terms(10_000, threshold=Fraction(3)))
    assert funded(proposal) == [("early", 6_000, "threshold")]


def test_ties_are_broken_one_after_the_other():
    alike = tallied("a", 100)
    by_lot = sorted(["b", "c"], key=lambda name: lot(name, "seed"))
    expected = [
        replace(alike, id="support", support=Fraction(2)),
        replace(alike, id="young", young_mean=Fraction(3)),
        replace(alike, id="early", received=-1),
        *[replace(alike, id=name) for name in by_lot],
        replace(alike, id="received", received_per_inhabitant=Fraction(1, 7), received=-5),
    ]
    assert ranking(reversed(expected), "seed") == expected


def test_another_seed_draws_another_lot():
    alike = [tallied(name, 100) for name in "abcdef"]
    assert len({tuple(ranking(alike, str(seed))) for seed in range(20)}) > 10


def test_the_lot_can_be_drawn_again_with_any_sha256():
    # printf 'a seed\n2026-0012' | sha256sum
    assert lot("2026-0012", "a seed").startswith("eb94b69954e216a5")


VOTES = {
    "asta": {"concert": Fraction(5), "mural": Fraction(1)},
    "bo": {"concert": Fraction(5)},
    "cille": {"mural": Fraction(4), "film": Fraction(5)},
}


def test_equal_shares_buy_and_the_list_takes_the_rest():
    applications = [
        tallied("concert", 5_000, 3),
        tallied("film", 3_500, 2),
        tallied("mural", 1_500, 1),
    ]
    proposal = allocate("equal_shares", applications, VOTES, terms(9_000))
    assert funded(proposal) == [("mural", 1_500, "shares"), ("concert", 5_000, "shares")]
    assert proposal.shares.first == 3_000 * KR
    assert proposal.shares.paid["mural"] == {"asta": 300 * KR, "cille": 1_200 * KR}
    (film,) = proposal.skipped  # with a raise the three would cost more than there is
    assert film.code == "shares_short"
    raised = int(proposal.shares.last - proposal.shares.first)
    assert film.facts == {
        "supporters_left": 1_800 * KR + raised,
        "cost": 3_500 * KR,
        "left": 2_500 * KR,
        "least": 3_500 * KR,
    }


def test_without_votes_equal_shares_go_by_rank():
    proposal = allocate("equal_shares", [tallied("a", 100)], {}, terms(100))
    assert funded(proposal) == [("a", 100, "rest")]
    assert proposal.shares is None


def test_a_ceiling_stops_one_part_of_the_pool():
    applications = [tallied(name, 4_000, 5, art_form="music") for name in "ab"]
    applications += [tallied("c", 4_000, 3, art_form="film")]
    limit = Limit("art_form", "music", ceiling=6_000 * KR)
    votes = {"dines": {each.id: each.score for each in applications}}
    for rule in ("ranked", "threshold", "equal_shares"):
        proposal = allocate(rule, applications, votes, terms(20_000, limits=(limit,)))
        assert [line.amount for line in proposal.funded] == [4_000 * KR] * 2
        (line,) = proposal.skipped
        assert line.code == "ceiling"
        assert (line.facts["left"], line.facts["least"]) == (2_000 * KR, 4_000 * KR)


def test_across_borders_only_a_municipalitys_part_counts():
    both = tallied("both", 4_000, 5, municipalities={"101": 1, "147": 3})
    limit = Limit("municipality", "101", ceiling=1_000 * KR)
    proposal = allocate("ranked", [both], {}, terms(9_000, limits=(limit,)))
    assert funded(proposal) == [("both", 4_000, "rank")]
    assert by_municipality(both, 10) == {"101": 3, "147": 7}


def test_a_floor_steps_in_only_where_the_rule_alone_falls_short():
    music = [tallied(f"music{n}", 4_000, 5, art_form="music") for n in range(3)]
    film = tallied("film", 4_000, 3, art_form="film")
    floor = Limit("art_form", "film", floor=2_000 * KR)
    unneeded = Limit("art_form", "music", floor=1_000 * KR)
    proposal = allocate("ranked", [*music, film], {}, terms(12_000, limits=(floor, unneeded)))
    assert [line.code for line in proposal.funded] == ["floor", "rank", "rank"]
    assert proposal.funded[0].id == "film"
    enough = allocate("ranked", [*music, film], {}, terms(16_000, limits=(floor,)))
    assert {line.code for line in enough.funded} == {"rank"}


def test_a_floor_that_nobody_can_fill_stops_nothing():
    floor = Limit("art_form", "dance", floor=5_000 * KR)
    proposal = allocate("ranked", [tallied("a", 100)], {}, terms(100, limits=(floor,)))
    assert funded(proposal) == [("a", 100, "rank")]


def test_the_committee_moves_an_application_across_the_line():
    in_, out = tallied("in", 6_000, 5, least=2_000), tallied("out", 9_000, 4, least=3_000)
    limits = (Limit("art_form", "", ceiling=9_500 * KR),)
    proposal = allocate("ranked", [in_, out], {}, terms(10_000, limits=limits))
    assert funded(proposal) == [("in", 6_000, "rank"), ("out", 3_000, "rank_least")]
    without = move(proposal, [in_, out], in_, 0)
    assert skipped(without) == [("in", "moved")]
    more = move(without, [in_, out], out, 9_000 * KR)
    assert funded(more) == [("out", 9_000, "moved")]
    assert more.funded[0].facts == {"by_rule": 3_000 * KR}
    less = move(more, [in_, out], out, 4_000 * KR)
    assert less.funded[0].facts == {"by_rule": 3_000 * KR}
    for application, amount, said in (
        (out, 9_001, "amount"),
        (out, 2_999, "amount"),
        (in_, 2_000, "budget"),
    ):
        with pytest.raises(Unmovable, match=said):
            move(more, [in_, out], application, amount * KR)
    with pytest.raises(Unmovable, match="ceiling"):
        move(proposal, [in_, out], out, 3_600 * KR)


def test_there_is_room_for_what_the_budget_and_each_ceiling_leave():
    song, film = (tallied(form, 9_000, 5, least=1_000, art_form=form) for form in ("song", "film"))
    cap = Limit("art_form", "song", ceiling=4_000 * KR)
    proposal = allocate("ranked", [song, film], {}, terms(12_000, limits=(cap,)))
    assert room(proposal, [song, film], song) == Room(3_000 * KR)
    without = move(proposal, [song, film], film, 0)
    assert room(without, [song, film], song) == Room(4_000 * KR, cap)
    assert room(without, [song, film], film) == Room(11_000 * KR)


def test_across_borders_there_is_room_for_more_than_the_part_that_is_limited():
    both = tallied("both", 9_000, 5, municipalities={"101": 1, "147": 3})
    cap = Limit("municipality", "101", ceiling=1_000 * KR)
    proposal = allocate("ranked", [both], {}, terms(9_000, limits=(cap,)))
    found = room(proposal, [both], both)
    assert found.limit == cap
    assert cap.part(both, found.amount) == 1_000 * KR < cap.part(both, found.amount + 3)


def test_a_ceiling_that_made_it_the_least_that_works_is_named():
    song = tallied("song", 9_000, 5, least=1_000, art_form="song")
    cap = Limit("art_form", "song", ceiling=4_000 * KR)
    for budget, left in (
        (12_000, {"left": 4_000 * KR, "full_of": "art_form", "full_code": "song"}),
        (3_000, {"left": 3_000 * KR}),
    ):
        (line,) = allocate("ranked", [song], {}, terms(budget, limits=(cap,))).funded
        assert line.code == "rank_least"
        assert line.facts == {"place": 1, "score": "5"} | left


def test_a_proposal_can_be_stored_as_json():
    counted = count(RED_AND_BLUE)
    proposal = allocate("equal_shares", counted.applications, counted.votes, counted.terms)
    record = json.loads(json.dumps(proposal.record()))
    assert record["step"] == 100 * KR
    assert record["shares"] == {"first": "10000", "last": "10000"}
    assert len(record["funded"]) + len(record["skipped"]) == 20


def test_what_makes_no_sense_is_refused():
    one = tallied("a", 100)
    with pytest.raises(ValueError, match="twice"):
        allocate("ranked", [one, one], {}, terms(100))
    with pytest.raises(ValueError, match="not there"):
        allocate("equal_shares", [one], {"dines": {"b": Fraction(1)}}, terms(100))
    with pytest.raises(ValueError, match="does not hold"):
        replace(one, least_workable=one.amount + 1)
    with pytest.raises(ValueError, match="does not hold"):
        replace(one, applied_for=one.amount - 1)
    with pytest.raises(ValueError, match="zero or more"):
        terms(-1)
    with pytest.raises(ValueError, match="two limits"):
        terms(1, limits=(Limit("art_form", "film", 1), Limit("art_form", "film", 2)))
    with pytest.raises(ValueError, match="floor <= ceiling"):
        Limit("art_form", "film", floor=2, ceiling=1)


# --- What is true of every proposal ---------------------------------------------------------

RULES = ["ranked", "equal_shares", "threshold"]
SCORES = st.integers(min_value=0, max_value=30).map(lambda sixths: Fraction(sixths, 6))
AMOUNTS = st.integers(min_value=0, max_value=40)


@st.composite
def cases(draw):
    """Applications, votes on them, and terms; everything small, so that much collides."""
    applications = []
    for number in range(draw(st.integers(min_value=0, max_value=7))):
        least, amount, applied_for = sorted(draw(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS)))
        applications.append(
            Tallied(
                id=f"a{number}",
                amount=amount,
                applied_for=applied_for,
                least_workable=least,
                score=draw(SCORES),
                support=draw(SCORES),
                carried=draw(st.integers(min_value=0, max_value=4)) > 0,
                young_mean=draw(SCORES),
                received=draw(st.integers(min_value=0, max_value=2)),
                municipalities=draw(
                    st.dictionaries(st.sampled_from("xy"), st.integers(1, 3), max_size=2)
                ),
                art_form=draw(st.sampled_from(["music", "film"])),
            )
        )
    names = [each.id for each in applications]
    points = st.dictionaries(st.sampled_from(names), SCORES) if names else st.just({})
    votes = draw(st.dictionaries(st.sampled_from("mnopq"), points))
    parts = st.sampled_from([("art_form", "music"), ("art_form", "film"), ("municipality", "x")])
    limits = []
    for of, code in draw(st.lists(parts, max_size=3, unique=True)):
        floor, ceiling = sorted(draw(st.tuples(AMOUNTS, AMOUNTS)))
        limits.append(Limit(of, code, floor, draw(st.sampled_from([None, ceiling]))))
    return (
        applications,
        votes,
        Terms(
            budget=draw(st.integers(min_value=0, max_value=120)),
            step=draw(st.integers(min_value=0, max_value=3)),
            seed=draw(st.sampled_from(["", "one", "two"])),
            threshold=draw(st.sampled_from([Fraction(0), Fraction(2)])),
            limits=tuple(limits),
        ),
    )


@given(cases(), st.sampled_from(RULES))
def test_nothing_above_the_budget_above_applied_or_below_the_least(case, rule):
    applications, votes, its_terms = case
    proposal = allocate(rule, applications, votes, its_terms)
    assert proposal.spent <= its_terms.budget
    assert sorted(proposal.amounts) == sorted(each.id for each in applications)
    for each in applications:
        amount = proposal.amounts[each.id]
        if each.id in {line.id for line in proposal.funded}:
            assert each.least_workable <= amount <= each.applied_for
            assert amount in (each.amount, each.least_workable)
            assert each.carried
            assert each.score >= its_terms.threshold
        else:
            assert amount == 0


@given(cases(), st.sampled_from(RULES))
def test_a_record_holds_the_whole_proposal_but_for_the_payments(case, rule):
    proposal = allocate(rule, *case)
    stored = json.loads(json.dumps(proposal.record()))
    assert recorded(stored) == replace(proposal, shares=None)


@given(cases(), st.sampled_from(RULES), st.data())
def test_what_people_move_is_all_that_changes_and_never_breaks_budget_or_ceiling(case, rule, data):
    applications, _votes, its_terms = case
    proposal = allocate(rule, *case)
    wanted = proposal.amounts
    assume(applications)
    for application in data.draw(st.lists(st.sampled_from(applications), max_size=5)):
        amount = data.draw(AMOUNTS)
        with suppress(Unmovable):
            proposal = move(proposal, applications, application, amount)
            wanted[application.id] = amount
    assert proposal.amounts == wanted
    assert proposal.spent <= its_terms.budget
    for limit in its_terms.limits:
        if limit.ceiling is not None:
            assert sum(limit.part(each, wanted[each.id]) for each in applications) <= limit.ceiling


@given(cases(), st.sampled_from(RULES))
def test_no_ceiling_is_broken(case, rule):
    applications, votes, its_terms = case
    amounts = allocate(rule, applications, votes, its_terms).amounts
    for limit in its_terms.limits:
        if limit.ceiling is not None:
            assert sum(limit.part(each, amounts[each.id]) for each in applications) <= limit.ceiling


@given(cases(), st.sampled_from(RULES))
def test_nothing_is_skipped_that_would_still_fit(case, rule):
    applications, votes, its_terms = case
    its_terms = replace(its_terms, limits=())
    proposal = allocate(rule, applications, votes, its_terms)
    least = {each.id: each.amounts[-1] for each in applications}
    for line in proposal.skipped:
        if line.code in ("no_money", "shares_short"):
            assert least[line.id] > line.facts["left"] >= proposal.left
        else:
            assert line.code in ("not_carried", "below_threshold", "no_support")


@given(cases(), st.sampled_from(RULES), st.randoms(use_true_random=False))
def test_the_order_of_ballots_and_of_applications_never_matters(case, rule, chance):
    applications, votes, its_terms = case
    shuffled = list(applications)
    chance.shuffle(shuffled)
    members = list(votes)
    chance.shuffle(members)
    ballots = {}
    for member in members:
        names = list(votes[member])
        chance.shuffle(names)
        ballots[member] = {name: votes[member][name] for name in names}
    assert allocate(rule, shuffled, ballots, its_terms) == allocate(
        rule, applications, votes, its_terms
    )


@given(cases())
def test_shares_pay_exactly_what_is_bought_and_nobody_pays_more_than_a_share(case):
    applications, votes, its_terms = case
    proposal = allocate("equal_shares", applications, votes, its_terms)
    if proposal.shares is None:
        return
    cost = {line.id: line.amount for line in proposal.funded if line.code == "shares"}
    assert {name: sum(paid.values()) for name, paid in proposal.shares.paid.items()} == cost
    assert proposal.shares.first <= proposal.shares.last
    for member in votes:
        paid = sum(each.get(member, 0) for each in proposal.shares.paid.values())
        assert paid <= proposal.shares.last


@given(cases())
def test_what_supporters_had_left_was_less_than_it_costs(case):
    applications, votes, its_terms = case
    for line in allocate("equal_shares", applications, votes, its_terms).skipped:
        if line.code == "shares_short":
            assert 0 <= line.facts["supporters_left"] < line.facts["cost"] == line.asked


def slow_ranking(applications, seed):
    """Take the best of those that are left, criterion by criterion, until none is left."""
    waiting, placed = list(applications), []
    while waiting:
        best = waiting
        for criterion in (
            lambda each: each.score,
            lambda each: each.support,
            lambda each: each.young_mean,
            lambda each: -each.received_per_inhabitant,
            lambda each: -each.received,
        ):
            highest = max(criterion(each) for each in best)
            best = [each for each in best if criterion(each) == highest]
        winner = min(best, key=lambda each: lot(each.id, seed))
        placed.append(winner)
        waiting.remove(winner)
    return placed


@given(cases())
def test_ranked_is_what_a_slow_and_obvious_program_proposes(case):
    applications, votes, its_terms = case
    its_terms = replace(its_terms, limits=())
    expected, left = {each.id: 0 for each in applications}, its_terms.budget
    for each in slow_ranking(applications, its_terms.seed):
        if not each.carried or each.score < its_terms.threshold or each.support == 0:
            continue
        if each.amount <= left:
            expected[each.id] = each.amount
        elif 0 < each.least_workable <= left:
            expected[each.id] = each.least_workable
        left -= expected[each.id]
    assert allocate("ranked", applications, votes, its_terms).amounts == expected


@given(st.integers(min_value=0), st.integers(min_value=0), st.integers(1, 5))
def test_raising_a_score_never_lowers_a_place(seed, pick, more):
    election = random_election(random.Random(seed))
    project = election.projects[pick % len(election.projects)].id
    voter = election.ballots[pick % len(election.ballots)]
    raised_points = {**voter.points, project: voter.points.get(project, Fraction(0)) + more}
    seat = {"seat": "young"} if pick % 2 else {}
    before, after = (
        Election(
            {**election.meta, "vote_type": "scoring"},
            election.projects,
            tuple(
                Ballot(each.voter, points if each == voter else each.points, seat)
                for each in election.ballots
            ),
        )
        for points in (voter.points, raised_points)
    )
    assert place(project, after) <= place(project, before)


def place(project, election):
    return [each.id for each in ranking(count(election).applications, "")].index(project)


def test_an_example_of_the_literature_is_completed_by_rank():
    counted = count(BOOK_1, Fraction(0))
    proposal = allocate("equal_shares", counted.applications, counted.votes, counted.terms)
    assert [(line.id, line.code) for line in proposal.funded] == [
        ("a", "shares"),
        ("b", "rest"),
        ("c", "rest"),
        ("d", "rest"),
    ]
