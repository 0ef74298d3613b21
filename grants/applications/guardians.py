"""The parents or guardians of somebody under 18: who they are, the link they get, their yes."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants import actions as applicants
from applicants.models import Applicant, Guardian
from grants.applications import addresses
from grants.applications.documents import document_hash
from grants.applications.models import Application, Consent, ConsentLink
from grants.letters import outbox, secret_links
from workflows import audit, clock, machine
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus, Role
from workflows.machine import Refusal

DAYS_A_LINK_WORKS = 14
# Custody is shared by two at most; one who took the yes back stays in the list.
MOST_GUARDIANS = 4
MOST_MAILS_A_DAY = 10
COUNTED = ("guardian_named", "guardian_asked")

# A yes belongs to what has been sent, as long as money can come of it.
TAKES_CONSENT = (
    *[ApplicationStatus.SUBMITTED, ApplicationStatus.INCOMPLETE, ApplicationStatus.ELIGIBLE],
    *[ApplicationStatus.IN_REVIEW, ApplicationStatus.RECOMMENDED, ApplicationStatus.DECIDED],
    *[ApplicationStatus.AWARDED, ApplicationStatus.ACCEPTED],
)

FIRST_ASKED = gettext_lazy(
    "Somebody under 18 applies for money and names you as parent or guardian. With this link you "
    "can read what it is for and give your consent. Are you not the parent or guardian? Then you "
    "need do nothing."
)


# --- The applicant names them ---------------------------------------------------------------


@transaction.atomic
def invite_guardian(application, *, name, email, relation, by, custody_is_joint=None):
    """Name a parent or guardian, once an address. They get their link when it has been sent.

    name: what somebody who is new here is called. custody_is_joint: whether two have to say yes;
    None leaves it. Raises Refusal for the addresses of the team and of those who work for the
    pool, and when there are too many.
    """
    _want_to_name(application, by)
    if not _hold(application).wants_consent:
        raise Refusal(_("No parent or guardian has to say yes here."))
    if custody_is_joint is not None:
        _say_custody(application, custody_is_joint, by=by)
    guardian = application.applicant.guardians.filter(user__email=email.lower()).first()
    if guardian is None:
        _refuse_address(application, email)
        _refuse_too_many(application, by)
        guardian = applicants.name_guardian(
            application.applicant, name=name, email=email, relation=relation
        )
        audit.record(application, "guardian_named", by=by, guardian=guardian.pk)
    if may_be_asked(application, guardian) and not _has_open_link(application, guardian):
        addresses.refuse_who_has_enough(guardian.user)
        _mail_link(application, guardian, by=by)
    return guardian


@transaction.atomic
def send_link(application, *, guardian, by):
    """A new link by mail, in the place of those before. Raises Refusal when it makes no sense."""
    _want_to_name(application, by)
    _hold(application)
    if application.status == ApplicationStatus.DRAFT:
        raise Refusal(_("They get their link when you have sent the application."))
    if not may_be_asked(application, guardian):
        raise Refusal(_("They need no link: there is nothing to say yes to now."))
    _refuse_too_many_mails(application, by)
    addresses.refuse_who_has_enough(guardian.user)
    _mail_link(application, guardian, by=by)


@transaction.atomic
def remove_guardian(application, *, guardian, by):
    """A wrong address: who never said yes reads nothing any more, and their links are gone."""
    _want_to_name(application, by)
    _hold(application)
    held = Guardian.objects.select_for_update().get(pk=guardian.pk)  # no yes comes in meanwhile
    if held.consents.exists():
        raise Refusal(_("They have answered already, so they cannot be taken off the list."))
    held.links.all().delete()
    held.delete()
    audit.record(application, "guardian_removed", by=by, guardian=guardian.pk)


def ask(application, *, by):
    """A link for each who was named before it was sent, but for who has had enough mail today."""
    for guardian in application.applicant.guardians.select_related("user"):
        if may_be_asked(application, guardian) and not addresses.has_enough(guardian.user):
            _mail_link(application, guardian, by=by)


def may_name(application, user):
    """Whether the user says who the parents are: the contact, and whose name it is in.

    Those who write along do not, for it counts in all cases of the applicant.
    """
    return user.pk in {application.contact_id, application.applicant.user_id}


def may_be_asked(application, guardian):
    """Whether a yes of theirs is wanted now, and has not been given."""
    return (
        application.status in TAKES_CONSENT
        and application.wants_consent
        and not application.consents.filter(guardian=guardian, withdrawn_at=None).exists()
    )


# --- They say yes, and can take it back -----------------------------------------------------


def link_of(token):
    """The link that a token opens, or None. Looked up by its hash, so no time tells how near."""
    links = ConsentLink.objects.select_related(
        "guardian__user", "application__call__pool", "application__applicant__user"
    )
    return links.filter(token_sha256=secret_links.fingerprint(token)).first()


def state_of(link):
    """What the link can do now: open, given, used, replaced, expired or over."""
    application = link.application
    if application.consents.filter(guardian=link.guardian_id, withdrawn_at=None).exists():
        return "given"
    if application.status not in TAKES_CONSENT or not application.wants_consent:
        return "over"
    if _links(application, link.guardian).filter(pk__gt=link.pk).exists():
        return "replaced"
    if link.used_at:
        return "used"
    return "expired" if link.expires_at <= clock.now() else "open"


def stands_on_it(application, user):
    """Whether the user is the contact, on the team, or who applies: nobody's parent here."""
    return user.is_authenticated and user.pk in {person.pk for person in _people(application)}


