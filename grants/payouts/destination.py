"""Where a grant's money goes: who says it, and who is told when it changes."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from applicants import actions as applicants
from applicants.models import User
from grants.applications.models import Application
from grants.letters import outbox
from workflows.lifecycle import ApplicationStatus
from workflows.machine import Refusal

# As long as money can still be sent to it.
MATTERS_IN = (ApplicationStatus.AWARDED, ApplicationStatus.ACCEPTED)


def obstacle(application, by):
    """The sentence that keeps a person from naming the account, or None.

    The contact alone: who answers for the money says where it goes, and a team member who writes
    along does not. An applicant has one account, so nobody names it over another contact's head.
    """
    if application.contact_id != by.pk:
        return _("Only the contact person can say which bank account the money goes to.")
    others = Application.objects.filter(
        applicant=application.applicant_id, status__in=MATTERS_IN
    ).exclude(contact=by)
    if others.exists():
        return _(
            "Somebody else is the contact person of another grant to the same applicant. Write to"
            " the secretariat."
        )
    return None


@transaction.atomic
def name(application, *, holder, iban, by):
    """A new version of the account, in the case's log. Raises Refusal and accounts.AccountError.

    A change is mailed to all whom it concerns, at once and without a number: whoever did not do
    it finds out. A payout that was planned with the older version wants a new one.
    """
    # Nobody else becomes the contact in between.
    application = Application.objects.select_for_update(of=("self",), no_key=True).get(
        pk=application.pk
    )
    if sentence := obstacle(application, by):
        raise Refusal(sentence, code="role")
    before = application.applicant.bank_account()
    account = applicants.name_account(
        application.applicant, holder=holder, iban=iban, by=by, row=application
    )
    for user in _to_be_told(application, before) if before else ():
        with translation.override(user.language):
            outbox.post(
                user,
                _("The bank account has been changed"),
                _(
                    "Another bank account has been named in the case %(reference)s. If that is"
                    " wrong, write to the secretariat today."
                )
                % {"reference": application.reference},
                link=application.get_absolute_url(),
            )
    return account


def _to_be_told(application, before):
    """The contact, who named the account before, and the guardians who said yes to the grant."""
    consenting = application.consents.filter(withdrawn_at=None).values("guardian__user")
    people = {application.contact_id, before.created_by_id}
    return (User.objects.filter(pk__in=people) | User.objects.filter(pk__in=consenting)).order_by(
        "pk"
    )
