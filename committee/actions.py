"""What the committee does: open a vote, stand aside, vote, close."""

import logging
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committee import permissions, queries
from committee.models import Committee, Recusal, Vote, VoteWindow
from committee.tally import seal, tally
from grants.applications.models import Application
from grants.decisions.actions import recommend
from grants.letters import outbox
from workflows import audit, clock, machine
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus
from workflows.machine import Refusal

log = logging.getLogger(__name__)

# A vote that closes sooner is told at once also to those who want one mail a day.
A_MAIL_CAN_WAIT = timedelta(days=2)


@transaction.atomic
def open_review(applications, *, by, closes_at=None):
    """Ask the committee about these applications, all or none, and tell its members once.

    closes_at: a moment; without it the committee's own days to vote. Returns the vote windows.
    Raises Refusal, naming the application, when one of them cannot be opened.
    """
    opened = []
    for application in sorted(applications, key=lambda each: each.pk):  # one order, no deadlock
        try:
            opened.append(_open_one(application, by=by, closes_at=closes_at))
        except Refusal as refusal:
            sentence = f"{application.reference}: {refusal.sentence}"
            raise Refusal(sentence, code=refusal.code) from refusal
    _tell_members(opened)
    return opened


def _open_one(application, *, by, closes_at):
    committee = Committee.objects.filter(pool=application.pool).first()
    if committee is None:
        raise Refusal(_("The pool has no committee yet. Set one up first."))
    closes_at = closes_at or clock.now() + timedelta(days=committee.days_to_vote)
    if closes_at <= clock.now():
        raise Refusal(_("Choose a time to close the vote that is still to come."))
    machine.take("open_review", application, by=by, closes_at=closes_at.isoformat())
    return VoteWindow.objects.create(
        application=application, committee=committee, closes_at=closes_at
    )


@transaction.atomic
def declare_recusal(application, *, member, ground, by):
    """Stand aside for good; a vote already given is kept and no longer counted. Twice is once.

    ground: a code of Recusal.Ground. Raises Refusal once the vote is closed.
    """
    if by != member.user:
        raise Refusal(_("Members can only stand aside for themselves."), code="role")
    window = _lock_window(application)
    status = Application.objects.values_list("status", flat=True).get(pk=application.pk)
    if window is None and status != ApplicationStatus.ELIGIBLE:
        raise Refusal(
            _("The vote is closed, so you cannot stand aside any more. Write to the secretariat."),
            code="closed",
        )
    recusal, is_new = Recusal.objects.get_or_create(
        application=application,
        member=member,
        defaults={"ground": Recusal.Ground(ground)},
    )
    if is_new:
        voided = Vote.objects.filter(window=window, member=member, voided_at=None)
        audit.record(
            application,
            "recused",
            by=by,
            ground=recusal.ground,
            votes_voided=voided.update(voided_at=clock.now()),
        )
    return recusal


@transaction.atomic
def cast_vote(application, *, member, choice, amount, by):
    """Vote, or change one's vote. amount in øre counts for a vote in favour only.

    The log says that somebody voted, never what. Raises Refusal when the vote is closed or the
    member may not vote on it.
    """
    window = _lock_window(application)
    if window is None:
        raise Refusal(_("The vote on this application is closed."), code="closed")
    _refuse_others(window, member, by)
    if not queries.takes_votes(window):
        raise Refusal(_("The time to vote is over."), code="closed")
    choice = Vote.Choice(choice)
    if choice != Vote.Choice.FOR:
        amount = 0
    elif not 0 < amount <= window.application.amount_applied_for:
        raise Refusal(_("Name an amount above zero, and at most what was applied for."))
    vote, is_new = Vote.objects.update_or_create(
        window=window,
        member=member,
        defaults={"choice": choice, "amount": amount, "cast_at": clock.now()},
    )
    audit.record(application, "vote_cast" if is_new else "vote_changed", by=by)
    return vote


def _refuse_others(window, member, by):
    """Only those entitled vote, each for themselves."""
    if by != member.user or member not in window.committee.seats:
        raise Refusal(_("You do not have a seat in this committee."), code="role")
    if sentence := permissions.aside_obstacle(window.application, by):
        raise Refusal(sentence, code="recused")


