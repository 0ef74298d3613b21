"""The cast, and a database that refuses what production's refuses."""

import io
import os

from config import services

services.join(disposable=True)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ.setdefault("SECRET_KEY", "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz")
os.environ.setdefault("FILES_DIR", "/nowhere")  # each test gets a folder of its own, below
os.environ.setdefault("DATA_KEYS", "tests:b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZmc=")

import django  # noqa: E402  # it finds its database in the environment set above

django.setup()

import pytest  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402
from django.utils import translation  # noqa: E402
from hypothesis import HealthCheck  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402

from tests import factories  # noqa: E402

# Tests name sentences as the code does; that Danish is seen first has tests of its own.
settings.LANGUAGE_CODE = "en"
# Static files as they lie in the checkout: nothing has been collected here.
settings.STATIC_ROOT = settings.BASE_DIR / "static"
settings.WHITENOISE_AUTOREFRESH = True
settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}

# A shared, busy machine is no reason to fail.
hypothesis_settings.register_profile(
    "ours", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("ours")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Everything runs as the web's role, which owns nothing: a right that is missing shows here."""
    with django_db_blocker.unblock():
        call_command("grant_web_role", services.WEB, stdout=io.StringIO())
        connection.close()
        connection.settings_dict["OPTIONS"]["assume_role"] = services.WEB
    yield
    del connection.settings_dict["OPTIONS"]["assume_role"]
    # A browser that left in the middle of a page can still hold a connection.
    with django_db_blocker.unblock():
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        connection.close()


@pytest.fixture(autouse=True)
def _quiet_outside(settings, tmp_path):
    """No mail server, nothing written into the checkout, and no limit reached by another test."""
    cache.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.MEDIA_ROOT = tmp_path
    files = settings.STORAGES["files"]
    options = files["OPTIONS"] | {"location": tmp_path / "files"}
    settings.STORAGES = settings.STORAGES | {"files": files | {"OPTIONS": options}}


def _flush(self):
    """Between transactional tests the owner empties all tables, the guards looking away."""
    kept = {"django_migrations", "django_content_type", "auth_permission"}
    tables = set(connection.introspection.django_table_names(only_existing=True)) - kept
    names = ", ".join(connection.ops.quote_name(table) for table in tables)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    connection.close()


TransactionTestCase._fixture_teardown = _flush


@pytest.fixture(autouse=True)
def _in_english():
    """Outside of a request too, whatever was the first to speak in this process."""
    with translation.override("en"):
        yield


@pytest.fixture
def world(db):
    return factories.world()


@pytest.fixture
def cast(world):
    return factories.cast(world)


@pytest.fixture
def application_at(world, cast):
    """application_at(status): Asta's application, walked there by the real actions."""
    return lambda status, **given: factories.application_at(status, world, cast, **given)


@pytest.fixture
def as_user(client):
    """as_user(user): a test client in which the user is logged in."""

    def logged_in(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in
