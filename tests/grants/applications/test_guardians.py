"""When a guardian's yes is needed, from how many, and what a link can do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from applicants.models import Applicant, Guardian
from committee.review.permissions import aside_obstacle
from grants.applications import actions, addresses, guardians
from grants.applications.models import Application, Consent, ConsentLink
from grants.applications.permissions import own_applications
from grants.letters import secret_links
from grants.letters.models import Mail
from grants.payouts import actions as payouts
from grants.portal.people import ConsentForm
from tests import factories
from workflows import audit, clock
from workflows.lifecycle import Role
from workflows.machine import Refusal
from workflows.models import LogEntry

BORN = date(2008, 4, 10)
BIRTHDAY = datetime(2026, 4, 10, 8, 0, tzinfo=UTC)
YES = {"name": "Mona Holm", "relation": "Mor"}


@pytest.fixture(autouse=True)
def _on_monday():
    with clock.at(factories.MONDAY):
        yield


@pytest.fixture
def young(world, cast):
    """Asta's application as she sends it, a month before she turns eighteen."""
    draft = factories.draft(world, cast.asta, who=factories.applicant(cast.asta, birth_date=BORN))
    actions.submit(draft, by=cast.asta)
    return Application.objects.get(pk=draft.pk)


@pytest.fixture
def mona(young):
    return factories.guardian(young, factories.user("Mona"))


@pytest.fixture
def finn(young):
    return factories.guardian(young, factories.user("Finn"), relation="Far")


def young_draft(world, cast, name, contact=None):
    """A draft of somebody under 18, of an applicant of its own."""
    who = contact or cast.asta
    return factories.draft(world, who, who=factories.applicant(who, birth_date=BORN, name=name))


def fresh(application):
    return Application.objects.get(pk=application.pk)


def newest_link(guardian):
    """As the guardian has it: the token is in the mail that leaves the house, and nowhere else."""
    text = secret_links.with_tokens(Mail.objects.filter(to=guardian.user).first().text)
    return guardians.link_of(text.strip().split("/")[-2])


# The day on which it counts


def test_consent_is_needed_until_the_day_before_the_birthday(young):
    for moment, is_needed in [
        (factories.MONDAY, True),
        (BIRTHDAY - timedelta(days=1), True),
        (BIRTHDAY, False),
    ]:
        with clock.at(moment):
            assert fresh(young).wants_consent is is_needed
            assert bool(fresh(young).consent_obstacle()) is is_needed
            assert fresh(young).minor_when_applying


@given(st.dates(date(1990, 1, 1), date(2025, 12, 31)), st.dates(date(2026, 1, 1), date(2060, 1, 1)))
def test_only_the_birthday_and_the_day_decide(born, day):
    application = Application(applicant=Applicant(birth_date=born, kind="person"))
    with clock.at(datetime(day.year, day.month, day.day, 12, tzinfo=UTC)):
        is_eighteen = (day.year - born.year, day.month, day.day) >= (18, born.month, born.day)
        assert application.wants_consent is not is_eighteen


@pytest.mark.parametrize(
    "kind, cvr, is_wanted",
    [
        ("person", "", True),
        ("group", "", True),
        ("association", "", True),
        ("association", "13585628", False),
    ],
)
def test_an_association_with_a_number_answers_for_itself(kind, cvr, is_wanted):
    who = Applicant(birth_date=BORN, kind=kind, cvr=cvr)
    assert Application(applicant=who).wants_consent is is_wanted


def accepted_by_a_minor(world, cast, guardian_of):
    """Asta's application, walked to accepted with the guardian's consent."""
    who = factories.applicant(cast.asta, birth_date=BORN)
    application = factories.draft(world, cast.asta, who=who)
    guardian = guardian_of(application)
    for step, reached in factories._ACCEPTED:
        if reached == "accepted":
            factories.consent(application, guardian)
        step(application, world, cast)
        application = fresh(application)
    return application, guardian


@pytest.fixture
def with_money_to_come(world, cast):
    return accepted_by_a_minor(
        world, cast, lambda application: factories.guardian(application, factories.user("Mona"))
    )


