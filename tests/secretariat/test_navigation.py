"""The menu: by role, and cheap."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from secretariat.navigation import navigation
from secretariat.views.errors import server_error
from secretariat.views.health import health
from tests import factories

EVERYBODY = ["portal:home"]
MENUS = {
    "cille": [],
    "esther": ["committee:desk"],
    "dines": ["committee:desk"],
    "frida": [
        *["desk:cases", "desk:announce", "committee:meetings", "payouts:list"],
        "statistics:index",
    ],
    "gorm": ["desk:cases", "payouts:list", "statistics:index"],
    "hanne": ["desk:cases", "statistics:index"],
}


@pytest.fixture
def menu(rf):
    def items(user):
        request = rf.get("/")
        request.user, request.resolver_match = user, None
        return navigation(request)["nav"]

    return items


@pytest.mark.parametrize("person", MENUS)
def test_each_sees_the_pages_of_their_roles(menu, cast, person, django_assert_num_queries):
    with django_assert_num_queries(1):
        urls = [item["url"] for item in menu(getattr(cast, person))]
    assert urls == [reverse(page) for page in EVERYBODY + MENUS[person]]


def test_nobody_is_asked_nothing(menu, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert list(menu(AnonymousUser())) == []


def test_the_page_that_one_is_on_is_marked(cast, as_user):
    page = as_user(cast.frida).get(reverse("desk:announce")).content.decode()
    assert page.count('aria-current="page"') == 1


def test_a_caseworker_finds_the_committee_by_its_meetings(cast, as_user):
    page = as_user(cast.frida).get(reverse("committee:meetings")).content.decode()
    link = f'<a href="{reverse("committee:meetings")}" aria-current="page">'
    assert link in page[: page.index("<main")]


def test_a_caseworker_with_a_seat_has_one_committee_in_the_menu(menu, world, cast):
    factories.role(cast.esther, world.pool, "caseworker")
    urls = [item["url"] for item in menu(cast.esther)]
    assert reverse("committee:desk") in urls
    assert reverse("committee:meetings") not in urls


def test_health_says_what_answers(db):

    answer = health(None)
    assert answer.status_code == 200
    assert b'"database": "ok"' in answer.content


def test_a_mistake_of_ours_has_a_number(rf):
    request = rf.get("/")
    request.id = "abc123"
    answer = server_error(request)
    assert answer.status_code == 500
    assert "abc123" in answer.content.decode()
