"""What may change in a budget without asking: plain Python. Amounts are whole øre."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One income or expense. A line is known by its key, whatever it is called later."""

    key: str
    kind: str
    text: str
    amount: int


def is_within(agreed: int, real: int, percent: int) -> bool:
    """Whether a line's amount lies within so many percent of what was agreed, up and down."""
    return abs(real - agreed) * 100 <= agreed * percent


def wanting_permission(agreed: Iterable[Line], wished: Iterable[Line], percent: int) -> set[str]:
    """The keys of the lines that nobody may change alone.

    Those that are new or gone or have become another thing, and those whose amount moves by more
    than the percent.
    """
    before = {line.key: line for line in agreed}
    after = {line.key: line for line in wished}
    return (before.keys() ^ after.keys()) | {
        key
        for key in before.keys() & after.keys()
        if _is_another(before[key], after[key])
        or not is_within(before[key].amount, after[key].amount, percent)
    }


def balance(lines: Iterable[Line], grant: int) -> int:
    """What is left when all expenses are paid: the grant and other income less the expenses."""
    return grant + sum(line.amount if line.kind == "income" else -line.amount for line in lines)


def _is_another(before: Line, after: Line) -> bool:
    return (before.kind, before.text) != (after.kind, after.text)
