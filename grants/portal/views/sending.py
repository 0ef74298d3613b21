"""Check your answers, send, the receipt, answer a request for more, take it back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from grants.applications import actions, answers, readiness
from grants.applications.actions import CAN_BE_WRITTEN
from grants.applications.models import Application
from grants.applications.permissions import is_kept_from
from grants.applications.sections import SECTIONS
from grants.portal import kept, permissions, queries, tasklist
from grants.portal.forms import MoreForm
from workflows.lifecycle import ApplicationStatus, Role, edge_from
from workflows.machine import obstacle, steps_open_to


@require_safe
@login_required
def check(request, reference):
    """Check your answers: everything as it will be read, with what is missing on top."""
    application, roles = permissions.case_for(request.user, reference)
    if Role.APPLICANT not in roles:
        raise Http404
    if application.status not in CAN_BE_WRITTEN:  # it has been sent meanwhile
        return redirect(application)
    edge = edge_from(Application, "submit", application.status)
    open_sections = [c for c in SECTIONS if tasklist.is_open(application, c, request.user)]
    context = {
        "application": application,
        "sections": queries.sections_for(application, request.user),
        "open_sections": open_sections,
        "missing": [
            (each.section, answers.anchor(each.field), _told(each, application, request.user))
            for each in readiness.missing(application)
        ],
        "obstacle": obstacle(application, edge, request.user) if edge else "",
        "submit": edge,
        "writer": kept.mark(request.user),
    }
    return render(request, "portal/check.html", context)


def _told(missing, application, user):
    if is_kept_from(application, user, missing.section):
        return f"{missing.sentence} {_('Only the contact can do that.')}"
    return missing.sentence


@require_POST
@login_required
def submit(request, reference):
    application, _roles = permissions.case_for(request.user, reference)
    if application.status != ApplicationStatus.SUBMITTED:  # a double click has sent it already
        actions.submit(application, by=request.user)
    return redirect("portal:receipt", reference)


@require_safe
@login_required
def receipt(request, reference):
    """It has come: its number, when, and what happens next."""
    application, _roles = permissions.case_for(request.user, reference)
    if application.submitted_at is None:
        return redirect(application)
    return render(request, "portal/receipt.html", {"application": application})


@login_required
def resubmit(request, reference):
    application, roles = permissions.case_for(request.user, reference)
    if Role.APPLICANT not in roles:
        raise Http404
    if application.status != ApplicationStatus.INCOMPLETE:
        return redirect(application)
    form = MoreForm(request.POST or None, application=application)
    if form.is_valid():
        actions.resubmit(application, by=request.user, answer=form.cleaned_data["answer"])
        messages.success(request, _("Thank you. Your answer is sent."))
        return redirect(application)
    asked = application.information_requests.filter(answered_at=None).first()
    context = {
        "application": application,
        "asked": asked,
        "form": form,
        "has_consent": application.consents.filter(withdrawn_at=None).exists(),
        "go_on": tasklist.first(application, request.user),
    }
    return render(request, "portal/resubmit.html", context)


@login_required
def withdraw(request, reference):
    """A page that says what cannot be undone, then the act."""
    application, _roles = permissions.case_for(request.user, reference)
    if request.method == "POST":
        actions.withdraw(application, by=request.user)
        messages.success(request, _("Your application is withdrawn."))
        return redirect(application)
    if not any(edge.name == "withdraw" for edge in steps_open_to(application, request.user)):
        return redirect(application)
    return render(
        request,
        "portal/confirm.html",
        {
            "application": application,
            "title": _("Withdraw application"),
            "warning": _(
                "We stop with your application, and it cannot be sent again. What you have "
                "written can still be read. You can apply anew while the call is open."
            ),
            "act": reverse("portal:withdraw", args=[reference]),
            "button": _("Withdraw application"),
        },
    )