@transaction.atomic
def give_consent_by_link(link, *, name, relation, is_joint=False):
    """The yes of whoever holds the link, which is used up. Twice is once."""
    _hold(link.application)
    fresh = ConsentLink.objects.select_related(
        "guardian__user", "application__call__pool", "application__applicant"
    )
    link = fresh.filter(pk=link.pk).first()
    state = state_of(link) if link else "replaced"
    if state not in {"open", "given"}:
        raise Refusal(_("This link does not work any more. Ask for a new one."))
    moment = clock.now()  # one for both: Consent.came_by_link
    ConsentLink.objects.filter(pk=link.pk, used_at=None).update(used_at=moment)
    return _consent(link.application, link.guardian, name, relation, is_joint=is_joint, at=moment)


@transaction.atomic
def give_consent(application, *, guardian, by, name, relation, is_joint=False):
    """The guardian's yes, with the hash of what it was given to. Twice is once.

    name, relation: as the guardian writes them. is_joint: the custody is shared with somebody.
    """
    if guardian.user_id != by.pk:
        raise Refusal(_("Only the guardian can give consent."))
    application = _hold(application)
    if application.status == ApplicationStatus.DRAFT:
        raise Refusal(_("You can say yes when the application has been sent."))
    if application.status not in TAKES_CONSENT:
        raise Refusal(_("There is nothing to say yes to any more."))
    if not _links(application, guardian).exists():
        raise Refusal(_("You have not been asked about this application."))
    return _consent(application, guardian, name, relation, is_joint=is_joint, at=clock.now())


@transaction.atomic
def withdraw_consent(application, *, guardian, by):
    """The guardian takes the yes back: what has not been sent to the bank is not sent."""
    if guardian.user_id != by.pk:
        raise Refusal(_("Only the guardian can take the consent back."))
    # Who moves its money holds the case: after this, nothing is sent on a consent taken back.
    _hold(application)
    taken_back = Consent.objects.filter(
        application=application, guardian=guardian, withdrawn_at=None
    ).update(withdrawn_at=clock.now())
    if taken_back:
        audit.record(application, "consent_withdrawn", by=by)
        _tell_contact(
            application,
            gettext_lazy("A parent or guardian took the consent back"),
            gettext_lazy("Log in to see what that means for your application."),
        )


def end_outdated(application, written):
    """A yes was given to what was written then: the guardian is asked about what is written now."""
    standing = application.consents.filter(withdrawn_at=None).exclude(document_hash=written)
    for consent in standing.select_related("guardian__user"):
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=clock.now())
        audit.record(application, "consent_outdated", by=SYSTEM, hash=consent.document_hash)
        if may_be_asked(application, consent.guardian):
            _mail_link(
                application,
                consent.guardian,
                by=SYSTEM,
                text=gettext_lazy(
                    "The application that you said yes to has been changed, so we ask you anew. "
                    "With this link you can read it and give your consent."
                ),
            )


# --- What the acts share --------------------------------------------------------------------


def _hold(application):
    """The case as it is, locked: two at once come one after the other."""
    cases = Application.objects.select_for_update(of=("self",), no_key=True)
    return cases.select_related("call__pool", "applicant").get(pk=application.pk)


