"""What a meeting is about, who is there, and what of it somebody may read."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from committee import allocation, findings, reasons, tally
from committee.meetings import agenda
from committee.meetings.models import AgendaItem
from committee.review import queries as review
from committee.review.models import Recusal, Substitution, VoteWindow
from committee.seats.models import Member
from committee.seats.permissions import seats_today
from committee.votes import queries as votes
from grants.applications.models import Application
from grants.pools.money import money
from workflows import clock
from workflows.lifecycle import ApplicationStatus

# Until one of the others nobody but those entitled may know how it goes.
NOT_TOLD = {
    ApplicationStatus.ELIGIBLE,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RECOMMENDED,
    ApplicationStatus.DECIDED,
}


# --- What can be talked about ---------------------------------------------------------------


@dataclass(frozen=True)
class Candidate:
    """A closed vote that waits. why: what puts it on the agenda, of AgendaItem.Why, or ""."""

    window: VoteWindow
    why: str
    is_shut: bool

    @property
    def application(self):
        return self.window.application

    @property
    def why_label(self):
        return AgendaItem.Why(self.why).label if self.why else ""


def candidates(committee, reader):
    """The Candidates of the committee, what belongs on an agenda first, in the order to talk.

    A vote that is still open is never looked into, so what is decided by it comes later. What is
    shut to the reader is in it too: the rules put it on the agenda, and nobody has to look.
    """
    waiting = list(
        votes.windows()
        .filter(
            committee=committee,
            closed_at__isnull=False,
            recommendation=None,
            followed_by=None,
            application__status=ApplicationStatus.IN_REVIEW,
        )
        .exclude(application__agenda_items__in=_to_come(committee))
        .prefetch_related("application__municipal_parts__municipality")
    )
    whys = _whys([window for window in waiting if not (window.met_at or window.follows_id)])
    cases = [window.application_id for window in waiting]
    closed_to = _own(reader, cases) | _aside(reader, cases)
    places = {reference: place for place, reference in enumerate(whys)}
    waiting.sort(
        key=lambda each: (places.get(each.application.reference, len(places)), each.closed_at)
    )
    return [
        Candidate(
            window,
            whys.get(window.application.reference, ""),
            window.application_id in closed_to or not _is_clear(window, reader),
        )
        for window in waiting
    ]


def _to_come(committee):
    """What stands on the agenda of a meeting that has not ended."""
    return AgendaItem.objects.filter(
        meeting__committee=committee, meeting__cancelled_at=None, meeting__ended_at=None
    )


def _whys(windows):
    """{reference: why} of what belongs on an agenda, in the order to talk."""
    closed = [
        agenda.Closed(
            id=window.application.reference,
            result=tally.tally(votes.poll(window)),
            threshold=_threshold(window),
            is_demanded=votes.waits_for_a_meeting(window),
        )
        for window in windows
    ]
    together = defaultdict(list)
    for window in windows:
        if votes.waits_for_an_allocation(window):
            together[window.application.call].append(window)
    around = [agenda.around_the_line(_ranked(call, each)) for call, each in together.items()]
    return {each.id: each.why for each in agenda.proposed(closed, frozenset().union(*around))}


def _ranked(call, windows):
    """The call's closed votes by ranking, against the money that is left."""
    terms = allocation.Terms(
        budget=max(votes.left_of(call), 0), threshold=max(map(_threshold, windows))
    )
    return allocation.allocate("ranked", [votes.tallied(each) for each in windows], {}, terms)


def _threshold(window):
    return Fraction(window.procedure.threshold) if window.weights else Fraction(0)


# --- What of it somebody may read -----------------------------------------------------------


def _is_clear(window, reader):
    """Whether the case is open to the reader: to those who may vote on it, and to caseworkers."""
    if reader.member is None:
        return True
    return review.bench(window).state_of(reader.member) == "clear"


def _own(reader, applications):
    """The ids of those that the user has a part in."""
    user = reader.user
    part = Q(contact=user) | Q(team__user=user) | Q(consents__guardian__user=user)
    found = Application.objects.filter(part, pk__in=applications)
    return set(found.values_list("pk", flat=True))


def _aside(reader, applications):
    """The ids of those that the user stands aside from: also with a seat that has ended."""
    found = Recusal.objects.filter(member__user=reader.user, application__in=applications)
    return set(found.values_list("application", flat=True))


@dataclass(frozen=True)
class Ballot:
    """One vote, by name. amount: øre, 0 for none. mean: of its scores, as text or ""."""

    member: Member
    choice: str
    choice_label: str
    amount: int
    mean: str
    is_changed: bool


@dataclass(frozen=True)
class Result:
    """What a closed vote came to."""

    window: VoteWindow
    tally: tally.Tally

    @property
    def recommended(self):
        return self.tally.recommended

    @property
    def young(self):
        return _mean(self.tally.score.young)

    @property
    def staff(self):
        return _mean(self.tally.score.staff)

    @property
    def both(self):
        return _mean(self.tally.score.weighted)

    @property
    def sentences(self):
        currency = self.window.application.currency
        told = findings.sentences(
            self.tally, votes.rules(self.window), lambda amount: money(amount, currency)
        )
        return list(told.values())


