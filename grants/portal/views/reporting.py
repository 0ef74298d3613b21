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
from grants.pools.money import money
from grants.portal import permissions, places
from grants.portal.forms import LinesForm, PeopleForm, StoryForm
from grants.portal.views.answering import seen_of
from workflows.lifecycle import ApplicationStatus, ReportStatus

PARTS = ("story", "people", "accounts")
TEMPLATES = {
    "story": "portal/report_part.html",
    "people": "portal/report_people.html",
    "accounts": "portal/report_accounts.html",
}


@login_required
@require_http_methods(["GET", "POST"])
def report(request, reference):
    """The whole of it: what is told so far, photos and receipts. A POST sends it."""
    found, written = _report_of(request, reference)
    if _is_sent(written):
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
    is_late = _is_sent(written)
    if is_late and request.method != "POST":
        return redirect(found)
    if part not in PARTS:
        raise Http404
    form = _form(part, request.POST or None, found, written)
    seen, meanwhile = (written.version if written else 0), []
    if request.method == "POST":
        seen = seen_of(request)
    if form.is_valid() and not is_late:
        saved = payouts.save_report(found, by=request.user, seen=seen, **_given(form))
        if not saved.elsewhere:
            messages.success(request, _("Saved."))
            return redirect(_where_next(request, found, part))
        seen, meanwhile = saved.version, _meanwhile(saved)
    context = {
        "application": found,
        "form": form,
        "title": _labels()[part],
        "is_late": is_late,  # what was typed is shown, to be copied
        "seen": seen,
        "meanwhile": meanwhile,
    }
    if part == "accounts":
        context |= _typed_sums(form, found.current_grant())
    return render(request, TEMPLATES[part], context)


def _form(part, data, found, written):
    if part == "story":
        return StoryForm(data, instance=written or FinalReport())
    if part == "people":
        return PeopleForm(data, report=written)
    return LinesForm(data, rows=_rows(written, found.current_grant()))


def _given(form):
    """What payouts.save_report wants of it."""
    return {"lines": form.lines()} if isinstance(form, LinesForm) else form.cleaned_data


def _typed_sums(form, grant):
    sums = _sums(grant, *form.sums(grant.amount_awarded))
    if not form.is_complete():  # half of the expenses is no surplus
        sums["outcome"] = ""
    return {"grant": grant, "sums": sums}


def _where_next(request, found, part):
    following = PARTS[PARTS.index(part) + 1 :]
    if following and "on" in request.POST:
        return reverse("portal:report_part", args=[found.reference, following[0]])
    return reverse("portal:report", args=[found.reference])


def _is_sent(written):
    return written is not None and written.status not in (ReportStatus.DRAFT, ReportStatus.RETURNED)


def _meanwhile(report):
    """[(label, text)]: what is saved now of the answers that somebody else has changed."""
    told = {
        "happened": (_("What happened?"), report.happened),
        "deviations": (_("What went otherwise?"), report.deviations),
        "participants": (
            _("How many took part?"),
            "" if report.participants is None else report.participants,
        ),
        "ages": (
            _("How old were they?"),
            "\n".join(f"{label}: {count}" for label, count in report.ages_in_bands()),
        ),
        "lines": (_("What did it cost?"), _lines_told(report)),
    }
    return [told[name] for name in report.elsewhere]


def _lines_told(report):
    currency = report.grant.currency
    lines = report.account_lines.all()
    return "\n".join(f"{line.text}: {money(line.amount, currency)}" for line in lines)


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
    return [
        {
            "url": reverse("portal:report_part", args=[found.reference, code]),
            "label": label,
            "code": "done" if is_done[code] else "todo",
            "status": _("Done") if is_done[code] else _("Something is missing"),
        }
        for code, label in _labels().items()
    ]


def _labels():
    """The parts by their names, in their order."""
    return {
        "story": _("What happened?"),
        "people": _("Who came?"),
        "accounts": _("What did it cost?"),
    }


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
