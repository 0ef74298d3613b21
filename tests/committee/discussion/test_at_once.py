"""Writing while something else happens, on two real connections."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import transaction

from committee.discussion import actions
from committee.discussion.models import Remark
from committee.review import actions as review
from grants.applications import actions as applications
from tests import factories
from tests.committee.threads import NOW, Act, again, waits
from workflows import clock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talked_about(in_review, cast, votes):
    with clock.at(NOW):
        votes(in_review, *cast.members)
    return in_review


def say(application, member, kind="remark"):
    return actions.write_remark(
        again(application), member=member, kind=kind, text="Hvem betaler?", by=member.user
    )


def test_a_double_click_says_it_once(talked_about, cast):
    barrier = Barrier(2)
    clicks = [
        Act(lambda: say(talked_about, cast.members[0]), before=barrier.wait) for _one in range(2)
    ]
    for each in clicks:
        each.start()
    assert [each.ended() for each in clicks] == [None, None]
    assert Remark.objects.count() == 1


def test_two_who_answer_at_once_answer_once(talked_about, world, cast):
    other = factories.role(factories.user("Lis"), world.pool, "caseworker")
    with clock.at(NOW):
        question = say(talked_about, cast.members[0], "question")
    barrier = Barrier(2)
    both = [
        Act(lambda who=who: actions.answer(question, text="Vi.", by=who), before=barrier.wait)
        for who in (cast.frida, other)
    ]
    for each in both:
        each.start()
    assert sorted(each.ended() or "" for each in both) == ["", "faster"]
    assert Remark.objects.filter(question=question).count() == 1


def test_who_stands_aside_at_that_moment_says_nothing_more(talked_about, cast):
    dines = cast.members[0]
    saying = Act(lambda: say(talked_about, dines))
    with clock.at(NOW), transaction.atomic():
        review.declare_recusal(again(talked_about), member=dines, ground="family", by=cast.dines)
        saying.start()
        assert waits(saying)
    assert saying.ended() == "shut"
    assert not Remark.objects.exists()


def test_nothing_is_said_on_a_case_that_leaves_at_that_moment(talked_about, cast):
    saying = Act(lambda: say(talked_about, cast.members[0]))
    with clock.at(NOW + timedelta(minutes=1)), transaction.atomic():
        applications.withdraw(again(talked_about), by=cast.asta)
        saying.start()
        assert waits(saying)
    assert saying.ended() == "closed"
    assert not Remark.objects.exists()
