"""Planning, approving, releasing, confirming: each act, each refusal."""

from dataclasses import replace
from datetime import date

import pytest

from applicants import actions as applicants
from grants.applications import guardians
from grants.applications.models import Application
from grants.decisions import actions as decisions
from grants.letters.models import Mail
from grants.payouts import actions, pain001
from grants.payouts.models import PaymentBatch, Payout
from tests import factories
from workflows import audit
from workflows.models import Checkpoint, LogEntry

pytestmark = pytest.mark.django_db


def test_saying_yes_writes_down_what_is_due(accepted):
    grant = accepted.current_grant()
    assert grant.accepted_at is not None
    assert [(part.kind, part.amount) for part in grant.instalments.all()] == [
        ("advance", 10_000_00)
    ]


def test_an_advance_and_a_final_instalment_add_up(world, application_at):
    world.call.advance_percent = 80
    world.call.save()
    grant = application_at("accepted").current_grant()
    assert sorted((part.kind, part.amount) for part in grant.instalments.all()) == [
        ("advance", 8_000_00),
        ("final", 2_000_00),
    ]


def test_a_payout_remembers_the_account_and_has_an_id_that_banks_read(instalment, cast):
    payout = actions.plan(instalment, by=cast.frida)
    assert payout.status == "planned"
    assert payout.account == instalment.grant.application.applicant.bank_account()
    assert payout.end_to_end_id == f"{instalment.grant.application.reference}-A1"
    assert pain001.IDENTIFIER.fullmatch(payout.end_to_end_id)


@pytest.mark.parametrize("who", ["asta", "cille", "gorm", "hanne", "esther"])
def test_only_a_caseworker_plans(instalment, cast, refused, who):
    refused("role", actions.plan, instalment, by=getattr(cast, who))
    assert not Payout.objects.exists()


def test_a_caseworker_of_another_pool_is_a_stranger(instalment, refused):
    other = factories.world("anden")
    stranger = factories.role(factories.user("Kaj"), other.pool, "caseworker")
    refused("role", actions.plan, instalment, by=stranger)


def test_an_instalment_on_its_way_is_not_planned_again(instalment, cast, refused):
    actions.plan(instalment, by=cast.frida)
    refused("on its way", actions.plan, instalment, by=cast.frida)
    assert Payout.objects.count() == 1


def test_an_ended_grant_is_not_paid(instalment, accepted, cast, refused):
    decisions.lapse(accepted, by=cast.frida)
    refused("accepted grant", actions.plan, instalment, by=cast.frida)


def test_the_final_instalment_waits_for_the_report(world, application_at, payout_at, cast, refused):
    world.call.advance_percent = 80
    world.call.save()
    application = application_at("accepted")
    advance, final = application.current_grant().instalments.order_by("kind")
    refused("final report", actions.plan, final, by=cast.frida)
    payout_at("paid", advance)
    factories.report(application, cast)
    assert actions.plan(final, by=cast.frida).end_to_end_id.endswith("-F1")


def test_who_planned_does_not_approve(payout_at, cast, world, refused):
    factories.role(cast.frida, world.pool, "approver")
    refused("planned this payout yourself", actions.approve, payout_at("planned"), by=cast.frida)


def test_a_caseworker_does_not_approve(payout_at, cast, refused):
    refused("role", actions.approve, payout_at("planned"), by=cast.frida)


def test_an_approval_can_be_removed(payout_at, cast):
    payout = payout_at("approved")
    assert payout.approved_by == cast.gorm
    actions.unapprove(payout, by=cast.frida)
    payout.refresh_from_db()
    assert (payout.status, payout.approved_by) == ("planned", None)


def test_a_changed_account_wants_a_new_payout(payout_at, accepted, cast, refused):
    payout = payout_at("approved")
    applicants.name_account(
        accepted.applicant, holder="Asta", iban=factories.ANOTHER_ACCOUNT, by=cast.asta
    )
    refused("account has changed", actions.release, [payout], by=cast.gorm)
    payout = Payout.objects.get()
    assert (payout.status, payout.batch) == ("approved", None)
    actions.cancel(payout, by=cast.frida)
    again = actions.plan(payout.instalment, by=cast.frida)
    assert again.account.version == 2
    assert again.end_to_end_id.endswith("-A2")


