"""What a member finds on the desk, on the paper beside a case, and once its vote is closed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from committee import tally
from committee.findings import sentences, what_is_missing
from committee.reasons import mean
from committee.review import queries as review
from committee.review.models import VoteWindow
from committee.seats.models import Member
from committee.votes import queries as votes
from committee.votes.models import Vote
from grants.applications.models import Application
from grants.decisions.models import Decision
from grants.pools.money import money
from workflows.lifecycle import ApplicationStatus

S = ApplicationStatus
# Nobody outside knows yet how these end.
UNTOLD = [S.IN_REVIEW, S.RECOMMENDED, S.DECIDED]
# The applicant has had the answer.
TOLD = [S.AWARDED, S.REJECTED, S.ACCEPTED, S.LAPSED, S.COMPLETED, S.RECLAIMED]

ORDER = ["undeclared", "todo", "done", "unsure", "waiting", "recused", "closed"]
A_PAGE = 25


@dataclass(frozen=True)
class Row:
    """An application on a member's desk. What is shut shows its title and applicant, no more.

    state: one of ORDER. code: the status component's. window: None for what is shut.
    result: what the vote came to, for those who may know it.
    """

    application: Application
    state: str
    code: str
    label: str
    window: VoteWindow | None = None
    missing: tuple[str, ...] = ()
    result: str = ""

    @property
    def is_overdue(self):
        return votes.is_overdue(self.window)

    @property
    def place(self):
        """What is left for me first, then what closes first. What is shut tells no time."""
        shut = self.window is None
        closes = 0 if shut else self.window.closes_at.timestamp()
        return (ORDER.index(self.state), shut, closes, self.application.pk)


@dataclass(frozen=True)
class Desk:
    """All that is with the member's committees, and a page of what they have done before."""

    rows: tuple[Row, ...]
    told: tuple[Row, ...] = ()
    page: Page | None = None

    def of(self, *states):
        return [row for row in self.rows if row.state in states]

    @cached_property
    def undeclared(self):
        """The rows that await the member's word about conflicts."""
        return self.of("undeclared")

    @cached_property
    def left(self):
        """The rows that await the member's vote."""
        return self.of("todo")

    @cached_property
    def done(self):
        return self.of("done")

    @cached_property
    def waiting(self):
        return self.of("unsure", "waiting")

    @cached_property
    def aside(self):
        return self.of("recused")

    @cached_property
    def closed(self):
        return self.of("closed")

    @cached_property
    def undone(self):
        """How many await the member, one way or the other."""
        return len(self.undeclared) + len(self.left)

    @cached_property
    def total(self):
        return self.undone + len(self.done)

    @cached_property
    def open(self):
        """The cases that take the member's vote, voted or not: an order that voting leaves."""
        return sorted(self.left + self.done, key=lambda row: row.place[1:])

    def beside(self, application):
        """(the open case before, the one after); None where there is none."""
        cases = [row.application for row in self.open]
        if application not in cases:
            return None, None
        here = cases.index(application)
        return (cases[here - 1] if here else None), next(iter(cases[here + 1 :]), None)

    def next_left(self, application):
        """The case that awaits the member's vote after this one, from the first again; or None."""
        left = [row.application for row in self.open if row.state == "todo"]
        order = [row.application.pk for row in self.open]
        here = order.index(application.pk) if application.pk in order else -1
        later = [each for each in left if order.index(each.pk) > here]
        return next(iter(later + left), None)


def desk(seats, page=None):
    """The desk of a member with these seats; with a page's number, that page of what is told too.

    The number of queries does not depend on the rows.
    """
    mine = {seat.committee_id: seat for seat in seats}
    told = Paginator(_told(seats), A_PAGE).get_page(page) if page is not None else None
    wanted = Q(committee__in=mine, application__status__in=UNTOLD, pk=_newest())
    if told:
        wanted |= Q(pk__in=told.object_list)
    here = votes.windows().filter(wanted).select_related("recommendation").annotate(given=_given())
    rows = [_row(window, mine[window.committee_id]) for window in here]
    rows = sorted(filter(None, rows), key=lambda row: row.place)
    is_told = {row: row.application.status in TOLD for row in rows}
    return Desk(
        rows=tuple(row for row in rows if not is_told[row]),
        told=tuple(sorted((row for row in rows if is_told[row]), key=_latest_first)),
        page=told,
    )


def _newest():
    """Of an application that was voted on twice, the second vote."""
    of_it = VoteWindow.objects.filter(application=OuterRef("application"))
    return Subquery(of_it.order_by("-opened_at", "-id").values("pk")[:1])


