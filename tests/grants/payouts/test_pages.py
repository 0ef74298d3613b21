"""The payments desk as people meet it."""

import hashlib
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applicants.actions import name_account
from applicants.models import Applicant
from grants.payouts import actions, pain001
from grants.payouts.models import FinalReport, Instalment, PaymentBatch, Payout, Repayment
from tests import factories
from tests.grants.payouts.conftest import LATER
from tests.grants.payouts.test_ending import answers
from workflows import clock

pytestmark = pytest.mark.django_db

LIST = reverse("payouts:list")
PAID = 4  # where walk_to has money paid
SEEN = re.compile('name="seen" value="([^"]+)"')
GETS = ["list", "files", "reports", "repayments"]


def statuses():
    return sorted(Payout.objects.values_list("status", flat=True))


@pytest.mark.parametrize("page", GETS)
@pytest.mark.parametrize("who", ["frida", "gorm"])
def test_the_desk_opens_for_those_who_work_there(page, who, cast, as_user):
    assert as_user(getattr(cast, who)).get(reverse(f"payouts:{page}")).status_code == 200


@pytest.mark.parametrize("page", GETS)
@pytest.mark.parametrize("who", ["asta", "cille", "esther", "hanne"])
def test_the_desk_is_not_there_for_others(page, who, cast, as_user):
    assert as_user(getattr(cast, who)).get(reverse(f"payouts:{page}")).status_code == 404


def test_who_is_not_logged_in_is_sent_to_the_door(client, world):
    assert client.get(LIST).status_code == 302


def test_the_whole_way_through_the_pages(instalment, cast, as_user):
    frida, gorm = cast.frida, cast.gorm
    as_user(frida).post(reverse("payouts:plan"), {"pick": [instalment.pk]})
    pick = {"pick": [Payout.objects.get().pk]}
    as_user(gorm).post(reverse("payouts:approve"), pick)
    assert statuses() == ["approved"]
    preview = as_user(gorm).post(reverse("payouts:release"), pick)
    assert statuses() == ["approved"]
    for told in ["10.000,00", "Asta", "DK•• •••• •••• ••62 43"]:
        assert told in preview.content.decode().replace("\u00a0", " ")
    as_user(gorm).post(reverse("payouts:release"), pick | {"sure": "yes"})
    assert statuses() == ["sent"]
    asked = as_user(frida).post(reverse("payouts:confirm"), pick)
    assert asked.context["form"].is_bound is False
    as_user(frida).post(reverse("payouts:confirm"), pick | {"paid_on": "2026-03-21"})
    assert statuses() == ["paid"]
    assert Payout.objects.get().paid_on == date(2026, 3, 21)


def test_a_wrong_date_keeps_what_was_chosen(payout_at, cast, as_user):
    payout = payout_at("sent")
    form = {"pick": [payout.pk], "paid_on": "2031-01-01"}
    page = as_user(cast.frida).post(reverse("payouts:confirm"), form)
    assert f'name="pick" value="{payout.pk}"' in page.content.decode()
    assert "2031-01-01" in page.content.decode()
    assert statuses() == ["sent"]


@pytest.mark.parametrize("act", ["plan", "approve", "release", "confirm"])
def test_choosing_nothing_says_so(act, cast, as_user):
    page = as_user(cast.gorm).post(
        reverse(f"payouts:{act}"), HTTP_REFERER=f"http://testserver{LIST}"
    )
    assert page.status_code == 302
    assert page["Location"].endswith(LIST)


def test_who_planned_sees_why_they_cannot_approve(payout_at, cast, world, as_user):
    factories.role(cast.frida, world.pool, "approver")
    payout_at("planned")
    page = as_user(cast.frida).get(LIST, headers={"accept-language": "en"}).content.decode()
    assert "You planned it, so somebody else approves it." in page


def test_an_auditor_reads_and_has_no_buttons(payout_at, instalment, cast, world, as_user):
    auditor = factories.role(factories.user("Rie"), world.pool, "auditor")
    payout = payout_at("approved")
    page = as_user(auditor).get(LIST).content.decode()
    assert payout.end_to_end_id in page
    assert 'name="pick"' not in page
    assert "formaction" not in page


