"""Every address that the site knows, and what somebody gets who asks for it."""

from contextlib import contextmanager
from http.cookies import SimpleCookie

from django.contrib.messages import constants, get_messages
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

LOGINS = ("account_login", "admin:login")
PAGE, LOGIN, ELSEWHERE, CLOSED, REFUSED, NO_METHOD = "page", ">", "/", ".", "x", "-"

# Lines of the table behind which there is nothing to look at.
NO_PAGE = ("-", ">-", ".-")


def url_names():
    """The name of every pattern, with its namespace; for one without a name, its whole route."""
    return set(_names(get_resolver().url_patterns, "", ""))


def _names(patterns, space, route):
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner, here)
        else:
            yield space + pattern.name if pattern.name else here


def browser_of(user):
    """A browser in which the user (None: nobody) is logged in."""
    browser = Client()
    if user is not None:
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


@contextmanager
def undone():
    """Nothing that happens inside stays."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def got(browser, address):
    """What a GET gives, as one of the words above."""
    with undone(), _same_cookies(browser):
        return _in_a_word(_read(browser.get(address)))


def posted(browser, address, given):
    """What a POST gives; PAGE stands for everybody who comes in and is not refused."""
    with undone(), _same_cookies(browser):
        if address.startswith("/api/"):
            answer = browser.post(address, given, content_type="application/json")
        else:
            answer = browser.post(address, {"csrfmiddlewaretoken": "as in every form"} | given)
        word = _in_a_word(_read(answer))
        if answer.status_code == 409 or _has_refusal(answer):
            return REFUSED
        return PAGE if word == ELSEWHERE else word


def _in_a_word(answer):
    match answer.status_code:
        case 301 | 302:
            path = answer.url.partition("?")[0]
            return LOGIN if path in map(reverse, LOGINS) else ELSEWHERE
        case 403 | 404:
            return CLOSED
        case 405:
            return NO_METHOD
        case 200 | 400 | 409:
            return PAGE
    raise AssertionError(f"{answer.request['PATH_INFO']} answers {answer.status_code}")


def _has_refusal(answer):
    told = get_messages(answer.wsgi_request)
    return any(message.level == constants.ERROR for message in told)


def _read(answer):
    if answer.streaming:
        answer.getvalue()
    return answer


@contextmanager
def _same_cookies(browser):
    """Who is logged out by an answer comes back in for the next."""
    kept = browser.cookies.output(header="", sep=";")
    yield
    browser.cookies = SimpleCookie(kept)
