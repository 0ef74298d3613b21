"""Calling a meeting, holding it, and writing down what it came to."""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from committee.meetings import minutes, permissions, queries
from committee.meetings.models import AgendaItem, Attendance, Meeting
from committee.review import queries as review
from committee.review.models import VoteWindow
from committee.review.permissions import aside_obstacle
from committee.votes import actions as voting
from committee.votes import queries as votes
from committee.votes.models import Vote
from grants.applications.models import Application
from grants.letters import actions as letters
from grants.letters import outbox
from grants.letters.models import Letter
from workflows import audit, clock
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus
from workflows.machine import Refusal

# A mail about what comes sooner is sent at once also to those who want one mail a day.
A_MAIL_CAN_WAIT = timedelta(days=2)
# A meeting may run late; a vote that was forgotten in it closes so long after.
OVERTIME = timedelta(hours=3)


# --- Calling --------------------------------------------------------------------------------


@transaction.atomic
def call_meeting(committee, *, by, starts_at, ends_at, place="", link="", chosen=()):
    """Call the committee together, and tell its members once. Returns the Meeting.

    chosen: references of closed votes to talk about, each of which `by` may read. What is shut to
    `by` and belongs on the agenda by the rules is put on it too. Raises Refusal for a time that
    has passed.
    """
    meeting = Meeting(committee=committee, called_by=by, place=place, link=link)
    _set_time(meeting, starts_at, ends_at)
    _want_lead(meeting, by)
    meeting.save()
    _put_on(meeting, chosen, by=by, with_what_is_shut=True)
    audit.record(meeting, "meeting_called", by=by, starts_at=starts_at.isoformat())
    _tell(meeting, _called)
    return meeting


@transaction.atomic
def put_on_agenda(meeting, *, by, chosen):
    """Put more on the agenda, also while the meeting is held. Once on it, an item stays."""
    meeting = _lock(meeting, by)
    _want_not_ended(meeting)
    _put_on(meeting, chosen, by=by)


def _put_on(meeting, chosen, *, by, with_what_is_shut=False):
    reader = permissions.reader_of(by, meeting.committee)
    found = queries.candidates(meeting.committee, reader)
    if set(chosen) - {each.application.reference for each in found if not each.is_shut}:
        raise Refusal(_("One of these cannot be talked about any more. Look at the page again."))
    put = [
        each
        for each in found
        if each.application.reference in chosen or (with_what_is_shut and each.is_shut and each.why)
    ]
    placed = list(enumerate(put, start=meeting.items.count() + 1))
    # The numbers of the rows follow the references: in the order to talk they would tell why.
    for position, each in sorted(placed, key=lambda pair: pair[1].application.reference):
        AgendaItem.objects.create(
            meeting=meeting,
            application=each.application,
            position=position,
            why=each.why or AgendaItem.Why.CHOSEN,
        )
        # Why is not for the log of the case: it tells how the vote went.
        audit.record(each.application, "put_on_agenda", by=by, meeting=meeting.pk)


@transaction.atomic
def move_meeting(meeting, *, by, starts_at, ends_at, place="", link=""):
    """Another time or place; the members are told, and their calendars take it over."""
    meeting = _lock(meeting, by)
    _want_not_begun(meeting)
    _set_time(meeting, starts_at, ends_at)
    meeting.place, meeting.link = place, link
    meeting.sequence += 1
    meeting.save(update_fields=["starts_at", "ends_at", "place", "link", "sequence"])
    audit.record(meeting, "meeting_moved", by=by, starts_at=starts_at.isoformat())
    _tell(meeting, _moved)


@transaction.atomic
def cancel_meeting(meeting, *, by):
    """The meeting is not held; the members are told. What is on its agenda waits for another."""
    meeting = _lock(meeting, by)
    _want_not_begun(meeting)
    meeting.cancelled_at = clock.now()
    meeting.sequence += 1
    meeting.save(update_fields=["cancelled_at", "sequence"])
    audit.record(meeting, "meeting_cancelled", by=by)
    _tell(meeting, _cancelled)


def _set_time(meeting, starts_at, ends_at):
    if starts_at <= clock.now():
        raise Refusal(_("Choose a time that lies ahead."))
    if ends_at <= starts_at:
        raise Refusal(_("The meeting has to end after it begins."))
    meeting.starts_at, meeting.ends_at = starts_at, ends_at


# --- Holding it -----------------------------------------------------------------------------


@transaction.atomic
def open_meeting(meeting, *, by):
    """Begin."""
    meeting = _lock(meeting, by)
    _want_not_begun(meeting)
    if not queries.day_has_come(meeting):
        raise Refusal(_("The meeting is on another day. Move it first."))
    meeting.opened_at = clock.now()
    meeting.save(update_fields=["opened_at"])
    audit.record(meeting, "meeting_opened", by=by)


