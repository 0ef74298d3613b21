"""The audit trail: record(), verify(), checkpoint().

One append-only table. Each entry belongs to a stream, has a number in it, the hash of the entry
before it and its own SHA-256 over a canonical form. Personal text stays out of it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby

from django.apps import apps
from django.db import connection, transaction
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat

from workflows import clock
from workflows.lifecycle import Lifecycle
from workflows.models import Checkpoint, LogEntry, Stream

# The key of the advisory lock under which checkpoints are numbered.
CHECKPOINTS = 7_245_001


class _System:
    """The system as an actor. Passed on purpose; None is never an actor."""

    def __repr__(self):
        return "SYSTEM"


SYSTEM = _System()


@dataclass(frozen=True)
class Misfit:
    """The first entry that does not fit, and in what way."""

    stream: str
    number: int
    why: str


@dataclass(frozen=True)
class Verdict:
    """What verify() found: how much was read, the last checkpoint's hash, and the first misfit."""

    entries: int
    streams: int
    checkpoints: int
    checkpoint_hash: str
    misfit: Misfit | None

    @property
    def fits(self):
        return self.misfit is None


def actor_code(by):
    """ "user:17" or "system"."""
    if by is SYSTEM:
        return "system"
    if by is None or by.pk is None:
        raise TypeError("No user is an error, not the system.")
    return f"user:{by.pk}"


def subject_code(row):
    """ "application:12": what the entry is about."""
    return f"{row._meta.model_name}:{row.pk}"


@transaction.atomic
def record(row, event, *, by, from_status="", to_status="", **facts):
    """Write that something happened to the row, in the transaction of the change itself.

    facts: references, field names, amounts (øre) and codes; never a person's words.
    """
    Stream.objects.bulk_create([Stream(name=row.stream)], ignore_conflicts=True)
    head = Stream.objects.select_for_update().get(name=row.stream)
    entry = LogEntry(
        stream=head.name,
        number=head.length + 1,
        subject=subject_code(row),
        event=event,
        from_status=from_status,
        to_status=to_status,
        actor=actor_code(by),
        at=clock.now(),
        facts=facts,
        previous_hash=head.hash,
    )
    entry.hash = _sha256(_canonical(entry))
    entry.save(force_insert=True)
    Stream.objects.filter(pk=head.pk).update(length=entry.number, hash=entry.hash, checkpoint=None)
    return entry


@transaction.atomic
def checkpoint(occasion):
    """Seal the heads of all streams that moved; returns the checkpoint, the last one if none moved.

    A stream that somebody is writing to at this moment is sealed by the next checkpoint.
    """
    with connection.cursor() as cursor:  # one at a time: the number is read after the lock
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHECKPOINTS])
    last = Checkpoint.objects.order_by("-number").first()
    moved = list(
        Stream.objects.select_for_update(skip_locked=True)
        .filter(checkpoint=None, length__gt=0)
        .order_by("name")
    )
    if not moved:
        return last
    seal = Checkpoint(
        number=last.number + 1 if last else 1,
        at=clock.now(),
        occasion=occasion,
        heads=[[stream.name, stream.length, stream.hash] for stream in moved],
        previous_hash=last.hash if last else "",
    )
    seal.hash = _sha256(_canonical_checkpoint(seal))
    seal.save(force_insert=True)
    Stream.objects.filter(pk__in=[stream.pk for stream in moved]).update(checkpoint=seal)
    return seal


def verify(expect=""):
    """Read the whole trail again and compare: entries, heads, rows, checkpoints.

    expect: the hash of a checkpoint kept outside; it must be in the chain. That finds a trail
    that was rebuilt from the start. Returns a Verdict.
    """
    sealed, misfit = _read_checkpoints(expect)
    read = _Reading(sealed)
    misfit = misfit or read.entries() or read.heads() or _misfit_in_rows()
    last = Checkpoint.objects.order_by("-number").first()
    return Verdict(
        entries=read.count,
        streams=len(read.ends),
        checkpoints=Checkpoint.objects.count(),
        checkpoint_hash=last.hash if last else "",
        misfit=misfit,
    )


