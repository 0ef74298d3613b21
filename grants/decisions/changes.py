"""What the grantee asks to have changed after the yes, and what is agreed when it is answered."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from grants.applications.models import Application
from grants.applications.readiness import FURTHEST_END
from grants.decisions import facts
from grants.decisions.actions import lapse
from grants.decisions.budgets import Line, balance, wanting_permission
from grants.decisions.models import ChangeRequest, Grant
from grants.letters import actions as letters
from grants.letters.models import Letter
from grants.pools.models import ComplaintGuidance
from grants.pools.money import money
from workflows import audit, clock, machine
from workflows.lifecycle import ApplicationStatus, ReportStatus, Role
from workflows.machine import Refusal

Kind = ChangeRequest.Kind
# No project of these pools is older: before it, a slip of the finger.
FIRST_YEAR = 2000
HANDED_IN = [ReportStatus.SUBMITTED, ReportStatus.APPROVED]


@dataclass(frozen=True)
class Agreed:
    """What counts now: the newest change that was granted over what was applied for."""

    starts_on: date
    ends_on: date
    report_by: date
    lines: list[Line]


def what_is_agreed(grant):
    """The Agreed of a grant. Its budget is expenses and other income: the grant is no line."""
    application = grant.application
    dates = _newest(grant, Kind.DATES) or application
    budget = _newest(grant, Kind.BUDGET)
    return Agreed(
        starts_on=dates.starts_on,
        ends_on=dates.ends_on,
        report_by=grant.report_by,
        lines=_as_lines(budget.lines) if budget else _applied_for(application),
    )


def is_given_up(grant):
    """Whether the secretariat has said yes to giving the project up."""
    return _newest(grant, Kind.GIVE_UP) is not None


def change_obstacle(application):
    """The sentence that stands in the way of asking for a change now, or None."""
    if application.status != ApplicationStatus.ACCEPTED:
        return _("Only a grant that you have said yes to can be changed.")
    grant = application.current_grant()
    if is_given_up(grant):
        return _("The project is given up, so nothing more can be changed.")
    if grant.final_reports.filter(status__in=HANDED_IN).exists():
        return _("Your report has been sent, so nothing can be changed any more.")
    if grant.change_requests.filter(answered_at=None).exists():
        return _("You have asked for a change already. Wait for our answer.")
    return None


def wish_obstacle(request):
    """The sentence about a wish that cannot be meant, or None. The request need not be saved."""
    agreed = what_is_agreed(request.grant)
    if sentence := _wrong_year(request):
        return sentence
    match request.kind:
        case Kind.DATES:
            return _wrong_dates(request, agreed)
        case Kind.BUDGET:
            return _wrong_budget(request, agreed)
        case Kind.EXTENSION if request.report_by is None or request.report_by <= agreed.report_by:
            return _("Choose a day after the one that is agreed now.")
    return None


def lines_to_ask_about(request):
    """The keys of the wished lines that want permission: measured from what was last permitted.

    Not from what was last changed freely: else a line could grow by ten percent again and again.
    """
    grant = request.grant
    permitted = _newest(grant, Kind.BUDGET, answered_by__isnull=False)
    before = _as_lines(permitted.lines) if permitted else _applied_for(grant.application)
    return wanting_permission(before, _as_lines(request.lines), grant.call.free_change_percent)


def wish(application, *, kind, reason, by, lines=(), **dates):
    """A ChangeRequest that is not saved. lines: Lines. dates: starts_on and ends_on, report_by."""
    return ChangeRequest(
        application=application,
        grant=application.current_grant(),
        kind=kind,
        reason=reason.strip(),
        lines=[asdict(line) for line in lines],
        asked_by=by,
        **dates,
    )


@transaction.atomic
def ask_for_change(application, *, by, **wished):
    """Ask for other dates, another budget, more time to report, or to give it up, as in `wish`.

    A budget whose every line stays within the call's percent is granted at once, by nobody.
    Returns the ChangeRequest. Raises Refusal, also when an earlier one waits for its answer.
    """
    application = _hold(application)
    machine.want_role(application, by, {Role.APPLICANT})
    if sentence := change_obstacle(application):
        raise Refusal(sentence)
    request = wish(application, by=by, **wished)
    if not request.reason:
        raise Refusal(_("Say why."))
    if sentence := wish_obstacle(request):
        raise Refusal(sentence)
    if request.kind == Kind.BUDGET and not lines_to_ask_about(request):
        request.is_granted, request.answered_at = True, clock.now()
    request.save(force_insert=True)
    event = "change_made" if request.is_granted else "change_asked"
    audit.record(application, event, by=by, kind=str(request.kind), request=request.pk)
    return request


@transaction.atomic
def answer_change(request, *, is_granted, answer, by):
    """The secretariat's yes or no, with its letter. A yes is carried out at once.

    Giving up: with nothing paid the grant lapses; else the letter says that money is to be paid
    back, and the hearing about it is the caseworker's next step. A no wants its reason
    (forvaltningsloven § 22). Raises Refusal when somebody else has answered.
    """
    application = _hold(request.application)
    machine.want_role(application, by, {Role.CASEWORKER})
    if not is_granted and not answer.strip():
        raise Refusal(_("Say why not: it stands in the letter."))
    if application.status != ApplicationStatus.ACCEPTED:
        raise Refusal(_("The grant is no longer one that can be changed."), code="status")
    if is_granted and (sentence := _wrong_year(request)):
        raise Refusal(sentence)
    told = _facts(request, is_granted=is_granted, answer=answer, by=by)
    letter = letters.issue(
        Letter.Kind.CHANGE,
        pool=application.pool,
        to=application.contact,
        language=application.language,
        reference=application.reference,
        title=application.title,
        facts=told,
        link=application.get_absolute_url(),
    )
    answered = ChangeRequest.objects.filter(pk=request.pk, answered_at=None).update(
        is_granted=is_granted,
        answer=answer.strip(),
        answered_by=by,
        answered_at=clock.now(),
        letter=letter,
    )
    if not answered:
        raise Refusal(_("Somebody else was faster. Look at the page again."), code="faster")
    event = "change_granted" if is_granted else "change_refused"
    audit.record(application, event, by=by, kind=request.kind, request=request.pk)
    if is_granted:
        _carry_out(request, application, by=by)
    request.refresh_from_db()


def letter_preview(request, *, is_granted, answer, by):
    """The letter's HTML as it would be sent now; nothing is written."""
    told = _facts(request, is_granted=is_granted, answer=answer, by=by)
    return letters.draft(Letter.Kind.CHANGE, request.application.language, told)


