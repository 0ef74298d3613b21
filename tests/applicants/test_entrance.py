"""One entrance for the known and the new: nobody learns who is here."""

import re
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applicants import actions
from applicants.models import User
from tests import factories
from workflows import clock

pytestmark = pytest.mark.django_db

NEW = "nova@example.org"  # as long as the known one: pages tell their length
KNOWN = "asta@example.org"
LOGIN, CODE = "/accounts/login/", "/accounts/login/code/"
TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+')


@pytest.fixture
def asta():
    return factories.user("Asta")


@pytest.fixture
def browser(settings):
    """browser(): a new one, in which English was chosen."""

    def new():
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        return client

    return new


def ask(client, email, **more):
    return client.post(LOGIN, {"email": email} | more)


def the_code():
    return re.search(r"^([A-Z]{4}-[A-Z]{4})$", mail.outbox[-1].body, re.MULTILINE)[1]


def is_in(client):
    return "_auth_user_id" in client.session


def without_tokens(answer, email):
    """What somebody sees who compares: status, headers, cookies, page. Clocks and tokens go on."""
    clocks = {"X-Request-Id", "Expires"}
    headers = {name: value for name, value in answer.headers.items() if name not in clocks}
    cookies = {
        name: (len(morsel.value), {**morsel, "expires": ""})
        for name, morsel in answer.cookies.items()
    }
    page = TOKEN.sub(r"\1", answer.content.decode()).replace(email, "ADDRESS")
    return answer.status_code, headers, cookies, page


def test_known_and_unknown_get_the_same_at_each_step(browser, asta):
    for step in [
        lambda client, email: ask(client, email),
        lambda client, email: ask(client, email) and client.get(CODE),
        lambda client, email: ask(client, email) and client.post(CODE, {"code": "AAAA-AAAA"}),
        lambda client, email: ask(client, email) and client.post(CODE, {"action": "resend"}),
    ]:
        cache.clear()
        answers = [without_tokens(step(browser(), email), email) for email in (KNOWN, NEW)]
        assert answers[0] == answers[1]
        User.objects.filter(email=NEW).delete()


def test_known_and_unknown_get_the_same_mail(browser, asta):
    for email in (KNOWN, NEW):
        ask(browser(), email)
    one, other = [(each.subject, each.body.replace(code_in(each), "")) for each in mail.outbox]
    assert one == other


def code_in(message):
    return re.search(r"[A-Z]{4}-[A-Z]{4}", message.body)[0]


def test_known_and_unknown_ask_the_database_the_same(browser, asta):
    told = []
    for email in (KNOWN, NEW):
        with CaptureQueriesContext(connection) as asked:
            ask(browser(), email)
        told.append([query["sql"].split(" ")[0] for query in asked])
    assert told[0] == told[1]


def test_with_the_code_somebody_new_is_a_user(browser):
    client = browser()
    ask(client, "Nova@Example.org")
    answer = client.post(CODE, {"code": the_code().lower().replace("-", "")})
    assert answer["Location"] == "/desk/start/"
    assert is_in(client)
    user = User.objects.get()
    assert (user.email, user.language) == (NEW, "en")
    assert not user.has_usable_password()
    told = client.get("/my/").content.decode()
    assert "You are logged in." in told
    assert "confirmed" not in told


def test_somebody_invited_keeps_their_row_and_gets_their_language(browser):
    actions.known_by(NEW, name="Mona Holm")
    ask(browser(), NEW)
    user = User.objects.get()
    assert (user.name, user.language) == ("Mona Holm", "en")


def test_somebody_who_has_been_in_keeps_their_language(browser, asta):
    asta.language, asta.last_login = "sv", clock.now()
    asta.save()
    ask(browser(), KNOWN)
    assert User.objects.get().language == "sv"


def test_two_ask_for_the_same_new_address(browser):
    ask(browser(), NEW)
    second = browser()
    ask(second, NEW)
    second.post(CODE, {"code": the_code()})
    assert is_in(second)
    assert User.objects.count() == 1


def test_a_closed_profile_looks_like_any_other_and_lets_nobody_in(browser, asta):
    User.objects.filter(pk=asta.pk).update(is_active=False)
    client = browser()
    assert ask(client, KNOWN)["Location"] == CODE
    assert "is closed" in mail.outbox[-1].body
    client.post(CODE, {"code": ""})
    client.post(CODE, {"code": "AAAA-AAAA"})
    assert not is_in(client)


