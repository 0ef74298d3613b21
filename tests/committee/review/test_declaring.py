"""The first question about an application: is there a conflict?"""

import pytest
from django.urls import reverse

from committee.review import actions as review
from committee.review import queries
from committee.review.models import Declaration, Recusal
from committee.votes import actions as voting
from grants.letters.models import Mail
from tests import factories
from tests.committee.moments import TIME_IS_OVER, events
from workflows import clock
from workflows.machine import Refusal


def state(application, member):
    return queries.bench(queries.window_for(application)).state_of(member)


def unsure(application, member, note="Vi gik i klasse."):
    review.declare(application, member=member, answer="unsure", note=note, by=member.user)


def test_who_has_said_nothing_is_undeclared_and_entitled(in_review, cast):
    bench = queries.bench(queries.window_for(in_review))
    assert bench.undeclared == bench.entitled == {seat.pk: seat for seat in cast.members}
    assert not bench.clear


def test_no_conflict_opens_the_case(in_review, cast):
    esther = cast.members[1]
    factories.clear(in_review, esther)
    assert state(in_review, esther) == "clear"
    assert events(in_review, "declared").get().facts == {"answer": "clear"}


def test_the_same_answer_twice_is_once(in_review, cast):
    esther, ib = cast.members[1:3]
    for _time in range(2):
        factories.clear(in_review, esther)
        unsure(in_review, ib)
    assert Declaration.objects.count() == events(in_review, "declared").count() == 2
    to_settle = reverse("committee:rule", args=[Declaration.objects.get(answer="unsure").pk])
    assert Mail.objects.filter(link=to_settle).count() == 1


def test_a_conflict_wants_its_ground_and_a_doubt_what_it_is(in_review, cast):
    esther = cast.members[1]
    for said in [{"answer": "conflict"}, {"answer": "conflict", "ground": "envy"}]:
        with pytest.raises(Refusal, match="Say why"):
            review.declare(in_review, member=esther, by=esther.user, **said)
    with pytest.raises(Refusal, match="unsure"):
        unsure(in_review, esther, note="  ")
    assert not Declaration.objects.exists()


def test_a_conflict_is_for_good(in_review, cast):
    esther = cast.members[1]
    factories.clear(in_review, esther)
    review.declare(
        in_review, member=esther, answer="conflict", ground="association", by=esther.user
    )
    assert state(in_review, esther) == "recused"
    assert events(in_review, "recused").get().facts == {
        "member": esther.pk,
        "ground": "association",
    }
    for answer in ["clear", "unsure"]:
        with pytest.raises(Refusal, match="stand aside") as refused:
            review.declare(in_review, member=esther, answer=answer, note="?", by=esther.user)
        assert refused.value.code == "recused"


def test_standing_aside_twice_is_once(in_review, cast):
    for ground in ["other_doubt", "family"]:
        review.declare_recusal(in_review, member=cast.members[0], ground=ground, by=cast.dines)
    assert Recusal.objects.get().ground == "other_doubt"
    assert events(in_review, "recused").count() == 1


def test_nobody_settles_the_own_doubt(in_review, cast):
    esther = cast.members[1]
    unsure(in_review, esther)
    assert state(in_review, esther) == "unsure"
    with pytest.raises(Refusal, match="settled") as refused:
        factories.clear(in_review, esther)
    assert refused.value.code == "unsure"
    assert state(in_review, esther) == "unsure"


def test_who_is_unsure_can_still_stand_aside(in_review, cast):
    esther = cast.members[1]
    unsure(in_review, esther)
    review.declare_recusal(in_review, member=esther, ground="family", by=esther.user)
    assert state(in_review, esther) == "recused"


def test_who_was_clear_can_become_unsure_and_is_shut_out_until_it_is_settled(in_review, cast):
    esther = cast.members[1]
    factories.clear(in_review, esther)
    unsure(in_review, esther)
    with pytest.raises(Refusal) as refused:
        factories.vote(in_review, esther)
    assert refused.value.code == "unsure"


