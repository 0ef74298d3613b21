"""The door to an application for those whose own it is."""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import Http404

from grants.applications.models import Application, InformationRequest, TeamMember


def own_applications(user):
    """The applications that are the user's own, as contact, on the team, helping or as guardian."""
    mine = Q(contact=user) | Q(team__user=user) | is_guarded_by(user)
    return Application.objects.filter(mine).distinct()


def is_guarded_by(user):
    """The condition that the user was asked about it as guardian: about this case, by a link.

    Not about a draft, and not about what the child applies for as an adult.
    """
    return Q(consents__guardian__user=user) | Q(consent_links__guardian__user=user)


def own_application(user, reference):
    """The door for applicants, helpers and guardians. Raises Http404 for everybody else."""
    found = own_applications(user).filter(reference=reference) if user.is_authenticated else None
    application = found.select_related("call__pool", "applicant", "home").first() if found else None
    if application is None:
        raise Http404
    return application


def is_written_by(user):
    """The condition that an application is the user's to write: its contact, or on its team."""
    writes = TeamMember.objects.filter(application=OuterRef("pk"), user=user, can_write=True)
    return Q(contact=user) | Exists(writes)


def says_who_applies(application, user):
    """Whether the user writes about the applicant: the one who applies, for it counts in all cases.

    For an association whoever is its contact does. Those who write along write the idea.
    """
    applicant = application.applicant
    is_association = applicant.kind == applicant.Kind.ASSOCIATION
    return user.pk == (application.contact_id if is_association else applicant.user_id)


def is_kept_from(application, user, section):
    """Whether the section is not the user's to read: a protected applicant's is the contact's."""
    is_protected = section == "who" and application.applicant.is_protected
    return is_protected and application.contact_id != user.pk


def written_application(user, reference):
    """The door for those who write, in one query. Raises Http404 for everybody else.

    The application knows `is_known`: whether another case of the applicant has been sent, and
    `open_sections`: those that the secretariat asks about, or None.
    """
    sent = Application.objects.filter(applicant=OuterRef("applicant"), submitted_at__isnull=False)
    asked = InformationRequest.objects.filter(application=OuterRef("pk"), answered_at=None)
    application = (
        Application.objects.filter(is_written_by(user), reference=reference)
        .select_related("call__pool", "applicant", "home")
        .annotate(
            is_known=Exists(sent.exclude(pk=OuterRef("pk"))),
            open_sections=Subquery(asked.order_by("-asked_at").values("sections")[:1]),
        )
        .first()
    )
    if application is None:
        raise Http404
    return application
