"""Switching person and reading mails: in the demo, and nowhere else."""

import pytest
from django.core.mail import EmailMessage, get_connection
from django.core.management import call_command
from django.urls import reverse

from secretariat.navigation import DEMO_DOMAIN
from tests import factories


@pytest.fixture
def demo(settings):
    settings.DEMO = True


@pytest.fixture
def gitte(world):
    who = factories.user("Gitte", email=f"gitte{DEMO_DOMAIN}")
    return factories.role(who, world.pool, "caseworker")


def test_outside_the_demo_there_is_no_such_page(client, gitte):
    assert client.post(reverse("desk:become"), {"person": gitte.pk}).status_code == 404
    assert client.get(reverse("desk:mails")).status_code == 404
    assert "_auth_user_id" not in client.session


def test_becoming_somebody_leads_to_that_persons_first_page(client, demo, gitte):
    answer = client.post(reverse("desk:become"), {"person": gitte.pk})
    assert answer.url == reverse("desk:cases")
    assert client.session["_auth_user_id"] == str(gitte.pk)
    assert client.post(reverse("desk:become"), {"person": ""}).url == reverse("portal:front")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "role, page",
    [
        ("approver", "payouts:list"),
        ("member", "committee:desk"),
        ("municipality_reader", "statistics:index"),
        ("pool_admin", "desk:cases"),
        ("auditor", "desk:cases"),
    ],
)
def test_each_role_has_its_first_page(client, demo, world, role, page):
    who = factories.user("Per", email=f"per{DEMO_DOMAIN}")
    factories.role(who, world.pool, role, municipality=world.places[0])
    assert client.post(reverse("desk:become"), {"person": who.pk}).url == reverse(page)


def test_only_people_of_the_demo_can_be_become(client, demo, cast):
    assert client.post(reverse("desk:become"), {"person": cast.frida.pk}).status_code == 404


def test_the_mails_are_read_newest_first(client, demo, settings, tmp_path, db):
    settings.EMAIL_FILE_PATH = tmp_path
    backend = "django.core.mail.backends.filebased.EmailBackend"
    with get_connection(backend, file_path=tmp_path) as connection:
        for number in (1, 2):
            EmailMessage(
                f"Brev {number} på æøå",
                "Din kode er\n\n4F7K2X\n" + "lang linje " * 20,
                to=["asta@example.org"],
                connection=connection,
            ).send()
    page = client.get(reverse("desk:mails")).content.decode()
    assert page.count("Din kode er") == 2
    assert "Brev 2 på æøå" in page
    assert "4F7K2X" in page


def test_a_mail_has_the_hour_that_clocks_here_show(client, demo, settings, tmp_path, db):
    settings.EMAIL_FILE_PATH = tmp_path
    lines = [
        "Subject: Hej",
        "To: asta@example.org",
        "Date: Sun, 22 Nov 2026 03:24:03 -0000",
        "",
        "x",
    ]
    (tmp_path / "one.log").write_text("\n".join(lines))
    client.cookies["django_language"] = "da"
    assert "22. november 2026 kl. 04.24" in client.get(reverse("desk:mails")).content.decode()


def test_no_mail_yet(client, demo, settings, tmp_path, db):
    settings.EMAIL_FILE_PATH = tmp_path / "nowhere"
    assert client.get(reverse("desk:mails")).status_code == 200


def test_the_people_of_the_demo_are_listed(demo, gitte, cast, capsys):
    call_command("demo_people")
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert "Gitte" in told
    assert gitte.email in told
