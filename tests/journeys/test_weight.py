"""What a first visit costs on a phone's data plan."""

import re
from pathlib import Path
from posixpath import dirname, join, normpath

import brotli
import pytest
from django.contrib.staticfiles import finders

MOST = 60_000
HEADERS = 500  # of a request and its answer, at the most
NAMED_IN = {
    ".js": re.compile(r'from "(\./[^"]+)"'),
    ".css": re.compile(r'url\("?(\.[^")]+)'),
}
PAGES = [*(f"write/{each}/" for each in ["who", "idea", "where", "money"]), "files/", "check/", ""]


pytestmark = pytest.mark.slow


@pytest.mark.parametrize("path", PAGES)
def test_a_first_visit_weighs_less_than_60_kilobytes(as_user, cast, application_at, path):
    """Slow: static files are compressed as whitenoise does it."""
    application = application_at("draft")
    answer = as_user(cast.asta).get(f"/applications/{application.reference}/{path}")
    page = answer.content.decode()
    files = _files_of(page)
    # Pages go as they are, static files compressed.
    weight = len(answer.content) + sum(_weight(name) for name in files)
    assert len(files) > 5
    assert weight + HEADERS * (1 + len(files)) < MOST, (weight, files)
    assert not re.search(r'(?:src|<link[^>]* href)="(?:https?:)?//', page)


def _files_of(page):
    """The names of all static files that the page loads, those that files load too."""
    found, named = set(), set(re.findall(r'(?:href|src)="/static/([^"#]+)', page))
    while named - found:
        name = (named - found).pop()
        found.add(name)
        if pattern := NAMED_IN.get(Path(name).suffix):
            text = Path(finders.find(name)).read_text()
            named |= {normpath(join(dirname(name), each)) for each in pattern.findall(text)}
    return found


def _weight(name):
    return len(brotli.compress(Path(finders.find(name)).read_bytes()))
