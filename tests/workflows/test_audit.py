"""The trail: what is written, and how every kind of tampering is found."""

import io
import json
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection

from tests import factories
from workflows import audit, clock, machine
from workflows.audit import SYSTEM
from workflows.models import LogEntry


@pytest.fixture
def trail(transactional_db, world, cast):
    """Two cases with a few entries each, and a checkpoint."""
    first = factories.application_at("eligible", world, cast)
    second = factories.draft(world, cast.cille)
    audit.checkpoint("test")
    return first, second


@contextmanager
def the_owner_looking_away():
    """Somebody with the owner's password who switches the guards off."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET session_replication_role = replica")
        yield cursor
        cursor.execute("SET session_replication_role = origin")
    connection.close()


def test_an_untouched_trail_fits(trail):
    verdict = audit.verify()
    assert (verdict.fits, verdict.misfit, verdict.streams) == (True, None, 2)
    assert verdict.entries == LogEntry.objects.count() > 3


def test_an_altered_entry_is_found(trail):
    first, _second = trail
    with the_owner_looking_away() as cursor:
        cursor.execute(
            "UPDATE workflows_logentry SET actor = 'user:999' WHERE stream = %s AND number = 2",
            [first.stream],
        )
    assert audit.verify().misfit == audit.Misfit(first.stream, 2, "the entry was altered")


@pytest.mark.parametrize(
    "column",
    ["subject", "event", "from_status", "to_status", "actor", "previous_hash", "hash"],
)
def test_no_column_of_an_entry_can_be_altered_unseen(trail, column):
    first, _second = trail
    with the_owner_looking_away() as cursor:
        cursor.execute(
            f"UPDATE workflows_logentry SET {column} = 'x' WHERE stream = %s AND number = 2",
            [first.stream],
        )
    assert audit.verify().misfit.number == 2


def test_a_removed_entry_is_found(trail):
    first, _second = trail
    with the_owner_looking_away() as cursor:
        cursor.execute(
            "DELETE FROM workflows_logentry WHERE stream = %s AND number = 2", [first.stream]
        )
    assert audit.verify().misfit == audit.Misfit(first.stream, 2, "the entry is missing")


def test_a_removed_tail_is_found(trail):
    _first, second = trail
    last = LogEntry.objects.filter(stream=second.stream).count()
    with the_owner_looking_away() as cursor:
        cursor.execute(
            "DELETE FROM workflows_logentry WHERE stream = %s AND number = %s",
            [second.stream, last],
        )
    misfit = audit.verify().misfit
    assert (misfit.stream, misfit.number) == (second.stream, last)


def test_a_tail_removed_together_with_its_head_is_found_by_the_row(trail):
    """The forger also winds the head back: now the row's status is not what its log says."""
    _first, second = trail
    machine.take("withdraw", second, by=second.contact)
    with the_owner_looking_away() as cursor:
        cursor.execute(
            "DELETE FROM workflows_logentry WHERE stream = %s AND event = 'withdraw'",
            [second.stream],
        )
        cursor.execute(
            "UPDATE workflows_stream SET length = length - 1, hash ="
            " (SELECT hash FROM workflows_logentry WHERE stream = %s ORDER BY number DESC LIMIT 1)"
            " WHERE name = %s",
            [second.stream, second.stream],
        )
    misfit = audit.verify().misfit
    assert (misfit.stream, misfit.why) == (
        second.stream,
        f"application:{second.pk} is withdrawn, its log says draft",
    )


def test_a_removed_stream_is_found(trail):
    first, _second = trail
    with the_owner_looking_away() as cursor:
        cursor.execute("DELETE FROM workflows_logentry WHERE stream = %s", [first.stream])
        cursor.execute("DELETE FROM workflows_stream WHERE name = %s", [first.stream])
    assert audit.verify().misfit.stream == first.stream


