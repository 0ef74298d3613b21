"""The steps of an application: what each wants, and the act that takes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.serializers import Serializer

from committee.review import actions as review
from committee.review.queries import bench
from committee.votes import actions as voting
from committee.votes.permissions import close_obstacle
from committee.votes.queries import missing as votes_missing
from committee.votes.queries import window_for
from grants.applications import actions as applications
from grants.applications.models import Application
from grants.applications.readiness import missing
from grants.decisions import actions as decisions
from grants.payouts import actions as payouts
from secretariat.api import bodies
from workflows import machine
from workflows.lifecycle import edge_from, edges
from workflows.machine import Refusal


def award(application, *, by):
    """Announce the decision, a grant: the applicant is told, by a letter."""
    _announce("award", application, by=by)


def reject(application, *, by):
    """Announce the decision, a rejection: the applicant is told, by a letter."""
    _announce("reject", application, by=by)


def _announce(name, application, *, by):
    # Announcing follows the decision, whatever it says; a step that is named has to be that one.
    edge = edge_from(Application, name, application.status)
    if edge and (sentence := machine.obstacle(application, edge, by)):
        raise Refusal(sentence, code="obstacle")
    decisions.announce([application], by=by)


def open_review(application, *, by, closes_at=None):
    """Ask the committee about it: its members can vote until `closes_at`."""
    review.open_review([application], by=by, closes_at=closes_at)


def _close_obstacle(application, edge, by):
    """Closing the vote makes the recommendation that the step itself waits for."""
    window = window_for(application)
    if window.closed_at:
        return _("The vote on this application is closed.")
    if bench(window).unsure:
        return _("A member is unsure about a conflict. Settle that first.")
    return close_obstacle(window, by) or votes_missing(window)


def _answers_obstacle(application, edge, by):
    """The body brings the answer that the step itself waits for."""
    return missing(application)


def _no_obstacle(application, edge, by):
    """The body brings the decision that the step itself waits for."""


@dataclass(frozen=True)
class Step:
    """do(application, by=user, **what the body gave). obstacle: what keeps one from beginning."""

    name: str
    do: Callable[..., Any]
    body: type[Serializer] = bodies.Nothing
    obstacle: Callable[..., Any] = machine.obstacle


STEPS = {
    step.name: step
    for step in [
        Step("submit", applications.submit),
        Step("ask_for_more", applications.ask_for_more, bodies.AskForMore),
        Step("resubmit", applications.resubmit, bodies.Resubmit, _answers_obstacle),
        Step("accept_for_review", applications.accept_for_review),
        Step("open_review", open_review, bodies.OpenReview),
        Step("recommend", voting.close_vote, obstacle=_close_obstacle),
        Step("decide", decisions.decide, bodies.Decide, _no_obstacle),
        Step("reopen_decision", decisions.reopen_decision),
        Step("award", award),
        Step("reject", reject),
        Step("accept_grant", payouts.accept_grant),
        Step("decline_grant", decisions.decline_grant),
        Step("lapse", decisions.lapse),
        Step("withdraw", applications.withdraw),
        Step("complete", payouts.complete),
        Step("reclaim", payouts.reclaim, bodies.Reclaim),
        Step("reopen", decisions.reopen, bodies.Reopen),
    ]
}


def want_role(step, application, user):
    """Refuse whoever has no role that could ever take the step.

    Asked before everything else: what the body lacks, or which status it is, tells them nothing.
    """
    machine.want_role(application, user, roles_for(step))


def roles_for(step):
    return frozenset().union(*(edge.roles for edge in edges_of(step)))


def edges_of(step):
    return [edge for edge in edges(Application) if edge.name == step.name]


def open_to(application, user):
    """The edges that the user can begin now, with a body that is right."""
    roles = machine.roles_on(application, user)
    here = [each for each in edges(Application) if each.source == application.status]
    return [
        edge
        for edge in here
        if edge.roles & roles and not STEPS[edge.name].obstacle(application, edge, user)
    ]
