"""Who writes one application together, who reads along, and who is its contact."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from time import sleep

import pytest
from django.db import IntegrityError, connection, transaction

from applicants.models import User
from grants.applications import actions, guardians, team
from grants.applications.models import Application, TeamMember
from grants.applications.permissions import own_applications
from grants.letters.models import Mail
from secretariat.journal import journal
from tests import factories
from workflows import clock
from workflows.lifecycle import Role
from workflows.machine import Refusal
from workflows.models import LogEntry

BO = {"name": "Bo Friis", "email": "Bo@example.org"}


@pytest.fixture(autouse=True)
def _on_monday():
    with clock.at(factories.MONDAY):
        yield


@pytest.fixture
def draft(world, cast):
    return factories.draft(world, cast.asta)


@pytest.fixture
def bo(draft, cast):
    """Bo's place on the team: he writes."""
    return team.invite(draft, **BO, access="write", by=cast.asta)


def fresh(application):
    return Application.objects.get(pk=application.pk)


def invite(application, by, *, email="bo@example.org", access="write", name="Bo"):
    return team.invite(application, name=name, email=email, access=access, by=by)


def last_event(application):
    return LogEntry.objects.filter(stream=application.stream).order_by("-number").first()


# Inviting


@pytest.mark.parametrize(
    "access, role",
    [("write", Role.APPLICANT), ("read", Role.HELPER), ("helper", Role.HELPER)],
)
def test_who_is_invited_may_what_was_said(draft, cast, access, role):
    member = invite(draft, cast.asta, access=access)
    assert member.access == access
    assert draft.roles_of(cast.bo) == {role}
    assert list(own_applications(cast.bo)) == [draft]
    assert last_event(draft).facts == {"person": f"user:{cast.bo.pk}", "access": access}


def test_somebody_new_is_known_from_now_on_and_told_without_a_word_about_it(draft, cast):
    member = invite(draft, cast.asta, email="Nyt@Example.org", name="Nyt Navn")
    assert User.objects.get(email="nyt@example.org") == member.user
    mail = Mail.objects.get(to=member.user)
    assert mail.text.endswith(f"/applications/{draft.reference}/\n")
    for personal in ["Natteradio", "Asta"]:
        assert personal not in mail.subject + mail.text


def test_the_same_address_again_is_the_same_member(draft, cast, bo):
    assert invite(draft, cast.asta, email="BO@example.org") == bo
    assert draft.team.count() == 1
    assert Mail.objects.filter(to=cast.bo).count() == 1


def test_the_contact_changes_what_somebody_can_do_by_saying_it_anew(draft, cast, bo):
    invite(draft, cast.asta, access="read")
    assert draft.roles_of(cast.bo) == {Role.HELPER}
    invite(draft, cast.asta, access="helper")
    assert draft.team.get().is_helper
    assert last_event(draft).event == "member_changed"


def test_who_writes_invites_too_but_changes_nobody(draft, cast, bo):
    invite(draft, cast.bo, email="cille@example.org")
    with pytest.raises(Refusal, match="Only the contact"):
        invite(draft, cast.bo, email="cille@example.org", access="read")
    with pytest.raises(Refusal, match="Only the contact"):
        invite(draft, cast.bo, access="read")


def test_who_reads_invites_nobody(draft, cast):
    invite(draft, cast.asta, access="read")
    for user in [cast.bo, cast.cille, cast.frida, cast.hanne]:
        with pytest.raises(Refusal, match="role"):
            invite(draft, user, email="ny@example.org")
    assert draft.team.count() == 1


def test_nobody_invites_the_contact_or_a_guardian(draft, cast):
    with pytest.raises(Refusal, match="contact's own address"):
        invite(draft, cast.asta, email="ASTA@example.org")
    factories.guardian(draft, factories.user("Mona"))
    with pytest.raises(Refusal, match="parent or guardian"):
        invite(draft, cast.asta, email="mona@example.org")


def test_the_office_is_not_invited_out_of_its_work_and_the_committee_can_be(draft, cast):
    for user in [cast.frida, cast.gorm, cast.hanne]:
        with pytest.raises(Refusal, match="Write to the secretariat"):
            invite(draft, cast.asta, email=user.email)
    invite(draft, cast.asta, email=cast.esther.email)
    assert Role.MEMBER not in draft.roles_of(cast.esther)


def test_ten_are_as_many_as_can_be(draft, cast):
    for number in range(9):
        invite(draft, cast.asta, email=f"n{number}@example.org")
    with pytest.raises(Refusal, match="You are 10 now"):
        invite(draft, cast.asta, email="n9@example.org")


