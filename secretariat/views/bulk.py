"""One act on many cases, with a page before it that says exactly what will happen to how many."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from committee.review import actions as review
from grants.applications import actions as applications
from grants.applications.models import Application
from secretariat import permissions, queries
from secretariat.acts import ACTS
from secretariat.forms import OpenReview
from workflows.lifecycle import edge_from
from workflows.machine import Refusal


@transaction.atomic
def _accept_for_review(cases, *, by):
    for case in cases:
        applications.accept_for_review(case, by=by)


@dataclass(frozen=True)
class Many:
    """An act on many: do(cases, by=user, **what the form gave), all or none."""

    do: object
    will: object  # "%(count)s cases ..." before it is done, and after
    done: object
    form: type | None = None


MANY = {
    "accept_for_review": Many(
        _accept_for_review,
        will=ngettext_lazy(
            "%(count)s case becomes ready for the committee. Nobody gets a mail.",
            "%(count)s cases become ready for the committee. Nobody gets a mail.",
            "count",
        ),
        done=ngettext_lazy(
            "%(count)s case is ready for the committee.",
            "%(count)s cases are ready for the committee.",
            "count",
        ),
    ),
    "open_review": Many(
        review.open_review,
        will=ngettext_lazy(
            "%(count)s case is opened for the committee to vote on.",
            "%(count)s cases are opened for the committee to vote on.",
            "count",
        ),
        done=ngettext_lazy(
            "The committee can vote on %(count)s case.",
            "The committee can vote on %(count)s cases.",
            "count",
        ),
        form=OpenReview,
    ),
}


@login_required
def bulk(request):
    """POST act, pick (references): the preview. With confirm: it is done, to all or to none."""
    if request.method != "POST":  # where a refusal leads back to
        return redirect("desk:cases")
    name = request.POST.get("act", "")
    if name not in MANY:
        raise Http404
    act, picked = MANY[name], _picked(request)
    form = act.form(request.POST if "confirm" in request.POST else None) if act.form else None
    if "confirm" in request.POST and (form is None or form.is_valid()):
        act.do(picked, by=request.user, **(form.cleaned_data if form else {}))
        messages.success(request, act.done % {"count": len(picked)})
        return HttpResponseRedirect(f"{reverse('desk:cases')}?{request.POST.get('back', '')}")
    ready = [case for case in picked if edge_from(Application, name, case.status)]
    context = {
        "name": name,
        "button": ACTS[name].button,
        "will": act.will % {"count": len(ready)},
        "ready": ready,
        "left_out": [case for case in picked if case not in ready],
        "sum": sum(case.amount_applied_for for case in ready),
        "form": form,
        "back": request.POST.get("back", ""),
    }
    return render(request, "desk/bulk.html", context)


def _picked(request):
    """The cases that were ticked. Raises Refusal for none, and for one of a pool only read."""
    references = set(request.POST.getlist("pick"))
    if not references:
        raise Refusal(_("Tick at least one case first."))
    mine = permissions.cases_in(permissions.pools_worked_by(request.user), request.user)
    picked = list(queries.cases(mine).filter(reference__in=references).order_by("reference"))
    if missing := len(references) - len(picked):
        raise Refusal(
            ngettext(
                "%(count)s of the cases is not yours to work on.",
                "%(count)s of the cases are not yours to work on.",
                missing,
            )
            % {"count": missing}
        )
    return picked
