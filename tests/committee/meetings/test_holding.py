"""Holding a meeting: who is there, the vote taken anew, and what follows when it ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from committee.meetings import actions, queries
from committee.meetings.models import AgendaItem, Attendance
from committee.meetings.permissions import reader_of
from committee.review import actions as review
from committee.seats.models import Procedure
from committee.votes import actions as voting
from committee.votes import queries as votes
from tests import factories
from tests.committee.meetings import conftest as scene
from workflows import clock
from workflows.machine import Refusal
from workflows.models import LogEntry

pytestmark = pytest.mark.usefixtures("in_the_meeting")


def item_of(meeting):
    return meeting.items.select_related("application", "meeting__committee__pool").first()


def change(item, member, choice="for", amount=10_000_00, points=5):
    return actions.change_vote(
        AgendaItem.objects.get(pk=item.pk),
        member=member,
        by=member.user,
        choice=choice,
        amount=amount,
        scores=factories.scores(item.application, points),
    )


@pytest.fixture
def item(held):
    return item_of(held)


@pytest.fixture
def anew(item, cast):
    """The vote is being taken anew."""
    actions.take_anew(item, by=cast.dines)
    return item_of(item.meeting)


def newest(item):
    return votes.window_for(item.application)


# --- Who is there ---------------------------------------------------------------------------


def test_a_meeting_begins_on_its_day(meeting, cast):
    with clock.at(scene.STARTS_AT - timedelta(days=1)), pytest.raises(Refusal):
        actions.open_meeting(meeting, by=cast.dines)
    actions.open_meeting(meeting, by=cast.dines)
    with pytest.raises(Refusal) as refused:
        actions.open_meeting(meeting, by=cast.frida)
    assert refused.value.code == "faster"


def test_the_quorum_is_the_committees_own(meeting, cast):
    dines, esther, ib, jo = cast.members
    for present, is_met in [
        ([dines, esther, ib, jo], True),
        ([dines, esther, ib], False),  # one of the young is missing
        ([], False),
    ]:
        meeting.refresh_from_db()
        if not meeting.opened_at:
            scene.hold(meeting, cast)
        actions.note_attendance(meeting, present={each.pk for each in present}, by=cast.dines)
        assert queries.attending(meeting).quorum.is_met == is_met
    assert queries.attending(meeting).quorum.missing_young == 2


def test_a_substitute_who_is_called_in_fills_the_place_of_somebody_who_is_not_there(
    held, anew, together, cast
):
    per = factories.seat(factories.user("Per"), together.committee, "young", is_substitute=True)
    assert per not in [member for member, _there in queries.attending(held).rows]
    scene.stand_aside(anew.application, cast.members[3])
    review.call_in(anew.application, member=cast.members[3], substitute=per, by=cast.dines)
    assert not queries.attending(held).quorum.is_met
    present = {each.pk for each in (*cast.members[:3], per)}
    actions.note_attendance(held, present=present, by=cast.dines)
    there = queries.attending(held)
    assert there.quorum.is_met
    assert per in there.present
    assert [str(member) for member in there.absent] == ["Jo"]


def test_only_those_who_lead_write_down_who_is_there(held, cast):
    with pytest.raises(Refusal):
        actions.note_attendance(held, present=set(), by=cast.esther)
    assert Attendance.objects.filter(is_present=True).count() == 3


# --- The vote taken anew --------------------------------------------------------------------


def test_it_begins_with_the_votes_there_are_and_the_same_rules(anew, parted):
    window = newest(anew)
    before = window.follows
    assert (window.procedure_id, window.weights) == (before.procedure_id, before.weights)
    assert window.closes_at > anew.meeting.ends_at
    taken_over = {
        vote.member_id: (vote.choice, vote.amount, vote.scores) for vote in window.votes.all()
    }
    assert taken_over == {
        vote.member_id: (vote.choice, vote.amount, vote.scores) for vote in before.votes.all()
    }
    assert all(vote.is_taken_over for vote in window.votes.all())


def test_members_who_are_there_change_theirs_and_who_is_not_keeps_the_vote(anew, cast):
    dines, _esther, _ib, jo = cast.members
    vote = change(anew, dines, points=5)
    assert not vote.is_taken_over
    with pytest.raises(Refusal, match="present"):
        change(anew, jo, points=0)
    closed = actions.close_anew(anew, by=cast.dines)
    assert closed.result["cast"] == 4
    assert closed.counted["recused"] == []
    (entry,) = LogEntry.objects.filter(event="vote_closed", facts__early="in_a_meeting")
    assert entry.facts["hash"] == closed.seal


def test_it_is_not_changed_past_the_meeting_from_ones_own_desk(anew, cast):
    with pytest.raises(Refusal, match="meeting"):
        factories.vote(anew.application, cast.members[3], points=0)


def test_nobody_changes_the_vote_of_another(anew, cast):
    with pytest.raises(Refusal):
        actions.change_vote(anew, member=cast.members[0], by=cast.esther, choice="against")


def test_it_closes_when_the_chair_says_so_also_where_somebody_has_not_voted(together, cast):
    lis = factories.seat(factories.user("Lis"), together.committee, "young")
    application = scene.in_review(together, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        for member in cast.members:
            factories.clear(application, member)
            factories.vote(application, member, points=5 if member.seat == "young" else 2)
    with clock.at(factories.MONDAY + timedelta(days=10, hours=1)):
        voting.close_vote(application, by=cast.dines)
    held = scene.hold(scene.call(together, cast.dines, application), cast, *cast.members)
    item = item_of(held)
    actions.take_anew(item, by=cast.frida)
    closed = actions.close_anew(item_of(held), by=cast.dines)
    assert (closed.result["entitled"], closed.result["cast"]) == (5, 4)
    assert lis.pk not in [vote.member_id for vote in closed.votes.all()]


def test_it_closes_by_itself_when_it_was_forgotten(anew):
    with clock.at(scene.HELD_AT + timedelta(days=1)):
        assert voting.close_due_votes() == 1
    assert newest(anew).closed_at


def test_who_stands_aside_late_is_not_counted_anew(anew, cast):
    review.declare_recusal(
        anew.application, member=cast.members[1], ground="family", by=cast.esther
    )
    with pytest.raises(Refusal) as refused:
        actions.close_anew(anew, by=cast.dines)
    assert refused.value.code == "quorum"


def test_it_is_taken_anew_only_in_a_meeting_that_is_held(meeting, cast):
    item = item_of(meeting)
    with pytest.raises(Refusal, match="Open the meeting"):
        actions.take_anew(item, by=cast.dines)
    scene.hold(meeting, cast, *cast.members)
    actions.end_meeting(meeting, by=cast.dines)
    with pytest.raises(Refusal):
        actions.take_anew(item, by=cast.dines)


def test_it_is_taken_anew_once(anew, cast):
    for _again in range(2):
        with pytest.raises(Refusal):
            actions.take_anew(anew, by=cast.dines)
        if newest(anew).closed_at is None:
            actions.close_anew(anew, by=cast.dines)


def test_what_was_recommended_meanwhile_is_not_taken_anew(item, cast):
    voting.recommend(newest(item), by=cast.frida)
    with pytest.raises(Refusal):
        actions.take_anew(item, by=cast.dines)


def test_an_old_vote_cannot_be_recommended_while_it_is_taken_anew(item, cast):
    before = newest(item)
    actions.take_anew(item, by=cast.dines)
    with pytest.raises(Refusal) as refused, transaction.atomic():
        voting.recommend(before, by=cast.frida)
    assert refused.value.code == "faster"
    assert not item.application.recommendations.exists()


def test_somebody_else_leads_what_the_chair_stands_aside_from(anew, cast):
    review.declare_recusal(anew.application, member=cast.members[0], ground="family", by=cast.dines)
    for act in (
        lambda: actions.close_anew(anew, by=cast.dines),
        lambda: actions.save_note(anew, text="Det var godt.", by=cast.dines),
    ):
        with pytest.raises(Refusal, match="You stand aside"):
            act()
    actions.save_note(anew, text="Det var godt.", by=cast.frida)
    assert AgendaItem.objects.get().note == "Det var godt."


def test_only_a_member_who_may_vote_on_it_sees_the_votes_while_it_is_open(anew, cast):
    def seen_by(user):
        reader = reader_of(user, anew.meeting.committee)
        return queries.point_of(anew.meeting, reader, anew.pk)

    change(anew, cast.members[0], points=5)
    point = seen_by(cast.esther)
    assert point.names
    assert [(str(each.member), each.is_changed) for each in point.ballots] == [
        ("Esther", False),
        ("Jo", False),
        ("Dines", True),
        ("Ib", False),
    ]
    assert point.result_anew is None
    assert not seen_by(cast.frida).names


# --- Ending it ------------------------------------------------------------------------------


def test_it_does_not_end_while_a_vote_is_taken_anew(anew, cast):
    with pytest.raises(Refusal, match="Close it first"):
        actions.end_meeting(anew.meeting, by=cast.dines)


def test_a_vote_that_loses_its_quorum_in_the_meeting_goes_on_after_it(anew, cast, world):
    esther, jo = cast.members[1], cast.members[3]
    scene.stand_aside(anew.application, esther)
    with pytest.raises(Refusal, match="no quorum"):
        actions.close_anew(anew, by=cast.dines)
    actions.end_meeting(anew.meeting, by=cast.dines)
    assert newest(anew).closed_at is None
    kim = factories.seat(factories.user("Kim"), world.committee, "young", is_substitute=True)
    review.call_in(anew.application, member=esther, substitute=kim, by=cast.dines)
    factories.clear(anew.application, kim)
    factories.vote(anew.application, kim)
    factories.vote(anew.application, jo, points=3)  # outside of the meeting, now that it is over
    voting.close_vote(anew.application, by=cast.dines)
    assert newest(anew).closed_at


def test_what_is_allocated_together_waits_for_that(anew, cast):
    actions.close_anew(anew, by=cast.dines)
    actions.end_meeting(anew.meeting, by=cast.dines)
    window = newest(anew)
    assert window.met_at
    assert window.recommendation is None
    assert not votes.waits_for_a_meeting(window)


def test_what_waits_for_its_allocation_can_be_talked_about_in_two_meetings(
    together, parted, held, cast
):
    actions.end_meeting(held, by=cast.dines)
    talked_about = votes.window_for(parted).met_at
    day = timedelta(days=1)
    times = {"starts_at": scene.STARTS_AT + day, "ends_at": scene.STARTS_AT + day * 1.1}
    second = scene.call(together, cast.dines, parted, at=scene.HELD_AT, **times)
    with clock.at(scene.HELD_AT + day):
        actions.open_meeting(second, by=cast.dines)
        actions.note_attendance(second, present={cast.members[0].pk}, by=cast.dines)
        actions.end_meeting(second, by=cast.dines)
    assert votes.window_for(parted).met_at == talked_about


def test_what_waited_only_for_the_meeting_is_recommended(world, cast):
    application = scene.in_review(world, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        factories.clear(application, cast.members[1])
        voting.demand_meeting(application, member=cast.members[1], reason="Larm?", by=cast.esther)
    scene.voted(application, cast, young=4, staff=4)
    held = scene.hold(scene.call(world, cast.dines, application), cast, *cast.members)
    assert not application.recommendations.exists()
    actions.end_meeting(held, by=cast.dines)
    assert application.recommendations.get().amount == 10_000_00


def test_where_each_is_recommended_alone_the_vote_taken_anew_is_what_counts(world, cast):
    application = scene.in_review(world, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        factories.clear(application, cast.members[1])
        voting.demand_meeting(application, member=cast.members[1], reason="Larm?", by=cast.esther)
    scene.voted(application, cast, young=4, staff=4)
    held = scene.hold(scene.call(world, cast.dines, application), cast, *cast.members)
    item = item_of(held)
    actions.take_anew(item, by=cast.dines)
    for member in cast.members[:3]:
        change(item_of(held), member, choice="against", amount=0, points=1)
    closed = actions.close_anew(item_of(held), by=cast.dines)
    assert closed.recommendation.amount == 0
    assert (closed.recommendation.votes_for, closed.recommendation.votes_against) == (1, 3)
    actions.end_meeting(held, by=cast.dines)
    assert application.recommendations.count() == 1


def test_somebody_has_to_have_been_there(meeting, cast):
    actions.open_meeting(meeting, by=cast.dines)
    with pytest.raises(Refusal, match="who is there"):
        actions.end_meeting(meeting, by=cast.dines)


def test_a_secret_vote_stays_secret_in_the_meeting(world, cast):
    Procedure.objects.create(
        committee=world.committee, version=2, recommends="together", ballots="secret"
    )
    parted = scene.voted(scene.in_review(world, cast, "Natteradio"), cast, young=5, staff=2)
    held = scene.hold(scene.call(world, cast.dines, parted), cast, *cast.members)
    actions.take_anew(item_of(held), by=cast.dines)
    change(item_of(held), cast.members[0], points=5)
    reader = reader_of(cast.esther, world.committee)
    assert not queries.points(held, reader)[0].names
    actions.close_anew(item_of(held), by=cast.dines)
    assert not queries.points(held, reader)[0].names


def test_the_database_keeps_the_agenda_and_who_was_there(held):
    for rows in (AgendaItem.objects.all(), Attendance.objects.all()):
        with pytest.raises(IntegrityError, match="history"), transaction.atomic():
            rows.delete()
