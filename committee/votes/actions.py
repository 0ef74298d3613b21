"""Assessing, voting, closing a vote, and what follows from it."""

import logging
import secrets
from fractions import Fraction

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from committee import allocation, tally
from committee.findings import what_is_missing
from committee.review import queries as review
from committee.review.actions import lock_window
from committee.review.models import VoteWindow
from committee.review.permissions import aside_obstacle, shut_obstacle
from committee.votes import permissions, queries
from committee.votes.models import Assessment, Demand, Vote
from grants.applications.models import Application
from grants.decisions import actions as decisions
from grants.letters import outbox
from grants.pools.models import Call
from workflows import audit, clock
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus
from workflows.machine import Refusal

log = logging.getLogger(__name__)


@transaction.atomic
def save_assessment(application, *, member, by, scores=None, notes=None, choice=None, amount=None):
    """Keep what the member has written so far; what is None stays as it was. Returns it.

    scores and notes: {criterion's pk as text: points 0 to 5, or None to take it out / text}.
    Nothing is cast by it, and the log does not tell. Raises Refusal when the vote is closed or
    the member may not vote on it.
    """
    window = _lock_for_voting(application, member, by)
    paper, _is_new = Assessment.objects.select_for_update().get_or_create(
        window=window, member=member
    )
    if not {*(scores or {}), *(notes or {})} <= window.weights.keys():
        raise Refusal(_("The call is not judged by that."))
    _want_points(score for score in (scores or {}).values() if score is not None)
    paper.scores = _merged(paper.scores, scores)
    paper.notes = _merged(paper.notes, notes)
    if choice is not None:
        paper.choice = choice and Vote.Choice(choice)
    if amount is not None:
        paper.amount = amount
    paper.saved_at = clock.now()
    paper.save()
    return paper


def _want_points(scores):
    if any(type(score) is not int or not 0 <= score <= tally.BEST for score in scores):
        raise Refusal(_("A score is a whole number from 0 to 5."))


def _merged(kept, given):
    """What was kept, with what is given; without what is given as nothing."""
    both = {**kept, **(given or {})}
    return {key: value for key, value in both.items() if value not in (None, "")}


@transaction.atomic
def cast_vote(application, *, member, choice, by, amount=0, scores=None, is_in_a_meeting=False):
    """Vote, or change one's vote.

    amount in øre counts for a vote in favour only. scores: {criterion's pk as text: 0 to 5}, all
    of them, for all but an abstention. The log says that somebody voted, never what. Raises
    Refusal when the vote is closed or the member may not vote on it. is_in_a_meeting: a vote that
    is taken anew is changed there, by those present.
    """
    window = _lock_for_voting(application, member, by)
    if window.is_in_a_meeting and not is_in_a_meeting:
        raise Refusal(_("The vote is taken anew in a meeting. Change your vote there."))
    choice = Vote.Choice(choice)
    scores = {} if choice == Vote.Choice.ABSTAIN else dict(scores or {})
    if choice != Vote.Choice.FOR:
        amount = 0
    elif not 0 < amount <= window.application.amount_applied_for:
        raise Refusal(_("Name an amount above zero, and at most what was applied for."))
    elif amount < window.application.least_workable:
        raise Refusal(_("It does not work for so little. Give more, or vote against."))
    if choice != Vote.Choice.ABSTAIN and scores.keys() != window.weights.keys():
        raise Refusal(_("Give each criterion a score, or abstain."))
    _want_points(scores.values())
    vote, is_new = Vote.objects.update_or_create(
        window=window,
        member=member,
        defaults={
            "choice": choice,
            "amount": amount,
            "scores": scores,
            "cast_at": clock.now(),
            "is_taken_over": False,
        },
    )
    audit.record(application, "vote_cast" if is_new else "vote_changed", by=by)
    return vote


@transaction.atomic
def demand_meeting(application, *, member, reason, by):
    """Have the application talked about in a meeting before it is recommended. Twice is once."""
    window = _lock_for_voting(application, member, by)
    if not window.procedure.members_to_demand_a_meeting:
        raise Refusal(_("The rules of procedure give no right to demand a meeting."))
    if window.follows_id:
        raise Refusal(_("It has been talked about in a meeting already."))
    if not reason.strip():
        raise Refusal(_("Write what has to be talked about."))
    demand, is_new = Demand.objects.get_or_create(
        window=window, member=member, defaults={"reason": reason.strip()}
    )
    if is_new:
        audit.record(application, "meeting_demanded", by=by)
    return demand


def _lock_for_voting(application, member, by):
    """The open window, locked. Only those entitled get so far, each for themselves."""
    window = lock_window(application, queries.windows())
    if window is None:
        raise Refusal(_("The vote on this application is closed."), code="closed")
    if by != member.user:
        raise Refusal(_("You do not have a seat in this committee."), code="role")
    if sentence := aside_obstacle(window.application, by):
        raise Refusal(sentence, code="recused")
    bench = review.bench(window)
    if sentence := shut_obstacle(bench, member):
        state = bench.state_of(member)
        raise Refusal(sentence, code="role" if state == "outside" else state)
    if not queries.takes_votes(window):
        raise Refusal(_("The time to vote is over."), code="closed")
    return window


