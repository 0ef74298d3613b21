"""What a member is unsure of is settled by somebody else."""

import pytest

from committee.review import actions as review
from committee.review import queries
from committee.review.models import Ruling
from grants.letters.models import Mail
from tests import factories
from tests.committee.moments import TIME_IS_OVER, events
from workflows import clock
from workflows.machine import Refusal


def doubt(application, member):
    review.declare(application, member=member, answer="unsure", note="Måske.", by=member.user)
    return application.declarations.filter(member=member).first()


def state(application, member):
    return queries.bench(queries.window_for(application)).state_of(member)


def settle(declaration, by, *, is_recused=False, reason="I kender ikke hinanden."):
    return review.rule(declaration, is_recused=is_recused, reason=reason, by=by)


@pytest.fixture
def esthers(in_review, cast):
    """Esther's doubt; the chair has no conflict."""
    factories.clear(in_review, cast.members[0])
    return doubt(in_review, cast.members[1])


@pytest.mark.parametrize("is_recused", [False, True])
def test_the_chair_settles_it_and_the_member_is_told(esthers, in_review, cast, is_recused):
    Mail.objects.all().delete()
    settle(esthers, cast.dines, is_recused=is_recused)
    assert state(in_review, cast.members[1]) == ("recused" if is_recused else "clear")
    assert in_review.recusals.exists() == is_recused
    assert events(in_review, "doubt_settled").get().facts == {
        "member": cast.members[1].pk,
        "is_recused": is_recused,
    }
    mail = Mail.objects.get()
    assert mail.to == cast.esther
    assert "kender" not in mail.text
    assert in_review.title not in mail.text


def test_it_takes_a_reason(esthers, cast):
    with pytest.raises(Refusal, match="reason"):
        settle(esthers, cast.dines, reason=" ")
    assert not Ruling.objects.exists()


@pytest.mark.parametrize("person", ["esther", "asta", "bo", "cille", "gorm", "hanne"])
def test_nobody_but_the_chair_and_the_secretariat_settles_it(esthers, cast, person):
    with pytest.raises(Refusal) as refused:
        settle(esthers, getattr(cast, person))
    assert refused.value.code == "role"


def test_the_secretariat_does_when_the_time_is_over(esthers, in_review, cast):
    with pytest.raises(Refusal, match="The chair settles this"):
        settle(esthers, cast.frida)
    with clock.at(TIME_IS_OVER):
        settle(esthers, cast.frida)
    assert state(in_review, cast.members[1]) == "clear"


def test_the_secretariat_settles_the_chairs_own(in_review, cast):
    chairs = doubt(in_review, cast.members[0])
    with pytest.raises(Refusal, match="Somebody else"):
        settle(chairs, cast.dines)
    settle(chairs, cast.frida, is_recused=True)
    assert state(in_review, cast.members[0]) == "recused"


def test_a_chair_who_has_not_answered_settles_nothing(in_review, cast):
    esthers = doubt(in_review, cast.members[1])
    with pytest.raises(Refusal, match="Say first"):
        settle(esthers, cast.dines)
    doubt(in_review, cast.members[0])
    with pytest.raises(Refusal, match="Wait until"):
        settle(esthers, cast.dines)
    settle(esthers, cast.frida)
    assert state(in_review, cast.members[1]) == "clear"


def test_a_chair_who_stands_aside_settles_nothing(esthers, in_review, cast):
    review.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    with pytest.raises(Refusal, match="stand aside"):
        settle(esthers, cast.dines)
    settle(esthers, cast.frida)


def test_a_caseworker_with_a_part_in_the_application_settles_nothing(esthers, in_review, cast):
    in_review.team.create(user=cast.frida, name="Frida")
    with clock.at(TIME_IS_OVER), pytest.raises(Refusal, match="take part"):
        settle(esthers, cast.frida)


def test_it_is_settled_once(esthers, cast):
    settle(esthers, cast.dines)
    with pytest.raises(Refusal) as refused:
        settle(esthers, cast.dines, is_recused=True)
    assert refused.value.code == "faster"
    assert Ruling.objects.count() == 1


def test_a_doubt_that_was_said_anew_is_settled_anew(esthers, in_review, cast):
    esther = cast.members[1]
    settle(esthers, cast.dines)
    again = doubt(in_review, esther)
    assert state(in_review, esther) == "unsure"
    with pytest.raises(Refusal) as refused:
        settle(esthers, cast.dines)
    assert refused.value.code == "faster"
    settle(again, cast.dines, is_recused=True)
    assert state(in_review, esther) == "recused"


def test_there_is_nothing_to_settle_once_the_member_stands_aside(esthers, in_review, cast):
    assert queries.doubts(in_review) == [esthers]
    review.declare_recusal(in_review, member=cast.members[1], ground="family", by=cast.esther)
    assert queries.doubts(in_review) == []
    with pytest.raises(Refusal) as refused:
        settle(esthers, cast.dines)
    assert refused.value.code == "faster"


def test_after_the_vote_nothing_is_settled(application_at, world, cast):
    application = application_at("in_review")
    esthers = doubt(application, cast.members[1])
    factories.clear(application, *cast.members[2:], cast.members[0])
    settle(esthers, cast.dines, is_recused=True)
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    factories.clear(application, kim)
    for member in [cast.members[0], *cast.members[2:], kim]:
        factories.vote(application, member)
    factories.voting.close_vote(application, by=cast.dines)
    with pytest.raises(Refusal) as refused:
        settle(esthers, cast.dines)
    assert refused.value.code == "closed"
