"""What an applicant wrote, row by row, as people read it."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from grants.applications import own_questions
from grants.applications.models import BudgetLine
from grants.applications.sections import OF_THE_APPLICANT, SECTIONS, section_of
from grants.pools.money import money

# Where on its page those are that no single field has the name of.
ANCHORS = {
    "kind": "id_kind_0",
    "is_public": "id_is_public_0",
    "is_protected": "id_is_protected_0",
    "parts": "id_part-0-municipality",
    "municipal_parts": "id_part-0-municipality",
    "budget": "lines",
    "lines": "lines",
    "expense": "lines",
    "income": "lines",
}


@dataclass(frozen=True)
class Answer:
    """One question and what was answered: the form's field, its label, the text."""

    field: str
    label: str
    text: str

    @property
    def anchor(self):
        return anchor(self.field)

    @property
    def section(self):
        return section_of(self.field)


@dataclass(frozen=True)
class Written:
    """A theme of the application: the code of its page, its name, the answers."""

    code: str
    name: str
    answers: list[Answer]


def sections(application):
    """Everything that was written, in the order of the form. Own questions only where answered."""
    told = {
        "who": [_of(application, name) for name in SECTIONS["who"].fields],
        "idea": [_of(application, name) for name in SECTIONS["idea"].fields],
        "more": own(application),
        "where": [_of(application, "place"), _parts(application)],
        "money": [
            _amount(application, "amount_applied_for"),
            _amount(application, "least_workable"),
            _lines(application, "expense", _("Expenses")),
            _lines(application, "income", _("Other income")),
        ],
        "files": _files(application),
    }
    return [
        Written(code, str(SECTIONS[code].name), answers)
        for code, answers in told.items()
        if answers
    ]


def own(application):
    """The answers to what the call itself asks, each with the version that was asked."""
    return [
        Answer(f"own-{question.code}", question.text_shown, own_questions.as_text(question, value))
        for question, value in own_questions.answered(application)
    ]


def of_names(application, names):
    """The answers that have these names, as they are saved now; a line is an answer of its own."""
    lines = {f"line-{line.key}": line for line in application.budget_lines.all()}
    own_ones = {answer.field: answer for answer in own(application)}
    found = []
    for name in names:
        if name.startswith("line-"):
            found.append(Answer(name, _("Budget line"), _line(lines.get(name), application)))
        elif name.startswith("own-"):
            found.append(own_ones.get(name, Answer(name, _("Answer"), "")))
        elif name == "parts":
            found.append(_parts(application))
        elif name in ("amount_applied_for", "least_workable"):
            found.append(_amount(application, name))
        else:
            found.append(_of(application, name))
    return found


def anchor(field):
    """The id of the form's element for a field of an Answer or of readiness.Missing."""
    return ANCHORS.get(field, f"id_{field}")


def _of(application, name):
    row = application.applicant if name in OF_THE_APPLICANT else application
    return Answer(name, capfirst(row._meta.get_field(name).verbose_name), _text(row, name))


def _parts(application):
    parts = application.municipal_parts.select_related("municipality")
    text = ", ".join(f"{part.municipality} {part.percent} %" for part in parts)
    return Answer("parts", _("Municipalities"), text)


def _amount(application, name):
    text = money(getattr(application, name), application.currency)
    label = capfirst(application._meta.get_field(name).verbose_name)
    return Answer(name, label, text)


def _lines(application, kind, label):
    lines = [line for line in application.budget_lines.all() if line.kind == kind]
    told = [_line(line, application) for line in lines]
    if len(lines) > 1:
        total = money(sum(line.amount or 0 for line in lines), application.currency)
        told.append(_("In all: %(amount)s") % {"amount": total})
    return Answer(kind, label, "\n".join(told))


def _line(line, application):
    if line is None:
        return ""
    nature = f" ({line.get_nature_display()})" if line.nature != BudgetLine.Nature.OTHER else ""
    return f"{line.text}{nature}: {money(line.amount, application.currency)}"


def _files(application):
    """The attachments by name; the pages where one can open them show them as they are."""
    names = [
        each.name
        for each in application.attachments.all()
        if each.removed_at is None and each.purpose in ("application", "answer")
    ]
    return [Answer("files", _("Attachments"), "\n".join(names))] if names else []


def _text(row, name):
    value = getattr(row, name)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if row._meta.get_field(name).choices:
        return str(getattr(row, f"get_{name}_display")())
    if hasattr(value, "isoformat"):
        return date_format(value)
    return "" if value is None else str(value)