@transaction.atomic
def close_vote(application, *, by):
    """Count, seal the ballots with the result, and recommend unless that waits. Returns the window.

    Before its time it closes only when everybody has voted, or when the chair asks and no ballot
    that is still out could change outcome or amount, or when it was taken anew in a meeting, where
    all could speak; the log says which. Raises Refusal, saying what is missing, when there is no
    quorum or a doubt is not settled: it then stays open.
    """
    window = lock_window(application, queries.windows())
    if window is None:
        raise Refusal(_("The vote on this application is closed."), code="closed")
    if sentence := permissions.close_obstacle(window, by):
        raise Refusal(sentence, code="obstacle")
    poll = queries.poll(window)
    result = tally.tally(poll)
    if not result.quorum.is_met:
        raise Refusal(
            _("The vote has no quorum yet: %(missing)s.")
            % {"missing": ", ".join(what_is_missing(result.quorum))},
            code="quorum",
        )
    if review.bench(window).unsure:
        raise Refusal(_("A member is unsure about a conflict. Settle that first."), code="unsure")
    early = "" if window.is_over else _early(window, poll)
    window.counted = queries.facts_now(window)
    window.salt = secrets.token_hex(32)
    window.result, window.seal = tally.record(result), tally.seal(poll, window.salt)
    window.closed_at = clock.now()
    window.save(update_fields=["counted", "result", "salt", "seal", "closed_at"])
    audit.record(
        application,
        "vote_closed",
        by=by,
        window=window.pk,
        hash=window.seal,
        early=early,
        procedure=window.procedure.version,
        not_counted=len(poll.ballots) - result.cast,
        **window.counted,
    )
    if not queries.waits_for_a_meeting(window) and not queries.waits_for_an_allocation(window):
        recommend(window, by=by)
    audit.checkpoint("close_vote")
    return window


def _early(window, poll):
    """Why it may close before its time: "in_a_meeting", "all_voted" or "settled", or a Refusal."""
    if window.is_in_a_meeting:
        return "in_a_meeting"
    if queries.everybody_has_voted(window):
        return "all_voted"
    # Where all of a call are recommended together, any score can change who gets what.
    if not queries.waits_for_an_allocation(window) and tally.is_settled(poll):
        return "settled"
    raise Refusal(
        _("It is too early: somebody has not voted. Wait until the time to vote is over."),
        code="early",
    )


@transaction.atomic
def recommend(window, *, by, amount=None):
    """Make the recommendation of a closed vote: what it came to by itself, or `amount` in øre.

    By itself an application gets what the threshold and the money that is left in the call allow.
    """
    result = tally.tally(queries.poll(window))
    if amount is None:
        _lock_the_money(window.application)
        alone = proposal_alone(window)
        (line,) = (*alone.funded, *alone.skipped)
        amount, window.reason = line.amount, {"code": line.code, "facts": line.facts}
    window.recommendation = decisions.recommend(
        window.application,
        by=by,
        amount=amount,
        entitled=result.entitled,
        needed=result.needed,
        cast=result.cast,
        votes_for=result.votes_for,
        votes_against=result.votes_against,
    )
    # Asked under the lock that the step took: a meeting may have taken the vote anew just before.
    if VoteWindow.objects.filter(follows=window).exists():
        raise Refusal(_("The vote was taken anew. Look at the page again."), code="faster")
    window.save(update_fields=["recommendation", "reason"])
    return window.recommendation


def _lock_the_money(application):
    """Two votes that close at once must not share the last krone.

    The application first and then its call, in the order in which a grant is announced.
    """
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    Call.objects.select_for_update(no_key=True).get(pk=application.call_id)


def proposal_alone(window):
    """The closed window's application against the money that is left: an allocation.Proposal."""
    terms = allocation.Terms(
        budget=max(queries.left_of(window.application.call), 0),
        threshold=Fraction(window.procedure.threshold) if window.weights else Fraction(0),
    )
    return allocation.allocate("threshold", [queries.tallied(window)], {}, terms)


def close_due_votes():
    """Close every vote whose time is over, each in its own transaction. Returns how many closed.

    One that cannot close stays open; the secretariat is told once.
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
        if refusal.code in {"quorum", "unsure"}:
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
    """Tell the secretariat, once, what keeps the vote from closing."""
    window = lock_window(application, queries.windows())
    if window is None or window.escalated_at:
        return
    lacking = queries.quorum(window)
    unsure = len(review.bench(window).unsure)
    if lacking.is_met and not unsure:  # in between somebody has voted: it closes in the next round
        return
    window.escalated_at = clock.now()
    window.save(update_fields=["escalated_at"])
    audit.record(
        application,
        "quorum_missing" if not lacking.is_met else "doubt_left",
        by=SYSTEM,
        missing=lacking.missing,
        missing_young=lacking.missing_young,
        missing_staff=lacking.missing_staff,
        unsure=unsure,
    )
    for caseworker in review.caseworkers(application):
        with translation.override(caseworker.language):
            missing = what_is_missing(lacking)
            if unsure:
                missing.append(_("a member is unsure about a conflict"))
            outbox.post(
                caseworker,
                _("A vote cannot close"),
                _(
                    "The time to vote on %(reference)s is over, and %(missing)s. "
                    "The vote stays open until that is settled."
                )
                % {"reference": application.reference, "missing": ", ".join(missing)},
                link=reverse("desk:case", args=[application.reference]),
                can_wait=True,
            )
