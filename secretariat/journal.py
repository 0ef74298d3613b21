"""A case's journal: its log in plain words, with who, when, and from what to what."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from grants.pools.money import money
from workflows.lifecycle import ApplicationStatus, PayoutStatus, ReportStatus
from workflows.models import LogEntry

# What the log calls a thing that happened -> what a person reads. In the order of a case's life.
SENTENCES = {
    "application": {
        "begin": _("Draft begun"),
        "answers_saved": _("Answers saved"),
        "protection_said": _("It was said anew whether name and address are protected"),
        "language_chosen": _("The contact chose another language"),
        "attached": _("File attached"),
        "attachment_removed": _("File removed"),
        "submit": _("Application sent"),
        "ask_for_more": _("Asked for more information, answer by %(answer_by)s"),
        "resubmit": _("Answered, and sent again"),
        "accept_for_review": _("Found ready for the committee"),
        "open_review": _("Opened for the committee"),
        "declared": _("A member answered about conflicts"),
        "recused": _("A member stood aside"),
        "recused_by_ruling": _("A member has to stand aside"),
        "doubt_settled": _("It was settled whether a member can take part"),
        "substitute_called": _("A substitute was called in"),
        "vote_cast": _("A vote was cast"),
        "vote_changed": _("A vote was changed"),
        "meeting_demanded": _("A member demanded a meeting"),
        "members_reminded": _("Members were reminded that the vote closes soon"),
        "remark_written": _("A member wrote in the committee's discussion"),
        "question_asked": _("A member asked the secretariat"),
        "question_answered": _("The secretariat answered the committee's question"),
        "vote_closed": _("The vote closed"),
        "put_on_agenda": _("Put on the agenda of a meeting"),
        "vote_taken_anew": _("The vote was taken anew in a meeting"),
        "item_noted": _("What was said in the meeting was written down"),
        "quorum_missing": _("The time to vote ended without a quorum"),
        "doubt_left": _("The time to vote ended before a doubt was settled"),
        "recommend": _("Recommended: %(amount)s"),
        "decide": _("Decision recorded: %(amount)s"),
        "reopen_decision": _("Decision taken back before anybody was told"),
        "award": _("Grant announced: %(amount)s"),
        "reject": _("Rejection announced"),
        "accept_grant": _("The applicant said yes"),
        "decline_grant": _("The applicant said no"),
        "lapse": _("The grant lapsed"),
        "withdraw": _("Application withdrawn"),
        "draft_emptied": _("The draft was never sent, and was emptied"),
        "complete": _("Case closed"),
        "reclaim": _("Reclaimed: %(amount)s"),
        "reopen": _("Case taken up again"),
        "account_named": _("Bank account named, version %(version)s"),
        "member_invited": _("Somebody was invited to the team"),
        "member_changed": _("What somebody on the team may do was changed"),
        "member_left": _("Somebody left the team"),
        "member_removed": _("The contact took somebody off the team"),
        "contact_offered": _("Somebody on the team was asked to be the contact"),
        "contact_declined": _("The contact stays as it was"),
        "contact_handed_over": _("Somebody else is the contact now"),
        "guardian_named": _("A guardian was named"),
        "guardian_asked": _("A guardian was sent a link"),
        "guardian_removed": _("A guardian with a wrong address was taken off the list"),
        "custody_said": _("It was said whether two share the custody"),
        "consent_given": _("A guardian gave consent"),
        "consent_withdrawn": _("A guardian took the consent back"),
        "consent_outdated": _("The text was changed, so an earlier consent no longer counts"),
        "noted": _("Note written"),
        "heard": _("Hearing opened, answer by %(answer_by)s"),
        "hearing_answered": _("Hearing answered"),
        "photo_agreed": _("Everybody in a photo has said yes to it"),
        "change_asked": _("A change was asked for"),
        "change_made": _("The budget was changed within what is free"),
        "change_granted": _("A change was granted"),
        "change_refused": _("A change was refused"),
        "reminded": _("Reminded of what is due on %(due_on)s"),
        "repayment_asked": _("Asked to pay back %(amount)s by %(due_on)s"),
        "repayment_settled": _("Paid back: %(amount)s on %(paid_on)s"),
    },
    "allocation": {
        "proposed": _("An allocation was laid before the committee: %(amount)s"),
        "moved": _("%(reference)s was moved in the allocation: %(amount)s"),
        "dropped": _("An allocation was taken back"),
        "adopted": _("The committee adopted an allocation: %(amount)s"),
    },
    "pool": {
        "posts_kept": _("A member wrote down where else they work or have a say"),
    },
    "meeting": {
        "meeting_called": _("Meeting called"),
        "meeting_moved": _("Meeting moved"),
        "meeting_cancelled": _("Meeting cancelled"),
        "meeting_opened": _("Meeting opened"),
        "attendance_noted": _("Written down who was at the meeting"),
        "meeting_ended": _("Meeting ended"),
        "minutes_saved": _("Draft of the minutes saved"),
        "minutes_approved": _("Minutes approved"),
        "minutes_archived": _("Minutes kept as PDF"),
    },
    "payout": {
        "begin": _("Payout planned: %(amount)s"),
        "approve": _("Payout approved: %(amount)s"),
        "unapprove": _("Approval of a payout removed"),
        "send": _("Payout sent to the bank in %(batch)s: %(amount)s"),
        "confirm": _("Paid out: %(amount)s on %(paid_on)s"),
        "bounce": _("Payout returned by the bank: %(amount)s"),
        "cancel": _("Payout cancelled"),
    },
    "finalreport": {
        "begin": _("Final report begun"),
        "report_saved": _("Final report saved"),
        "submit": _("Final report sent"),
        "return_report": _("Final report sent back"),
        "approve_report": _("Final report approved"),
    },
}
STATUSES = {
    "application": ApplicationStatus,
    "payout": PayoutStatus,
    "finalreport": ReportStatus,
}
# What is done again and again: told once, with how many times.
SMALL = {"answers_saved", "report_saved", "language_chosen", "attached"}


# While a vote is open nobody is told who has voted: these tell it by being there at all,
TELLS_WHO_VOTED = {"vote_cast", "vote_changed", "remark_written", "members_reminded"}
# and these by who did it, since only those who have voted can.
MEMBERS_CAN = {"question_asked", "noted"}


@dataclass(frozen=True)
class Seal:
    """On a case whose vote is not closed: from when, and the codes of those who can vote."""

    since: datetime | None
    members: frozenset[str] = frozenset()

    def hides(self, row):
        return self._is_on(row.at) and row.event in TELLS_WHO_VOTED

    def keeps_name(self, actor, at):
        return self._is_on(at) and actor in self.members

    def _is_on(self, at):
        return self.since is not None and at >= self.since


def seal_on(application):
    """Without a moment where no vote is open. A vote that the case left is never opened."""
    window = application.vote_windows.filter(closed_at=None).select_related("committee").first()
    if window is None:
        return Seal(None)
    members = window.committee.members.values_list("user", flat=True)
    return Seal(window.opened_at, frozenset(f"user:{number}" for number in members))


A_MEMBER = _("A member of the committee")


@dataclass
class Entry:
    """One thing that happened: when, what, by whom, and a line more about it."""

    at: datetime
    what: str
    who: str
    note: str = ""
    event: str = ""
    times: int = 1


def journal(application, *, names_applicant=True):
    """The case's entries, the newest first.

    names_applicant: whether the reader may know who they are; a protected name is kept otherwise.
    """
    seal = seal_on(application)
    log = LogEntry.objects.filter(stream=application.stream).order_by("number")
    rows = [row for row in log if not seal.hides(row)]
    names = _names(rows)
    if application.applicant.is_protected and not names_applicant:
        names |= dict.fromkeys(_actors_of_the_applicant(application, rows), application.name_shown)
    notes = {note.pk: note.text for note in application.notes.all()}
    told = []
    for row in rows:
        entry = _entry(row, names, notes, application.currency)
        if row.event in MEMBERS_CAN and seal.keeps_name(row.actor, row.at):
            entry.who = A_MEMBER
        if told and row.event in SMALL and (told[-1].event, told[-1].who) == (row.event, entry.who):
            told[-1].at, told[-1].times = entry.at, told[-1].times + 1
            told[-1].note = ngettext("%(count)s time", "%(count)s times", told[-1].times) % {
                "count": told[-1].times
            }
        else:
            told.append(entry)
    return told[::-1]


def _entry(row, names, notes, currency):
    return Entry(
        at=row.at,
        what=said(row, currency),
        who=names.get(row.actor, row.actor),
        note="\n".join(filter(None, [_moved(row), notes.get(row.facts.get("note"), "")])),
        event=row.event,
    )


def said(row, currency):
    """What an entry tells, in words; its code where it has none."""
    sentences = SENTENCES.get(row.subject.partition(":")[0], {})
    sentence = sentences.get(row.event, row.event.replace("_", " "))
    return str(sentence) % _Told(row.facts, currency)


def _moved(row):
    """ "Received → Ready for the committee"; nothing where no status changed."""
    subject = row.subject.partition(":")[0]
    if subject not in STATUSES or not row.from_status or row.from_status == row.to_status:
        return ""
    labels = [STATUSES[subject](status).label for status in (row.from_status, row.to_status)]
    return " → ".join(str(label) for label in labels)


def _names(rows):
    """{actor code: name}; one query however many people there are."""
    numbers = {row.actor: row.actor.partition(":")[2] for row in rows}
    people = User.objects.in_bulk([int(number) for number in numbers.values() if number])
    named = {code: str(people[int(number)]) for code, number in numbers.items() if number}
    return named | {"system": gettext("The system")}


def _actors_of_the_applicant(application, rows):
    """The codes of the contact, the guardians, and whoever has been on the team."""
    people = [application.contact_id]
    people += [member.user_id for member in application.team.all()]
    people += [guardian.user_id for guardian in application.applicant.guardians.all()]
    have_been = {row.facts.get("person") or row.facts.get("before") for row in rows}
    return [*[f"user:{number}" for number in people], *filter(None, have_been)]


class _Told(dict):
    """The facts of an entry as they are read: money as money, dates as dates, else as they are."""

    def __init__(self, facts, currency):
        super().__init__(facts)
        self.currency = currency

    def __missing__(self, key):
        return "?"

    def __getitem__(self, key):
        value = super().__getitem__(key)
        if key == "amount" and isinstance(value, int):
            return money(value, self.currency)
        if key.endswith(("_on", "_by")) and value != "?":
            return date_format(date.fromisoformat(value), "DATE_FORMAT")
        return value
