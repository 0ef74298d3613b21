"""Who sits in a committee, and the rules by which it recommends."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from grants.pools.models import Municipality, Pool
from workflows import clock, guards

__all__ = ["Committee", "Member", "Procedure"]


class Committee(models.Model):
    """Those who recommend for one pool."""

    pool = models.OneToOneField(Pool, on_delete=models.PROTECT, related_name="committee")
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("committee")
        verbose_name_plural = _("committees")

    def __str__(self):
        return self.name

    @property
    def stream(self):
        return self.pool.stream

    def procedure(self):
        """The rules that apply to a vote that is opened now, or None."""
        return self.procedures.order_by("-version").first()


def chair_then_young():
    return [Procedure.Breaker.CHAIR, Procedure.Breaker.YOUNG]


class Procedure(models.Model):
    """A committee's rules of procedure, in versions that never change.

    A vote keeps the version that it was opened with. The defaults are those of Danish municipal
    councils where they have any: half of the members are a quorum, abstentions are no votes cast.
    """

    class Breaker(models.TextChoices):
        CHAIR = "chair", _("The chair's vote decides")
        YOUNG = "young", _("The majority of the young members decides")

    class Ballots(models.TextChoices):
        NAMED = "named", _("Named: members see each other's votes when the vote is closed")
        SECRET = "secret", _("Secret: nobody sees who voted what")

    class Recommends(models.TextChoices):
        EACH = "each", _("Each application by itself, when its vote closes")
        TOGETHER = "together", _("All of a call together, by an allocation that is adopted")

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="procedures")
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    quorum_percent = models.PositiveSmallIntegerField(
        _("percent of those entitled who have to vote"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    least_young = models.PositiveSmallIntegerField(_("least young members voting"), default=2)
    least_staff = models.PositiveSmallIntegerField(_("least staff members voting"), default=2)
    wants_both_blocs = models.BooleanField(
        _("wants a majority among the young and among the staff"), default=False
    )
    # Asked in this order; when none of them decides, a tie is not carried.
    ties = ArrayField(
        models.CharField(max_length=5, choices=Breaker),
        verbose_name=_("what settles a tie"),
        default=chair_then_young,
        blank=True,
    )
    ballots = models.CharField(_("ballots"), max_length=6, choices=Ballots, default=Ballots.NAMED)
    days_to_vote = models.PositiveSmallIntegerField(
        _("days to vote"), default=7, validators=[MinValueValidator(1)]
    )
    members_to_demand_a_meeting = models.PositiveSmallIntegerField(
        _("members it takes to demand a meeting about an application"), default=1
    )
    # The weighted mean below which nothing is recommended.
    threshold = models.DecimalField(
        _("least mean score"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("2.50"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(5))],
    )
    young_weight = models.PositiveSmallIntegerField(
        _("weight of the young members' mean in percent"),
        default=50,
        validators=[MaxValueValidator(100)],
    )
    # Recommended amounts are rounded down to whole steps of this, in øre.
    rounding = models.PositiveIntegerField(
        _("rounding in øre"), default=10_000, validators=[MinValueValidator(1)]
    )
    recommends = models.CharField(
        _("recommends"), max_length=8, choices=Recommends, default=Recommends.EACH
    )
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["committee", "-version"]
        verbose_name = _("rules of procedure")
        verbose_name_plural = _("rules of procedure")
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "version"], name="one_procedure_per_version"
            ),
            models.CheckConstraint(
                condition=Q(quorum_percent__range=(1, 100), young_weight__lte=100),
                name="a_procedure_has_percentages",
            ),
            models.CheckConstraint(
                condition=Q(threshold__range=(0, 5)), name="a_threshold_is_a_score"
            ),
            models.CheckConstraint(
                condition=Q(rounding__gt=0, days_to_vote__gt=0), name="a_procedure_gives_time"
            ),
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.committee} v{self.version}"

    @property
    def pool(self):
        return self.committee.pool

    @property
    def is_secret(self):
        return self.ballots == self.Ballots.SECRET


class Member(models.Model):
    """A seat in the committee, young or staff, and who has it. A substitute waits to be called in.

    posts: where else the member works or has a say, one a line; only what hints at a conflict.
    """

    class Seat(models.TextChoices):
        YOUNG = "young", _("Young member")
        STAFF = "staff", _("Culture staff")

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="seats")
    seat = models.CharField(_("seat"), max_length=5, choices=Seat)
    is_chair = models.BooleanField(_("chair"), default=False)
    is_substitute = models.BooleanField(_("substitute"), default=False)
    home = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", verbose_name=_("municipality")
    )
    posts = models.TextField(
        _("associations and institutions that the member leads or works for, one a line"),
        max_length=1000,
        blank=True,
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(is_chair=False) | Q(is_substitute=False),
                name="no_substitute_has_the_chair",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="a_term_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return str(self.user)

    @property
    def pool(self):
        return self.committee.pool