def _consent(application, guardian, name, relation, *, is_joint, at):
    consent, is_new = Consent.objects.get_or_create(
        application=application,
        guardian=guardian,
        withdrawn_at=None,
        defaults={
            "document_hash": document_hash(application),
            "name": name,
            "relation": relation,
            "given_at": at,
        },
    )
    if is_new:
        audit.record(application, "consent_given", by=guardian.user, hash=consent.document_hash)
        if is_joint:
            _say_custody(application, True, by=guardian.user)
        _mail_receipt(application, guardian)
        _tell_contact(
            application,
            gettext_lazy("A parent or guardian has said yes"),
            gettext_lazy("Log in to see whether anything is missing."),
            can_wait=True,
        )
    return consent


def _say_custody(application, is_joint, *, by):
    """Whether two have to say yes. What has been said yes to is only ever made stricter."""
    applicant = Applicant.objects.select_for_update().get(pk=application.applicant_id)
    is_said = Consent.objects.filter(guardian__applicant=applicant).exists()
    if applicant.custody_is_joint == is_joint or (is_said and not is_joint):
        return
    Applicant.objects.filter(pk=applicant.pk).update(custody_is_joint=is_joint)
    application.applicant.custody_is_joint = is_joint
    audit.record(application, "custody_said", by=by, is_joint=is_joint)


def _links(application, guardian):
    return ConsentLink.objects.filter(application=application, guardian=guardian)


def _has_open_link(application, guardian):
    unused = _links(application, guardian).filter(used_at=None)
    return unused.filter(expires_at__gt=clock.now()).exists()


def _mail_link(application, guardian, *, by, text=FIRST_ASKED):
    seed = secret_links.new_seed()
    ConsentLink.objects.create(
        application=application,
        guardian=guardian,
        token_sha256=secret_links.fingerprint(secret_links.token(seed)),
        expires_at=clock.now() + timedelta(days=DAYS_A_LINK_WORKS),
    )
    person = audit.actor_code(guardian.user)
    audit.record(application, "guardian_asked", by=by, guardian=guardian.pk, person=person)
    with translation.override(application.language):
        works = _("The link works once and for %(days)s days. It is for you alone.") % {
            "days": DAYS_A_LINK_WORKS
        }
        outbox.post(
            guardian.user,
            _("You are asked for your consent"),
            f"{text} {works}",
            link=reverse("portal:consent_by_link", args=[seed]),
        )


def _mail_receipt(application, guardian):
    with translation.override(application.language):
        outbox.post(
            guardian.user,
            _("Your consent is recorded"),
            _(
                "Thank you. You can take your consent back: log in with this e-mail address, "
                "we send you a code. What has not been sent to the bank by then is not paid."
            ),
            link=application.get_absolute_url(),
        )


def _tell_contact(application, subject, text, *, can_wait=False):
    with translation.override(application.language):
        outbox.post(
            application.contact,
            str(subject),
            str(text),
            link=application.get_absolute_url(),
            can_wait=can_wait,
        )


def _want_to_name(application, by):
    machine.want_role(application, by, {Role.APPLICANT})
    if not may_name(application, by):
        raise Refusal(_("Only the contact can do that."), code="role")


def _people(application):
    team = application.team.exclude(user=None).select_related("user")
    return [application.contact, application.applicant.user, *[each.user for each in team]]


def _refuse_address(application, email):
    mailbox = addresses.without_tag(email)
    if mailbox in {addresses.without_tag(person.email) for person in _people(application)}:
        raise Refusal(_("A parent or guardian is somebody else than you and your team."))
    named = application.applicant.guardians.values_list("user__email", flat=True)
    if mailbox in {addresses.without_tag(each) for each in named}:
        raise Refusal(_("You have named them already. Write the address of somebody else."))
    # A caseworker may be a parent. That is for the secretariat to see to, and not for this page.
    if addresses.roles_behind(email, application.call.pool_id):
        raise Refusal(str(addresses.CANNOT_BE_NAMED))


def _refuse_too_many(application, by):
    if application.applicant.guardians.count() >= MOST_GUARDIANS:
        raise Refusal(_("There are enough names now. Remove one that is wrong first."))
    _refuse_too_many_mails(application, by)


def _refuse_too_many_mails(application, by):
    if addresses.acts_today(application, by, *COUNTED) >= MOST_MAILS_A_DAY:
        raise Refusal(str(addresses.A_LOT))
