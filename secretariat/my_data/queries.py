"""All that is held on one person, part by part; what is other people's is not among it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applicants.models import Applicant, BankAccount, Guardian, User
from committee.discussion.models import Remark
from committee.meetings.models import Attendance
from committee.review.models import Declaration, Recusal, Ruling, Substitution
from committee.seats.models import Member
from committee.votes.models import Assessment, Demand, Vote
from grants.applications import own_questions
from grants.applications.models import (
    Application,
    Attachment,
    Consent,
    InformationRequest,
    Reminder,
    TeamMember,
)
from grants.decisions.models import ChangeRequest, Grant, Hearing
from grants.letters.models import Letter, Mail
from grants.payouts.models import AccountLine, FinalReport, Payout, Repayment
from grants.pools.models import PoolRole
from grants.pools.money import money
from secretariat.journal import said
from workflows import audit, clock
from workflows.models import LogEntry

# A page shows so many rows of a part; the file has them all.
SHOWN = 20
AT_A_TIME = 200


def own_cases(user):
    """The applications that are the user's: as their contact, or in their name."""
    return Application.objects.filter(Q(contact=user) | Q(applicant__user=user))


# --- The parts ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """What a row tells: the code in the file, the label on the page, and the value (JSON)."""

    code: str
    label: str
    value: Callable
    is_attribute: bool = False


@dataclass(frozen=True)
class Part:
    """Rows of one kind."""

    code: str
    name: str
    rows: Callable  # of a user
    columns: tuple[Column, ...]


def _column(model, name, label=None):
    label = label or model._meta.get_field(name).verbose_name
    return Column(name, label, partial(_plain, name=name), is_attribute=True)


def _plain(row, name):
    """A column's value as JSON has it: dates by ISO, amounts in øre, relations by their name."""
    value = getattr(row, name)
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return value if value is None or isinstance(value, JSON_TYPES) else str(value)


JSON_TYPES = (str, int, bool, list, dict)


def _columns(model, *names, **more):
    """Columns of these fields, and of more with labels of their own, {name: label}."""
    told = [_column(model, name) for name in names]
    return (*told, *(_column(model, name, label) for name, label in more.items()))


CASE = Column("case", _("Case"), lambda row: row.application.reference)
VOTED_ON = Column("case", _("Case"), lambda row: row.window.application.reference)
MOMENT = _("When")


def _case_of(entry):
    """The case's number, where the log's stream is a case's."""
    kind, _colon, reference = entry.stream.partition(":")
    return reference if kind == "application" else ""


