"""The demo: something to see in every list and every status."""

import io
import re
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Sum
from django.test import override_settings

from applicants.accounts import check_iban
from applicants.models import BankAccount, User
from committee.seats.models import Member
from committee.votes.models import Vote
from grants.applications.facts import facts_of
from grants.applications.models import Application
from grants.decisions.models import ChangeRequest, Decision, Grant
from grants.letters.models import Letter, Mail
from grants.payouts.models import FinalReport, PaymentBatch, Payout, Repayment
from grants.pools.models import Call, Contribution, Municipality, Pool, PoolRole, Question
from grants.pools.reference import load_municipalities
from grants.pools.rules import Facts, Rules, judge
from grants.statistics import queries
from secretariat.stories import demo, material
from workflows import audit, clock
from workflows.lifecycle import ApplicationStatus, PayoutStatus, ReportStatus

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
]  # some four hundred acts and two dozen letters, made once


@pytest.fixture(scope="module", autouse=True)
def _told(django_db_setup, django_db_blocker):
    """The demo, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO=True):
        call_command("demo_data", stdout=io.StringIO())
        connection.check_constraints()  # what is deferred to the commit: a log entry a step
        yield
        transaction.set_rollback(True)


def test_there_is_an_application_in_every_status():
    assert set(Application.objects.values_list("status", flat=True)) == set(ApplicationStatus)


def test_there_is_a_payout_in_every_status():
    assert set(Payout.objects.values_list("status", flat=True)) == set(PayoutStatus)


def test_there_is_a_final_report_in_every_status():
    assert set(FinalReport.objects.values_list("status", flat=True)) == set(ReportStatus)


def test_there_are_some_forty_applications_by_as_many_people():
    assert Application.objects.count() == 45
    assert Application.objects.values("contact").distinct().count() == 45


def test_there_are_calls_in_each_phase():
    now = clock.now()
    assert Call.objects.filter(opens_at__gt=now).count() == 1
    assert [call.slug for call in Call.objects.all() if call.is_open and not call.closes_at] == [
        "smaapuljen"
    ]
    assert [call.slug for call in Call.objects.all() if call.is_open and call.closes_at] == [
        "fri-fantasi"
    ]
    assert Call.objects.filter(closes_at__lt=now).count() == 3


def test_every_case_that_was_sent_keeps_the_rules_of_its_call():
    sent = Application.objects.exclude(submitted_at=None).select_related("call__pool", "applicant")
    lacking = [
        (case.title, verdict.rule, verdict.sentence)
        for case in sent
        for verdict in judge(Rules.of(case.call), facts_of(case))
        if not verdict.holds
    ]
    assert lacking == []


def test_the_calls_show_what_rules_and_questions_there_can_be():
    rules = [Rules.of(call) for call in Call.objects.all()]
    verdicts = [{each.rule for each in judge(each, Facts())} for each in rules]
    assert {
        *["kind", "awards_per_year", "residence", "municipalities", "days_before_start"],
        *["black_outs", "public", "whole_budget", "own_wages"],
    } <= set.union(*verdicts)
    assert Question.objects.filter(kind="choice").exists()
    assert Question.objects.exclude(ask_if="").exists()


def test_all_art_forms_and_all_kinds_of_applicants_occur():
    art_forms = set(Application.objects.exclude(art_form="").values_list("art_form", flat=True))
    assert art_forms == set(Application.ArtForm)
    kinds = set(Application.objects.values_list("applicant__kind", flat=True))
    assert kinds == {"person", "group", "association"}


def test_the_committee_has_five_young_people_and_four_staff_and_one_chair():
    regular = Member.objects.filter(is_substitute=False)
    assert Counter(regular.values_list("seat", flat=True)) == {"young": 5, "staff": 4}
    assert set(Member.objects.filter(is_substitute=True).values_list("seat", flat=True)) == {
        "young",
        "staff",
    }
    assert Member.objects.get(is_chair=True).seat == "staff"


def test_every_role_in_the_pool_has_somebody():
    assert set(PoolRole.objects.values_list("role", flat=True)) == set(PoolRole.Name)


def test_nine_municipalities_pay_in_for_two_years():
    assert Contribution.objects.count() == 18
    assert {
        place.country for place in Municipality.objects.filter(contributions__isnull=False)
    } == {
        "DK",
        "SE",
    }


def test_what_municipalities_were_granted_adds_up():
    rows = queries.per_municipality(Pool.objects.get())
    granted = Grant.objects.filter(ended_at=None).aggregate(sum=Sum("amount_awarded"))["sum"]
    paid = Payout.objects.filter(status="paid").aggregate(sum=Sum("amount"))["sum"]
    assert sum(row.granted for row in rows) == granted
    assert sum(row.disbursed for row in rows) == paid


def test_the_figures_are_the_same_on_whatever_day_it_is_made():
    announced = Decision.objects.exclude(announced_at=None)
    assert announced.aggregate(sum=Sum("amount_awarded"))["sum"] == 627_000_00
    assert PaymentBatch.objects.count() == 7


def test_every_letter_has_its_bytes_and_every_mail_is_sent():
    about_decisions = Letter.objects.exclude(kind__in=["change", "minutes"])
    assert about_decisions.count() == Decision.objects.exclude(announced_at=None).count()
    assert all(bytes(letter.pdf).startswith(b"%PDF") for letter in Letter.objects.all())
    assert set(Letter.objects.values_list("kind", flat=True)) == set(Letter.Kind)
    assert not Mail.objects.filter(sent_at=None).exists()


def test_no_letter_has_a_character_that_its_font_lacks():
    assert [letter.replaced_characters for letter in Letter.objects.all()] == [[]] * (
        Letter.objects.count()
    )


def test_the_log_fits():
    verdict = audit.verify()
    assert verdict.fits, verdict.misfit


def test_nothing_happens_in_the_future():
    now = clock.now()
    assert not Application.objects.filter(submitted_at__gt=now).exists()
    assert not Letter.objects.filter(issued_at__gt=now).exists()
    assert not Vote.objects.filter(cast_at__gt=now).exists()


def test_a_vote_without_a_quorum_waits_for_somebody():
    iftar = Application.objects.get(title__startswith="Iftar")
    assert iftar.vote_windows.get().escalated_at


def test_a_member_stands_aside():
    assert set(Application.objects.filter(recusals__isnull=False).values_list("title", flat=True))


def test_a_surplus_has_been_paid_back():
    assert Repayment.objects.filter(application__status="completed").get().paid_on


def test_a_change_was_granted_and_another_waits_for_an_answer():
    asked = ChangeRequest.objects.order_by("is_granted")
    assert sorted(asked.values_list("is_granted", flat=True), key=str) == [None, True]
    assert asked.get(is_granted=True).letter.pdf


def test_the_youngest_have_guardians_who_gave_consent_but_one():
    waiting = [
        application.reference
        for application in Application.objects.exclude(status="draft")
        if application.minor_when_applying and not application.has_consent()
    ]
    assert waiting == [Application.objects.get(status="awarded").reference]


def test_everybody_is_reached_at_an_address_that_does_not_exist():
    assert not User.objects.exclude(email__endswith="@demo.ungepuljen.example").exists()


def test_accounts_check_out_and_are_in_no_bank():
    for iban in [account.iban for account in BankAccount.objects.all()]:
        assert check_iban(iban) == iban
        assert re.match("DK..9999|SE..999", iban)


def test_a_second_demo_is_refused_and_if_empty_does_nothing():
    with pytest.raises(CommandError, match="there already"):
        call_command("demo_data")
    call_command("demo_data", "--if-empty")
    assert Application.objects.count() == 45


def test_outside_demo_and_development_it_is_refused():
    with override_settings(DEMO=False, DEBUG=False), pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo_data")


def test_municipalities_are_loaded_once_and_stand_in_danish_order():
    before = list(Municipality.objects.values_list("pk", "place", "population"))
    assert load_municipalities() == Municipality.objects.count() == len(before)
    assert list(Municipality.objects.values_list("pk", "place", "population")) == before
    names = list(Municipality.objects.filter(country="DK").values_list("name", flat=True))
    assert names[0] == "Albertslund"
    assert names[-1] == "Aarhus"
    assert Municipality.objects.get(country="SE", name="Malmö").population == 366_000


def test_every_idea_is_somebodys_and_is_used():
    told = {case.idea for cases in demo.CASES.values() for case in cases}
    assert told == set(material.ideas())
    assert {idea.by for idea in material.ideas().values()} <= set(material.people())
