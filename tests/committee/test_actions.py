from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from committee import actions, queries, tasks
from committee.review.models import Recusal, VoteWindow
from committee.seats.models import Committee
from committee.tally import seal, tally
from committee.votes.models import Vote
from grants.applications import actions as applications
from grants.decisions.models import Recommendation
from grants.letters.models import Mail
from tests import factories
from workflows import audit, clock
from workflows.audit import SYSTEM
from workflows.machine import Refusal
from workflows.models import LogEntry

AFTER_A_DAY = factories.MONDAY + timedelta(days=4)
TIME_IS_OVER = factories.MONDAY + timedelta(days=30)


@pytest.fixture(autouse=True)
def _while_the_vote_is_open():
    with clock.at(AFTER_A_DAY):
        yield


def events(application, name):
    return LogEntry.objects.filter(stream=application.stream, event=name)


def test_opening_asks_the_committee_for_its_own_number_of_days(in_review, world):
    window = in_review.vote_windows.get()
    assert window.committee == world.committee
    assert window.closes_at - window.opened_at == timedelta(days=7)
    assert window.closed_at is None


def test_opening_sends_each_member_one_mail_however_many_applications(world, cast, application_at):
    first = application_at("eligible")
    second = application_at("eligible", who=first.applicant)
    actions.open_review([second, first], by=cast.frida, closes_at=TIME_IS_OVER)
    mails = Mail.objects.filter(to__seats__isnull=False)
    assert {mail.to_id for mail in mails} == {member.user_id for member in cast.members}
    assert len(mails) == len(cast.members)
    assert "2 " in mails[0].text
    assert "/committee/" in mails[0].text
    assert first.title not in mails[0].text


def test_opening_is_all_or_none_and_names_the_application_that_stops_it(cast, application_at):
    ready = application_at("eligible")
    draft = application_at("draft", who=ready.applicant)
    with pytest.raises(Refusal, match=draft.reference) as refused:
        actions.open_review([ready, draft], by=cast.frida)
    assert refused.value.code == "status"
    ready.refresh_from_db()
    assert ready.status == "eligible"
    assert not VoteWindow.objects.exists()


def test_a_vote_does_not_open_to_close_in_the_past(cast, application_at):
    with pytest.raises(Refusal, match="to come"):
        actions.open_review([application_at("eligible")], by=cast.frida, closes_at=AFTER_A_DAY)


def test_without_a_committee_nothing_opens(cast, application_at):
    application = application_at("eligible")
    with transaction.atomic():
        application.pool.committee.members.all().delete()
        Committee.objects.all().delete()
    application = type(application).objects.get(pk=application.pk)
    with pytest.raises(Refusal, match="no committee"):
        actions.open_review([application], by=cast.frida)


def test_the_committee_does_not_open_its_own_vote(cast, application_at):
    with pytest.raises(Refusal) as refused:
        actions.open_review([application_at("eligible")], by=cast.dines)
    assert refused.value.code == "role"


def test_a_vote_can_be_changed_until_it_closes_and_counts_once(in_review, cast, votes):
    esther = cast.members[1]
    votes(in_review, esther)
    actions.cast_vote(in_review, member=esther, choice="against", amount=5, by=esther.user)
    vote = Vote.objects.get()
    assert (vote.choice, vote.amount) == ("against", 0)
    assert events(in_review, "vote_cast").count() == events(in_review, "vote_changed").count() == 1


def test_the_log_never_says_what_somebody_voted(in_review, cast, votes):
    votes(in_review, *cast.members)
    assert [entry.facts for entry in events(in_review, "vote_cast")] == [{}] * 4


@pytest.mark.parametrize("amount", [0, -1, 10_000_01])
def test_a_vote_in_favour_names_an_amount_within_what_was_applied_for(in_review, cast, amount):
    member = cast.members[1]
    with pytest.raises(Refusal, match="amount"):
        actions.cast_vote(in_review, member=member, choice="for", amount=amount, by=member.user)


def test_nobody_votes_for_somebody_else(in_review, cast):
    with pytest.raises(Refusal) as refused:
        actions.cast_vote(
            in_review, member=cast.members[1], choice="abstain", amount=0, by=cast.dines
        )
    assert refused.value.code == "role"


def test_a_seat_that_ended_has_no_vote_and_does_not_count(in_review, cast, votes):
    jo = cast.members[3]
    votes(in_review, jo)
    jo.ends_on = AFTER_A_DAY.date() - timedelta(days=1)
    jo.save()
    with pytest.raises(Refusal, match="seat"):
        votes(in_review, jo)
    assert tally(queries.poll(queries.window_for(in_review))).cast == 0


def test_a_member_who_takes_part_in_the_application_cannot_vote_on_it(in_review, cast, votes):
    in_review.team.create(user=cast.esther, name="Esther")
    with pytest.raises(Refusal, match="take part") as refused:
        votes(in_review, cast.members[1])
    assert refused.value.code == "recused"


