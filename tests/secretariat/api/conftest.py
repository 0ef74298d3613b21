from datetime import timedelta

import pytest

from tests.factories import MONDAY
from workflows import clock

# After every walk and the committee's seven days, before any deadline to say yes.
TODAY = MONDAY + timedelta(days=12)


@pytest.fixture(autouse=True)
def today():
    with clock.at(TODAY):
        yield TODAY


@pytest.fixture
def get(as_person):
    """get(user, address): what the user (None: nobody) reads at /api/v1/..."""
    return lambda user, address: as_person(user).get(f"/api/v1/{address}")


@pytest.fixture
def take(as_person):
    """take(user, application, step, body): the answer to the user's POST."""

    def post(user, application, step, body=None):
        address = f"/api/v1/applications/{application.reference}/steps/{step}"
        return as_person(user).post(address, body or {}, content_type="application/json")

    return post


@pytest.fixture
def as_person(client, db):
    """as_person(user): the client, logged in as the user. One for all, since it is slow to make."""

    def logged_in(user):
        client.logout()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return logged_in