def test_twenty_invitations_are_enough_for_a_day(draft, cast):
    for number in range(20):
        member = invite(draft, cast.asta, email=f"n{number}@example.org")
        team.remove_member(draft, member=member, by=cast.asta)
    with pytest.raises(Refusal, match="a lot of invitations"):
        invite(draft, cast.asta)
    with clock.at(factories.MONDAY + timedelta(days=1)):
        invite(draft, cast.asta)


def test_twenty_are_enough_also_over_many_applications(world, draft, cast):
    other = factories.draft(world, cast.asta)
    for number in range(20):
        case = other if number % 3 else draft
        member = invite(case, cast.asta, email=f"n{number}@example.org")
        team.remove_member(case, member=member, by=cast.asta)
    for case in [draft, other]:
        with pytest.raises(Refusal, match="a lot of invitations"):
            invite(case, cast.asta)


def test_one_address_is_invited_five_times_a_day_by_everybody(world, draft, cast):
    for number in range(5):
        who = factories.user(f"N{number}")
        invite(factories.draft(world, who), who)
    with pytest.raises(Refusal, match="Write to the secretariat"):
        invite(draft, cast.asta)
    with clock.at(factories.MONDAY + timedelta(days=1)):
        member = invite(draft, cast.asta)
        for _time in range(4):
            team.hand_over(draft, to=member, by=cast.asta)
            team.decline_contact(draft, by=cast.asta)
        with pytest.raises(Refusal, match="a lot for one day"):
            team.hand_over(draft, to=member, by=cast.asta)


def test_when_the_answer_has_been_given_the_team_stays(application_at, cast):
    decided, awarded = application_at("decided"), application_at("awarded")
    member = invite(decided, cast.asta)
    with pytest.raises(Refusal, match="answer has been given"):
        invite(awarded, cast.asta)
    member = awarded.team.create(user=cast.bo, name="Bo")
    with pytest.raises(Refusal, match="answer has been given"):
        team.remove_member(awarded, member=member, by=cast.asta)
    team.remove_member(awarded, member=member, by=cast.bo)
    assert not awarded.team.exists()


# Leaving


def test_who_is_taken_off_meets_a_closed_door_at_once(draft, cast, bo):
    team.remove_member(draft, member=bo, by=cast.asta)
    assert not own_applications(cast.bo).exists()
    assert draft.roles_of(cast.bo) == set()
    with pytest.raises(Refusal):
        actions.save_answers(draft, by=cast.bo, given={"title": "Bos"})
    with pytest.raises(Refusal, match="not on the team any more"):
        team.remove_member(draft, member=bo, by=cast.asta)


def test_everybody_can_leave_and_only_the_contact_takes_others_off(draft, cast, bo):
    other = invite(draft, cast.asta, email="cille@example.org", access="read")
    for user in [cast.bo, cast.frida]:
        with pytest.raises(Refusal, match="Only the contact"):
            team.remove_member(draft, member=other, by=user)
    team.remove_member(draft, member=other, by=cast.cille)
    assert last_event(draft).event == "member_left"


def test_the_journal_keeps_a_protected_name_also_of_who_has_left(draft, cast, bo):
    actions.submit(draft, by=cast.bo)
    team.remove_member(draft, member=bo, by=cast.bo)
    draft.applicant.is_protected = True
    draft.applicant.save()
    hidden = journal(fresh(draft), names_applicant=False)
    assert not [entry for entry in hidden if entry.who in {"Bo", "Asta"}]
    assert {"Bo", "Asta"} <= {entry.who for entry in journal(fresh(draft))}


# Handing over


def test_the_contact_is_handed_over_when_the_other_says_yes(draft, cast, bo):
    team.hand_over(draft, to=bo, by=cast.asta)
    team.hand_over(draft, to=bo, by=cast.asta)
    assert fresh(draft).contact == cast.asta
    assert Mail.objects.filter(to=cast.bo).count() == 2
    team.accept_contact(draft, by=cast.bo)
    assert fresh(draft).contact == cast.bo
    assert [(each.user, each.access) for each in draft.team.all()] == [(cast.asta, "write")]
    assert last_event(draft).facts["before"] == f"user:{cast.asta.pk}"


def test_mail_goes_to_the_new_contact(draft, cast, bo):
    team.hand_over(draft, to=bo, by=cast.asta)
    team.accept_contact(draft, by=cast.bo)
    actions.submit(fresh(draft), by=cast.bo)
    assert Mail.objects.first().to == cast.bo


def test_who_applies_and_their_age_stay(world, cast):
    """Nobody gets round a guardian by handing over to somebody who is older."""
    who = factories.applicant(cast.asta, birth_date=date(2010, 1, 1))
    draft = factories.draft(world, cast.asta, who=who)
    member = invite(draft, cast.asta)
    team.hand_over(draft, to=member, by=cast.asta)
    team.accept_contact(draft, by=cast.bo)
    after = fresh(draft)
    assert (after.applicant, after.age_when_applying, after.wants_consent) == (who, 16, True)
    with pytest.raises(Refusal, match="somebody else than you"):
        guardians.invite_guardian(
            after, name="Asta", email=cast.asta.email, relation="Mor", by=cast.bo
        )


