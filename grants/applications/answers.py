"""What an applicant wrote, row by row, as people read it."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from grants.pools.money import money

# Where in the form those are that no single field has the name of.
ANCHORS = {
    "kind": "id_kind_0",
    "municipal_parts": "id_where-0-municipality",
    "budget": "id_expense-0-text",
    "expense": "id_expense-0-text",
    "income": "id_income-0-text",
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


@dataclass(frozen=True)
class Section:
    """A theme of the application: the anchor in the form, its name, the answers."""

    code: str
    name: str
    answers: list[Answer]


def sections(application):
    """Everything that was written, in the order of the form."""
    return [
        Section("who", _("About you"), _who(application.applicant) + _of(application, "home")),
        Section(
            "idea",
            _("The idea"),
            _of(application, "title", "summary", "art_form", "activity", "audience", "newness")
            + _of(application, "starts_on", "ends_on"),
        ),
        Section("where", _("Where it happens"), [*_of(application, "place"), _parts(application)]),
        Section(
            "money",
            _("The money"),
            [
                _amount(application, "amount_applied_for"),
                _amount(application, "least_workable"),
                _lines(application, "expense", _("Expenses")),
                _lines(application, "income", _("Other income")),
            ],
        ),
    ]


def anchor(field):
    """The id of the form's element for a field of an Answer or of readiness.Missing."""
    return ANCHORS.get(field, f"id_{field}")


def _who(applicant):
    told = [
        Answer(name, _label(applicant, name), _text(applicant, name))
        for name in ("kind", "name", "cvr", "birth_date", "phone", "street", "postal_code", "town")
    ]
    hidden = _("Yes") if applicant.is_protected else _("No")
    return [*told, Answer("is_protected", _label(applicant, "is_protected"), hidden)]


def _of(application, *names):
    return [Answer(name, _label(application, name), _text(application, name)) for name in names]


def _parts(application):
    parts = application.municipal_parts.select_related("municipality")
    text = ", ".join(f"{part.municipality} {part.percent} %" for part in parts)
    return Answer("municipal_parts", _("Municipalities"), text)


def _amount(application, name):
    text = money(getattr(application, name), application.currency)
    return Answer(name, _label(application, name), text)


def _lines(application, kind, label):
    lines = [line for line in application.budget_lines.all() if line.kind == kind]
    told = [f"{line.text}: {money(line.amount, application.currency)}" for line in lines]
    if len(lines) > 1:
        total = money(sum(line.amount for line in lines), application.currency)
        told.append(_("In all: %(amount)s") % {"amount": total})
    return Answer(kind, label, "\n".join(told))


def _label(row, name):
    return capfirst(row._meta.get_field(name).verbose_name)


def _text(row, name):
    value = getattr(row, name)
    if row._meta.get_field(name).choices:
        return str(getattr(row, f"get_{name}_display")())
    if hasattr(value, "isoformat"):
        return date_format(value)
    return "" if value is None else str(value)
