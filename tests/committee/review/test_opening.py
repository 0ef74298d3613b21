from copy import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from committee.review import actions as review
from committee.review.models import VoteWindow
from committee.seats.models import Committee, Procedure
from grants.applications import actions as applications
from grants.letters.models import Mail
from tests import factories
from tests.committee.moments import AFTER_A_DAY, TIME_IS_OVER
from workflows import clock
from workflows.machine import Refusal


def test_opening_asks_the_committee_for_its_own_number_of_days(in_review, world):
    window = in_review.vote_windows.get()
    assert window.committee == world.committee
    assert window.closes_at - window.opened_at == timedelta(days=7)
    assert window.closed_at is None


def test_opening_keeps_the_newest_rules_and_the_calls_weights(in_review, world, application_at):
    newest = Procedure.objects.create(committee=world.committee, version=2, days_to_vote=3)
    second = application_at("in_review", who=in_review.applicant).vote_windows.get()
    assert second.procedure == newest
    assert second.closes_at - second.opened_at == timedelta(days=3)
    assert second.weights == {str(world.criterion.pk): world.criterion.weight}
    assert in_review.vote_windows.get().procedure.version == 1


def test_opening_sends_each_member_one_mail_however_many_applications(world, cast, application_at):
    first = application_at("eligible")
    second = application_at("eligible", who=first.applicant)
    review.open_review([second, first], by=cast.frida, closes_at=TIME_IS_OVER)
    mails = Mail.objects.filter(to__seats__isnull=False)
    assert {mail.to_id for mail in mails} == {member.user_id for member in cast.members}
    assert len(mails) == len(cast.members)
    assert "2 " in mails[0].text
    assert "/committee/" in mails[0].text
    assert first.title not in mails[0].text


def test_no_mail_is_about_what_a_member_stands_aside_from_or_takes_part_in(cast, application_at):
    application = application_at("eligible")
    application.team.create(user=cast.esther, name="Esther")
    review.declare_recusal(application, member=cast.members[0], ground="family", by=cast.dines)
    review.open_review([application], by=cast.frida)
    told = set(Mail.objects.filter(to__seats__isnull=False).values_list("to", flat=True))
    assert told == {member.user_id for member in cast.members[2:]}


def test_substitutes_and_those_whose_term_has_not_begun_get_no_mail(cast, world, application_at):
    sif = factories.seat(factories.user("Sif"), world.committee, "young", is_substitute=True)
    later = AFTER_A_DAY.date() + timedelta(days=1)
    tor = factories.seat(factories.user("Tor"), world.committee, "staff", starts_on=later)
    review.open_review([application_at("eligible")], by=cast.frida)
    assert not Mail.objects.filter(to__in=[sif.user, tor.user]).exists()


def test_opening_is_all_or_none_and_names_the_application_that_stops_it(cast, application_at):
    ready = application_at("eligible")
    draft = application_at("draft", who=ready.applicant)
    with pytest.raises(Refusal, match=draft.reference) as refused:
        review.open_review([ready, draft], by=cast.frida)
    assert refused.value.code == "status"
    ready.refresh_from_db()
    assert ready.status == "eligible"
    assert not VoteWindow.objects.exists()


def test_a_vote_does_not_open_to_close_in_the_past(cast, application_at):
    with pytest.raises(Refusal, match="to come"):
        review.open_review([application_at("eligible")], by=cast.frida, closes_at=AFTER_A_DAY)


@pytest.fixture
def elsewhere(world, cast):
    """An application in a pool that has no committee."""
    pool, call = copy(world.pool), copy(world.call)
    pool.pk, pool.code = None, "ny"
    pool.save(force_insert=True)
    call.pk, call.slug, call.pool = None, "ny-foraar", pool
    call.save(force_insert=True)
    factories.role(cast.frida, pool, "caseworker")
    application = factories.draft(replace(world, pool=pool, call=call), cast.asta)
    with clock.at(factories.MONDAY):
        applications.submit(application, by=cast.asta)
        applications.accept_for_review(application, by=cast.frida)
    return application


def test_without_a_committee_nothing_opens(elsewhere, cast):
    with pytest.raises(Refusal, match="no committee"):
        review.open_review([elsewhere], by=cast.frida)


def test_without_rules_of_procedure_nothing_opens(elsewhere, cast):
    Committee.objects.create(pool=elsewhere.pool, name="Nyt udvalg")
    with pytest.raises(Refusal, match="no rules of procedure"):
        review.open_review([elsewhere], by=cast.frida)


def test_the_committee_does_not_open_its_own_vote(cast, application_at):
    with pytest.raises(Refusal) as refused:
        review.open_review([application_at("eligible")], by=cast.dines)
    assert refused.value.code == "role"
