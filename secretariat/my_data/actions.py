"""Correcting what is held on oneself, and closing the account."""

from datetime import date, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from applicants.models import Applicant, Guardian, User
from committee.seats.models import Member
from grants.applications import actions as applications
from grants.applications import attaching
from grants.applications.models import Application, Consent, ConsentLink, TeamMember
from grants.payouts.models import Repayment
from grants.pools.models import PoolRole
from secretariat.my_data import queries, retention
from workflows import audit, clock
from workflows.lifecycle import ApplicationStatus, Role
from workflows.machine import Refusal

MONEY_UNDER_WAY = (ApplicationStatus.AWARDED, ApplicationStatus.ACCEPTED)
# The address of nobody: RFC 2606 keeps .invalid free for ever.
NOBODY = "closed-{}@closed.invalid"
# Stands where somebody's birth date stood; the column has to have one.
NO_BIRTH_DATE = date(1900, 1, 1)
EMPTY = {
    **dict.fromkeys(["title", "summary", "activity", "audience", "newness", "art_form"], ""),
    **dict.fromkeys(["starts_on", "ends_on", "home", "is_public"]),
    **dict.fromkeys(["amount_applied_for", "least_workable"]),
    "place": "",
    "own_answers": {},
    "versions": {},
}


# --- Correcting -----------------------------------------------------------------------------


@transaction.atomic
def correct_me(user, *, name, language, told):
    """The name, the language of pages and letters to come, and how one is told."""
    held = User.objects.select_for_update().get(pk=user.pk)
    User.objects.filter(pk=held.pk).update(name=name, told=told)
    if language != held.language:
        applications.choose_language(held, language)
    before, after = (held.name, held.language, held.told), (name, language, told)
    _record_correction(held, ["name", "language", "told"], before, after)


@transaction.atomic
def correct_applicant(applicant, *, by, **given):
    """How somebody who applies is reached, and whether that is protected."""
    held = Applicant.objects.select_for_update().get(pk=applicant.pk, user=by)
    before = [getattr(held, name) for name in given]
    Applicant.objects.filter(pk=held.pk).update(**given)
    about = audit.subject_code(held)
    _record_correction(by, list(given), before, given.values(), about=about)


def _record_correction(user, names, before, after, **facts):
    """The names of what was changed; never the words."""
    changed = [name for name, *pair in zip(names, before, after, strict=True) if pair[0] != pair[1]]
    if changed:
        audit.record(user, "data_corrected", by=user, fields=changed, **facts)


# --- Closing --------------------------------------------------------------------------------


def obstacles(user):
    """The sentences that stand in the way of closing the account; mostly none."""
    return [
        *_offices_of_nobody_else(user),
        *_money_under_way(user),
        *_cases_of_others_too(user),
        *_consents_that_matter(user),
    ]


def kept_cases(user):
    """What stays when the account goes: retention.Kept of each case that was sent."""
    sent = queries.own_cases(user).filter(submitted_at__isnull=False)
    return [retention.kept(application) for application in sent.order_by("reference")]


def never_sent(user):
    """The drafts whose words go when the account goes, those already withdrawn among them."""
    return queries.own_cases(user).filter(submitted_at=None)


def to_be_withdrawn(user):
    """The applications that were sent and have not been answered: closing takes them back."""
    return (
        queries.own_cases(user)
        .filter(submitted_at__isnull=False)
        .exclude(status__in=[*retention.OVER, *MONEY_UNDER_WAY])
    )


