"""Who writes one application together, who reads along, and who is its contact."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants import actions as applicants
from applicants.models import Applicant
from grants.applications import addresses
from grants.applications.models import Application, TeamMember
from grants.letters import outbox
from workflows import audit, machine
from workflows.lifecycle import ApplicationStatus, Role
from workflows.machine import Refusal

# The contact counted in.
MOST_ON_A_TEAM = 10
MOST_INVITATIONS_A_DAY = 20

# After that the people are those to whom the answer was given.
TEAM_CAN_CHANGE = (
    *[ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, ApplicationStatus.INCOMPLETE],
    *[ApplicationStatus.ELIGIBLE, ApplicationStatus.IN_REVIEW, ApplicationStatus.RECOMMENDED],
    ApplicationStatus.DECIDED,
)

# Being on the team takes their role on the case from them, so nobody is invited out of the office.
OFFICE = {Role.CASEWORKER, Role.APPROVER, Role.POOL_ADMIN}


@transaction.atomic
def invite(application, *, name, email, access, by):
    """Somebody who writes or reads along, known by the address. Returns the TeamMember.

    access: a code of TeamMember.Access. The same address again is the same member, with what is
    said now; that the contact alone can change. Raises Refusal.
    """
    machine.want_role(application, by, {Role.APPLICANT})
    application = _hold(application)
    _refuse_when_announced(application)
    member = application.team.filter(user__email=email.lower()).first()
    if member is not None:
        return _change(application, member, access, by=by)
    _refuse_address(application, email.lower())
    _refuse_too_many(application, by)
    user = applicants.known_by(email, name=name)
    if addresses.has_enough(user):
        raise Refusal(str(addresses.CANNOT_BE_NAMED))
    member = TeamMember.objects.create(
        application=application,
        user=user,
        name=name,
        is_helper=access == TeamMember.Access.HELPER,
        can_write=access == TeamMember.Access.WRITE,
    )
    _record(application, "member_invited", member, by=by, access=str(access))
    _mail(
        application,
        member.user,
        gettext_lazy("You are invited to an application"),
        gettext_lazy(
            "Somebody applies for money and wants you along. Log in with this e-mail address to "
            "see the application and what you can do. If you do not want to, you can leave it."
        ),
    )
    return member


@transaction.atomic
def remove_member(application, *, member, by):
    """Off the team, by the contact, or by oneself. From now on they meet a closed door."""
    application = _hold(application)
    member = _still_on(application, member)
    is_leaving = member.user_id == by.pk
    if not is_leaving:
        _want_contact(application, by)
        _refuse_when_announced(application)
    if has_to_stay(application, member.user_id):
        raise Refusal(
            _("The application is in their name, so they stay. It can be withdrawn instead.")
        )
    _record(application, "member_left" if is_leaving else "member_removed", member, by=by)
    member.delete()


@transaction.atomic
def hand_over(application, *, to, by):
    """Ask a member who writes to be the contact. It counts when they say yes. Twice is once."""
    application = _hold(application)
    _want_contact(application, by)
    member = _still_on(application, to)
    if not member.can_write or member.user_id is None:
        raise Refusal(_("Only somebody who can write can be the contact."))
    if member.is_offered_contact:
        return
    addresses.refuse_who_has_enough(member.user)
    application.team.update(is_offered_contact=False)
    TeamMember.objects.filter(pk=member.pk).update(is_offered_contact=True)
    _record(application, "contact_offered", member, by=by)
    _mail(
        application,
        member.user,
        gettext_lazy("You are asked to be the contact"),
        gettext_lazy(
            "You are on the team of an application, and are asked to be its contact. Log in to "
            "read what that means, and say yes or no."
        ),
    )


@transaction.atomic
def accept_contact(application, *, by):
    """Yes: `by` is the contact now, and who was it stays on the team and writes."""
    application = _hold(application)
    member = application.team.filter(user=by, is_offered_contact=True).first()
    if member is None:
        raise Refusal(_("You are not asked any more. Look at the page again."), code="faster")
    before = application.contact
    member.delete()
    TeamMember.objects.create(application=application, user=before, name=str(before))
    # Mails and letters speak the language of whoever reads them now.
    Application.objects.filter(pk=application.pk).update(contact=by, language=by.language)
    _record(application, "contact_handed_over", member, by=by, before=audit.actor_code(before))
    _mail(
        application,
        before,
        gettext_lazy("You are not the contact any more"),
        gettext_lazy("Somebody on your team has said yes to being the contact from now on."),
    )


@transaction.atomic
def decline_contact(application, *, by):
    """No thanks; or the contact does not ask any more. Twice is once."""
    application = _hold(application)
    offered = application.team.filter(is_offered_contact=True).first()
    if offered is None:
        return
    if by.pk not in {offered.user_id, application.contact_id}:
        raise Refusal(_("You do not have the role that this takes."), code="role")
    TeamMember.objects.filter(pk=offered.pk).update(is_offered_contact=False)
    _record(application, "contact_declined", offered, by=by)


def has_to_stay(application, user_id):
    """Whether it is in their name: who applied answers for it, whoever is the contact.

    An association answers for itself.
    """
    applicant = application.applicant
    return applicant.user_id == user_id and applicant.kind != Applicant.Kind.ASSOCIATION


# --- What the acts share --------------------------------------------------------------------


def _hold(application):
    """The case as it is, locked: two at once come one after the other.

    First the lock alone: joined to a contact that is handed over meanwhile, no row would be left.
    """
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    cases = Application.objects.select_related("call__pool", "applicant", "contact")
    return cases.get(pk=application.pk)


def _still_on(application, member):
    found = application.team.select_related("user").filter(pk=member.pk).first()
    if found is None:
        raise Refusal(_("They are not on the team any more."), code="faster")
    return found


def _change(application, member, access, *, by):
    if member.access == access:
        return member
    _want_contact(application, by)
    member.is_helper = access == TeamMember.Access.HELPER
    member.can_write = access == TeamMember.Access.WRITE
    member.is_offered_contact = member.is_offered_contact and member.can_write
    member.save(update_fields=["is_helper", "can_write", "is_offered_contact"])
    _record(application, "member_changed", member, by=by, access=str(access))
    return member


def _want_contact(application, by):
    if application.contact_id != by.pk:
        raise Refusal(_("Only the contact can do that."), code="role")


def _refuse_when_announced(application):
    if application.status not in TEAM_CAN_CHANGE:
        raise Refusal(
            _("The answer has been given, so the team stays as it is. Everybody can still leave.")
        )


def _refuse_address(application, email):
    mailbox = addresses.without_tag(email)
    if mailbox == addresses.without_tag(application.contact.email):
        raise Refusal(_("That is the contact's own address. Write the address of somebody else."))
    guardians = application.applicant.guardians.values_list("user__email", flat=True)
    if mailbox in {addresses.without_tag(each) for each in guardians}:
        raise Refusal(_("They are named as parent or guardian, and can read along already."))
    if OFFICE & addresses.roles_behind(email, application.call.pool_id):
        raise Refusal(str(addresses.CANNOT_BE_NAMED))


def _refuse_too_many(application, by):
    if application.team.count() + 1 >= MOST_ON_A_TEAM:
        raise Refusal(
            _("You are %(most)s now, and that is as many as can be on a team.")
            % {"most": MOST_ON_A_TEAM}
        )
    today = addresses.acts_today(application, by, "member_invited")
    if today >= MOST_INVITATIONS_A_DAY:
        raise Refusal(_("That was a lot of invitations for one day. Go on tomorrow."))


def _record(application, event, member, *, by, **facts):
    """person: who it was about, by code, so that the log knows the team when the row is gone."""
    person = audit.actor_code(member.user) if member.user_id else ""
    audit.record(application, event, by=by, person=person, **facts)


def _mail(application, to, subject, text):
    with translation.override(application.language):
        outbox.post(to, str(subject), str(text), link=application.get_absolute_url())
