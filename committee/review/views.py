from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from committee.review import actions, facts, permissions, queries
from committee.review.coverage import coverage as coverage_of
from committee.review.coverage import open_places
from committee.review.forms import (
    Answer,
    CallInForm,
    DeclarationForm,
    DeclarationForms,
    PostsForm,
    RecusalForm,
    RulingForm,
)
from committee.review.hints import hints, hints_to_others
from committee.seats.permissions import seats_of, seats_today


@login_required
@require_http_methods(["GET", "POST"])
def declare(request, reference):
    """The first question about an application; once it is answered, the answer and its ruling."""
    window, member, state = permissions.answer_for_member(request.user, reference)
    application, said = window.application, queries.said_by(member, window)
    answers = [each for each in Answer if state == "undeclared" or each != Answer.CLEAR]
    note = {"note": said.note} if state == "unsure" else {}
    form = DeclarationForm(request.POST or None, answers=answers, initial=note)
    if request.method == "POST" and form.is_valid():
        actions.declare(application, member=member, by=request.user, **form.cleaned_data)
        return _answered(request, application, form.cleaned_data["answer"])
    context = {
        "window": window,
        "state": state,
        "said": said,
        "recusal": application.recusals.filter(member=member).first(),
        "hints": _hints_to([(window, member)])[window.pk],
        "form": form,
    }
    return render(request, "committee/declare.html", context)


def _answered(request, application, answer):
    """On to the case when there is no conflict; else back to the desk, with what happens now."""
    if answer == Answer.CLEAR:
        return redirect("committee:case", application.reference)
    if answer == Answer.CONFLICT:
        said = _("You stand aside from “%(title)s”.")
    else:
        said = _("“%(title)s” stays shut until somebody else has settled it. You get a mail.")
    messages.success(request, said % {"title": application.title})
    return redirect("committee:desk")


@login_required
@require_http_methods(["GET", "POST"])
def declare_all(request):
    """Every first question that awaits the member. The answers that are right are saved."""
    asked = permissions.first_questions_of(request.user)
    questions = DeclarationForms(asked, request.POST or None)
    if request.method == "POST":
        given = questions.given()
        saved = questions.take(given, actions.declare_each(given, by=request.user))
        _tell_how_many(request, saved, questions)
        if not questions.errors:
            return redirect("committee:declare_all" if questions.rows else "committee:desk")
    told = _hints_to(asked)
    context = {
        "questions": questions,
        "rows": [(window, form, told[window.pk]) for window, _member, form in questions.rows],
        "seat": _first_seat(seats_of(request.user)),
    }
    return render(request, "committee/declare_all.html", context)


def _tell_how_many(request, saved, questions):
    if saved:
        text = ngettext("%(count)s answer is saved.", "%(count)s answers are saved.", saved)
        messages.success(request, text % {"count": saved})
    elif not questions.errors:
        messages.warning(request, _("Choose an answer first. Nothing has been saved."))


def _hints_to(asked):
    """{the window's pk: sentences to its member} for [(window, member)]."""
    seats = {seat.pk: seat for window, _member in asked for seat in window.committee.seats}
    who = facts.members([seats[member.pk] for _window, member in asked])
    matters = facts.matters([window for window, _member in asked])
    return {
        window.pk: [
            hint.to_member for hint in hints(who[member.pk], matters[window.application_id])
        ]
        for window, member in asked
    }


@login_required
@require_http_methods(["GET", "POST"])
def recuse(request, reference):
    """Ask for the ground and say what cannot be undone; then stand aside."""
    window, member, state = permissions.window_for_member(request.user, reference)
    form = RecusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ground = form.cleaned_data["ground"]
        actions.declare_recusal(window.application, member=member, ground=ground, by=request.user)
        return _answered(request, window.application, Answer.CONFLICT)
    context = {"window": window, "state": state, "form": form}
    return render(request, "committee/recuse.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def posts(request):
    """Where else the member works or has a say: hints are made from it."""
    seats = seats_of(request.user)
    lines = dict.fromkeys(line for seat in seats for line in seat.posts.splitlines())
    form = PostsForm(request.POST or None, initial={"posts": "\n".join(lines)})
    if request.method == "POST" and form.is_valid():
        actions.keep_posts(seats, form.cleaned_data["posts"], by=request.user)
        messages.success(request, _("Your posts are saved."))
        return redirect("committee:desk")
    return render(request, "committee/posts.html", {"form": form, "seat": _first_seat(seats)})


def _first_seat(seats):
    """The seat that the tabs are shown for: as chair, where there is one."""
    return next((seat for seat in seats if seat.is_chair), seats[0])


@login_required
@require_GET
def coverage(request):
    """Who may vote on what, and where a quorum is at risk: for the chair and the secretariat."""
    committees = permissions.covered_by(request.user)
    context = {
        "coverages": [coverage_of(request.user, committee) for committee in committees],
        "seat": seats_today().filter(user=request.user).order_by("-is_chair").first(),
    }
    return render(request, "committee/coverage.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def rule(request, pk):
    """Settle what a member is unsure of. What is settled already leads back."""
    declaration = permissions.doubt_for(request.user, pk)
    form = RulingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.rule(declaration, by=request.user, **form.cleaned_data)
        messages.success(request, _("It is settled, and the member gets a mail."))
        return redirect("committee:coverage")
    if declaration not in queries.doubts(declaration.application):
        return redirect("committee:coverage")
    window = queries.window_for(declaration.application)
    who = facts.members([declaration.member])[declaration.member_id]
    found = hints_to_others(who, facts.matters([window])[window.application_id])
    context = {
        "window": window,
        "declaration": declaration,
        "hints": [hint.to_others for hint in found],
        "form": form,
    }
    return render(request, "committee/rule.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def call_in(request, reference):
    """Choose a substitute for a member, of those who can take the place."""
    window = permissions.window_for_office(request.user, reference)
    asked_for = {"member": request.GET.get("member")}
    form = CallInForm(request.POST or None, window=window, initial=asked_for)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        actions.call_in(window.application, by=request.user, **told)
        said = _("%(substitute)s is called in for %(member)s, and gets a mail.")
        messages.success(request, said % told)
        return redirect("committee:coverage")
    context = {"window": window, "form": form, "places": open_places(window)}
    return render(request, "committee/call_in.html", context)
