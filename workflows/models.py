from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows import guards


class Checkpoint(models.Model):
    """A seal over the heads of all streams that moved since the one before."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    occasion = models.CharField(max_length=40)
    heads = models.JSONField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.number} {self.hash[:12]}"


class Stream(models.Model):
    """The head of one log: how long it is, and the hash of its last entry."""

    name = models.CharField(max_length=80, primary_key=True)
    length = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, null=True, related_name="streams"
    )

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        triggers = guards.heads_only_grow()

    def __str__(self):
        return self.name


class LogEntry(models.Model):
    """One thing that happened, in the order in which it happened to its stream.

    The actor is a code and not a relation, so that no deletion of a person touches the log.
    """

    stream = models.CharField(max_length=80)
    number = models.BigIntegerField()
    subject = models.CharField(max_length=80)
    event = models.CharField(max_length=40)
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20, blank=True)
    actor = models.CharField(max_length=40)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    # Set by the database: the transaction that wrote the entry, so that a status can want its own.
    transaction = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["stream", "number"]
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        constraints = [
            models.UniqueConstraint(fields=["stream", "number"], name="one_entry_per_number")
        ]
        indexes = [
            models.Index(fields=["subject", "transaction"], name="entry_of_this_transaction"),
            models.Index(fields=["subject", "number"], name="last_entry_of_a_subject"),
            models.Index(fields=["at"], name="entries_of_a_day"),
        ]
        triggers = [*guards.append_only(), guards.stamp_transaction()]

    def __str__(self):
        return f"{self.stream} #{self.number} {self.event}"
