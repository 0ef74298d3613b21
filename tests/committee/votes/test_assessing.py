"""A member's own paper: saved as it is written, read by nobody else, and no vote."""

import pytest

from committee.review import actions as review
from committee.tally import tally
from committee.votes import actions as voting
from committee.votes import queries
from committee.votes.models import Assessment, Vote
from tests import factories
from workflows.machine import Refusal
from workflows.models import LogEntry


@pytest.fixture
def esther(in_review, cast):
    factories.clear(in_review, cast.members[1])
    return cast.members[1]


@pytest.fixture
def save(in_review, esther):
    return lambda **given: voting.save_assessment(in_review, member=esther, by=esther.user, **given)


@pytest.fixture
def key(world):
    return str(world.criterion.pk)


def test_what_is_saved_is_merged_with_what_was(save, key):
    save(scores={key: 3}, notes={key: "Godt tænkt."})
    save(choice="for", amount=7_000_00)
    paper = save(scores={key: 4})
    assert (paper.scores, paper.notes) == ({key: 4}, {key: "Godt tænkt."})
    assert (paper.choice, paper.amount) == ("for", 7_000_00)
    assert Assessment.objects.count() == 1


def test_what_is_taken_out_is_gone(save, key):
    save(scores={key: 3}, notes={key: "Tja."}, choice="against")
    paper = save(scores={key: None}, notes={key: ""}, choice="")
    assert (paper.scores, paper.notes, paper.choice) == ({}, {}, "")


def test_nothing_is_cast_by_it_and_the_log_says_nothing(save, in_review, key):
    before = LogEntry.objects.count()
    save(scores={key: 5}, choice="for", amount=7_000_00)
    assert not Vote.objects.exists()
    assert tally(queries.poll(queries.window_for(in_review))).cast == 0
    assert LogEntry.objects.count() == before


@pytest.mark.parametrize("given", [{"scores": {"0": 3}}, {"notes": {"idea": "?"}}])
def test_only_the_calls_own_criteria_are_judged(save, given):
    with pytest.raises(Refusal, match="not judged by that"):
        save(**given)


@pytest.mark.parametrize("score", [-1, 6, 2.5, 2.0, "3", True, [3]])
def test_a_score_is_a_whole_number_from_0_to_5(save, key, score):
    with pytest.raises(Refusal, match="from 0 to 5"):
        save(scores={key: score})
    assert not Assessment.objects.exists()


def test_only_who_may_read_the_case_has_a_paper(in_review, cast):
    esther, ib, jo = cast.members[1:]
    review.declare_recusal(in_review, member=esther, ground="family", by=esther.user)
    review.declare(in_review, member=ib, answer="unsure", note="?", by=ib.user)
    for member, code in [(esther, "recused"), (ib, "unsure"), (jo, "undeclared")]:
        with pytest.raises(Refusal) as refused:
            voting.save_assessment(in_review, member=member, by=member.user)
        assert refused.value.code == code
    factories.clear(in_review, jo)
    with pytest.raises(Refusal) as refused:
        voting.save_assessment(in_review, member=jo, by=cast.dines)
    assert refused.value.code == "role"


def test_a_closed_vote_keeps_the_papers_as_they_were(save, in_review, cast, votes, key):
    save(scores={key: 3})
    votes(in_review, *cast.members)
    voting.close_vote(in_review, by=cast.dines)
    with pytest.raises(Refusal) as refused:
        save(scores={key: 4})
    assert refused.value.code == "closed"
    assert Assessment.objects.get().scores == {key: 3}
