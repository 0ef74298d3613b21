"""What a grant takes: a guardian's consent, a bank account, and the applicant's yes or no."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applicants import actions as applicants
from applicants.accounts import masked
from applicants.forms import AccountForm, GuardianForm
from grants.applications import actions, answers
from grants.decisions import actions as decisions
from grants.payouts import actions as payouts
from grants.portal import permissions
from workflows.lifecycle import ApplicationStatus


@login_required
def guardian(request, reference):
    """Who of the grown-ups is asked for consent."""
    application = permissions.case_to_act_on(request.user, reference, *permissions.BEFORE_THE_END)
    form = GuardianForm(
        request.POST or None, not_these=[request.user.email, application.contact.email]
    )
    if form.is_valid():
        named = actions.invite_guardian(application, by=request.user, **form.cleaned_data)
        messages.success(
            request, _("We have sent a link to %(email)s.") % {"email": named.user.email}
        )
        return redirect(application)
    return render(request, "portal/guardian.html", {"application": application, "form": form})


@login_required
def consent(request, reference):
    """The guardian reads what it is for and the conditions, and says yes."""
    application, _roles = permissions.case_for(request.user, reference)
    me = get_object_or_404(application.applicant.guardians, user=request.user)
    if application.status == ApplicationStatus.DRAFT:
        return redirect(application)
    if request.method == "POST":
        actions.give_consent(application, guardian=me, by=request.user)
        messages.success(request, _("Thank you. Your consent is recorded."))
        return redirect(application)
    grant = application.current_grant()
    context = {
        "application": application,
        "guardian": me,
        "sections": answers.sections(application),
        "grant": grant,
        "conditions": (
            grant.conditions if grant else application.call.conditions_in(request.LANGUAGE_CODE)
        ),
    }
    return render(request, "portal/consent.html", context)


@require_POST
@login_required
def withdraw_consent(request, reference):
    application, _roles = permissions.case_for(request.user, reference)
    me = get_object_or_404(application.applicant.guardians, user=request.user)
    actions.withdraw_consent(application, guardian=me, by=request.user)
    messages.success(
        request, _("Your consent is taken back. What has not been sent to the bank is not sent.")
    )
    return redirect(application)


@login_required
def account(request, reference):
    """Which bank account the money goes to. A change is a new version."""
    application = permissions.case_to_act_on(request.user, reference, *permissions.TAKES_AN_ACCOUNT)
    now = application.applicant.bank_account()
    form = AccountForm(request.POST or None, initial={"holder": application.applicant.name})
    if form.is_valid():
        applicants.name_account(
            application.applicant,
            holder=form.cleaned_data["holder"],
            iban=form.cleaned_data["iban"],
            by=request.user,
            row=application,
        )
        messages.success(request, _("The bank account is saved."))
        return redirect(application)
    context = {"application": application, "form": form, "masked": now and masked(now.iban)}
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