def _given():
    """What the applicant was told that they get, in øre."""
    told = Decision.objects.filter(
        application=OuterRef("application"), withdrawn_at=None, announced_at__isnull=False
    )
    return Subquery(told.values("amount_awarded")[:1])


def _told(seats):
    """The windows whose applicant has been told, newest first: a list of their keys."""
    regular = [seat.committee_id for seat in seats if not seat.is_substitute]
    found = VoteWindow.objects.filter(
        Q(committee__in=regular) | Q(application__substitutions__substitute__in=seats),
        closed_at__isnull=False,
        application__status__in=TOLD,
        pk=_newest(),
    )
    return list(found.order_by("-closed_at", "-pk").distinct().values_list("pk", flat=True))


def _latest_first(row):
    return -row.application.pk


def _row(window, member):
    """None for what is not the member's: of a substitute who is not called in."""
    state, application = review.bench(window).state_of(member), window.application
    if state == "outside":
        return None
    if application.status in TOLD:
        return _told_row(window, state)
    # That the vote is closed is not for who stands aside: the row stays as it is until then.
    if state == "recused":
        return Row(application, "recused", "recused", _("You stand aside"))
    if window.closed_at or application.status != S.IN_REVIEW:
        return _closed_row(window, state)
    if state == "undeclared":
        return Row(application, "undeclared", "todo", _("Say whether you have a conflict"))
    if state == "unsure":
        return Row(application, "unsure", "waiting", _("Waits until your doubt is settled"))
    if not votes.takes_votes(window):
        return Row(application, "waiting", "waiting", _("Being counted"), window)
    if window.is_in_a_meeting:
        return Row(application, "waiting", "waiting", _("Taken anew in a meeting"), window)
    lacking = tuple(what_is_missing(votes.quorum(window)))
    if votes.vote_of(window, member) is None:
        return Row(application, "todo", "todo", _("Your vote is missing"), window, lacking)
    return Row(application, "done", "done", _("You have voted"), window, lacking)


def _closed_row(window, state):
    if state != "clear":
        return Row(window.application, "closed", "closed", _("The vote is closed"))
    code, label = {
        "meeting": ("waiting", _("Waits for a meeting")),
        "allocation": ("waiting", _("Waits for the allocation")),
        "": ("closed", _("With the secretariat")),
    }[waits_for(window)]
    return Row(window.application, "closed", code, label, window, result=recommended(window))


def _told_row(window, state):
    application = window.application
    code, label = "rejected", _("Rejected")
    if window.given:
        code, amount = "awarded", money(window.given, application.currency)
        label = _("Awarded: %(amount)s") % {"amount": amount}
    if state != "clear":
        return Row(application, "closed", code, label)
    return Row(application, "closed", code, label, window, result=recommended(window))


def waits_for(window) -> Literal["", "meeting", "allocation"]:
    """What a closed vote waits for before it is recommended."""
    if not window.closed_at or window.recommendation_id:
        return ""
    if window.application.status != S.IN_REVIEW:
        return ""
    if votes.waits_for_a_meeting(window):
        return "meeting"
    return "allocation" if votes.waits_for_an_allocation(window) else ""


def recommended(window):
    """What is recommended, in words; "" as long as nothing is."""
    if window.recommendation is None:
        return ""
    amount = window.recommendation.amount
    return money(amount, window.application.currency) if amount else _("A rejection")


# The paper beside the case


def paper_of(window, member):
    """The member's own paper. Where there is none, one that is not saved and says as the vote."""
    paper, vote = votes.assessment_of(window, member), votes.vote_of(window, member)
    if paper.pk is None and vote is not None:
        paper.scores, paper.choice, paper.amount = dict(vote.scores), vote.choice, vote.amount
    return paper


@dataclass(frozen=True)
class Standing:
    """How far a member has come with one paper.

    vote: "missing", "ready" (on the paper, not cast), "cast", or "changed" (since it was cast).
    """

    scored: int
    criteria: int
    vote: Literal["missing", "ready", "cast", "changed"]


def standing(window, paper, vote):
    scores = {key: score for key, score in paper.scores.items() if key in window.weights}
    told = {"scored": len(scores), "criteria": len(window.weights)}
    if vote is not None:
        as_cast = (vote.choice, vote.amount, vote.scores)
        return Standing(**told, vote="cast" if _to_cast(paper, scores) == as_cast else "changed")
    is_ready = _is_ready(window, paper, scores)
    return Standing(**told, vote="ready" if is_ready else "missing")


def _to_cast(paper, scores):
    """What would be cast: only those in favour name an amount, and who abstains scores nothing."""
    amount = (paper.amount or 0) if paper.choice == Vote.Choice.FOR else 0
    return paper.choice, amount, ({} if paper.choice == Vote.Choice.ABSTAIN else scores)


