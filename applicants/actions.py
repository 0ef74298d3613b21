"""What changes about those who apply."""

from django.db import transaction

from applicants import accounts
from applicants.models import Applicant, BankAccount, Guardian, User
from workflows import audit


@transaction.atomic
def same_or_new(user, *, kind, name, birth_date, contact_name="", **details):
    """The user's applicant of that kind, name and birth date, with the details as they are now.

    contact_name: what the user is called, where the applicant is a group or an association.
    """
    # A double click waits here, so that nobody becomes two applicants.
    held = User.objects.select_for_update().get(pk=user.pk)
    called = contact_name or ("" if held.name or kind != Applicant.Kind.PERSON else name)
    if called:
        User.objects.filter(pk=user.pk).update(name=called)
    applicant, is_new = Applicant.objects.get_or_create(
        user=user, kind=kind, name=name, birth_date=birth_date, defaults=details
    )
    if not is_new:
        Applicant.objects.filter(pk=applicant.pk).update(**details)
        applicant.refresh_from_db()
    return applicant


@transaction.atomic
def name_guardian(applicant, *, name, email, relation):
    """A parent or guardian of the applicant, known by the e-mail address. Twice is once."""
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email, name=name)
    guardian, _is_new = Guardian.objects.get_or_create(
        applicant=applicant, user=user, defaults={"relation": relation}
    )
    return guardian


@transaction.atomic
def name_account(applicant, *, holder, iban, by, row=None):
    """A new version of the applicant's bank account. Raises accounts.AccountError.

    row: the case whose log is told; a payout planned with an older version wants new approval.
    """
    if row is not None:  # who moves its money holds the case: nothing is sent to the old one now
        type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)
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
