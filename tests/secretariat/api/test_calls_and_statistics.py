"""What everybody reads, and what only the house reads."""

import pytest

from grants.pools.models import Call
from grants.statistics import queries
from tests import factories


def test_the_first_page_tells_where_to_go_on(get, client, world):
    told = get(None, "")
    assert told.status_code == 200
    assert set(told.json()) == {"calls", "applications", "statistics", "schema"}
    for name in ("calls", "statistics", "schema"):
        assert client.get(told.json()[name]).status_code == 200


def test_anybody_reads_the_calls_in_danish(get, world, settings):
    settings.LANGUAGE_CODE = "da"
    told = get(None, "calls").json()["results"]
    assert [call["slug"] for call in told] == ["ukp-foraar"]
    assert get(None, "calls/ukp-foraar").json() == told[0]
    assert told[0]["is_open"] is True
    assert (told[0]["budget"], told[0]["greatest_amount"]) == (100_000_00, 25_000_00)
    assert told[0]["criteria"] == [
        {"position": 1, "name": "Fællesskab", "text": "Andre unge kan være med."}
    ]
    assert told[0]["guidelines"] == [{"paragraph": "§ 4", "text": "Åbent for alle."}]


def test_a_call_is_told_in_the_language_that_was_chosen(client, world):
    client.cookies["django_language"] = "en"
    told = client.get("/api/v1/calls/ukp-foraar").json()
    assert told["title"] == "Spring"
    assert told["conditions"] == ["Tell that the pool supports you."]
    assert told["guidelines"] == [{"paragraph": "§ 4", "text": "Open to all."}]


def test_a_call_that_does_not_exist_is_404(get, world):
    answer = get(None, "calls/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_many_calls_take_no_more_queries_than_one(client, world, django_assert_max_num_queries):
    call = world.call
    for number in range(29):
        call.pk, call.slug = None, f"round-{number}"
        call.save(force_insert=True)
    assert Call.objects.count() == 30
    with django_assert_max_num_queries(3):
        assert len(client.get("/api/v1/calls").json()["results"]) == 30


@pytest.mark.parametrize("name", ["frida", "gorm", "hanne"])
def test_the_house_reads_all_figures(name, get, application_at, cast, world):
    application_at("accepted")
    told = get(getattr(cast, name), "statistics").json()
    rows = queries.per_municipality(world.pool)
    assert told["is_public"] is False
    assert [
        (row["municipality"]["code"], row["contributed"], row["granted"], row["disbursed"])
        for row in told["municipalities"]
    ] == [(row.municipality.code, row.contributed, row.granted, row.disbursed) for row in rows]
    assert told["totals"]["granted"] == 10_000_00 == sum(row.granted for row in rows)


def test_the_public_reads_no_figure_with_fewer_than_five_grants_behind_it(
    get, application_at, cast
):
    application_at("accepted")
    for who in (None, cast.asta):
        told = get(who, "statistics?call=ukp-foraar").json()
        assert told["is_public"] is True
        assert told["totals"] is None
        assert [row["granted"] for row in told["municipalities"]] == [None, None, 0]
        assert {row["contributed"] for row in told["municipalities"]} == {None}


def test_the_house_can_ask_for_one_call(get, application_at, cast, world):
    application_at("accepted")
    world.call.pk, world.call.slug = None, "naeste"
    world.call.save(force_insert=True)
    assert get(cast.frida, "statistics?call=ukp-foraar").json()["totals"]["granted"] == 10_000_00
    assert get(cast.frida, "statistics?call=naeste").json()["totals"]["granted"] == 0


def test_a_pool_that_does_not_exist_is_404(get, world):
    assert get(None, "statistics?pool=nothing").status_code == 404


def test_a_readers_own_pool_comes_first(get, world):
    other = factories.world(code="anden")
    reader = factories.user("Lis")
    factories.role(reader, other.pool, "municipality_reader", municipality=other.places[0])
    assert get(reader, "statistics").json()["pool"] == "anden"
    assert get(reader, "statistics").json()["is_public"] is False
    assert get(reader, f"statistics?pool={world.pool.code}").json()["is_public"] is True
