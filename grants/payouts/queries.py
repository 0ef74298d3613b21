"""What is to be done with a pool's money, and what was done: a fixed number of queries a list."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import CharField, Count, Exists, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Cast, Concat

from applicants.models import BankAccount
from grants.applications.attaching import standing
from grants.applications.models import Attachment
from grants.decisions.changes import what_is_agreed
from grants.payouts import accounts
from grants.payouts.models import (
    NOT_LIVE,
    FinalReport,
    Instalment,
    PaymentBatch,
    Payout,
    Repayment,
)
from workflows import clock
from workflows.lifecycle import ApplicationStatus, PayoutStatus, ReportStatus
from workflows.models import LogEntry

# A page shows this many rows of a list; what is done makes room for the next.
ROWS = 100
RECENT = 30
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Listed:
    """The first rows of a list, with how many there are in all and what they add up to (øre)."""

    rows: list
    count: int
    amount: int

    @property
    def is_cut(self):
        return len(self.rows) < self.count


def due(pool):
    """Instalments that can be planned: accepted, not on their way, the final one reported on.

    Each with `to_pay`; one that a surplus has taken up is not there.
    """
    live = Payout.objects.filter(instalment=OuterRef("pk")).exclude(status__in=NOT_LIVE)
    reported = FinalReport.objects.filter(grant=OuterRef("grant"), status=ReportStatus.APPROVED)
    returned = Payout.objects.filter(
        instalment=OuterRef("pk"), status=PayoutStatus.RETURNED
    ).order_by("-id")
    return (
        Instalment.objects.counted()
        .filter(
            to_pay__gt=0,
            grant__application__call__pool=pool,
            grant__application__status=ApplicationStatus.ACCEPTED,
            grant__ended_at=None,
        )
        .exclude(Exists(live))
        .filter(Q(kind=Instalment.Kind.ADVANCE) | Exists(reported))
        .annotate(
            newest_account=_newest_account("grant__application__applicant"),
            returned_account=Subquery(returned.values("account")[:1]),
            returned_reason=Subquery(returned.values("bank_reason")[:1]),
        )
        .select_related("grant__application__applicant")
        .order_by("grant__accepted_at", "pk")
    )


def planned(pool):
    return _waiting(pool, PayoutStatus.PLANNED)


def approved(pool):
    return _waiting(pool, PayoutStatus.APPROVED)


def sent(pool):
    return _waiting(pool, PayoutStatus.SENT)


def recent(pool):
    """What was paid out, returned or cancelled in the last thirty days, newest first."""
    over = Payout.objects.filter(_of(pool), status__in=[PayoutStatus.PAID, *NOT_LIVE])
    ended = over.annotate(ended_at=_last_logged())
    return in_words(ended.filter(ended_at__gt=clock.now() - LATELY)).order_by("-ended_at", "-pk")


def batches(pool):
    """Payment files, without their bytes."""
    return PaymentBatch.objects.filter(pool=pool).defer("sealed").select_related("released_by")


def sent_reports(pool):
    """Final reports that wait for an answer, longest waiting first."""
    waiting = FinalReport.objects.filter(
        application__call__pool=pool, status=ReportStatus.SUBMITTED
    )
    return waiting.select_related("application__applicant").order_by("submitted_at")


def told_in(report):
    """What a report says beside what was agreed: rows, sums, ages, photos and receipts.

    {"rows": [(accounts.Row, whether it deviates)], "percent", "grant", "surplus", "ages": [(label,
    how many)], "photos", "receipts"}. A photo that not everybody in it agreed to stays out.
    """
    grant = report.grant
    percent = grant.call.free_change_percent
    rows = accounts.laid_out(what_is_agreed(grant).lines, report.account_lines.all())
    return {
        "grant": grant,
        "percent": percent,
        "rows": [(row, row.deviates(percent)) for row in rows],
        "surplus": (report.income or 0) - (report.expenses or 0),
        "ages": report.ages_in_bands(),
        "photos": standing(report.application, Attachment.Purpose.PHOTO).filter(is_agreed=True),
        "receipts": standing(report.application, Attachment.Purpose.RECEIPT),
    }


def owed(pool):
    """Repayments that have not come, first due first."""
    open_ones = Repayment.objects.filter(application__call__pool=pool, paid_on=None)
    return open_ones.select_related("application__applicant")


def settled(pool):
    """Repayments that have come, newest first."""
    done = Repayment.objects.filter(application__call__pool=pool).exclude(paid_on=None)
    return done.select_related("application__applicant").order_by("-paid_on", "-pk")


def listed(rows, limit=ROWS, amount="amount"):
    """The first rows, and the count and sum of all: two queries."""
    whole = rows.order_by().aggregate(count=Count("pk"), sum=Sum(amount))
    return Listed(list(rows[:limit]), whole["count"], whole["sum"] or 0)


def in_words(payouts):
    """Payouts with all that a list or a preview says about them, in one query."""
    return payouts.select_related(
        "account",
        "approved_by",
        "batch",
        "instalment__grant__application__applicant",
        "instalment__grant__decision",
        "planned_by",
    ).defer("batch__sealed")


def _waiting(pool, status):
    newest = _newest_account("instalment__grant__application__applicant")
    waiting = in_words(Payout.objects.filter(_of(pool), status=status))
    return waiting.annotate(is_to_newest_account=Q(account=newest)).order_by("planned_at", "pk")


def _last_logged():
    """When the log last told of a payout: a cancelled or returned one keeps no date of its own."""
    code = Concat(Value("payout:"), Cast(OuterRef("pk"), CharField()))
    return Subquery(LogEntry.objects.filter(subject=code).order_by("-number").values("at")[:1])


def _of(pool):
    return Q(instalment__grant__application__call__pool=pool)


def _newest_account(applicant):
    """The applicant's account as it is now; a payout to an older version cannot go on."""
    versions = BankAccount.objects.filter(applicant=OuterRef(applicant)).order_by("-version")
    return Subquery(versions.values("pk")[:1])
