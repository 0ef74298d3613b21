from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from committee.desk import queries
from committee.desk.forms import DemandForm, PaperForm, VoteForm
from committee.discussion import queries as discussion
from committee.discussion.forms import RemarkForm
from committee.review import permissions
from committee.review import queries as review
from committee.seats.permissions import seats_of
from committee.votes import actions
from committee.votes import queries as votes
from committee.votes.permissions import close_obstacle
from grants.applications import answers, attaching, serving
from grants.portal.kept import mark
from workflows import clock


@login_required
@require_GET
def desk(request):
    """What is with the committee now, what awaits me first; and what it has done before."""
    seats = seats_of(request.user)
    context = {
        "desk": queries.desk(seats, request.GET.get("page", "1")),
        "committees": [seat.committee for seat in seats],
        "seat": next((seat for seat in seats if seat.is_chair), seats[0]),
        "writer": mark(request.user),
    }
    return render(request, "committee/desk.html", context)


@login_required
@require_GET
def case(request, reference):
    """The application on one side, my paper on the other; shut until I have declared.

    Who stands aside is told so on the page of their answer: an old link leads there.
    """
    window, member, state = permissions.answer_for_member(request.user, reference)
    if state != "clear":
        return redirect("committee:declare", reference)
    window = votes.window_for(window.application)
    paper = queries.paper_of(window, member)
    return _case_page(request, window, member, PaperForm(window=window, paper=paper))


@login_required
@require_http_methods(["GET", "POST"])
def assess(request, reference):
    """Keep what I have written so far: by a script field by field, or all of it by a button."""
    application, member = permissions.application_for_member(request.user, reference)
    if request.method == "GET":  # a wrong form was reloaded, or read in another language
        return redirect("committee:case", reference)
    window = votes.window_for(application)
    form = PaperForm(request.POST, window=window)
    is_right = form.is_valid()
    paper = _save(request, window, member, form)
    told = _("Saved at %(time)s.") % {"time": time_format(paper.saved_at.astimezone(clock.LOCAL))}
    if request.headers.get("Accept") == "application/json":
        left = queries.standing(window, paper, votes.vote_of(window, member))
        return JsonResponse({"told": told, "errors": form.sentences(), "left": vars(left)})
    if not is_right:
        return _case_page(request, window, member, form)
    messages.success(request, told)
    return redirect("committee:case", reference)


@login_required
@require_http_methods(["GET", "POST"])
def vote(request, reference):
    """Cast what stands on the paper; what is written is kept also where it cannot be cast yet."""
    application, member = permissions.application_for_member(request.user, reference)
    if request.method == "GET":
        return redirect("committee:case", reference)
    window = votes.window_for(application)
    form = VoteForm(request.POST, window=window)
    is_right = form.is_valid()
    _save(request, window, member, form)
    if not is_right:
        return _case_page(request, window, member, form)
    actions.cast_vote(application, member=member, by=request.user, **form.cast())
    messages.success(request, _("Your vote on “%(title)s” is in.") % {"title": application.title})
    following = queries.desk(seats_of(request.user)).next_left(application)
    if following:
        return redirect("committee:case", following.reference)
    return redirect("committee:desk")


