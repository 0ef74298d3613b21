"""Reading everything that somebody can reach, and comparing it between two turns of events."""

import re
from contextlib import contextmanager

from django.db import connection
from django.urls import NoReverseMatch, reverse

from config import services
from grants.letters.models import Mail
from tests.doors import asking
from tests.doors.table import ADDRESSES, TABLE

LINK = re.compile(r'href="(/[^"#]*)')
# Not to be followed: they end the visit, are the same for everybody, or ask what one is called.
LEFT_ALONE = re.compile(
    r"/(accounts|static|i18n|health|cookies|privacy|accessibility|verify)/|/api/v1/schema/"
    r"|/calls/[^/]+/(apply|check)/|/my/data/(you|close|applicants)/|/committee/(posts|recompute)/"
)
# Of Django's admin what could tell of a vote; the rest is set up there and tells of none.
IN_THE_ADMIN = ("/admin/workflows/logentry/", "/admin/workflows/checkpoint/", "/admin/committee/")
# What differs from one answer to the next and tells nothing.
EVER_NEW = re.compile(r'(csrfmiddlewaretoken" value=|"X-CSRFToken": )"[^"]*"')


def everything(browser, user, things, *, words=()):
    """{address or mail: what it says} for all that the user gets, whichever way they come to it.

    It begins at every line of the table with these things in the address, and at the search for
    each of the words, and follows every link.
    """
    found, waiting = {}, _beginnings(things, words)
    if user and user.is_superuser:
        waiting += IN_THE_ADMIN
    while waiting:
        address = waiting.pop()
        if address in found or _is_left_alone(address):
            continue
        with asking.undone():
            answer = browser.get(address)
            content = answer.getvalue() if answer.streaming else answer.content
        if answer.status_code in (404, 405):
            found[address] = ""
            continue
        said = content.decode("utf-8", "replace")
        found[address] = f"{answer.status_code} {answer.headers.get('Location', '')}\n" + (
            EVER_NEW.sub(r"\1", said)
        )
        waiting += (each.replace("&amp;", "&") for each in LINK.findall(said))
    mails = Mail.objects.filter(to=user).order_by("pk") if user else []
    found |= {f"mail {n}": f"{mail.subject}\n{mail.text}" for n, mail in enumerate(mails)}
    return found


def _is_left_alone(address):
    if address.startswith("/admin/"):
        is_sorted_anew = "?" in address
        return is_sorted_anew or not address.startswith(IN_THE_ADMIN)
    return bool(LEFT_ALONE.match(address))


def _beginnings(things, words):
    addresses = []
    for name, (line, _post) in TABLE.items():
        if line in asking.NO_PAGE:
            continue
        standing = ADDRESSES.get(name, "")
        if standing.startswith("/") or name.startswith("admin:"):
            continue
        try:
            addresses.append(reverse(name, args=[things.get(w, w) for w in standing.split()]))
        except NoReverseMatch:  # the site has a pattern without a name
            continue
    return addresses + [f"{reverse('desk:cases')}?q={word}" for word in words]


def differences(one, other):
    """{address: the lines that only one of the two has}."""
    return {
        address: sorted(_lines(one, address) ^ _lines(other, address))
        for address in one.keys() | other.keys()
        if one.get(address) != other.get(address)
    }


def _lines(found, address):
    return {line.strip() for line in found.get(address, "").splitlines()}


@contextmanager
def as_if_never():
    """Nothing that happens inside stays, and the numbers given to rows begin again where it did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences")
        before = cursor.fetchall()
    with asking.undone():
        yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for name, last in before:
            cursor.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])
        cursor.execute(f"SET ROLE {services.WEB}")
