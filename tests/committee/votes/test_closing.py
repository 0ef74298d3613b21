from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from committee import tasks
from committee.review import actions as review
from committee.tally import seal, tally
from committee.votes import actions as voting
from committee.votes import queries
from grants.decisions.models import Recommendation
from grants.letters.models import Mail
from tests import factories
from tests.committee.moments import AFTER_A_DAY, TIME_IS_OVER, events
from workflows import audit, clock
from workflows.audit import SYSTEM
from workflows.machine import Refusal


@pytest.fixture
def rules(world):
    """rules(**changed): a new version of the committee's procedure."""
    return lambda **changed: factories.Procedure.objects.create(
        committee=world.committee, version=2, **changed
    )


def poll(application):
    return queries.poll(queries.window_for(application))


def test_the_chair_closes_and_the_committee_recommends(in_review, cast, votes):
    votes(in_review, *cast.members[:3])
    factories.clear(in_review, cast.members[3])
    factories.vote(in_review, cast.members[3], choice="against")
    window = voting.close_vote(in_review, by=cast.dines)
    in_review.refresh_from_db()
    assert in_review.status == "recommended"
    recommendation = in_review.recommendations.get()
    assert (window.recommendation, window.closed_at) == (recommendation, AFTER_A_DAY)
    assert recommendation.amount == in_review.amount_applied_for // 2
    assert (recommendation.votes_for, recommendation.votes_against) == (3, 1)
    assert (recommendation.entitled, recommendation.cast) == (4, 4)


def test_closing_seals_the_ballots_with_the_result(in_review, cast, votes):
    votes(in_review, *cast.members)
    before = poll(in_review)
    assert not in_review.vote_windows.get().salt
    window = voting.close_vote(in_review, by=cast.dines)
    facts = events(in_review, "vote_closed").get().facts
    assert facts["hash"] == window.seal == seal(before, window.salt)
    assert window.seal == seal(poll(in_review), window.salt)
    assert len(window.salt) == 64
    assert window.salt not in str(facts)
    assert facts | {"window": window.pk, "early": "all_voted", "procedure": 1} == facts
    assert (facts["not_counted"], facts["recused"]) == (0, [])
    assert facts["chair"] == str(cast.members[0].pk)
    assert facts["seats"] == {str(seat.pk): seat.seat for seat in cast.members}
    verdict = audit.verify()
    assert verdict.fits
    assert verdict.checkpoints == 1


def test_what_changes_afterwards_changes_no_result(in_review, cast, votes, world):
    votes(in_review, *cast.members)
    was = seal(poll(in_review))
    voting.close_vote(in_review, by=cast.dines)
    for seat in cast.members:
        seat.ends_on = AFTER_A_DAY.date() - timedelta(days=1)
        seat.seat, seat.is_chair = "young", False
        seat.save()
    factories.seat(factories.user("Kim"), world.committee, "young")
    world.criterion.weight += 3
    world.criterion.save()
    assert seal(poll(in_review)) == was


def test_what_is_not_counted_is_kept_and_told_as_a_number(in_review, cast, votes, world):
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    votes(in_review, *cast.members, kim)
    review.declare_recusal(in_review, member=kim, ground="family", by=kim.user)
    window = voting.close_vote(in_review, by=cast.dines)
    facts = events(in_review, "vote_closed").get().facts
    assert (facts["not_counted"], facts["recused"]) == (1, [str(kim.pk)])
    assert window.votes.count() == 5
    assert window.recommendation.cast == window.recommendation.entitled == 4


def test_a_vote_that_is_not_carried_recommends_nothing(in_review, cast, votes):
    factories.clear(in_review, *cast.members)
    for member in cast.members:
        factories.vote(in_review, member, choice="against")
    assert voting.close_vote(in_review, by=cast.dines).recommendation.amount == 0


def test_what_scores_too_little_is_not_recommended_however_many_are_for_it(in_review, cast):
    factories.clear(in_review, *cast.members)
    for member in cast.members:
        factories.vote(in_review, member, points=2)
    window = voting.close_vote(in_review, by=cast.dines)
    assert window.result["votes_for"] == 4
    assert window.result["outcome"] == "below_threshold"
    assert window.recommendation.amount == 0
    assert window.reason["code"]


# --- Without a quorum, and with a doubt -------------------------------------------------------


