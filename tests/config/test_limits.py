"""What is refused before anything reads it, and a demo that the world could reach."""

import os
import subprocess
import sys

import pytest
from allauth.core.internal.ratelimit import parse_rates

from config.limits import LARGEST_BODY
from config.services import CHECKOUT

pytestmark = pytest.mark.django_db

ADDRESSES = [
    *["/statistics/?pool=%00", "/api/v1/statistics?pool=%00", "/desk/payouts/?pool=%00"],
    *["/applications/%00/", "/api/v1/applications/x%0a%00", "/desk/cases/%00/", "/committee/%00/"],
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_nul_in_an_address_is_a_wrong_address(as_user, cast, address):
    assert as_user(cast.frida).get(address).status_code == 400


def test_a_body_without_end_is_not_read(client):
    answer = client.post("/verify/", CONTENT_LENGTH=str(LARGEST_BODY + 1))
    assert answer.status_code == 413
    assert "send fewer files at a time" in answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/my/", "/api/v1/calls"])
def test_nothing_that_is_shown_to_somebody_logged_in_is_kept_by_a_cache(as_user, cast, address):
    assert as_user(cast.asta).get(address)["Cache-Control"] == "private, no-store"


def test_what_everybody_sees_says_nothing_of_caches(client, world):
    assert not client.get("/").has_header("Cache-Control")


def test_nobody_is_locked_out_for_a_day_by_who_knows_the_address(settings):
    of_an_address = [
        rate
        for rate in parse_rates(settings.ACCOUNT_RATE_LIMITS["request_login_code"])
        if rate.per == "key"
    ]
    assert of_an_address
    assert all(rate.duration <= 60 * 60 for rate in of_an_address)


@pytest.mark.parametrize(
    "site, starts", [("http://localhost:8000", True), ("https://pulje.example", False)]
)
def test_the_demo_does_not_start_under_a_public_address(site, starts):
    environment = os.environ | {"DEMO": "1", "SITE_URL": site}
    environment.pop("ALLOWED_HOSTS", None)
    command = [sys.executable, "-c", "import config.settings"]
    told = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True)
    assert (told.returncode == 0) is starts
    assert starts or "DEMO and DEBUG open every door" in told.stderr
