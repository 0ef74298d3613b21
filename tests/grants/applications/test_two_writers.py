"""Two on one team who write at the same moment, on two real connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from grants.applications import actions
from grants.applications.models import Application, TeamMember
from tests.factories import MONDAY
from workflows import clock
from workflows.machine import Refusal
from workflows.models import LogEntry

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = 5
A_WEEK_LATER = MONDAY + timedelta(days=7)


def race(pk, *acts):
    """All read the row, wait for each other, and act. Returns what each came to, in their order."""
    barrier = Barrier(len(acts))

    def one(act):
        try:
            with clock.at(A_WEEK_LATER):
                row = Application.objects.select_related("call__pool", "applicant").get(pk=pk)
                barrier.wait(timeout=20)
                return act(row)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


@pytest.fixture
def draft(application_at, cast):
    application = application_at("draft")
    TeamMember.objects.create(application=application, user=cast.bo, name="Bo")
    return application


def test_different_fields_are_both_saved(draft, cast):
    """Slow: each round commits on two connections."""
    for number in range(ROUNDS):
        saved = race(
            draft.pk,
            lambda row, n=number: actions.save_answers(
                row, by=cast.asta, given={"title": f"Titel {n}"}, seen=row.version
            ),
            lambda row, n=number: actions.save_answers(
                row, by=cast.bo, given={"newness": f"Grund {n}"}, seen=row.version
            ),
        )
        draft.refresh_from_db()
        assert [each.elsewhere for each in saved] == [[], []]
        assert draft.title == f"Titel {number}"
        assert draft.newness == f"Grund {number}"


def test_of_one_field_only_one_is_saved_and_the_other_hears_of_it(draft, cast):
    """Slow: each round commits on two connections."""
    for _round in range(ROUNDS):
        saved = race(
            draft.pk,
            lambda row: actions.save_answers(
                row, by=cast.asta, given={"title": "Astas"}, seen=row.version
            ),
            lambda row: actions.save_answers(
                row, by=cast.bo, given={"title": "Bos"}, seen=row.version
            ),
        )
        draft.refresh_from_db()
        assert sorted(each.elsewhere for each in saved) == [[], ["title"]]
        winner = "Astas" if not saved[0].elsewhere else "Bos"
        assert draft.title == winner


def test_sent_from_two_devices_at_once_it_is_sent_once(application_at, cast):
    """Slow: each round walks a new draft."""
    for _round in range(ROUNDS):
        draft = application_at("draft")
        came_to = race(
            draft.pk,
            lambda row: actions.submit(row, by=cast.asta),
            lambda row: actions.submit(row, by=cast.asta),
        )
        assert came_to == [None, None]
        assert LogEntry.objects.filter(stream=draft.stream, event="submit").count() == 1


def test_what_is_written_while_it_is_sent_is_in_it_or_refused(application_at, cast):
    """Slow: each round walks a new draft. The log has the hash of what lies there afterwards."""
    for _round in range(ROUNDS):
        draft = application_at("draft")
        TeamMember.objects.create(application=draft, user=cast.bo, name="Bo")
        race(
            draft.pk,
            lambda row: actions.submit(row, by=cast.asta),
            lambda row: actions.save_answers(row, by=cast.bo, given={"title": "Bos"}),
        )
        draft.refresh_from_db()
        sent = LogEntry.objects.get(stream=draft.stream, event="submit")
        assert sent.facts["hash"] == actions.document_hash(draft)
