"""Which language somebody reads: the one chosen here, else their own, else Danish."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as project
from django.utils import translation
from django.utils.formats import date_format

from applicants.models import User
from grants.applications.models import Application
from tests import factories
from workflows.models import LogEntry

CODES = ["da", "en", "sv", "nb"]


def language_of(answer):
    return answer.headers["Content-Language"]


def choose(client, language):
    return client.post("/i18n/setlang/", {"language": language, "next": "/verify/"})


@pytest.fixture
def danish_first(settings):
    settings.LANGUAGE_CODE = "da"


def test_danish_is_what_is_seen_without_a_choice(client, db, danish_first):
    answer = client.get("/", headers={"accept-language": "en"})
    assert language_of(answer) == "da"
    assert '<html lang="da">' in answer.content.decode()
    assert "Log ind" in answer.content.decode()


@pytest.mark.parametrize("language", CODES)
def test_a_chosen_language_is_kept(client, db, language):
    assert choose(client, language).url == "/verify/"
    answer = client.get("/")
    assert language_of(answer) == language
    assert f'<html lang="{language}">' in answer.content.decode()


def test_a_language_that_is_not_spoken_here_changes_nothing(as_user, cast, danish_first):
    for language in ("de", "sv-fi", "../sv", "\N{PARTY POPPER}", ""):
        client = as_user(cast.asta)
        choose(client, language)
        assert language_of(client.get("/verify/")) == "da"
        assert User.objects.get(pk=cast.asta.pk).language == "da"


def test_the_switch_says_each_language_in_its_own_name(client, db):
    page = client.get("/").content.decode()
    for language, name in zip(
        CODES, ["Dansk", "English", "Svenska", "Norsk (bokmål)"], strict=True
    ):
        assert f'value="{language}" lang="{language}"' in page
        assert f">{name}</button>" in page
    assert page.count('aria-current="true">English') == 1


def test_who_is_logged_in_takes_the_choice_along(as_user, cast, client):
    choose(as_user(cast.asta), "sv")
    assert User.objects.get(pk=cast.asta.pk).language == "sv"
    client.logout()
    client.cookies.clear()  # another telephone
    assert language_of(client.get("/verify/")) == "en"
    assert language_of(as_user(cast.asta).get("/verify/")) == "sv"


def test_what_was_chosen_on_this_telephone_comes_first(as_user, client, db):
    user = factories.user("Ylva", language="sv")
    client.cookies.load({project.LANGUAGE_COOKIE_NAME: "nb"})
    assert language_of(as_user(user).get("/verify/")) == "nb"


def test_letters_follow_the_person_and_the_log_says_so(as_user, cast, application_at):
    application = application_at("submitted")
    for _twice in range(2):
        choose(as_user(cast.asta), "nb")
    assert Application.objects.get(pk=application.pk).language == "nb"
    told = LogEntry.objects.filter(stream=application.stream, event="language_chosen")
    assert [(entry.actor, entry.facts) for entry in told] == [
        (f"user:{cast.asta.pk}", {"language": "nb"})
    ]


def test_only_the_contacts_choice_changes_the_letters(as_user, cast, application_at):
    application = application_at("submitted")
    for stranger in (cast.cille, cast.frida):
        choose(as_user(stranger), "sv")
    assert Application.objects.get(pk=application.pk).language == "da"


@pytest.mark.parametrize(
    "language, day, moment",
    [
        ("da", "21. november 2026", "21. november 2026 kl. 14.05"),
        ("en", "21 November 2026", "21 November 2026, 14:05"),
        ("sv", "21 november 2026", "21 november 2026 kl. 14.05"),
        ("nb", "21. november 2026", "21. november 2026 kl. 14.05"),
    ],
)
def test_a_day_and_a_moment_are_written_as_people_there_do(language, day, moment):
    when = datetime(2026, 11, 21, 14, 5, tzinfo=ZoneInfo(project.TIME_ZONE))
    with translation.override(language):
        assert date_format(when.date(), "DATE_FORMAT") == day
        assert date_format(when, "DATETIME_FORMAT") == moment
