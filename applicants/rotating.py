"""Sealing anew with the current key: in batches, beside the running site, as often as wanted."""

from collections import Counter
from dataclasses import dataclass, field

from django.apps import apps
from django.conf import settings
from django.db.models import BinaryField
from django.db.models.functions import Substr

from applicants import sealing
from applicants.models import Sealed

# Rows that are opened and sealed before the next ones are looked for.
AT_A_TIME = 200


@dataclass
class Rotated:
    """What sealing anew came to: {key's id: rows that still have it}, keys that are free to go,
    and a sentence for each row that did not open."""

    left: Counter = field(default_factory=Counter)
    free: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def rotate(say):
    """Seal everything with the current key. say(line) is told what was done, by table.

    Nothing of what is written changes, so no log is told: each row carries the id of its key.
    """
    rotated = Rotated()
    for model in _sealed_models():
        count = _reseal(model, rotated)
        say(f"{model._meta.verbose_name_plural}: {count} sealed with {settings.DATA_KEYS.current}")
    older = settings.DATA_KEYS.by_id.keys() - {settings.DATA_KEYS.current}
    rotated.free = sorted(older - rotated.left.keys()) if not rotated.problems else []
    return rotated


def _sealed_models():
    return [model for model in apps.get_models() if issubclass(model, Sealed)]


def _reseal(model, rotated):
    """How many rows were sealed anew; the others are told in `rotated`."""
    count, last = 0, 0
    while batch := list(_older(model).filter(pk__gt=last).order_by("pk")[:AT_A_TIME]):
        for row in batch:
            try:
                sealed = sealing.seal(row.unseal(), row.about)
            except sealing.SealError as error:
                rotated.problems.append(str(error))
            else:  # whoever sealed it meanwhile did the same
                count += model.objects.filter(pk=row.pk, sealed=row.sealed).update(sealed=sealed)
        last = batch[-1].pk
    # Also what a process with the old settings has sealed in between.
    for sealed in _older(model).values_list("sealed", flat=True).iterator():
        rotated.left[_key_or_damaged(bytes(sealed))] += 1
    return count


def _older(model):
    """The rows that are not sealed with the current key."""
    head = sealing.current_head()
    begins = Substr("sealed", 1, len(head), output_field=BinaryField())
    return model.objects.annotate(begins=begins).exclude(begins=head)


def _key_or_damaged(sealed):
    try:
        return sealing.key_of(sealed)
    except sealing.Tampered:
        return "no key that can be read"
