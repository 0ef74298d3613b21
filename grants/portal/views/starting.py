"""From a call to a draft: the idea first, the e-mail address when there is something to keep."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from applicants.adapter import GO_ON_AT
from applicants.models import Applicant
from grants.applications import actions
from grants.applications.permissions import own_applications
from grants.pools.models import Call
from grants.portal.forms import StartForm
from workflows.lifecycle import ApplicationStatus

# In the session: {slug of a call: {field: what was typed}}. Only what the form has found right
# comes in, so it is never longer than the form's limits, and there are few calls.
BEGUN = "begun"


def apply(request, slug):
    """The idea, and who has it. A visitor's words wait in the session until the code is typed."""
    call = get_object_or_404(Call.objects.select_related("pool"), slug=slug)
    begun = request.session.get(BEGUN, {}).get(slug)
    is_known = request.user.is_authenticated
    typed = request.POST or (begun if is_known else None)
    if not call.is_open:
        return _too_late(request, call, typed or begun)
    form = StartForm(typed, initial=begun or _as_last_time(request.user))
    if form.is_valid():
        return _draft(request, call, form) if is_known else _keep(request, call, form)
    context = {"call": call, "form": form, "drafts": _drafts(request.user, call)}
    return render(request, "portal/apply.html", context)


def _drafts(user, call):
    """What the user has begun on the call, offered before a new beginning."""
    if user.is_anonymous:
        return []
    return own_applications(user).filter(call=call, status=ApplicationStatus.DRAFT)


def _keep(request, call, form):
    words = {name: form.data.get(name, "") for name in form.fields}
    request.session[BEGUN] = request.session.get(BEGUN, {}) | {call.slug: words}
    request.session[GO_ON_AT] = request.path
    messages.success(
        request, _("Your idea is kept in this browser. Now tell us where we can reach you.")
    )
    return redirect("account_login")


def _draft(request, call, form):
    """Made of what was typed, and of nothing twice."""
    who = dict(form.cleaned_data)
    idea = {name: who.pop(name) for name in ("title", "summary")}
    application = actions.apply(
        call, by=request.user, language=request.LANGUAGE_CODE, idea=idea, **who
    )
    if request.session.get(BEGUN, {}).pop(call.slug, None):
        request.session.modified = True
    return redirect("portal:write", application.reference, "idea")


def _too_late(request, call, words):
    """The call has closed meanwhile: what was written is there to be copied."""
    if not words:
        return redirect("portal:call", call.slug)
    return render(request, "portal/too_late.html", {"call": call, "words": words})


def _as_last_time(user):
    """What the user said about who applies, the last time."""
    if user.is_anonymous:
        return {"kind": Applicant.Kind.PERSON}
    last = Applicant.objects.filter(user=user).order_by("-pk").first()
    if last is None:
        return {"kind": Applicant.Kind.PERSON, "name": user.name}
    return {"kind": last.kind, "name": last.name, "birth_date": last.birth_date}
