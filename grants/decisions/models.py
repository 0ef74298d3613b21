from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from grants.applications.models import Application
from grants.letters.models import Letter
from grants.pools.models import Call, ComplaintGuidance, Criterion, Guideline, Municipality
from workflows import clock, guards

__all__ = ["ChangeRequest", "Decision", "Grant", "Hearing", "MunicipalShare", "Recommendation"]


class Recommendation(models.Model):
    """What the committee arrived at for one application: an amount, or 0 for none."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="recommendations"
    )
    amount = models.BigIntegerField(_("recommended amount"))
    entitled = models.PositiveSmallIntegerField(_("entitled to vote"))
    cast = models.PositiveSmallIntegerField(_("votes given"))
    needed = models.PositiveSmallIntegerField(_("votes needed for a quorum"))
    votes_for = models.PositiveSmallIntegerField(_("for"))
    votes_against = models.PositiveSmallIntegerField(_("against"))
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="recommended_from_zero_up"),
            models.CheckConstraint(
                condition=Q(cast__gte=F("needed"), entitled__gte=F("cast"), needed__gt=0),
                name="a_recommendation_has_a_quorum",
            ),
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.application.reference}: {self.amount}"


class Decision(models.Model):
    """What the authority decides, and why. An amount of 0 is a rejection.

    The reason has three parts (forvaltningsloven § 24): the guideline's paragraph, the criterion
    that weighed most, and the fact of the case. They are wanted for a rejection and for less
    than was applied for.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    amount_awarded = models.BigIntegerField(_("amount awarded"))
    guideline = models.ForeignKey(
        Guideline, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("guideline")
    )
    criterion = models.ForeignKey(
        Criterion, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("criterion")
    )
    fact = models.TextField(_("the fact"), max_length=2000, blank=True)
    deviation_reason = models.TextField(
        _("why it deviates from the recommendation"), max_length=2000, blank=True
    )
    is_partial = models.BooleanField(editable=False)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)
    letter = models.OneToOneField(
        Letter, on_delete=models.PROTECT, null=True, related_name="decision"
    )
    complaint_guidance = models.ForeignKey(
        ComplaintGuidance, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-decided_at"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_standing_decision",
            ),
            models.CheckConstraint(condition=Q(amount_awarded__gte=0), name="awarded_from_zero_up"),
            models.CheckConstraint(
                condition=Q(amount_awarded__gt=0, is_partial=False)
                | (Q(guideline__isnull=False, criterion__isnull=False) & ~Q(fact="")),
                name="less_than_all_wants_a_reason",
            ),
        ]
        triggers = [
            guards.frozen(
                *["application_id", "amount_awarded", "guideline_id", "criterion_id", "fact"],
                *["deviation_reason", "is_partial", "decided_by_id", "decided_at"],
                name="a_decision_never_changes",
            ),
            guards.frozen("letter_id", once="OLD.letter_id IS NOT NULL", name="one_letter"),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.application.reference}: {self.amount_awarded}"

    @property
    def is_rejection(self):
        return self.amount_awarded == 0

    @property
    def kind(self):
        """The kind of letter that tells it."""
        if self.is_rejection:
            return Letter.Kind.REJECTION
        return Letter.Kind.PARTIAL_AWARD if self.is_partial else Letter.Kind.AWARD