def report_by_after(request):
    """When the report is due if the request is granted."""
    grant = request.grant
    if request.kind == Kind.EXTENSION:
        return request.report_by
    if request.kind == Kind.DATES:
        # A wish of long ago may end on the last day there is.
        days = min(grant.call.days_to_report, (date.max - request.ends_on).days)
        return max(grant.report_by, request.ends_on + timedelta(days=days))
    return grant.report_by


def _carry_out(request, application, *, by):
    if request.kind in {Kind.DATES, Kind.EXTENSION}:
        Grant.objects.filter(pk=request.grant_id).update(report_by=report_by_after(request))
    if request.kind == Kind.GIVE_UP and not request.grant.amount_disbursed():
        lapse(application, by=by)  # refused while money is with the bank


def _wrong_year(request):
    days = [day for day in (request.starts_on, request.ends_on, request.report_by) if day]
    if any(day.year < FIRST_YEAR for day in days):
        return _("That is long ago. Check the year.")
    if any(day.year > clock.today().year + FURTHEST_END for day in days):
        return _("That is more than ten years from now. Check the year.")
    return None


def _wrong_dates(request, agreed):
    if request.starts_on is None or request.ends_on is None:
        return _("Say when it begins and when it ends.")
    if request.ends_on < request.starts_on:
        return _("It ends before it begins. Correct one of the dates.")
    if request.ends_on < clock.today():
        return _("It ends before today. Choose later dates.")
    if (request.starts_on, request.ends_on) == (agreed.starts_on, agreed.ends_on):
        return _("These are the dates that are agreed already.")
    return None


def _wrong_budget(request, agreed):
    lines, grant = _as_lines(request.lines), request.grant
    if lines == agreed.lines:
        return _("Nothing is changed in this budget.")
    if any(line.amount <= 0 or not line.text for line in lines):
        return _("Every line wants a name and an amount above zero.")
    if len({line.key for line in lines}) < len(lines):
        return _("A line is there twice.")
    if left := balance(lines, grant.amount_awarded):
        said = {"amount": money(abs(left), grant.currency)}
        if left > 0:
            return _("The budget does not balance: %(amount)s of the income is not used.") % said
        return _("The budget does not balance: %(amount)s is missing.") % said
    return None


def _facts(request, *, is_granted, answer, by):
    application = request.application
    told = facts.of_case(application, signed_by=by) | {
        "wish": request.kind,
        "is_granted": is_granted,
        "answer": answer.strip(),
        "asked_on": request.asked_at.astimezone(clock.LOCAL).date().isoformat(),
        "starts_on": request.starts_on.isoformat() if request.starts_on else "",
        "ends_on": request.ends_on.isoformat() if request.ends_on else "",
        "report_by": report_by_after(request).isoformat(),
        "lines": [
            {"kind": line.kind, "text": line.text, "amount": line.amount}
            for line in _as_lines(request.lines)
        ],
        "is_paid": bool(request.grant.amount_disbursed()),
    }
    if not is_granted:  # forvaltningsloven § 25: a no carries its guidance, as a rejection does
        kind = ComplaintGuidance.Kind.REJECTION
        guidance = facts.newest_guidance(application.pool, kind)
        told["complaint_guidance"] = facts.guidance_in(guidance, application.language)
    return told


def _newest(grant, kind, **more):
    granted = grant.change_requests.filter(kind=kind, is_granted=True, **more)
    return granted.order_by("-answered_at", "-pk").first()


def _applied_for(application):
    return [
        Line(line.key, line.kind, line.text, line.amount) for line in application.budget_lines.all()
    ]


def _as_lines(stored):
    return [Line(**line) for line in stored]


def _hold(application):
    """The case as it is, locked: two people ask for one change, and none while it ends."""
    cases = Application.objects.select_for_update(of=("self",), no_key=True)
    return cases.select_related("call__pool", "applicant", "contact").get(pk=application.pk)