PARTS = (
    Part(
        "you",
        _("You"),
        lambda user: User.objects.filter(pk=user.pk),
        _columns(
            *[User, "name", "email", "language", "told"],
            date_joined=_("Here since"),
            last_login=_("Last logged in"),
        ),
    ),
    Part(
        "applicants",
        _("Who you apply as"),
        lambda user: user.applicants.order_by("pk"),
        _columns(
            *[Applicant, "kind", "name", "cvr", "birth_date", "phone", "street", "postal_code"],
            *["town", "is_protected", "custody_is_joint"],
        ),
    ),
    Part(
        "bank_accounts",
        _("Bank accounts"),
        lambda user: BankAccount.objects.filter(applicant__user=user).defer("sealed"),
        _columns(BankAccount, "holder", "masked", created_at=MOMENT),
    ),
    Part(
        "applications",
        _("Applications"),
        lambda user: own_cases(user).select_related("call", "home").order_by("pk"),
        (
            *_columns(Application, "reference", call=_("Call"), status_shown=_("Status")),
            *_columns(Application, "language", "home", "title", "summary", "activity"),
            *_columns(Application, "audience", "newness", "art_form", "starts_on", "ends_on"),
            *_columns(Application, "place", "amount_applied_for", "least_workable", "is_public"),
            *_columns(Application, created_at=_("Begun"), submitted_at=_("Sent")),
            Column("own_answers", _("More questions"), lambda row: _answers(row)),
            Column("budget", _("Budget"), lambda row: _lines(row)),
            Column("municipalities", _("Municipalities"), lambda row: _municipalities(row)),
        ),
    ),
    Part(
        "attachments",
        _("Files"),
        lambda user: (
            Attachment.objects.filter(Q(application__in=own_cases(user)) | Q(added_by=user))
            .select_related("application")
            .defer("thumbnail")
        ),
        (CASE, *_columns(Attachment, "name", "content_type", "size", added_at=MOMENT)),
    ),
    Part(
        "teams",
        _("Teams that you are on"),
        lambda user: user.memberships.select_related("application"),
        (
            CASE,
            *_columns(
                *[TeamMember, "name", "is_helper", "can_write"],
                is_offered_contact=_("Asked to be the contact"),
                invited_at=MOMENT,
            ),
        ),
    ),
    Part(
        "guardianships",
        _("Whose parent or guardian you are"),
        lambda user: user.guardianships.select_related("applicant"),
        _columns(Guardian, "relation", applicant=_("Name")),
    ),
    Part(
        "consents",
        _("Consents that you have given"),
        lambda user: Consent.objects.filter(guardian__user=user).select_related("application"),
        (
            CASE,
            *_columns(
                *[Consent, "name", "relation"],
                given_at=_("Given"),
                withdrawn_at=_("Taken back"),
                document_hash="SHA-256",
            ),
        ),
    ),
    Part(
        "requests",
        _("What we asked for, and your answers"),
        lambda user: InformationRequest.objects.filter(
            application__in=own_cases(user)
        ).select_related("application"),
        (CASE, *_columns(InformationRequest, "question", "answer", "answer_by", asked_at=MOMENT)),
    ),
    Part(
        "letters",
        _("Letters"),
        lambda user: (
            Letter.objects.filter(reference__in=own_cases(user).values("reference"))
            .defer("pdf", "html", "facts")
            .order_by("pk")
        ),
        _columns(Letter, "reference", "kind", "title", "code", issued_at=MOMENT),
    ),
    Part(
        "hearings",
        _("Hearings"),
        lambda user: Hearing.objects.filter(application__in=own_cases(user)).select_related(
            "application"
        ),
        (CASE, *_columns(Hearing, "text", "answer", "answer_by", opened_at=MOMENT)),
    ),
    Part(
        "grants",
        _("Grants"),
        lambda user: Grant.objects.filter(application__in=own_cases(user)).select_related(
            "application__call__pool"
        ),
        (
            CASE,
            *_columns(Grant, "amount_awarded", "award_date", "accept_by", "report_by"),
            *_columns(Grant, accepted_at=_("You said yes"), ended_at=_("Ended")),
        ),
    ),
    Part(
        "payouts",
        _("Payouts"),
        lambda user: (
            Payout.objects.filter(instalment__grant__application__in=own_cases(user))
            .select_related("instalment__grant__application__call__pool", "account")
            .defer("account__sealed")
            .order_by("pk")
        ),
        (
            CASE,
            *_columns(Payout, "amount", "currency", "status", "paid_on"),
            Column("account", _("Account number"), lambda row: row.account.masked),
        ),
    ),
    Part(
        "changes",
        _("Changes that were asked for"),
        lambda user: ChangeRequest.objects.filter(application__in=own_cases(user)).select_related(
            "application"
        ),
        (
            CASE,
            *_columns(ChangeRequest, "kind", "reason", "starts_on", "ends_on", "report_by"),
            *_columns(ChangeRequest, "lines", "is_granted", "answer", asked_at=MOMENT),
        ),
    ),
    Part(
        "reports",
        _("Final reports"),
        lambda user: FinalReport.objects.filter(application__in=own_cases(user)).select_related(
            "application__call__pool"
        ),
        (
            CASE,
            *_columns(FinalReport, "status", "happened", "participants", "ages", "deviations"),
            *_columns(FinalReport, "income", "expenses", submitted_at=_("Sent")),
        ),
    ),
    Part(
        "account_lines",
        _("The accounts in your final reports"),
        lambda user: AccountLine.objects.filter(
            report__application__in=own_cases(user)
        ).select_related("report__application__call__pool"),
        (
            Column("case", _("Case"), lambda row: row.report.application.reference),
            *_columns(AccountLine, "kind", "text", "amount"),
        ),
    ),
    Part(
        "reminders",
        _("Reminders that we sent you"),
        lambda user: Reminder.objects.filter(application__in=own_cases(user)).select_related(
            "application"
        ),
        (CASE, *_columns(Reminder, "what", "due_on", sent_at=_("Sent"))),
    ),
    Part(
        "repayments",
        _("Money to be paid back"),
        lambda user: Repayment.objects.filter(application__in=own_cases(user)).select_related(
            "application__call__pool"
        ),
        (CASE, *_columns(Repayment, "amount", "due_on", "paid_on")),
    ),
    Part(
        "roles",
        _("Your roles"),
        lambda user: user.pool_roles.select_related("pool"),
        _columns(PoolRole, "role", "title", "ends_on", pool=_("Pool")),
    ),
    Part(
        "seats",
        _("Your seats in committees"),
        lambda user: user.seats.select_related("committee", "home"),
        _columns(
            *[Member, "seat", "home", "is_chair", "is_substitute", "starts_on", "ends_on", "posts"],
            committee=_("Committee"),
        ),
    ),
    Part(
        "declarations",
        _("What you have said about conflicts"),
        lambda user: Declaration.objects.filter(member__user=user).select_related("application"),
        (CASE, *_columns(Declaration, "answer", "note", declared_at=MOMENT)),
    ),
    Part(
        "rulings",
        _("What was settled when you were unsure"),
        lambda user: Ruling.objects.filter(declaration__member__user=user).select_related(
            "declaration__application"
        ),
        (
            Column("case", _("Case"), lambda row: row.declaration.application.reference),
            *_columns(Ruling, "is_recused", "reason", ruled_at=MOMENT),
        ),
    ),
    Part(
        "substitutions",
        _("Where you were called in as a substitute"),
        lambda user: Substitution.objects.filter(substitute__user=user).select_related(
            "application"
        ),
        (CASE, *_columns(Substitution, called_at=MOMENT)),
    ),
    Part(
        "assessments",
        _("Your own papers on applications"),
        lambda user: (
            Assessment.objects.filter(member__user=user)
            .select_related("window__application__call__pool")
            .prefetch_related("window__application__call__criteria")
        ),
        (
            VOTED_ON,
            *_columns(Assessment, "choice", "amount"),
            Column("scores", _("Scores and notes"), lambda row: _scored(row, row.notes)),
            *_columns(Assessment, saved_at=MOMENT),
        ),
    ),
    Part(
        "votes",
        _("Votes that you have cast"),
        lambda user: (
            Vote.objects.filter(member__user=user)
            .select_related("window__application__call__pool")
            .prefetch_related("window__application__call__criteria")
        ),
        (
            VOTED_ON,
            *_columns(Vote, "choice", "amount"),
            Column("scores", _("Scores"), lambda row: _scored(row)),
            *_columns(Vote, cast_at=MOMENT),
        ),
    ),
    Part(
        "demands",
        _("Meetings that you have demanded"),
        lambda user: Demand.objects.filter(member__user=user).select_related("window__application"),
        (VOTED_ON, *_columns(Demand, "reason", demanded_at=MOMENT)),
    ),
    Part(
        "remarks",
        _("What you have written in the committee's discussions"),
        lambda user: Remark.objects.filter(author=user).select_related("application"),
        (CASE, *_columns(Remark, "kind", "text", "is_new_fact", written_at=MOMENT)),
    ),
    Part(
        "attendances",
        _("Meetings of the committee"),
        lambda user: Attendance.objects.filter(member__user=user).select_related(
            "meeting__committee"
        ),
        _columns(Attendance, "is_present", meeting=_("Meeting")),
    ),
    Part(
        "recusals",
        _("Where you stand aside"),
        lambda user: Recusal.objects.filter(member__user=user).select_related("application"),
        (CASE, *_columns(Recusal, "ground", declared_at=MOMENT)),
    ),
    Part(
        "mails",
        _("Mails to you"),
        lambda user: user.mails.order_by("-pk"),
        _columns(Mail, "subject", "text", created_at=_("Written"), sent_at=_("Sent")),
    ),
    Part(
        "log",
        _("What you have done here, by our log"),
        lambda user: LogEntry.objects.filter(actor=audit.actor_code(user)).order_by("-pk"),
        (
            Column("case", _("Case"), _case_of),
            Column("what", _("What"), lambda row: said(row, "DKK")),
            *_columns(LogEntry, at=MOMENT),
        ),
    ),
)


