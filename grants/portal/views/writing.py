"""From the idea to the application that is sent, and taking it back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applicants.forms import FirstApplicantForm
from applicants.models import Applicant
from grants.applications import actions, answers, readiness
from grants.applications.forms import WholeForm
from grants.applications.models import Application
from grants.applications.permissions import own_applications
from grants.pools.models import Call
from grants.portal import permissions
from grants.portal.forms import MoreForm
from workflows.lifecycle import ApplicationStatus, Role, edge_from
from workflows.machine import Refusal, obstacle, steps_open_to

CAN_BE_WRITTEN = (ApplicationStatus.DRAFT, ApplicationStatus.INCOMPLETE)


@login_required
def apply(request, slug):
    """Who applies; the draft is made when that has been answered, never by looking."""
    call = get_object_or_404(Call.objects.select_related("pool"), slug=slug)
    if not call.is_open:
        return redirect("portal:call", slug)
    form = FirstApplicantForm(request.POST or None, initial=_as_last_time(request.user))
    if form.is_valid():
        application = actions.apply(
            call, by=request.user, language=request.LANGUAGE_CODE, **form.cleaned_data
        )
        return redirect("portal:edit", application.reference)
    drafts = own_applications(request.user).filter(call=call, status=ApplicationStatus.DRAFT)
    return render(request, "portal/apply.html", {"call": call, "form": form, "drafts": drafts})


@login_required
def edit(request, reference):
    """The whole form. A conflict keeps what was typed and says what was saved meanwhile."""
    application, roles = permissions.case_for(request.user, reference)
    is_writable = Role.APPLICANT in roles and application.status in CAN_BE_WRITTEN
    if request.method != "POST" and not is_writable:
        return redirect(application)
    form = WholeForm(application, request.POST or None)
    if request.method == "POST" and form.is_valid():
        application.version = form.answers.cleaned_data["version"]
        try:  # what was typed must survive, so this one refusal is answered here
            actions.save_answers(application, by=request.user, **form.to_save())
        except Refusal as refusal:
            if refusal.code != "version":
                raise
            form.show_conflict(refusal.sentence)
        else:
            messages.success(request, _("Saved."))
            return redirect("portal:check" if "check" in request.POST else "portal:edit", reference)
    return render(request, "portal/edit.html", {"application": application, "form": form})


@require_safe
@login_required
def check(request, reference):
    """Check your answers: everything as it will be read, with what is missing on top."""
    application = permissions.case_to_act_on(request.user, reference, *CAN_BE_WRITTEN)
    missing = readiness.missing(application)
    edge = edge_from(Application, "submit", application.status)
    context = {
        "application": application,
        "sections": answers.sections(application),
        "missing": [(answers.anchor(each.field), each.sentence) for each in missing],
        "obstacle": obstacle(application, edge, request.user) if edge else "",
        "submit": edge,
    }
    return render(request, "portal/check.html", context)


@require_POST
@login_required
def submit(request, reference):
    application, _roles = permissions.case_for(request.user, reference)
    if application.status != ApplicationStatus.SUBMITTED:  # a double click has sent it already
        actions.submit(application, by=request.user)
        messages.success(
            request,
            _("Your application is sent. We have given it the number %(reference)s.")
            % {"reference": reference},
        )
    return redirect(application)


@login_required
def resubmit(request, reference):
    application = permissions.case_to_act_on(request.user, reference, ApplicationStatus.INCOMPLETE)
    form = MoreForm(request.POST or None, application=application)
    if form.is_valid():
        actions.resubmit(application, by=request.user, answer=form.cleaned_data["answer"])
        messages.success(request, _("Thank you. Your answer is sent."))
        return redirect(application)
    asked = application.information_requests.filter(answered_at=None).first()
    context = {"application": application, "asked": asked, "form": form}
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


def _as_last_time(user):
    """What the user said about who applies, the last time."""
    last = Applicant.objects.filter(user=user).order_by("-pk").first()
    if last is None:
        return {"kind": Applicant.Kind.PERSON, "name": user.name}
    told = ("kind", "name", "cvr", "birth_date", "phone", "street", "postal_code", "town")
    return {name: getattr(last, name) for name in (*told, "is_protected")}
