"""The one-minute check, and what a call tells of itself."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grants.pools.models import Call, Municipality
from tests.factories import MONDAY
from workflows import clock

FITS = {"age": "17", "starts_on": "2026-05-01", "amount": "9.000"}


@pytest.fixture(autouse=True)
def _on_monday(world):
    with clock.at(MONDAY):
        yield


@pytest.fixture
def ruled(world):
    """ruled(**columns): the call with these rules."""

    def with_rules(**columns):
        Call.objects.filter(pk=world.call.pk).update(**columns)

    return with_rules


def check(client, **told):
    return client.get("/calls/ukp-foraar/check/", told)


def words(client, **told):
    return check(client, **told).content.decode()


def home(place):
    return {"home": str(place.pk)}


def test_nobody_has_to_log_in_and_nothing_is_said_before_something_is_asked(client):
    page = words(client)
    assert "How old are you?" in page
    assert "you can apply" not in page


def test_what_fits_is_a_yes_that_leads_on(client, world):
    page = words(client, **FITS, **home(world.places[0]))
    assert "Yes, you can apply" in page
    assert f"/calls/{world.call.slug}/apply/" in page


def test_what_does_not_fit_is_explained_rule_by_rule(client, world):
    page = words(client, **FITS | {"age": "12", "amount": "90.000"})
    assert "No, not like this" in page
    assert "Let somebody of that age apply." in page
    assert "Ask for less." in page
    assert "It has not begun yet." in page
    assert "/apply/" not in page


def test_what_is_left_out_is_still_to_be_known(client):
    page = words(client, age="17", starts_on="", amount="")
    assert "It looks like it, but not everything is known" in page
    assert "can be applied for. Say how much." in page


def test_an_empty_check_is_no_answer(client):
    page = words(client, age="", starts_on="", amount="")
    assert "Answer a question or two first" in page
    assert "/apply/" not in page


def test_what_was_written_wrongly_is_said_and_kept(client):
    page = words(client, **FITS | {"age": "seventeen", "amount": "a lot"})
    assert "Write an amount in kroner" in page
    assert "seventeen" in page
    assert "Yes, you can apply" not in page


def test_it_asks_what_the_call_has_rules_for_and_no_more(client, ruled, world):
    asked = list(check(client).context["form"].fields)
    assert asked == ["age", "home", "starts_on", "amount"]
    ruled(kinds=["group"], residence="either", least_municipalities=2)
    world.call.black_outs.create(
        starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 31), reason="Lukket", reason_en="Closed"
    )
    asked = list(check(client).context["form"].fields)
    assert asked == ["age", "kind", "home", "places", "starts_on", "ends_on", "amount"]


def test_the_age_is_asked_and_not_the_birth_date(client):
    assert "birth" not in words(client)


def test_the_place_counts_as_the_call_says(client, ruled, world):
    ruled(residence="activity")
    outside = Municipality.objects.create(
        country="DK", code="0751", name="Aarhus", place=9, longitude=10, latitude=56
    )
    there = {"places": [str(world.places[0].pk)]}
    assert "Yes, you can apply" in words(client, **FITS, **home(outside), **there)
    page = words(client, **FITS, **home(outside), places=["elsewhere"])
    assert "Choose a place in one of them." in page


def test_enough_municipalities_are_counted_those_elsewhere_too(client, ruled, world):
    ruled(least_municipalities=2)
    one = {"places": [str(world.places[0].pk)]}
    assert "Find friends or a place in one more." in words(client, **FITS, **one)
    two = {"places": [str(world.places[0].pk), "elsewhere"]}
    assert "Yes, you can apply" in words(client, **FITS, **two)


@pytest.mark.parametrize("name", ["home", "places", "kind"])
def test_an_answer_that_is_none_of_the_choices_is_an_error(client, ruled, name):
    ruled(kinds=["group"], least_municipalities=2)
    for tried in ("999999", "x'--", "DK"):
        assert name in check(client, **FITS, **{name: tried}).context["form"].errors


def test_other_rules_are_told_to_remember(client, ruled):
    ruled(must_be_public=True, allows_own_wages=False)
    page = words(client, **FITS)
    assert "It is open to the public." in page
    assert "The money is not for wages" in page


def test_a_consultant_of_the_municipality_is_named(client, world):
    for place, name in zip(world.places, ("Kim", "Lis", "Mia"), strict=True):
        world.pool.consultants.create(municipality=place, name=name, email="hos@example.org")
    page = words(client, **FITS, **home(world.places[1]))
    assert "Lis" in page
    assert "Kim" not in page


def test_a_call_that_is_not_open_is_checked_but_not_begun(client, world):
    for moment, told in [
        (world.call.opens_at - timedelta(days=1), "You can begin your application on"),
        (world.call.closes_at + timedelta(days=1), "takes no more applications"),
    ]:
        with clock.at(moment):
            page = words(client, **FITS | {"starts_on": "2027-05-01"})
        assert told in page
        assert "/apply/" not in page


def test_nothing_is_kept(client, world):
    client.get("/")
    with CaptureQueriesContext(connection) as asked:
        answer = check(client, **FITS)
    assert all(each["sql"].startswith("SELECT") for each in asked)
    assert "sessionid" not in answer.cookies


# --- the call's own page --------------------------------------------------------------------------


def call_page(client):
    return client.get("/calls/ukp-foraar/").content.decode()


def test_a_call_spells_its_rules_out(client, ruled):
    ruled(residence="home", days_before_start=14, kinds=["person", "group"], must_be_public=True)
    page = call_page(client)
    for told in [
        "You are between 13 and 30 years old.",
        "You apply as one person or a group of friends.",
        "You live in one of the pool&#x27;s municipalities.",
        "It begins at least 14 days after you have sent the application.",
        "It is open to the public.",
        "København, Køge, Malmö",
    ]:
        assert told in page


def test_a_rolling_call_says_how_long_an_answer_takes(client, ruled):
    ruled(closes_at=None, answer_by=None, days_to_answer=21)
    page = call_page(client)
    assert "You get an answer within" in page
    assert "21 days" in page


def test_a_call_shows_what_got_money_before_and_whom_to_ask(client, world):
    world.pool.examples.create(
        title="Natbio",
        text="Film i gården.",
        text_en="Films in the yard.",
        amount=12_000_00,
        municipality=world.places[1],
        year=2025,
    )
    world.pool.consultants.create(
        municipality=world.places[1], name="Kim", email="kim@example.org", phone="33 00 00 00"
    )
    page = call_page(client)
    assert "Films in the yard." in page
    assert "Køge, 2025: 12.000,00" in page
    assert "mailto:kim@example.org" in page
    assert "/calls/ukp-foraar/check/" in page


def test_minutes_of_grace_are_not_advertised(client, ruled):
    ruled(grace_minutes=173)
    assert "173" not in call_page(client) + words(client, **FITS)


def test_a_call_asks_as_much_with_one_example_and_consultant_and_with_thirty(client, world):
    def asked_for():
        with CaptureQueriesContext(connection) as asked:
            call_page(client)
            words(client, **FITS, **home(world.places[0]))
        return len(asked)

    def one_more(number):
        world.pool.consultants.create(
            municipality=world.places[0], name=f"K{number}", email="k@example.org"
        )
        world.pool.examples.create(
            title=f"E{number}",
            text="E",
            text_en="E",
            amount=1,
            year=2025,
            municipality=world.places[number % 3],
        )
        world.call.black_outs.create(
            starts_on=date(2027, 7, 1), ends_on=date(2027, 7, 2), reason="Nej", reason_en="No"
        )

    one_more(0)
    asked_for()
    one = asked_for()
    for number in range(1, 30):
        one_more(number)
    assert asked_for() == one