def test_a_member_of_another_pools_committee_cannot_vote(in_review, world):
    other = factories.world(code="two")
    lis = factories.seat(factories.user("Lis"), other.committee, "young")
    with pytest.raises(Refusal, match="seat"):
        actions.cast_vote(in_review, member=lis, choice="abstain", amount=0, by=lis.user)


def test_when_the_time_is_over_and_there_is_a_quorum_votes_are_refused(in_review, cast, votes):
    votes(in_review, *cast.members)
    with clock.at(TIME_IS_OVER), pytest.raises(Refusal, match="over"):
        votes(in_review, cast.members[0])


def test_without_a_quorum_the_vote_goes_on_after_its_time(in_review, cast, votes):
    votes(in_review, *cast.members[:3])
    with clock.at(TIME_IS_OVER):
        votes(in_review, cast.members[3])
        with pytest.raises(Refusal, match="over"):
            votes(in_review, cast.members[3])


def test_a_recused_member_cannot_vote(in_review, cast, votes):
    dines = cast.members[0]
    actions.declare_recusal(in_review, member=dines, ground="family", by=cast.dines)
    with pytest.raises(Refusal, match="stand aside") as refused:
        votes(in_review, dines)
    assert refused.value.code == "recused"


def test_standing_aside_late_voids_the_vote_keeps_it_and_reduces_those_entitled(
    in_review, cast, votes
):
    votes(in_review, *cast.members)
    actions.declare_recusal(
        in_review, member=cast.members[3], ground="own_interest", by=cast.members[3].user
    )
    vote = Vote.objects.get(member=cast.members[3])
    assert vote.voided_at == AFTER_A_DAY
    result = tally(queries.poll(queries.window_for(in_review)))
    assert (result.entitled, result.cast, result.young_cast) == (3, 3, 1)
    assert events(in_review, "recused").get().facts == {"ground": "own_interest", "votes_voided": 1}


def test_standing_aside_twice_is_once(in_review, cast):
    for _time in range(2):
        actions.declare_recusal(
            in_review, member=cast.members[0], ground="other_doubt", by=cast.dines
        )
    assert Recusal.objects.count() == events(in_review, "recused").count() == 1


def test_one_can_stand_aside_before_the_vote_opens_and_gets_no_mail(cast, application_at):
    application = application_at("eligible")
    actions.declare_recusal(application, member=cast.members[0], ground="family", by=cast.dines)
    actions.open_review([application], by=cast.frida)
    assert not Mail.objects.filter(to=cast.dines).exists()
    assert Mail.objects.filter(to=cast.esther).exists()


def test_nobody_stands_aside_for_somebody_else(in_review, cast):
    with pytest.raises(Refusal) as refused:
        actions.declare_recusal(
            in_review, member=cast.members[1], ground="family", by=cast.members[0].user
        )
    assert refused.value.code == "role"


def test_after_the_vote_it_is_too_late_to_stand_aside(application_at, cast):
    with pytest.raises(Refusal, match="closed"):
        actions.declare_recusal(
            application_at("recommended"), member=cast.members[0], ground="family", by=cast.dines
        )


def test_the_chair_closes_and_the_committee_recommends(in_review, cast, votes):
    votes(in_review, *cast.members[:3])
    jo = cast.members[3]
    actions.cast_vote(in_review, member=jo, choice="against", amount=0, by=jo.user)
    recommendation = actions.close_vote(in_review, by=cast.dines)
    assert in_review.status == "recommended"
    assert recommendation.amount == in_review.amount_applied_for // 2
    assert (recommendation.votes_for, recommendation.votes_against) == (3, 1)
    assert (recommendation.entitled, recommendation.cast) == (4, 4)
    window = in_review.vote_windows.get()
    assert (window.recommendation, window.closed_at) == (recommendation, AFTER_A_DAY)


def test_closing_seals_the_ballots_with_the_result(in_review, cast, votes):
    votes(in_review, *cast.members)
    before = queries.poll(queries.window_for(in_review))
    actions.close_vote(in_review, by=cast.dines)
    entry = events(in_review, "vote_closed").get()
    assert entry.facts["hash"] == seal(before) == seal(queries.poll(queries.window_for(in_review)))
    assert entry.facts["least_young"] == 2
    assert len(entry.facts["entitled"]) == 4
    verdict = audit.verify()
    assert verdict.fits
    assert verdict.checkpoints == 1


def test_a_vote_that_is_not_carried_recommends_nothing(in_review, cast, votes):
    votes(in_review, *cast.members[:2])
    for member in cast.members[2:]:
        actions.cast_vote(in_review, member=member, choice="against", amount=0, by=member.user)
    assert actions.close_vote(in_review, by=cast.dines).amount == 0


