"""A login or a token that has ended takes no words with it, and gives nothing to another site."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from grants.portal.kept import signed_mark
from tests import factories

pytestmark = pytest.mark.django_db

OURS = "http://testserver"
TYPED = {"answer": 'Otte "udsendelser"\n<og> en fest 🎉', "title": "Natteradio"}
PAGE = "/applications/UKP-2026-0001/write/idea/"


@pytest.fixture
def strict(settings):
    """A browser that posts without a token, as after a year away; English was chosen in it."""
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def browser(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def test_a_page_that_is_too_old_can_be_sent_again(strict):
    answer = strict.post(PAGE + "?x=1", TYPED, headers={"origin": OURS})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "You were away for a long time" in page
    assert f'action="{PAGE}?x=1"' in page
    assert 'name="title" value="Natteradio"' in page
    assert "Otte &quot;udsendelser&quot;\n&lt;og&gt; en fest 🎉" in page
    assert 'name="csrfmiddlewaretoken"' in page
    assert "csrftoken" in answer.cookies


def test_sent_again_it_arrives(strict, cast, world):
    strict.force_login(cast.asta, backend="django.contrib.auth.backends.ModelBackend")
    apply = f"/calls/{world.call.slug}/apply/"
    answer = strict.post(apply, TYPED, headers={"origin": OURS})
    token = answer.context["csrf_token"]
    again = strict.post(apply, TYPED | {"csrfmiddlewaretoken": str(token)})
    assert again.status_code in {200, 302}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "https://evil.example", "referer": f"{OURS}/my/"},
        {"referer": "https://evil.example/http://testserver/"},
        {"referer": "http://testserver.evil.example/"},
        {},
    ],
)
def test_another_site_gets_nothing_of_the_sort(strict, headers):
    answer = strict.post(PAGE, TYPED, headers=headers)
    assert answer.status_code == 403
    assert "Natteradio" not in answer.content.decode()
    assert "The page was too old" in answer.content.decode()


def test_a_referer_of_ours_is_enough(strict):
    page = strict.post(PAGE, TYPED, headers={"referer": f"{OURS}{PAGE}"}).content.decode()
    assert "Natteradio" in page


@pytest.mark.parametrize("secret", ["code", "credential", "password", "iban", "number"])
def test_a_form_with_a_secret_is_not_echoed(strict, secret):
    page = strict.post(PAGE, TYPED | {secret: "x1"}, headers={"origin": OURS}).content.decode()
    assert "Natteradio" not in page
    assert "x1" not in page


def test_more_than_a_form_of_ours_holds_is_not_echoed(strict):
    page = strict.post(PAGE, {"answer": "x" * 100_001}, headers={"origin": OURS}).content.decode()
    assert "x" * 100 not in page


def test_files_are_told_to_stay_behind(strict):
    sent = TYPED | {"file": SimpleUploadedFile("a.pdf", b"%PDF")}
    page = strict.post(PAGE, sent, headers={"origin": OURS}).content.decode()
    assert "Files do not come along" in page


@pytest.fixture
def asta():
    return factories.user("Asta")


def words_of(writer):
    """TYPED as a page that was shown to them sends it."""
    return TYPED | {"writer": signed_mark(writer)}


def log_in(browser, user):
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def test_words_posted_after_the_login_has_ended_wait_for_it(
    browser, application_at, cast, mailoutbox
):
    draft = application_at("draft", title="Dagradio")
    path = f"{draft.get_absolute_url()}write/idea/"
    log_in(browser, cast.asta)
    writer = browser.get(path).content.decode().partition('name="writer" value="')[2]
    browser.cookies.pop("sessionid")
    answer = browser.post(path, TYPED | {"writer": writer.partition('"')[0]}, follow=True)
    assert answer.redirect_chain == [("/accounts/login/", 302)]
    assert "What you wrote is kept" in answer.content.decode()
    browser.post("/accounts/login/", {"email": cast.asta.email})
    code = next(line for line in mailoutbox[-1].body.splitlines() if line[4:5] == "-")
    page = browser.post("/accounts/login/code/", {"code": code}, follow=True).content.decode()
    assert f'action="{path}"' in page
    assert 'name="title" value="Natteradio"' in page
    browser.post(path, TYPED | {"seen": draft.version})
    draft.refresh_from_db()
    assert draft.title == "Natteradio"
    assert "kept_post" not in browser.session
    assert browser.get("/accounts/again/")["Location"] == "/desk/start/"


def test_it_waits_until_it_is_sent(browser, asta):
    browser.post(PAGE, words_of(asta))
    log_in(browser, asta)
    for _time in range(2):
        assert "Natteradio" in browser.get("/accounts/again/").content.decode()


@pytest.mark.parametrize(
    "path, typed, headers",
    [
        ("/applications/UKP-2026-0001/account/", TYPED | {"iban": "DK50"}, {}),
        (PAGE, {"answer": "x" * 100_001}, {}),
        (PAGE, TYPED, {"hx-request": "true"}),
        (PAGE, TYPED, {"sec-fetch-mode": "cors"}),
        ("/desk/cases/UKP-2026-0001/note/", TYPED, {}),
    ],
)
def test_what_is_not_kept(browser, asta, path, typed, headers):
    browser.post(path, words_of(asta) | typed, headers=headers)
    assert "kept_post" not in browser.session


def test_what_a_visitor_makes_up_is_not_kept(browser, asta):
    made_up = [{}, {"writer": ""}, {"writer": "x:y"}, {"writer": signed_mark(asta)[:-1]}]
    for writer in made_up:
        answer = browser.post(PAGE, TYPED | writer)
        assert answer["Location"].startswith("/accounts/login/?next=")
        assert "kept_post" not in browser.session


def test_whoever_logs_in_next_at_the_same_computer_never_sees_it(browser, asta):
    browser.post(PAGE, words_of(asta))
    log_in(browser, factories.user("Bo"))
    assert browser.get("/accounts/again/")["Location"] == "/desk/start/"
    assert "kept_post" not in browser.session


@pytest.mark.parametrize("page", ["write/idea", "write/where"])
def test_a_page_that_is_written_on_says_whose_it_is(browser, application_at, cast, page):
    draft = application_at("draft")
    log_in(browser, cast.asta)
    shown = browser.get(f"{draft.get_absolute_url()}{page}/").content.decode()
    assert f'name="writer" value="{signed_mark(cast.asta)}"' in shown


def test_nobody_reads_it_without_a_login(browser, asta):
    browser.post(PAGE, words_of(asta))
    assert browser.get("/accounts/again/")["Location"].startswith("/accounts/login/")


def test_what_did_not_arrive_waits_on(browser):
    cille = factories.user("Cille")
    browser.post(PAGE, words_of(cille))
    log_in(browser, cille)
    assert browser.post(PAGE, TYPED).status_code == 404
    assert "Natteradio" in browser.get("/accounts/again/").content.decode()
