"""What changes about those who apply."""

from django.db import transaction

from applicants import accounts
from applicants.models import Applicant, BankAccount
from workflows import audit


@transaction.atomic
def name_account(applicant, *, holder, iban, by, row=None):
    """A new version of the applicant's bank account. Raises accounts.AccountError.

    row: the case whose log is told; a payout planned with an older version wants new approval.
    """
    Applicant.objects.select_for_update().get(
        pk=applicant.pk
    )  # two versions must not share a number
    last = applicant.bank_account()
    account = BankAccount.objects.create(
        applicant=applicant,
        version=last.version + 1 if last else 1,
        holder=holder,
        iban=accounts.check_iban(iban),
        created_by=by,
    )
    if row is not None:
        audit.record(row, "account_named", by=by, version=account.version)
    return account
