"""The table of table.py is the site: nothing in it is missing, and nobody gets more.

Those that ask a whole column of it are slow.
"""

import pytest
from django.apps import apps
from django.urls import reverse

from tests.doors import asking
from tests.doors import site as building
from tests.doors.table import ADDRESSES, ADMIN, ADMIN_PAGES, POSTED, ROLES, TABLE
from workflows import clock

pytestmark = pytest.mark.django_db

# What is the same for all is asked by a few: there is nothing in it that could leak.
SAME_FOR_ALL = ("*", "-", ">*", ">-", ".*", ".-")
A_FEW = {"visitor", "stranger", "contact", "member", "caseworker"}
SIGNS = list(ROLES)
PLACES = {role: place for place, role in enumerate(ROLES.values())}


@pytest.fixture(scope="module")
def site(lasting):
    return building.build()


@pytest.fixture(autouse=True)
def _today():
    with clock.at(building.TODAY):
        yield


def in_full(line):
    """A sign for each role."""
    signs = line.replace(" ", "")
    if len(signs) <= 2:
        signs = signs[0] + signs[-1] * (len(SIGNS) - 1)
    return "".join(own if sign == "*" else sign for sign, own in zip(signs, SIGNS, strict=True))


def expected(role, line):
    """The sign for one role, or None where it is not asked."""
    if line in SAME_FOR_ALL and role not in A_FEW:
        return None
    return in_full(line)[PLACES[role]]


def address_of(name, things):
    words = ADDRESSES.get(name, "")
    if words.startswith("/"):
        return words
    return reverse(name, args=[things.get(word, word) for word in words.split()])


def given_to(name, things):
    return {key: things.get(word, word) for key, word in POSTED.get(name, {}).items()}


def test_every_address_of_the_site_is_in_the_table():
    of_models = {f"admin:{model}_{page}" for model in ADMIN for page in ADMIN_PAGES}
    # Where Django leads on to `change` from; it has no name.
    of_models |= {f"admin/{model.replace('_', '/')}/<path:object_id>/" for model in ADMIN}
    assert asking.url_names() == TABLE.keys() | of_models


def test_every_role_is_in_the_site(site):
    assert list(site.people) == list(ROLES.values())


def test_every_line_tells_of_every_role_and_of_it_by_its_own_sign():
    for name, lines in TABLE.items():
        for line in lines:
            for sign, own in zip(in_full(line), SIGNS, strict=True):
                assert sign in {own, *">/.-x"}, (name, line)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES.values())
def test_a_get_gives_what_the_table_says(site, role):
    browser, own = asking.browser_of(site.people[role]), SIGNS[PLACES[role]]
    wanted, found = {}, {}
    for name, (line, _post) in TABLE.items():
        if sign := expected(role, line):
            wanted[name] = sign
            word = asking.got(browser, address_of(name, site.things))
            found[name] = own if word == asking.PAGE else word
    assert found == wanted


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES.values())
def test_a_post_gives_what_the_table_says(site, role):
    browser, own = asking.browser_of(site.people[role]), SIGNS[PLACES[role]]
    wanted, found = {}, {}
    for name, (_get, line) in TABLE.items():
        if sign := expected(role, line):
            wanted[name] = sign
            address = address_of(name, site.things)
            word = asking.posted(browser, address, given_to(name, site.things))
            found[name] = own if word == asking.PAGE else word
    assert found == wanted


def test_the_admin_is_for_the_superuser_alone(site):
    assert [who for who in site.people.values() if who and who.is_staff] == [
        site.people["superuser"]
    ]
    nearest = asking.browser_of(site.people["pool admin"])
    superuser = asking.browser_of(site.people["superuser"])
    found = {}
    for model in ADMIN:
        addresses = [_of_a_row(model, page) for page in ADMIN_PAGES]
        assert {asking.got(nearest, address) for address in addresses} == {asking.LOGIN}
        words = [asking.got(superuser, address) for address in addresses]
        found[model] = "".join("S" if word == asking.PAGE else word for word in words)
    assert found == ADMIN


def _of_a_row(model, page):
    row = apps.get_model(*model.split("_")).objects.first()
    args = [] if page in ("changelist", "add") else [row.pk if row else 1]
    return reverse(f"admin:{model}_{page}", args=args)
