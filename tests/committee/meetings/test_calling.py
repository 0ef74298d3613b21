"""Calling a meeting: what is proposed, who may, and what the members are told."""

from datetime import timedelta

import pytest

from committee.meetings import actions, queries
from committee.meetings.permissions import reader_of
from committee.seats.models import Member
from committee.votes import actions as voting
from grants.letters.models import Mail
from tests import factories
from tests.committee.meetings import conftest as scene
from workflows import clock
from workflows.machine import Refusal
from workflows.models import LogEntry


def candidates(world, who):
    with clock.at(scene.CALLED_AT):
        found = queries.candidates(world.committee, reader_of(who, world.committee))
    return [(each.application.title, each.why) for each in found if not each.is_shut]


def agenda(meeting):
    return [(each.application.title, each.why) for each in meeting.items.order_by("position")]


def test_what_parts_opinions_is_proposed_and_the_rest_can_be_chosen(together, cast, parted, agreed):
    assert candidates(together, cast.dines) == [
        ("Natteradio", "opinions_part"),
        ("Kælderteater", ""),
    ]


def test_a_vote_that_is_still_open_is_nowhere_to_be_found(together, cast, parted):
    scene.in_review(together, cast, "Vægmaleri")
    assert candidates(together, cast.dines) == [("Natteradio", "opinions_part")]


def test_where_the_money_ends_is_near_the_line(together, cast, agreed, parted):
    together.call.budget = 10_000_00
    together.call.save(update_fields=["budget"])
    assert ("Kælderteater", "near_the_line") in candidates(together, cast.dines)


