"""The working list."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from grants.letters.models import Letter, Mail
from tests import factories
from workflows import clock


@pytest.fixture
def desk(cast, as_user):
    """desk(**filters): the list as Frida sees it."""
    client = as_user(cast.frida)
    return lambda **filters: client.get(reverse("desk:cases"), filters)


def shown(page):
    return {case.reference for case in page.context["page_obj"]}


def test_one_row_and_thirty_ask_the_same_number_of_queries(desk, received):
    received(1)
    desk()
    with CaptureQueriesContext(connection) as with_one:
        desk()
    received(29)
    with CaptureQueriesContext(connection) as with_thirty:
        page = desk()
    assert len(shown(page)) == 30
    assert len(with_thirty) == len(with_one)


def test_the_filters_stand_in_the_address(desk, received, world):
    radio, film = received(1)[0], received(1, title="Æblefilm", art_form="film")[0]
    assert shown(desk()) == {radio.reference, film.reference}
    assert shown(desk(art_form="film")) == {film.reference}
    assert shown(desk(q="æble")) == {film.reference}
    assert shown(desk(q=radio.reference.lower())) == {radio.reference}
    assert shown(desk(municipality=world.places[1].pk)) == {radio.reference, film.reference}
    assert shown(desk(municipality=world.places[2].pk)) == set()
    assert shown(desk(call=world.call.pk, status="submitted", art_form="film")) == {film.reference}
    assert shown(desk(status="eligible")) == set()


def test_a_filter_that_makes_no_sense_is_passed_over(desk, received):
    received(1)
    assert len(shown(desk(call="x", municipality="-1", sort="; drop", page="99"))) == 1


def test_a_protected_name_cannot_be_searched_for(desk, received):
    case = received(1)[0]
    case.applicant.name = "Skjult Navn"
    case.applicant.save()
    assert shown(desk(q="skjult")) == {case.reference}
    case.applicant.is_protected = True
    case.applicant.save()
    page = desk(q="skjult")
    assert shown(page) == set()
    assert "Skjult Navn" not in desk().content.decode()


def test_titles_are_sorted_as_danes_sort_them(desk, received):
    for title in ["Ørkenradio", "Åben scene", "Zinefest", "Ællingen", "ananas"]:
        received(1, title=title)
    titles = [case.title for case in desk(sort="title").context["page_obj"]]
    assert titles == ["ananas", "Zinefest", "Ællingen", "Ørkenradio", "Åben scene"]
    assert [case.title for case in desk(sort="-title").context["page_obj"]] == titles[::-1]


def test_each_column_sorts_both_ways(desk, received):
    received(2)
    for column in ["reference", "municipality", "status", "amount", "decided", "sent"]:
        there = [case.reference for case in desk(sort=column).context["page_obj"]]
        assert len(there) == 2
        assert len(shown(desk(sort=f"-{column}"))) == 2


def test_the_counts_follow_the_filters(desk, received):
    received(2)
    received(1, art_form="film")
    counts = {chip["code"]: chip["count"] for chip in desk(art_form="film").context["chips"]}
    assert counts == {"": 1, "submitted": 1}
    assert desk(status="submitted").context["count"] == 3


def test_what_did_not_go_by_itself_is_shown(desk, application_at):
    application = application_at("rejected")
    assert desk().context["looks"] is None
    Mail.objects.filter(letter=None).update(claimed_at=clock.now() - factories.timedelta(hours=1))
    letter = Letter.objects.get()
    with clock.at(letter.issued_at + factories.timedelta(minutes=11)):
        page = desk()
    looks = page.context["looks"]
    assert looks["count"] == 1
    assert "<details" in page.content.decode()
    assert [each.reference for each in looks["letters"]] == [application.reference]
    assert len(desk().context["looks"]["mails"]) == 1


def test_another_pools_troubles_are_not_shown(application_at, other_caseworker, as_user):
    application_at("rejected")
    Mail.objects.update(claimed_at=clock.now() - factories.timedelta(hours=1))
    page = as_user(other_caseworker).get(reverse("desk:cases"))
    assert page.context["looks"] is None
