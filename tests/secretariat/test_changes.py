"""The desk answers a request for a change."""

from datetime import timedelta

import pytest
from django.urls import reverse

from grants.applications.models import Application
from grants.decisions import changes
from grants.decisions.models import ChangeRequest
from grants.letters import outbox
from grants.letters.models import Letter
from tests import factories
from workflows import clock

LATER = factories.MONDAY + timedelta(days=20)


@pytest.fixture(autouse=True)
def _later():
    with clock.at(LATER):
        yield


@pytest.fixture
def frida(cast, as_user):
    return as_user(cast.frida)


@pytest.fixture
def asked(application_at, cast):
    """Asta asks for more time."""
    application = application_at("accepted")
    report_by = application.current_grant().report_by + timedelta(days=30)
    return changes.ask_for_change(
        application, kind="extension", reason="Vi er forsinkede.", report_by=report_by, by=cast.asta
    )


def case(application):
    return reverse("desk:case", args=[application.reference])


def act(application):
    return reverse("desk:act", args=[application.reference, "answer_change"])


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_working_list_counts_what_waits(frida, asked):
    page = read(frida, reverse("desk:cases"))
    assert "1 request for a change waits for an answer" in page
    assert case(asked.application) in page
    changes.answer_change(
        asked, is_granted=True, answer="", by=factories.User.objects.get(name="Frida")
    )
    assert "request for a change" not in read(frida, reverse("desk:cases"))


def test_who_does_not_answer_is_not_asked_to(as_user, asked, cast):
    for who in [cast.gorm, cast.hanne]:
        client = as_user(who)
        assert "request for a change" not in read(client, reverse("desk:cases"))
        assert act(asked.application) not in read(client, case(asked.application))
        given = {"request": asked.pk, "is_granted": "yes"}
        client.post(act(asked.application), given)
    assert ChangeRequest.objects.get().answered_at is None


def test_the_request_is_answered_from_the_case(frida, asked):
    page = read(frida, case(asked.application))
    assert "Vi er forsinkede." in page
    assert act(asked.application) in page
    assert "Vi er forsinkede." in read(frida, act(asked.application))
    frida.post(
        act(asked.application), {"request": asked.pk, "is_granted": "yes", "answer": "Fint."}
    )
    asked.refresh_from_db()
    assert (asked.is_granted, asked.answer, asked.answered_by.name) == (True, "Fint.", "Frida")
    page = read(frida, case(asked.application))
    assert "A change was granted" in page
    assert act(asked.application) not in page
    outbox.make_bytes(asked.letter_id)
    where = reverse("desk:letter", args=[asked.application.reference, asked.letter_id])
    assert where in read(frida, case(asked.application))
    stored = Letter.objects.get(pk=asked.letter_id)
    assert frida.get(where).content == bytes(stored.pdf)


def test_a_no_without_a_reason_keeps_what_was_typed(frida, asked):
    page = frida.post(act(asked.application), {"request": asked.pk, "is_granted": "no"})
    assert "Say why not" in page.content.decode()
    assert ChangeRequest.objects.get().answered_at is None


def test_an_answer_belongs_to_the_request_that_was_read(frida, asked, cast):
    changes.answer_change(asked, is_granted=False, answer="Nej.", by=cast.frida)
    application = Application.objects.get(pk=asked.application_id)
    another = changes.ask_for_change(application, kind="give_up", reason="Så nej.", by=cast.asta)
    page = frida.post(act(application), {"request": asked.pk, "is_granted": "yes"})
    assert "It has been answered already." in page.content.decode()
    another.refresh_from_db()
    assert another.answered_at is None


@pytest.mark.slow
def test_the_letter_is_seen_before_it_is_sent(frida, asked):
    """Slow: a letter is rendered."""
    where = reverse("desk:change_letter", args=[asked.application.reference])
    given = {"request": asked.pk, "is_granted": "no", "answer": "Fristen er kendt."}
    seen = frida.post(where, given)
    assert seen["Content-Type"] == "application/pdf"
    assert not Letter.objects.filter(kind="change").exists()
    assert "Say why not" in frida.post(where, given | {"answer": ""}).content.decode()


def test_a_wished_budget_stands_beside_the_agreed_one(frida, application_at, cast):
    application = application_at("accepted")
    (line,) = changes.what_is_agreed(application.current_grant()).lines
    lines = [
        changes.Line(line.key, "expense", line.text, 8_000_00),
        changes.Line("kage", "expense", "Kage", 2_000_00),
    ]
    changes.ask_for_change(application, kind="budget", reason="Kage", lines=lines, by=cast.asta)
    page = read(frida, act(application)).replace("\u00a0", " ")
    assert "10.000,00 kr. → 8.000,00 kr. <strong>wants permission</strong>" in page
    assert "new → 2.000,00 kr. <strong>wants permission</strong>" in page


def test_after_giving_up_with_money_paid_the_desk_is_led_to_the_hearing(
    frida, application_at, cast
):
    application = application_at("accepted")
    factories.pay(application, cast)
    asked = changes.ask_for_change(application, kind="give_up", reason="Syg", by=cast.asta)
    assert "you open a hearing about it" in read(frida, act(application))
    changes.answer_change(asked, is_granted=True, answer="", by=cast.frida)
    assert "Open a hearing about paying it back." in read(frida, case(application))
