"""The team of an application: who is on it, inviting, leaving, and handing the contact over."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from grants.applications import team as actions
from grants.portal import permissions
from grants.portal.people import InvitationForm
from workflows.lifecycle import Role


@login_required
def team(request, reference):
    """Who is on the team and what each can do; who writes can invite others."""
    application, roles = permissions.case_for(request.user, reference)
    can_invite = Role.APPLICANT in roles and application.status in actions.TEAM_CAN_CHANGE
    form = InvitationForm(request.POST or None, not_these=[application.contact.email])
    if form.is_valid():
        member = actions.invite(application, by=request.user, **form.cleaned_data)
        messages.success(
            request,
            _("%(name)s is on the team: %(access)s")
            % {"name": member.name, "access": member.access.label},
        )
        return redirect("portal:team", reference)
    members = list(application.team.select_related("user"))
    context = {
        "application": application,
        "form": form if can_invite else None,
        "members": members,
        "me": next((each for each in members if each.user_id == request.user.pk), None),
        "is_contact": application.contact_id == request.user.pk,
        "can_change": application.status in actions.TEAM_CAN_CHANGE,
        "stays": application.applicant.user_id
        if actions.has_to_stay(application, application.applicant.user_id)
        else None,
    }
    return render(request, "portal/team.html", context)


@login_required
def remove(request, reference, pk):
    """A page that says what it means, then the act: taking somebody off, or leaving oneself."""
    application, _roles = permissions.case_for(request.user, reference)
    member = get_object_or_404(application.team, pk=pk)
    is_leaving = member.user_id == request.user.pk
    if request.method == "POST":
        actions.remove_member(application, member=member, by=request.user)
        if is_leaving:
            messages.success(request, _("You are not on the team any more."))
            return redirect("portal:home")
        messages.success(request, _("%(name)s is off the team.") % {"name": member.name})
        return redirect("portal:team", reference)
    return render(
        request,
        "portal/team_sure.html",
        {
            "application": application,
            "title": _("Leave the team")
            if is_leaving
            else _("Take %(name)s off the team") % {"name": member.name},
            "text": _("You cannot see the application any more, unless you are invited again.")
            if is_leaving
            else _("They cannot see the application any more. What they have written stays."),
            "is_loss": True,
        },
    )


@login_required
def hand_over(request, reference, pk):
    """A page that says what it means, then the question to the other."""
    application, _roles = permissions.case_for(request.user, reference)
    member = get_object_or_404(application.team, pk=pk, can_write=True)
    if request.method == "POST":
        actions.hand_over(application, to=member, by=request.user)
        messages.success(
            request,
            _("We have asked %(name)s. You are the contact until they say yes.")
            % {"name": member.name},
        )
        return redirect("portal:team", reference)
    return render(
        request,
        "portal/team_sure.html",
        {
            "application": application,
            "title": _("Ask %(name)s to be the contact") % {"name": member.name},
            "text": _(
                "The contact is the one we write to, and says which bank account the money goes "
                "to. When they say yes, you stay on the team and can still write. Who applies is "
                "not changed by it: the name, the age and the parents or guardians stay."
            ),
            "is_loss": False,
        },
    )


@require_POST
@login_required
def contact(request, reference):
    """The answer of who is asked to be the contact; a no also takes the question back."""
    application, _roles = permissions.case_for(request.user, reference)
    if request.POST.get("answer") == "yes":
        actions.accept_contact(application, by=request.user)
        messages.success(request, _("You are the contact now. We write to you from now on."))
    else:
        actions.decline_contact(application, by=request.user)
        messages.success(request, _("The contact stays as it was."))
    return redirect("portal:team", reference)
