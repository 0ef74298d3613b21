from datetime import timedelta

import pytest

from committee.review import actions as review
from committee.tally import tally
from committee.votes import actions as voting
from committee.votes import queries
from committee.votes.models import Demand, Vote
from grants.applications import actions as applications
from tests import factories
from tests.committee.moments import AFTER_A_DAY, TIME_IS_OVER, events
from workflows import clock
from workflows.machine import Refusal


def result(application):
    return tally(queries.poll(queries.window_for(application)))


@pytest.fixture
def esther(in_review, cast):
    factories.clear(in_review, cast.members[1])
    return cast.members[1]


def test_a_vote_can_be_changed_until_it_closes_and_counts_once(in_review, votes, esther, world):
    votes(in_review, esther)
    factories.vote(in_review, esther, choice="against", points=1)
    vote = Vote.objects.get()
    assert (vote.choice, vote.amount) == ("against", 0)
    assert vote.scores == {str(world.criterion.pk): 1}
    assert result(in_review).cast == 1
    assert events(in_review, "vote_cast").count() == events(in_review, "vote_changed").count() == 1


def test_the_log_never_says_what_somebody_voted(in_review, cast, votes):
    votes(in_review, *cast.members)
    assert [entry.facts for entry in events(in_review, "vote_cast")] == [{}] * 4


def test_who_abstains_scores_nothing_and_takes_part(in_review, esther):
    factories.vote(in_review, esther, choice="abstain", points=5)
    vote = Vote.objects.get()
    assert (vote.amount, vote.scores) == (0, {})
    counted = result(in_review)
    assert (counted.cast, counted.abstentions) == (1, 1)


@pytest.mark.parametrize("amount", [-1, 10_000_01])
def test_a_vote_in_favour_names_an_amount_within_what_was_applied_for(in_review, esther, amount):
    with pytest.raises(Refusal, match="amount"):
        factories.vote(in_review, esther, amount=amount)
    with pytest.raises(Refusal, match="amount"):
        voting.cast_vote(
            in_review,
            member=esther,
            choice="for",
            scores=factories.scores(in_review),
            by=esther.user,
        )


def test_nobody_gives_so_little_that_it_does_not_work(in_review, esther):
    least = in_review.least_workable
    with pytest.raises(Refusal, match="so little"):
        factories.vote(in_review, esther, amount=least - 1)
    factories.vote(in_review, esther, amount=least)


@pytest.mark.parametrize("choice", ["for", "against"])
def test_who_is_for_or_against_scores_every_criterion_and_no_other(in_review, esther, choice):
    given = {"member": esther, "choice": choice, "amount": 10_000_00, "by": esther.user}
    for scores in [None, {}, factories.scores(in_review) | {"0": 3}]:
        with pytest.raises(Refusal, match="each criterion"):
            voting.cast_vote(in_review, scores=scores, **given)
    for points in [6, -1, 2.5, "4", None]:
        with pytest.raises(Refusal, match="from 0 to 5"):
            voting.cast_vote(in_review, scores=factories.scores(in_review, points), **given)
    assert not Vote.objects.exists()


def test_nobody_votes_before_they_have_answered_or_while_they_are_unsure(in_review, cast):
    ib = cast.members[2]
    for code, answer in [("undeclared", "unsure"), ("unsure", "conflict"), ("recused", "clear")]:
        with pytest.raises(Refusal) as refused:
            factories.vote(in_review, ib)
        assert refused.value.code == code
        if answer != "clear":
            review.declare(
                in_review, member=ib, answer=answer, ground="family", note="?", by=ib.user
            )


def test_nobody_votes_for_somebody_else(in_review, cast, esther):
    with pytest.raises(Refusal) as refused:
        voting.cast_vote(in_review, member=esther, choice="abstain", by=cast.dines)
    assert refused.value.code == "role"


def test_a_seat_that_ended_has_no_vote_and_does_not_count(in_review, cast, votes):
    jo = cast.members[3]
    votes(in_review, jo)
    jo.ends_on = AFTER_A_DAY.date() - timedelta(days=1)
    jo.save()
    with pytest.raises(Refusal, match="seat"):
        factories.vote(in_review, jo)
    counted = result(in_review)
    assert (counted.cast, counted.entitled) == (0, 3)


