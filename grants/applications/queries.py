"""What is read of an application as it lies in the database."""

from dataclasses import dataclass

from grants.applications.models import Application
from grants.pools.shares import split


@dataclass(frozen=True)
class Sums:
    """The budget in øre. `left`: what comes in above the expenses; negative: what is lacking."""

    expenses: int
    income: int
    sought: int

    @property
    def left(self):
        return self.income + self.sought - self.expenses


def as_saved(application):
    """The row anew: a form has put what was typed on the one in hand."""
    found = Application.objects.select_related("call__pool", "applicant", "home")
    return found.get(pk=application.pk)


def sums_of(application):
    """The Sums of what is saved; a line without an amount counts as nothing yet."""
    lines = list(application.budget_lines.all())
    expenses, income = (
        sum(line.amount or 0 for line in lines if line.kind == kind)
        for kind in ("expense", "income")
    )
    return Sums(expenses, income, application.amount_applied_for or 0)


def shares_of(application):
    """[(municipality, percent, øre)]: how the amount falls on the municipalities, to the øre."""
    parts = list(application.municipal_parts.select_related("municipality"))
    amount = application.amount_applied_for
    if not parts or amount is None:
        return []
    split_up = split(amount, {part.municipality.key: part.percent for part in parts})
    return [(part.municipality, part.percent, split_up[part.municipality.key]) for part in parts]
