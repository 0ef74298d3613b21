"""One act on one case, and the letter that it would bring."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from grants.decisions import changes
from grants.decisions import queries as decisions
from grants.decisions.models import Decision
from grants.letters import rendering
from grants.letters.models import Letter
from secretariat import acts, permissions, queries
from secretariat.forms import AnswerChange, Decide
from secretariat.views.pdf import pdf
from workflows import clock


@login_required
@require_http_methods(["GET", "POST"])
def step(request, reference, name):
    """The page of an act; a POST does it. An act that is not open leads back to the case."""
    application = permissions.case_for(request.user, reference)
    act = acts.ACTS.get(name)
    if act is None:
        raise Http404
    form = act.form(request.POST or None, application=application) if act.form else None
    if request.method == "POST" and (form is None or form.is_valid()):
        act.do(application, by=request.user, **(form.cleaned_data if form else {}))
        messages.success(request, act.done)
        return redirect("desk:case", reference)
    if act not in acts.open_to(application, request.user):
        return redirect("desk:case", reference)
    return _page(request, application, act, form)


@login_required
@require_POST
def letter_in_mind(request, reference):
    """The letter as it will look, of a decision that is still being written. Nothing is kept."""
    application = permissions.case_for(request.user, reference)
    act = acts.ACTS["decide"]
    if act not in acts.open_to(application, request.user):
        return redirect("desk:case", reference)
    form = Decide(request.POST, application=application)
    if not form.is_valid():
        return _page(request, application, act, form)
    given = form.cleaned_data
    decision = Decision(
        application=application,
        amount_awarded=given["amount"],
        is_partial=given["amount"] < application.amount_applied_for,
        guideline=given["guideline"],
        criterion=given["criterion"],
        fact=given["fact"],
        deviation_reason=given.get("deviation_reason", ""),
        decided_by=request.user,
    )
    return _letter(decision)


@login_required
@require_POST
def change_letter(request, reference):
    """The letter about a change as it will look, of an answer that is still being written."""
    application = permissions.case_for(request.user, reference)
    act = acts.ACTS["answer_change"]
    if act not in acts.open_to(application, request.user):
        return redirect("desk:case", reference)
    form = AnswerChange(request.POST, application=application)
    if not form.is_valid():
        return _page(request, application, act, form)
    asked = form.cleaned_data.pop("request")
    written = changes.letter_preview(asked, by=request.user, **form.cleaned_data)
    return _pdf(application, written, Letter.Kind.CHANGE)


@login_required
def standing_letter(request, reference):
    """The letter as it will look, of the decision that is recorded and not announced."""
    application = permissions.case_for(request.user, reference)
    decision = application.current_decision()
    if (
        decision is None
        or decision.announced_at
        or not permissions.may_read_letters(application, request.user)
    ):
        raise Http404
    return _letter(decision)


def _page(request, application, act, form):
    context = {
        "application": application,
        "currency": application.currency,
        "act": act,
        "form": form,
        "recommendation": application.recommendations.first(),
        "change": queries.open_change(application) if act.name == "answer_change" else None,
    }
    return render(request, "desk/act.html", context)


def _letter(decision):
    return _pdf(decision.application, decisions.letter_preview(decision), decision.kind)


def _pdf(application, written, kind):
    rendered = rendering.render(
        written,
        language=application.language,
        title=application.title,
        identifier=application.reference,
        created=clock.now(),
    )
    return pdf(rendered.pdf, f"{application.reference}-{kind}.pdf")
