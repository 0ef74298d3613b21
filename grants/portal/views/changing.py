"""Asking for a change after the yes: what kind of change first, then its own questions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from grants.decisions import changes
from grants.decisions.models import ChangeRequest
from grants.payouts.accounts import Row
from grants.portal import permissions
from grants.portal.forms import ChangeKind, MoreTime, OtherBudget, OtherDates, Why
from workflows.lifecycle import ApplicationStatus

Kind = ChangeRequest.Kind


@login_required
@require_http_methods(["GET", "POST"])
def change(request, reference):
    """Which kind of change it is."""
    found = _case(request, reference)
    if changes.change_obstacle(found):  # its page says why, and nothing links here
        return redirect(found)
    form = ChangeKind(request.POST or None)
    if form.is_valid():
        return redirect("portal:change_to", reference, form.cleaned_data["kind"])
    return render(request, "portal/change.html", {"application": found, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def change_to(request, reference, kind):
    """The questions of one kind. A POST asks for it, or makes a change that is free at once."""
    found = _case(request, reference)
    if kind not in Kind.values:
        raise Http404
    if changes.change_obstacle(found):
        return redirect(found)
    grant = found.current_grant()
    agreed = changes.what_is_agreed(grant)
    form = _form(kind, request.POST or None, agreed)
    if form.is_valid():
        wish = changes.wish(found, kind=kind, by=request.user, **form.wish())
        if sentence := changes.wish_obstacle(wish):
            form.add_error(None, sentence)
    if form.is_valid():
        asked = changes.ask_for_change(found, kind=kind, by=request.user, **form.wish())
        messages.success(request, _told(asked))
        return redirect(found)
    context = {
        "application": found,
        "form": form,
        "kind": kind,
        "title": Kind(kind).label,
        "grant": grant,
        "agreed": agreed,
        "has_money": bool(grant.amount_disbursed()),
    }
    if kind == Kind.BUDGET:
        income, expenses = form.sums(grant.amount_awarded)
        context["sums"] = {"income": income, "expenses": expenses, "balance": income - expenses}
    return render(request, "portal/change_to.html", context)


def _case(request, reference):
    return permissions.case_to_act_on(request.user, reference, ApplicationStatus.ACCEPTED)


def _form(kind, data, agreed):
    match kind:
        case Kind.DATES:
            now = {"starts_on": agreed.starts_on, "ends_on": agreed.ends_on}
            return OtherDates(data, initial=now)
        case Kind.BUDGET:
            lines = agreed.lines
            rows = [Row(ln.key, ln.kind, ln.text, ln.amount, ln.amount) for ln in lines]
            return OtherBudget(data, rows=rows)
        case Kind.EXTENSION:
            return MoreTime(data, agreed=agreed)
    return Why(data)


def _told(asked):
    if asked.is_granted:
        return _("Your new budget counts from now on. You did not have to ask us.")
    return _("We have your request, and answer it with a letter.")
