"""The figures as pages and as a sheet, for those who may see all and for everybody."""

import csv
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from grants.pools.models import Municipality
from grants.statistics import sheet
from tests import factories
from workflows import clock

pytestmark = pytest.mark.django_db

INDEX, SHEET = reverse("statistics:index"), reverse("statistics:csv")


def page(client, where=INDEX, **asked):
    return client.get(where, asked, headers={"accept-language": "da"}).content.decode()


def cells(client, **asked):
    content = client.get(SHEET, asked, headers={"accept-language": "en"}).content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.fixture
def reader(world):
    return factories.role(
        factories.user("Ria"),
        world.pool,
        "municipality_reader",
        municipality=world.places[0],
    )


@pytest.mark.parametrize("who", ["frida", "gorm", "hanne"])
def test_the_house_sees_everything(application_at, cast, as_user, who):
    application_at("awarded")
    assert "6.700,00" in page(as_user(getattr(cast, who))).replace("\u00a0", " ")


def test_a_municipality_sees_the_whole_table(application_at, reader, as_user):
    application_at("awarded")
    assert "6.700,00" in page(as_user(reader))
    assert "3.300,00" in page(as_user(reader))


@pytest.mark.parametrize("who", ["asta", "cille", None])
def test_the_public_sees_no_amount_with_few_grants_behind_it(
    application_at, cast, client, as_user, who
):
    application_at("awarded")
    visitor = as_user(getattr(cast, who)) if who else client
    for where in (INDEX, SHEET):
        for leak in ["6.700", "3.300", "10.000", "6700", "3300"]:
            assert leak not in page(visitor, where)


def test_the_public_does_not_learn_where_somebody_only_applied_from(
    application_at, world, cast, client, as_user
):
    far = Municipality.objects.create(
        country="DK", code="0400", name="Bornholm", place=9, longitude=15, latitude=55
    )
    application_at("submitted", parts=[(world.places[0], 50), (far, 50)])
    for where in (INDEX, SHEET):
        assert "Bornholm" not in page(client, where)
        assert "Malmö" in page(client, where)
    assert "Bornholm" in page(as_user(cast.frida))


def test_the_public_cannot_choose_what_could_be_subtracted(application_at, world, client):
    for _number in range(5):
        application_at("awarded", amount=1_000_00, parts=[(world.places[0], 100)])
    assert "5.000,00" in page(client)
    chosen = page(client, call=world.call.slug, year=2027)
    assert main_of(chosen) == main_of(page(client))
    assert cells(client) == cells(client, year=2027)


def main_of(page):
    return page[page.index("<main") : page.index("</main>")]


def test_another_pools_reader_is_the_public_here(application_at, world, as_user):
    other = factories.world("anden")
    stranger = factories.role(factories.user("Kaj"), other.pool, "caseworker")
    application_at("awarded")
    assert "6.700" not in page(as_user(stranger), pool=world.pool.code)


@pytest.mark.parametrize("status", ["recommended", "decided"])
def test_a_yes_that_is_not_told_is_in_nobodys_figures(application_at, cast, as_user, status):
    application_at(status)
    rows = cells(as_user(cast.frida))
    assert {row["Granted"] for row in rows} == {"0,00"}


def test_an_unknown_pool_is_not_there(world, client):
    assert client.get(INDEX, {"pool": "findes-ikke"}).status_code == 404


def test_without_a_pool_there_is_nothing(client, db):
    assert client.get(INDEX).status_code == 404


def test_filters_that_cannot_be_read_filter_nothing(application_at, cast, as_user):
    application_at("awarded")
    assert "6.700,00" in page(as_user(cast.frida), year="i fjor", call="findes-ikke")


def test_the_filters_pick(application_at, world, cast, as_user):
    application_at("awarded")
    client = as_user(cast.frida)
    assert "6.700,00" in page(client, year=2026, call=world.call.slug)
    empty = factories.Call.objects.create(**call_like(world.call))
    assert "6.700,00" not in page(client, call=empty.slug)


def call_like(call):
    kept = {
        field.attname: getattr(call, field.attname)
        for field in call._meta.concrete_fields
        if not field.primary_key
    }
    return kept | {"slug": "efteraar"}


def test_the_sheet_is_dated_and_written_as_here(application_at, cast, as_user):
    application_at("awarded")
    answer = as_user(cast.frida).get(SHEET)
    assert f"municipalities-ukp-{clock.today()}.csv" in answer["Content-Disposition"]
    assert "6700,00" in answer.content.decode("utf-8-sig")
    rows = cells(as_user(cast.frida))
    assert [row["Municipality"] for row in rows] == ["København", "Køge", "Malmö"]
    assert rows[0]["Granted"] == "6700,00"
    assert rows[0]["Applications"] == "1"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(world, cast, as_user, start):
    Municipality.objects.filter(pk=world.places[0].pk).update(name=f"{start}1+1")
    assert cells(as_user(cast.frida))[0]["Municipality"].startswith("'")


@pytest.mark.parametrize("amount, text", [(0, "0,00"), (5, "0,05"), (123450, "1234,50")])
def test_amounts_are_kroner_with_a_comma(amount, text):
    assert sheet.kroner(amount) == text


@pytest.mark.slow
def test_the_page_asks_the_same_number_of_queries_with_one_row_and_thirty(
    application_at, world, cast, as_user
):
    """Slow: applications walk through their lives."""
    application_at("accepted", parts=[(world.places[0], 100)])
    client = as_user(cast.frida)
    few = queries_of(client)
    places = Municipality.objects.bulk_create(
        Municipality(
            country="DK",
            code=f"9{number:03}",
            name=f"By {number}",
            place=number + 9,
            longitude=10 + number / 10,
            latitude=55 + number / 10,
        )
        for number in range(30)
    )
    for place in places[:8]:
        application_at("accepted", amount=1_000_00, parts=[(place, 100)])
    for place in places:
        world.pool.contributions.create(municipality=place, year=2026, amount=1)
    assert queries_of(client) == few


def queries_of(client):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(INDEX).status_code == 200
        assert client.get(SHEET).status_code == 200
    return len(asked)