def test_without_a_quorum_it_stays_open_and_says_exactly_what_is_missing(in_review, cast, votes):
    votes(in_review, cast.members[1])
    factories.clear(in_review, cast.members[0])
    with pytest.raises(Refusal) as refused:
        voting.close_vote(in_review, by=cast.dines)
    assert refused.value.code == "quorum"
    assert "1 young vote is missing, 2 staff votes are missing" in refused.value.sentence
    in_review.refresh_from_db()
    assert in_review.status == "in_review"
    assert in_review.vote_windows.get().closed_at is None
    assert not Recommendation.objects.exists()


def test_a_committee_of_many_lacks_votes_in_all(in_review, cast, votes, world):
    for name in ["Kim", "Lea", "Max", "Noa", "Oda"]:
        factories.seat(factories.user(name), world.committee, "young")
    votes(in_review, *cast.members)
    with pytest.raises(Refusal, match="1 vote is missing in all"):
        voting.close_vote(in_review, by=cast.dines)


def test_a_quorum_that_fails_by_a_late_recusal_is_repaired_by_a_substitute(
    in_review, cast, votes, world
):
    sif = factories.seat(factories.user("Sif"), world.committee, "young", is_substitute=True)
    votes(in_review, *cast.members)
    esther = cast.members[1]
    review.declare_recusal(in_review, member=esther, ground="family", by=esther.user)
    with clock.at(TIME_IS_OVER):
        with pytest.raises(Refusal, match="1 young vote is missing"):
            voting.close_vote(in_review, by=cast.frida)
        review.call_in(in_review, member=esther, substitute=sif, by=cast.frida)
        votes(in_review, sif)
        window = voting.close_vote(in_review, by=cast.frida)
    assert (window.recommendation.entitled, window.recommendation.cast) == (4, 4)
    assert window.counted["recused"] == [str(esther.pk)]


def test_a_vote_does_not_close_before_a_doubt_is_settled(in_review, cast, votes, world):
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    votes(in_review, *cast.members)
    review.declare(in_review, member=kim, answer="unsure", note="?", by=kim.user)
    assert not queries.can_be_counted(queries.window_for(in_review))
    with pytest.raises(Refusal) as refused:
        voting.close_vote(in_review, by=cast.dines)
    assert refused.value.code == "unsure"
    review.rule(
        in_review.declarations.get(member=kim), is_recused=True, reason="Ja.", by=cast.dines
    )
    assert voting.close_vote(in_review, by=cast.dines).recommendation.entitled == 4


# --- Before its time --------------------------------------------------------------------------


def test_the_chair_closes_early_what_no_ballot_still_out_can_change(in_review, cast, votes, world):
    for name in ["Kim", "Lea"]:
        votes(in_review, factories.seat(factories.user(name), world.committee, "young"))
    votes(in_review, *cast.members[:3])
    voting.close_vote(in_review, by=cast.dines)
    assert events(in_review, "vote_closed").get().facts["early"] == "settled"


def test_what_a_ballot_still_out_can_change_stays_open_until_its_time(
    in_review, cast, votes, world
):
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    votes(in_review, *cast.members[:2])  # half of it; the others all of it: the next one decides
    factories.clear(in_review, cast.members[2], kim)
    for member in [cast.members[2], kim]:
        factories.vote(in_review, member)
    with pytest.raises(Refusal) as refused:
        voting.close_vote(in_review, by=cast.dines)
    assert refused.value.code == "early"
    with clock.at(TIME_IS_OVER):
        voting.close_vote(in_review, by=cast.dines)
    assert events(in_review, "vote_closed").get().facts["early"] == ""


def test_where_all_are_recommended_together_only_all_votes_close_it_early(
    rules, application_at, cast, votes, world
):
    rules(recommends="together")
    application = application_at("in_review")
    for name in ["Kim", "Lea"]:
        votes(application, factories.seat(factories.user(name), world.committee, "young"))
    votes(application, *cast.members[:3])
    with pytest.raises(Refusal) as refused:
        voting.close_vote(application, by=cast.dines)
    assert refused.value.code == "early"
    votes(application, cast.members[3])
    voting.close_vote(application, by=cast.dines)


@pytest.mark.parametrize("name", ["esther", "frida", "cille", "gorm"])
def test_before_its_time_only_the_chair_closes(in_review, cast, votes, name):
    votes(in_review, *cast.members)
    with pytest.raises(Refusal) as refused:
        voting.close_vote(in_review, by=getattr(cast, name))
    assert refused.value.code == "obstacle"