class Grant(models.Model):
    """What was given, with conditions. Counts within the call's budget until it ends."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="grants")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="grant")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="grants")
    amount_awarded = models.BigIntegerField(_("amount awarded"))
    currency = models.CharField(_("currency"), max_length=3)
    conditions = models.JSONField(_("conditions"), default=list)
    award_date = models.DateField(_("awarded on"))
    accept_by = models.DateField(_("say yes by"))
    report_by = models.DateField(_("report by"))
    accepted_at = models.DateTimeField(null=True)
    # Declined, lapsed or taken up again: from here on it gives nothing and counts nowhere.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-award_date", "-id"]
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(ended_at__isnull=True),
                name="one_grant_at_a_time",
            ),
            models.CheckConstraint(condition=Q(amount_awarded__gt=0), name="a_grant_gives"),
        ]
        triggers = [
            guards.within_parent(
                "grants_within_the_budget",
                lock="grants_call WHERE id = NEW.call_id",
                child_sum="SELECT SUM(amount_awarded) FROM grants_grant"
                " WHERE call_id = NEW.call_id AND ended_at IS NULL",
                parent_amount="SELECT budget FROM grants_call WHERE id = NEW.call_id",
            ),
            guards.children_within(
                "payouts_within_the_grant",
                parent_amount="amount_awarded",
                child_sum="SELECT COALESCE(SUM(payout.amount), 0) FROM grants_payout AS payout"
                " JOIN grants_instalment AS part ON part.id = payout.instalment_id"
                " WHERE part.grant_id = NEW.id"
                " AND payout.status NOT IN ('returned', 'cancelled')",
            ),
            guards.frozen(
                "application_id", "decision_id", "call_id", "currency", name="a_grant_stays_put"
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.application.reference}: {self.amount_awarded}"

    def amount_disbursed(self):
        """What has been paid out and not returned, in øre."""
        paid = self.instalments.filter(payouts__status="paid")
        return paid.aggregate(sum=Sum("payouts__amount"))["sum"] or 0

    def has_live_payouts(self):
        """Whether money has left or is about to."""
        return self.instalments.filter(payouts__status__in=["approved", "sent", "paid"]).exists()


class MunicipalShare(models.Model):
    """How much of a grant is attributed to one municipality, in øre. The shares add up to it."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="municipal_shares")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="municipal_shares"
    )
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        ordering = ["grant", "municipality"]
        verbose_name = _("municipal share")
        verbose_name_plural = _("municipal shares")
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "municipality"], name="one_share_per_municipality"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_share_is_not_negative"),
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.municipality}: {self.amount}"


class Hearing(models.Model):
    """The applicant is heard before money is reclaimed (forvaltningsloven § 19)."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="hearings")
    text = models.TextField(_("what we consider, and why"), max_length=3000)
    answer = models.TextField(_("your answer"), max_length=3000, blank=True)
    answer_by = models.DateField(_("answer by"))
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at"]
        verbose_name = _("hearing")
        verbose_name_plural = _("hearings")
        triggers = [
            guards.frozen("application_id", "text", "answer_by", "opened_by_id", "opened_at"),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.application.reference} {self.opened_at:%Y-%m-%d}"


class ChangeRequest(models.Model):
    """What the grantee asks to have changed after the yes, and the secretariat's answer."""

    class Kind(models.TextChoices):
        DATES = "dates", _("Other dates")
        BUDGET = "budget", _("Another budget")
        EXTENSION = "extension", _("More time to report")
        GIVE_UP = "give_up", _("Give the project up")

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="change_requests"
    )
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="change_requests")
    kind = models.CharField(_("what shall change"), max_length=10, choices=Kind)
    reason = models.TextField(_("why"), max_length=2000)
    starts_on = models.DateField(_("begins"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    report_by = models.DateField(_("report by"), null=True, blank=True)
    # [{"key", "kind", "text", "amount" in øre}]: the whole budget as it shall be.
    lines = models.JSONField(_("budget"), default=list, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    # None until it is answered; small changes of the budget are granted at once, by nobody.
    is_granted = models.BooleanField(_("granted"), null=True)
    answer = models.TextField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    letter = models.OneToOneField(
        Letter, on_delete=models.PROTECT, null=True, related_name="change_request"
    )

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("request for a change")
        verbose_name_plural = _("requests for a change")
        constraints = [
            models.UniqueConstraint(
                fields=["grant"],
                condition=Q(answered_at__isnull=True),
                name="one_open_change_request",
            ),
            models.CheckConstraint(
                condition=Q(is_granted__isnull=True, answered_at__isnull=True)
                | Q(is_granted__isnull=False, answered_at__isnull=False),
                name="an_answer_has_a_moment",
            ),
        ]
        triggers = [
            guards.frozen(
                *["application_id", "grant_id", "kind", "reason", "starts_on", "ends_on"],
                *["report_by", "lines", "asked_by_id", "asked_at"],
                name="a_wish_never_changes",
            ),
            guards.frozen(
                *["is_granted", "answer", "answered_by_id", "answered_at"],
                once="OLD.answered_at IS NOT NULL",
                name="answered_once",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.application.reference} {self.get_kind_display()}"