def test_releasing_makes_a_file_that_banks_accept(payout_at, cast, world):
    payout = payout_at("approved")
    batch = actions.release([payout], by=cast.gorm)
    file = bytes(PaymentBatch.objects.get().file)
    assert pain001.validate(file) == []
    assert len(batch.reference) <= 31
    assert (batch.amount, batch.count) == (10_000_00, 1)
    for told in [payout.end_to_end_id, factories.ASTAS_ACCOUNT, "10000.00", batch.reference]:
        assert told.encode() in file
    payout.refresh_from_db()
    assert (payout.status, payout.batch) == ("sent", batch)


def test_releasing_is_told_and_sealed(payout_at, cast):
    batch = actions.release([payout_at("approved")], by=cast.gorm)
    entry = LogEntry.objects.get(stream=f"batch:{batch.reference}")
    assert entry.facts == {"sha256": batch.sha256, "amount": batch.amount, "count": 1}
    assert Checkpoint.objects.latest("number").occasion == "release"
    assert audit.verify().fits


def test_files_of_a_pool_are_numbered(application_at, payout_at, cast):
    first = actions.release([payout_at("approved")], by=cast.gorm)
    another = application_at("accepted").current_grant().instalments.get()
    second = actions.release([payout_at("approved", another)], by=cast.gorm)
    assert first.reference.endswith("-1")
    assert second.reference.endswith("-2")


def test_nothing_is_no_file(cast, refused, db):
    refused("at least one", actions.release, [], by=cast.gorm)


@pytest.mark.parametrize("who", ["frida", "hanne", "asta", "cille"])
def test_only_an_approver_releases(payout_at, cast, refused, who):
    refused("role", actions.release, [payout_at("approved")], by=getattr(cast, who))


def test_who_planned_does_not_release(payout_at, cast, world, refused):
    factories.role(cast.frida, world.pool, "approver")
    refused("planned", actions.release, [payout_at("approved")], by=cast.frida)


def test_who_decided_does_not_release_alone(accepted, instalment, cast, world, refused):
    planner = factories.role(factories.user("Lis"), world.pool, "caseworker")
    factories.role(cast.frida, world.pool, "approver")
    payout = actions.plan(instalment, by=planner)
    actions.approve(payout, by=cast.gorm)
    refused("decided", actions.release, [payout], by=cast.frida)
    assert actions.release([payout], by=cast.gorm).count == 1


def test_all_or_none_is_released(application_at, payout_at, cast, refused):
    good = payout_at("approved")
    another = application_at("accepted").current_grant().instalments.get()
    planned = payout_at("planned", another)
    refused(planned.end_to_end_id, actions.release, [good, planned], by=cast.gorm)
    assert not PaymentBatch.objects.exists()
    assert {payout.status for payout in Payout.objects.all()} == {"approved", "planned"}


def test_two_pools_do_not_share_a_file(payout_at, cast, refused):
    other = factories.world("anden")
    frank = factories.role(factories.user("Frank"), other.pool, "caseworker")
    factories.role(cast.gorm, other.pool, "approver")
    members = their_members(other)
    theirs = replace(cast, frida=frank, dines=members[0].user, members=members)
    application = factories.application_at("accepted", other, theirs)
    payout = actions.plan(application.current_grant().instalments.get(), by=frank)
    actions.approve(payout, by=cast.gorm)
    refused("one pool", actions.release, [payout, payout_at("approved")], by=cast.gorm)


def their_members(world):
    names = [("Mia", "staff", True), ("Nor", "young", False), ("Ole", "staff", False)]
    return [
        factories.seat(factories.user(name), world.committee, kind, is_chair=chair)
        for name, kind, chair in [*names, ("Pia", "young", False)]
    ]


def test_an_account_that_does_not_check_out_stops_the_file(payout_at, world, cast, refused):
    payout = payout_at("approved")
    world.pool.iban = "DK0000000000000000"
    world.pool.save()
    refused("bank", actions.release, [Payout.objects.get(pk=payout.pk)], by=cast.gorm)
    assert Payout.objects.get().status == "approved"