def test_without_a_quorum_it_stays_open_and_says_exactly_what_is_missing(in_review, cast, votes):
    votes(in_review, cast.members[1])
    with pytest.raises(Refusal) as refused:
        actions.close_vote(in_review, by=cast.dines)
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
        actions.close_vote(in_review, by=cast.dines)


def test_a_recused_chair_cannot_close(in_review, cast, votes):
    votes(in_review, *cast.members)
    actions.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    with pytest.raises(Refusal, match="stand aside"):
        actions.close_vote(in_review, by=cast.dines)


@pytest.mark.parametrize("name", ["esther", "frida", "cille", "gorm"])
def test_before_its_time_only_the_chair_closes(in_review, cast, votes, name):
    votes(in_review, *cast.members)
    with pytest.raises(Refusal) as refused:
        actions.close_vote(in_review, by=getattr(cast, name))
    assert refused.value.code == "obstacle"


def test_when_the_time_is_over_the_secretariat_can_close_too(in_review, cast, votes):
    votes(in_review, *cast.members)
    with clock.at(TIME_IS_OVER):
        assert actions.close_vote(in_review, by=cast.frida).cast == 4


def test_the_system_does_not_close_before_the_time(in_review, cast, votes):
    votes(in_review, *cast.members)
    with pytest.raises(Refusal, match="not over"):
        actions.close_vote(in_review, by=SYSTEM)


def test_a_closed_vote_takes_no_votes_and_is_not_closed_twice(in_review, cast, votes):
    votes(in_review, *cast.members)
    actions.close_vote(in_review, by=cast.dines)
    with pytest.raises(Refusal, match="closed"):
        votes(in_review, cast.members[0])
    with pytest.raises(Refusal, match="closed"):
        actions.close_vote(in_review, by=cast.dines)
    assert Recommendation.objects.count() == 1


def test_an_application_that_was_withdrawn_is_out_of_the_committees_hands(in_review, cast, votes):
    votes(in_review, *cast.members)
    applications.withdraw(in_review, by=cast.asta)
    with pytest.raises(Refusal, match="over"):
        votes(in_review, cast.members[0])
    with pytest.raises(Refusal, match="not with the committee"):
        actions.close_vote(in_review, by=cast.dines)
    with clock.at(TIME_IS_OVER):
        assert actions.close_due_votes() == 0


def test_what_is_due_closes_by_itself(in_review, cast, votes):
    votes(in_review, *cast.members)
    assert actions.close_due_votes() == 0
    with clock.at(TIME_IS_OVER):
        assert actions.close_due_votes() == 1
        assert actions.close_due_votes() == 0
    in_review.refresh_from_db()
    assert in_review.status == "recommended"
    assert events(in_review, "vote_closed").get().actor == "system"


def test_the_beat_knows_the_task_that_closes_what_is_due(in_review, cast, votes, settings):
    votes(in_review, *cast.members)
    beat = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.close_votes.name in beat
    with clock.at(TIME_IS_OVER):
        tasks.close_votes()
    in_review.refresh_from_db()
    assert in_review.status == "recommended"


def test_without_a_quorum_the_secretariat_is_told_once(in_review, cast, votes):
    votes(in_review, *cast.members[:3])
    Mail.objects.all().delete()
    with clock.at(TIME_IS_OVER):
        assert actions.close_due_votes() == actions.close_due_votes() == 0
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
    }


def test_a_caseworker_who_stands_aside_as_a_member_is_not_told(in_review, cast, world):
    factories.role(cast.dines, world.pool, "caseworker")
    actions.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    Mail.objects.all().delete()
    with clock.at(TIME_IS_OVER):
        actions.close_due_votes()
    assert Mail.objects.get().to == cast.frida


def test_the_vote_that_makes_the_quorum_after_the_time_lets_it_close(in_review, cast, votes):
    votes(in_review, *cast.members[:3])
    with clock.at(TIME_IS_OVER):
        actions.close_due_votes()
        votes(in_review, cast.members[3])
        assert actions.close_due_votes() == 1


def test_one_vote_that_fails_does_not_keep_the_others_waiting(
    in_review, cast, votes, application_at, monkeypatch, caplog
):
    second = application_at("in_review", who=in_review.applicant)
    votes(in_review, *cast.members)
    votes(second, *cast.members)
    really = actions.recommend

    def recommend(application, **given):
        if application.pk == in_review.pk:
            raise RuntimeError("broken")
        return really(application, **given)

    monkeypatch.setattr(actions, "recommend", recommend)
    with clock.at(TIME_IS_OVER):
        assert actions.close_due_votes() == 1
    assert in_review.reference in caplog.text


def test_the_database_takes_no_votes_after_closing(in_review, cast, votes):
    votes(in_review, *cast.members)
    actions.close_vote(in_review, by=cast.dines)
    with pytest.raises(IntegrityError, match="it is closed"):
        Vote.objects.filter(member=cast.members[0]).update(choice="against", amount=0)