@transaction.atomic
def note_attendance(meeting, *, present, by):
    """Write down who is there. present: members' ids; of all others, that they are not.

    Can be corrected until the minutes are approved.
    """
    meeting = _lock(meeting, by)
    if meeting.opened_at is None:
        raise Refusal(_("Open the meeting first."))
    _want_draft(meeting)
    members = [member.pk for member, _was_present in queries.attending(meeting).rows]
    for member in members:
        Attendance.objects.update_or_create(
            meeting=meeting, member_id=member, defaults={"is_present": member in present}
        )
    audit.record(
        meeting, "attendance_noted", by=by, present=[each for each in members if each in present]
    )


@transaction.atomic
def save_note(item, *, text, by):
    """Write down what was said about one application. Not for who stands aside from it."""
    meeting = _lock(item.meeting, by)
    if meeting.opened_at is None:
        raise Refusal(_("Open the meeting first."))
    _want_draft(meeting)
    _want_open_case(item, by)
    AgendaItem.objects.filter(pk=item.pk).update(note=text.strip())
    audit.record(item.application, "item_noted", by=by, meeting=meeting.pk)


@transaction.atomic
def take_anew(item, *, by):
    """Take the vote on one application anew, openly, beginning with the votes there are.

    A member who is not there keeps the vote given before. Returns the new vote window. Raises
    Refusal outside the meeting, and when the vote has led on already.
    """
    meeting = _lock(item.meeting, by)
    _want_held(meeting)
    _want_open_case(item, by)
    application = Application.objects.select_for_update().get(pk=item.application_id)
    before = votes.window_for(application)
    if application.status != ApplicationStatus.IN_REVIEW or before.recommendation_id:
        raise Refusal(_("The application is not with the committee any more."))
    if before.closed_at is None or AgendaItem.objects.get(pk=item.pk).window_id:
        raise Refusal(_("The vote was taken anew. Look at the page again."), code="faster")
    window = VoteWindow.objects.create(
        application=application,
        committee=before.committee,
        procedure=before.procedure,
        weights=before.weights,
        follows=before,
        closes_at=max(meeting.ends_at, clock.now()) + OVERTIME,
    )
    entitled = review.bench(before).entitled
    Vote.objects.bulk_create(
        Vote(
            window=window,
            member_id=vote.member_id,
            choice=vote.choice,
            amount=vote.amount,
            scores=vote.scores,
            cast_at=vote.cast_at,
            is_taken_over=True,
        )
        for vote in before.votes.all()
        if vote.member_id in entitled
    )
    AgendaItem.objects.filter(pk=item.pk).update(window=window)
    audit.record(application, "vote_taken_anew", by=by, meeting=meeting.pk)
    return window


@transaction.atomic
def change_vote(item, *, member, by, **given):
    """Change one's own vote in the meeting, for all who may vote on it to see, if it is not secret.

    given: as votes.actions.cast_vote takes it. Only those who are there can.
    """
    # Before the vote's own lock, as when it is closed; not by the lead alone, so not _lock().
    meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
    _want_held(meeting)
    if item.window_id is None:
        raise Refusal(_("The vote is not taken anew."))
    if not meeting.attendances.filter(member=member, is_present=True).exists():
        raise Refusal(_("Only members who are written down as present can change their vote."))
    return voting.cast_vote(item.application, member=member, by=by, is_in_a_meeting=True, **given)


@transaction.atomic
def close_anew(item, *, by):
    """Close the vote that was taken anew: it counts instead of the one before. Returns it."""
    meeting = _lock(item.meeting, by)
    _want_held(meeting)
    if item.window_id is None:
        raise Refusal(_("The vote is not taken anew."))
    return voting.close_vote(item.application, by=by)


@transaction.atomic
def end_meeting(meeting, *, by):
    """End it: what waited for nothing but the meeting is recommended, the rest stays.

    A vote taken anew that lost its quorum, since somebody stood aside, goes on as any other does.
    Raises Refusal while one that can be closed is not, and before somebody was written down as
    there.
    """
    meeting = _lock(meeting, by)
    _want_held(meeting)
    windows = (
        votes.windows()
        .filter(
            application__agenda_items__meeting=meeting,
            application__status=ApplicationStatus.IN_REVIEW,
            recommendation=None,
            followed_by=None,
        )
        .order_by("closed_at", "id")
    )
    if any(window.closed_at is None and votes.can_be_counted(window) for window in windows):
        raise Refusal(_("A vote is still being taken anew. Close it first."))
    if not meeting.attendances.filter(is_present=True).exists():
        raise Refusal(_("Write down who is there first."))
    meeting.ended_at = clock.now()
    meeting.save(update_fields=["ended_at"])
    for window in windows:
        _lead_on(window)
    audit.record(meeting, "meeting_ended", by=by)


def _lead_on(window):
    """What was talked about waits for a meeting no more."""
    if window.met_at is None:  # another meeting may have talked about it too
        window.met_at = clock.now()
        window.save(update_fields=["met_at"])
    if window.closed_at and not votes.waits_for_an_allocation(window):
        # It follows from the vote and the rules: whoever ends the meeting may stand aside from it.
        voting.recommend(window, by=SYSTEM)


# --- Minutes --------------------------------------------------------------------------------


