"""Voting, standing aside and closing at the same moment, on two real connections."""

from threading import Barrier

import pytest
from django.db import transaction

from committee.review import actions as review
from committee.votes import actions as voting
from tests import factories
from tests.committee.threads import NOW, Act, again, at_once, waits
from workflows import clock

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12


@pytest.fixture
def two_have_to_wait(in_review, cast, votes):
    """A vote with a quorum already, that no ballot can change; only Jo, young, has not voted."""
    kim = factories.seat(factories.user("Kim"), in_review.pool.committee, "young")
    with clock.at(NOW):
        votes(in_review, *cast.members[:3], kim)
        factories.clear(in_review, cast.members[3])
    return in_review


def against(application, member):
    factories.vote(again(application), member, choice="against")


def close(application, cast):
    voting.close_vote(again(application), by=cast.dines)


def recuse(application, member):
    review.declare_recusal(again(application), member=member, ground="family", by=member.user)


def test_closing_waits_for_a_vote_on_its_way_and_counts_it(two_have_to_wait, cast):
    application = two_have_to_wait
    closing = Act(lambda: close(application, cast))
    with clock.at(NOW), transaction.atomic():
        against(application, cast.members[3])
        closing.start()
        assert waits(closing)
    assert closing.ended() is None
    recommendation = application.recommendations.get()
    assert (recommendation.cast, recommendation.votes_against) == (5, 1)


def test_a_vote_that_comes_while_it_closes_is_refused(two_have_to_wait, cast):
    application = two_have_to_wait
    late = Act(lambda: against(application, cast.members[3]))
    with clock.at(NOW), transaction.atomic():
        close(application, cast)
        late.start()
        assert waits(late)
    assert late.ended() == "closed"
    assert application.recommendations.get().cast == 4


def test_standing_aside_while_it_closes_is_refused(two_have_to_wait, cast):
    application = two_have_to_wait
    leaving = Act(lambda: recuse(application, cast.members[1]))
    with clock.at(NOW), transaction.atomic():
        close(application, cast)
        leaving.start()
        assert waits(leaving)
    assert leaving.ended() == "closed"
    assert not application.recusals.exists()


def test_closing_waits_for_somebody_who_stands_aside_and_does_not_count_the_vote(
    two_have_to_wait, cast
):
    application = two_have_to_wait
    with clock.at(NOW):
        against(application, cast.members[3])
    closing = Act(lambda: close(application, cast))
    with clock.at(NOW), transaction.atomic():
        recuse(application, cast.members[1])
        closing.start()
        assert waits(closing)
    assert closing.ended() is None
    recommendation = application.recommendations.get()
    assert (recommendation.entitled, recommendation.cast) == (4, 4)


@pytest.mark.slow
def test_voting_and_closing_at_once_has_exactly_one_outcome(world, cast, votes):
    """Slow: twelve rounds, each with an application of its own."""
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    asta, jo = factories.applicant(cast.asta), cast.members[3]
    for _round in range(ROUNDS):
        application = factories.application_at("in_review", world, cast, who=asta)
        with clock.at(NOW):
            votes(application, *cast.members[:3], kim)
            factories.clear(application, jo)
        barrier = Barrier(2)
        ballot = Act(lambda case=application: against(case, jo), before=barrier.wait)
        closing = Act(lambda case=application: close(case, cast), before=barrier.wait)
        ballot.start()
        closing.start()
        assert closing.ended() is None
        counted = application.recommendations.get().cast == 5
        assert counted == (ballot.ended() is None)
        assert jo.votes.filter(window__application=application).exists() == counted


def test_two_who_close_at_once_close_once(two_have_to_wait, cast):
    both = [lambda: close(two_have_to_wait, cast)] * 2
    assert at_once(*both) == ["", "closed"]
    assert two_have_to_wait.recommendations.count() == 1


def test_two_votes_that_close_at_once_do_not_share_the_last_krone(world, cast, votes):
    """There is money for one of them, and for nothing of the other."""
    type(world.call).objects.filter(pk=world.call.pk).update(budget=12_000_00)
    who = factories.applicant(cast.asta)
    cases = [factories.application_at("in_review", world, cast, who=who) for _case in range(2)]
    for case in cases:
        with clock.at(NOW):
            factories.clear(case, *cast.members)
            for member in cast.members:
                factories.vote(case, member)
    assert at_once(*[lambda case=case: close(case, cast) for case in cases]) == ["", ""]
    assert sorted(case.recommendations.get().amount for case in cases) == [0, 10_000_00]
