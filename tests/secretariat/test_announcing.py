"""Many letters at once: what is seen is what is sent, all or none."""

import pytest
from django.urls import reverse

from grants.decisions import actions as decisions
from grants.decisions.models import Decision
from grants.letters.models import Letter
from grants.pools.models import Call
from workflows.models import LogEntry


@pytest.fixture
def frida(cast, as_user):
    return as_user(cast.frida)


@pytest.fixture
def rejections(received, world, cast):
    """Three cases that are decided and not told."""
    cases = received(3)
    for case in cases:
        decisions.decide(
            case,
            by=cast.frida,
            amount=0,
            guideline=world.guideline,
            criterion=world.criterion,
            fact="Nej.",
        )
    return cases


def post(client, **given):
    return client.post(reverse("desk:announce"), given)


def test_what_is_decided_is_listed_with_its_sums(frida, rejections, application_at):
    granted = application_at("decided")
    page = frida.get(reverse("desk:announce"))
    groups = {group["kind"]: group for group in page.context["groups"]}
    assert len(groups["rejection"]["decisions"]) == 3
    assert groups["award"]["sum"] == granted.amount_applied_for
    [budget] = page.context["budgets"]
    assert (budget["left"], budget["after"]) == (100_000_00, 90_000_00)


def test_the_preview_says_how_many_and_writes_nothing(frida, rejections):
    entries = LogEntry.objects.count()
    page = post(frida, pick=[case.reference for case in rejections[:2]])
    assert page.context["count"] == 2
    assert not Letter.objects.exists()
    assert LogEntry.objects.count() == entries


def test_nothing_chosen_is_said(frida, rejections):
    assert post(frida).status_code == 302
    assert post(frida, confirm="yes").status_code == 302
    assert not Letter.objects.exists()


def test_the_letters_are_sent_once(frida, rejections):
    numbers = list(Decision.objects.values_list("pk", flat=True))
    for _click in range(2):
        post(frida, decision=numbers, confirm="yes")
    assert Letter.objects.count() == 3
    assert {Decision.objects.get(pk=pk).application.status for pk in numbers} == {"rejected"}


def test_if_one_cannot_be_announced_none_is(frida, rejections, application_at):
    application_at("decided")
    Call.objects.update(budget=0)
    numbers = list(Decision.objects.values_list("pk", flat=True))
    post(frida, decision=numbers, confirm="yes")
    assert not Letter.objects.exists()
    assert set(Decision.objects.values_list("application__status", flat=True)) == {"decided"}


def test_the_preview_says_when_the_money_does_not_reach(frida, application_at):
    application = application_at("decided")
    Call.objects.update(budget=100_00)
    page = post(frida, pick=application.reference)
    assert page.context["is_too_much"]
    assert 'name="confirm"' not in page.content.decode()


def test_a_decision_that_changed_since_the_preview_is_not_sent(frida, rejections, world, cast):
    numbers = list(Decision.objects.values_list("pk", flat=True))
    decisions.reopen_decision(rejections[0], by=cast.frida)
    decisions.decide(
        rejections[0],
        by=cast.frida,
        amount=0,
        guideline=world.guideline,
        criterion=world.criterion,
        fact="Nej!",
    )
    post(frida, decision=numbers, confirm="yes")
    assert not Letter.objects.exists()
