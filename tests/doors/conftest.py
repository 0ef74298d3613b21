"""One site for all the questions of this folder: built once a module, and asked without a trace."""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from tests.doors import site as building
from workflows import clock

ELSEWHERE = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """The settings of what is outside of the database: no mail leaves, files lie in a folder."""
    files = settings.STORAGES["files"]
    options = files["OPTIONS"] | {"location": tmp_path_factory.mktemp("files")}
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
        "STORAGES": settings.STORAGES | {"files": files | {"OPTIONS": options}},
    }


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, outside):
    with django_db_blocker.unblock(), _undone(), override_settings(**outside):
        yield building.build()


@pytest.fixture(autouse=True)
def _today(site, db, outside, settings, _quiet_outside):
    for name, value in outside.items():
        setattr(settings, name, value)
    with clock.at(building.TODAY):
        yield


@contextmanager
def _undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
