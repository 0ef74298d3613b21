"""What an application lacks before it can be sent."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from applicants.dates import age_on
from grants.pools.money import money

# Years: a slip of the finger, and beyond 9999 no day for the report could be counted.
FURTHEST_END = 10


@dataclass(frozen=True)
class Missing:
    """One thing that is missing: its form field, and a sentence that says what to do."""

    field: str
    sentence: str


def missing(application):
    """Everything that keeps the application from being sent, in the order of the form."""
    return [
        Missing(field, sentence) for field, sentence in _all(application) if sentence is not None
    ]


def _all(application):
    call, applicant = application.call, application.applicant
    yield "birth_date", _age(call, age_on(applicant.birth_date, application.applied_on))
    yield "title", _unless(application.title, _("Give the project a title."))
    yield "summary", _unless(application.summary, _("Tell the idea in short."))
    yield "art_form", _unless(application.art_form, _("Choose an art form."))
    yield "activity", _unless(application.activity, _("Tell what will happen."))
    yield (
        "audience",
        _unless(application.audience, _("Tell who it is for, and how others can join.")),
    )
    yield "newness", _unless(application.newness, _("Tell why it is new or needed."))
    yield "starts_on", _start(application)
    yield "ends_on", _end(application)
    yield "amount_applied_for", _amount(call, application.amount_applied_for)
    yield (
        "least_workable",
        _unless(application.least_workable, _("Say the least that still works.")),
    )
    yield "home", _unless(application.home_id, _("Choose the municipality you live in."))
    yield "municipal_parts", _parts(application)
    yield "budget", _budget(application)


def _unless(value, sentence):
    return None if value and str(value).strip() else sentence


def _age(call, age):
    if call.age_from <= age <= call.age_to:
        return None
    return _("The contact has to be between %(from)s and %(to)s years old. You are %(age)s.") % {
        "from": call.age_from,
        "to": call.age_to,
        "age": age,
    }


def _start(application):
    if application.starts_on is None:
        return _("Say when it begins.")
    if application.starts_on < application.applied_on:
        return _("It begins before today. Choose a later date.")
    return None


def _end(application):
    if application.ends_on is None:
        return _("Say when it ends.")
    if application.ends_on.year > application.applied_on.year + FURTHEST_END:
        return _("It ends more than ten years from now. Check the year.")
    return None


def _amount(call, amount):
    if amount is None:
        return _("Say how much you apply for.")
    if call.least_amount <= amount <= call.greatest_amount:
        return None
    return _("Between %(least)s and %(greatest)s can be applied for.") % {
        "least": money(call.least_amount, call.pool.currency),
        "greatest": money(call.greatest_amount, call.pool.currency),
    }


def _parts(application):
    percents = [part.percent for part in application.municipal_parts.all()]
    if not percents:
        return _("Choose at least one municipality where it happens.")
    if sum(percents) != 100:
        return _("The municipalities' percentages add up to %(sum)s. Make them add up to 100.") % {
            "sum": sum(percents)
        }
    return None


def _budget(application):
    lines = list(application.budget_lines.all())
    expenses = sum(line.amount for line in lines if line.kind == "expense")
    income = sum(line.amount for line in lines if line.kind == "income")
    if not expenses:
        return _("Write at least one expense in the budget.")
    sought = application.amount_applied_for
    if sought is not None and income + sought != expenses:
        currency = application.currency
        return _(
            "The budget does not balance: expenses are %(expenses)s in all, but what you apply for "
            "and other income come to %(income)s together."
        ) % {"expenses": money(expenses, currency), "income": money(income + sought, currency)}
    return None