def test_the_secretariat_closes_early_what_the_chair_stands_aside_from(
    in_review, cast, votes, world
):
    kim = factories.seat(factories.user("Kim"), world.committee, "staff")
    votes(in_review, *cast.members[1:], kim)
    with pytest.raises(Refusal, match="Only the chair"):
        voting.close_vote(in_review, by=cast.frida)
    review.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    assert voting.close_vote(in_review, by=cast.frida).closed_at


def test_a_chair_who_stands_aside_or_has_not_answered_closes_nothing(in_review, cast, votes):
    votes(in_review, *cast.members[1:])
    with pytest.raises(Refusal, match="Say first"):
        voting.close_vote(in_review, by=cast.dines)
    review.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    with pytest.raises(Refusal, match="stand aside"):
        voting.close_vote(in_review, by=cast.dines)


def test_when_the_time_is_over_the_secretariat_can_close_too(in_review, cast, votes):
    votes(in_review, *cast.members)
    with clock.at(TIME_IS_OVER):
        assert voting.close_vote(in_review, by=cast.frida).recommendation.cast == 4


def test_a_caseworker_who_takes_part_in_the_application_closes_nothing(in_review, cast, votes):
    votes(in_review, *cast.members)
    in_review.team.create(user=cast.frida, name="Frida")
    with clock.at(TIME_IS_OVER), pytest.raises(Refusal, match="take part"):
        voting.close_vote(in_review, by=cast.frida)


def test_the_system_does_not_close_before_the_time(in_review, cast, votes):
    votes(in_review, *cast.members)
    with pytest.raises(Refusal, match="not over"):
        voting.close_vote(in_review, by=SYSTEM)


def test_a_closed_vote_takes_no_votes_and_is_not_closed_twice(in_review, cast, votes):
    votes(in_review, *cast.members)
    voting.close_vote(in_review, by=cast.dines)
    with pytest.raises(Refusal, match="closed"):
        factories.vote(in_review, cast.members[0])
    with pytest.raises(Refusal, match="closed"):
        voting.close_vote(in_review, by=cast.dines)
    assert Recommendation.objects.count() == 1


# --- What is recommended, and what waits ------------------------------------------------------


def test_less_money_than_it_takes_is_the_least_that_works_and_then_nothing(
    world, cast, application_at
):
    type(world.call).objects.filter(pk=world.call.pk).update(budget=16_000_00)
    amounts, who = [], factories.applicant(cast.asta)
    for _number in range(3):
        application = application_at("in_review", who=who)
        amount = application.amount_applied_for
        factories.vote_through(application, cast, amount=amount, at=clock.now())
        amounts.append(application.recommendations.get().amount)
    assert amounts == [10_000_00, 5_000_00, 0]
    assert queries.left_of(application.call) == 1_000_00


def test_left_is_what_is_neither_given_nor_recommended(world, cast, application_at):
    budget, who = world.call.budget, factories.applicant(cast.asta)
    for status in ["in_review", "recommended", "decided", "awarded", "accepted", "lapsed"]:
        application_at(status, who=who)
    assert queries.left_of(world.call) == budget - 4 * 10_000_00


def test_where_all_are_recommended_together_a_closed_vote_waits(rules, application_at, cast, votes):
    rules(recommends="together")
    application = application_at("in_review")
    votes(application, *cast.members)
    window = voting.close_vote(application, by=cast.dines)
    application.refresh_from_db()
    assert (application.status, window.recommendation) == ("in_review", None)
    assert queries.waits_for_an_allocation(queries.window_for(application))
    with clock.at(TIME_IS_OVER):
        assert voting.close_due_votes() == 0


def test_a_rolling_call_is_recommended_one_by_one(rules, application_at, cast, votes, world):
    rules(recommends="together")
    type(world.call).objects.filter(pk=world.call.pk).update(closes_at=None)
    application = application_at("in_review")
    votes(application, *cast.members)
    assert voting.close_vote(application, by=cast.dines).recommendation.amount == 5_000_00


def test_what_a_meeting_was_demanded_for_is_counted_and_waits(in_review, cast, votes):
    votes(in_review, *cast.members)
    voting.demand_meeting(in_review, member=cast.members[1], reason="Hvem?", by=cast.esther)
    window = voting.close_vote(in_review, by=cast.dines)
    in_review.refresh_from_db()
    assert (in_review.status, window.recommendation) == ("in_review", None)
    assert window.result["outcome"] == "fundable"


