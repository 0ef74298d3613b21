"""The working list, and everything about one case."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from committee.discussion import queries as discussion
from grants.applications import answers, attaching, serving
from grants.applications.facts import facts_of
from grants.letters.models import Letter
from grants.pools.rules import Rules, judge, worst_first
from secretariat import acts, permissions, queries, votes_told
from secretariat.forms import Filters
from secretariat.journal import A_MEMBER, journal, seal_on
from secretariat.my_data import retention
from secretariat.views.pdf import pdf
from workflows import audit
from workflows.lifecycle import ApplicationStatus, Role
from workflows.models import LogEntry

ON_A_PAGE = 50


@login_required
def work(request):
    """The list: filters in the address, counts by status, sums, and what needs a look."""
    pools = permissions.pools_read_by(request.user)
    worked = permissions.pools_worked_by(request.user)
    form = Filters(request.GET, pools=pools)
    form.is_valid()  # what is wrong in an address is passed over
    chosen = form.cleaned_data
    found = queries.narrowed(
        queries.cases(permissions.cases_in(pools, request.user)),
        call=chosen.get("call"),
        art_form=chosen.get("art_form", ""),
        municipality=chosen.get("municipality"),
        words=chosen.get("q", ""),
    )
    counts = queries.counted(found)
    status, sort = chosen.get("status", ""), chosen.get("sort", "")
    if status in ApplicationStatus.values:
        found = found.filter(status=status)
    here = [row for row in counts if status in ("", row[0])]
    context = {
        "form": form,
        "chips": _chips(counts, status),
        "count": sum(count for _status, count, _sum in here),
        "sum": sum(sum_ for _status, _count, sum_ in here),
        "currency": pools[0].currency,
        "page_obj": Paginator(queries.ordered(found, sort), ON_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "columns": _columns(sort),
        "worked": {pool.pk for pool in worked},
        "looks": queries.needs_a_look(worked) if worked else None,
        "changes": _changes(worked, request.user) if worked else [],
        "questions": _questions(worked, request.user) if worked else [],
        "is_narrowed": any(chosen.get(name) for name in ("q", "call", "art_form", "municipality")),
    }
    return render(request, "desk/cases.html", context)


def _changes(pools, user):
    return list(queries.changes_asked_for(pools, permissions.cases_in(pools, user)))


def _questions(pools, user):
    return list(discussion.waiting(permissions.cases_in(pools, user)).select_related("application"))


def _chips(counts, status):
    everything = {"code": "", "label": _("All"), "count": sum(row[1] for row in counts)}
    chips = [
        {"code": code, "label": ApplicationStatus(code).label, "count": count}
        for code, count, _sum in counts
    ]
    return [{**chip, "current": chip["code"] == status} for chip in [everything, *chips]]


def _columns(sort):
    """What the head of the table shows, and what a press on each column sorts by next."""
    labels = {
        "title": _("Project"),
        "reference": _("Reference"),
        "": _("Applicant"),
        "municipality": _("Municipality"),
        "status": _("Status"),
        "amount": _("Applied for"),
        "decided": _("Decided"),
        "sent": _("Sent"),
    }
    return [
        {
            "key": key,
            "label": label,
            "is_number": key in ("amount", "decided"),
            "next": f"-{key}" if sort == key else key,
            "order": {key: "ascending", f"-{key}": "descending"}.get(sort) if key else None,
        }
        for key, label in labels.items()
    ]


@login_required
def case(request, reference):
    """Everything about a case, with its journal and what can be done with it now."""
    application = permissions.case_for(request.user, reference)
    prefetch_related_objects(
        [application],
        "budget_lines",
        "municipal_parts__municipality",
        "team__user",
        "information_requests__asked_by",
        "consents__guardian__user",
        "applicant__guardians__user",
        "recommendations",
        "notes__written_by",
        "hearings",
        "repayments",
        "final_reports",
        "grants__municipal_shares__municipality",
        "grants__instalments__payouts__batch",
    )
    _tell_outdated(application)
    _tell_who_noted(application)
    roles = application.roles_of(request.user)
    reads_contact = bool(roles & permissions.READ_CONTACTS)
    account = application.applicant.bank_account()
    committee = votes_told.told(application, request.user)
    context = {
        "application": application,
        "currency": application.currency,
        "acts": acts.open_to(application, request.user),
        "reads_contact": reads_contact,
        "reads_payouts": bool(roles & {Role.CASEWORKER, Role.APPROVER, Role.AUDITOR}),
        "reads_letters": permissions.may_read_letters(application, request.user),
        "attachments": attaching.with_questions(application, attaching.received(application)),
        "account": account,
        "budget": _budget(application),
        "own": answers.own(application),
        "verdicts": worst_first(judge(Rules.of(application.call), facts_of(application))),
        "decisions": _decisions(application),
        "changes": _changes_of(application),
        "committee": committee,
        "kept": retention.kept(application) if application.status in retention.OVER else None,
        "lacking": committee.lacking if committee else [],
        "journal": journal(application, names_applicant=reads_contact),
    }
    return render(request, "desk/case.html", context)


def _tell_outdated(application):
    """Each consent knows whether it ended since the text was changed, and not by its guardian."""
    log = LogEntry.objects.filter(stream=application.stream, event="consent_outdated")
    changed = {entry.facts["hash"] for entry in log}
    for consent in application.consents.all():
        consent.is_outdated = bool(consent.withdrawn_at) and consent.document_hash in changed


def _tell_who_noted(application):
    """Each note knows who wrote it, as far as that may be told."""
    seal = seal_on(application)
    for note in application.notes.all():
        is_kept = seal.keeps_name(audit.actor_code(note.written_by), note.written_at)
        note.who = A_MEMBER if is_kept else note.written_by


def _budget(application):
    lines = application.budget_lines.all()
    expenses = [line for line in lines if line.kind == "expense"]
    income = [line for line in lines if line.kind == "income"]
    return {
        "expenses": expenses,
        "income": income,
        # While it is changed on request, an amount can be missing.
        "sum": sum(line.amount or 0 for line in expenses),
        "sum_income": sum(line.amount or 0 for line in income)
        + (application.amount_applied_for or 0),
    }


def _decisions(application):
    return application.decisions.select_related(
        "decided_by", "guideline", "criterion", "letter"
    ).defer("letter__pdf", "letter__html", "letter__facts")


def _changes_of(application):
    """The requests for a change with their letters, the newest first; the open one beside the
    agreement."""
    asked = application.change_requests.select_related("asked_by", "answered_by", "letter").defer(
        "letter__pdf", "letter__html", "letter__facts"
    )
    return [{"request": each} if each.answered_at else queries.of_change(each) for each in asked]


@login_required
def letter(request, reference, pk):
    """An issued letter, byte for byte."""
    application = permissions.case_for(request.user, reference)
    if not permissions.may_read_letters(application, request.user):
        raise Http404
    issued = get_object_or_404(
        Letter,
        Q(decision__application=application) | Q(change_request__application=application),
        pk=pk,
    )
    if issued.pdf is None:
        raise Http404
    return pdf(bytes(issued.pdf), issued.file_name)


@require_safe
@login_required
def attachment(request, reference, pk):
    return serving.download(permissions.attachment_for(request.user, reference, pk))


@require_safe
@login_required
def thumbnail(request, reference, pk):
    return serving.thumbnail(permissions.attachment_for(request.user, reference, pk))
