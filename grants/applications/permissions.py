"""The doors to an application: who is what to it, and who may fetch it."""

from django.db.models import Q
from django.http import Http404

from grants.applications.models import Application
from grants.pools.permissions import pool_roles
from workflows.lifecycle import Role


def roles_on(application, user):
    """The roles that the user has on the application, as a set."""
    if not user.is_authenticated:
        return set()
    roles = pool_roles(user, application.call.pool_id)
    if application.contact_id == user.pk:
        roles.add(Role.APPLICANT)
    for member in application.team.filter(user=user):
        roles.add(Role.HELPER if member.is_helper else Role.APPLICANT)
    if application.applicant.guardians.filter(user=user).exists():
        roles.add(Role.GUARDIAN)
    return roles


def own_applications(user):
    """The applications that are the user's own, as contact, on the team, helping or as guardian."""
    mine = Q(contact=user) | Q(team__user=user) | Q(applicant__guardians__user=user)
    return Application.objects.filter(mine).distinct()


def own_application(user, reference):
    """The door for applicants, helpers and guardians. Raises Http404 for everybody else."""
    found = own_applications(user).filter(reference=reference) if user.is_authenticated else None
    application = found.select_related("call__pool", "applicant", "home").first() if found else None
    if application is None:
        raise Http404
    return application
