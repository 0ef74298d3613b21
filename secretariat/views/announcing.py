"""Telling decisions: many letters at once, all or none."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from grants.decisions import actions as decisions
from grants.letters.models import Letter
from secretariat import permissions, queries
from workflows.machine import Refusal


@login_required
@require_http_methods(["GET", "POST"])
def announce(request):
    """GET: what is decided. POST pick (references): the preview; with confirm: the letters go."""
    pools = permissions.pools_read_by(request.user)
    found = queries.decided(permissions.cases_in(pools, request.user))
    if request.method == "GET":
        return _decided(request, found)
    if "confirm" in request.POST:
        return _announce(request, found)
    picked = list(found.filter(application__reference__in=request.POST.getlist("pick")))
    if not picked:
        raise Refusal(_("Tick at least one decision first. Only what is decided can be announced."))
    return render(request, "desk/announce_preview.html", _told(picked))


def _decided(request, found):
    context = _told(list(found)) | {
        "worked": {pool.pk for pool in permissions.pools_worked_by(request.user)},
    }
    return render(request, "desk/announce.html", context)


def _announce(request, found):
    # By decision and not by case: what was previewed is what is sent, or nothing is.
    numbers = {int(pk) for pk in request.POST.getlist("decision") if pk.isdecimal()}
    chosen = list(found.filter(pk__in=numbers))
    if not chosen or len(chosen) != len(numbers):
        raise Refusal(_("A decision has changed since you looked. Look again."))
    decisions.announce([decision.application for decision in chosen], by=request.user)
    sentence = ngettext(
        "%(count)s letter is on its way.", "%(count)s letters are on their way.", len(chosen)
    )
    messages.success(request, sentence % {"count": len(chosen)})
    return redirect("desk:announce")


def _told(chosen):
    """The decisions in groups with their sums, and what each call has left."""
    titles = {
        Letter.Kind.AWARD: pgettext("decisions", "Grants"),
        Letter.Kind.PARTIAL_AWARD: _("Grants in part"),
        Letter.Kind.REJECTION: _("Rejections"),
    }
    groups = [
        {"title": title, "kind": kind, "decisions": [each for each in chosen if each.kind == kind]}
        for kind, title in titles.items()
    ]
    for group in groups:
        group["sum"] = sum(decision.amount_awarded for decision in group["decisions"])
    budgets = _budgets(chosen)
    return {
        "groups": [group for group in groups if group["decisions"]],
        "budgets": budgets,
        "is_too_much": any(budget["after"] < 0 for budget in budgets),
        "count": len(chosen),
        "sum": sum(decision.amount_awarded for decision in chosen),
        "currency": chosen[0].application.currency if chosen else "DKK",
        "decisions": chosen,
    }


def _budgets(chosen):
    given = {}
    for decision in chosen:
        call = decision.application.call
        given[call] = given.get(call, 0) + decision.amount_awarded
    left = queries.left_in(list(given))
    return [
        {
            "call": call,
            "left": left[call],
            "given": amount,
            "after": left[call] - amount,
            "missing": amount - left[call],
        }
        for call, amount in given.items()
    ]
