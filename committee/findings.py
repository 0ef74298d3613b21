"""What a vote came to, and why, as sentences."""

from collections.abc import Callable

from django.utils.translation import gettext, ngettext

from committee.reasons import mean
from committee.tally import Means, Quorum, Rules, Tally

_: Callable[[str], str] = gettext  # Django tells no types


def sentences(result: Tally, rules: Rules, money: Callable[[int], str]) -> dict[str, str]:
    """{what: the sentence that explains it}, in the order to read them. money: øre as text.

    Always quorum, majority and outcome; tie, score, disagreement and amount where there is one.
    """
    found = {
        "quorum": _quorum(result, rules),
        "majority": _majority(result, rules),
        "tie": _tie(result, rules),
        "score": _score(result.score, rules),
        "disagreement": _disagreement(result),
        "amount": _amount(result, money),
        "outcome": _outcome(result),
    }
    return {what: sentence for what, sentence in found.items() if sentence}


def what_is_missing(lacking: Quorum) -> list[str]:
    """A quorum in words: numbers of votes, never whose. Empty when it is met."""
    phrases = []
    if young := lacking.missing_young:
        phrases.append(
            ngettext("%(count)s young vote is missing", "%(count)s young votes are missing", young)
            % {"count": young}
        )
    if staff := lacking.missing_staff:
        phrases.append(
            ngettext("%(count)s staff vote is missing", "%(count)s staff votes are missing", staff)
            % {"count": staff}
        )
    if lacking.missing > young + staff:
        phrases.append(
            ngettext(
                "%(count)s vote is missing in all",
                "%(count)s votes are missing in all",
                lacking.missing,
            )
            % {"count": lacking.missing}
        )
    return phrases


def _quorum(result: Tally, rules: Rules) -> str:
    took_part = _(
        "%(cast)s of %(entitled)s who may vote have voted, %(young)s young and %(staff)s staff."
    ) % {
        "cast": result.cast,
        "entitled": result.entitled,
        "young": result.young_cast,
        "staff": result.staff_cast,
    }
    takes = {"needed": result.needed, "young": rules.least_young, "staff": rules.least_staff}
    if rules.least_young or rules.least_staff:
        told = _("It takes %(needed)s, at least %(young)s young and %(staff)s staff.") % takes
    else:
        told = _("It takes %(needed)s.") % takes
    return f"{took_part} {told}"


def _majority(result: Tally, rules: Rules) -> str:
    votes = _("%(for)s for, %(against)s against, %(abstentions)s abstaining.") % {
        "for": result.votes_for,
        "against": result.votes_against,
        "abstentions": result.abstentions,
    }
    if not rules.wants_both_blocs:
        takes = _("It takes more for than against.")
        return f"{votes} {takes}"
    blocs = _(
        "Young: %(young_for)s for, %(young_against)s against. "
        "Staff: %(staff_for)s for, %(staff_against)s against. "
        "It takes more for than against among the young and among staff."
    ) % {
        "young_for": result.young_for,
        "young_against": result.young_against,
        "staff_for": result.staff_for,
        "staff_against": result.staff_against,
    }
    return f"{votes} {blocs}"


def _tie(result: Tally, rules: Rules) -> str:
    as_many = result.votes_for == result.votes_against
    if rules.wants_both_blocs or not as_many or not result.votes_for:
        return ""
    if result.broken_by == "chair":
        if result.carried:
            return _("As many are for as against. The chair's vote decides: for.")
        return _("As many are for as against. The chair's vote decides: against.")
    if result.broken_by == "young":
        if result.carried:
            return _("As many are for as against. The majority of the young decides: for.")
        return _("As many are for as against. The majority of the young decides: against.")
    return _("As many are for as against, and nothing settles it. So it is not carried.")


def _score(score: Means, rules: Rules) -> str:
    if score.weighted is None:
        return ""
    line = {"mean": mean(str(score.weighted)), "threshold": mean(str(rules.threshold))}
    if score.young is None:
        return _("The mean is %(mean)s, from staff only. The line is %(threshold)s.") % line
    if score.staff is None:
        return _("The mean is %(mean)s, from the young only. The line is %(threshold)s.") % line
    return _(
        "The mean is %(mean)s: %(young)s from the young, who count for %(young_part)s %%, "
        "and %(staff)s from staff, who count for %(staff_part)s %%. The line is %(threshold)s."
    ) % {
        **line,
        "young": mean(str(score.young)),
        "staff": mean(str(score.staff)),
        "young_part": rules.young_weight,
        "staff_part": 100 - rules.young_weight,
    }


def _disagreement(result: Tally) -> str:
    young, staff = result.score.young, result.score.staff
    if not result.opinions_part or young is None or staff is None:
        return ""
    apart = {"apart": mean(str(abs(young - staff)))}
    if young > staff:
        return _("Opinions part: the young give %(apart)s more than staff.") % apart
    return _("Opinions part: staff give %(apart)s more than the young.") % apart


def _amount(result: Tally, money: Callable[[int], str]) -> str:
    if result.outcome != "fundable":
        return ""
    amounts = {"amount": money(result.recommended), "median": money(result.median)}
    return _why_so_much(result) % amounts


def _why_so_much(result: Tally) -> str:
    # None ends with an amount: "6.000 kr." brings a full stop of its own.
    if not result.median:
        return _("The vote points to %(amount)s, the least that works: nobody named an amount.")
    if result.recommended > result.median:
        return _(
            "The vote points to %(amount)s, the least that works. "
            "At least half of those who named an amount would give at most %(median)s each."
        )
    if result.recommended < result.median:
        return _(
            "The vote points to %(amount)s, rounded down: at least half of those who named "
            "an amount would give %(median)s or more."
        )
    return _(
        "The vote points to %(amount)s: at least half of those who named an amount "
        "would give that or more."
    )


def _outcome(result: Tally) -> str:
    outcomes: dict[str, str] = {
        "no_quorum": _("Too few have voted, so there is no result."),
        "rejected": _("The vote did not carry it."),
        "below_threshold": _("The vote carried it, but its mean is below the line."),
        "fundable": _("The vote carried it."),
    }
    return outcomes[result.outcome]
