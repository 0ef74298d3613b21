"""Who has logged in comes to the page where the day begins."""

import pytest


@pytest.mark.parametrize(
    "who, page",
    [
        ("asta", "/my/"),
        ("dines", "/committee/"),
        ("frida", "/desk/"),
        ("gorm", "/desk/payouts/"),
        ("hanne", "/desk/"),
    ],
)
def test_everybody_begins_at_their_own_work(as_user, cast, who, page):
    assert as_user(getattr(cast, who)).get("/desk/start/")["Location"] == page


def test_a_visitor_logs_in_first(client, db):
    assert client.get("/desk/start/")["Location"].startswith("/accounts/login/")