def test_a_status_changed_behind_the_logs_back_is_found(trail):
    _first, second = trail
    with the_owner_looking_away() as cursor:
        cursor.execute(
            "UPDATE grants_application SET status = 'withdrawn' WHERE id = %s", [second.pk]
        )
    assert audit.verify().misfit.stream == second.stream


def test_a_removed_checkpoint_is_found(trail, world, cast):
    machine.take("withdraw", trail[1], by=trail[1].contact)
    audit.checkpoint("test")
    with the_owner_looking_away() as cursor:
        cursor.execute("DELETE FROM workflows_checkpoint WHERE number = 1")
    assert audit.verify().misfit == audit.Misfit("checkpoints", 1, "the checkpoint is missing")


def test_a_trail_rebuilt_from_the_start_is_found_by_a_hash_kept_outside(trail):
    """Every hash computed anew fits itself; only what was kept elsewhere tells."""
    kept = audit.verify().checkpoint_hash
    _rebuild_everything()
    assert audit.verify().fits
    assert audit.verify(expect=kept).misfit.why == "the expected checkpoint is not in the chain"


def test_the_hash_that_was_kept_is_in_an_honest_chain(trail):
    kept = audit.verify().checkpoint_hash
    machine.take("withdraw", trail[1], by=trail[1].contact)
    audit.checkpoint("later")
    assert audit.verify(expect=kept).fits


def test_a_checkpoint_seals_only_what_moved(trail):
    _first, second = trail
    assert audit.checkpoint("nothing moved").number == 1
    machine.take("withdraw", second, by=second.contact)
    seal = audit.checkpoint("one moved")
    assert [name for name, _length, _hash in seal.heads] == [second.stream]


def test_an_entry_names_the_actor_by_code(trail, cast):
    first, _second = trail
    assert {entry.actor for entry in LogEntry.objects.filter(stream=first.stream)} == {
        f"user:{cast.asta.pk}",
        f"user:{cast.frida.pk}",
    }
    assert audit.actor_code(SYSTEM) == "system"


def test_no_user_is_an_error_and_not_the_system(trail):
    with pytest.raises(TypeError):
        audit.record(trail[0], "noted", by=None)


def test_the_moment_is_the_clocks(trail):
    with clock.at(factories.LONG_AFTER):
        entry = audit.record(trail[0], "noted", by=SYSTEM)
    assert entry.at == factories.LONG_AFTER


def test_the_command_answers_0_when_it_fits(trail):
    out = io.StringIO()
    call_command("verify_audit", stdout=out)
    assert "The trail fits" in out.getvalue()


def test_the_command_answers_1_and_names_the_first_entry_that_does_not_fit(trail):
    first, _second = trail
    with the_owner_looking_away() as cursor:
        cursor.execute(
            "UPDATE workflows_logentry SET event = 'x' WHERE stream = %s AND number = 3",
            [first.stream],
        )
    out = io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_audit", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert stopped.value.code == 1
    assert (told["fits"], told["misfit"]["stream"], told["misfit"]["number"]) == (
        False,
        first.stream,
        3,
    )


def _rebuild_everything():
    from workflows.models import Checkpoint, Stream

    with the_owner_looking_away() as cursor:
        cursor.execute("UPDATE workflows_logentry SET actor = 'user:999'")
        for stream in Stream.objects.all():
            previous = ""
            for entry in LogEntry.objects.filter(stream=stream.name).order_by("number"):
                entry.previous_hash = previous
                previous = audit._sha256(audit._canonical(entry))
                LogEntry.objects.filter(pk=entry.pk).update(
                    previous_hash=entry.previous_hash, hash=previous
                )
            Stream.objects.filter(pk=stream.pk).update(hash=previous)
        for seal in Checkpoint.objects.all():
            heads = Stream.objects.order_by("name").values_list("name", "length", "hash")
            seal.heads = [list(head) for head in heads]
            Checkpoint.objects.filter(pk=seal.pk).update(
                heads=seal.heads, hash=audit._sha256(audit._canonical_checkpoint(seal))
            )