def test_without_consent_nothing_is_planned_approved_or_sent(with_money_to_come, cast):
    application, guardian = with_money_to_come
    instalment = application.current_grant().instalments.get()
    planned = payouts.plan(instalment, by=cast.frida)
    payouts.approve(planned, by=cast.gorm)
    guardians.withdraw_consent(application, guardian=guardian, by=guardian.user)
    with pytest.raises(Refusal, match="consent"):
        payouts.release([planned], by=cast.gorm)
    payouts.unapprove(planned, by=cast.gorm)
    with pytest.raises(Refusal, match="consent"):
        payouts.approve(planned, by=cast.gorm)
    payouts.cancel(planned, by=cast.frida)
    with pytest.raises(Refusal, match="consent"):
        payouts.plan(instalment, by=cast.frida)


def test_after_the_birthday_a_consent_taken_back_stops_nothing(with_money_to_come, cast):
    application, guardian = with_money_to_come
    guardians.withdraw_consent(application, guardian=guardian, by=guardian.user)
    with clock.at(BIRTHDAY):
        planned = payouts.plan(application.current_grant().instalments.get(), by=cast.frida)
        payouts.approve(planned, by=cast.gorm)
        payouts.release([planned], by=cast.gorm)


def test_who_is_eighteen_names_nobody(young, cast):
    with clock.at(BIRTHDAY), pytest.raises(Refusal, match="No parent or guardian"):
        guardians.invite_guardian(
            young, name="Mona", email="mona@example.org", relation="Mor", by=cast.asta
        )


# From how many


def test_joint_custody_takes_two_different_guardians(young, mona, finn):
    Applicant.objects.update(custody_is_joint=True)
    factories.consent(young, mona)
    factories.consent(young, mona)
    assert not fresh(young).has_consent()
    assert "one more" in fresh(young).consent_obstacle()
    factories.consent(young, finn)
    assert fresh(young).has_consent()
    guardians.withdraw_consent(young, guardian=mona, by=mona.user)
    assert not fresh(young).has_consent()


def test_the_one_who_says_it_is_shared_makes_it_so(young, mona):
    factories.consent(young, mona, is_joint=True)
    assert not fresh(young).has_consent()
    assert LogEntry.objects.get(event="custody_said").facts == {"is_joint": True}


def test_nobody_unsays_it_after_a_yes(young, mona, cast):
    factories.consent(young, mona, is_joint=True)
    guardians.invite_guardian(
        young,
        name="Finn",
        email="finn@example.org",
        relation="Far",
        by=cast.asta,
        custody_is_joint=False,
    )
    assert fresh(young).applicant.custody_is_joint is True


# What was said yes to


def test_a_consent_counts_only_for_the_text_it_was_given_to(young, mona, cast):
    """She asks for more after her mother's yes, so her mother is asked again, with a new link."""
    factories.consent(young, mona)
    actions.ask_for_more(young, by=cast.frida, question="Hvor meget?", answer_by=date(2026, 4, 1))
    actions.save_answers(
        fresh(young),
        by=cast.asta,
        given={
            "amount_applied_for": 20_000_00,
            "line-1": {"kind": "expense", "text": "Udstyr", "amount": 20_000_00, "nature": ""},
        },
    )
    actions.resubmit(fresh(young), by=cast.asta, answer="Det dobbelte.")
    assert not fresh(young).has_consent()
    assert LogEntry.objects.filter(event="consent_outdated", actor="system").count() == 1
    guardians.give_consent_by_link(newest_link(mona), **YES)
    assert fresh(young).has_consent()


def test_a_consent_stays_when_nothing_was_changed(young, mona, cast):
    factories.consent(young, mona)
    actions.ask_for_more(young, by=cast.frida, question="Hvor?", answer_by=date(2026, 4, 1))
    actions.resubmit(fresh(young), by=cast.asta, answer="Her.")
    assert fresh(young).has_consent()


def test_what_is_consented_cannot_be_written_anew(young, mona):
    consent = factories.consent(young, mona)
    for change in [{"name": "X"}, {"relation": "X"}, {"document_hash": "0" * 64}]:
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.filter(pk=consent.pk).update(**change)


# The link


def test_a_used_link_cannot_be_made_unused(young, mona, cast):
    guardians.send_link(young, guardian=mona, by=cast.asta)
    guardians.give_consent_by_link(newest_link(mona), **YES)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentLink.objects.update(used_at=None)


def test_a_draft_is_not_said_yes_to(world, cast):
    draft = factories.draft(world, cast.asta, who=factories.applicant(cast.asta, birth_date=BORN))
    guardian = factories.guardian(draft, factories.user("Mona"))
    with pytest.raises(Refusal, match="when the application has been sent"):
        factories.consent(draft, guardian)
    with pytest.raises(Refusal, match="when you have sent"):
        guardians.send_link(draft, guardian=guardian, by=cast.asta)


