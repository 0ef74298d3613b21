"""How long what is kept, and why: one table for the privacy notice, for my data and for closing."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from workflows import clock
from workflows.lifecycle import ApplicationStatus as S
from workflows.models import LogEntry

# Nothing more happens to such a case unless it is taken up again.
OVER = (S.REJECTED, S.LAPSED, S.COMPLETED, S.WITHDRAWN, S.RECLAIMED)

MONTHS_OF_A_DRAFT = 6
YEARS_AFTER_A_NO = 2
FINANCIAL_YEARS = 5


@dataclass(frozen=True)
class Rule:
    """What is kept, how long, why, and the source of that."""

    what: str
    how_long: str
    why: str
    source: str


NEVER_SENT = Rule(
    _("A draft that was never sent"),
    _(
        "Until you close your account, and at most six months after the call has closed. If the"
        " call has no deadline: six months after you last wrote in it. We write to you before."
    ),
    _("It is yours alone: nobody has decided anything about it."),
    _("The data protection regulation, article 5 (1) (e)"),
)
NO_GRANT = Rule(
    _("An application that was sent and got no grant"),
    _(
        "Two years after the case has ended. Then the secretariat decides with the archive whether"
        " it can go."
    ),
    _("You and others can complain or ask for the case, and we have to be able to explain it."),
    _("The public administration act, § 9"),
)
GRANT = Rule(
    _("A case with a grant: decision, bank account, payouts and report"),
    _(
        "Five full financial years after the year in which the case has ended. Then the secretariat"
        " decides with the archive whether it can go."
    ),
    _("It is public money. What was paid to whom has to be shown to auditors."),
    _("The bookkeeping act, § 12"),
)
GUARDIAN = Rule(
    _("A consent that you have given as parent or guardian"),
    _("As long as the case that it was given to."),
    _("It shows that the grant could be accepted by somebody under 18."),
    _("The guardianship act, § 1 and § 2"),
)
OFFICE = Rule(
    _("What you have decided, assessed, voted, written or paid for the pool"),
    _("As long as the cases in which it was."),
    _("A decision has to show who made it."),
    _("The public administration act, § 32 b"),
)
LOG = Rule(
    _("The log of what was done when, by a number and without names"),
    _("As long as the pool exists."),
    _("It shows that nothing has been changed afterwards. It has no personal words in it."),
    _("The data protection regulation, article 5 (1) (f)"),
)
LOGIN = Rule(
    _("Your e-mail address, your language, how you want to be told, and who you apply as"),
    _("Until you close your account."),
    _("You log in with it, we write to you, and you need not fill it in each time."),
    _("The data protection regulation, article 6 (1) (e)"),
)
TABLE = (LOGIN, NEVER_SENT, NO_GRANT, GRANT, GUARDIAN, OFFICE, LOG)


def goes_on(draft):
    """The day on which a draft that is never sent goes (a date): six months after its call closes.

    A rolling call does not close: six months after somebody last wrote in it.
    """
    began = (draft.call.closes_at or draft.written_at).astimezone(clock.LOCAL).date()
    years, months = divmod(began.month - 1 + MONTHS_OF_A_DRAFT, 12)
    year, month = began.year + years, months + 1
    return date(year, month, min(began.day, monthrange(year, month)[1]))


@dataclass(frozen=True)
class Kept:
    """A case that stays when the account goes: by which rule, and at least until which day."""

    reference: str
    title: str
    rule: Rule
    until: date


def kept(application):
    """How long a case that was sent stays if it ends today, or has ended. Kept."""
    rule = GRANT if application.grants.exists() else NO_GRANT
    ended = _ended_on(application)
    if rule is GRANT:
        until = date(ended.year + FINANCIAL_YEARS, 12, 31)
    else:  # from 29 February to 28 February
        until = date(ended.year + YEARS_AFTER_A_NO, ended.month, min(ended.day, 28))
    return Kept(application.reference, application.title, rule, until)


def _ended_on(application):
    """The day on which its status was last changed, by its log."""
    if application.status not in OVER:
        return clock.today()
    moved = LogEntry.objects.filter(stream=application.stream).exclude(to_status="")
    return moved.latest("number").at.astimezone(clock.LOCAL).date()
