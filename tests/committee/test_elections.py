"""Elections as .pb files: read, written, and read again."""

import random
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from committee.allocation import Limit, allocate
from committee.elections import Unreadable, anonymised, count, number, read, write
from tests.committee.elections import BOOK_12, random_election
from tests.committee.test_allocation import KR, RULES, VOTES, cases, tallied, terms

FILE = """META
key;value
description;A small one
budget;1000,50
vote_type;{vote_type}
PROJECTS
project_id;name;cost
1;"A stage; with lights";600.25
2;Paint;400
VOTES
voter_id;age;vote;points
7;16;1,2;3,1
8;None;2;2.5

9;17;;
"""
SCORING = FILE.format(vote_type="scoring")


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def test_a_file_of_points_is_read_exactly():
    election = read("\ufeff" + SCORING.replace("\n", "\r\n"))
    assert [(each.id, each.cost) for each in election.projects] == [
        ("1", Fraction(60025, 100)),
        ("2", 400),
    ]
    assert [ballot.points for ballot in election.ballots] == [
        {"1": 3, "2": 1},
        {"2": Fraction(5, 2)},
        {},
    ]
    assert election.projects[0].columns["name"] == "A stage; with lights"
    assert election.ballots[0].columns["age"] == "16"
    assert "age" not in election.ballots[1].columns


def test_what_a_file_leaves_out_is_taken_from_its_ballots():
    counted = count(read(SCORING))
    stage, paint = counted.applications
    assert counted.unit == 100
    assert (stage.amount, stage.applied_for, stage.least_workable) == (60_025, 60_025, 0)
    assert (stage.score, stage.support, stage.received) == (1, 1, 1)
    assert (paint.score, paint.support, paint.received) == (Fraction(7, 6), 2, 2)
    assert (counted.terms.budget, counted.terms.step) == (100_050, 100_00)


def test_approval_counts_with_the_cost_as_points():
    counted = count(read(FILE.format(vote_type="approval")), step=Fraction(1, 1000))
    assert counted.unit == 1000
    assert counted.terms.step == 1
    assert counted.votes["7"] == {"1": Fraction(60025, 100), "2": 400}
    assert [each.score for each in counted.applications] == [Fraction(1, 3), Fraction(2, 3)]


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("META\n", "", "does not begin with META"),
        ("VOTES\n", "BALLOTS\n", "no VOTES"),
        ("budget;1000,50\n", "", "META has no budget"),
        ("1000,50", "a lot", "a lot is not a number"),
        ("1000,50", "1/0", "1/0 is not a number"),
        ("1000,50", "-3", "zero or more"),
        ("scoring", "ordinal", "ordinal cannot be read"),
        ("2;Paint", "1;Paint", "1 is there twice"),
        ("2;Paint;400", "2;Paint;", "no cost in: 2;Paint"),
        ("8;None", "7;None", "7 is there twice"),
        ("8;None;2;", "8;None;3;", "ballot of 8"),
        ("1,2;3,1", "1,2;3", "ballot of 7"),
        ("1,2;3,1", "1,1;3,1", "1 is there twice"),
        ("1,2;3,1", "1,2;", "no points in: 7"),
        (";600.25", ";-1", "does not hold"),
        ("budget;", "floor art_form x;2\nceiling art_form x;1\nbudget;", "floor <= ceiling"),
        ("A small one", "A small one" * 20_000, "field larger"),
    ],
)
def test_a_file_that_is_no_election_is_refused_with_the_reason(old, new, said):
    assert old in SCORING
    with pytest.raises(Unreadable, match=said):
        count(read(SCORING.replace(old, new, 1)))


@pytest.mark.parametrize(
    "text, value",
    [("1200", 1200), ("12.50", "25/2"), ("12,5", "25/2"), ("17/4", "17/4"), ("-0.5/2", "-1/4")],
)
def test_numbers_are_exact(text, value):
    assert number(text) == Fraction(value)


@pytest.mark.parametrize("text", ["", "1e5", "1 000", "1.000.000", "nan", "٣", "1/0", "9" * 31])
def test_what_is_no_plain_number_is_refused(text):
    with pytest.raises(Unreadable):
        number(text)