@transaction.atomic
def close_account(user):
    """Delete what need not be kept, keep what must be, and let nobody in by this account again.

    Raises Refusal with the first of the `obstacles`. The address is free at once.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    # Nothing is announced, accepted or handed over in between.
    list(queries.own_cases(user).select_for_update(of=("self",), no_key=True).order_by("pk"))
    # Two who are the last two of an office must not both go.
    list(PoolRole.objects.select_for_update().filter(pool__roles__user=user).order_by("pk"))
    if sentences := obstacles(user):
        raise Refusal(sentences[0], code="kept")
    withdrawn = _take_back(user)
    drafts = [empty(draft) for draft in never_sent(user)]
    _leave_teams(user)
    _leave_offices(user)
    _forget_applicants(user)
    _forget_login(user)
    audit.record(user, "account_closed", by=user, drafts=drafts, withdrawn=withdrawn)


def _take_back(user):
    """The references of what was taken back: drafts, and what has not been answered."""
    open_cases = [
        *never_sent(user).filter(status=ApplicationStatus.DRAFT),
        *to_be_withdrawn(user),
    ]
    for application in open_cases:
        applications.withdraw(application, by=user)
    return [application.reference for application in open_cases]


def empty(draft):
    """Take every word out of a draft; the row and its number stay. Returns the reference.

    The caller holds the row and writes the log.
    """
    paths = list(draft.attachments.values_list("path", flat=True))
    for rows in (draft.attachments, draft.budget_lines, draft.municipal_parts, draft.team):
        rows.all().delete()
    draft.reminders.all().delete()
    ConsentLink.objects.filter(application=draft).delete()
    Application.objects.filter(pk=draft.pk).update(**EMPTY, emptied_at=clock.now())
    transaction.on_commit(lambda: [attaching.storage().delete(path) for path in paths])
    return draft.reference


def _leave_teams(user):
    """A name on a case that was sent belongs to the case; on a draft it goes."""
    mine = TeamMember.objects.filter(user=user)
    mine.filter(application__submitted_at=None).delete()
    mine.update(user=None, is_offered_contact=False)


def _leave_offices(user):
    yesterday = clock.today() - timedelta(days=1)
    lasting = Q(ends_on=None) | Q(ends_on__gt=yesterday)
    PoolRole.objects.filter(lasting, user=user).update(ends_on=yesterday)
    Member.objects.filter(lasting, user=user).update(ends_on=yesterday)


def _forget_applicants(user):
    """Whoever never sent anything is nobody now; of the others goes what no case needs."""
    mine = Applicant.objects.filter(user=user)
    mine.update(phone="")
    unknown = mine.exclude(applications__submitted_at__isnull=False)
    Guardian.objects.filter(applicant__in=unknown).delete()
    Applicant.objects.filter(pk__in=[each.pk for each in unknown]).update(
        **dict.fromkeys(["name", "cvr", "street", "postal_code", "town"], ""),
        birth_date=NO_BIRTH_DATE,
        custody_is_joint=None,
    )


def _forget_login(user):
    """No way in, no session, no address; the name only where a case or an office needs it."""
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.email = NOBODY.format(user.pk)
    if not _is_named_somewhere(user):
        user.name = ""
    user.set_unusable_password()  # a new one each time: with the old one every session ends
    user.is_active = user.is_staff = user.is_superuser = False
    user.closed_at = clock.now()
    user.last_login = None
    user.save()


def _is_named_somewhere(user):
    return (
        queries.own_cases(user).filter(submitted_at__isnull=False).exists()
        or Consent.objects.filter(guardian__user=user).exists()
        or user.pool_roles.exists()
        or user.seats.exists()
    )


# --- What can be in the way -----------------------------------------------------------------


def _offices_of_nobody_else(user):
    today = clock.today()
    lasting = PoolRole.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    for mine in lasting.filter(user=user).select_related("pool"):
        others = lasting.filter(pool=mine.pool, role=mine.role, user__is_active=True)
        if not others.exclude(user=user).exists():
            yield _("Nobody else is %(role)s of %(pool)s. Somebody has to be that first.") % {
                "role": Role(mine.role).label,
                "pool": mine.pool,
            }
    if user.is_superuser and not _others_who_set_up(user):
        yield _("Nobody else can set the system up. Somebody has to be able to first.")


def _others_who_set_up(user):
    return User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists()


def _money_under_way(user):
    mine = queries.own_cases(user)
    owed = Repayment.objects.filter(application__in=mine, paid_on=None)
    for case in mine.filter(Q(status__in=MONEY_UNDER_WAY) | Q(repayments__in=owed)).distinct():
        yield _(
            "The grant %(reference)s is not finished. Say no to it, or finish it with your report"
            " first."
        ) % {"reference": case.reference}


def _cases_of_others_too(user):
    """Cases that go on, and that others write in as well."""
    going_on = queries.own_cases(user).exclude(status__in=[*retention.OVER, *MONEY_UNDER_WAY])
    writers = TeamMember.objects.filter(can_write=True, user__isnull=False).exclude(user=user)
    for case in going_on.filter(Q(team__in=writers) | ~Q(contact=user)).distinct():
        yield _(
            "Others write %(reference)s with you. Hand it over to one of them, or withdraw it"
            " first."
        ) % {"reference": case.reference}


def _consents_that_matter(user):
    standing = Consent.objects.filter(
        guardian__user=user, withdrawn_at=None, application__status__in=MONEY_UNDER_WAY
    )
    for consent in standing.select_related("application"):
        yield _(
            "Your consent to %(reference)s is needed until its money is paid and reported. Take it"
            " back first, or wait."
        ) % {"reference": consent.application.reference}
