"""What everybody can see."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grants.decisions import actions as decisions
from grants.letters import outbox
from grants.letters.models import Letter
from grants.pools.models import Call
from tests import factories
from tests.factories import MONDAY
from workflows import clock


def another_call(world, number, **fields):
    return Call.objects.create(
        pool=world.pool,
        slug=f"call-{number}",
        title=f"Runde {number}",
        title_en=f"Call {number}",
        summary="Kort.",
        summary_en="Short.",
        opens_at=MONDAY,
        budget=1000_00,
        greatest_amount=1000_00,
        conditions="",
        conditions_en="",
        **fields,
    )


def test_the_front_page_tells_what_is_open(client, world):
    page = client.get("/").content.decode()
    assert "Spring" in page
    assert "13 to 30 years" in page
    assert "1 June 2026" in page
    assert "København, Køge, Malmö" in page


def test_the_front_page_tells_calls_to_come_and_calls_that_are_over(client, world):
    with clock.at(world.call.opens_at - timedelta(days=1)):
        page = client.get("/").content.decode()
        assert "Opens soon" in page
        assert "No call is open right now" in page
    with clock.at(world.call.closes_at + timedelta(days=1)):
        assert "Closed calls" in client.get("/").content.decode()


def test_a_call_without_a_deadline_is_open(client, world):
    another_call(world, 1)
    page = client.get("/").content.decode()
    assert "Call 1" in page
    assert "any time" in page


def test_a_call_tells_its_rules(client, world):
    page = client.get(f"/calls/{world.call.slug}/").content.decode()
    for told in ["Community", "Tell that the pool supports you.", "500,00", "25.000,00"]:
        assert told in page
    assert f"/calls/{world.call.slug}/apply/" in page


def test_a_call_tells_the_rules_that_a_rejection_can_refer_to(client, world):
    for paragraph, text in [("§ 10", "Last."), ("§ 9", "Next to last.")]:
        world.pool.guidelines.create(paragraph=paragraph, text="Sidst.", text_en=text)
    page = client.get(f"/calls/{world.call.slug}/").content.decode()
    places = [page.index(told) for told in ["Open to all.", "Next to last.", ">Last."]]
    assert places == sorted(places)
    assert "Åbent for alle." not in page


def test_a_call_asks_as_much_with_one_rule_and_with_thirty(client, world):
    def asked_for():
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/calls/{world.call.slug}/")
        return len(asked)

    asked_for()
    one = asked_for()
    for number in range(10, 40):
        world.pool.guidelines.create(paragraph=f"§ {number}", text="Mere.", text_en="More.")
    assert asked_for() == one


def test_a_closed_call_cannot_be_begun(client, world):
    with clock.at(world.call.closes_at + timedelta(days=1)):
        page = client.get(f"/calls/{world.call.slug}/").content.decode()
    assert "takes no more applications" in page
    assert "apply/" not in page


def test_a_call_that_is_not_there_is_404(client, world):
    assert client.get("/calls/nowhere/").status_code == 404


def test_the_front_page_asks_as_much_with_one_call_and_with_thirty(client, world):
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/")
    for number in range(30):
        another_call(world, number)
    with CaptureQueriesContext(connection) as thirty:
        client.get("/")
    assert len(one) == len(thirty)


@pytest.fixture
def letter(application_at):
    """A rejection letter with its bytes."""
    issued = application_at("rejected").decisions.get().letter
    outbox.make_bytes(issued.pk)
    return Letter.objects.get(pk=issued.pk)


def asked(client, code, content=None):
    file = {"letter": SimpleUploadedFile("brev.pdf", content)} if content else {}
    return client.post("/verify/", {"code": code, **file}).content.decode()


def test_our_own_letter_is_known_again(client, letter):
    page = asked(client, letter.code, bytes(letter.pdf))
    assert "This is the letter as we sent it" in page
    assert letter.reference not in page
    assert "Asta" not in page


def test_the_code_is_read_as_people_type_it(client, letter):
    spaced = f" {letter.code[:5].lower()}-{letter.code[5:]} "
    assert "We have sent a letter with this code" in asked(client, spaced)


def test_a_letter_with_one_byte_changed_is_not_ours(client, letter):
    assert "but not this file" in asked(client, letter.code, bytes(letter.pdf) + b" ")


def test_a_code_that_we_never_gave_is_said(client, letter):
    assert "no letter with this code" in asked(client, "AAAAAAAAAA", b"%PDF")


def test_a_wrong_form_keeps_the_code(client, letter):
    page = asked(client, "A" * 30)
    assert "A" * 30 in page


def test_a_letter_that_was_replaced_says_so(client, cast, world, letter):
    application = letter.decision.application
    decisions.reopen(application, by=cast.hanne, reason="Ny oplysning.")
    factories.decide(application, world, cast, amount=0)
    decisions.announce([application], by=cast.frida)
    assert "a newer one has replaced it" in asked(client, letter.code, bytes(letter.pdf))