# --- By itself --------------------------------------------------------------------------------


def test_what_is_due_closes_by_itself(in_review, cast, votes):
    votes(in_review, *cast.members)
    assert voting.close_due_votes() == 0
    with clock.at(TIME_IS_OVER):
        assert voting.close_due_votes() == 1
        assert voting.close_due_votes() == 0
    in_review.refresh_from_db()
    assert in_review.status == "recommended"
    assert events(in_review, "vote_closed").get().actor == "system"


def test_the_beat_knows_the_committees_tasks(in_review, cast, votes, settings):
    votes(in_review, *cast.members)
    beat = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.close_votes.name, tasks.remind_members.name} <= beat
    with clock.at(TIME_IS_OVER):
        tasks.close_votes()
        tasks.remind_members()
    in_review.refresh_from_db()
    assert in_review.status == "recommended"


def test_without_a_quorum_the_secretariat_is_told_once(in_review, cast, votes):
    votes(in_review, *cast.members[:3])
    Mail.objects.all().delete()
    with clock.at(TIME_IS_OVER):
        assert voting.close_due_votes() == voting.close_due_votes() == 0
    mail = Mail.objects.get()
    assert mail.to == cast.frida
    assert in_review.reference in mail.text
    assert in_review.title not in mail.text
    assert f"/desk/cases/{in_review.reference}/" in mail.text
    assert in_review.vote_windows.get().escalated_at == TIME_IS_OVER
    assert events(in_review, "quorum_missing").get().facts == {
        "missing": 1,
        "missing_young": 1,
        "missing_staff": 0,
        "unsure": 0,
    }


def test_with_a_doubt_the_secretariat_is_told_once(in_review, cast, votes, world):
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    votes(in_review, *cast.members)
    review.declare(in_review, member=kim, answer="unsure", note="Fætter.", by=kim.user)
    Mail.objects.all().delete()
    with clock.at(TIME_IS_OVER):
        assert voting.close_due_votes() == voting.close_due_votes() == 0
    mail = Mail.objects.get()
    assert mail.to == cast.frida
    assert "Fætter" not in mail.text
    facts = events(in_review, "doubt_left").get().facts
    assert (facts["unsure"], facts["missing"]) == (1, 0)


def test_a_caseworker_who_stands_aside_or_takes_part_is_not_told(in_review, cast, world):
    for person in [cast.dines, cast.bo]:
        factories.role(person, world.pool, "caseworker")
    in_review.team.create(user=cast.bo, name="Bo")
    review.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    Mail.objects.all().delete()
    with clock.at(TIME_IS_OVER):
        voting.close_due_votes()
    assert Mail.objects.get().to == cast.frida


def test_the_vote_that_makes_the_quorum_after_the_time_lets_it_close(in_review, cast, votes):
    votes(in_review, *cast.members[:3])
    with clock.at(TIME_IS_OVER):
        voting.close_due_votes()
        votes(in_review, cast.members[3])
        assert voting.close_due_votes() == 1


def test_one_vote_that_fails_does_not_keep_the_others_waiting(
    in_review, cast, votes, application_at, monkeypatch, caplog
):
    second = application_at("in_review", who=in_review.applicant)
    votes(in_review, *cast.members)
    votes(second, *cast.members)
    really = voting.recommend

    def recommend(window, **given):
        if window.application_id == in_review.pk:
            raise RuntimeError("broken")
        return really(window, **given)

    monkeypatch.setattr(voting, "recommend", recommend)
    with clock.at(TIME_IS_OVER):
        assert voting.close_due_votes() == 1
    assert in_review.reference in caplog.text


def test_closing_asks_no_more_for_many_members_and_many_votes(
    in_review, application_at, cast, votes, world
):
    second = application_at("in_review", who=in_review.applicant)
    votes(in_review, *cast.members)
    few = _asked_to_close(in_review, cast)
    votes(second, *cast.members)
    for name in ["Kim", "Lea", "Max", "Noa"]:
        votes(second, factories.seat(factories.user(name), world.committee, "young"))
    assert _asked_to_close(second, cast) == few


def _asked_to_close(application, cast):
    with CaptureQueriesContext(connection) as asked:
        voting.close_vote(application, by=cast.dines)
    assert tally(poll(application)).quorum.is_met
    return len(asked)
