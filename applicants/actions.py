"""What changes about those who apply."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.views.decorators.debug import sensitive_variables

from applicants import accounts
from applicants.models import Applicant, BankAccount, Guardian, User
from workflows import audit, clock


@transaction.atomic
def expect(email, *, language):
    """The user who may come in with a code sent there, known or new; None if it was closed.

    email: in small letters. The statements are the same in each case, so that neither their time
    tells whether somebody is known. Who has never been in gets the language they come in.
    """
    User.objects.bulk_create(
        [User(email=email, password=make_password(None))], ignore_conflicts=True
    )
    language = language if language in User.Language else User.Language.DANISH
    # Asking again is being new again: forget_who_never_came must not hit a code under way.
    User.objects.filter(email=email, last_login=None).update(
        language=language, date_joined=clock.now()
    )
    user = User.objects.get(email=email)
    EmailAddress.objects.bulk_create(
        [EmailAddress(user=user, email=email, primary=True)], ignore_conflicts=True
    )
    return user if user.is_active else None


def forget_who_never_came():
    """Remove the addresses that a code was asked for a day ago, and nobody came in with it.

    Whoever typed it has not shown that it is theirs, so there is no reason to keep it. Somebody
    whom others know by it, a guardian, a helper or staff, is held by the rows that point there.
    """
    asked = User.objects.filter(
        last_login=None, name="", is_staff=False, date_joined__lt=clock.now() - timedelta(days=1)
    )
    for user in asked:
        try:
            user.delete()
        except ProtectedError:
            continue


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
    guardian, _is_new = Guardian.objects.get_or_create(
        applicant=applicant, user=known_by(email, name=name), defaults={"relation": relation}
    )
    return guardian


def known_by(email, *, name):
    """The user with the address; somebody new is called `name`, and gets in by a code."""
    found = User.objects.filter(email=email.lower())
    try:
        with transaction.atomic():
            return found.first() or User.objects.create_user(email, name=name)
    except IntegrityError:  # somebody else has just made them known
        return found.get()


@sensitive_variables("iban")
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