@login_required
@require_http_methods(["GET", "POST"])
def demand(request, reference):
    """Say what a demand leads to and ask for the reason; then demand a meeting."""
    application, member = permissions.application_for_member(request.user, reference)
    form = DemandForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.demand_meeting(
            application, member=member, reason=form.cleaned_data["reason"], by=request.user
        )
        messages.success(request, _("You have demanded a meeting."))
        return redirect("committee:case", reference)
    window = votes.window_for(application)
    context = {
        "application": application,
        "window": window,
        "member": member,
        "form": form,
        "can_demand": _can_demand(window, member),
        "leads_to": _leads_to(window.procedure.members_to_demand_a_meeting),
    }
    return render(request, "committee/demand.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def close(request, reference):
    """Say what closing means and what is missing; then count.

    Before its time a vote closes only if what is still out can change nothing. The page never
    says whether that is so, since that would tell the chair how the vote stands: the chair may
    try, and is told no more than that it is closed, or not yet.
    """
    application, member = permissions.application_for_member(request.user, reference)
    if request.method == "POST":
        closed = actions.close_vote(application, by=request.user)
        messages.success(request, _closed(closed))
        return redirect("committee:case", reference)
    window = votes.window_for(application)
    context = {
        "application": application,
        "window": window,
        "member": member,
        "obstacle": close_obstacle(window, request.user),
        "missing": votes.missing(window),
        "unsure": len(review.bench(window).unsure),
        "is_together": votes.waits_for_an_allocation(window),
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


def _save(request, window, member, form):
    """A paper that is new begins with the vote that stands, and not as an empty one."""
    said, paper = form.said(), queries.paper_of(window, member)
    if paper.pk is None and paper.choice:
        before = {"choice": paper.choice, "amount": paper.amount}
        said = before | said | {"scores": {**paper.scores, **said["scores"]}}
    return actions.save_assessment(window.application, member=member, by=request.user, **said)


def _case_page(request, window, member, form):
    application = window.application
    desk = queries.desk([member])
    before, after = desk.beside(application)
    context = {
        "application": application,
        "window": window,
        "member": member,
        "own": answers.own(application),
        "files": attaching.with_questions(application, permissions.files_shown(application)),
        "hides_files": application.applicant.is_protected
        and attaching.standing(application, *attaching.WRITTEN).exists(),
        "may_close": not window.closed_at and not close_obstacle(window, request.user),
        "desk": desk,
        "before": before,
        "after": after,
        "my_vote": votes.vote_of(window, member),
        "thread": discussion.thread(window, member),
        "remark_form": RemarkForm(window=window),
        "writer": mark(request.user),
    }
    if window.closed_at:
        context["result"] = queries.result_of(window)
    elif votes.takes_votes(window) and not window.is_in_a_meeting:
        context |= _paper(request, window, member, form)
    return render(request, "committee/case.html", context)


def _paper(request, window, member, form):
    """What the paper beside an open case is shown with."""
    my_vote = votes.vote_of(window, member)
    paper = queries.paper_of(window, member)
    demands = list(window.demands.all())
    return {
        "form": form,
        "paper": paper,
        "standing": queries.standing(window, paper, my_vote),
        "words": _words(len(window.weights)),
        "is_overdue": votes.is_overdue(window),
        "missing": votes.missing(window),
        "can_demand": _can_demand(window, member),
        "has_demanded": any(demand.member_id == member.pk for demand in demands),
        # What others think is for those whose own vote is in.
        "demands": demands if my_vote else [],
    }


def _can_demand(window, member):
    is_open = votes.takes_votes(window) and not window.is_in_a_meeting
    mine = any(demand.member_id == member.pk for demand in window.demands.all())
    return bool(window.procedure.members_to_demand_a_meeting) and is_open and not mine


def _leads_to(wanted):
    return ngettext(
        "One demand is enough: when the vote has closed, the committee meets about the "
        "application, and nothing is recommended before.",
        "When %(count)s members have demanded it, the committee meets about the application once "
        "the vote has closed, and nothing is recommended before.",
        wanted,
    ) % {"count": wanted}


def _words(criteria):
    """What the page says by JavaScript, in the language of the moment."""
    return {
        "scored": ngettext(
            "{scored} of %(count)s criterion", "{scored} of %(count)s criteria", criteria
        )
        % {"count": criteria},
        "saved": _("Everything is saved."),
        "offline": _("No connection. What you write is kept here, and sent when you are back."),
        "not_cast": _("No connection. Your vote is not cast. Vote again when you are back."),
        "logged_out": _("You have been logged out. Log in again: what you wrote is kept here."),
        "problem": _("It could not be saved. What you write is kept here; we try again."),
    }


def _closed(window):
    waits = queries.waits_for(window)
    if waits == "meeting":
        return _("The vote is closed. It waits for a meeting.")
    if waits == "allocation":
        return _("The vote is closed. The application is recommended together with the others.")
    if not window.recommendation.amount:
        return _("The vote is closed. The secretariat has the recommendation: a rejection.")
    return _("The vote is closed. The secretariat has the recommendation: %(amount)s") % {
        "amount": queries.recommended(window)
    }
