"""Starting without an account: the words first, the address when there is something to keep."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from applicants.models import Applicant, User
from grants.applications.models import Application
from tests import factories
from workflows import clock

NEW = "ny@example.org"
IDEA = {
    "title": "Natteradio 🎧",
    "summary": "Radio om natten.\nFra et vaskeri & <en> kælder 👩🏽‍🎤",
}
WHO = {"kind": "person", "name": "Nova Lind", "birth_date": "2008-05-17"}
WORDS = IDEA | WHO
LOGIN, CODE = "/accounts/login/", "/accounts/login/code/"


@pytest.fixture
def apply(world):
    return f"/calls/{world.call.slug}/apply/"


def come_in(client, email=NEW):
    client.post(LOGIN, {"email": email})
    return type_the_code(client)


def type_the_code(client):
    code = re.search(r"^([A-Z]{4}-[A-Z]{4})$", mail.outbox[-1].body, re.MULTILINE)[1]
    return client.post(CODE, {"code": code})


def test_a_visitor_begins_with_the_idea(client, apply):
    page = client.get(apply).content.decode()
    assert "You need no profile to begin" in page
    for name in WORDS:
        assert f'name="{name}"' in page


def test_from_words_to_a_draft(client, apply):
    assert client.post(apply, WORDS)["Location"] == LOGIN
    assert not User.objects.filter(applications__isnull=False).exists()
    assert not Applicant.objects.exists()
    assert "Your idea is kept in this browser" in client.get(LOGIN).content.decode()
    assert come_in(client)["Location"] == apply
    answer = client.get(apply)
    draft = Application.objects.get()
    assert answer["Location"] == f"/applications/{draft.reference}/write/idea/"
    assert draft.title == IDEA["title"]
    assert draft.summary == IDEA["summary"]
    assert (draft.status, draft.language, draft.contact.email) == ("draft", "en", NEW)
    assert (draft.applicant.name, str(draft.applicant.birth_date)) == ("Nova Lind", "2008-05-17")
    assert User.objects.get(email=NEW).name == "Nova Lind"


def test_a_reload_begins_nothing_more(client, apply):
    client.post(apply, WORDS)
    come_in(client)
    client.get(apply)
    assert client.get(apply).status_code == 200
    assert Application.objects.count() == 1


def test_two_reloads_at_once_begin_one_draft(client, apply):
    client.post(apply, WORDS)
    come_in(client)
    kept = dict(client.session.items())
    client.get(apply)
    session = client.session  # the other request had read the session before the words were gone
    session.update(kept)
    session.save()
    client.get(apply)
    assert Application.objects.count() == Applicant.objects.count() == 1


def test_the_words_survive_wrong_codes_a_new_code_and_another_address(client, apply):
    client.post(apply, WORDS)
    client.post(LOGIN, {"email": "yn@example.org"})
    for _try in range(3):
        client.post(CODE, {"code": "AAAA-AAAA"})
    client.post(LOGIN, {"email": NEW})
    client.post(CODE, {"action": "resend"})
    assert type_the_code(client)["Location"] == apply
    client.get(apply)
    assert Application.objects.get().title == IDEA["title"]


def test_who_comes_back_to_the_page_finds_the_words(client, apply):
    client.post(apply, WORDS)
    page = client.get(apply).content.decode()
    assert "Natteradio 🎧" in page
    assert "&lt;en&gt; kælder" in page
    assert 'value="Nova Lind"' in page


def test_somebody_known_gets_the_draft_as_the_applicant_they_are(client, cast, apply):
    asta = factories.applicant(cast.asta, phone="20 20 20 20")
    client.post(apply, WORDS | {"name": "Asta", "birth_date": str(asta.birth_date)})
    come_in(client, cast.asta.email)
    client.get(apply)
    assert Application.objects.get().applicant == asta
    assert Applicant.objects.get().phone == "20 20 20 20"


def test_logged_in_one_page_is_enough(as_user, cast, apply):
    answer = as_user(cast.asta).post(apply, WORDS)
    draft = Application.objects.get()
    assert answer["Location"] == f"/applications/{draft.reference}/write/idea/"
    assert draft.title == IDEA["title"]


def test_looking_at_the_page_begins_nothing(as_user, cast, apply):
    as_user(cast.asta).get(apply)
    assert not Application.objects.exists()
    assert not Applicant.objects.exists()


def test_a_double_click_begins_one_draft(as_user, cast, apply):
    browser = as_user(cast.asta)
    browser.post(apply, WORDS)
    browser.post(apply, WORDS)
    assert Application.objects.count() == Applicant.objects.count() == 1


def test_another_idea_is_another_draft_of_the_same_applicant(as_user, cast, apply):
    browser = as_user(cast.asta)
    browser.post(apply, WORDS)
    browser.post(apply, WORDS | {"title": "Dagradio"})
    assert Application.objects.count() == 2
    assert Applicant.objects.count() == 1


def test_what_was_begun_before_is_offered_first(as_user, cast, application_at, apply):
    draft = application_at("draft")
    page = as_user(cast.asta).get(apply).content.decode()
    assert page.index(draft.get_absolute_url()) < page.index('name="title"')


def test_who_applied_last_time_is_filled_in(as_user, cast, application_at, apply):
    application_at("submitted")
    page = as_user(cast.asta).get(apply).content.decode()
    assert 'value="Asta"' in page
    assert 'value="2004-05-17"' in page


def test_a_group_tells_its_contacts_name(as_user, cast, apply):
    as_user(cast.asta).post(
        apply, WORDS | {"kind": "group", "name": "Kollektivet", "contact_name": "Asta Holm"}
    )
    assert User.objects.get(pk=cast.asta.pk).name == "Asta Holm"
    assert Applicant.objects.get().name == "Kollektivet"


WRONG = [
    ({"title": ""}, "This field is required"),
    ({"title": "x" * 10_000}, "100"),
    ({"title": "Natte\u202eoidar"}, "invisible characters"),
    ({"summary": "x" * 301}, "300"),
    ({"summary": "a\x00b"}, "Null"),
    ({"name": "x" * 10_000}, "140"),
    ({"name": "A\x00sta"}, "invisible characters"),
    ({"name": "Nova\u2067Lind"}, "invisible characters"),
    ({"birth_date": "2031-01-01"}, "Write the day you were born"),
    ({"birth_date": ""}, "Write your birth date"),
]


@pytest.mark.parametrize("wrong, sentence", WRONG)
def test_a_wrong_answer_is_said_and_not_kept(client, apply, wrong, sentence):
    answer = client.post(apply, WORDS | wrong)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert "begun" not in client.session


@pytest.mark.parametrize("wrong, sentence", WRONG)
def test_a_wrong_answer_is_said_to_who_is_logged_in(as_user, cast, apply, wrong, sentence):
    assert sentence in as_user(cast.asta).post(apply, WORDS | wrong).content.decode()
    assert not Application.objects.exists()


def test_what_else_is_posted_is_not_kept(client, apply):
    client.post(apply, WORDS | {"junk": "x" * 100_000})
    kept = client.session["begun"]
    assert set(kept[next(iter(kept))]) == {*WORDS, "contact_name"}


def after_the_deadline(world):
    return clock.at(world.call.closes_at + timedelta(seconds=1))


def test_a_call_that_closed_meanwhile_gives_the_words_back(client, world, apply):
    client.post(apply, WORDS)
    come_in(client)
    with after_the_deadline(world):
        page = client.get(apply).content.decode()
    assert "This call is closed" in page
    assert "Natteradio 🎧" in page
    assert "vaskeri &amp; &lt;en&gt; kælder" in page
    assert not Application.objects.exists()


@pytest.mark.parametrize("is_known", [True, False])
def test_words_posted_too_late_are_given_back(client, as_user, cast, world, apply, is_known):
    browser = as_user(cast.asta) if is_known else client
    with after_the_deadline(world):
        page = browser.post(apply, WORDS).content.decode()
    assert "Natteradio 🎧" in page


def test_without_words_a_closed_call_is_read(client, world, apply):
    with after_the_deadline(world):
        assert client.get(apply)["Location"] == f"/calls/{world.call.slug}/"


def test_words_for_two_calls_wait_side_by_side(client, world, apply):
    client.post(apply, WORDS)
    other = world.call
    other.pk, other.slug = None, "ukp-efteraar"
    other.save()
    client.post("/calls/ukp-efteraar/apply/", WORDS | {"title": "Dagradio"})
    come_in(client)
    client.get("/calls/ukp-efteraar/apply/")
    client.get(apply)
    assert set(Application.objects.values_list("title", flat=True)) == {IDEA["title"], "Dagradio"}


def test_another_browser_knows_nothing_of_the_words(client, apply):
    client.post(apply, WORDS)
    assert "Natteradio" not in Client().get(apply).content.decode()