def test_a_protected_holder_is_told_to_those_who_pay(payout_at, accepted, cast, world, as_user):
    name_account(
        accepted.applicant, holder="Asta Hemmelig", iban=factories.ANOTHER_ACCOUNT, by=cast.asta
    )
    payout = payout_at("approved")
    Applicant.objects.filter(pk=accepted.applicant_id).update(is_protected=True)
    auditor = factories.role(factories.user("Rie"), world.pool, "auditor")
    for where in [LIST, reverse("payouts:bounce", args=[payout.pk])]:
        page = as_user(auditor).get(where).content.decode()
        assert "Hemmelig" not in page
        assert "••67 89" in page
        for who in (cast.frida, cast.gorm):
            assert "Asta Hemmelig" in as_user(who).get(where).content.decode()
    pick = {"pick": [payout.pk]}
    assert b"Hemmelig" not in as_user(auditor).post(reverse("payouts:release"), pick).content
    assert b"Hemmelig" in as_user(cast.gorm).post(reverse("payouts:release"), pick).content


@pytest.mark.parametrize("days, day", [(0, "23"), (1, "23"), (5, "27"), (6, "30")])
def test_the_bank_is_never_asked_to_pay_on_a_weekend(days, day, payout_at, cast, as_user):
    with clock.at(LATER + timedelta(days=days)):
        payout = payout_at("approved")
        pick = {"pick": [payout.pk]}
        preview = as_user(cast.gorm).post(reverse("payouts:release"), pick)
        assert preview.context["day_of_payment"] == date(2026, 3, int(day))
        batch = actions.release([payout], by=cast.gorm)
    assert f">2026-03-{day}</".encode() in bytes(batch.file)


@pytest.mark.parametrize("status", ["paid", "returned", "cancelled"])
def test_what_was_done_lately_is_of_the_last_thirty_days(status, payout_at, cast, as_user):
    payout = payout_at(status)
    client = as_user(cast.frida)
    with clock.at(LATER + timedelta(days=29)):
        assert list(client.get(LIST).context["recent"]) == [payout]
    with clock.at(LATER + timedelta(days=31)):
        assert not client.get(LIST).context["recent"]


def test_another_pools_rows_cannot_be_picked(payout_at, cast, as_user):
    payout = payout_at("planned")
    other = factories.world("anden")
    stranger = factories.role(factories.user("Kaj"), other.pool, "approver")
    as_user(stranger).post(reverse("payouts:approve"), {"pick": [payout.pk]})
    assert statuses() == ["planned"]
    for name in ["unapprove", "cancel", "bounce"]:
        where = reverse(f"payouts:{name}", args=[payout.pk])
        assert as_user(stranger).post(where, {"reason": "x"}).status_code == 404


def test_a_file_is_the_same_each_time(payout_at, cast, world, as_user):
    actions.release([payout_at("approved")], by=cast.gorm)
    batch = PaymentBatch.objects.get()
    where = reverse("payouts:file", args=[batch.reference])
    auditor = factories.role(factories.user("Rie"), world.pool, "auditor")
    downloads = [as_user(who).get(where).content for who in (cast.frida, cast.gorm, auditor)]
    assert len(set(downloads)) == 1
    assert hashlib.sha256(downloads[0]).hexdigest() == batch.sha256
    assert pain001.validate(downloads[0]) == []


@pytest.mark.parametrize("who", ["asta", "cille", "hanne"])
def test_a_file_has_a_door(payout_at, cast, as_user, who):
    batch = actions.release([payout_at("approved")], by=cast.gorm)
    where = reverse("payouts:file", args=[batch.reference])
    assert as_user(getattr(cast, who)).get(where).status_code == 404


