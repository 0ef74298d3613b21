"""Members are reminded of what awaits them, once before a vote closes."""

from datetime import timedelta

import pytest

from committee.review import actions as review
from committee.review.models import VoteWindow
from committee.votes import actions as voting
from committee.votes.reminders import due_at, remind_members
from grants.applications import actions as applications
from grants.letters.models import Mail
from tests import factories
from tests.committee.moments import AFTER_A_DAY, TIME_IS_OVER, events
from workflows import audit, clock

OPENED = factories.MONDAY + timedelta(days=3)
CLOSES = OPENED + timedelta(days=7)


@pytest.fixture
def reminded(in_review):
    """reminded(before): who is told, so long before the vote closes: {user: text}."""

    def told(before=timedelta(hours=24)):
        Mail.objects.all().delete()
        with clock.at(CLOSES - before):
            remind_members()
        mails = Mail.objects.all()
        assert len(mails) == len({mail.to for mail in mails})  # one mail a member
        return {mail.to: mail.text for mail in mails}

    return told


@pytest.mark.parametrize(
    "hours, before",
    [(24 * 7, 24), (48, 24), (47, 23.5), (24, 12), (2, 1)],
)
def test_a_day_before_or_when_half_of_the_time_is_gone(hours, before):
    window = VoteWindow(opened_at=OPENED, closes_at=OPENED + timedelta(hours=hours))
    assert window.closes_at - due_at(window) == timedelta(hours=before)


def test_who_has_not_voted_or_not_answered_is_reminded_and_nobody_else(
    in_review, cast, votes, world, reminded
):
    dines, esther, ib, jo = cast.members
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    lea = factories.seat(factories.user("Lea"), world.committee, "young")
    factories.seat(factories.user("Sif"), world.committee, "young", is_substitute=True)
    votes(in_review, dines)
    factories.clear(in_review, esther)
    review.declare_recusal(in_review, member=ib, ground="family", by=ib.user)
    review.declare(in_review, member=jo, answer="unsure", note="?", by=jo.user)
    in_review.team.create(user=kim.user, name="Kim")
    assert reminded().keys() == {esther.user, lea.user}


def test_a_substitute_is_reminded_instead_of_the_member(in_review, cast, world, reminded):
    sif = factories.seat(factories.user("Sif"), world.committee, "young", is_substitute=True)
    review.call_in(in_review, member=cast.members[1], substitute=sif, by=cast.frida)
    told = reminded()
    assert sif.user in told
    assert cast.esther not in told


def test_not_before_its_time_not_twice_and_not_when_it_is_over(reminded):
    assert not reminded(timedelta(hours=24, minutes=1))
    assert len(reminded(timedelta(hours=23))) == 4
    assert not reminded(timedelta(hours=1))


def test_who_was_not_reminded_in_time_is_not_reminded_when_it_is_over(reminded):
    assert not reminded(timedelta(0))
    assert not reminded(timedelta(days=-3))


def test_one_mail_tells_how_many_and_no_title(in_review, cast, votes, application_at, reminded):
    second = application_at("in_review", who=in_review.applicant)
    votes(second, cast.members[1])
    told = reminded()
    assert told[cast.dines].startswith("2 ")
    assert told[cast.esther].startswith("1 ")
    for text in told.values():
        assert in_review.title not in text
        assert in_review.reference not in text
    for application in [in_review, second]:
        assert events(application, "members_reminded").get().facts == {}
        window = application.vote_windows.get()
        assert window.reminded_at == window.closes_at - timedelta(hours=24)


def test_the_log_tells_by_no_entry_whether_votes_are_missing(in_review, cast, votes, reminded):
    votes(in_review, *cast.members)
    assert not reminded()
    assert events(in_review, "members_reminded").count() == 1
    assert audit.verify().fits


def test_what_is_closed_or_withdrawn_reminds_nobody(
    in_review, cast, votes, application_at, reminded
):
    second = application_at("in_review", who=in_review.applicant)
    applications.withdraw(second, by=cast.asta)
    votes(in_review, *cast.members)
    voting.close_vote(in_review, by=cast.dines)
    assert not reminded()


def test_a_vote_that_is_taken_anew_in_a_meeting_reminds_nobody(world, cast, application_at):
    procedure = world.committee.procedure()
    factories.Procedure.objects.create(
        committee=world.committee, version=2, threshold=procedure.threshold, recommends="together"
    )
    application = application_at("in_review")
    factories.vote_through(application, cast, amount=10_000_00, at=AFTER_A_DAY)
    closed = application.vote_windows.get()
    VoteWindow.objects.create(
        application=application,
        committee=closed.committee,
        procedure=closed.procedure,
        weights=closed.weights,
        follows=closed,
        closes_at=TIME_IS_OVER,
    )
    Mail.objects.all().delete()
    with clock.at(TIME_IS_OVER - timedelta(hours=1)):
        assert remind_members() == 0
    assert not Mail.objects.exists()
