"""What an application tells its call's rules."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applicants.models import Applicant
from grants.applications.facts import facts_of
from grants.applications.models import Application
from grants.decisions import actions as decisions
from grants.decisions.models import Grant
from tests import factories
from tests.factories import MONDAY
from workflows import clock


@pytest.fixture
def application(world, cast):
    return factories.draft(world, cast.asta)


def facts(application):
    with clock.at(MONDAY):
        return facts_of(Application.objects.select_related("applicant").get(pk=application.pk))


def write(application, **columns):
    Application.objects.filter(pk=application.pk).update(**columns)
    return application


def budget(application, *lines):
    """lines: (kind, øre, nature)"""
    application.budget_lines.all().delete()
    for kind, amount, nature in lines:
        application.budget_lines.create(kind=kind, text="Noget", amount=amount, nature=nature)


def test_a_whole_application_tells_it_all(application, world):
    told = facts(application)
    assert told.applied_on == date(2026, 3, 2)
    assert (told.age, told.kind) == (21, "person")
    assert told.home == ("DK", "0101")
    assert told.places == {("DK", "0101"), ("DK", "0259")}
    assert (told.starts_on, told.ends_on) == (date(2026, 8, 1), date(2026, 9, 1))
    assert (told.amount, told.whole_budget, told.income) == (10_000_00, 10_000_00, 0)
    assert (told.own_wages, told.awards_this_year) == (False, 0)


def test_what_is_not_written_is_not_known(application):
    columns = ["home", "starts_on", "ends_on", "amount_applied_for", "is_public"]
    write(application, **dict.fromkeys(columns))
    application.municipal_parts.all().delete()
    application.budget_lines.all().delete()
    told = facts(application)
    unknown = [told.home, told.places, told.starts_on, told.ends_on, told.amount]
    assert [*unknown, told.whole_budget, told.own_wages, told.is_public] == [None] * 8


def test_a_line_without_its_amount_leaves_the_sum_open(application):
    budget(application, ("expense", 100_00, ""), ("expense", None, ""), ("income", None, "sought"))
    told = facts(application)
    assert (told.whole_budget, told.income) == (None, None)


def test_wages_to_oneself_are_seen(application):
    budget(application, ("expense", 100_00, ""), ("expense", 1_00, "own_wage"))
    assert facts(application).own_wages is True


@pytest.mark.parametrize(
    "birth_date, age",
    [
        (date(2013, 3, 2), 13),  # the birthday itself
        (date(2013, 3, 3), 12),
        (date(2012, 2, 29), 14),
        (date(2030, 1, 1), None),
    ],
)
def test_the_age_is_that_of_the_day_of_applying(application, birth_date, age):
    Applicant.objects.filter(pk=application.applicant_id).update(birth_date=birth_date)
    assert facts(application).age == age


def test_grants_of_this_year_in_other_cases_count(world, cast, application_at):
    first = application_at("awarded", who=factories.applicant(cast.asta))
    own = facts(first).awards_this_year
    other = factories.draft(world, cast.asta, who=first.applicant)
    stranger = factories.draft(world, cast.cille)
    assert (own, facts(other).awards_this_year, facts(stranger).awards_this_year) == (0, 1, 0)


def test_handing_the_contact_over_makes_no_grant_fewer(world, cast, application_at):
    first = application_at("awarded")
    other = factories.draft(world, cast.asta, who=first.applicant)
    Application.objects.filter(pk=first.pk).update(contact=cast.bo)
    assert facts(other).awards_this_year == 1
    Application.objects.filter(pk=other.pk).update(contact=cast.bo)
    assert facts(other).awards_this_year == 1
    assert facts(factories.draft(world, cast.bo)).awards_this_year == 0


def test_a_grant_that_ended_or_is_of_last_year_does_not_count(world, cast, application_at):
    first = application_at("awarded")
    other = factories.draft(world, cast.asta, who=first.applicant)
    Grant.objects.filter(application=first).update(award_date=date(2025, 12, 31))
    assert facts(other).awards_this_year == 0
    Grant.objects.filter(application=first).update(award_date=date(2026, 1, 1))
    assert facts(other).awards_this_year == 1
    with clock.at(MONDAY):
        decisions.decline_grant(Application.objects.get(pk=first.pk), by=cast.asta)
    assert facts(other).awards_this_year == 0


def test_it_asks_as_much_for_a_long_budget_as_for_a_short_one(application, world):
    def asked_for():
        row = Application.objects.select_related("call__pool", "applicant").get(pk=application.pk)
        with CaptureQueriesContext(connection) as asked:
            facts_of(row)
        return len(asked)

    few = asked_for()
    assert few <= 4
    application.municipal_parts.create(municipality=world.places[2], percent=1)
    budget(application, *[("expense", 100, "")] * 30)
    assert asked_for() == few
