from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applicants.models import BankAccount, Sealed, User
from grants.applications.models import Application, BudgetLine
from grants.decisions.models import Grant
from grants.pools.models import Pool
from workflows import clock, guards
from workflows.lifecycle import FinalReportLifecycle, PayoutLifecycle, PayoutStatus, ReportStatus

__all__ = ["AccountLine", "FinalReport", "Instalment", "PaymentBatch", "Payout", "Repayment"]

NOT_LIVE = [PayoutStatus.RETURNED, PayoutStatus.CANCELLED]


class Instalments(models.QuerySet):
    def counted(self):
        """Each with `to_pay`, in øre: of the final one, what the reported surplus leaves of it."""
        surplus = F("income") - F("expenses")
        left_over = FinalReport.objects.filter(
            grant=OuterRef("grant"), status=ReportStatus.APPROVED
        ).annotate(surplus=surplus)
        too_much = left_over.filter(surplus__gt=F("grant__application__call__surplus_to_keep"))
        less = Coalesce(Subquery(too_much.values("surplus")[:1]), 0)
        final = When(kind=Instalment.Kind.FINAL, then=Greatest(F("amount") - less, 0))
        ore = models.BigIntegerField()
        return self.annotate(to_pay=Case(final, default=F("amount"), output_field=ore))


class Instalment(models.Model):
    """A part of a grant that is due, in øre."""

    class Kind(models.TextChoices):
        ADVANCE = "advance", _("Advance")
        FINAL = "final", _("Final instalment")

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="instalments")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    amount = models.BigIntegerField(_("amount"))

    objects = Instalments.as_manager()

    class Meta:
        ordering = ["grant", "kind"]
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.UniqueConstraint(fields=["grant", "kind"], name="one_instalment_of_a_kind"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_instalment_is_above_zero"),
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.grant.application.reference} {self.get_kind_display()}"


