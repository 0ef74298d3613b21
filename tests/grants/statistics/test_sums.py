"""The rows add up to the applications, grants and payouts themselves, to the øre."""

from datetime import date, timedelta

import pytest
from django.db.models import Sum
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from grants.applications.actions import submit
from grants.applications.models import Application
from grants.decisions.models import Grant, MunicipalShare
from grants.payouts import actions as payouts
from grants.payouts.models import Payout
from grants.statistics.queries import per_municipality, totals
from tests import factories
from workflows import clock

MARCH = factories.MONDAY + timedelta(days=20)
SUMMED = ["contributed", "applied_for", "granted", "disbursed"]


def by_name(rows):
    return {row.municipality.name: row for row in rows}


def assert_rows_equal_totals(pool, **asked):
    rows, whole = per_municipality(pool, **asked), totals(pool, **asked)
    for name in SUMMED:
        assert sum(getattr(row, name) for row in rows) == getattr(whole, name), name
    return rows, whole


class AnyAmountsAndParts(TestCase):
    """Grants of any amount, shared by any percentages, paid in two parts.

    Slow: each example walks several applications through their lives.
    """

    pytestmark = pytest.mark.slow

    @hypothesis_settings(max_examples=5)
    @given(
        cases=st.lists(
            st.tuples(
                st.integers(500_00, 9_000_00),
                st.integers(1, 97).flatmap(
                    lambda first: st.tuples(st.just(first), st.integers(1, 98 - first))
                ),
                st.sampled_from(["submitted", "accepted", "advance paid", "all paid"]),
            ),
            min_size=1,
            max_size=3,
        ),
        advance=st.integers(1, 100),
    )
    def test_sums_agree(self, cases, advance):
        world = factories.world()
        world.call.advance_percent = advance
        world.call.save()
        cast = factories.cast(world)
        for amount, (first, second), reached in cases:
            parts = zip(world.places, [first, second, 100 - first - second], strict=True)
            live(world, cast, reached, amount=amount, parts=list(parts))
        rows, whole = assert_rows_equal_totals(world.pool)
        assert whole.applied_for == sum(amount for amount, *_rest in cases)
        assert whole.granted == sum(MunicipalShare.objects.values_list("amount", flat=True))
        assert whole.granted == sum(Grant.objects.values_list("amount_awarded", flat=True))
        paid = Payout.objects.filter(status="paid").aggregate(sum=Sum("amount"))["sum"] or 0
        assert whole.disbursed == paid
        assert_rows_equal_totals(world.pool, since=MARCH.date())
        assert_periods_add_up(world.pool, rows)


def assert_periods_add_up(pool, rows):
    for day in (MARCH.date(), MARCH.date() + timedelta(days=1)):
        before = by_name(per_municipality(pool, until=day - timedelta(days=1)))
        after = by_name(per_municipality(pool, since=day))
        for row in rows:
            name = row.municipality.name
            parts = [found[name].disbursed for found in (before, after) if name in found]
            assert sum(parts) == row.disbursed


def live(world, cast, reached, **given):
    status = "submitted" if reached == "submitted" else "accepted"
    application = factories.application_at(status, world, cast, **given)
    if not reached.endswith("paid"):
        return
    with clock.at(MARCH):
        pay(application, cast, "advance")
    if reached == "all paid":
        with clock.at(MARCH + timedelta(days=1)):
            factories.report(application, cast)
            pay(application, cast, "final")


def pay(application, cast, kind):
    for instalment in application.current_grant().instalments.filter(kind=kind):
        payout = payouts.plan(instalment, by=cast.frida)
        payouts.approve(payout, by=cast.gorm)
        payouts.release([payout], by=cast.gorm)
        payouts.confirm(payout, by=cast.frida)


pytestmark = pytest.mark.django_db