@transaction.atomic
def close_vote(application, *, by):
    """Count, recommend, and seal the ballots with the result. Returns the Recommendation.

    Raises Refusal, saying what is missing, when there is no quorum: the vote then stays open.
    """
    window = _lock_window(application)
    if window is None:
        raise Refusal(_("The vote on this application is closed."), code="closed")
    if sentence := permissions.close_obstacle(window, by):
        raise Refusal(sentence, code="obstacle")
    poll = queries.poll(window)
    result = tally(poll)
    if missing := queries.what_is_missing(result.quorum):
        raise Refusal(
            _("The vote has no quorum yet: %(missing)s.") % {"missing": ", ".join(missing)},
            code="quorum",
        )
    window.recommendation = recommend(
        application,
        by=by,
        amount=result.recommended,
        entitled=result.entitled,
        cast=result.cast,
        votes_for=result.votes_for,
        votes_against=result.votes_against,
    )
    window.closed_at = clock.now()
    window.save(update_fields=["recommendation", "closed_at"])
    audit.record(application, "vote_closed", by=by, hash=seal(poll), **_counted_by(poll))
    audit.checkpoint("close_vote")
    return window.recommendation


def _counted_by(poll):
    """The rules and the seats that it was counted by: with the ballots they give the same again."""
    return {
        "entitled": sorted(f"{member}:{seat}" for member, seat in poll.entitled.items()),
        "least_young": poll.rules.least_young,
        "least_staff": poll.rules.least_staff,
        "rounding": poll.rules.rounding,
    }


def close_due_votes():
    """Close every vote whose time is over, each in its own transaction. Returns how many closed.

    One without a quorum stays open; the secretariat is told once.
    """
    due = VoteWindow.objects.filter(
        closed_at=None,
        closes_at__lte=clock.now(),
        application__status=ApplicationStatus.IN_REVIEW,
    ).order_by("closes_at")
    return sum(
        _close_or_escalate(window.application)
        for window in due.select_related("application__call__pool")
    )


def _close_or_escalate(application):
    try:
        close_vote(application, by=SYSTEM)
    except Refusal as refusal:
        if refusal.code == "quorum":
            _escalate(application)
        else:  # a person was faster
            log.info("The vote on %s is not closed: %s", application.reference, refusal.sentence)
        return False
    except Exception:  # one that fails must not keep the others waiting
        log.exception("The vote on %s could not be closed.", application.reference)
        return False
    return True


@transaction.atomic
def _escalate(application):
    """Tell the secretariat, once, what the vote lacks."""
    window = _lock_window(application)
    if window is None or window.escalated_at:
        return
    lacking = queries.quorum(window)
    if lacking.is_met:  # somebody has voted in between: it closes in the next round
        return
    window.escalated_at = clock.now()
    window.save(update_fields=["escalated_at"])
    audit.record(
        application,
        "quorum_missing",
        by=SYSTEM,
        missing=lacking.missing,
        missing_young=lacking.missing_young,
        missing_staff=lacking.missing_staff,
    )
    for caseworker in queries.caseworkers(application):
        with translation.override(caseworker.language):
            outbox.post(
                caseworker,
                _("A vote has no quorum"),
                _(
                    "The time to vote on %(reference)s is over, and %(missing)s. "
                    "The vote stays open until there is a quorum."
                )
                % {
                    "reference": application.reference,
                    "missing": ", ".join(queries.what_is_missing(lacking)),
                },
                link=reverse("desk:case", args=[application.reference]),
                can_wait=True,
            )


def _lock_window(application):
    """The open window of the application, or None.

    Locked, so that voting, standing aside and closing come one after the other: what the count
    reads is what was given before it.
    """
    open_windows = queries.windows().filter(application=application, closed_at=None)
    return open_windows.select_for_update(of=("self",)).first()


def _tell_members(opened):
    """One mail a member, however many applications; none about what somebody stands aside from."""
    for committee in {window.committee for window in opened}:
        asked = [window for window in opened if window.committee == committee]
        aside = set(
            Recusal.objects.filter(
                application__in=[window.application_id for window in asked]
            ).values_list("member_id", "application_id")
        )
        for seat in permissions.seats_today().filter(committee=committee).select_related("user"):
            count = sum((seat.pk, window.application_id) not in aside for window in asked)
            if count:
                _ask_to_vote(seat.user, count, closes_at=min(each.closes_at for each in asked))


def _ask_to_vote(user, count, *, closes_at):
    with translation.override(user.language):
        closes = formats.date_format(timezone.localtime(closes_at, clock.LOCAL), "DATETIME_FORMAT")
        outbox.post(
            user,
            _("The committee needs your vote"),
            ngettext(
                "%(count)s application awaits your vote. Read it and vote before %(closes)s.",
                "%(count)s applications await your vote. Read them and vote before %(closes)s.",
                count,
            )
            % {"count": count, "closes": closes},
            link=reverse("committee:desk"),
            can_wait=closes_at - clock.now() > A_MAIL_CAN_WAIT,
        )