@transaction.atomic
def save_minutes(meeting, *, text, by):
    """Write what the minutes say besides what is known. Not for who may not read all of them."""
    meeting = _lock(meeting, by)
    if meeting.opened_at is None:
        raise Refusal(_("Open the meeting first."))
    _want_draft(meeting)
    if sentence := permissions.write_obstacle(meeting, by):
        raise Refusal(sentence, code="recused")
    meeting.minutes = text.strip()
    meeting.save(update_fields=["minutes"])
    audit.record(meeting, "minutes_saved", by=by)


@transaction.atomic
def approve_minutes(meeting, *, by):
    """Approve the minutes: frozen, archived as PDF, with the log's newest checkpoint in print.

    Returns the Letter. Raises Refusal, saying who can, for everybody but the chair, or whoever
    stands in for one who may not read all of it.
    """
    meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if meeting.ended_at is None:
        raise Refusal(_("End the meeting first."))
    _want_draft(meeting)
    if sentence := permissions.approve_obstacle(meeting, by):
        raise Refusal(sentence, code="role")
    audit.record(meeting, "minutes_approved", by=by)
    seal = audit.checkpoint("minutes")  # what is printed vouches for the approval too
    language = by.language
    letter = letters.issue(
        Letter.Kind.MINUTES,
        pool=meeting.pool,
        to=by,
        language=language,
        reference=minutes.reference(meeting),
        title=minutes.title(meeting, language),
        facts=minutes.facts(meeting, language, approver=by, checkpoint=seal.hash),
        link=reverse("committee:minutes", args=[meeting.pk]),
    )
    meeting.approved_at, meeting.approved_by, meeting.letter = clock.now(), by, letter
    meeting.save(update_fields=["approved_at", "approved_by", "letter"])
    audit.record(
        meeting,
        "minutes_archived",
        by=by,
        code=letter.code,
        text=hashlib.sha256(letter.html.encode()).hexdigest(),
        checkpoint=seal.hash,
    )
    _tell(meeting, _approved, page="committee:minutes", but=by)
    return letter


# --- What all of it asks --------------------------------------------------------------------


def _lock(meeting, by):
    """The meeting's row, locked, for those who lead it: one act comes after the other."""
    if sentence := permissions.lead_obstacle(meeting, by):
        raise Refusal(sentence, code="role")
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def _want_lead(meeting, by):
    if sentence := permissions.lead_obstacle(meeting, by):
        raise Refusal(sentence, code="role")


def _want_not_begun(meeting):
    if meeting.cancelled_at:
        raise Refusal(_("The meeting is cancelled."), code="faster")
    if meeting.opened_at:
        raise Refusal(_("The meeting has begun."), code="faster")


def _want_not_ended(meeting):
    if meeting.cancelled_at:
        raise Refusal(_("The meeting is cancelled."), code="faster")
    if meeting.ended_at:
        raise Refusal(_("The meeting has ended."), code="faster")


def _want_held(meeting):
    """Open now."""
    if meeting.opened_at is None:
        raise Refusal(_("Open the meeting first."))
    _want_not_ended(meeting)


def _want_draft(meeting):
    if meeting.approved_at:
        raise Refusal(_("The minutes are approved, and stay as they are."), code="approved")


def _want_open_case(item, by):
    """Refuse whoever may not read the item: who stands aside leads something else."""
    reader = permissions.reader_of(by, item.meeting.committee)
    if sentence := aside_obstacle(item.application, by):
        raise Refusal(sentence, code="recused")
    if queries.point_of(item.meeting, reader, item.pk).is_shut:
        raise Refusal(_("Say first whether you have a conflict."), code="undeclared")


# --- Mails: when and where, and never what about --------------------------------------------


def _tell(meeting, write, *, page="committee:meeting", but=None):
    """One mail to each whom the meeting is for, in their own language."""
    for seat in queries.called(meeting):
        if seat.user == but:
            continue
        with translation.override(seat.user.language):
            subject, text = write(meeting)
            outbox.post(
                seat.user,
                subject,
                text,
                link=reverse(page, args=[meeting.pk]),
                can_wait=meeting.starts_at - clock.now() > A_MAIL_CAN_WAIT,
            )


def _when_and_where(meeting):
    starts_at = timezone.localtime(meeting.starts_at, clock.LOCAL)
    when = formats.date_format(starts_at, "DATETIME_FORMAT")
    return f"{when}, {meeting.place}" if meeting.place else when


def _called(meeting):
    told = {"when": _when_and_where(meeting)}
    text = _("%(when)s. The agenda and a file for your calendar are here:") % told
    return _("The committee meets"), text


def _moved(meeting):
    told = {"when": _when_and_where(meeting)}
    text = _("Now: %(when)s. Here is a new file for your calendar:") % told
    return _("The committee's meeting is moved"), text


def _cancelled(meeting):
    told = {"when": _when_and_where(meeting)}
    text = _("There is no meeting %(when)s. You can take it out of your calendar here:") % told
    return _("The committee's meeting is cancelled"), text


def _approved(meeting):
    return _("The minutes are approved"), _("You can read the minutes of the meeting here:")
