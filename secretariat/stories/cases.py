"""One application, and what becomes of it."""

from dataclasses import dataclass, field
from enum import IntEnum

from grants.applications.models import Application


class Stage(IntEnum):
    """How far a case gets."""

    DRAFT = 1
    SUBMITTED = 2
    ELIGIBLE = 3
    IN_REVIEW = 4
    RECOMMENDED = 5
    DECIDED = 6
    ANNOUNCED = 7
    ACCEPTED = 8
    PLANNED = 9
    APPROVED = 10
    SENT = 11
    PAID = 12
    REPORT_BEGUN = 13
    REPORTED = 14
    REPORT_APPROVED = 15
    COMPLETED = 16


@dataclass(frozen=True)
class Because:
    """The three parts of a reason: the guideline's paragraph, the criterion's place, the fact."""

    paragraph: str
    criterion: int
    fact: str


@dataclass(frozen=True)
class Told:
    """What a final report says."""

    happened: str
    participants: int
    left_kroner: int = 0


@dataclass(frozen=True)
class Change:
    """What is asked for after the yes: dates or extension, by so many days; without an answer it
    stays open."""

    kind: str
    days: int
    reason: str
    answer: str = ""


@dataclass(eq=False)
class Case:
    """votes: one letter a seat, in the order of the seats: F all of it, L the least that works,
    M midway, N against, A abstains, . has not voted."""

    idea: str
    until: Stage
    votes: str = "FFFFFFFFF"
    because: Because | None = None
    # Another amount than the recommended one, in kroner, and why.
    instead: tuple[int, str] | None = None
    # What the secretariat asks for, and the answer; without an answer it stays open.
    asked: tuple[str, str] | None = None
    recused: dict[str, str] = field(default_factory=dict)
    # What makes a member unsure of a conflict.
    unsure: dict[str, str] = field(default_factory=dict)
    # (who, "remark" or "question", what): said by members who have voted.
    remarks: tuple[tuple[str, str, str], ...] = ()
    note: str = ""
    # withdrawn, turned_down (on formal grounds), declined, lapsed, reclaimed
    ends: str = ""
    # returned (by the bank) or cancelled: the first payout of the case
    trouble: str = ""
    change: Change | None = None
    told: Told | None = None
    sent_back: str = ""
    heard: tuple[str, str] | None = None
    is_overdue: bool = False
    # Its vote is closed, and it waits for the others of its call.
    is_closed: bool = False
    has_consent: bool = True
    caseworker: str = "freja"
    # Days that the whole case, or all from its payout on, is later than the call's calendar.
    later: int = 0
    paid_later: int = 0

    place: int = field(default=0, init=False)
    application: Application | None = field(default=None, init=False)
