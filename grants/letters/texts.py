"""The words of a letter: facts in, frozen HTML out. Knows no case, no database, no PDF."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict

from babel.dates import format_date
from babel.numbers import format_currency
from django.template.loader import render_to_string
from django.utils import translation

AWARD, PARTIAL_AWARD, REJECTION, CHANGE = "award", "partial_award", "rejection", "change"
MINUTES = "minutes"
LOCALES = {"da": "da", "en": "en_GB", "sv": "sv", "nb": "nb"}
MONEY = dict.fromkeys(LOCALES, "#,##0.00\xa0¤") | {"en": "¤¤\xa0#,##0.00"}

# Forvaltningsloven § 22-25: a no, or less than was asked for, is given with its reasons
# (the rule, the consideration, the facts) and with guidance on how to complain.
NEEDED_FOR_A_NO = ("guideline", "criterion", "fact", "complaint_guidance")
# A change that is refused rests on no paragraph and no criterion: on what stands in the answer.
NEEDED_FOR_A_REFUSED_CHANGE = ("answer", "complaint_guidance")


class Guideline(TypedDict):
    """The paragraph of the pool's guidelines that a decision rests on."""

    number: str
    text: str


class Criterion(TypedDict):
    """The main consideration: one of the call's published criteria."""

    name: str
    text: str


class Instalment(TypedDict):
    """When a part of the grant is paid: an ISO date, or words in the letter's language."""

    label: str
    amount: int
    when: str


class MunicipalShare(TypedDict):
    """What one municipality pays of the grant."""

    name: str
    amount: int


class ComplaintGuidance(TypedDict):
    """The pool's text in the letter's language; its version is kept, not printed."""

    version: str
    paragraphs: list[str]


class Contact(TypedDict):
    """Where questions go; the phone may be ""."""

    email: str
    phone: str


class CaseFacts(TypedDict):
    """What every letter says. JSON throughout: amounts in øre, dates as YYYY-MM-DD.

    There is no room for a member's name, score or comment, and write() refuses a key not named
    here.
    """

    reference: str
    title: str
    applicant_name: str
    recipient_address: list[str]
    plural: bool
    pool_name: str
    authority_name: str
    authority_address: list[str]
    caseworker_name: str
    caseworker_title: str
    issued_on: str
    currency: str
    complaint_guidance: NotRequired[ComplaintGuidance | None]
    contact: Contact
    code: str
    verify_url: str
    replaces: NotRequired[str]  # the code of the letter that this one corrects


class LetterFacts(CaseFacts):
    """What a decision's letter says. `recommended` is a code ("" where no committee was asked),
    and the letter has the words."""

    amount_applied_for: int
    recommended: Literal["full", "less", "none", ""]
    deviation_reason: NotRequired[str]
    guideline: NotRequired[Guideline | None]
    criterion: NotRequired[Criterion | None]
    fact: NotRequired[str]


class AwardFacts(LetterFacts):
    """For AWARD and PARTIAL_AWARD; a partial award needs guideline, criterion and fact too."""

    amount_awarded: int
    conditions: list[str]
    accept_by: str
    instalments: list[Instalment]
    municipal_shares: list[MunicipalShare]
    report_due_on: str


class RejectionFacts(LetterFacts):
    """For REJECTION; guideline, criterion, fact and complaint_guidance are needed."""


class BudgetLine(TypedDict):
    """One line of the budget that is asked for."""

    kind: Literal["expense", "income"]
    text: str
    amount: int


class ChangeFacts(CaseFacts):
    """For CHANGE: what was asked for after the yes, and the answer; a no needs its reason.

    Dates that are not asked about are "". is_paid: money was paid out before it was given up.
    """

    wish: Literal["dates", "budget", "extension", "give_up"]
    is_granted: bool
    answer: str
    asked_on: str
    starts_on: str
    ends_on: str
    report_by: str
    lines: list[BudgetLine]
    is_paid: bool


class Seated(TypedDict):
    """Somebody of a committee."""

    name: str
    seat: Literal["young", "staff"]
    is_chair: bool
    is_substitute: bool


class Outcome(TypedDict):
    """What a vote came to. Means are texts in the letter's language, "" where there are none."""

    votes_for: int
    votes_against: int
    abstentions: int
    cast: int
    entitled: int
    mean: str
    mean_young: str
    mean_staff: str
    outcome: Literal["no_quorum", "rejected", "below_threshold", "fundable"]
    amount: int


class ChangedVote(TypedDict):
    """A member voted differently in the meeting; choice_before is "" for who had not voted.

    Means of their scores as in Outcome.
    """

    name: str
    choice_before: Literal["", "for", "against", "abstain"]
    amount_before: int
    mean_before: str
    choice: Literal["for", "against", "abstain"]
    amount: int
    mean: str


