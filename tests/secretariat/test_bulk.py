"""One act on many cases."""

import pytest
from django.urls import reverse

from grants.applications import actions as applications
from workflows.models import LogEntry


@pytest.fixture
def frida(cast, as_user):
    return as_user(cast.frida)


def post(client, cases, **given):
    picks = {"pick": [case.reference for case in cases]}
    return client.post(reverse("desk:bulk"), picks | given)


def statuses(cases):
    for case in cases:
        case.refresh_from_db()
    return [case.status for case in cases]


def test_the_preview_counts_what_will_happen_and_writes_nothing(frida, received, cast):
    cases = received(3)
    applications.accept_for_review(cases[2], by=cast.frida)
    entries = LogEntry.objects.count()
    page = post(frida, cases, act="accept_for_review")
    assert [case.reference for case in page.context["ready"]] == [c.reference for c in cases[:2]]
    assert page.context["left_out"] == [cases[2]]
    assert LogEntry.objects.count() == entries


def test_many_become_ready_and_are_opened(frida, received):
    cases = received(3)
    answer = post(frida, cases, act="accept_for_review", confirm="yes", back="status=submitted")
    assert answer.url == reverse("desk:cases") + "?status=submitted"
    assert statuses(cases) == ["eligible"] * 3
    post(frida, cases, act="open_review", confirm="yes", closes_at="")
    assert statuses(cases) == ["in_review"] * 3


def test_a_closing_date_that_is_past_keeps_the_page(frida, received, cast):
    cases = received(2)
    for case in cases:
        applications.accept_for_review(case, by=cast.frida)
    page = post(frida, cases, act="open_review", confirm="yes", closes_at="2020-01-01T12:00")
    assert page.context["form"].errors
    assert "2020-01-01T12:00" in page.content.decode()
    assert statuses(cases) == ["eligible"] * 2


def test_all_or_none(frida, received, cast):
    cases = received(2)
    applications.accept_for_review(cases[1], by=cast.frida)
    post(frida, cases, act="accept_for_review", confirm="yes")
    assert statuses(cases) == ["submitted", "eligible"]


def test_only_a_caseworker_of_the_pool_picks(received, cast, as_user, other_caseworker, auditor):
    cases = received(2)
    for person in (other_caseworker, auditor, cast.hanne):
        post(as_user(person), cases, act="accept_for_review", confirm="yes")
    assert statuses(cases) == ["submitted"] * 2


def test_nothing_picked_and_unknown_acts(frida, received):
    cases = received(1)
    assert post(frida, [], act="accept_for_review").status_code == 302
    assert post(frida, cases, act="withdraw").status_code == 404
    assert frida.get(reverse("desk:bulk")).status_code == 302