def test_a_member_of_another_pools_committee_cannot_vote(in_review):
    other = factories.world(code="two")
    lis = factories.seat(factories.user("Lis"), other.committee, "young")
    with pytest.raises(Refusal, match="seat") as refused:
        voting.cast_vote(in_review, member=lis, choice="abstain", by=lis.user)
    assert refused.value.code == "role"


def test_a_late_recusal_leaves_the_vote_out_and_the_quorum_is_computed_anew(in_review, cast, votes):
    votes(in_review, *cast.members)
    jo = cast.members[3]
    review.declare_recusal(in_review, member=jo, ground="own_interest", by=jo.user)
    assert Vote.objects.filter(member=jo).exists()
    counted = result(in_review)
    assert (counted.entitled, counted.cast, counted.young_cast) == (3, 3, 1)
    assert counted.quorum.missing_young == 1


def test_when_the_time_is_over_and_there_is_a_quorum_votes_are_refused(in_review, cast, votes):
    votes(in_review, *cast.members)
    with clock.at(TIME_IS_OVER), pytest.raises(Refusal, match="over") as refused:
        factories.vote(in_review, cast.members[0])
    assert refused.value.code == "closed"


def test_without_a_quorum_the_vote_goes_on_after_its_time(in_review, cast, votes):
    votes(in_review, *cast.members[:3])
    with clock.at(TIME_IS_OVER):
        votes(in_review, cast.members[3])
        with pytest.raises(Refusal, match="over"):
            factories.vote(in_review, cast.members[3])


def test_an_application_that_was_withdrawn_is_out_of_the_committees_hands(in_review, cast, votes):
    votes(in_review, *cast.members)
    applications.withdraw(in_review, by=cast.asta)
    with pytest.raises(Refusal, match="over"):
        factories.vote(in_review, cast.members[0])
    with pytest.raises(Refusal, match="not with the committee"):
        voting.close_vote(in_review, by=cast.dines)
    with clock.at(TIME_IS_OVER):
        assert voting.close_due_votes() == 0


# --- Demanding a meeting ------------------------------------------------------------------------


def demand(application, member, reason="Hvem ejer studiet?"):
    return voting.demand_meeting(application, member=member, reason=reason, by=member.user)


def test_a_member_demands_a_meeting_once_and_says_about_what(in_review, esther):
    with pytest.raises(Refusal, match="talked about"):
        demand(in_review, esther, reason=" ")
    for reason in ["Hvem ejer studiet?", "Og lyden?"]:
        demand(in_review, esther, reason)
    assert Demand.objects.get().reason == "Hvem ejer studiet?"
    assert events(in_review, "meeting_demanded").get().facts == {}
    assert queries.waits_for_a_meeting(queries.window_for(in_review))


def test_only_who_may_vote_demands_one(in_review, cast):
    with pytest.raises(Refusal) as refused:
        demand(in_review, cast.members[2])
    assert refused.value.code == "undeclared"


def test_the_demand_of_somebody_who_stands_aside_later_is_none(in_review, esther):
    demand(in_review, esther)
    review.declare_recusal(in_review, member=esther, ground="family", by=esther.user)
    assert not queries.waits_for_a_meeting(queries.window_for(in_review))


@pytest.mark.parametrize("wanted", [0, 2])
def test_the_rules_say_how_many_it_takes(world, cast, application_at, wanted):
    rules(world, members_to_demand_a_meeting=wanted)
    application = application_at("in_review")
    factories.clear(application, *cast.members[:2])
    if not wanted:
        with pytest.raises(Refusal, match="no right"):
            demand(application, cast.members[0])
    else:
        demand(application, cast.members[0])
        assert not queries.waits_for_a_meeting(queries.window_for(application))
        demand(application, cast.members[1])
        assert queries.waits_for_a_meeting(queries.window_for(application))


def rules(world, **changed):
    return factories.Procedure.objects.create(committee=world.committee, version=2, **changed)