def test_money_is_confirmed_on_the_banks_day(payout_at, cast, accepted):
    payout = payout_at("sent")
    actions.confirm(payout, by=cast.frida, paid_on=date(2026, 3, 20))
    payout.refresh_from_db()
    assert (payout.status, payout.paid_on) == ("paid", date(2026, 3, 20))
    assert accepted.amount_paid() == 10_000_00


def test_money_is_not_confirmed_ahead(payout_at, cast, refused):
    refused(
        "lies ahead", actions.confirm, payout_at("sent"), by=cast.frida, paid_on=date(2026, 4, 1)
    )


@pytest.mark.parametrize("status", ["sent", "paid"])
def test_what_the_bank_returns_is_paid_again(payout_at, cast, accepted, status):
    payout = payout_at(status)
    actions.bounce(payout, by=cast.frida, reason="Kontoen er lukket")
    payout.refresh_from_db()
    assert (payout.status, payout.bank_reason) == ("returned", "Kontoen er lukket")
    assert accepted.amount_paid() == 0
    applicants.name_account(
        accepted.applicant, holder="Asta", iban=factories.ANOTHER_ACCOUNT, by=cast.asta
    )
    again = actions.plan(payout.instalment, by=cast.frida)
    actions.approve(again, by=cast.gorm)
    batch = actions.release([again], by=cast.gorm)
    actions.confirm(again, by=cast.gorm)
    assert accepted.amount_paid() == 10_000_00
    assert factories.ANOTHER_ACCOUNT.encode() in bytes(batch.file)


def test_the_contact_is_asked_to_check_the_account(payout_at, cast, accepted):
    actions.bounce(payout_at("sent"), by=cast.gorm, reason="Kontoen er lukket")
    mail = Mail.objects.latest("pk")
    assert mail.to == cast.asta
    assert accepted.get_absolute_url() in mail.text
    assert "lukket" not in mail.text


def test_the_banks_words_stay_out_of_the_log(payout_at):
    payout_at("returned")
    assert not LogEntry.objects.filter(facts__icontains="lukket").exists()


def test_a_return_without_a_reason_is_refused(payout_at, cast, refused):
    refused("reason", actions.bounce, payout_at("sent"), by=cast.frida, reason="  ")


@pytest.mark.parametrize("status", ["sent", "paid", "returned", "cancelled"])
def test_what_has_left_cannot_be_cancelled(payout_at, cast, refused, status):
    refused("status", actions.cancel, payout_at(status), by=cast.frida)


def test_a_refusal_names_the_row_of_many(application_at, payout_at, cast, refused):
    planned, other = payout_at("planned"), application_at("accepted")
    approved = payout_at("approved", other.current_grant().instalments.get())
    refused(
        approved.end_to_end_id, actions.each, actions.approve, [planned, approved], by=cast.gorm
    )
    assert Payout.objects.get(pk=planned.pk).status == "planned"


def test_a_minors_money_stops_when_the_consent_is_taken_back(world, cast, refused):
    young = factories.applicant(cast.asta, birth_date=date(2009, 1, 1))
    mother = factories.user("Mor")
    draft = factories.draft(world, cast.asta, who=young)
    guardian = factories.guardian(draft, mother)
    application = walk_on(draft, world, cast, consent_of=guardian)
    payout = actions.plan(application.current_grant().instalments.get(), by=cast.frida)
    guardians.withdraw_consent(application, guardian=guardian, by=mother)
    refused("consent", actions.approve, payout, by=cast.gorm)


def walk_on(application, world, cast, *, consent_of):
    """A draft's way to accepted, by the steps of the factory, with the guardian's consent."""
    for act, status in factories._ACCEPTED:
        application = Application.objects.get(pk=application.pk)
        act(application, world, cast)
        if status == "submitted":
            sent = Application.objects.get(pk=application.pk)
            factories.consent(sent, consent_of)
    return Application.objects.get(pk=application.pk)