def test_a_grant_that_is_paid_out_has_its_stored_shares(world, cast):
    thirds = list(zip(world.places, [34, 33, 33], strict=True))
    live(world, cast, "all paid", amount=1_000_01, parts=thirds)
    for row in per_municipality(world.pool):
        share = MunicipalShare.objects.get(municipality=row.municipality)
        assert (row.granted, row.disbursed) == (share.amount, share.amount)


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_what_is_not_sent_does_not_count(application_at, world, status):
    application_at(status)
    assert totals(world.pool).applied_for == 0
    assert {row.applications for row in per_municipality(world.pool)} == {0}


@pytest.mark.parametrize("status", ["submitted", "recommended", "decided", "rejected", "lapsed"])
def test_nothing_is_granted_before_it_is_told_or_after_it_ended(application_at, world, status):
    application_at(status)
    rows, whole = assert_rows_equal_totals(world.pool)
    assert (whole.granted, whole.awards, whole.applications) == (0, 0, 1)
    assert by_name(rows)["København"].applied_for == 6_700_00
    assert by_name(rows)["Køge"].applied_for == 3_300_00


def test_a_returned_payout_is_not_paid_out(application_at, world, cast):
    application = application_at("accepted")
    with clock.at(MARCH):
        pay(application, cast, "advance")
        assert totals(world.pool).disbursed == 10_000_00
        payouts.bounce(Payout.objects.get(), by=cast.frida, reason="Lukket")
    assert_rows_equal_totals(world.pool)
    assert totals(world.pool).disbursed == 0


def test_a_shared_project_counts_in_each_and_once_in_all(application_at, world):
    application_at("awarded")
    application_at("awarded", parts=[(world.places[0], 100)])
    rows, whole = assert_rows_equal_totals(world.pool)
    assert {name: row.awards for name, row in by_name(rows).items()} == {
        "København": 2,
        "Køge": 1,
        "Malmö": 0,
    }
    assert (whole.awards, whole.cross_municipal, whole.cross_municipal_percent) == (2, 1, 50)


def test_a_municipality_outside_the_pool_is_counted_too(application_at, world):
    place = factories.municipalities()[2]
    world.pool.contributions.filter(municipality=place).delete()
    application_at("awarded", parts=[(place, 100)])
    rows, _whole = assert_rows_equal_totals(world.pool)
    assert by_name(rows)["Malmö"].granted == 10_000_00
    assert by_name(rows)["Malmö"].contributed == 0


def test_call_and_year_pick(application_at, world, cast):
    application = application_at("awarded")
    other = factories.world("anden")
    assert totals(other.pool).applied_for == 0
    for asked in ({"call": world.call}, {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}):
        _rows, whole = assert_rows_equal_totals(world.pool, **asked)
        assert whole.granted == application.current_grant().amount_awarded
    _rows, whole = assert_rows_equal_totals(world.pool, since=date(2027, 1, 1))
    assert (whole.granted, whole.applied_for, whole.contributed) == (0, 0, 0)


def test_a_day_is_a_day_in_denmark(world, cast):
    """Sent at 00.30 on the 1st of March in Denmark is sent on the last of February in UTC."""
    midnight = factories.MONDAY.replace(day=1, hour=23, minute=30) - timedelta(days=1)
    factories.application_at("draft", world, cast)
    with clock.at(midnight):
        submit(Application.objects.get(), by=cast.asta)
    assert totals(world.pool, since=date(2026, 3, 1)).applications == 1
    assert totals(world.pool, until=date(2026, 2, 28)).applications == 0


def test_amounts_per_inhabitant_need_inhabitants(application_at, world):
    place = world.places[0]
    application_at("awarded")
    assert by_name(per_municipality(world.pool))["København"].granted_per_inhabitant is None
    type(place).objects.filter(pk=place.pk).update(population=1_000)
    assert by_name(per_municipality(world.pool))["København"].granted_per_inhabitant == 670


def test_rows_stand_in_danish_order(world):
    assert [row.municipality.place for row in per_municipality(world.pool)] == [0, 1, 2]
