"""What a grant takes: a bank account, and the applicant's yes or no."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from applicants.forms import AccountForm
from grants.decisions import actions as decisions
from grants.payouts import actions as payouts
from grants.payouts import destination
from grants.portal import permissions
from workflows.lifecycle import ApplicationStatus
from workflows.machine import Refusal


@sensitive_post_parameters("registration", "number", "iban")
@login_required
def account(request, reference):
    """Which bank account the money goes to. A change is a new version."""
    application = permissions.case_to_act_on(request.user, reference, *permissions.TAKES_AN_ACCOUNT)
    if sentence := destination.obstacle(application, request.user):
        raise Refusal(sentence, code="role")
    now = application.applicant.bank_account()
    form = AccountForm(request.POST or None, initial={"holder": application.applicant.name})
    if form.is_valid():
        destination.name(
            application,
            holder=form.cleaned_data["holder"],
            iban=form.cleaned_data["iban"],
            by=request.user,
        )
        messages.success(request, _("The bank account is saved."))
        return redirect(application)
    context = {"application": application, "form": form, "account": now}
    return render(request, "portal/account.html", context)


@require_POST
@login_required
def accept(request, reference):
    application, _roles = permissions.case_for(request.user, reference)
    if application.status != ApplicationStatus.ACCEPTED:  # a double click has said yes already
        payouts.accept_grant(application, by=request.user)
        messages.success(request, _("Congratulations! You have said yes to the grant."))
    return redirect(application)


@login_required
def decline(request, reference):
    """A page that says what cannot be undone, then the act."""
    application, _roles = permissions.case_for(request.user, reference)
    if request.method == "POST":
        decisions.decline_grant(application, by=request.user)
        messages.success(request, _("You have said no to the grant."))
        return redirect(application)
    permissions.case_to_act_on(request.user, reference, ApplicationStatus.AWARDED)
    return render(
        request,
        "portal/confirm.html",
        {
            "application": application,
            "title": _("Say no to the grant"),
            "warning": _("The money goes back to the call, and others get it. You cannot undo it."),
            "act": reverse("portal:decline", args=[reference]),
            "button": _("Say no"),
        },
    )
