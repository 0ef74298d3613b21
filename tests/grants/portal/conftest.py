"""The applicant's pages are looked at ten days after the world began: its call is open."""

from datetime import timedelta

import pytest

from grants.applications.forms import Writing, as_typed
from grants.applications.permissions import written_application
from tests.factories import MONDAY
from workflows import clock

LOOKED_AT = MONDAY + timedelta(days=10)


@pytest.fixture(autouse=True)
def _ten_days_later():
    with clock.at(LOOKED_AT):
        yield


@pytest.fixture
def client(client, settings):
    """A browser in which somebody has chosen English: the sentences are those of the code."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def typed():
    """typed(application, section, **changes): what the browser would post from the page."""

    def posted(application, section, **changes):
        row = written_application(application.contact, application.reference)
        form = Writing(row, section)
        values = {field.html_name: as_typed(field) for field in form}
        kinds = {f"line-{row.key}-kind": row.kind for row in form.lines}
        return {**values, **kinds, "seen": row.version} | changes

    return posted


@pytest.fixture
def path():
    """path(application, "edit"): the address of one of its pages."""
    return lambda application, page="": (
        application.get_absolute_url() + (f"{page}/" if page else "")
    )