def test_three_wrong_codes_and_one_begins_again(browser, asta):
    client = browser()
    ask(client, KNOWN)
    for _try in range(2):
        page = client.post(CODE, {"code": "AAAA-AAAA"}).content.decode()
        assert "That is not the code" in page
    answer = client.post(CODE, {"code": "AAAA-AAAA"}, follow=True)
    assert answer.redirect_chain[-1][0] == LOGIN
    assert "many times in a row" in answer.content.decode()
    client.post(CODE, {"code": the_code()})
    assert not is_in(client)


def test_a_new_code_works_and_the_old_one_no_longer(browser, asta):
    client = browser()
    ask(client, KNOWN)
    old = the_code()
    client.post(CODE, {"action": "resend"})
    client.post(CODE, {"code": old})
    assert not is_in(client)
    client.post(CODE, {"code": the_code()})
    assert is_in(client)


def test_a_code_has_its_time(browser, asta, monkeypatch):
    client = browser()
    ask(client, KNOWN)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 15 * 60 + 1)
    answer = client.post(CODE, {"code": the_code()}, follow=True)
    assert "No code is under way in this browser" in answer.content.decode()
    assert not is_in(client)


def test_on_another_device_one_begins_again(browser, asta):
    ask(browser(), KNOWN)
    other = browser()
    answer = other.post(CODE, {"code": the_code()}, follow=True)
    assert answer.redirect_chain[-1][0] == LOGIN
    assert "No code is under way in this browser" in answer.content.decode()


def test_the_address_can_be_changed_while_a_code_is_under_way(browser, asta):
    client = browser()
    ask(client, "asat@example.org")
    assert f'href="{LOGIN}"' in client.get(CODE).content.decode()
    assert "Your e-mail address" in client.get(LOGIN).content.decode()
    ask(client, KNOWN)
    client.post(CODE, {"code": the_code()})
    assert client.session["_auth_user_id"] == str(asta.pk)


def test_the_way_on_survives_wrong_codes_and_another_address(browser, asta):
    client = browser()
    ask(client, "asat@example.org", next="/my/?page=2")
    for _try in range(3):
        client.post(CODE, {"code": "AAAA-AAAA"})
    ask(client, KNOWN)
    assert client.post(CODE, {"code": the_code()})["Location"] == "/my/?page=2"


def test_nobody_is_sent_away_to_another_site(browser, asta):
    client = browser()
    ask(client, KNOWN, next="https://evil.example/")
    assert client.post(CODE, {"code": the_code()})["Location"] == "/desk/start/"


def test_too_many_codes_for_one_address_is_said_calmly_and_tells_nothing(browser, asta):
    for email in (KNOWN, NEW):
        for _try in range(3):
            assert ask(browser(), email).status_code == 302
        page = ask(browser(), email).content.decode()
        assert "Wait some minutes" in page
    assert len(mail.outbox) == 6


def test_too_many_codes_from_one_place_is_said_calmly(browser):
    for number in range(60):
        ask(browser(), f"{number}@example.org")
    assert "Wait some minutes" in ask(browser(), NEW).content.decode()
    assert not User.objects.filter(email=NEW).exists()


@pytest.mark.parametrize("wrong", ["", "asta", "a\x00@b.dk", "x" * 10_000, "x" * 250 + "@b.dk"])
def test_what_is_no_address_is_said(browser, wrong):
    assert ask(browser(), wrong).status_code == 200
    assert not User.objects.exists()
    assert not mail.outbox


def test_the_sign_up_page_is_the_entrance(browser):
    answer = browser().get("/accounts/signup/?next=/my/")
    assert answer["Location"] == "/accounts/login/?next=/my/"


@pytest.mark.parametrize(
    "page", ["", "email/", "password/change/", "password/reset/", "password/set/", "confirm-email/"]
)
def test_no_other_page_of_the_library_is_open(as_user, page):
    assert as_user(factories.user("Asta")).get(f"/accounts/{page}").status_code == 404


def test_who_never_came_is_forgotten_after_a_day(world, application_at, browser):
    ask(browser(), NEW)
    came = browser()
    ask(came, "kom@example.org")
    came.post(CODE, {"code": the_code()})
    mona = actions.known_by("mona@example.org", name="")
    factories.guardian(application_at("draft"), mona)
    with clock.at(clock.now() + timedelta(hours=23)):
        actions.forget_who_never_came()
        assert User.objects.filter(email=NEW).exists()
    with clock.at(clock.now() + timedelta(hours=25)):
        ask(browser(), "igen@example.org")
        actions.forget_who_never_came()
    left = set(User.objects.values_list("email", flat=True))
    assert NEW not in left
    assert {"kom@example.org", "mona@example.org", "igen@example.org", KNOWN} <= left
