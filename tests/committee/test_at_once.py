"""Voting, standing aside and closing at the same moment, on two real connections."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from committee.review import actions as review
from committee.votes import actions as voting
from grants.applications.models import Application
from tests import factories
from workflows import clock
from workflows.machine import Refusal

pytestmark = pytest.mark.django_db(transaction=True)

NOW = factories.MONDAY + timedelta(days=4)
ROUNDS = 20


class Act(Thread):
    """One act on a connection of its own; `refusal` is the sentence's code when it was refused."""

    def __init__(self, act, before=lambda: None):
        super().__init__(daemon=True)
        self.act, self.before, self.refusal, self.error = act, before, None, None

    def run(self):
        try:
            self.before()
            with clock.at(NOW):
                self.act()
        except Refusal as refusal:
            self.refusal = refusal.code
        except Exception as error:
            self.error = error
        finally:
            connection.close()

    def ended(self):
        self.join(timeout=20)
        assert not self.is_alive()
        assert self.error is None
        return self.refusal


@pytest.fixture
def two_have_to_wait(in_review, cast, votes):
    """A vote with a quorum already; only Jo, who is young, has not voted."""
    kim = factories.seat(factories.user("Kim"), in_review.pool.committee, "young")
    with clock.at(NOW):
        votes(in_review, *cast.members[:3], kim)
    return in_review


def again(application):
    return Application.objects.get(pk=application.pk)


def against(application, member):
    voting.cast_vote(again(application), member=member, choice="against", amount=0, by=member.user)


def close(application, cast):
    voting.close_vote(again(application), by=cast.dines)


def waits(thread):
    thread.join(timeout=0.5)
    return thread.is_alive()


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
    voting = Act(lambda: against(application, cast.members[3]))
    with clock.at(NOW), transaction.atomic():
        close(application, cast)
        voting.start()
        assert waits(voting)
    assert voting.ended() == "closed"
    assert application.recommendations.get().cast == 4


def test_standing_aside_while_it_closes_is_refused(two_have_to_wait, cast):
    application, esther = two_have_to_wait, cast.members[1]
    leaving = Act(
        lambda: review.declare_recusal(
            again(application), member=esther, ground="family", by=esther.user
        )
    )
    with clock.at(NOW), transaction.atomic():
        close(application, cast)
        leaving.start()
        assert waits(leaving)
    assert leaving.ended() == "closed"
    assert not application.recusals.exists()


@pytest.mark.slow
def test_voting_and_closing_at_once_has_exactly_one_outcome(world, cast, votes):
    """Twenty rounds, each with an application of its own."""
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    asta, jo = factories.applicant(cast.asta), cast.members[3]
    for _round in range(ROUNDS):
        application = factories.application_at("in_review", world, cast, who=asta)
        with clock.at(NOW):
            votes(application, *cast.members[:3], kim)
        barrier = Barrier(2)
        voting = Act(lambda case=application: against(case, jo), before=barrier.wait)
        closing = Act(lambda case=application: close(case, cast), before=barrier.wait)
        voting.start()
        closing.start()
        assert closing.ended() is None
        counted = application.recommendations.get().cast == 5
        assert counted == (voting.ended() is None)
        assert jo.votes.filter(window__application=application).exists() == counted


def test_two_who_close_at_once_close_once(two_have_to_wait, cast):
    barrier = Barrier(2)
    both = [Act(lambda: close(two_have_to_wait, cast), before=barrier.wait) for _one in range(2)]
    for each in both:
        each.start()
    assert sorted(each.ended() or "" for each in both) == ["", "closed"]
    assert two_have_to_wait.recommendations.count() == 1
