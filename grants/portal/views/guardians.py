"""Somebody under 18: naming parents or guardians, and their pages, with login and without."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from grants.applications import answers
from grants.applications import guardians as actions
from grants.applications.documents import document_hash
from grants.portal import permissions, queries
from grants.portal.people import ConsentForm, GuardianForm
from workflows.lifecycle import ApplicationStatus

# The section that a guardian need not read to say yes: they know who applies and lives where.
KNOWN_TO_THEM = "who"


@login_required
def guardian(request, reference):
    """Who of the grown-ups is asked for consent, what they said, and naming one more."""
    application = permissions.case_to_act_on(request.user, reference, *permissions.BEFORE_THE_END)
    if not application.wants_consent:
        return redirect(application)
    team = application.team.exclude(user=None).values_list("user__email", flat=True)
    form = GuardianForm(
        request.POST or None,
        not_these=[request.user.email, application.contact.email, *team],
        initial={"custody_is_joint": application.applicant.custody_is_joint},
    )
    if form.is_valid():
        named = actions.invite_guardian(application, by=request.user, **form.cleaned_data)
        messages.success(request, _after_naming(application) % {"email": named.user.email})
        return redirect("portal:guardian", reference)
    context = {
        "application": application,
        "form": form,
        "guardians": queries.guardians(application),
        "can_name": actions.may_name(application, request.user),
        "is_sent": application.status != ApplicationStatus.DRAFT,
    }
    return render(request, "portal/guardian.html", context)


@require_POST
@login_required
def send_link(request, reference, pk):
    application = permissions.case_to_act_on(request.user, reference, *permissions.BEFORE_THE_END)
    named = get_object_or_404(application.applicant.guardians, pk=pk)
    actions.send_link(application, guardian=named, by=request.user)
    messages.success(
        request,
        _("We have sent a new link to %(email)s. The earlier one does not work any more.")
        % {"email": named.user.email},
    )
    return redirect("portal:guardian", reference)


@require_POST
@login_required
def remove_guardian(request, reference, pk):
    application = permissions.case_to_act_on(request.user, reference, *permissions.BEFORE_THE_END)
    named = get_object_or_404(application.applicant.guardians, pk=pk)
    actions.remove_guardian(application, guardian=named, by=request.user)
    messages.success(
        request, _("%(email)s is off the list. Name somebody else.") % {"email": named.user.email}
    )
    return redirect("portal:guardian", reference)


@login_required
def consent(request, reference):
    """The guardian reads what it is for and the conditions, and says yes."""
    application, _roles = permissions.case_for(request.user, reference)
    me = get_object_or_404(application.applicant.guardians, user=request.user)
    if application.status not in actions.TAKES_CONSENT:
        return redirect(application)
    form = _consent_form(request, application, name=request.user.name, relation=me.relation)
    if form.is_valid():
        actions.give_consent(application, guardian=me, by=request.user, **form.said())
        messages.success(request, _("Thank you. Your consent is recorded."))
        return redirect(application)
    context = _to_read(request, application) | {"form": form}
    context["sections"] = queries.sections_for(application, request.user)
    return render(request, "portal/consent.html", context)


@never_cache
def consent_by_link(request, token):
    """The same without login. Looking never uses the link up: mail scanners look at every one."""
    link = actions.link_of(token)
    state = actions.state_of(link) if link else "unknown"
    if state == "open" and actions.stands_on_it(link.application, request.user):
        state = "own"
    context = {"link": link, "state": state}
    if state == "open":
        application = link.application
        form = _consent_form(request, application, relation=link.guardian.relation)
        if form.is_valid():
            actions.give_consent_by_link(link, **form.said())
            return _told_to_nobody(redirect("portal:consent_by_link", token))
        context |= _to_read(request, application) | {"form": form}
    answer = render(
        request, "portal/consent_by_link.html", context, status=404 if link is None else 200
    )
    return _told_to_nobody(answer)


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


def _after_naming(application):
    """What is said to who named %(email)s."""
    if application.status == ApplicationStatus.DRAFT:
        return _("%(email)s gets a link when you have sent the application.")
    return _("We have sent a link to %(email)s.")


def _consent_form(request, application, **initial):
    return ConsentForm(request.POST or None, document=document_hash(application), initial=initial)


def _to_read(request, application):
    """What a guardian says yes to."""
    grant = application.current_grant()
    sections = [each for each in answers.sections(application) if each.code != KNOWN_TO_THEM]
    return {
        "application": application,
        "child": _name_of_the_child(application),
        "sections": sections,
        "grant": grant,
        "conditions": (
            grant.conditions if grant else application.call.conditions_in(request.LANGUAGE_CODE)
        ),
    }


def _name_of_the_child(application):
    """Who is under 18; a name that is protected is said to nobody who has not logged in."""
    applicant = application.applicant
    if applicant.is_protected:
        return _("A young person in your care")
    return applicant.user.name or applicant.name


def _told_to_nobody(answer):
    """The address is the key: no page that is linked here learns it, and no search engine.

    "no-referrer" would make browsers send every form of the page with "Origin: null", which is
    refused as a forgery; "strict-origin" tells the site's name and never a path.
    """
    answer.headers["Referrer-Policy"] = "strict-origin"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