def test_what_was_demanded_waits_for_the_meeting_also_where_each_is_recommended_alone(world, cast):
    application = scene.in_review(world, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        factories.clear(application, cast.members[1])
        voting.demand_meeting(application, member=cast.members[1], reason="Larm?", by=cast.esther)
    scene.voted(application, cast, young=4, staff=4)
    assert candidates(world, cast.dines) == [("Natteradio", "demanded")]


def test_the_agenda_says_why_each_is_on_it_in_the_order_to_talk(together, cast, parted, agreed):
    meeting = scene.call(together, cast.dines, agreed, parted)
    assert agenda(meeting) == [("Natteradio", "opinions_part"), ("Kælderteater", "chosen")]


def test_what_is_proposed_can_be_left_out(together, cast, parted, agreed):
    assert agenda(scene.call(together, cast.frida)) == []


def test_the_chair_cannot_choose_what_the_chair_stands_aside_from(together, cast):
    application = scene.in_review(together, cast, "Natteradio")
    Member.objects.create(
        committee=together.committee,
        user=factories.user("Lis"),
        seat="staff",
        home=together.places[0],
    )
    lis = Member.objects.get(user__name="Lis")
    with clock.at(scene.VOTED_AT):
        factories.clear(application, lis)
        factories.vote(application, lis, points=1)
        scene.stand_aside(application, cast.members[0])
        for member in cast.members[1:]:
            factories.clear(application, member)
            factories.vote(application, member, points=5 if member.seat == "young" else 1)
    with clock.at(factories.MONDAY + timedelta(days=30)):
        voting.close_vote(application, by=cast.frida)
    later = {"at": factories.MONDAY + timedelta(days=31)}
    when = {
        "starts_at": factories.MONDAY + timedelta(days=40),
        "ends_at": factories.MONDAY + timedelta(days=40, hours=1),
    }
    assert candidates(together, cast.dines) == []
    with pytest.raises(Refusal):
        scene.call(together, cast.dines, application, **later, **when)
    # The rules put it on all the same, and the chair learns its title only.
    assert agenda(scene.call(together, cast.dines, **later, **when)) == [
        ("Natteradio", "opinions_part")
    ]


def test_what_is_on_the_agenda_of_a_meeting_to_come_is_not_offered_again(
    together, cast, parted, agreed
):
    meeting = scene.call(together, cast.dines, parted)
    assert candidates(together, cast.dines) == [("Kælderteater", "")]
    with clock.at(scene.CALLED_AT):
        actions.cancel_meeting(meeting, by=cast.dines)
    assert len(candidates(together, cast.dines)) == 2


def test_more_is_put_on_later(together, cast, meeting, agreed):
    with clock.at(scene.CALLED_AT):
        actions.put_on_agenda(meeting, by=cast.frida, chosen=[agreed.reference])
    assert agenda(meeting)[-1] == ("Kælderteater", "chosen")
    with clock.at(scene.CALLED_AT), pytest.raises(Refusal):
        actions.put_on_agenda(meeting, by=cast.frida, chosen=[agreed.reference])


@pytest.mark.parametrize("person", ["esther", "asta", "cille", "gorm", "hanne"])
def test_only_the_chair_and_the_secretariat_call(together, cast, parted, person):
    with pytest.raises(Refusal) as refused:
        scene.call(together, getattr(cast, person))
    assert refused.value.code == "role"


@pytest.mark.parametrize("person", ["dines", "frida"])
def test_each_member_gets_one_mail_and_nothing_of_a_case_is_in_it(
    together, cast, parted, agreed, person
):
    substitute = factories.seat(
        factories.user("Per"), together.committee, "young", is_substitute=True
    )
    before = Mail.objects.count()
    meeting = scene.call(together, getattr(cast, person), parted, agreed)
    mails = Mail.objects.order_by("id")[before:]
    assert [mail.to for mail in mails] == [member.user for member in cast.members]
    assert substitute.user not in [mail.to for mail in mails]
    for mail in mails:
        assert f"/committee/meetings/{meeting.pk}/" in mail.text
        assert "Rådhuset, stuen" in mail.text
        for word in (parted.title, parted.reference, parted.applicant.name, agreed.title):
            assert word not in mail.subject + mail.text


def test_the_mail_says_the_danish_time_in_the_members_language(together, cast, parted):
    cast.esther.language = "en"
    cast.esther.save()
    scene.call(together, cast.dines, parted)
    text = Mail.objects.filter(to=cast.esther).latest("id").text
    assert text.startswith("20 March 2026, 17:00, Rådhuset, stuen.")


def test_a_meeting_in_the_past_or_that_ends_before_it_begins_is_refused(together, cast):
    for times in [
        {"starts_at": scene.CALLED_AT, "ends_at": scene.STARTS_AT},
        {"ends_at": scene.STARTS_AT},
    ]:
        with pytest.raises(Refusal):
            scene.call(together, cast.dines, **times)


def test_moving_tells_the_members_and_their_calendars(meeting, cast):
    told = Mail.objects.count()
    later = scene.STARTS_AT + timedelta(days=1)
    with clock.at(scene.CALLED_AT):
        actions.move_meeting(
            meeting, by=cast.frida, starts_at=later, ends_at=later + timedelta(hours=1), link=""
        )
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.sequence, meeting.place) == (later, 1, "")
    assert Mail.objects.count() - told == len(cast.members)


def test_a_cancelled_meeting_stays_cancelled(meeting, cast):
    with clock.at(scene.CALLED_AT):
        actions.cancel_meeting(meeting, by=cast.dines)
    meeting.refresh_from_db()
    assert meeting.sequence == 1
    with clock.at(scene.HELD_AT):
        for act in (actions.cancel_meeting, actions.open_meeting, actions.end_meeting):
            with pytest.raises(Refusal):
                act(meeting, by=cast.dines)


def test_the_log_says_that_it_was_called_and_nothing_of_how_a_vote_went(meeting, parted):
    called = LogEntry.objects.get(event="meeting_called")
    assert called.facts == {"starts_at": scene.STARTS_AT.isoformat()}
    put = LogEntry.objects.get(event="put_on_agenda")
    assert (put.stream, put.facts) == (parted.stream, {"meeting": meeting.pk})