def test_a_return_asks_for_the_banks_reason(payout_at, cast, as_user):
    payout = payout_at("sent")
    where = reverse("payouts:bounce", args=[payout.pk])
    assert as_user(cast.frida).get(where).status_code == 200
    assert as_user(cast.frida).post(where, {"reason": ""}).status_code == 200
    assert statuses() == ["sent"]
    as_user(cast.frida).post(where, {"reason": "Kontoen er lukket"})
    assert statuses() == ["returned"]
    page = as_user(cast.frida).get(LIST).content.decode()
    assert "Kontoen er lukket" in page


def test_a_changed_account_is_shown_and_cannot_be_ticked(payout_at, accepted, cast, as_user):
    payout = payout_at("planned")
    assert f'name="pick" value="{payout.pk}"' in as_user(cast.gorm).get(LIST).content.decode()
    name_account(accepted.applicant, holder="A", iban=factories.ANOTHER_ACCOUNT, by=cast.asta)
    page = as_user(cast.gorm).get(LIST).content.decode()
    assert f'name="pick" value="{payout.pk}"' not in page
    as_user(cast.gorm).post(reverse("payouts:cancel", args=[payout.pk]))
    assert statuses() == ["cancelled"]


def test_a_report_is_read_returned_and_approved(accepted, payout_at, cast, as_user):
    payout_at("paid")
    written = actions.save_report(accepted, by=cast.asta, **answers(accepted, left=1_000_00))
    where = reverse("payouts:report", args=[accepted.reference])
    assert as_user(cast.frida).get(where).status_code == 404  # not sent yet
    actions.submit_report(written, by=cast.asta)
    page = as_user(cast.frida).get(where).content.decode()
    assert "1.000,00" in page
    assert "<form" not in main_of(as_user(cast.gorm).get(where).content.decode())
    as_user(cast.frida).post(where, {"note": "Hvor mange?"})
    assert FinalReport.objects.get().status == "returned"
    actions.submit_report(FinalReport.objects.get(), by=cast.asta)
    approve = reverse("payouts:approve_report", args=[accepted.reference])
    as_user(cast.frida).post(approve)  # nothing has been seen
    assert FinalReport.objects.get().status == "submitted"
    seen = SEEN.search(as_user(cast.frida).get(where).content.decode()).group(1)
    as_user(cast.frida).post(approve, {"seen": seen})
    assert FinalReport.objects.get().status == "approved"
    owed = Repayment.objects.get()
    page = as_user(cast.frida).get(reverse("payouts:repayments")).content.decode()
    assert "1.000,00" in page
    settle = reverse("payouts:settle", args=[owed.pk])
    assert as_user(cast.frida).get(settle).status_code == 200
    as_user(cast.frida).post(settle, {"paid_on": "2026-03-21"})
    assert Repayment.objects.get().paid_on == date(2026, 3, 21)


def main_of(page):
    return page[page.index("<main") : page.index("</main>")]


@pytest.fixture
def many(world, cast, application_at):
    """many(count): so many accepted grants, their payouts spread over all statuses."""

    def made(count):
        world.call.budget = 10_000_000_00
        world.call.save()
        for number in range(count):
            application = application_at("accepted", amount=1_000_00)
            instalment = Instalment.objects.get(grant__application=application)
            walk_to(number % 6, instalment, cast)
            written = actions.save_report(application, by=cast.asta, **answers(application))
            if number % 6 == PAID:
                actions.submit_report(written, by=cast.asta)

    return made


def walk_to(step, instalment, cast):
    if step == 0:
        return
    payout = actions.plan(instalment, by=cast.frida)
    if step >= 2:
        actions.approve(payout, by=cast.gorm)
    if step >= 3:
        actions.release([payout], by=cast.gorm)
    if step == PAID:
        actions.confirm(payout, by=cast.frida)
    if step == 5:
        actions.bounce(payout, by=cast.frida, reason="Lukket")


@pytest.mark.slow
def test_lists_ask_the_same_number_of_queries_with_six_rows_and_thirty(many, cast, as_user):
    """Slow: thirty applications walk through their lives."""
    client = as_user(cast.frida)
    many(6)
    few = [queries_of(client, page) for page in GETS]
    many(24)
    assert [queries_of(client, page) for page in GETS] == few


def queries_of(client, page):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(f"payouts:{page}")).status_code == 200
    return len(asked)
