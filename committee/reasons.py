"""Why an application is funded or skipped, as a sentence."""

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from django.utils.formats import number_format
from django.utils.translation import gettext

from committee.allocation import Line

_: Callable[[str], str] = gettext  # Django tells no types

AMOUNTS = {"left", "least", "floor", "most", "cost", "supporters_left", "by_rule"}
MEANS = {"score", "threshold"}


def sentence(
    line: Line,
    money: Callable[[int], str],
    name: Callable[[str, str], str] = lambda of, code: code,
) -> str:
    """money: øre as text. name: ("municipality" or "art_form", code) as people call it."""
    said: dict[str, object] = {"amount": money(line.amount)}
    for key, fact in line.facts.items():
        if key in AMOUNTS:
            said[key] = money(int(fact))
        else:
            said[key] = mean(str(fact)) if key in MEANS else fact
    if "of" in line.facts:
        said["name"] = name(str(line.facts["of"]), str(line.facts["code"]))
    if "full_of" in line.facts:
        said["full"] = name(str(line.facts["full_of"]), str(line.facts["full_code"]))
    return _template(line) % said


def mean(exact: str) -> str:
    """ "17/6" as "2.83": rounded down, so that just below a line is not shown as on it."""
    hundredths = Fraction(exact) * 100 // 1
    shown = Decimal(hundredths).scaleb(-2).quantize(Decimal("0.01"), ROUND_FLOOR)
    return str(number_format(shown, decimal_pos=2))


def _template(line: Line) -> str:
    if line.code == "moved":
        return _moved(int(line.facts["by_rule"]), line.amount)
    if "full_of" in line.facts:
        whole = _templates()[line.code.removesuffix("_least")]
        return f"{whole} " + _(
            "There was room for %(left)s more for %(full)s, so it is offered the least that works."
        )
    return _templates()[line.code]


def _moved(by_rule: int, amount: int) -> str:
    if amount == by_rule:
        return _("The committee gave it what it had by the rule.")
    if not by_rule:
        return _("The committee put it in: it had nothing by the rule, and %(amount)s now.")
    if not amount:
        return _("The committee took it out: it had %(by_rule)s by the rule, and nothing now.")
    if amount > by_rule:
        return _("It was raised from %(by_rule)s to %(amount)s by the committee.")
    return _("It was lowered from %(by_rule)s to %(amount)s by the committee.")


def _templates() -> dict[str, str]:
    # None ends with an amount: "6.000 kr." brings a full stop of its own.
    return {
        "rank": _("Number %(place)s on the list, with a mean of %(score)s."),
        "rank_least": _(
            "Number %(place)s on the list, with a mean of %(score)s. "
            "There was %(left)s left for it, so it is offered the least that works."
        ),
        "shares": _(
            "Its supporters (%(supporters)s) paid for it with their shares, at most %(most)s each."
        ),
        "rest": _(
            "Its supporters could not pay for it, but there was money left over: "
            "number %(place)s on the list, with a mean of %(score)s."
        ),
        "rest_least": _(
            "Its supporters could not pay for it, but %(left)s was left over for it. "
            "It is number %(place)s on the list and is offered the least that works."
        ),
        "floor": _("Chosen before others: at least %(floor)s is meant for %(name)s."),
        "floor_least": _(
            "Chosen before others: at least %(floor)s is meant for %(name)s. "
            "There was %(left)s left for it, so it is offered the least that works."
        ),
        "threshold": _("Its mean of %(score)s reaches the line of %(threshold)s."),
        "threshold_least": _(
            "Its mean of %(score)s reaches the line of %(threshold)s. "
            "There was %(left)s left for it, so it is offered the least that works."
        ),
        "not_carried": _("The vote did not carry it."),
        "below_threshold": _("Its mean of %(score)s is below the line of %(threshold)s."),
        "no_support": _("Nobody supports it."),
        "no_money": _(
            "It needs at least %(least)s, and there was %(left)s left when its turn came."
        ),
        "ceiling": _("It needs %(least)s, and there was room for %(left)s more for %(name)s."),
        "shares_short": _(
            "It costs %(cost)s, and your supporters had %(supporters_left)s left. "
            "It needs at least %(least)s, and %(left)s was left over when its turn came."
        ),
    }