class PaymentBatch(Sealed):
    """Payouts released together in one bank file. Its bytes are final, and kept sealed."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="payment_batches")
    reference = models.CharField(_("reference"), max_length=35, unique=True)
    amount = models.BigIntegerField(_("amount"))
    count = models.PositiveIntegerField(_("payouts"))
    # Of the file as the bank gets it.
    sha256 = models.CharField(max_length=64)
    released_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-released_at"]
        verbose_name = _("payment file")
        verbose_name_plural = _("payment files")
        # The seal alone can be renewed, with another key: rotate_keys.
        triggers = [
            guards.frozen(
                *["pool_id", "reference", "amount", "count", "sha256"],
                *["released_by_id", "released_at"],
                name="a_payment_file_never_changes",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return self.reference

    @property
    def about(self):
        return f"paymentbatch:{self.reference}"

    @property
    def file(self):
        return self.unseal()

    @file.setter
    def file(self, file):
        self.seal(file)

    @property
    def stream(self):
        return f"batch:{self.reference}"


@guards.lifecycle
class Payout(PayoutLifecycle):
    """One attempt to transfer an instalment. Paid again is a new one."""

    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT, related_name="payouts")
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    # The version of the account that was looked at; a newer one wants a new payout.
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="payouts")
    end_to_end_id = models.CharField(max_length=35, unique=True)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(default=clock.now)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.PROTECT, null=True, related_name="payouts"
    )
    paid_on = models.DateField(_("paid on"), null=True)
    bank_reason = models.CharField(_("the bank's reason"), max_length=140, blank=True)

    class Meta:
        ordering = ["-planned_at", "-id"]
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.UniqueConstraint(
                fields=["instalment"],
                condition=~Q(status__in=["returned", "cancelled"]),
                name="an_instalment_is_paid_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payout_is_above_zero"),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(approved_by__isnull=False),
                name="an_approved_payout_has_an_approver",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("planned_by")),
                name="who_approves_is_not_who_planned",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sent", "paid"]) | Q(batch__isnull=False),
                name="what_is_sent_is_in_a_batch",
            ),
        ]
        indexes = [models.Index(fields=["status", "-planned_at"], name="payouts_by_status")]
        triggers = [
            guards.within_parent(
                "payouts_within_the_grant",
                lock="grants_grant WHERE id ="
                " (SELECT grant_id FROM grants_instalment WHERE id = NEW.instalment_id)",
                child_sum="SELECT COALESCE(SUM(payout.amount), 0) FROM grants_payout AS payout"
                " JOIN grants_instalment AS part ON part.id = payout.instalment_id"
                " WHERE part.grant_id ="
                " (SELECT grant_id FROM grants_instalment WHERE id = NEW.instalment_id)"
                " AND payout.status NOT IN ('returned', 'cancelled')",
                parent_amount="SELECT amount_awarded FROM grants_grant WHERE id ="
                " (SELECT grant_id FROM grants_instalment WHERE id = NEW.instalment_id)",
            ),
            guards.frozen(
                *["instalment_id", "amount", "currency", "account_id", "end_to_end_id"],
                "planned_by_id",
                name="a_payout_never_changes",
            ),
            guards.frozen("batch_id", once="OLD.batch_id IS NOT NULL", name="one_batch"),
        ]

    def __str__(self):
        return self.end_to_end_id

    @property
    def application(self):
        return self.instalment.grant.application

    @property
    def stream(self):
        return self.application.stream

    def roles_of(self, user):
        return self.application.roles_of(user)

    def approve_obstacle(self, by):
        if by == self.planned_by:
            return gettext("You planned this payout yourself. Somebody else has to approve it.")
        return self._changed_since_planned()

    def send_obstacle(self, by):
        if self.batch_id is None:
            return gettext("Release a payment file first.")
        return self._changed_since_planned()

    def _changed_since_planned(self):
        application = self.application
        if application.status != "accepted" or self.instalment.grant.ended_at:
            return gettext("The case is not in a state where money may be paid out.")
        if application.applicant.bank_account() != self.account:
            return gettext(
                "The bank account has changed since. Cancel this payout and plan it again."
            )
        if application.consent_obstacle():
            return gettext("A guardian's consent is missing, or has been taken back.")
        return None


@guards.lifecycle
class FinalReport(FinalReportLifecycle):
    """What the grantee hands in when the project is over."""

    BANDS = {
        "0-12": _("Under 13"),
        "13-17": _("13 to 17"),
        "18-24": _("18 to 24"),
        "25-30": _("25 to 30"),
        "31-": _("Over 30"),
    }

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="final_reports"
    )
    # A case that is taken up again and granted anew is reported on anew.
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="final_reports")
    happened = models.TextField(_("what happened"), max_length=4000, blank=True)
    participants = models.PositiveIntegerField(_("how many took part"), null=True, blank=True)
    # {band: how many}, the bands of FinalReport.BANDS.
    ages = models.JSONField(_("how old they were"), default=dict, blank=True)
    deviations = models.TextField(_("what went otherwise"), max_length=2000, blank=True)
    income = models.BigIntegerField(_("income in all"), null=True, blank=True)
    expenses = models.BigIntegerField(_("expenses in all"), null=True, blank=True)
    secretariat_note = models.TextField(_("from the secretariat"), max_length=2000, blank=True)
    # As of an application: each save adds one, and `versions` says at which of them each answer
    # ("lines" are the accounts) was last changed.
    version = models.PositiveIntegerField(default=0, editable=False)
    versions = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("final report")
        verbose_name_plural = _("final reports")
        constraints = [models.UniqueConstraint(fields=["grant"], name="one_final_report_per_grant")]

    def __str__(self):
        return f"{self.application.reference}"

    @property
    def stream(self):
        return self.application.stream

    def roles_of(self, user):
        return self.application.roles_of(user)

    def ages_in_bands(self):
        """[(label, how many)], youngest first, of what was told."""
        return [(label, self.ages[band]) for band, label in self.BANDS.items() if band in self.ages]

    def submit_obstacle(self, by):
        if self.application.status != "accepted":
            return gettext("There is no grant to report on right now.")
        if not self.happened.strip():
            return gettext("Tell what happened before you send the report.")
        if self.participants is None:
            return gettext("Fill in how many took part.")
        if sum(self.ages.values()) > self.participants:
            return gettext("The ages come to more people than took part. Correct one of the two.")
        if self.income is None or self.expenses is None:
            return gettext("Fill in what every line of the budget came to.")
        if not self.grant.amount_disbursed():
            return gettext(
                "Nothing has been paid out yet. Send the report when you have had the money and "
                "it is over."
            )
        return None


class AccountLine(models.Model):
    """One line of the final report's accounts, laid out as the budget was, in øre.

    The grant itself is no line: it is income that the pool knows.
    """

    report = models.ForeignKey(FinalReport, on_delete=models.CASCADE, related_name="account_lines")
    # The line of the agreed budget that it tells of; empty for what was not in the budget.
    key = models.CharField(max_length=16, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=BudgetLine.Kind)
    text = models.CharField(_("what"), max_length=120, blank=True)
    # None as long as the report is half done.
    amount = models.BigIntegerField(_("amount"), null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("line of the accounts")
        verbose_name_plural = _("lines of the accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "key"],
                condition=~Q(key=""),
                name="one_account_line_per_budget_line",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="an_account_is_not_negative"),
        ]

    def __str__(self):
        return self.text


class Repayment(models.Model):
    """Money that a grantee owes the pool, in øre."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="repayments"
    )
    amount = models.BigIntegerField(_("amount"))
    due_on = models.DateField(_("due"))
    paid_on = models.DateField(_("paid back on"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["due_on"]
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_repayment_is_above_zero")
        ]
        triggers = [
            guards.frozen("application_id", "amount", name="a_repayment_never_changes"),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.application.reference}: {self.amount}"
