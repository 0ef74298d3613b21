"""Following a case: the list of one's own, the case, its letters, a hearing, the report."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applicants.accounts import masked
from grants.applications import answers, readiness
from grants.applications.models import Application
from grants.applications.permissions import own_applications
from grants.decisions import actions as decisions
from grants.payouts import actions as payouts
from grants.portal import permissions, queries, timeline
from grants.portal.forms import HearingForm, ReportForm
from workflows.lifecycle import ApplicationStatus, PayoutStatus, ReportStatus, Role, edge_from
from workflows.machine import obstacle, steps_open_to

ON_A_PAGE = 20
CAN_BE_HEARD = (ApplicationStatus.ACCEPTED, ApplicationStatus.COMPLETED)


@require_safe
@login_required
def home(request):
    """My applications: also those one helps with or is guardian of."""
    mine = own_applications(request.user).select_related("call__pool", "applicant")
    page = Paginator(mine, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/home.html",
        {"page_obj": page, "has_open_calls": bool(queries.calls_to_show()["open"])},
    )


@require_safe
@login_required
def application(request, reference):
    """One application as its people may know it."""
    found, roles = permissions.case_for(request.user, reference)
    steps = {edge.name: edge for edge in steps_open_to(found, request.user)}
    can_act = Role.APPLICANT in roles
    return render(
        request,
        "portal/application.html",
        {
            "application": found,
            "steps": steps,
            "can_act": can_act,
            "is_guardian": Role.GUARDIAN in roles,
            "can_write": can_act and found.status in ("draft", "incomplete"),
            "tasks": _tasks(found) if found.status == ApplicationStatus.DRAFT else [],
            "asked": found.information_requests.first(),
            "hearing": _open_hearing(found),
            "decisions": queries.announced_decisions(found),
            "sections": answers.sections(found),
            "timeline": timeline.of(found, request.user),
            **_guardians(found, request.user),
            **_money(found, request.user),
        },
    )


@require_safe
@login_required
def letter(request, reference, pk):
    """The letter as the bytes that were sent, never kept by a cache in between."""
    found = permissions.letter_for(request.user, reference, pk)
    return HttpResponse(
        bytes(found.pdf),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{found.file_name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@login_required
def hearing(request, reference):
    """The applicant's view before money is asked back."""
    found = permissions.case_to_act_on(request.user, reference, *CAN_BE_HEARD)
    asked = _open_hearing(found)
    if asked is None:
        return redirect(found)
    form = HearingForm(request.POST or None)
    if form.is_valid():
        decisions.answer_hearing(asked, by=request.user, answer=form.cleaned_data["answer"])
        messages.success(request, _("Thank you. Your answer is sent."))
        return redirect(found)
    context = {"application": found, "hearing": asked, "form": form}
    return render(request, "portal/hearing.html", context)


@login_required
def report(request, reference):
    """The final report: saved half done, or sent."""
    found = permissions.case_to_act_on(request.user, reference, ApplicationStatus.ACCEPTED)
    written = found.current_grant().final_reports.first()
    if written and written.status not in (ReportStatus.DRAFT, ReportStatus.RETURNED):
        return redirect(found)
    is_sent = "send" in request.POST
    form = ReportForm(request.POST or None, instance=written, is_sent=is_sent)
    if form.is_valid():
        saved = payouts.save_report(found, by=request.user, **form.cleaned_data)
        if is_sent:
            payouts.submit_report(saved, by=request.user)
            messages.success(request, _("Thank you! Your report is sent."))
            return redirect(found)
        messages.success(request, _("Saved."))
        return redirect("portal:report", reference)
    context = {"application": found, "report": written, "form": form}
    return render(request, "portal/report.html", context)


def _open_hearing(found):
    if found.status not in CAN_BE_HEARD:
        return None
    return found.hearings.filter(answered_at=None).first()


def _tasks(found):
    """The sections of the draft for components/task_list.html."""
    lacking = {each.field for each in readiness.missing(found)}
    return [_task(found, section, lacking) for section in answers.sections(found)]


def _task(found, section, lacking):
    fields = {answer.field for answer in section.answers}
    if section.code == "money":
        fields.add("budget")
    is_done = not fields & lacking
    return {
        "url": reverse("portal:edit", args=[found.reference]) + f"#{section.code}",
        "label": section.name,
        "code": "done" if is_done else "todo",
        "status": _("Done") if is_done else _("Something is missing"),
    }


def _guardians(found, user):
    """Who is asked for consent, and what they said."""
    if not found.minor_when_applying or found.status not in permissions.BEFORE_THE_END:
        return {"wants_consent": False}
    consents = {each.guardian_id: each for each in found.consents.filter(withdrawn_at=None)}
    guardians = list(found.applicant.guardians.select_related("user"))
    for each in guardians:
        each.consent = consents.get(each.pk)
    me = next((each for each in guardians if each.user_id == user.pk), None)
    return {"wants_consent": True, "guardians": guardians, "me_as_guardian": me}


def _money(found, user):
    """The grant, what stands in the way of a yes, the account, what is paid, report and debts."""
    grant = found.current_grant()
    if grant is None:
        return {"repayments": found.repayments.all()}
    edge = edge_from(Application, "accept_grant", found.status)
    account = found.applicant.bank_account()
    paid_parts = [_part(instalment) for instalment in queries.instalments(grant)]
    report = grant.final_reports.first()
    return {
        "grant": grant,
        "accept_obstacle": obstacle(found, edge, user) if edge else None,
        "account": account and masked(account.iban),
        "can_name_account": found.status in permissions.TAKES_AN_ACCOUNT,
        "paid_parts": paid_parts,
        "money_is": _money_is(paid_parts, report),
        "report": report,
        "repayments": found.repayments.all(),
    }


def _money_is(paid_parts, report):
    """Where the money is that is due now: a code of _where. The last part waits for the report."""
    is_reported = report is not None and report.status == ReportStatus.APPROVED
    codes = [part["code"] for part in (paid_parts if is_reported else paid_parts[:1])]
    return next((code for code in codes if code != "paid"), "paid")


def _part(instalment):
    """What the grantee reads about a part of the grant: name, amount, and where it is."""
    payout = next(iter(instalment.payouts.all()), None)
    code, label = _where(payout, instalment)
    return {
        "name": instalment.get_kind_display(),
        "amount": instalment.amount,
        "code": code,
        "label": label,
    }


def _where(payout, instalment):
    match payout and payout.status:
        case PayoutStatus.PAID:
            return "paid", _("Paid on %(day)s") % {"day": date_format(payout.paid_on)}
        case PayoutStatus.PLANNED | PayoutStatus.APPROVED:
            return "todo", _("Being prepared")
        case PayoutStatus.SENT:
            return "waiting", _("On its way")
        case PayoutStatus.RETURNED:
            return "problem", _("The bank sent it back: check the account")
    if instalment.kind == instalment.Kind.FINAL:
        return "todo", _("When your report is approved")
    return "todo", _("Soon")
