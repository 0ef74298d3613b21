"""The door to an application for those whose own it is."""

from django.db.models import Q
from django.http import Http404

from grants.applications.models import Application


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
