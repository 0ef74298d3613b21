from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from grants.applications.models import Application
from grants.decisions.models import Recommendation
from grants.pools.models import Municipality, Pool
from workflows import clock, guards

__all__ = ["Committee", "Member", "Recusal", "Vote", "VoteWindow"]


class Committee(models.Model):
    """Those who recommend for one pool, and the rules by which they do it."""

    pool = models.OneToOneField(Pool, on_delete=models.PROTECT, related_name="committee")
    name = models.CharField(_("name"), max_length=80)
    least_young = models.PositiveSmallIntegerField(_("least young members voting"), default=2)
    least_staff = models.PositiveSmallIntegerField(_("least staff members voting"), default=2)
    days_to_vote = models.PositiveSmallIntegerField(_("days to vote"), default=7)
    # Recommended amounts are rounded down to whole steps of this, in øre.
    rounding = models.PositiveIntegerField(_("rounding in øre"), default=10_000)

    class Meta:
        verbose_name = _("committee")
        verbose_name_plural = _("committees")

    def __str__(self):
        return self.name


class Member(models.Model):
    """A seat in the committee, young or staff, and who has it."""

    class Seat(models.TextChoices):
        YOUNG = "young", _("Young member")
        STAFF = "staff", _("Culture staff")

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="seats")
    seat = models.CharField(_("seat"), max_length=5, choices=Seat)
    is_chair = models.BooleanField(_("chair"), default=False)
    home = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", verbose_name=_("municipality")
    )
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["committee", "user"], name="a_member_once"),
            models.UniqueConstraint(
                fields=["committee"], condition=Q(is_chair=True), name="one_chair"
            ),
        ]

    def __str__(self):
        return str(self.user)


class Recusal(models.Model):
    """A member stands aside from one application (forvaltningsloven §§ 3-6)."""

    class Ground(models.TextChoices):
        OWN_INTEREST = "own_interest", _("I have an interest in it myself")
        FAMILY = "family", _("Family or somebody close applies or takes part")
        ASSOCIATION = "association", _("I lead or work for an association in it")
        OTHER_DOUBT = "other_doubt", _("Something else could raise doubt about me")

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="recusals")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="recusals")
    ground = models.CharField(_("ground"), max_length=12, choices=Ground)
    declared_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        constraints = [
            models.UniqueConstraint(fields=["application", "member"], name="recused_once")
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.application.reference} {self.member}"


class VoteWindow(models.Model):
    """The time in which the committee votes on one application, and how it ended."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="vote_windows"
    )
    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="vote_windows")
    opened_at = models.DateTimeField(default=clock.now)
    closes_at = models.DateTimeField(_("closes"))
    closed_at = models.DateTimeField(null=True)
    recommendation = models.OneToOneField(
        Recommendation, on_delete=models.PROTECT, null=True, related_name="vote_window"
    )
    # What is missing for a quorum was told at this moment, so that it is told once.
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at"]
        verbose_name = _("vote window")
        verbose_name_plural = _("vote windows")
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(closed_at__isnull=True), name="one_open_window"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=models.F("opened_at")),
                name="a_window_closes_after_opening",
            ),
        ]
        triggers = [
            guards.frozen(
                "closed_at",
                "recommendation_id",
                once="OLD.closed_at IS NOT NULL",
                name="a_closed_vote_stays_closed",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.application.reference} {self.opened_at:%Y-%m-%d}"


class Vote(models.Model):
    """One member's vote on one application. May be changed until the vote closes."""

    class Choice(models.TextChoices):
        FOR = "for", _("For")
        AGAINST = "against", _("Against")
        ABSTAIN = "abstain", _("Abstain")

    window = models.ForeignKey(VoteWindow, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(_("vote"), max_length=7, choices=Choice)
    # What the member would give, in øre; 0 is nothing.
    amount = models.BigIntegerField(_("amount"), default=0)
    cast_at = models.DateTimeField(default=clock.now)
    # A member who stands aside after voting: the vote is kept and not counted.
    voided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.UniqueConstraint(fields=["window", "member"], name="one_vote_per_member"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_vote_names_zero_or_more"),
        ]
        triggers = [
            guards.closed_with(
                "votes_close_with_the_window",
                parent="committee_votewindow WHERE id = NEW.window_id AND closed_at IS NOT NULL",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.window} {self.member}"
