"""What can be done with one case from its page: the words of each act, its form, and its action."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from committee.discussion import actions as discussing
from committee.discussion.queries import waiting
from committee.review import actions as review
from committee.review.coverage import open_places
from committee.review.permissions import office_obstacle, rule_obstacle
from committee.review.queries import doubts
from committee.votes import actions as voting
from committee.votes import queries as votes
from committee.votes.permissions import close_obstacle
from grants.applications import actions as applications
from grants.applications.models import Application
from grants.decisions import actions as decisions
from grants.decisions import changes
from grants.decisions.queries import hear_obstacle
from grants.payouts import actions as payouts
from secretariat import forms as ours
from secretariat.permissions import READ_CONTACTS
from workflows import machine
from workflows.lifecycle import ApplicationStatus, Role, edge_from


@dataclass(frozen=True)
class Act:
    """One act: what the button says, what is told afterwards, and what to fill in.

    do(application, by=user, **what the form gave). warning: what cannot be undone. An act with
    neither form nor warning is done at one press.
    """

    name: str
    button: str
    done: str
    do: Callable[..., Any]
    form: type[forms.Form] | None = None
    warning: str = ""
    is_grave: bool = False

    @property
    def wants_a_page(self):
        return bool(self.form or self.warning)


ACTS = {
    act.name: act
    for act in [
        Act(
            "accept_for_review",
            _("Ready for the committee"),
            _("The case is ready for the committee."),
            applications.accept_for_review,
        ),
        Act(
            "open_review",
            _("Open for the committee"),
            _("The committee can vote now."),
            lambda application, **given: review.open_review([application], **given),
            ours.OpenOneReview,
        ),
        Act(
            "close_vote",
            _("Close the vote"),
            _("The vote is closed."),
            voting.close_vote,
        ),
        Act(
            "answer_question",
            _("Answer the committee"),
            _("The answer is in the committee's discussion, and the member gets a mail."),
            lambda application, question, **given: discussing.answer(question, **given),
            ours.AnswerQuestion,
        ),
        Act(
            "settle_doubt",
            _("Settle a doubt"),
            _("It is settled, and the member gets a mail."),
            lambda application, declaration, **given: review.rule(declaration, **given),
            ours.SettleDoubt,
        ),
        Act(
            "call_in",
            _("Call in a substitute"),
            _("The substitute is called in, and gets a mail."),
            review.call_in,
            ours.CallIn,
            warning=_(
                "It cannot be taken back. Whose place it was cannot open the application any more,"
                " and a vote that they have given is not counted."
            ),
        ),
        Act(
            "decide",
            _("Record decision"),
            _("The decision is recorded. Nobody is told until you announce it."),
            decisions.decide,
            ours.Decide,
        ),
        Act(
            "ask_for_more",
            _("Ask for more information"),
            _("The applicant has been asked, and gets a mail."),
            applications.ask_for_more,
            ours.AskForMore,
        ),
        Act(
            "answer_change",
            _("Answer the request for a change"),
            _("The answer is on its way as a letter."),
            lambda application, request, **given: changes.answer_change(request, **given),
            ours.AnswerChange,
        ),
        Act(
            "complete",
            _("Close the case"),
            _("The case is closed."),
            payouts.complete,
            warning=_("Only the pool administrator can take a closed case up again."),
        ),
        Act(
            "hear",
            _("Open a hearing"),
            _("The hearing is open, and the applicant gets a mail."),
            decisions.hear,
            ours.Hear,
        ),
        Act(
            "reopen_decision",
            _("Correct decision"),
            _("The decision is taken back. Record a new one."),
            decisions.reopen_decision,
            warning=_(
                "The decision is taken back and stays in the journal. Nobody has been told of it."
                " You record a new one."
            ),
        ),
        Act(
            "lapse",
            _("Let the grant lapse"),
            _("The grant has lapsed."),
            decisions.lapse,
            warning=_(
                "The money goes back to the call. It cannot be undone; only the pool"
                " administrator can take the case up again, and then it is decided anew."
            ),
            is_grave=True,
        ),
        Act(
            "reclaim",
            _("Reclaim the money"),
            _("The money is reclaimed, and the applicant gets a mail."),
            payouts.reclaim,
            ours.Reclaim,
            warning=_("The applicant is told to pay back. It cannot be undone."),
            is_grave=True,
        ),
        Act(
            "reopen",
            _("Take up again"),
            _("The case is taken up again."),
            decisions.reopen,
            ours.Reopen,
            warning=_(
                "What was decided before no longer stands, and a grant that was given ends."
                " The applicant reads that the case is under review again."
            ),
            is_grave=True,
        ),
        Act(
            "note",
            _("Write a note"),
            _("The note is kept in the case."),
            applications.note,
            ours.Note,
        ),
    ]
}


def open_to(application, user):
    """The acts that the user can do now, in the order in which they are mostly wanted."""
    names = {edge.name for edge in machine.steps_open_to(application, user)}
    names |= _open_besides(application, user)
    return [act for name, act in ACTS.items() if name in names]


def _open_besides(application, user):
    """The names of acts that are no step, and of the step that a form opens."""
    roles = application.roles_of(user)
    window = votes.windows().filter(application=application, closed_at=None).first()
    is_open = {
        "note": roles & READ_CONTACTS,
        # The decision is an obstacle to itself until it is written.
        "decide": Role.CASEWORKER in roles and edge_from(Application, "decide", application.status),
        "answer_question": Role.CASEWORKER in roles and _has_questions(application),
        "answer_change": Role.CASEWORKER in roles and _waits_for_an_answer(application),
        "hear": Role.CASEWORKER in roles and not hear_obstacle(application),
        "settle_doubt": window and _can_settle_a_doubt(application, user),
        "call_in": window and not office_obstacle(window, user) and open_places(window),
        "close_vote": window and not close_obstacle(window, user) and votes.can_be_counted(window),
    }
    return {name for name, open_ in is_open.items() if open_}


def _has_questions(application):
    return waiting(Application.objects.filter(pk=application.pk)).exists()


def _can_settle_a_doubt(application, user):
    return any(not rule_obstacle(doubt, user) for doubt in doubts(application))


def _waits_for_an_answer(application):
    if application.status != ApplicationStatus.ACCEPTED:
        return False
    return application.change_requests.filter(answered_at=None).exists()
