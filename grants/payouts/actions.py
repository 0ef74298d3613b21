"""Paying a grant out, its final report, and money that comes back: one act, one function."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Sum, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grants.applications import attaching
from grants.applications.actions import tell
from grants.applications.models import Application, Attachment, Reminder
from grants.applications.reminders import remind
from grants.decisions.changes import what_is_agreed
from grants.decisions.instalments import parts
from grants.decisions.models import ChangeRequest, Grant
from grants.payouts import accounts, bank
from grants.payouts.models import (
    AccountLine,
    FinalReport,
    Instalment,
    PaymentBatch,
    Payout,
    Repayment,
)
from grants.pools.models import Pool
from grants.pools.permissions import pool_roles
from workflows import audit, clock, machine
from workflows.lifecycle import ApplicationStatus, PayoutStatus, ReportStatus, Role
from workflows.machine import Refusal

# Time to gather receipts and photos before the report is due.
DAYS_BEFORE_A_REPORT = 14
# Time to pay back; no law names a number, a month is what the pools' letters give.
DAYS_TO_PAY_BACK = 30


# --- The grant is accepted ------------------------------------------------------------------


@transaction.atomic
def accept_grant(application, *, by):
    """The applicant says yes: what is due, and in which parts, is written down."""
    machine.take("accept_grant", application, by=by)
    grant = application.current_grant()
    Grant.objects.filter(pk=grant.pk).update(accepted_at=clock.now())
    Instalment.objects.bulk_create(
        Instalment(grant=grant, kind=kind, amount=amount)
        for kind, amount in parts(grant.amount_awarded, grant.call.advance_percent)
    )


# --- Payouts --------------------------------------------------------------------------------


@transaction.atomic
def plan(instalment, *, by):
    """One attempt to pay the instalment, to the account as it is now. Returns the Payout.

    A surplus in the approved report is taken off the final instalment first. Raises Refusal when it
    is not due yet, when nothing is left of it, and when it is on its way or paid already.
    """
    grant = instalment.grant
    application = _hold(grant.application)
    machine.want_role(application, by, {Role.CASEWORKER})
    if application.status != ApplicationStatus.ACCEPTED or grant != application.current_grant():
        raise Refusal(_("Only an accepted grant can be paid out."), code="status")
    if instalment.kind == Instalment.Kind.FINAL and not _has_approved_report(grant):
        raise Refusal(_("The final instalment is paid when the final report has been approved."))
    amount = Instalment.objects.counted().get(pk=instalment.pk).to_pay
    if not amount:
        raise Refusal(_("There is nothing left to pay: the report tells of a larger surplus."))
    account = application.applicant.bank_account()
    if account is None:
        raise Refusal(_("The applicant has not told which bank account the money goes to."))
    if application.consent_obstacle():
        raise Refusal(_("A guardian's consent is missing, or has been taken back."))
    payout = Payout(
        instalment=instalment,
        amount=amount,
        currency=grant.currency,
        account=account,
        end_to_end_id=_end_to_end_id(application, instalment),
        planned_by=by,
    )
    try:
        with transaction.atomic():
            return machine.begin(payout, by=by, amount=payout.amount, payment=payout.end_to_end_id)
    except IntegrityError as error:
        if "an_instalment_is_paid_once" not in str(error):
            raise
        raise Refusal(_("This instalment is on its way or has been paid out already.")) from error


@transaction.atomic
def approve(payout, *, by):
    """The second pair of eyes: never the person who planned it."""
    _hold(payout.application)
    # The constraint wants the approver first; the step itself refuses the planner.
    planned = Payout.objects.filter(pk=payout.pk, status=PayoutStatus.PLANNED)
    planned.exclude(planned_by=by).update(approved_by=by)
    machine.take("approve", payout, by=by, amount=payout.amount)
    payout.approved_by = by


@transaction.atomic
def unapprove(payout, *, by):
    """Take the approval back, as long as nothing has been sent."""
    _take("unapprove", payout, by=by)
    Payout.objects.filter(pk=payout.pk).update(approved_by=None)
    payout.approved_by = None


def cancel(payout, *, by):
    """Give the attempt up before it is sent; the instalment can be planned again."""
    _take("cancel", payout, by=by)


@transaction.atomic
def release(payouts, *, by):
    """Send approved payouts to the bank in one file: all or none. Returns the PaymentBatch.

    Two persons: neither who planned one of them nor who decided one of the cases releases.
    Raises Refusal, also when the file would not pass the checks.
    """
    payouts = sorted(payouts, key=lambda each: each.pk)  # one order, no deadlock
    prefetch_related_objects(
        payouts,
        "account",
        "instalment__grant__decision",
        "instalment__grant__application__call__pool",
    )
    pool = _one_pool(payouts)
    _want_a_releaser(payouts, pool, by)
    # Two files of one pool must not share a number.
    Pool.objects.select_for_update(no_key=True).get(pk=pool.pk)
    reference = _batch_reference(pool)
    file = bank.file_of(payouts, pool=pool, reference=reference)
    batch = PaymentBatch.objects.create(
        pool=pool,
        reference=reference,
        amount=sum(payout.amount for payout in payouts),
        count=len(payouts),
        file=file,
        sha256=bank.sha256(file),
        released_by=by,
    )
    each(_send, payouts, by=by, batch=batch)
    audit.record(
        batch, "released", by=by, sha256=batch.sha256, amount=batch.amount, count=batch.count
    )
    audit.checkpoint("release")
    return batch


@transaction.atomic
def confirm(payout, *, by, paid_on=None):
    """The bank has paid it, on `paid_on` (a date; today if none)."""
    paid_on = paid_on or clock.today()
    if paid_on > clock.today():
        raise Refusal(_("The date lies ahead. Confirm when the bank has paid."))
    _take("confirm", payout, by=by, amount=payout.amount, paid_on=paid_on.isoformat())
    Payout.objects.filter(pk=payout.pk).update(paid_on=paid_on)
    payout.paid_on = paid_on


@transaction.atomic
def bounce(payout, *, by, reason):
    """The bank sent it back. The reason stays on the payout; the applicant checks the account."""
    if not reason.strip():
        raise Refusal(_("Write the bank's reason."))
    _take("bounce", payout, by=by, amount=payout.amount)
    payout.bank_reason, payout.paid_on = reason.strip()[:140], None
    Payout.objects.filter(pk=payout.pk).update(bank_reason=payout.bank_reason, paid_on=None)
    tell(
        payout.application,
        gettext_lazy("Check your bank account"),
        gettext_lazy(
            "The bank could not pay out your grant %(reference)s. Log in and check the account."
        ),
    )


@transaction.atomic
def each(act, rows, *, by, **given):
    """The same act on many rows: all or none. The Refusal names the row."""
    for row in sorted(rows, key=lambda row: row.pk):  # one order, no deadlock
        try:
            act(row, by=by, **given)
        except Refusal as refusal:
            raise Refusal(f"{row}: {refusal.sentence}", code=refusal.code) from refusal


# --- The end of a case ----------------------------------------------------------------------


def complete(application, *, by):
    """Close a case where everything is paid, reported and settled."""
    machine.take("complete", application, by=by)


@transaction.atomic
def reclaim(application, *, by, amount):
    """Take money back after the hearing: at most what was paid and is not owed already (øre)."""
    machine.take("reclaim", application, by=by, amount=amount)
    if not 0 < amount <= application.amount_paid() - _asked_back(application):
        raise Refusal(_("No more can be reclaimed than has been paid out."))
    return _owe(
        application,
        amount,
        by=by,
        subject=gettext_lazy("Money has to be paid back"),
        text=gettext_lazy("Money in your case %(reference)s has to be paid back. Log in to read."),
    )


@transaction.atomic
def settle(repayment, *, by, paid_on):
    """The money has come back, on `paid_on` (a date)."""
    machine.want_role(repayment.application, by, {Role.CASEWORKER})
    if paid_on > clock.today():
        raise Refusal(_("The date lies ahead. Settle when the money has come."))
    settled = Repayment.objects.filter(pk=repayment.pk, paid_on=None).update(paid_on=paid_on)
    if not settled:
        raise Refusal(_("The repayment has been settled already."), code="faster")
    repayment.paid_on = paid_on
    audit.record(
        repayment.application,
        "repayment_settled",
        by=by,
        repayment=repayment.pk,
        amount=repayment.amount,
        paid_on=paid_on.isoformat(),
    )


# --- The final report -----------------------------------------------------------------------


@transaction.atomic
def save_report(application, *, by, seen=None, **given):
    """Save the report's answers; what somebody else wrote meanwhile stays. Returns the FinalReport.

    given: happened, participants, ages {band: how many}, deviations, and lines [accounts.Told],
    the whole accounts without the grant. Income and expenses are their sums as soon as every line
    of the agreed budget has its amount. The first time begins the report.
    seen: the version that the writer had in front of them; None takes what is there. The report
    has `elsewhere`: the names of what was changed since, and was not saved.
    Raises Refusal when it is with the secretariat.
    """
    application = _hold(application)
    machine.want_role(application, by, {Role.APPLICANT})
    report = _report_to_write(application, by)
    changed = [name for name, value in given.items() if value != _as_told(report, name)]
    elsewhere = [
        name for name in changed if seen is not None and report.versions.get(name, 0) > seen
    ]
    ours = {name: value for name, value in given.items() if name not in elsewhere}
    if ours:
        _write_report(report, ours, [name for name in changed if name in ours])
        audit.record(report, "report_saved", by=by, fields=sorted(ours))
    report.refresh_from_db()
    report.elsewhere = elsewhere
    return report


def _report_to_write(application, by):
    """The report of the grant that counts, held so that it is not sent meanwhile."""
    grant = application.current_grant()
    reports = FinalReport.objects.select_for_update(of=("self",)).filter(grant=grant)
    report = reports.first() if grant else None
    if report is None:
        if application.status != ApplicationStatus.ACCEPTED:
            raise Refusal(_("There is no grant to report on right now."), code="status")
        return machine.begin(FinalReport(application=application, grant=grant), by=by)
    if report.status not in (ReportStatus.DRAFT, ReportStatus.RETURNED):
        raise Refusal(_("The report has been sent and can no longer be changed."), code="status")
    return report


def _as_told(report, name):
    """What is saved, in the shape in which save_report is given it."""
    if name != "lines":
        return getattr(report, name)
    return [
        accounts.Told(line.key, line.kind, line.text, line.amount)
        for line in report.account_lines.all()
    ]


def _write_report(report, given, changed):
    columns = {name: value for name, value in given.items() if name != "lines"}
    if "lines" in given:
        columns |= _sums(report.grant, given["lines"])
        _write_lines(report, given["lines"])
    version = report.version + 1
    FinalReport.objects.filter(pk=report.pk).update(
        **columns, version=version, versions=report.versions | dict.fromkeys(changed, version)
    )


def _sums(grant, lines):
    rows = accounts.laid_out(what_is_agreed(grant).lines, lines)
    income, expenses = accounts.sums(rows, grant.amount_awarded) or (None, None)
    return {"income": income, "expenses": expenses}


def _write_lines(report, lines):
    report.account_lines.all().delete()
    AccountLine.objects.bulk_create(
        AccountLine(report=report, key=each.key, kind=each.kind, text=each.text, amount=each.amount)
        for each in lines
    )


@transaction.atomic
def agree_to_photo(photo, *, by):
    """Everybody in the photo has said yes: from now on it counts. Twice is once."""
    application = _hold(photo.application)
    machine.want_role(application, by, {Role.APPLICANT})
    if sentence := attaching.obstacle(application, photo.purpose):
        raise Refusal(sentence)
    agreed = Attachment.objects.filter(
        pk=photo.pk, purpose=Attachment.Purpose.PHOTO, is_agreed=False, removed_at=None
    ).update(is_agreed=True)
    if agreed:
        audit.record(application, "photo_agreed", by=by, attachment=photo.pk)


@transaction.atomic
def submit_report(report, *, by):
    """Hand the report in."""
    machine.take("submit", report, by=by)
    report.submitted_at = clock.now()
    FinalReport.objects.filter(pk=report.pk).update(submitted_at=report.submitted_at)


@transaction.atomic
def return_report(report, *, by, note):
    """Send the report back, with a note that says what is missing."""
    if not note.strip():
        raise Refusal(_("Write what is missing in the report."))
    machine.take("return_report", report, by=by)
    report.secretariat_note = note.strip()
    FinalReport.objects.filter(pk=report.pk).update(secretariat_note=report.secretariat_note)
    tell(
        report.application,
        gettext_lazy("Your report needs a little more"),
        gettext_lazy("Something is missing in your report on %(reference)s. Log in to see what."),
    )


@transaction.atomic
def approve_report(report, *, by, seen):
    """Accept the report as it was read; seen: the submitted_at of what was read.

    Returns the Repayment of a surplus above what may be kept, or None. Raises Refusal when it was
    sent back and sent again in between.
    """
    read = report
    report = FinalReport.objects.select_for_update(of=("self",)).get(pk=read.pk)
    if report.submitted_at != seen:
        raise Refusal(
            _("The report has been sent again since you read it. Read it first."), code="faster"
        )
    surplus = surplus_to_pay_back(report)
    machine.take("approve_report", report, by=by, surplus=surplus)
    read.status = report.status
    if surplus:
        return _owe(
            report.application,
            surplus,
            by=by,
            subject=gettext_lazy("Your report is approved, and there was money left"),
            text=gettext_lazy(
                "Your report on %(reference)s is approved. There was money left that goes back to"
                " the pool. Log in to see how much."
            ),
        )
    text = gettext_lazy("Your report on %(reference)s is approved. Thank you!")
    if less_to_pay(report):
        text = gettext_lazy(
            "Your report on %(reference)s is approved. There was money left, so the last part of"
            " the grant gets smaller. You pay nothing back."
        )
    tell(report.application, gettext_lazy("Your report is approved"), text, can_wait=True)
    return None


def surplus_to_pay_back(report):
    """What approving the report asks back, in øre, by what the call lets grantees keep.

    The final instalment waits for the approval, so the surplus is taken off it first; what is above
    it is asked back, and never more than was paid out and is not asked back already.
    """
    paid = report.grant.amount_disbursed() - _asked_back(report.application)
    return max(0, min(_surplus(report) - _final(report.grant), paid))


def less_to_pay(report):
    """How much smaller approving the report makes the final instalment, in øre."""
    return min(_surplus(report), _final(report.grant))


def _surplus(report):
    grant = report.grant
    if grant.ended_at or report.income is None or report.expenses is None:
        return 0
    return accounts.to_pay_back(
        report.income,
        report.expenses,
        grant=grant.amount_awarded,
        may_keep=grant.call.surplus_to_keep,
    )


def _final(grant):
    final = grant.instalments.filter(kind=Instalment.Kind.FINAL)
    return final.aggregate(sum=Sum("amount"))["sum"] or 0


def remind_of_reports():
    """Who owes a report: fourteen days before, and when the day is over. Returns how many.

    Whoever has not had money yet has nothing to report on.
    """
    of_the_grant = {"grant": OuterRef("pk")}
    paid = Payout.objects.filter(instalment__grant=OuterRef("pk"), status=PayoutStatus.PAID)
    handed_in = FinalReport.objects.filter(
        **of_the_grant, status__in=[ReportStatus.SUBMITTED, ReportStatus.APPROVED]
    )
    given_up = ChangeRequest.objects.filter(
        **of_the_grant, kind=ChangeRequest.Kind.GIVE_UP, is_granted=True
    )
    owing = Grant.objects.filter(
        Exists(paid),
        ended_at=None,
        application__status=ApplicationStatus.ACCEPTED,
        report_by__lte=clock.today() + timedelta(days=DAYS_BEFORE_A_REPORT),
    ).exclude(Exists(handed_in) | Exists(given_up))
    return sum(_remind_of_report(grant) for grant in owing.select_related("application__contact"))


def _remind_of_report(grant):
    if grant.report_by < clock.today():
        return remind(
            grant.application,
            Reminder.What.OVERDUE,
            due_on=grant.report_by,
            subject=gettext_lazy("We miss your report"),
            text=gettext_lazy(
                "Your report on %(reference)s was due on %(day)s. Log in and send it, or ask for"
                " more time there."
            ),
        )
    return remind(
        grant.application,
        Reminder.What.REPORT,
        due_on=grant.report_by,
        subject=gettext_lazy("Your report is due soon"),
        text=gettext_lazy(
            "Tell us how it went: your report on %(reference)s is due on %(day)s. Log in to write"
            " it. You can save it half done."
        ),
        can_wait=True,
    )


# --- What the acts share --------------------------------------------------------------------


def _hold(application):
    """The case as it is, locked: it cannot lapse or be reclaimed while its money is moved.

    Every act on a payout takes this lock first, so that no two wait for each other.
    """
    cases = Application.objects.select_for_update(of=("self",), no_key=True)
    return cases.select_related("call__pool", "applicant").get(pk=application.pk)


def _take(name, payout, *, by, **facts):
    with transaction.atomic():
        _hold(payout.application)
        machine.take(name, payout, by=by, **facts)


def _send(payout, *, batch, by):
    _hold(payout.application)
    Payout.objects.filter(pk=payout.pk, status=PayoutStatus.APPROVED).update(batch=batch)
    machine.take("send", payout, by=by, amount=payout.amount, batch=batch.reference)
    payout.batch = batch


def _want_a_releaser(payouts, pool, by):
    if Role.APPROVER not in pool_roles(by, pool.pk):
        raise Refusal(_("You do not have the role that this takes."), code="role")
    for payout in payouts:
        facts = {"payment": payout.end_to_end_id, "case": payout.application.reference}
        if payout.planned_by_id == by.pk:
            raise Refusal(
                _("You planned %(payment)s yourself. Somebody else has to release it.") % facts
            )
        if payout.instalment.grant.decision.decided_by_id == by.pk:
            raise Refusal(
                _("You decided %(case)s yourself. Somebody else has to release its money.") % facts
            )


def _one_pool(payouts):
    pools = {payout.application.pool for payout in payouts}
    if len(pools) != 1:
        raise Refusal(_("Choose at least one payout, all of one pool."))
    return pools.pop()


def _batch_reference(pool):
    """UKP-20261122-7: the pool's code, the date, and a number that only ever grows."""
    number = pool.payment_batches.count() + 1
    return f"{_bankable(pool.code.upper())}-{clock.today():%Y%m%d}-{number}"


def _end_to_end_id(application, instalment):
    """UKP-2026-0042-A2: the case, the kind of instalment, and which attempt it is."""
    attempts = Payout.objects.filter(
        instalment__grant__application=application, instalment__kind=instalment.kind
    )
    return f"{_bankable(application.reference)}-{instalment.kind[0].upper()}{attempts.count() + 1}"


def _bankable(code):
    # A slug may have underscores, which banks do not read, and never a full stop.
    return code.replace("_", ".")


def _has_approved_report(grant):
    return grant.final_reports.filter(status=ReportStatus.APPROVED).exists()


def _asked_back(application):
    return application.repayments.aggregate(sum=Sum("amount"))["sum"] or 0


def _owe(application, amount, *, by, subject, text):
    repayment = Repayment.objects.create(
        application=application,
        amount=amount,
        due_on=clock.today() + timedelta(days=DAYS_TO_PAY_BACK),
    )
    audit.record(
        application,
        "repayment_asked",
        by=by,
        repayment=repayment.pk,
        amount=amount,
        due_on=repayment.due_on.isoformat(),
    )
    tell(application, subject, text)
    return repayment
