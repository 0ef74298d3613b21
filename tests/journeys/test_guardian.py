"""Somebody of sixteen on a phone names two grown-ups; they say yes without logging in."""

import re
from datetime import timedelta

import pytest
from django.core import mail as mailbox

from applicants.models import User
from grants.applications.models import Application
from grants.letters import tasks
from tests import factories
from workflows import audit, clock

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def awarded(world, cast):
    """Asta's application, announced yesterday by the server's own clock; she is sixteen."""
    born = clock.today().replace(day=1) - timedelta(days=16 * 366)
    begins = clock.now() - timedelta(days=10)
    world.call.opens_at, world.call.closes_at = begins - timedelta(days=1), None
    world.call.save()
    who = factories.applicant(cast.asta, birth_date=born)
    days = {"starts_on": clock.today() + timedelta(days=60)}
    days["ends_on"] = days["starts_on"] + timedelta(days=5)
    application = factories.draft(world, cast.asta, who=who, at=begins, **days)
    for number, (act, _reached) in enumerate(factories._AWARDED, start=1):
        with clock.at(begins + timedelta(days=number)):
            act(application, world, cast)
            application = Application.objects.get(pk=application.pk)
    return application


def test_two_guardians_say_yes_and_then_she_does(person, visitor, cast, awarded):
    """Slow: four browsers."""
    page = person(cast.asta)
    page.goto(awarded.get_absolute_url())
    page.get_by_role("link", name="Name a parent or guardian").click()
    _name(page, "Mona Holm", "mona@example.org", "Mother")
    _name(page, "Finn Holm", "finn@example.org", "Father")
    tasks.sweep()
    _say_yes(visitor(), "mona@example.org", "Mona Holm", "Mother")
    page.goto(awarded.get_absolute_url())
    page.get_by_text("the other one has to as well").wait_for()
    _say_yes(visitor(), "finn@example.org", "Finn Holm", "Father")
    _it_works_once(visitor(), "finn@example.org")
    _name_an_account(page, awarded)
    page.get_by_role("button", name="Say yes to the grant and its conditions").click()
    page.get_by_text("Accepted", exact=True).first.wait_for()

    assert [each.name for each in awarded.consents.all()] == ["Mona Holm", "Finn Holm"]
    assert audit.verify().fits


def test_a_guardian_takes_the_yes_back_with_a_code(person, visitor, cast, awarded):
    """Slow: three browsers."""
    page = person(cast.asta)
    page.goto(awarded.get_absolute_url() + "guardian/")
    _name(page, "Mona Holm", "mona@example.org", "Mother", joint="No")
    tasks.sweep()
    _say_yes(visitor(), "mona@example.org", "Mona Holm", "Mother", joint="No")
    mona = person(User.objects.get(email="mona@example.org"))
    mona.goto(awarded.get_absolute_url())
    mona.get_by_role("button", name="Take consent back").click()
    mona.get_by_text("Your consent is taken back").wait_for()
    assert not awarded.has_consent()


@pytest.fixture
def visitor(chromium, live_server):
    """visitor(): a phone on which nobody has logged in."""
    contexts = []

    def came():
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": 390, "height": 844}
        )
        context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield came
    for context in contexts:
        context.close()


def _name(page, name, email, relation, joint="Yes"):
    page.get_by_label("Their name").fill(name)
    page.get_by_label("Their e-mail address").fill(email)
    page.get_by_label("What they are to you").fill(relation)
    page.get_by_role("group", name=re.compile("share the custody")).get_by_label(joint).check()
    page.get_by_role("button", name="Send the link").click()
    page.get_by_text(f"We have sent a link to {email}.").wait_for()


def _link_sent_to(email):
    """The path in the first mail to the address, as it left the house."""
    told = next(mail for mail in mailbox.outbox if mail.to == [email] and "/consent/" in mail.body)
    return re.search(r"/consent/\w+/", told.body)[0]


def _say_yes(page, email, name, relation, joint="Yes"):
    asked = []
    page.on("request", lambda request: asked.append(request.headers.get("referer", "")))
    address = _link_sent_to(email)
    page.goto(address)
    page.goto(address)  # a mail scanner, or a second look
    page.get_by_text("Natteradio").first.wait_for()
    page.get_by_label("Your full name").fill(name)
    page.get_by_label("What you are to the young person").fill(relation)
    page.get_by_role("group", name=re.compile("share the custody")).get_by_label(joint).check()
    page.get_by_role("button", name="Give consent").click()
    page.get_by_role("heading", name="Your consent is recorded").wait_for()
    assert not [referer for referer in asked if "/consent/" in referer]


def _it_works_once(page, email):
    page.goto(_link_sent_to(email))
    page.get_by_role("heading", name="Your consent is recorded").wait_for()
    assert page.get_by_role("button", name="Give consent").count() == 0


def _name_an_account(page, application):
    page.goto(application.get_absolute_url() + "account/")
    page.get_by_label("Who the account belongs to").fill("Asta Holm")
    page.get_by_label("Registration number").fill("0040")
    page.get_by_label("Account number").fill("0440116243")
    page.get_by_role("button", name="Save the account").click()
    page.goto(application.get_absolute_url())
