"""Following a case: the list of one's own, the case, its letters, a hearing."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applicants import passkeys
from grants.applications.actions import CAN_BE_WRITTEN
from grants.applications.guardians import may_name
from grants.applications.models import Application
from grants.applications.permissions import own_applications
from grants.decisions import actions as decisions
from grants.decisions import changes
from grants.payouts import destination
from grants.portal import permissions, queries, tasklist, timeline
from grants.portal.forms import HearingForm
from workflows import clock
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
        {
            "page_obj": page,
            "has_open_calls": bool(queries.calls_to_show()["open"]),
            "offers_passkey": passkeys.is_worth_offering(request),
        },
    )


@require_safe
@login_required
def application(request, reference):
    """One application as its people may know it."""
    found, roles = permissions.case_for(request.user, reference)
    steps = {edge.name: edge for edge in steps_open_to(found, request.user)}
    can_act = Role.APPLICANT in roles
    is_written = found.status in CAN_BE_WRITTEN
    return render(
        request,
        "portal/application.html",
        {
            "application": found,
            "steps": steps,
            "can_act": can_act,
            "is_guardian": Role.GUARDIAN in roles,
            "can_write": can_act and found.status in ("draft", "incomplete"),
            "tasks": tasklist.of(found, request.user) if can_act and is_written else [],
            "go_on": tasklist.first(found, request.user) if is_written else "",
            "asked": found.information_requests.first(),
            "hearing": _open_hearing(found),
            "decisions": queries.announced_decisions(found),
            "changes": queries.changes(found),
            "reads_letters": permissions.reads_letters(found, request.user),
            "sections": queries.sections_for(found, request.user),
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


def _open_hearing(found):
    if found.status not in CAN_BE_HEARD:
        return None
    return found.hearings.filter(answered_at=None).first()


def _guardians(found, user):
    """Who is asked for consent, and what they said."""
    if not found.wants_consent or found.status not in permissions.BEFORE_THE_END:
        return {"wants_consent": False}
    guardians = queries.guardians(found)
    return {
        "wants_consent": True,
        "consents_left": found.consents_wanted() - sum(1 for each in guardians if each.consent),
        "guardians": guardians,
        "can_name": may_name(found, user),
        "me_as_guardian": next((each for each in guardians if each.user_id == user.pk), None),
    }


def _money(found, user):
    """The grant, what stands in the way of a yes, the account, what is paid, report and debts."""
    grant = found.current_grant()
    if grant is None:
        return _debts(found)
    edge = edge_from(Application, "accept_grant", found.status)
    account = found.applicant.bank_account()
    paid_parts = [_part(instalment) for instalment in queries.instalments(grant)]
    report = grant.final_reports.first()
    return {
        "grant": grant,
        "accept_obstacle": obstacle(found, edge, user) if edge else None,
        "account": account and account.masked,
        "can_name_account": (
            found.status in permissions.TAKES_AN_ACCOUNT
            and destination.obstacle(found, user) is None
        ),
        "paid_parts": paid_parts,
        "money_is": _money_is(paid_parts, report),
        "report": report,
        **_debts(found),
        "agreed": changes.what_is_agreed(grant),
        "is_given_up": changes.is_given_up(grant),
        "can_change": changes.change_obstacle(found) is None,
        "is_overdue": grant.report_by < clock.today(),
    }


def _debts(found):
    repayments = list(found.repayments.all())
    return {"repayments": repayments, "owes": any(not each.paid_on for each in repayments)}


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
        "amount": instalment.to_pay,
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