def _answers(application):
    """[{question, answer}] to what the call itself asks, each as it was asked."""
    return [
        {"question": question.text_shown, "answer": value}
        for question, value in own_questions.answered(application)
    ]


def _scored(row, notes=None):
    """[{criterion, score, note}] of a vote or a paper; what is empty is left out."""
    told = []
    for criterion in row.window.application.call.criteria.all():
        key = str(criterion.pk)
        written = {"score": row.scores.get(key), "note": (notes or {}).get(key)}
        if given := {name: value for name, value in written.items() if value is not None}:
            told.append({"criterion": criterion.name_shown} | given)
    return told


def _lines(application):
    lines = application.budget_lines.all()
    return [{"kind": line.kind, "text": line.text, "amount": line.amount} for line in lines]


def _municipalities(application):
    parts = application.municipal_parts.select_related("municipality")
    return [{"name": str(part.municipality), "percent": part.percent} for part in parts]


# --- As a file, and as people read it -------------------------------------------------------


def as_json(user):
    """The whole as pieces of one JSON document: few rows are held in memory at a time."""
    made_at = clock.now().isoformat()
    yield f'{{"made_at": {json.dumps(made_at)}, "amounts": "øre"'
    for part in PARTS:
        yield f',\n"{part.code}": ['
        for place, row in enumerate(part.rows(user).iterator(chunk_size=AT_A_TIME)):
            told = {column.code: column.value(row) for column in part.columns}
            yield (",\n" if place else "\n") + json.dumps(told, ensure_ascii=False)
        yield "]"
    yield "}\n"