class _Reading:
    """One walk through all entries, stream by stream; remembers where each stream ends."""

    def __init__(self, sealed):
        self.sealed = sealed
        self.ends = {}
        self.count = 0

    def entries(self):
        ordered = LogEntry.objects.order_by("stream", "number").iterator(chunk_size=2000)
        for name, entries in groupby(ordered, key=lambda entry: entry.stream):
            number, previous = 0, ""
            for entry in entries:
                if entry.number != number + 1:
                    return Misfit(name, number + 1, "the entry is missing")
                if entry.previous_hash != previous or entry.hash != _sha256(_canonical(entry)):
                    return Misfit(name, entry.number, "the entry was altered")
                number, previous = entry.number, entry.hash
                if self.sealed.pop((name, number), previous) != previous:
                    return Misfit(name, number, "the entry is not the one that was sealed")
                self.count += 1
            self.ends[name] = (number, previous)
        for name, number in sorted(self.sealed):
            return Misfit(name, number, "the entry that was sealed is gone")
        return None

    def heads(self):
        heads = {stream.name: (stream.length, stream.hash) for stream in Stream.objects.all()}
        for name in sorted(heads.keys() | self.ends.keys()):
            if heads.get(name) != self.ends.get(name):
                last, _hash = self.ends.get(name, (0, ""))
                return Misfit(name, last, "the stream does not end where its head says")
        return None


def _read_checkpoints(expect):
    """The sealed heads as {(stream, length): hash}, and the first checkpoint that does not fit."""
    previous, number, seen, sealed = "", 0, set(), {}
    for seal in Checkpoint.objects.order_by("number").iterator():
        if seal.number != number + 1:
            return sealed, Misfit("checkpoints", number + 1, "the checkpoint is missing")
        if seal.previous_hash != previous or seal.hash != _sha256(_canonical_checkpoint(seal)):
            return sealed, Misfit("checkpoints", seal.number, "the checkpoint was altered")
        sealed.update({(name, length): hash_ for name, length, hash_ in seal.heads})
        number, previous = seal.number, seal.hash
        seen.add(seal.hash)
    if expect and expect not in seen:
        return sealed, Misfit("checkpoints", 0, "the expected checkpoint is not in the chain")
    return sealed, None


def _misfit_in_rows():
    """Each row's status against the last entry that moved it."""
    for model in _models_with_a_lifecycle():
        moves = LogEntry.objects.filter(subject=OuterRef("code")).exclude(to_status="")
        rows = model._base_manager.annotate(code=_code_of(model)).annotate(
            logged=Subquery(moves.order_by("-number").values("to_status")[:1])
        )
        for row in rows.iterator(chunk_size=2000):
            if row.logged != row.status:
                why = f"{row.code} is {row.status}, its log says {row.logged}"
                return Misfit(row.stream, 0, why)
    return None


def _models_with_a_lifecycle():
    return [model for model in apps.get_models() if issubclass(model, Lifecycle)]


def _code_of(model):
    return Concat(Value(f"{model._meta.model_name}:"), Cast("pk", CharField()))


def _canonical(entry):
    return {
        "stream": entry.stream,
        "number": entry.number,
        "subject": entry.subject,
        "event": entry.event,
        "from": entry.from_status,
        "to": entry.to_status,
        "actor": entry.actor,
        "at": _moment(entry.at),
        "facts": entry.facts,
        "previous": entry.previous_hash,
    }


def _canonical_checkpoint(seal):
    return {
        "number": seal.number,
        "at": _moment(seal.at),
        "occasion": seal.occasion,
        "heads": seal.heads,
        "previous": seal.previous_hash,
    }


def _moment(at):
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _sha256(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
