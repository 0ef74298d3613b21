"""A pool administrator sets up a committee: its seats, and its rules in versions."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from applicants.models import User
from committee.seats.models import Member, Procedure
from tests import factories
from workflows.models import LogEntry


@pytest.fixture
def root(world, client):
    client.force_login(User.objects.create_superuser("root@example.org", name="Root"))
    return client


def as_it_stands(page):
    """What the form on the page would send if nothing was touched."""
    form = page.context["adminform"].form
    told = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    return {name: value for name, value in told.items() if value is not False}


def change(root, procedure, **told):
    url = reverse("admin:committee_procedure_change", args=[procedure.pk])
    return root.post(url, as_it_stands(root.get(url)) | told)


def test_a_change_of_the_rules_is_a_new_version(root, world):
    first = world.committee.procedure()
    answer = change(
        root, first, quorum_percent="67", ties="young,chair", ballots="secret", rounding="500"
    )
    assert answer.status_code == 302
    second = world.committee.procedure()
    assert (second.version, second.quorum_percent, second.rounding) == (2, 67, 500_00)
    assert second.ties == ["young", "chair"]
    assert second.made_by.name == "Root"
    first.refresh_from_db()
    assert first.quorum_percent == 50
    assert LogEntry.objects.get(event="set_up").facts["fields"] == [
        *["ballots", "quorum_percent", "rounding", "ties"]
    ]


def test_rules_that_nobody_touched_stay_the_version_that_they_are(root, world):
    assert change(root, world.committee.procedure()).status_code == 302
    assert Procedure.objects.count() == 1


def test_a_tie_can_be_left_unsettled(root, world):
    change(root, world.committee.procedure(), ties="")
    assert world.committee.procedure().ties == []


@pytest.mark.parametrize(
    "told",
    [
        {"quorum_percent": "0"},
        {"young_weight": "101"},
        {"threshold": "5,01"},
        {"rounding": "0"},
        {"days_to_vote": "0"},
        {"ties": "dice"},
    ],
    ids=str,
)
def test_rules_that_cannot_be_are_refused_with_a_sentence(root, world, told):
    page = change(root, world.committee.procedure(), **told)
    assert list(page.context["adminform"].form.errors) == list(told)
    assert Procedure.objects.count() == 1


def test_a_vote_keeps_the_rules_that_it_was_opened_with(application_at, world):
    window = application_at("in_review").vote_windows.get()
    Procedure.objects.create(committee=world.committee, version=2, threshold=Decimal(4))
    window.refresh_from_db()
    assert window.procedure.version == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE committee_procedure SET threshold = 0",
        "UPDATE committee_procedure SET least_young = 0",
        "DELETE FROM committee_procedure",
        "TRUNCATE committee_procedure CASCADE",
    ],
)
def test_the_database_refuses_to_change_what_has_been_rules(world, statement):
    with (
        pytest.raises(DatabaseError, match=r"only ever added|never emptied|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Procedure.objects.count() == 1


def test_a_substitute_has_no_chair(world):
    with pytest.raises(IntegrityError, match="no_substitute_has_the_chair"), transaction.atomic():
        factories.seat(
            factories.user("Ea"), world.committee, "staff", is_chair=True, is_substitute=True
        )


def test_seats_are_given_in_the_committees_form(root, world):
    person = factories.user("Ea")
    url = reverse("admin:committee_committee_change", args=[world.committee.pk])
    rows = {
        "members-TOTAL_FORMS": 1,
        "members-INITIAL_FORMS": 0,
        "members-0-user": person.pk,
        "members-0-seat": "young",
        "members-0-is_substitute": "on",
        "members-0-home": world.places[0].pk,
        "members-0-starts_on": "2026-01-01",
    }
    answer = root.post(url, {"name": "Udvalget", **rows})
    assert answer.status_code == 302, answer.context["errors"]
    assert Member.objects.get(user=person).is_substitute