def test_a_withdrawn_application_is_not_said_yes_to(young, mona, cast):
    actions.withdraw(young, by=cast.asta)
    with pytest.raises(Refusal, match="nothing to say yes to"):
        factories.consent(young, mona)


def test_the_guardian_of_another_child_says_nothing(young, mona, cast):
    with pytest.raises(Refusal, match="Only the guardian"):
        guardians.give_consent(young, guardian=mona, by=cast.cille, **YES)
    with pytest.raises(Refusal, match="Only the guardian"):
        guardians.withdraw_consent(young, guardian=mona, by=cast.cille)


def test_so_many_mails_a_day_and_no_more(young, mona, cast):
    for _time in range(addresses.MOST_TO_ONE_A_DAY):
        guardians.send_link(young, guardian=mona, by=cast.asta)
    with pytest.raises(Refusal, match="a lot for one day"):
        guardians.send_link(young, guardian=mona, by=cast.asta)
    with clock.at(factories.MONDAY + timedelta(days=1)):
        guardians.send_link(young, guardian=mona, by=cast.asta)


def test_who_names_in_many_cases_is_counted_over_all_of_them(world, cast):
    cases = [young_draft(world, cast, f"Asta {number}") for number in range(6)]

    def name(case, number):
        guardians.invite_guardian(
            case, name="N", email=f"n{number}@example.org", relation="Mor", by=cast.asta
        )

    for number in range(guardians.MOST_MAILS_A_DAY):
        name(cases[number // 2], number)
    with pytest.raises(Refusal, match="a lot for one day"):
        name(cases[5], 10)
    with clock.at(factories.MONDAY + timedelta(days=1)):
        name(cases[5], 10)


def test_one_address_gets_five_such_mails_a_day_from_everybody(world, young, mona, cast):
    for number in range(addresses.MOST_TO_ONE_A_DAY):
        other = factories.user(f"Barn {number}")
        case = young_draft(world, cast, "Barn", contact=other)
        named = factories.guardian(case, mona.user)
        actions.submit(case, by=other)
    assert ConsentLink.objects.filter(guardian=named).exists()
    assert Mail.objects.filter(to=mona.user).count() == 5
    with pytest.raises(Refusal, match="a lot for one day"):
        guardians.send_link(young, guardian=mona, by=cast.asta)
    other = factories.user("Et til")
    case = young_draft(world, cast, "Et til", contact=other)
    factories.guardian(case, mona.user)
    actions.submit(case, by=other)
    assert Mail.objects.filter(to=mona.user).count() == 5


def test_ten_drafts_in_a_call_are_as_many_as_somebody_has(world, cast):
    for number in range(actions.MOST_DRAFTS):
        last = young_draft(world, cast, f"Asta {number}")
    with pytest.raises(Refusal, match="many drafts"):
        young_draft(world, cast, "Asta 10")
    actions.withdraw(last, by=cast.asta)
    young_draft(world, cast, "Asta 10")


# Who names them, and whom


def test_the_office_and_the_committee_are_not_named_and_nobody_learns_why(young, cast):
    for who in [cast.frida, cast.gorm, cast.hanne, cast.esther]:
        with pytest.raises(Refusal, match="Write to the secretariat"):
            guardians.invite_guardian(
                young, name="X", email=who.email.upper(), relation="Mor", by=cast.asta
            )
    assert not Guardian.objects.exists()


def test_a_caseworker_who_is_asked_keeps_the_case_until_they_have_said_yes(young, cast):
    asked = factories.guardian(young, cast.frida)
    assert young.roles_of(cast.frida) >= {Role.CASEWORKER, Role.GUARDIAN}
    factories.consent(young, asked)
    assert young.roles_of(cast.frida) == {Role.GUARDIAN}
    guardians.withdraw_consent(young, guardian=asked, by=cast.frida)
    assert young.roles_of(cast.frida) == {Role.GUARDIAN}


def test_a_member_who_is_asked_has_a_part_in_the_vote_until_they_have_said_yes(young, cast):
    asked = factories.guardian(young, cast.esther)
    assert aside_obstacle(young, cast.esther) is None
    factories.consent(young, asked)
    assert "take part in this application yourself" in aside_obstacle(young, cast.esther)


def test_who_writes_along_names_and_removes_nobody(young, mona, cast):
    young.team.create(user=cast.bo, name="Bo")
    acts = [
        lambda: guardians.invite_guardian(
            young, name="F", email="f@example.org", relation="Far", by=cast.bo
        ),
        lambda: guardians.send_link(young, guardian=mona, by=cast.bo),
        lambda: guardians.remove_guardian(young, guardian=mona, by=cast.bo),
    ]
    for act in acts:
        with pytest.raises(Refusal, match="Only the contact"):
            act()
    assert Guardian.objects.get() == mona


def test_a_guardian_reads_and_answers_for_what_they_were_asked_about(world, young, mona, cast):
    other = factories.draft(world, cast.asta, who=young.applicant)
    assert list(own_applications(mona.user)) == [young]
    assert other.roles_of(mona.user) == set()
    Applicant.objects.update(birth_date=date(1999, 1, 1))
    actions.submit(fresh(other), by=cast.asta)
    Applicant.objects.update(birth_date=BORN)
    with pytest.raises(Refusal, match="have not been asked"):
        factories.consent(fresh(other), mona)
    assert not Consent.objects.exists()
    guardians.send_link(fresh(other), guardian=mona, by=cast.asta)
    assert set(own_applications(mona.user)) == {young, other}
    factories.consent(fresh(other), mona)


@pytest.mark.parametrize(
    "email", ["asta+mor@example.org", "Asta+@EXAMPLE.org", "bo+x+y@example.org"]
)
def test_an_address_with_a_tag_is_the_address(young, cast, email):
    young.team.create(user=cast.bo, name="Bo")
    with pytest.raises(Refusal, match="somebody else than you"):
        guardians.invite_guardian(young, name="X", email=email, relation="Mor", by=cast.asta)


def test_one_parent_with_a_tag_is_not_two(young, mona, cast):
    with pytest.raises(Refusal, match="named them already"):
        guardians.invite_guardian(
            young, name="X", email="mona+far@example.org", relation="Far", by=cast.asta
        )


def test_a_dot_makes_another_address_and_a_yes_by_the_link_is_known_as_one(young, mona, cast):
    guardians.invite_guardian(
        young, name="X", email="as.ta@example.org", relation="Far", by=cast.asta
    )
    guardians.send_link(young, guardian=mona, by=cast.asta)
    by_link = guardians.give_consent_by_link(newest_link(mona), **YES)
    assert by_link.came_by_link
    guardians.withdraw_consent(young, guardian=mona, by=mona.user)
    with clock.at(factories.MONDAY + timedelta(hours=1)):
        assert not factories.consent(young, mona).came_by_link


def test_so_many_guardians_and_no_more(young, cast):
    def name(number):
        guardians.invite_guardian(
            young, name="N", email=f"n{number}@example.org", relation="Mor", by=cast.asta
        )

    for number in range(guardians.MOST_GUARDIANS):
        name(number)
    with pytest.raises(Refusal, match="enough names"):
        name(99)
    assert Guardian.objects.count() == guardians.MOST_GUARDIANS


def test_a_token_is_long_and_made_of_nothing_else_that_is_kept():
    seed = secret_links.new_seed()
    assert len(secret_links.token(seed)) == 64
    assert secret_links.token(seed) == secret_links.token(seed)
    assert secret_links.token(seed) != secret_links.token(secret_links.new_seed())
    whole = secret_links.with_tokens(f"Før {seed}/ efter")
    assert seed not in whole
    assert secret_links.token(seed) in whole


@given(st.text(max_size=200))
def test_the_form_takes_whatever_names_people_have_and_breaks_on_none(typed):
    form = ConsentForm(
        {"name": typed, "relation": "Mor", "is_joint": "False", "document": "x"}, document="x"
    )
    try:
        is_fine = form.is_valid()
    except ValidationError:
        pytest.fail("A form says what is wrong, and does not break.")
    assert not is_fine or form.said()["name"] == typed.strip()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_link_used_twice_at_once_is_one_consent(world, cast):
    """Slow: two real connections."""
    draft = factories.draft(world, cast.asta, who=factories.applicant(cast.asta, birth_date=BORN))
    mona = factories.guardian(draft, factories.user("Mona"))
    actions.submit(draft, by=cast.asta)
    link, barrier = newest_link(mona), Barrier(2)

    def use(number):
        try:
            with clock.at(factories.MONDAY):
                barrier.wait(timeout=20)
                return guardians.give_consent_by_link(link, **YES).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(use, range(2))
    assert first == second
    assert Consent.objects.count() == 1
    assert LogEntry.objects.filter(event="consent_given").count() == 1
    assert audit.verify().fits
