"""What is built here is built once a module: all its tests ask the same, and leave no trace."""

import logging

import pytest
from django.conf import settings
from django.http import HttpResponseNotFound
from django.test import override_settings

from tests.doors import asking


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """The settings for what is outside of the database: no mail leaves, files lie in a folder."""
    files = settings.STORAGES["files"]
    options = files["OPTIONS"] | {"location": tmp_path_factory.mktemp("files")}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
        "STORAGES": settings.STORAGES | {"files": files | {"OPTIONS": options}},
    }


@pytest.fixture(scope="module")
def lasting(django_db_setup, django_db_blocker, outside):
    """What a fixture of the module writes is there for all its tests, and gone after them."""
    with django_db_blocker.unblock(), asking.undone(), override_settings(**outside):
        yield


@pytest.fixture(autouse=True)
def _outside(outside, settings, _quiet_outside):
    for name, value in outside.items():
        setattr(settings, name, value)


@pytest.fixture(autouse=True)
def _not_found_in_few_words(monkeypatch):
    """The page that says so takes longer than all that is asked here, and others look at it."""
    monkeypatch.setattr(
        "config.urls.handler404", lambda request, exception: HttpResponseNotFound(), raising=False
    )
    logging.disable()
    yield
    logging.disable(logging.NOTSET)