@given(st.integers(min_value=0))
def test_what_is_written_is_read_again(seed):
    election = random_election(random.Random(seed))
    again = read(write(election))
    assert again.meta == election.meta
    assert [(each.id, each.cost) for each in again.projects] == [
        (each.id, each.cost) for each in election.projects
    ]
    assert [(each.voter, each.points) for each in again.ballots] == [
        (each.voter, each.points) for each in election.ballots
    ]
    assert write(again) == write(election)


ABOUT = {"description": "Spring", "country": "Denmark", "unit": "The pool", "instance": "2026"}


def test_a_file_tells_how_each_voted_and_not_who():
    applications = [tallied("concert", 5_000), tallied("mural", 1_500), tallied("film", 99)]
    seats = {"asta": "young", "bo": "staff", "cille": "young"}
    limits = (Limit("municipality", "101", floor=50, ceiling=99_00),)
    text = write(
        anonymised(applications, VOTES, seats, terms(9_000, seed="s", limits=limits), ABOUT)
    )
    meta, _, votes = text.partition("VOTES\n")
    assert votes.splitlines() == [
        "voter_id;vote;points;seat",
        "1;concert;5;staff",
        "2;concert,mural;5,1;young",
        "3;film,mural;5,4;young",
    ]
    assert "floor municipality 101;0.5\nceiling municipality 101;99\n" in meta
    assert not any(name in text for name in VOTES)


def test_the_order_of_members_does_not_show_in_the_file():
    applications = [tallied("concert", 5_000), tallied("mural", 1_500), tallied("film", 99)]
    seats = dict.fromkeys(VOTES, "young")
    backwards = {member: VOTES[member] for member in reversed(VOTES)}
    assert anonymised(applications, backwards, seats, terms(1), ABOUT) == anonymised(
        applications, VOTES, seats, terms(1), ABOUT
    )


def test_a_reference_with_a_comma_cannot_stand_in_a_ballot():
    with pytest.raises(ValueError, match="commas"):
        anonymised([tallied("a,b", 1)], {}, {}, terms(1), ABOUT)


@given(cases(), st.sampled_from(RULES))
def test_anybody_recomputes_the_same_from_the_file(case, rule):
    applications, votes, its_terms = case
    seats = dict.fromkeys(votes, "young")
    text = write(anonymised(applications, votes, seats, its_terms, ABOUT))
    counted = count(read(text))
    again = allocate(rule, counted.applications, counted.votes, counted.terms)
    proposal = allocate(rule, applications, votes, its_terms)
    assert counted.unit == KR
    assert (again.funded, again.skipped) == (proposal.funded, proposal.skipped)


def test_an_example_is_counted_by_the_seat_too():
    text = write(BOOK_12).replace("voter_id;vote", "voter_id;vote;seat")
    text = text.replace(";a,c", ";a,c;young").replace(";b,d", ";b,d;staff")
    by_name = {each.id: each.young_mean for each in count(read(text)).applications}
    assert by_name == {"a": 1, "b": 0, "c": 1, "d": 0}


def test_amounts_that_are_divided_too_finely_are_refused():
    finely = "1/999999999989"
    text = f"META\nkey;value\nbudget;{finely}\nvote_type;approval\n"
    text += "PROJECTS\nproject_id;cost\n1;10\nVOTES\nvoter_id;vote\n1;1\n"
    with pytest.raises(Unreadable, match="too finely"):
        count(read(text))


def test_municipalities_that_weigh_nothing_are_refused():
    text = "META\nkey;value\nbudget;100\nvote_type;approval\n"
    text += "PROJECTS\nproject_id;cost;municipalities\n1;10;x:0,y:0\nVOTES\nvoter_id;vote\n1;1\n"
    with pytest.raises(Unreadable, match="weigh nothing"):
        count(read(text))


def test_a_file_of_many_projects_and_empty_ballots_is_counted_at_once():
    """A walk over projects times ballots took a minute: this would be a hundred million steps."""
    many = 10_000
    text = "META\nkey;value\nbudget;100\nvote_type;approval\nPROJECTS\nproject_id;cost\n"
    text += "".join(f"{number};10\n" for number in range(many))
    text += "VOTES\nvoter_id;vote\n" + "".join(f"{number};\n" for number in range(many))
    counted = count(read(text))
    assert len(counted.applications) == len(counted.votes) == many
