from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from committee.desk import queries
from committee.desk.forms import DeclarationForm, RecusalForm, VoteForm
from committee.review import actions as review
from committee.review import permissions
from committee.seats.permissions import chaired_by, seats_of
from committee.votes import actions
from committee.votes import queries as votes
from committee.votes.permissions import close_obstacle
from grants.applications import answers, attaching, serving
from grants.pools.money import money


@login_required
@require_GET
def desk(request):
    """What is with the committee now, what awaits my vote first."""
    seats = seats_of(request.user)
    context = {"desk": queries.desk(seats), "committees": [seat.committee for seat in seats]}
    return render(request, "committee/desk.html", context)


@login_required
@require_GET
def case(request, reference):
    """The application on one side, my vote on the other; shut until I have declared."""
    window, member, state = permissions.window_for_member(request.user, reference)
    if state != "clear":
        return redirect("committee:declare", reference)
    window = votes.window_for(window.application)
    form = VoteForm(window=window, vote=votes.vote_of(window, member))
    return _case_page(request, window, member, form)


@login_required
@require_http_methods(["GET", "POST"])
def declare(request, reference):
    """The first question about an application: is there a conflict?"""
    window, member, state = permissions.window_for_member(request.user, reference)
    form = DeclarationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        review.declare(window.application, member=member, by=request.user, **form.cleaned_data)
        if form.cleaned_data["answer"] == "clear":
            return redirect("committee:case", reference)
        return redirect("committee:desk")
    context = {"application": window.application, "state": state, "form": form}
    return render(request, "committee/declare.html", context)


@login_required
@require_GET
def coverage(request):
    """Who may vote on what, and where a quorum is at risk: the chair's."""
    seat = chaired_by(request.user)
    return render(request, "committee/coverage.html", {"committee": seat.committee})


@login_required
@require_http_methods(["GET", "POST"])
def vote(request, reference):
    application, member = permissions.application_for_member(request.user, reference)
    if request.method == "GET":  # a wrong form was reloaded, or read in the other language
        return redirect("committee:case", reference)
    window = votes.window_for(application)
    form = VoteForm(request.POST, window=window)
    if not form.is_valid():
        return _case_page(request, window, member, form)
    actions.cast_vote(application, member=member, by=request.user, **form.given())
    messages.success(request, _("Your vote on “%(title)s” is in.") % {"title": application.title})
    return _to_what_is_left(request)


@login_required
@require_http_methods(["GET", "POST"])
def recuse(request, reference):
    """Ask for the ground and say what cannot be undone; then stand aside."""
    application, member = permissions.application_for_member(request.user, reference)
    form = RecusalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        review.declare_recusal(
            application, member=member, ground=form.cleaned_data["ground"], by=request.user
        )
        messages.success(
            request, _("You stand aside from “%(title)s”.") % {"title": application.title}
        )
        return redirect("committee:desk")
    context = {"application": application, "form": form}
    return render(request, "committee/recuse.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def close(request, reference):
    """Say what closing means and what is missing; then count."""
    application, _member = permissions.application_for_member(request.user, reference)
    if request.method == "POST":
        closed = actions.close_vote(application, by=request.user)
        messages.success(request, _result(application, closed.recommendation))
        return redirect("committee:case", reference)
    window = votes.window_for(application)
    context = {
        "application": application,
        "window": window,
        "obstacle": close_obstacle(window, request.user),
        "missing": votes.missing(window),
    }
    return render(request, "committee/close.html", context)


@login_required
@require_GET
def attachment(request, reference, pk):
    return serving.download(permissions.attachment_for_member(request.user, reference, pk))


@login_required
@require_GET
def thumbnail(request, reference, pk):
    return serving.thumbnail(permissions.attachment_for_member(request.user, reference, pk))


def _case_page(request, window, member, form):
    application = window.application
    is_open = votes.takes_votes(window)
    context = {
        "application": application,
        "window": window,
        "member": member,
        "form": form,
        "is_open": is_open,
        "is_overdue": votes.is_overdue(window),
        "own": answers.own(application),
        "files": attaching.with_questions(application, permissions.files_shown(application)),
        "hides_files": application.applicant.is_protected
        and attaching.standing(application, *attaching.WRITTEN).exists(),
        "aside": permissions.aside_obstacle(application, request.user),
        "my_vote": votes.vote_of(window, member),
        "missing": votes.missing(window) if is_open else [],
        "may_close": not window.closed_at and not close_obstacle(window, request.user),
        "desk": queries.desk([member]),
    }
    return render(request, "committee/case.html", context)


def _to_what_is_left(request):
    """On to the next application that awaits the member's vote; home when none does."""
    left = queries.desk(seats_of(request.user)).left
    if left:
        return redirect("committee:case", left[0].application.reference)
    return redirect("committee:desk")


def _result(application, recommendation):
    if recommendation is None:
        return _("The vote is closed. It is recommended together with the others.")
    if not recommendation.amount:
        return _("The vote is closed. The secretariat has the recommendation: a rejection.")
    return _("The vote is closed. The secretariat has the recommendation: %(amount)s") % {
        "amount": money(recommendation.amount, application.currency)
    }
