"""What the database refuses by raw SQL, as the web's role and as owner, switch or no switch."""

from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from tests import factories
from workflows import audit, machine
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus, pairs
from workflows.models import Checkpoint, LogEntry

REFUSED = (IntegrityError, ProgrammingError)  # by a guard, or for want of the right
EVERYBODY = ["web", "owner", "owner with pgtrigger.ignore"]


@pytest.fixture(params=EVERYBODY)
def anybody(request, transactional_db):
    """Whoever it is that writes the SQL."""
    with connection.cursor() as cursor:
        if request.param != "web":
            cursor.execute("RESET ROLE")
        if "ignore" in request.param:
            cursor.execute(
                "SELECT array_agg(tgname::text)::text FROM pg_trigger"
                " WHERE tgname LIKE 'pgtrigger_%'"
            )
            (every_trigger,) = cursor.fetchone()
            cursor.execute("SELECT set_config('pgtrigger.ignore', %s, false)", [every_trigger])
    yield request.param
    connection.close()


@pytest.fixture
def case(anybody, world, cast):
    return factories.draft(world, cast.asta)


@contextmanager
def refused(*parts):
    with pytest.raises(REFUSED) as caught, transaction.atomic():
        yield
    said = str(caught.value)
    assert "permission denied" in said or any(part in said for part in parts), said


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("table", ["workflows_logentry", "workflows_checkpoint"])
@pytest.mark.parametrize("verb", ["UPDATE {table} SET at = now()", "DELETE FROM {table}"])
def test_nobody_alters_or_removes_what_is_written(case, table, verb):
    audit.checkpoint("test")
    with refused("only ever added"):
        sql(verb.format(table=table))


@pytest.mark.parametrize(
    "table",
    ["workflows_logentry", "workflows_checkpoint", "workflows_stream", "grants_application"],
)
def test_nobody_empties_a_table_with_a_history(case, table):
    with refused("never emptied"):
        sql(f"TRUNCATE {table} CASCADE")


def test_a_stream_moves_only_onto_an_entry_that_exists(case):
    with refused("a stream grows by the entry that was added"):
        sql("UPDATE workflows_stream SET length = length + 1, hash = 'made up'")


def test_a_stream_is_never_removed(case):
    with refused("never deleted"):
        sql("DELETE FROM workflows_stream")


def test_a_row_with_a_history_is_never_removed(case):
    with refused("never deleted", "foreign key"):
        sql("DELETE FROM grants_application WHERE id = %s", case.pk)


def test_a_case_cannot_begin_in_the_middle(case):
    with refused("a row begins with the first status"):
        sql(
            "INSERT INTO grants_application SELECT (jsonb_populate_record(a, jsonb_build_object("
            "'id', 999999, 'reference', 'X-1', 'status', 'awarded', 'submitted_at', now()))).*"
            " FROM grants_application a WHERE id = %s",
            case.pk,
        )


def test_a_case_that_begins_without_a_log_entry_is_refused_at_commit(case):
    with refused("a step without its log entry"):
        sql(
            "INSERT INTO grants_application SELECT (jsonb_populate_record(a, jsonb_build_object("
            "'id', 999999, 'reference', 'X-1'))).* FROM grants_application a WHERE id = %s",
            case.pk,
        )


def test_an_allowed_pair_without_a_log_entry_is_refused_at_commit(case):
    with refused("a step without its log entry"):
        sql("UPDATE grants_application SET status = 'withdrawn' WHERE id = %s", case.pk)


def test_yesterdays_log_entry_does_not_serve_for_todays_step(case):
    """The entry has to be of the same transaction, whatever number is sent in."""
    with transaction.atomic():
        entry = audit.record(
            case, "withdraw", by=SYSTEM, from_status="draft", to_status="withdrawn"
        )
    with refused("a step without its log entry"):
        sql("UPDATE grants_application SET status = 'withdrawn' WHERE id = %s", case.pk)
    assert LogEntry.objects.get(pk=entry.pk).transaction > 0


