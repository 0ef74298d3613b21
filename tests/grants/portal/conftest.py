"""The applicant's pages are looked at ten days after the world began: its call is open."""

from datetime import timedelta

import pytest

from grants.applications.forms import WholeForm
from grants.applications.models import Application
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
    """typed(application, **changes): what the browser would post from the form as it stands."""

    def posted(application, **changes):
        form = WholeForm(Application.objects.get(pk=application.pk))
        fields = [field for field in form if not _is_unticked(field)]
        rows = [field for each in form._row_sets() for field in each.management_form]
        return {field.html_name: _shown(field) for field in [*fields, *rows]} | changes

    return posted


def _is_unticked(field):
    return field.widget_type == "checkbox" and not field.value()


def _shown(field):
    value = field.value()
    return "" if value is None else str(value)


@pytest.fixture
def path():
    """path(application, "edit"): the address of one of its pages."""
    return lambda application, page="": (
        application.get_absolute_url() + (f"{page}/" if page else "")
    )
