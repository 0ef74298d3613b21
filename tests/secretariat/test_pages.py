"""The pages that the law wants say what it wants them to say."""

import pytest
from django.urls import reverse

from secretariat.my_data import retention
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = ["accessibility", "privacy", "cookies"]


@pytest.fixture
def read(client, world, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return lambda name: client.get(reverse(name)).content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_they_are_open_to_everybody_and_linked_at_the_foot_of_every_page(read, name):
    assert f'href="{reverse(name)}"' in read("portal:front")
    assert "<h1>" in read(name)


def test_the_statement_tells_whom_to_write_to_and_who_supervises(read):
    page = read("accessibility")
    for told in ["mailto:pulje@example.org", "33 00 00 00", "Digitaliseringsstyrelsen", "axe"]:
        assert told in page
    assert "22 November 2026" in page


def test_the_privacy_notice_has_the_whole_table_of_how_long(read):
    page = read("privacy")
    for rule in retention.TABLE:
        for told in [rule.what, rule.how_long, rule.why, rule.source]:
            assert str(told).replace("'", "&#x27;") in page
    for told in ["article 6 (1) (e)", "Datatilsynet", "mailto:pulje@example.org"]:
        assert told in page


def test_no_other_cookie_is_set_than_those_on_the_page(client, read, cast, settings):
    client.post(reverse("set_language"), {"language": "en"})
    client.post(reverse("account_request_login_code"), {"email": "x@example.org"})
    client.force_login(cast.asta, backend="django.contrib.auth.backends.ModelBackend")
    client.get(reverse("account_login"))
    client.get(reverse("my_data:you"))
    told = read("cookies")
    assert set(client.cookies) == {"sessionid", "csrftoken", "messages", "django_language"}
    for name in client.cookies:
        assert f"<code>{name}</code>" in told


def test_who_is_logged_in_finds_the_own_data(client, read, cast):
    assert reverse("my_data:show") not in read("portal:front")
    client.force_login(cast.asta, backend="django.contrib.auth.backends.ModelBackend")
    for page in ["portal:front", "portal:home", "privacy"]:
        assert reverse("my_data:show") in read(page)


def test_each_pool_is_named(read):
    factories.world(code="anden")
    assert read("privacy").count("mailto:pulje@example.org") == 2
