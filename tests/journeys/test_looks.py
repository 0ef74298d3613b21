"""Every page of the applicant's side, as it looks to axe-core and on the narrowest phone."""

import re
from contextvars import ContextVar
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail as mailbox
from django.template.loader import render_to_string
from django.urls import get_resolver, reverse
from django.utils import translation

from applicants.models import User
from config.again import KEPT
from grants.applications import actions, attaching, guardians, team
from grants.decisions import actions as decisions
from grants.letters import tasks
from grants.payouts import actions as payouts
from grants.pools.models import Consultant, Example, Question
from grants.portal.kept import mark
from tests import factories
from tests.grants.applications.samples import picture, upload
from tests.journeys import seeing
from tests.journeys.conftest import PHONE
from workflows import clock

# The server's clock stands still here: the call is open, and everything below has happened.
LOOKED_AT = factories.MONDAY + timedelta(days=20)
NARROWEST = {"width": 320, "height": 640}
# What sticks out, if the page scrolls sideways.
TOO_WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const out = [...document.body.querySelectorAll("*")].filter(
    (each) => each.getBoundingClientRect().right > root.clientWidth + 1,
  );
  return out.slice(0, 5).map((each) => each.outerHTML.slice(0, 120));
}"""
# Sent with nothing in it, and without the browser's own objections.
EMPTIED = """(form) => {
  form.noValidate = true;
  for (const field of form.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    if (["radio", "checkbox"].includes(field.type)) field.checked = false;
    else field.value = "";
  }
  form.querySelector("[type=submit], button:not([type])").click();
}"""

# Who looks, the name of the page, and what stands in its address: words of `case`, or the word.
PAGES = [
    # Anybody
    ("visitor", "portal:front"),
    ("visitor", "portal:call", "call"),
    ("visitor", "portal:can_we_apply", "call"),
    ("visitor", "portal:apply", "call"),
    ("visitor", "portal:verify"),
    ("visitor", "portal:consent_by_link", "link"),
    ("visitor", "portal:consent_by_link", "unknown"),
    ("visitor", "statistics:index"),
    ("visitor", "accessibility"),
    ("visitor", "privacy"),
    ("visitor", "cookies"),
    # Getting in
    ("visitor", "account_login"),
    ("waiting", "account_confirm_login_code"),
    ("visitor", "account_inactive"),
    ("asta", "account_logout"),
    ("asta", "mfa_list_webauthn"),
    ("asta", "mfa_add_webauthn"),
    ("asta", "mfa_edit_webauthn", "passkey"),
    ("asta", "mfa_remove_webauthn", "passkey"),
    ("asta", "send_again"),
    # Writing and sending
    ("cille", "portal:home"),
    ("asta", "portal:home"),
    ("asta", "portal:apply", "call"),
    *[
        ("asta", "portal:write", "draft", each)
        for each in ("who", "idea", "more", "where", "money")
    ],
    *[("asta", "portal:write", "bare", each) for each in ("who", "idea", "where", "money")],
    ("asta", "portal:files", "draft"),
    ("asta", "portal:team", "draft"),
    ("asta", "portal:remove_member", "draft", "member"),
    ("asta", "portal:hand_over", "draft", "member"),
    ("asta", "portal:check", "draft"),
    ("asta", "portal:check", "bare"),
    ("asta", "portal:application", "draft"),
    ("bo", "portal:application", "draft"),
    ("asta", "portal:application", "submitted"),
    ("asta", "portal:receipt", "submitted"),
    ("asta", "portal:withdraw", "submitted"),
    ("asta", "portal:application", "incomplete"),
    ("asta", "portal:resubmit", "incomplete"),
    # The answer
    ("asta", "portal:application", "rejected"),
    ("asta", "portal:application", "awarded"),
    ("asta", "portal:account", "awarded"),
    ("asta", "portal:decline", "awarded"),
    ("dina", "portal:application", "young"),
    ("dina", "portal:guardian", "young"),
    ("mona", "portal:home"),
    ("mona", "portal:application", "young"),
    ("mona", "portal:consent", "young"),
    # The grant and the report
    ("asta", "portal:application", "accepted"),
    ("asta", "portal:change", "paid"),
    *[
        ("asta", "portal:change_to", "paid", kind)
        for kind in ("dates", "budget", "extension", "give_up")
    ],
    ("asta", "portal:report", "accepted"),
    ("asta", "portal:report", "paid"),
    *[("asta", "portal:report_part", "paid", each) for each in ("story", "people", "accounts")],
    ("asta", "portal:application", "heard"),
    ("asta", "portal:hearing", "heard"),
    # My data
    ("asta", "my_data:show"),
    ("cille", "my_data:show"),
    ("asta", "my_data:you"),
    ("asta", "my_data:applicant", "applicant"),
    ("asta", "my_data:close"),
    ("cille", "my_data:close"),
]
# Pages that say what is wrong once their form is sent as it stands here, with nothing in it.
SENT_EMPTY = [
    ("visitor", "portal:apply", "call"),
    ("visitor", "account_login"),
    ("asta", "portal:team", "draft"),
    ("dina", "portal:guardian", "young"),
    ("mona", "portal:consent", "young"),
    ("asta", "portal:account", "awarded"),
    ("asta", "portal:change", "paid"),
    ("asta", "portal:change_to", "paid", "dates"),
    ("cille", "my_data:close"),
]
# What one sees when something is in the way.
ERRORS = ["400.html", "403.html", "403_csrf.html", "404.html", "413.html", "429.html", "500.html"]

NO_PAGES = {
    # They only take what a button sends
    *["portal:submit", "portal:save", "portal:contact", "portal:remove_file", "portal:accept"],
    *["portal:send_consent_link", "portal:remove_guardian", "portal:withdraw_consent"],
    *["portal:agree_to_photo", "no_passkey_now", "set_language"],
    # They answer with a file or with data
    *["portal:letter", "portal:attachment", "portal:thumbnail", "portal:changes", "statistics:csv"],
    *["my_data:download", "mfa_login_webauthn", "health"],
    # Other names of pages above
    *["account_request_login_code", "account_signup", "mfa_index"],
}
OF_OTHERS = ("admin", "committee", "desk", "payouts", "api")


def test_every_page_of_the_applicants_side_is_looked_at():
    named = set(_names(get_resolver().url_patterns))
    looked_at = {name for _who, name, *_args in PAGES}
    assert looked_at | NO_PAGES == named
    assert not looked_at & NO_PAGES


def _names(patterns, inside=""):
    for each in patterns:
        if not hasattr(each, "url_patterns"):
            yield f"{inside}{each.name}"
        elif not (each.namespace or str(each.pattern)).startswith(OF_OTHERS):
            yield from _names(each.url_patterns, f"{each.namespace}:" if each.namespace else inside)


@pytest.fixture
def case(world, cast):
    """{word: what stands for it in an address}, the cases built by the real actions."""
    _furnish(world)
    at = {
        name: factories.application_at(name, world, cast)
        for name in ("submitted", "incomplete", "rejected", "awarded", "accepted")
    }
    at["draft"], at["bare"] = _drafts(world, cast)
    at["paid"] = _paid(world, cast)
    at["heard"] = _paid(world, cast)
    at["young"] = _young(world, cast)
    with clock.at(LOOKED_AT):
        decisions.hear(at["heard"], by=cast.frida, text="Vi overvejer at kræve pengene tilbage.")
        bo = team.invite(at["draft"], name="Bo", email=cast.bo.email, access="write", by=cast.asta)
        tasks.sweep()
    link = next(mail for mail in mailbox.outbox if "/consent/" in mail.body)
    return {name: row.reference for name, row in at.items()} | {
        "call": world.call.slug,
        "link": re.search(r"/consent/(\w+)/", link.body)[1],
        "member": bo.pk,
        "applicant": at["draft"].applicant_id,
    }


def _furnish(world):
    """What a call may have besides, each kind of question among it."""
    place = world.places[0]
    Consultant.objects.create(
        pool=world.pool, municipality=place, name="Kim Lund", email="kim@example.org"
    )
    Example.objects.create(
        pool=world.pool,
        title="Et tog af lyd",
        text="Tyve unge spillede i en togvogn.",
        text_en="Twenty young people played in a railway carriage.",
        amount=18_000_00,
        municipality=place,
        year=2025,
    )
    several = [["day", "Dag", "Day"], ["night", "Nat", "Night"]]
    for position, kind in enumerate(Question.Kind, start=1):
        Question.objects.create(
            call=world.call,
            code=kind,
            position=position,
            kind=kind,
            text=f"Hvornår ({kind})?",
            text_en=f"When ({kind})?",
            options=several if kind in ("choice", "several") else [],
        )


def _drafts(world, cast):
    """One with everything in it, a picture too, and one in which only the title stands."""
    full = factories.draft(world, cast.asta)
    with clock.at(factories.MONDAY):
        file = upload("et meget langt navn på en plakat om natten.png", picture())
        attaching.attach(full, file, purpose="application", by=cast.asta)
        who = factories.applicant(cast.asta, name="Radiogruppen i Vaskeriet", kind="group")
        title = (
            "Fællesskabsdemokratiforestillingsrækken i Vaskeriet 🎧 og en gang til for dem bagved"
        )
        bare = actions.start(world.call, by=cast.asta, applicant=who, language="da", title=title)
    return full, bare


def _paid(world, cast):
    """Accepted and paid, and half of its report is written."""
    application = factories.application_at("accepted", world, cast)
    with clock.at(LOOKED_AT):
        factories.pay(application, cast)
        application.refresh_from_db()
        payouts.save_report(application, by=cast.asta, happened="Vi sendte.", participants=40)
        photo = upload("fest.png", picture())
        attaching.attach(application, photo, purpose="photo", by=cast.asta)
    return application


def _young(world, cast):
    """Dina is fifteen and has a yes; of two guardians one has been asked."""
    dina = factories.user("Dina")
    who = factories.applicant(dina, birth_date=date(2010, 6, 1), custody_is_joint=True)
    application = factories.draft(world, dina, who=who)
    with clock.at(LOOKED_AT):
        actions.submit(application, by=dina)
        application.refresh_from_db()
        guardians.invite_guardian(
            application, name="Mona", email="mona@example.org", relation="Mor", by=dina
        )
    return application


@pytest.fixture
def _standing_still(monkeypatch):
    monkeypatch.setattr(clock, "_handed_in", ContextVar("clock", default=LOOKED_AT))


@pytest.fixture
def visitor(chromium, live_server):
    """visitor(): a phone on which nobody has logged in."""
    contexts = []

    def came():
        contexts.append(chromium.new_context(base_url=live_server.url, viewport=PHONE))
        return contexts[-1].new_page()

    yield came
    for context in contexts:
        context.close()


@pytest.fixture
def people(person, cast, case, visitor):
    """{who: their page}."""
    mona, dina = (User.objects.get(name=name) for name in ("Mona", "Dina"))
    users = {"asta": cast.asta, "bo": cast.bo, "cille": cast.cille, "dina": dina, "mona": mona}
    pages = {name: person(user, language="da") for name, user in users.items()}
    case["passkey"] = _passkey_of(pages["asta"])
    _keep_what_was_sent(pages["asta"], case, cast.asta)
    pages["visitor"], pages["waiting"] = visitor(), visitor()
    pages["waiting"].goto("/accounts/login/")
    pages["waiting"].locator("main input[type=email]").fill("new@example.org")
    pages["waiting"].locator("main form button[type=submit]").first.click()
    pages["waiting"].wait_for_url("**/code/")
    return pages


def _passkey_of(page):
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    phone = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": phone | able})
    page.goto("/accounts/passkeys/add/")
    page.locator("main input[name=name]").fill("Min gamle telefon med det knuste glas")
    page.locator("main form [type=submit], main form button").first.click()
    page.wait_for_url("**/passkeys/")
    return Authenticator.objects.get().pk


def _keep_what_was_sent(page, case, writer):
    """As if the login had ended while Asta wrote."""
    key = next(each for each in page.context.cookies() if each["name"] == "sessionid")["value"]
    session = SessionStore(key)
    session[KEPT] = {
        "path": reverse("portal:write", args=[case["draft"], "idea"]),
        "fields": [("title", "Natteradio")],
        "had_files": False,
        "writer": mark(writer),
    }
    session.save()


@pytest.fixture
def broken(client):
    """broken(name, language): the page of an error, written as the site writes it."""
    request = client.get("/").wsgi_request

    def page(name, language):
        with translation.override(language):
            return render_to_string(name, request=request)

    return page


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_standing_still")
def test_axe_finds_nothing_and_nothing_is_wider_than_the_narrowest_phone(people, case, broken):
    """Slow: a browser at every page, in four languages.

    In Danish axe is asked in light, and what colours decide once more in the dark. The other
    languages have the same elements and colours; what can differ is how long the words are.
    """
    wrong = {}
    for language in ("da", "en", "sv", "nb"):
        for page in people.values():
            _speak(page, language)
        for shown, page in _shown(people, case, broken, language):
            found = _found_by_axe(page) if language == "da" else []
            for told in [*found, *_too_wide(page)]:
                wrong[language, shown, told[:40]] = told
    assert not wrong, "\n\n".join([str(list(wrong)), *wrong.values()])


def _shown(people, case, broken, language):
    """Each page in turn: (what it is, the browser's page that shows it)."""
    for who, name, *words in PAGES:
        yield (who, name, *words), _opened(people[who], _address(case, name, words))
    for who, name, *words in SENT_EMPTY:
        page = _opened(people[who], _address(case, name, words))
        page.locator("main form[method=post]:has(.field)").first.evaluate(EMPTIED)
        page.locator("main [role=alert]:visible").first.wait_for()
        yield ("sent empty", who, name, *words), page
    for name in ERRORS:
        yield name, _instead_of_a_page(people["visitor"], broken(name, language))


def _instead_of_a_page(page, html):
    """The page at an address where the server would have answered with this."""

    def answer(route):
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route("**/wrong/", answer)
    page.goto("/wrong/")
    page.unroute("**/wrong/")
    return page


def _opened(page, address):
    """The page at the address: not another one that it leads to."""
    page.goto(address)
    assert urlsplit(page.url).path == address
    return page


def _address(case, name, words):
    return reverse(name, args=[case.get(word, word) for word in words])


def _found_by_axe(page):
    in_light = seeing.violations(page)
    page.emulate_media(color_scheme="dark")
    in_the_dark = seeing.violations_of_contrast(page)
    page.emulate_media(color_scheme="light")
    return in_light + in_the_dark


def _too_wide(page):
    """What sticks out of a phone of 320 pixels, in a sentence."""
    page.set_viewport_size(NARROWEST)
    sticks_out = page.evaluate(TOO_WIDE)
    page.set_viewport_size(PHONE)
    return [f"wider than 320 pixels: {sticks_out}"] if sticks_out else []


def _speak(page, language):
    spoken = {"name": "django_language", "value": language, "domain": "localhost", "path": "/"}
    page.context.add_cookies([spoken])