class AgendaPoint(TypedDict):
    """One application that was talked about. anew: the vote taken anew in the meeting, if it was.

    changed is empty where ballots are secret. is_recommended: or it waits for an allocation;
    is_given: an amount, amount_recommended, and no rejection.
    """

    number: int
    reference: str
    title: str
    applicant_name: str
    amount_applied_for: int
    why: Literal["demanded", "opinions_part", "near_the_line", "chosen"]
    aside: list[str]
    before: Outcome
    anew: Outcome | None
    is_secret: bool
    changed: list[ChangedVote]
    note: str
    is_recommended: bool
    is_given: bool
    amount_recommended: int


class AdoptedAllocation(TypedDict):
    """An allocation that was adopted in the meeting; sha256 stands in the log too."""

    call_title: str
    rule: Literal["ranked", "equal_shares", "threshold"]
    sha256: str


class MinutesFacts(TypedDict):
    """For MINUTES: what a committee's meeting came to. They are no letter to an applicant, so
    names and votes are in them. A draft has no approver and no checkpoint, and has not ended.
    """

    reference: str
    title: str
    pool_name: str
    authority_name: str
    authority_address: list[str]
    committee_name: str
    held_on: str
    began: str
    ended: str
    place: str
    is_online: bool
    present: list[Seated]
    absent: list[Seated]
    has_quorum: bool
    points: list[AgendaPoint]
    adopted: list[AdoptedAllocation]
    text: str
    approver_name: str
    approver_is_chair: bool
    checkpoint: str
    currency: str
    contact: Contact
    issued_on: str
    code: str
    verify_url: str


SHAPES: dict[str, Any] = {
    AWARD: AwardFacts,
    PARTIAL_AWARD: AwardFacts,
    REJECTION: RejectionFacts,
    CHANGE: ChangeFacts,
    MINUTES: MinutesFacts,
}


def write(kind: str, language: str, facts: Mapping[str, Any]) -> str:
    """A whole HTML document. ValueError if a fact is missing or unknown, or a reason is empty."""
    if kind not in SHAPES or language not in LOCALES:
        raise ValueError(f"No letter of kind {kind!r} in {language!r}")
    if problems := list(_problems(kind, facts)):
        raise ValueError(f"A letter of kind {kind}: {', '.join(problems)}")
    with translation.override(language):
        return render_to_string(f"letters/{language}/{kind}.html", _in_words(facts, language))


def _problems(kind: str, facts: Mapping[str, Any]) -> Iterator[str]:
    shape = SHAPES[kind]
    yield from (f"{name} is missing" for name in sorted(shape.__required_keys__ - facts.keys()))
    yield from (
        f"{name} is unknown" for name in sorted(facts.keys() - shape.__annotations__.keys())
    )
    if facts.get("recommended", "") not in ("full", "less", "none", ""):
        yield f"recommended is {facts['recommended']!r}"
    needed = _needed(kind, facts)
    yield from (f"{name} is empty" for name in needed if _is_empty(facts.get(name)))


def _needed(kind: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The reasons that must not be empty."""
    if kind == CHANGE:
        return () if facts.get("is_granted") else NEEDED_FOR_A_REFUSED_CHANGE
    return () if kind in (AWARD, MINUTES) else NEEDED_FOR_A_NO


def _is_empty(fact: Any) -> bool:
    """Nothing to read: blank text, or a part of it blank."""
    if isinstance(fact, Mapping):
        return any(_is_empty(part) for part in fact.values())
    if isinstance(fact, list):
        return not fact or any(_is_empty(part) for part in fact)
    return not (fact or "").strip()


def _in_words(facts: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The facts with each amount and date as it is read."""

    def told(name: str, fact: Any) -> Any:
        if isinstance(fact, Mapping):
            return {key: told(key, part) for key, part in fact.items()}
        if isinstance(fact, list):
            return [told(name, part) for part in fact]
        if name.startswith("amount"):
            return _money(fact, facts["currency"], language)
        return _day(fact, language) if name.endswith(("_on", "_by", "when")) else fact

    return {name: told(name, fact) for name, fact in facts.items()}


def _money(amount: int, currency: str, language: str) -> str:
    pattern, locale = MONEY[language], LOCALES[language]
    return str(format_currency(Decimal(amount) / 100, currency, pattern, locale=locale))


def _day(text: str, language: str) -> str:
    """A date in words; what is no date is words already."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return str(format_date(day, "long", locale=LOCALES[language]))
