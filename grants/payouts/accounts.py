"""The accounts of a final report beside the budget that was agreed: plain Python, øre."""

from collections.abc import Iterable
from dataclasses import dataclass

from grants.decisions.budgets import Line, is_within


@dataclass(frozen=True)
class Row:
    """One line: what was agreed, and what it came to. None is not in the budget, or not told."""

    key: str
    kind: str
    text: str
    agreed: int | None
    amount: int | None

    @property
    def difference(self) -> int | None:
        """How much more it came to than was agreed; None where one of the two is missing."""
        if self.agreed is None or self.amount is None:
            return None
        return self.amount - self.agreed

    def deviates(self, percent: int) -> bool:
        """Whether it is further from the budget than may be without asking."""
        if self.amount is None:
            return False
        return self.agreed is None or not is_within(self.agreed, self.amount, percent)


@dataclass(frozen=True)
class Told:
    """A line as it was filled in; `key` is empty for what was not in the budget."""

    key: str
    kind: str
    text: str
    amount: int | None


def laid_out(agreed: Iterable[Line], told: Iterable[Told]) -> list[Row]:
    """Every agreed line in its place, and behind them what was not in the budget.

    A line that was told and is no longer agreed on counts as not in the budget.
    """
    told = list(told)
    by_key = {line.key: line for line in told if line.key}
    agreed = list(agreed)
    known = {line.key for line in agreed}
    rows = [
        Row(
            line.key,
            line.kind,
            line.text,
            line.amount,
            by_key[line.key].amount if line.key in by_key else None,
        )
        for line in agreed
    ]
    others = [line for line in told if line.key not in known]
    return rows + [Row(line.key, line.kind, line.text, None, line.amount) for line in others]


def sums(rows: Iterable[Row], grant: int) -> tuple[int, int] | None:
    """(income with the grant, expenses), or None as long as a line lacks its amount."""
    income, expenses = grant, 0
    for row in rows:
        if row.amount is None:
            return None
        if row.kind == "income":
            income += row.amount
        else:
            expenses += row.amount
    return income, expenses


def to_pay_back(income: int, expenses: int, *, grant: int, may_keep: int) -> int:
    """The whole surplus if it is above what may be kept, else nothing.

    Never more than the grant, since the rest of the income came from others.
    """
    surplus = income - expenses
    return min(surplus, grant) if surplus > may_keep else 0
