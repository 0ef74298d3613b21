"""Our equal shares and pabutools', on the same files with the same order for ties."""

import os
import random
from fractions import Fraction

import pytest

from committee.allocation import allocate, ties
from committee.elections import count, read, write
from tests.committee.elections import LITERATURE, random_election

if not os.environ.get("CI"):  # there it has to be installed
    pytest.importorskip("pabutools.rules", reason="pabutools is not installed: make oracle")

from pabutools.election import Additive_Cardinal_Sat, Cost_Sat
from pabutools.election.pabulib import parse_pabulib_from_string
from pabutools.rules import method_of_equal_shares
from pabutools.tiebreaking import TieBreakingRule


def ours(text, step):
    """What equal shares buy, before the rest goes by rank."""
    counted = count(read(text), Fraction(step))
    proposal = allocate("equal_shares", counted.applications, counted.votes, counted.terms)
    return {line.id for line in proposal.funded if line.code == "shares"}


def theirs(text, step):
    instance, profile = parse_pabulib_from_string(text)
    in_order = sorted(count(read(text)).applications, key=lambda each: ties(each, ""))
    places = {each.id: place for place, each in enumerate(in_order)}
    found = method_of_equal_shares(
        instance,
        profile,
        sat_class=Cost_Sat if instance.meta["vote_type"] == "approval" else Additive_Cardinal_Sat,
        tie_breaking=TieBreakingRule(lambda instance, profile, project: places[project.name]),
        voter_budget_increment=step or None,
    )
    return {project.name for project in found}


@pytest.mark.parametrize("step", [0, 1], ids=["plain", "add-one"])
@pytest.mark.parametrize("example", LITERATURE.values(), ids=LITERATURE.keys())
def test_examples_of_the_literature_agree(example, step):
    text = write(example)
    assert ours(text, step) == theirs(text, step)


@pytest.mark.slow
@pytest.mark.parametrize("step", [0, 1], ids=["plain", "add-one"])
def test_500_random_elections_agree(step):
    """Five hundred elections, counted twice: some seconds."""
    for seed in range(500):
        text = write(random_election(random.Random(seed)))
        assert ours(text, step) == theirs(text, step), f"seed {seed}\n{text}"
