"""Every reason is a sentence."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from committee.allocation import Line, allocate
from committee.reasons import mean, sentence
from tests.committee.test_allocation import RULES, cases

FACTS = {
    "place": 3,
    "score": "17/4",
    "threshold": "3",
    "left": 4_310_00,
    "least": 6_000_00,
    "cost": 7_000_00,
    "floor": 9_000_00,
    "most": 500_00,
    "supporters": 7,
    "supporters_left": 4_310_00,
    "of": "municipality",
    "code": "101",
}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def said(code, facts=FACTS, **more):
    return sentence(Line("a", 0, 0, code, facts), lambda amount: f"{amount // 100} kr.", **more)


def test_supporters_are_told_what_they_had_left():
    assert said("shares_short") == (
        "It costs 7000 kr., and your supporters had 4310 kr. left. "
        "It needs at least 6000 kr., and 4310 kr. was left over when its turn came."
    )


def test_a_municipality_is_called_by_its_name():
    names = {("municipality", "101"): "København"}
    told = said("ceiling", name=lambda of, code: names[of, code])
    assert told == "It needs 6000 kr., and there was room for 4310 kr. more for København."
    assert said("ceiling").endswith("for 101.")


def test_a_ceiling_that_left_too_little_is_called_by_its_name():
    facts = {**FACTS, "full_of": "art_form", "full_code": "music"}
    told = said("rank_least", facts, name=lambda of, code: code.title())
    assert told == (
        "Number 3 on the list, with a mean of 4.25. There was room for 4310 kr. more for Music, "
        "so it is offered the least that works."
    )
    assert "for Music" in said("floor_least", facts, name=lambda of, code: code.title())


@pytest.mark.parametrize(
    "by_rule, amount, told",
    [
        (5, 7, "It was raised from 5 kr. to 7 kr. by the committee."),
        (7, 5, "It was lowered from 7 kr. to 5 kr. by the committee."),
        (0, 5, "The committee put it in: it had nothing by the rule, and 5 kr. now."),
        (5, 0, "The committee took it out: it had 5 kr. by the rule, and nothing now."),
        (5, 5, "The committee gave it what it had by the rule."),
    ],
)
def test_what_people_moved_is_told_by_what_happened(by_rule, amount, told):
    line = Line("a", 900, amount * 100, "moved", {"by_rule": by_rule * 100})
    assert sentence(line, lambda amount: f"{amount // 100} kr.") == told


@pytest.mark.parametrize(
    "exact, shown", [("17/4", "4.25"), ("3", "3.00"), ("299999/100000", "2.99"), ("0", "0.00")]
)
def test_a_mean_is_rounded_down_so_that_it_never_looks_higher(exact, shown):
    assert mean(exact) == shown


def test_a_mean_is_written_as_the_reader_writes():
    with translation.override("da"):
        assert mean("17/4") == "4,25"


@given(cases(), st.sampled_from(RULES))
def test_every_application_gets_a_sentence_that_is_whole(case, rule):
    applications, votes, terms = case
    proposal = allocate(rule, applications, votes, terms)
    for line in (*proposal.funded, *proposal.skipped):
        told = sentence(line, lambda amount: f"{amount} kr.")
        assert told.endswith(".")
        assert ".." not in told
        assert "%" not in told
