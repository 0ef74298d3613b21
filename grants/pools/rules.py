"""A call's rules, and whether an application keeps them: values in, verdicts out, plain Python.

The same verdicts are read by the one-minute check, while writing, at sending and at screening.
What is not known yet breaks no rule; and once a rule holds or is broken, more facts change nothing.

Not a rule here: whether the call is open. That is about the moment of sending and not about the
project (Call.takes_a_draft_of).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grants.pools.money import money

# (country, code), as Municipality.key
Place = tuple[str, str]


@dataclass(frozen=True)
class Closed:
    """Days on which nothing of the call may happen, both days included."""

    starts_on: date
    ends_on: date
    reason: str


@dataclass(frozen=True)
class Rules:
    """What a call asks of those who apply. Amounts in øre; None where there is no such rule.

    residence: "anywhere", "home", "activity" or "either", as Call.Residence. municipalities:
    those that pay into the pool.
    """

    age_from: int
    age_to: int
    least_amount: int
    greatest_amount: int
    kinds: tuple[str, ...] = ("person", "group", "association")
    residence: str = "anywhere"
    municipalities: frozenset[Place] = frozenset()
    greatest_budget: int | None = None
    days_before_start: int = 0
    black_outs: tuple[Closed, ...] = ()
    awards_per_year: int | None = None
    allows_own_wages: bool = True
    must_be_public: bool = False
    least_municipalities: int = 1
    currency: str = "DKK"

    @classmethod
    def of(cls, call: Any) -> "Rules":
        """A Call's, with reasons in the language of the moment."""
        return cls(
            age_from=call.age_from,
            age_to=call.age_to,
            least_amount=call.least_amount,
            greatest_amount=call.greatest_amount,
            kinds=tuple(call.kinds),
            residence=call.residence,
            municipalities=call.pool.municipality_keys(),
            greatest_budget=call.greatest_budget,
            days_before_start=call.days_before_start,
            black_outs=tuple(
                Closed(each.starts_on, each.ends_on, each.reason_shown)
                for each in call.black_outs.all()
            ),
            awards_per_year=call.awards_per_year,
            allows_own_wages=call.allows_own_wages,
            must_be_public=call.must_be_public,
            least_municipalities=call.least_municipalities,
            currency=call.pool.currency,
        )