def test_the_transaction_of_an_entry_is_the_databases_own_word(case):
    with transaction.atomic():
        entry = audit.record(case, "noted", by=SYSTEM)
        sql("SELECT 1")
    stored = LogEntry.objects.get(pk=entry.pk).transaction
    assert stored != entry.transaction  # Python sent 0


def test_no_pair_outside_the_lifecycle_is_accepted_even_with_a_log_entry(case):
    allowed = set(pairs(type(case)))
    for target in ApplicationStatus.values:
        if target == "draft" or ("draft", target) in allowed:
            continue
        with refused("no step leads from draft to"):
            audit.record(case, "lie", by=SYSTEM, from_status="draft", to_status=target)
            sql(
                "UPDATE grants_application SET status = %s, submitted_at = now() WHERE id = %s",
                target,
                case.pk,
            )


def test_a_sent_letters_words_and_bytes_never_change(anybody, world, cast):
    application = factories.application_at("awarded", world, cast)
    letter = application.current_decision().letter
    with refused("what is written here is final"):
        sql("UPDATE grants_letter SET html = 'other' WHERE id = %s", letter.pk)
    sql(
        "UPDATE grants_letter SET pdf = 'x', sha256 = 'y', rendered_at = now() WHERE id = %s",
        letter.pk,
    )
    with refused("what is written here is final"):
        sql("UPDATE grants_letter SET pdf = 'z' WHERE id = %s", letter.pk)
    with refused("never deleted", "foreign key"):
        sql("DELETE FROM grants_letter WHERE id = %s", letter.pk)


def test_grants_never_add_up_to_more_than_the_budget(anybody, world, cast):
    application = factories.application_at("awarded", world, cast)
    with refused("below what is already given of it"):
        sql(
            "UPDATE grants_call SET budget = %s WHERE id = %s",
            application.amount_applied_for - 1,
            world.call.pk,
        )
    with refused("above what there is to give"):
        sql("UPDATE grants_grant SET amount_awarded = %s", world.call.budget + 1)


def test_payouts_never_add_up_to_more_than_the_grant(anybody, world, cast):
    application = factories.application_at("completed", world, cast)
    grant = application.current_grant()
    with refused("below what is already given of it"):
        sql("UPDATE grants_grant SET amount_awarded = amount_awarded - 1 WHERE id = %s", grant.pk)
    with refused("what is written here is final", "above what there is to give"):
        sql("UPDATE grants_payout SET amount = amount + 1")


def test_a_recommendation_without_a_quorum_is_refused(case):
    with refused("a_recommendation_has_a_quorum"):
        sql(
            "INSERT INTO grants_recommendation"
            " (application_id, amount, entitled, needed, cast, votes_for, votes_against, made_at)"
            " VALUES (%s, 1, 9, 5, 4, 4, 0, now())".replace(" cast,", ' "cast",'),
            case.pk,
        )


def test_a_decision_that_gives_less_without_its_reason_is_refused(case, cast):
    with refused("less_than_all_wants_a_reason"):
        sql(
            "INSERT INTO grants_decision (application_id, amount_awarded, fact, deviation_reason,"
            " is_partial, decided_by_id, decided_at) VALUES (%s, 0, '', '', true, %s, now())",
            case.pk,
            cast.frida.pk,
        )


def test_the_web_role_owns_nothing(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (who,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner = current_user")
        assert (who, cursor.fetchone()) == ("ungepuljen_web", (0,))


def test_nothing_of_a_refused_step_is_left(transactional_db, world, cast):
    application = factories.draft(world, cast.asta)
    before = LogEntry.objects.count()
    with pytest.raises(machine.Refusal):
        machine.take("award", application, by=cast.frida)
    assert (LogEntry.objects.count(), Checkpoint.objects.count()) == (before, 0)