@dataclass(frozen=True)
class Told:
    """A part as a page shows it: name, how many, and the first rows as [(label, text)]."""

    code: str
    name: str
    count: int
    rows: list


def told(user):
    """The parts that hold something."""
    found = []
    for part in PARTS:
        rows = part.rows(user)
        if count := rows.count():
            shown = [_in_words(part, row) for row in rows[:SHOWN]]
            found.append(Told(part.code, part.name, count, shown))
    return found


def _in_words(part, row):
    """[(label, text)] of what the row has; an empty field is left out."""
    pairs = [(capfirst(column.label), _words(column, row)) for column in part.columns]
    return [(label, text) for label, text in pairs if text]


def _words(column, row):
    value = getattr(row, column.code) if column.is_attribute else column.value(row)
    if column.code == "status_shown":
        return row.status_shown_label
    if column.code == "budget":
        return "\n".join(f"{each['text']}: {_money(each['amount'], row)}" for each in value)
    if display := getattr(row, f"get_{column.code}_display", None):
        return str(display())
    if isinstance(value, bool):
        return _t("Yes") if value else _t("No")
    if isinstance(value, datetime):
        return date_format(value.astimezone(clock.LOCAL), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if column.code in AMOUNTS:
        return _money(value, row)
    if isinstance(value, list | dict):
        return _listed(value)
    return "" if value is None else str(value)


AMOUNTS = {
    *["amount", "amount_applied_for", "amount_awarded", "least_workable", "income", "expenses"],
}


def _money(amount, row):
    case = row.window.application if isinstance(row, Vote | Assessment) else row
    case = row.report if isinstance(row, AccountLine) else case
    case = case if isinstance(case, Application | Payout) else case.application
    return "" if amount is None else money(amount, case.currency)


def _listed(value):
    """A list of small things, or a table of figures, line by line."""
    if isinstance(value, dict):
        return "\n".join(f"{key}: {each}" for key, each in value.items())
    return "\n".join(", ".join(str(each) for each in line.values()) for line in value)