def _is_ready(window, paper, scores):
    if paper.choice in {"", Vote.Choice.ABSTAIN}:
        return bool(paper.choice)
    application = window.application
    names_one = application.least_workable <= (paper.amount or 0) <= application.amount_applied_for
    is_all_scored = scores.keys() == window.weights.keys()
    return is_all_scored and (names_one or paper.choice != Vote.Choice.FOR)


# Once the vote is closed

# Where ballots are secret: of two who have scored, each could work out what the other gave.
FEWEST_IN_A_SECRET_MEAN = 3


@dataclass(frozen=True)
class Line:
    """What a criterion, or all of them, came to, as text. percent: of the best, for a bar."""

    name: str
    weight: int
    young: str
    staff: str
    both: str
    percent: int


@dataclass(frozen=True)
class Ballot:
    """What one member voted. mean: of its scores, weighted, as text; "" for an abstention."""

    member: Member
    vote: Vote
    mean: str


@dataclass(frozen=True)
class Result:
    """What a closed vote came to, for those entitled.

    sentences: of `findings.sentences`. recommended: in words. why: where that is another amount
    than the vote alone came to. lines: the means, none where there are none to show.
    ballots: none where they are secret. waits_for: as of `waits_for`. given: what the applicant
    was told that they get, in øre; None for as long as they do not know.
    """

    window: VoteWindow
    tally: tally.Tally
    sentences: dict[str, str]
    recommended: str
    why: str
    lines: list[Line]
    total: Line | None
    has_blocs: bool
    ballots: list[Ballot]
    waits_for: str
    given: int | None


def result_of(window):
    """The Result of a closed window (one of `votes.windows()`)."""
    poll, rules = votes.poll(window), votes.rules(window)
    counted = tally.tally(poll)
    told = sentences(counted, rules, lambda amount: money(amount, window.application.currency))
    has_blocs = _tells_blocs(window, counted)
    if not has_blocs:
        del told["score"]
        told.pop("disagreement", None)
    lines = _lines(window, counted)
    return Result(
        window=window,
        tally=counted,
        sentences=told,
        recommended=recommended(window),
        why=_why(window, counted),
        lines=lines,
        total=lines and _line(_("All together"), sum(window.weights.values()), counted.score),
        has_blocs=has_blocs,
        ballots=[] if window.procedure.is_secret else _ballots(window, poll, rules),
        waits_for=waits_for(window),
        given=given_to(window.application),
    )


def _why(window, counted):
    """Without figures: what is left in the call would tell what others in it are to get."""
    if window.recommendation is None or window.recommendation.amount == counted.recommended:
        return ""
    if votes.waits_for_an_allocation(window):
        return _("The committee has adopted an allocation of the whole call, which says so.")
    return _("The money that was left in the call does not reach further.")


def _tells_blocs(window, counted):
    if not window.procedure.is_secret:
        return True
    scored = [counted.young_for + counted.young_against, counted.staff_for + counted.staff_against]
    return all(count == 0 or count >= FEWEST_IN_A_SECRET_MEAN for count in scored)


def _lines(window, counted):
    scored = counted.votes_for + counted.votes_against
    fewest = FEWEST_IN_A_SECRET_MEAN if window.procedure.is_secret else 1
    if scored < fewest:
        return []
    return [
        _line(each.name_shown, window.weights[str(each.pk)], counted.criteria[str(each.pk)])
        for each in criteria_of(window)
    ]


def _line(name, weight, means):
    parts = (means.young, means.staff, means.weighted)
    young, staff, both = ("" if each is None else mean(str(each)) for each in parts)
    percent = int((means.weighted or 0) * 100 / tally.BEST)
    return Line(name, weight, young, staff, both, percent)


def _ballots(window, poll, rules):
    means = {
        ballot.member: mean(str(tally.points(ballot, rules)))
        for ballot in poll.counted
        if rules.weights and ballot.choice != Vote.Choice.ABSTAIN
    }
    cast = Vote.objects.filter(window=window, member__in=[each.member for each in poll.counted])
    return [
        Ballot(vote.member, vote, means.get(str(vote.member_id), ""))
        for vote in cast.select_related("member__user").order_by("member__seat", "member_id")
    ]


def criteria_of(window):
    """The criteria that the window is voted on by, in their order."""
    criteria = window.application.call.criteria.all()
    return [criterion for criterion in criteria if str(criterion.pk) in window.weights]


def given_to(application):
    """What the applicant was told that they get, in øre; None for as long as they do not know."""
    if application.status not in TOLD:
        return None
    told = application.decisions.filter(withdrawn_at=None, announced_at__isnull=False)
    return told.values_list("amount_awarded", flat=True).first()
