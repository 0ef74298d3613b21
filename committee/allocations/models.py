"""Who gets how much of a call's budget: proposed by a rule, decided on by people."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from committee.seats.models import Committee
from grants.applications.models import Application
from grants.pools.models import Call
from workflows import clock, guards

__all__ = ["Allocation", "Move"]


class Allocation(models.Model):
    """One proposal that was laid before the committee, and whether it was adopted.

    election: the anonymised election as a .pb file, from which anybody can compute `record`
    (committee.allocation.Proposal.record) again. Both are hashed in the log.
    """

    class Rule(models.TextChoices):
        RANKED = "ranked", _("By ranking")
        EQUAL_SHARES = "equal_shares", _("By equal shares")
        THRESHOLD = "threshold", _("By threshold, first come first served")

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="allocations")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="allocations")
    rule = models.CharField(_("rule"), max_length=12, choices=Rule)
    election = models.TextField()
    record = models.JSONField()
    sha256 = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    adopted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    adopted_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.UniqueConstraint(
                fields=["call"],
                condition=Q(adopted_at__isnull=True, dropped_at__isnull=True),
                name="one_proposal_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(adopted_at__isnull=True, adopted_by__isnull=True)
                | Q(adopted_at__isnull=False, adopted_by__isnull=False, dropped_at__isnull=True),
                name="adopted_by_somebody_or_dropped",
            ),
        ]
        triggers = [
            guards.frozen(
                *["committee_id", "call_id", "rule", "election", "record", "sha256"],
                *["proposed_by_id", "proposed_at"],
                name="a_proposal_never_changes",
            ),
            guards.frozen(
                *["adopted_by_id", "adopted_at", "dropped_at"],
                once="OLD.adopted_at IS NOT NULL OR OLD.dropped_at IS NOT NULL",
                name="adopted_or_dropped_once",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.call} {self.proposed_at:%Y-%m-%d}"

    @property
    def pool(self):
        return self.call.pool

    @property
    def stream(self):
        return self.pool.stream


class Move(models.Model):
    """The committee gives one application another amount than the rule: in øre, 0 for none."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="moves")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="moves")
    amount = models.BigIntegerField(_("amount"))
    reason = models.TextField(_("why"), max_length=1000)
    moved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["moved_at", "id"]
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0) & ~Q(reason=""), name="a_move_has_a_reason"
            )
        ]
        triggers = [
            guards.closed_with(
                "moves_end_with_the_adoption",
                parent="committee_allocation WHERE id = NEW.allocation_id"
                " AND (adopted_at IS NOT NULL OR dropped_at IS NOT NULL)",
            ),
            *guards.append_only(),
        ]

    def __str__(self):
        return f"{self.application.reference}: {self.amount}"