def _mean(fraction):
    return "" if fraction is None else reasons.mean(str(fraction))


@dataclass(frozen=True)
class Point:
    """An item of the agenda as somebody may read it.

    is_shut: nothing but title and applicant; is_outside: not even these, for a substitute who is
    not called in for it. before: the vote that put it on the agenda. anew: the one taken anew in
    this meeting, open or closed. names: whether votes are told by name, never secret ones.
    """

    item: AgendaItem
    people: dict[int, Member]
    before: VoteWindow
    anew: VoteWindow | None
    is_shut: bool = False
    is_outside: bool = False
    is_entitled: bool = False

    @property
    def application(self):
        return self.item.application

    @property
    def title(self):
        return _("Another application") if self.is_outside else self.application.title

    @property
    def applicant(self):
        return "" if self.is_outside else self.application.name_shown

    @property
    def is_told(self):
        """Whether the applicant has the answer, so that nothing is kept from the committee."""
        return self.application.status not in NOT_TOLD

    @property
    def is_open(self):
        """Whether the vote is being taken anew now."""
        return self.anew is not None and self.anew.closed_at is None

    @property
    def is_secret(self):
        return self.before.procedure.is_secret

    @property
    def names(self):
        """By name only to those who may vote on it themselves."""
        return self.is_entitled and not self.is_secret

    @cached_property
    def aside(self):
        """The members who stand aside, and leave while it is talked about."""
        return list(review.bench(self.anew or self.before).aside.values())

    @cached_property
    def result(self):
        """What it came to before the meeting."""
        return Result(self.before, tally.tally(votes.poll(self.before)))

    @cached_property
    def result_anew(self):
        """What the vote taken anew came to; None while it is open, or was not taken."""
        if self.anew is None or self.is_open:
            return None
        return Result(self.anew, tally.tally(votes.poll(self.anew)))

    @cached_property
    def ballots(self):
        """The votes by name, of the vote taken anew if there is one; by seat and name."""
        window = self.anew or self.before
        entitled, rules = votes.poll(window).entitled, votes.rules(window)
        found = [
            self._ballot(vote, rules, self.anew is not None and not vote.is_taken_over)
            for vote in window.votes.all()
            if str(vote.member_id) in entitled
        ]
        return sorted(found, key=lambda each: (each.member.seat != "young", str(each.member)))

    @cached_property
    def changes(self):
        """[(Ballot before or None, Ballot after)]: who voted differently in the meeting."""
        if self.anew is None or self.is_open:
            return []
        before = {vote.member_id: vote for vote in self.before.votes.all()}
        counted, rules = votes.poll(self.anew).entitled, votes.rules(self.anew)
        return [
            (earlier and self._ballot(earlier, rules, False), self._ballot(vote, rules, True))
            for vote in self.anew.votes.all()
            for earlier in [before.get(vote.member_id)]
            if str(vote.member_id) in counted and _differs(earlier, vote)
        ]

    def _ballot(self, vote, rules, is_changed):
        return Ballot(
            member=self.people[vote.member_id],
            choice=vote.choice,
            choice_label=vote.get_choice_display(),
            amount=vote.amount,
            mean=_mean_of(vote, rules),
            is_changed=is_changed,
        )


def _mean_of(vote, rules):
    if vote.choice == "abstain" or not rules.weights:
        return ""
    seat = "young"  # the mean of one ballot hangs on no seat
    ballot = tally.Ballot(str(vote.member_id), seat, vote.choice, vote.amount, vote.scores)
    return _mean(tally.points(ballot, rules))


def _differs(before, after):
    if before is None:
        return True
    return (before.choice, before.amount, before.scores) != (
        after.choice,
        after.amount,
        after.scores,
    )


def points(meeting, reader):
    """The agenda as the reader may read it, in order, in a fixed number of queries.

    What is shut comes last: among the others its place would tell why it is on the agenda.
    reader: a Reader, or None for all of it: what the minutes are made of.
    """
    items = list(
        meeting.items.select_related("application__call__pool", "application__applicant").order_by(
            "position", "id"
        )
    )
    cases = [item.application_id for item in items]
    windows = defaultdict(list)
    found = votes.windows().select_related("recommendation").filter(application__in=cases)
    for window in found:
        windows[window.application_id].append(window)
    members = meeting.committee.members.select_related("user")
    people = {member.pk: member for member in members}
    own = _own(reader, cases) if reader else set()
    aside = _aside(reader, cases) if reader else set()
    until = meeting.ended_at or clock.now()
    told = []
    for item in items:
        of_item = windows[item.application_id]
        anew = next((each for each in of_item if each.pk == item.window_id), None)
        before = next(each for each in of_item if _came_before(each, anew, until))
        rights = _rights(item.application, of_item[0], reader, own, aside) if reader else {}
        told.append(Point(item, people, before, anew, **rights))
    return sorted(told, key=lambda point: point.is_shut)


