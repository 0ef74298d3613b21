"""The doors to the payments of a pool. Every row behind them belongs to a pool of the user's."""

from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404

from grants.payouts.models import FinalReport, Instalment, PaymentBatch, Payout, Repayment
from grants.pools.permissions import pools_where
from workflows.lifecycle import Role

# Who reads what is paid; who may act on it is the lifecycle's and the acts' business.
READERS = (Role.CASEWORKER, Role.APPROVER, Role.AUDITOR)
PAYERS = (Role.CASEWORKER, Role.APPROVER)


def pools(user):
    return pools_where(user, *READERS)


def pool(user, code=""):
    """The pool asked for, or the user's first. Raises Http404 for strangers."""
    mine = pools(user)
    return get_object_or_404(mine, code=code) if code else get_object_or_404(mine[:1])


def instalments(user):
    return Instalment.objects.filter(grant__application__call__pool__in=pools(user))


def payouts(user):
    return Payout.objects.filter(instalment__grant__application__call__pool__in=pools(user))


def payout(user, pk):
    """The door to one payout. Raises Http404 for strangers."""
    return get_object_or_404(payouts(user), pk=pk)


def batches_opened_by(user):
    """The payment files that the user may download: they name those who are paid.

    One with somebody in it whose name is protected is for those who pay.
    """
    protected = Payout.objects.filter(
        batch=OuterRef("pk"), instalment__grant__application__applicant__is_protected=True
    )
    mine = PaymentBatch.objects.filter(pool__in=pools(user))
    return mine.filter(~Exists(protected) | Q(pool__in=pools_where(user, *PAYERS)))


def batch(user, reference):
    """The door to a payment file. Raises Http404 for strangers, and where names are protected."""
    return get_object_or_404(batches_opened_by(user), reference=reference)


def report(user, reference):
    """The door to the final report of a case, once it was sent. Raises Http404 for strangers."""
    sent = FinalReport.objects.filter(application__call__pool__in=pools(user))
    return get_object_or_404(sent.exclude(submitted_at=None), application__reference=reference)


def repayment(user, pk):
    """The door to one repayment. Raises Http404 for strangers."""
    return get_object_or_404(Repayment, pk=pk, application__call__pool__in=pools(user))