@dataclass(frozen=True)
class Facts:
    """What is known about an application. None: not known yet. Amounts in øre.

    age: whole years on the day of applying. places: where it happens. whole_budget: all expenses.
    income: all of it but the amount that is applied for. own_wages: whether the budget has any.
    awards_this_year: grants in other cases, in the year of applying.
    """

    applied_on: date | None = None
    age: int | None = None
    kind: str | None = None
    home: Place | None = None
    places: frozenset[Place] | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    amount: int | None = None
    whole_budget: int | None = None
    income: int | None = None
    own_wages: bool | None = None
    is_public: bool | None = None
    awards_this_year: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What one rule says. holds: True, False, or None when it cannot be known yet.

    sentence: why it holds, what to do when it is broken, or what is still to be known.
    field: the question of the form that it is about.
    """

    rule: str
    holds: bool | None
    sentence: str
    field: str

    @property
    def state(self) -> str:
        """ "holds", "broken" or "unknown"."""
        return {True: "holds", False: "broken", None: "unknown"}[self.holds]


Judged = tuple[bool | None, str]


def judge(rules: Rules, facts: Facts) -> list[Verdict]:
    """One verdict for each rule that the call has, in the order of the form."""
    asked = ((rule, field, of(rules, facts)) for rule, field, of in _RULES)
    return [Verdict(rule, *said, field) for rule, field, said in asked if said is not None]


def worst_first(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """What is broken, then what is not known, then what holds."""
    return sorted(verdicts, key=lambda verdict: [False, None, True].index(verdict.holds))


def spelled_out(rules: Rules) -> list[tuple[str, str]]:
    """[(rule, sentence)]: what there is to know before one begins to write, as a call tells it."""
    return list(_spelled_out(rules))


def first_day(rules: Rules, applied_on: date) -> date:
    """The first day on which a project can begin that is applied for on that day."""
    return date.fromordinal(
        min(applied_on.toordinal() + rules.days_before_start, date.max.toordinal())
    )


# --- one function a rule: (holds, sentence), or None when the call has no such rule -------------


def _age(rules: Rules, facts: Facts) -> Judged | None:
    words = {"from": rules.age_from, "to": rules.age_to, "age": facts.age}
    if facts.age is None:
        return None, _("Say how old you are: the call is for %(from)s to %(to)s years.") % words
    if rules.age_from <= facts.age <= rules.age_to:
        return True, _("%(age)s years: between %(from)s and %(to)s.") % words
    return False, _(
        "The contact has to be between %(from)s and %(to)s years old, and is %(age)s. "
        "Let somebody of that age apply."
    ) % words


def _kind(rules: Rules, facts: Facts) -> Judged | None:
    if set(rules.kinds) >= set(_kinds()):
        return None
    words = {"kinds": _one_of([_kinds().get(kind, kind) for kind in rules.kinds])}
    if facts.kind is None:
        return None, _("Say who applies. The call is for %(kinds)s.") % words
    if facts.kind in rules.kinds:
        return True, _("The call is for %(kinds)s.") % words
    return False, _("The call is only for %(kinds)s. Apply as that, or find another call.") % words


def _awards(rules: Rules, facts: Facts) -> Judged | None:
    most = rules.awards_per_year
    if most is None:
        return None
    if facts.awards_this_year is None:
        return None, _("We look at the grants that you have got this year when you apply.")
    words = {"count": facts.awards_this_year, "most": most}
    if facts.awards_this_year < most:
        return True, _("Grants this year: %(count)s of at most %(most)s.") % words
    return False, _(
        "Grants this year: %(count)s already, and there can be %(most)s at most. "
        "Apply again next year, or let somebody else apply."
    ) % words


def _home(rules: Rules, facts: Facts) -> Judged | None:
    """Living in one of the municipalities, or there or in what happens there."""
    lives = None if facts.home is None else facts.home in rules.municipalities
    if rules.residence == "either":
        return _either_in(lives, _happens(rules, facts))
    if rules.residence != "home":
        return None
    if lives is None:
        return None, _("Say which municipality you live in.")
    if lives:
        return True, _("The home municipality is part of the pool.")
    return False, _(
        "The home municipality is not part of the pool, and has to be. "
        "Let somebody who lives in one of the pool's municipalities apply."
    )


def _place(rules: Rules, facts: Facts) -> Judged | None:
    if rules.residence != "activity":
        return None
    happens = _happens(rules, facts)
    if happens is None:
        return None, _("Say in which municipality it happens.")
    if happens:
        return True, _("It happens in one of the pool's municipalities.")
    return False, _(
        "It has to happen in one of the pool's municipalities. Choose a place in one of them."
    )


def _happens(rules: Rules, facts: Facts) -> bool | None:
    return None if facts.places is None else bool(facts.places & rules.municipalities)


def _either_in(lives: bool | None, happens: bool | None) -> Judged:
    if lives:
        return True, _("The home municipality is part of the pool.")
    if happens:
        return True, _("It happens in one of the pool's municipalities.")
    if lives is None or happens is None:
        return None, _("Say which municipality you live in, and where it happens.")
    return False, _(
        "Neither the home nor the place is in one of the pool's municipalities. "
        "Choose a place in one of them."
    )


def _municipalities(rules: Rules, facts: Facts) -> Judged | None:
    if rules.least_municipalities <= 1:
        return None
    words = {"least": rules.least_municipalities}
    if facts.places is None:
        return None, _("Say where it happens: in at least %(least)s municipalities.") % words
    words["count"] = len(facts.places)
    if len(facts.places) >= rules.least_municipalities:
        return True, _("Municipalities: %(count)s, at least %(least)s are wanted.") % words
    return False, _(
        "Municipalities: %(count)s, but it has to happen in at least %(least)s. "
        "Find friends or a place in one more."
    ) % words


def _days_before_start(rules: Rules, facts: Facts) -> Judged | None:
    days = rules.days_before_start
    if not days:
        return None
    if facts.applied_on is None or facts.starts_on is None:
        return None, ngettext(
            "Say when it begins: at least %(days)s day after you send it.",
            "Say when it begins: at least %(days)s days after you send it.",
            days,
        ) % {"days": days}
    words = {"days": days, "first": date_format(first_day(rules, facts.applied_on))}
    if facts.starts_on - facts.applied_on >= timedelta(days=days):
        return True, ngettext(
            "It begins at least %(days)s day after it is sent.",
            "It begins at least %(days)s days after it is sent.",
            days,
        ) % words
    return False, ngettext(
        "It has to begin at least %(days)s day after it is sent. Choose %(first)s or later.",
        "It has to begin at least %(days)s days after it is sent. Choose %(first)s or later.",
        days,
    ) % words


def _not_begun(rules: Rules, facts: Facts) -> Judged | None:
    if facts.applied_on is None or facts.starts_on is None:
        return None, _("Say when it begins.")
    if facts.starts_on >= facts.applied_on:
        return True, _("It has not begun yet.")
    return False, _("It begins before today. Choose a later date.")


def _dates(rules: Rules, facts: Facts) -> Judged | None:
    if facts.starts_on is None or facts.ends_on is None:
        return None, _("Say when it begins and when it ends.")
    if facts.starts_on <= facts.ends_on:
        return True, _("It ends when it has begun.")
    return False, _("It ends before it begins. Correct one of the dates.")


def _black_outs(rules: Rules, facts: Facts) -> Judged | None:
    if not rules.black_outs:
        return None
    days = sorted(day for day in (facts.starts_on, facts.ends_on) if day is not None)
    for closed in rules.black_outs:
        if days and days[0] <= closed.ends_on and closed.starts_on <= days[-1]:
            return False, _(
                "%(reason)s: nothing can happen from %(from)s to %(to)s. Choose other dates."
            ) % _named(closed)
    if len(days) < 2:
        return None, _("Say when it begins and when it ends.")
    return True, _("It happens outside the days on which nothing can happen.")


def _amount(rules: Rules, facts: Facts) -> Judged | None:
    words = {
        "least": money(rules.least_amount, rules.currency),
        "greatest": money(rules.greatest_amount, rules.currency),
        "amount": money(facts.amount, rules.currency),
    }
    if facts.amount is None:
        return None, _("From %(least)s to %(greatest)s can be applied for. Say how much.") % words
    if rules.least_amount <= facts.amount <= rules.greatest_amount:
        return True, _("%(amount)s: from %(least)s to %(greatest)s can be applied for.") % words
    if facts.amount > rules.greatest_amount:
        return False, _("At most %(greatest)s can be applied for. Ask for less.") % words
    return False, _("At least %(least)s has to be applied for. Ask for more.") % words


def _whole_budget(rules: Rules, facts: Facts) -> Judged | None:
    if rules.greatest_budget is None:
        return None
    words = {
        "greatest": money(rules.greatest_budget, rules.currency),
        "budget": money(facts.whole_budget, rules.currency),
    }
    if facts.whole_budget is None:
        return None, _("It may cost at most %(greatest)s in all. Write the budget.") % words
    if facts.whole_budget <= rules.greatest_budget:
        return True, _("It costs %(budget)s of at most %(greatest)s in all.") % words
    return False, _(
        "It may cost at most %(greatest)s in all, but costs %(budget)s now. Make it cheaper."
    ) % words


def _balance(rules: Rules, facts: Facts) -> Judged | None:
    if facts.whole_budget is None or facts.income is None or facts.amount is None:
        return None, _("Write the budget: what you apply for and other income pay the expenses.")
    income = facts.income + facts.amount
    if income == facts.whole_budget:
        return True, _("The budget balances.")
    return False, _(
        "The budget does not balance: expenses are %(expenses)s in all, but what you apply for "
        "and other income come to %(income)s together. Make them the same."
    ) % {
        "expenses": money(facts.whole_budget, rules.currency),
        "income": money(income, rules.currency),
    }


def _own_wages(rules: Rules, facts: Facts) -> Judged | None:
    if rules.allows_own_wages:
        return None
    if facts.own_wages is None:
        return None, _("Write the budget. The call pays no wages to those who apply.")
    if not facts.own_wages:
        return True, _("The budget has no wages to those who apply.")
    return False, _("The call pays no wages to those who apply. Take them out of the budget.")


def _public(rules: Rules, facts: Facts) -> Judged | None:
    if not rules.must_be_public:
        return None
    if facts.is_public is None:
        return None, _("Say whether it is open to the public.")
    if facts.is_public:
        return True, _("It is open to the public.")
    return False, _("It has to be open to the public. Let others come, or find another call.")


_RULES: tuple[tuple[str, str, Callable[[Rules, Facts], Judged | None]], ...] = (
    ("age", "birth_date", _age),
    ("kind", "kind", _kind),
    ("awards_per_year", "kind", _awards),
    ("residence", "home", _home),
    ("residence", "municipal_parts", _place),
    ("municipalities", "municipal_parts", _municipalities),
    ("days_before_start", "starts_on", _days_before_start),
    ("not_begun", "starts_on", _not_begun),
    ("dates", "ends_on", _dates),
    ("black_outs", "starts_on", _black_outs),
    ("public", "is_public", _public),
    ("amount", "amount_applied_for", _amount),
    ("whole_budget", "budget", _whole_budget),
    ("balance", "budget", _balance),
    ("own_wages", "budget", _own_wages),
)


# --- the same rules, told beforehand ------------------------------------------------------------


def _spelled_out(rules: Rules) -> Iterator[tuple[str, str]]:
    words: dict[str, Any] = {
        "from": rules.age_from,
        "to": rules.age_to,
        "kinds": _one_of([_kinds().get(kind, kind) for kind in rules.kinds]),
        "least": rules.least_municipalities,
        "budget": money(rules.greatest_budget, rules.currency),
        "days": rules.days_before_start,
        "awards": rules.awards_per_year,
    }
    yield (
        "age",
        _(
            "You are between %(from)s and %(to)s years old. "
            "In a group or an association that goes for the contact."
        )
        % words,
    )
    yield "kind", _("You apply as %(kinds)s.") % words
    yield from _belonging(rules)
    if rules.least_municipalities > 1:
        yield "municipalities", _("It happens in at least %(least)s municipalities.") % words
    if rules.awards_per_year is not None:
        yield (
            "awards_per_year",
            ngettext(
                "You can get at most %(awards)s grant a year.",
                "You can get at most %(awards)s grants a year.",
                rules.awards_per_year,
            )
            % words,
        )
    if rules.days_before_start:
        yield (
            "days_before_start",
            ngettext(
                "It begins at least %(days)s day after you have sent the application.",
                "It begins at least %(days)s days after you have sent the application.",
                rules.days_before_start,
            )
            % words,
        )
    else:
        yield "not_begun", _("It has not begun when you send the application.")
    for closed in rules.black_outs:
        yield (
            "black_outs",
            _("%(reason)s: nothing can happen from %(from)s to %(to)s.") % _named(closed),
        )
    if rules.must_be_public:
        yield "public", _("It is open to the public.")
    if rules.greatest_budget is not None:
        yield "whole_budget", _("It costs at most %(budget)s in all.") % words
    if not rules.allows_own_wages:
        yield "own_wages", _("The money is not for wages to those who apply.")


def _belonging(rules: Rules) -> Iterator[tuple[str, str]]:
    told = {
        "home": _("You live in one of the pool's municipalities."),
        "activity": _("It happens in one of the pool's municipalities."),
        "either": _("You live in one of the pool's municipalities, or it happens in one."),
    }
    if rules.residence in told:
        yield "residence", told[rules.residence]


def _named(closed: Closed) -> dict[str, str]:
    return {
        "from": date_format(closed.starts_on),
        "to": date_format(closed.ends_on),
        "reason": closed.reason,
    }


def _kinds() -> dict[str, str]:
    return {
        "person": _("one person"),
        "group": _("a group of friends"),
        "association": _("an association"),
    }


def _one_of(words: list[str]) -> str:
    """ "a, b or c" """
    *first, last = words or [""]
    if not first:
        return last
    return str(_("%(first)s or %(last)s")) % {"first": ", ".join(first), "last": last}
