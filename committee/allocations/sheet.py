"""An allocation as its page shows it: to each reader what they may know, and no more."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from babel.numbers import format_decimal

from committee import allocation as allocating
from committee import reasons, side_by_side
from committee.allocations import queries
from grants.applications.models import Application
from grants.pools import money
from grants.pools.models import Municipality


@dataclass(frozen=True)
class Row:
    """One application. Amounts in øre; percent: of the largest amount, for the bars.

    by_rule: what the rule gives, which people may have moved since. second: what the other rule
    gives, None where none is compared with. why: "" for who may not know.
    """

    application: Application
    amount: int
    asked: int
    why: str = ""
    by_rule: int = 0
    second: int | None = None
    percent: int = 0
    second_percent: int = 0

    @property
    def gain(self):
        return None if self.second is None else self.second - self.amount


@dataclass(frozen=True)
class Part:
    """What one municipality gets by the first and by the second rule."""

    municipality: Municipality
    change: side_by_side.Change
    percent: int
    second_percent: int


@dataclass(frozen=True)
class Sheet:
    """What a reader who sees all of it reads."""

    windows: tuple
    applications: tuple[allocating.Tallied, ...]
    first: allocating.Proposal
    second: allocating.Proposal | None
    why: dict[str, str]

    @cached_property
    def _cases(self):
        return {each.application.reference: each.application for each in self.windows}

    @cached_property
    def _most(self):
        amounts = [*self.first.amounts.values()]
        amounts += self.second.amounts.values() if self.second else []
        return max([*amounts, 1])

    @property
    def funded(self):
        return [self._row(line) for line in self.first.funded]

    @property
    def skipped(self):
        return [self._row(line) for line in self.first.skipped]

    @property
    def has_moves(self):
        return any(line.code == "moved" for line in self._lines)

    @property
    def shares_are_raised(self):
        """Whether one of the rules has equal shares, so that the step says something."""
        return "equal_shares" in {self.first.rule, self.second and self.second.rule}

    @property
    def _lines(self):
        return (*self.first.funded, *self.first.skipped)

    @property
    def count(self):
        return len(self.first.amounts)

    @cached_property
    def _compared(self):
        return side_by_side.compare(self.first, self.second or self.first, self.applications)

    @property
    def changed(self):
        """How many applications get another amount by the second rule."""
        return len(self._compared.applications)

    @property
    def municipalities(self):
        """`Part` each, in Danish order."""
        known = {
            part.municipality.key_text: part.municipality
            for window in self.windows
            for part in window.application.municipal_parts.all()
        }
        changes = self._compared.municipalities
        most = max([max(each.first, each.second) for each in changes] + [1])
        parts = [
            Part(known[each.of], each, each.first * 100 // most, each.second * 100 // most)
            for each in changes
        ]
        return sorted(parts, key=lambda part: part.municipality.place)

    @property
    def threshold(self):
        return reasons.mean(str(self.first.terms.threshold))

    @property
    def limits(self):
        """(name, allocation.Limit) each."""
        names = queries.names_of_parts(self.first.terms.limits)
        return [(names[each.of, each.code], each) for each in self.first.terms.limits]

    def _row(self, line):
        second = self.second.amounts[line.id] if self.second else None
        return Row(
            application=self._cases[line.id],
            amount=line.amount,
            asked=line.asked,
            why=self.why[line.id],
            by_rule=line.facts["by_rule"] if line.code == "moved" else line.amount,
            second=second,
            percent=line.amount * 100 // self._most,
            second_percent=(second or 0) * 100 // self._most,
        )


def of_votes(windows, rule, other, terms):
    """What the rule, and another one or "", make of closed votes: a Sheet."""
    basis = queries.basis(windows)
    first, second = (
        allocating.allocate(each, basis.applications, basis.votes, terms) if each else None
        for each in (rule, other)
    )
    why = queries.sentences(first, windows[0].application.pool)
    return Sheet(windows, basis.applications, first, second, why)


def of_allocation(allocation, windows, other):
    """The allocation with its moves, beside what another rule, or "", makes of its votes."""
    counted, first = queries.counted(allocation), queries.standing(allocation)
    second = None
    if other:
        second = allocating.allocate(other, counted.applications, counted.votes, counted.terms)
    why = queries.reasons_in(allocation, first)
    return Sheet(windows, counted.applications, first, second, why)


@dataclass(frozen=True)
class Excerpt:
    """What somebody reads who may not know the result of one of the applications.

    rows: the amounts of the others, in an order that says nothing. shut: those whose title and
    applicant is all there is to see.
    """

    rows: list[Row]
    shut: list[Application]


def excerpt(allocation, windows, reader):
    amounts = queries.standing(allocation).amounts
    rows, shut = [], []
    for window in windows:
        application = window.application
        if application.reference in reader.shut:
            shut.append(application)
        elif application.reference not in reader.hidden:
            rows.append(Row(application, amounts[application.reference], 0))
    by_title = sorted(shut, key=lambda application: application.title)
    return Excerpt(sorted(rows, key=lambda row: row.application.reference), by_title)


def of_a_file(first, second, unit):
    """An election that is none of ours, as texts: {"lines", "spent", "left", "changed", ...}.

    unit: so many of the amounts' units are one of the file's.
    """

    def said(amount):
        return format_decimal(Decimal(amount) / unit, locale=money.locale())

    lines = [
        {
            "id": line.id,
            "cost": said(line.asked),
            "amount": said(line.amount),
            "second": said(second.amounts[line.id]) if second else "",
            "gain": said(second.amounts[line.id] - line.amount) if second else "",
            "why": reasons.sentence(line, said),
        }
        for line in (*first.funded, *first.skipped)
    ]
    return {
        "lines": lines,
        "funded": len(first.funded),
        "budget": said(first.terms.budget),
        "spent": said(first.spent),
        "left": said(first.left),
        "second_spent": said(second.spent) if second else "",
    }
