"""The payments desk: plan, approve, release, confirm."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from grants.payouts import actions, bank, permissions, queries
from grants.payouts.forms import BankReason, Day, Picked, ReportNote, Seen
from grants.pools.permissions import pool_roles
from workflows import clock
from workflows.machine import Refusal

# --- What is to be done ---------------------------------------------------------------------


@require_safe
@login_required
def work(request):
    pool = permissions.pool(request.user, request.GET.get("pool", ""))
    return _desk(
        request,
        "payouts/work.html",
        pool,
        due=queries.listed(queries.due(pool), amount="to_pay"),
        planned=queries.listed(queries.planned(pool)),
        approved=queries.listed(queries.approved(pool)),
        sent=queries.listed(queries.sent(pool)),
        recent=queries.recent(pool)[: queries.RECENT],
    )


@require_POST
@login_required
def plan(request):
    instalments = _picked(request, permissions.instalments(request.user))
    actions.each(actions.plan, instalments, by=request.user)
    _say(
        request,
        ngettext(
            "%(count)d payout is planned.", "%(count)d payouts are planned.", len(instalments)
        ),
        len(instalments),
    )
    return _back(instalments[0].grant.application.pool)


@require_POST
@login_required
def approve(request):
    payouts = _picked(request, permissions.payouts(request.user))
    actions.each(actions.approve, payouts, by=request.user)
    _say(
        request,
        ngettext("%(count)d payout is approved.", "%(count)d payouts are approved.", len(payouts)),
        len(payouts),
    )
    return _back(payouts[0].application.pool)


@require_POST
@login_required
def release(request):
    """First the page that says exactly what will be sent, then the sending."""
    payouts = _picked(request, queries.in_words(permissions.payouts(request.user)))
    if "sure" not in request.POST:
        return _preview(
            request, "payouts/release.html", payouts, day_of_payment=bank.day_of_payment()
        )
    batch = actions.release(payouts, by=request.user)
    messages.success(
        request, _("The payment file %(file)s is released.") % {"file": batch.reference}
    )
    return redirect("payouts:files")


@require_POST
@login_required
def confirm(request):
    payouts = _picked(request, queries.in_words(permissions.payouts(request.user)))
    answered = "paid_on" in request.POST
    form = Day(request.POST if answered else None, initial={"paid_on": clock.today()})
    if not form.is_valid():
        return _preview(request, "payouts/confirm.html", payouts, form=form)
    actions.each(actions.confirm, payouts, by=request.user, **form.cleaned_data)
    _say(
        request,
        ngettext("%(count)d payout is paid out.", "%(count)d payouts are paid out.", len(payouts)),
        len(payouts),
    )
    return _back(payouts[0].application.pool)


# --- One payout -----------------------------------------------------------------------------


@require_POST
@login_required
def unapprove(request, pk):
    payout = permissions.payout(request.user, pk)
    actions.unapprove(payout, by=request.user)
    messages.success(request, _("The approval of %(payment)s is removed.") % {"payment": payout})
    return _back(payout.application.pool)


@require_POST
@login_required
def cancel(request, pk):
    payout = permissions.payout(request.user, pk)
    actions.cancel(payout, by=request.user)
    messages.success(
        request, _("%(payment)s is cancelled. You can plan it again.") % {"payment": payout}
    )
    return _back(payout.application.pool)


@login_required
def bounce(request, pk):
    payout = permissions.payout(request.user, pk)
    form = BankReason(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _desk(
            request, "payouts/bounce.html", payout.application.pool, payout=payout, form=form
        )
    actions.bounce(payout, by=request.user, **form.cleaned_data)
    messages.success(
        request,
        _("%(payment)s is returned. The applicant is asked to check the account.")
        % {"payment": payout},
    )
    return _back(payout.application.pool)


# --- Payment files --------------------------------------------------------------------------


@require_safe
@login_required
def files(request):
    pool = permissions.pool(request.user, request.GET.get("pool", ""))
    page = Paginator(queries.batches(pool), queries.RECENT).get_page(request.GET.get("page"))
    opened = permissions.batches_opened_by(request.user).values_list("pk", flat=True)
    return _desk(request, "payouts/files.html", pool, page_obj=page, opened=set(opened))


@require_safe
@login_required
def file(request, reference):
    """The bytes exactly as they were released."""
    batch = permissions.batch(request.user, reference)
    return HttpResponse(
        bytes(batch.file),
        content_type="application/xml",
        headers={
            "Content-Disposition": f'attachment; filename="{batch.reference}.xml"',
            "Cache-Control": "private, no-store",
        },
    )


# --- Final reports and repayments -----------------------------------------------------------


@require_safe
@login_required
def reports(request):
    pool = permissions.pool(request.user, request.GET.get("pool", ""))
    waiting = Paginator(queries.sent_reports(pool), queries.RECENT)
    return _desk(
        request, "payouts/reports.html", pool, page_obj=waiting.get_page(request.GET.get("page"))
    )


@login_required
def report(request, reference):
    """Read a report beside the budget; a post sends it back with a note."""
    found = permissions.report(request.user, reference)
    form = ReportNote(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _desk(
            request,
            "payouts/report.html",
            found.application.pool,
            report=found,
            application=found.application,
            form=form,
            **queries.told_in(found),
            to_pay_back=actions.surplus_to_pay_back(found),
            less_to_pay=actions.less_to_pay(found),
        )
    actions.return_report(found, by=request.user, **form.cleaned_data)
    messages.success(request, _("The report is sent back."))
    return redirect("payouts:reports")


@require_POST
@login_required
def approve_report(request, reference):
    found = permissions.report(request.user, reference)
    form = Seen(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else None
    repayment = actions.approve_report(found, by=request.user, seen=seen)
    messages.success(
        request,
        _("The report is approved, and the surplus is asked back.")
        if repayment
        else _("The report is approved."),
    )
    return redirect("payouts:reports")


@require_safe
@login_required
def repayments(request):
    pool = permissions.pool(request.user, request.GET.get("pool", ""))
    return _desk(
        request,
        "payouts/repayments.html",
        pool,
        owed=queries.listed(queries.owed(pool)),
        settled=queries.settled(pool)[: queries.RECENT],
        today=clock.today(),
    )


@login_required
def settle(request, pk):
    repayment = permissions.repayment(request.user, pk)
    form = Day(request.POST or None, initial={"paid_on": clock.today()})
    if request.method != "POST" or not form.is_valid():
        return _desk(
            request,
            "payouts/settle.html",
            repayment.application.pool,
            repayment=repayment,
            form=form,
        )
    actions.settle(repayment, by=request.user, **form.cleaned_data)
    messages.success(request, _("The repayment is settled."))
    return redirect("payouts:repayments")


# --- What the pages share -------------------------------------------------------------------


def _desk(request, template, pool, **found):
    """A page of the desk, with the roles its buttons ask for."""
    shared = {
        "pool": pool,
        "pools": permissions.pools(request.user),
        "roles": pool_roles(request.user, pool.pk),
        "reports_waiting": queries.sent_reports(pool).count(),
        "repayments_open": queries.owed(pool).count(),
    }
    return render(request, template, shared | found)


def _preview(request, template, payouts, **more):
    total = sum(payout.amount for payout in payouts)
    pool = payouts[0].application.pool
    return _desk(request, template, pool, payouts=payouts, total=total, **more)


def _picked(request, rows):
    form = Picked(request.POST, rows=rows)
    if not form.is_valid():
        raise Refusal(_("Choose at least one row first."))
    return list(form.cleaned_data["pick"])


def _say(request, sentence, count):
    messages.success(request, sentence % {"count": count})


def _back(pool):
    return redirect(f"{reverse('payouts:list')}?pool={pool.code}")