def test_the_chair_is_told_of_a_doubt_and_not_what_it_is(in_review, cast):
    factories.clear(in_review, cast.members[0])
    Mail.objects.all().delete()
    unsure(in_review, cast.members[1], note="Min fætter er med.")
    mail = Mail.objects.get()
    assert mail.to == cast.dines
    assert in_review.reference in mail.text
    assert "fætter" not in mail.text
    assert in_review.title not in mail.text


@pytest.mark.parametrize("chair", ["says nothing", "is unsure", "stands aside"])
def test_the_secretariat_is_told_where_the_chair_cannot_settle_it(in_review, cast, chair):
    dines, esther = cast.members[:2]
    if chair == "is unsure":
        factories.clear(in_review, dines)
        unsure(in_review, dines)
    elif chair == "stands aside":
        review.declare_recusal(in_review, member=dines, ground="family", by=cast.dines)
    Mail.objects.all().delete()
    unsure(in_review, esther)
    assert Mail.objects.get().to == cast.frida


def test_who_takes_part_in_the_application_stands_aside_whatever_they_say(in_review, cast, votes):
    esther = cast.members[1]
    votes(in_review, esther)
    in_review.team.create(user=cast.esther, name="Esther")
    assert state(in_review, esther) == "recused"
    for answer in ["clear", "unsure"]:
        with pytest.raises(Refusal, match="take part"):
            review.declare(in_review, member=esther, answer=answer, note="?", by=esther.user)
    with pytest.raises(Refusal, match="take part") as refused:
        voting.cast_vote(in_review, member=esther, choice="abstain", by=esther.user)
    assert refused.value.code == "recused"


def test_nobody_answers_for_somebody_else(in_review, cast):
    esther = cast.members[1]
    for said in [{"answer": "clear"}, {"answer": "conflict", "ground": "family"}]:
        with pytest.raises(Refusal) as refused:
            review.declare(in_review, member=esther, by=cast.dines, **said)
        assert refused.value.code == "role"


def test_neither_another_committee_nor_a_substitute_who_waits_answers(in_review, world):
    other = factories.world(code="two").committee
    lis = factories.seat(factories.user("Lis"), other, "young")
    sif = factories.seat(factories.user("Sif"), world.committee, "young", is_substitute=True)
    for member in [lis, sif]:
        with pytest.raises(Refusal, match="do not have a seat") as refused:
            factories.clear(in_review, member)
        assert refused.value.code == "role"
    with pytest.raises(Refusal, match="do not have a seat"):
        review.declare_recusal(in_review, member=lis, ground="family", by=lis.user)


def test_one_can_stand_aside_before_the_vote_opens_and_say_nothing_else(cast, application_at):
    application, dines = application_at("eligible"), cast.members[0]
    review.declare_recusal(application, member=dines, ground="family", by=cast.dines)
    for answer in ["clear", "unsure"]:
        with pytest.raises(Refusal) as refused:
            review.declare(
                application, member=cast.members[1], answer=answer, note="?", by=cast.esther
            )
        assert refused.value.code == "closed"
    (window,) = review.open_review([application], by=cast.frida)
    assert state(window.application, dines) == "recused"


@pytest.mark.parametrize("status", ["submitted", "recommended", "withdrawn"])
def test_where_no_vote_is_open_there_is_nothing_to_answer(application_at, cast, status):
    application, esther = application_at(status), cast.members[1]
    for said in [{"answer": "clear"}, {"answer": "conflict", "ground": "family"}]:
        with pytest.raises(Refusal, match="closed") as refused:
            review.declare(application, member=esther, by=esther.user, **said)
        assert refused.value.code == "closed"


def test_after_the_time_one_can_answer_for_as_long_as_it_is_open(in_review, cast):
    with clock.at(TIME_IS_OVER):
        factories.clear(in_review, cast.members[1])
        review.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    assert state(in_review, cast.members[1]) == "clear"
    assert state(in_review, cast.members[0]) == "recused"