def _rights(application, window, reader, own, aside):
    """What of an item the reader may not read; all may once the applicant has been told.

    Nobody ever reads how their own application went in here.
    """
    state = review.bench(window).state_of(reader.member) if reader.member else "clear"
    is_clear = state == "clear" and application.pk not in own | aside
    is_told = application.status not in NOT_TOLD
    return {
        "is_shut": not is_clear and (application.pk in own or not is_told),
        "is_outside": state == "outside" and not is_told,
        "is_entitled": is_clear and reader.member is not None,
    }


def _came_before(window, anew, until):
    """Whether the window, the newest first, is the one that the meeting began with."""
    if anew is not None:
        return window.pk == anew.follows_id
    return window.closed_at is not None and window.closed_at <= until


def point_of(meeting, reader, pk):
    """One Point of the agenda, or None."""
    return next((each for each in points(meeting, reader) if each.item.pk == pk), None)


def can_be_taken_anew(point):
    """Whether the vote on the item has led to nothing yet, so that it can be taken again."""
    return (
        point.anew is None
        and point.application.status == ApplicationStatus.IN_REVIEW
        and point.before.recommendation_id is None
    )


def approvers(meeting):
    """The members who can approve the minutes.

    The chair; those who were there and may read all of it where the chair may not; and the chair
    all the same where nobody may.
    """
    found = points(meeting, None)
    chair = [seat for seat in called(meeting) if seat.is_chair]
    if chair and _reads_all(found, chair[0]):
        return chair
    others = [member for member in attending(meeting).present if _reads_all(found, member)]
    return others or chair


def _reads_all(found, member):
    return all(
        point.is_told or review.bench(point.anew or point.before).state_of(member) == "clear"
        for point in found
    )


# --- Who is there ---------------------------------------------------------------------------


def day_has_come(meeting):
    """Whether it is the meeting's day, or later: not before can it be opened."""
    return clock.today() >= timezone.localtime(meeting.starts_at, clock.LOCAL).date()


@dataclass(frozen=True)
class Attending:
    """Who could come, and who came: [(member, whether present, or None)]."""

    rows: list
    quorum: tally.Quorum | None

    @property
    def is_noted(self):
        return any(is_present is not None for _member, is_present in self.rows)

    @property
    def present(self):
        return [member for member, is_present in self.rows if is_present]

    @property
    def absent(self):
        """Of a substitute it is only said that they came."""
        return [
            member
            for member, is_present in self.rows
            if not is_present and not member.is_substitute
        ]

    @property
    def missing(self):
        """What a quorum lacks, in words about people."""
        if self.quorum is None or self.quorum.is_met:
            return ""
        return _("It takes %(missing)s more, of them %(young)s young and %(staff)s staff.") % {
            "missing": self.quorum.missing,
            "young": self.quorum.missing_young,
            "staff": self.quorum.missing_staff,
        }


def attending(meeting):
    """The Attending of the meeting: the seats, and the substitutes called in for its items."""
    noted = {row.member_id: row for row in meeting.attendances.select_related("member__user")}
    people = {pk: row.member for pk, row in noted.items()}
    if not meeting.ended_at:
        people |= {seat.pk: seat for seat in called(meeting)}
    rows = [
        (member, noted[member.pk].is_present if member.pk in noted else None)
        for member in sorted(people.values(), key=_by_seat)
    ]
    return Attending(rows, _quorum(meeting.committee, rows))


def _by_seat(member):
    return (member.is_substitute, not member.is_chair, member.seat != "young", str(member))


def called(meeting):
    """The seats that the meeting is for, with their users."""
    of_items = Substitution.objects.filter(application__agenda_items__meeting=meeting)
    return list(
        seats_today()
        .filter(
            Q(is_substitute=False) | Q(pk__in=of_items.values("substitute")),
            committee=meeting.committee,
        )
        .select_related("user")
    )


def _quorum(committee, rows):
    """By the committee's own rules; who is there takes part, as one who abstains does.

    A substitute who came fills the place of a member with the same kind of seat who did not.
    """
    procedure = committee.procedure()
    seats = [member for member, _is_present in rows if not member.is_substitute]
    if procedure is None or not seats:
        return None
    filled = []
    for kind in Member.Seat.values:
        places = [seat for seat in seats if seat.seat == kind]
        came = sum(bool(is_present) and member.seat == kind for member, is_present in rows)
        filled += places[:came]
    poll = tally.Poll(
        ballots=tuple(tally.Ballot(str(seat.pk), seat.seat, "abstain") for seat in filled),
        seats={str(seat.pk): seat.seat for seat in seats},
        rules=votes.rules(VoteWindow(procedure=procedure, weights={})),
        applied_for=1,
        least_workable=1,
    )
    return tally.tally(poll).quorum
