"""The final report: its parts a page each, saved half done, and sent whole."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from grants.applications.models import Attachment
from grants.decisions.changes import is_given_up, what_is_agreed
from grants.payouts import accounts
from grants.payouts import actions as payouts
from grants.payouts.models import FinalReport
from grants.portal import permissions, places
from grants.portal.forms import LinesForm, PeopleForm, StoryForm
from workflows.lifecycle import ApplicationStatus, ReportStatus

PARTS = ("story", "people", "accounts")


@login_required
@require_http_methods(["GET", "POST"])
def report(request, reference):
    """The whole of it: what is told so far, photos and receipts. A POST sends it."""
    found, written = _report_of(request, reference)
    if written and written.status not in (ReportStatus.DRAFT, ReportStatus.RETURNED):
        return redirect(found)
    if request.method == "POST" and written:
        payouts.submit_report(written, by=request.user)
        messages.success(request, _("Thank you! Your report is sent."))
        return redirect(found)
    grant = found.current_grant()
    photos = places.place(found, Attachment.Purpose.PHOTO, by=request.user)
    context = {
        "application": found,
        "report": written,
        "tasks": _tasks(found, written),
        "missing": written.submit_obstacle(request.user) if written else "",
        "photos": photos,
        "not_agreed": [photo for photo in photos.attachments if not photo.is_agreed],
        "receipts": places.place(found, Attachment.Purpose.RECEIPT, by=request.user),
        "grant": grant,
        "sums": _sums(grant, written.income, written.expenses) if _is_summed(written) else None,
    }
    return render(request, "portal/report.html", context)


@require_POST
@login_required
def agree_to_photo(request, reference, pk):
    """Everybody in the photo has said yes."""
    photo = permissions.attachment_for(request.user, reference, pk)
    payouts.agree_to_photo(photo, by=request.user)
    messages.success(request, _("The photo counts now."))
    return redirect(reverse("portal:report", args=[reference]) + "#photos")


@login_required
def part(request, reference, part):
    """One part of the report, saved as it is; what is lacking is asked for when it is sent."""
    found, written = _report_of(request, reference)
    if written and written.status not in (ReportStatus.DRAFT, ReportStatus.RETURNED):
        return redirect(found)
    if part not in PARTS:
        raise Http404
    show = {"story": _story, "people": _people, "accounts": _money}[part]
    return show(request, found, written)


def _story(request, found, written):
    form = StoryForm(request.POST or None, instance=written or FinalReport())
    if form.is_valid():
        return _saved(request, found, "people", **form.cleaned_data)
    return _part(request, found, form, _("What happened?"), "portal/report_part.html")


def _people(request, found, written):
    form = PeopleForm(request.POST or None, report=written)
    if form.is_valid():
        return _saved(request, found, "accounts", **form.cleaned_data)
    return _part(request, found, form, _("Who came?"), "portal/report_people.html")


def _money(request, found, written):
    grant = found.current_grant()
    form = LinesForm(request.POST or None, rows=_rows(written, grant))
    if form.is_valid():
        return _saved(request, found, "", lines=form.lines())
    sums = _sums(grant, *form.sums(grant.amount_awarded))
    if not form.is_complete():  # half of the expenses is no surplus
        sums["outcome"] = ""
    return _part(
        request,
        found,
        form,
        _("What did it cost?"),
        "portal/report_accounts.html",
        grant=grant,
        sums=sums,
    )


def _saved(request, found, following, **answers):
    payouts.save_report(found, by=request.user, **answers)
    messages.success(request, _("Saved."))
    if following and "on" in request.POST:
        return redirect("portal:report_part", found.reference, following)
    return redirect("portal:report", found.reference)


def _part(request, found, form, title, template, **more):
    return render(request, template, {"application": found, "form": form, "title": title, **more})


def _report_of(request, reference):
    found = permissions.case_to_act_on(request.user, reference, ApplicationStatus.ACCEPTED)
    grant = found.current_grant()
    if is_given_up(grant):  # there is nothing to tell: the money comes back
        raise Http404
    return found, grant.final_reports.first()


def _rows(written, grant):
    told = written.account_lines.all() if written else []
    return accounts.laid_out(what_is_agreed(grant).lines, told)


def _tasks(found, written):
    """The parts for components/task_list.html."""
    is_done = {
        "story": bool(written and written.happened.strip()),
        "people": bool(written and written.participants is not None),
        "accounts": _is_summed(written),
    }
    labels = {
        "story": _("What happened?"),
        "people": _("Who came?"),
        "accounts": _("What did it cost?"),
    }
    return [
        {
            "url": reverse("portal:report_part", args=[found.reference, code]),
            "label": labels[code],
            "code": "done" if is_done[code] else "todo",
            "status": _("Done") if is_done[code] else _("Something is missing"),
        }
        for code in PARTS
    ]


def _is_summed(written):
    return written is not None and written.income is not None


def _sums(grant, income, expenses):
    """What parts/accounts_sums.html shows: øre, and what becomes of a surplus."""
    may_keep = grant.call.surplus_to_keep
    given = grant.amount_awarded
    back = accounts.to_pay_back(income, expenses, grant=given, may_keep=may_keep)
    balance = income - expenses
    return {
        "income": income,
        "expenses": expenses,
        "balance": balance,
        "back": back,
        "may_keep": may_keep,
        "grant": given,
        "outcome": _outcome(balance, back),
    }


def _outcome(balance, back):
    if balance <= 0:
        return "loss" if balance else "even"
    return "back" if back else "keep"