def test_whose_name_it_is_in_stays_on_it(draft, cast, bo):
    team.hand_over(draft, to=bo, by=cast.asta)
    team.accept_contact(draft, by=cast.bo)
    for user in [cast.asta, cast.bo]:
        with pytest.raises(Refusal, match="in their name"):
            team.remove_member(draft, member=draft.team.get(), by=user)


def test_an_association_can_have_new_people_altogether(world, cast):
    who = factories.applicant(cast.asta, kind="association", cvr="13585628")
    draft = factories.draft(world, cast.asta, who=who)
    team.hand_over(draft, to=invite(draft, cast.asta), by=cast.asta)
    team.accept_contact(draft, by=cast.bo)
    team.remove_member(draft, member=draft.team.get(), by=cast.asta)
    assert fresh(draft).roles_of(cast.asta) == set()


def test_only_the_contact_hands_over_and_only_who_was_asked_accepts(draft, cast, bo):
    reader = invite(draft, cast.asta, email="cille@example.org", access="read")
    with pytest.raises(Refusal, match="Only the contact"):
        team.hand_over(draft, to=bo, by=cast.bo)
    with pytest.raises(Refusal, match="who can write"):
        team.hand_over(draft, to=reader, by=cast.asta)
    for user in [cast.bo, cast.cille, cast.asta, cast.frida]:
        with pytest.raises(Refusal, match="not asked any more"):
            team.accept_contact(draft, by=user)
    assert fresh(draft).contact == cast.asta


def test_a_no_and_a_question_taken_back_leave_the_contact(draft, cast, bo):
    for user in [cast.bo, cast.asta]:
        team.hand_over(draft, to=bo, by=cast.asta)
        with pytest.raises(Refusal, match="role"):
            team.decline_contact(draft, by=cast.cille)
        team.decline_contact(draft, by=user)
        team.decline_contact(draft, by=user)
        with pytest.raises(Refusal, match="not asked any more"):
            team.accept_contact(draft, by=cast.bo)
    assert fresh(draft).contact == cast.asta


def test_the_contact_is_offered_to_one_at_a_time(draft, cast, bo):
    other = invite(draft, cast.asta, email="cille@example.org")
    team.hand_over(draft, to=bo, by=cast.asta)
    team.hand_over(draft, to=other, by=cast.asta)
    with pytest.raises(Refusal, match="not asked any more"):
        team.accept_contact(draft, by=cast.bo)
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamMember.objects.update(is_offered_contact=True)


def test_who_only_reads_is_offered_nothing(draft, cast, bo):
    team.hand_over(draft, to=bo, by=cast.asta)
    invite(draft, cast.asta, access="read")
    assert not draft.team.get().is_offered_contact
    with pytest.raises(IntegrityError), transaction.atomic():
        TeamMember.objects.update(is_offered_contact=True)


def test_after_the_answer_the_contact_can_still_be_handed_over(application_at, cast):
    awarded = application_at("awarded")
    member = awarded.team.create(user=cast.bo, name="Bo")
    team.hand_over(awarded, to=member, by=cast.asta)
    team.accept_contact(awarded, by=cast.bo)
    assert fresh(awarded).contact == cast.bo


# Two at once


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_invitations_at_once_do_not_make_eleven(world, cast):
    """Slow: two real connections."""
    draft = factories.draft(world, cast.asta)
    for number in range(8):
        invite(draft, cast.asta, email=f"n{number}@example.org")
    barrier = Barrier(2)

    def one(email):
        try:
            with clock.at(factories.MONDAY):
                barrier.wait(timeout=20)
                invite(fresh(draft), cast.asta, email=email)
        except Refusal as refusal:
            return refusal.code
        else:
            return "did it"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(one, ["x@example.org", "y@example.org"]))
    assert outcomes == ["did it", "refused"]
    assert draft.team.count() == 9


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_who_waits_while_the_contact_is_handed_over_finds_the_application(world, cast):
    """Slow: two real connections."""
    draft = factories.draft(world, cast.asta)
    with clock.at(factories.MONDAY):
        team.hand_over(draft, to=invite(draft, cast.asta), by=cast.asta)

    def decline():
        try:
            with clock.at(factories.MONDAY):
                team.decline_contact(fresh(draft), by=cast.asta)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            team.accept_contact(draft, by=cast.bo)
            waiting = pool.submit(decline)
            _until_somebody_waits()
        waiting.result(timeout=20)
    assert fresh(draft).contact == cast.bo


def _until_somebody_waits():
    for _time in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        sleep(0.05)
    pytest.fail("Nobody waits for the lock.")
