"""Every state machine of the house: what may happen, from where, by whom.

A step is one statement. `unless` names the method on the row that answers with the sentence a
person will read when the step is not possible now, or with nothing. Only `machine.take` calls a
step; docs/lifecycle.md is drawn from this file.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import GET_STATE, FSMField, transition


class Role(models.TextChoices):
    """What a person is to one row. All but the first three belong to one pool."""

    APPLICANT = "applicant", _("applicant")
    GUARDIAN = "guardian", _("guardian")
    HELPER = "helper", _("adult helper")
    MEMBER = "member", _("committee member")
    CHAIR = "chair", _("chair")
    CASEWORKER = "caseworker", _("caseworker")
    APPROVER = "approver", _("approver")
    POOL_ADMIN = "pool_admin", _("pool administrator")
    MUNICIPALITY_READER = "municipality_reader", _("municipality reader")
    AUDITOR = "auditor", _("auditor")
    SYSTEM = "system", _("the system")


class ApplicationStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("application", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("application", "Received")
    INCOMPLETE = "incomplete", _("Waiting for information")
    ELIGIBLE = "eligible", _("Ready for the committee")
    IN_REVIEW = "in_review", _("With the committee")
    RECOMMENDED = "recommended", _("Recommended")
    DECIDED = "decided", _("Decided, not announced")
    AWARDED = "awarded", _("Awarded")
    REJECTED = "rejected", _("Rejected")
    ACCEPTED = "accepted", _("Accepted")
    LAPSED = "lapsed", _("Lapsed")
    COMPLETED = "completed", _("Completed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RECLAIMED = "reclaimed", _("Reclaimed")


class PayoutStatus(models.TextChoices):
    PLANNED = "planned", _("Planned")
    APPROVED = "approved", pgettext_lazy("payout", "Approved")
    SENT = "sent", _("Sent to bank")
    PAID = "paid", _("Paid out")
    RETURNED = "returned", pgettext_lazy("payout", "Returned by bank")
    CANCELLED = "cancelled", _("Cancelled")


class ReportStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("final report", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("final report", "Received")
    RETURNED = "returned", pgettext_lazy("final report", "Sent back")
    APPROVED = "approved", pgettext_lazy("final report", "Approved")


def step(name, source, target, *, by, button, unless=""):
    """A django_fsm transition on an empty body.

    source: one status, several, or {status: roles} where the roles differ. by: the roles that may.
    """
    roles = source if isinstance(source, dict) else dict.fromkeys(_many(source), by)

    def body(self):
        """Nothing but the status changes: what else happens stands in the action."""

    body.__name__ = body.__qualname__ = name
    for status, allowed in roles.items():
        custom = {"roles": frozenset(_many(allowed)), "button": button, "unless": unless}
        body = transition(field="status", source=status, target=target, custom=custom)(body)
    return body


def _many(value):
    return (value,) if isinstance(value, str) else tuple(value)


def back_to_the_desk(statuses):
    """Where a case goes when it is taken up again: to its recommendation, if it has one."""
    return GET_STATE(
        lambda case: statuses.RECOMMENDED if case.has_recommendation() else statuses.SUBMITTED,
        states=[statuses.RECOMMENDED, statuses.SUBMITTED],
    )


class Lifecycle(models.Model):
    """A row whose status only `machine.take` writes.

    A concrete model says `stream` (whose log it writes to), `roles_of(user)` (what the user is to
    this row) and has a method for every `unless` of its steps. It is decorated with
    `guards.lifecycle`, so that the database knows the same pairs.
    """

    class Meta:
        abstract = True


# fmt: off
# The tables below are read aloud: a step a statement, two lines at most.

S, R = ApplicationStatus, Role


class ApplicationLifecycle(Lifecycle):
    status = FSMField(_("status"), choices=S, default=S.DRAFT, editable=False)

    submit = step("submit", S.DRAFT, S.SUBMITTED, by=R.APPLICANT,
                  button=_("Send application"), unless="submit_obstacle")
    ask_for_more = step("ask_for_more", [S.SUBMITTED, S.ELIGIBLE], S.INCOMPLETE, by=R.CASEWORKER,
                        button=_("Ask for more information"))
    resubmit = step("resubmit", S.INCOMPLETE, S.SUBMITTED, by=R.APPLICANT,
                    button=_("Send again"), unless="resubmit_obstacle")
    accept_for_review = step("accept_for_review", S.SUBMITTED, S.ELIGIBLE, by=R.CASEWORKER,
                             button=_("Ready for the committee"))
    open_review = step("open_review", S.ELIGIBLE, S.IN_REVIEW, by=[R.CASEWORKER, R.SYSTEM],
                       button=_("Open for the committee"))
    recommend = step("recommend", S.IN_REVIEW, S.RECOMMENDED, by=[R.CHAIR, R.CASEWORKER, R.SYSTEM],
                     button=_("Recommend"), unless="recommend_obstacle")
    decide = step("decide", [S.RECOMMENDED, S.SUBMITTED, S.INCOMPLETE], S.DECIDED, by=R.CASEWORKER,
                  button=_("Record decision"), unless="decide_obstacle")
    reopen_decision = step("reopen_decision", S.DECIDED, back_to_the_desk(S), by=R.CASEWORKER,
                           button=_("Correct decision"))
    award = step("award", S.DECIDED, S.AWARDED, by=R.CASEWORKER,
                 button=_("Give the grant"), unless="award_obstacle")
    reject = step("reject", S.DECIDED, S.REJECTED, by=R.CASEWORKER,
                  button=_("Give the rejection"), unless="reject_obstacle")
    accept_grant = step("accept_grant", S.AWARDED, S.ACCEPTED, by=R.APPLICANT,
                        button=_("Say yes"), unless="accept_grant_obstacle")
    decline_grant = step("decline_grant", S.AWARDED, S.LAPSED, by=R.APPLICANT,
                         button=_("Say no"))
    lapse = step("lapse", {S.AWARDED: R.SYSTEM, S.ACCEPTED: R.CASEWORKER}, S.LAPSED, by=(),
                 button=_("Let the grant lapse"), unless="lapse_obstacle")
    withdraw = step("withdraw", S.values[: S.values.index(S.AWARDED)], S.WITHDRAWN, by=R.APPLICANT,
                    button=_("Withdraw application"))
    complete = step("complete", S.ACCEPTED, S.COMPLETED, by=R.CASEWORKER,
                    button=_("Close the case"), unless="complete_obstacle")
    reclaim = step("reclaim", [S.ACCEPTED, S.COMPLETED], S.RECLAIMED, by=R.CASEWORKER,
                   button=_("Reclaim the money"), unless="reclaim_obstacle")
    reopen = step("reopen", [S.REJECTED, S.LAPSED, S.COMPLETED, S.RECLAIMED], back_to_the_desk(S),
                  by=R.POOL_ADMIN, button=_("Take up again"), unless="reopen_obstacle")

    class Meta:
        abstract = True


P = PayoutStatus


class PayoutLifecycle(Lifecycle):
    status = FSMField(_("status"), choices=P, default=P.PLANNED, editable=False)

    approve = step("approve", P.PLANNED, P.APPROVED, by=R.APPROVER,
                   button=pgettext_lazy("payout", "Approve"), unless="approve_obstacle")
    unapprove = step("unapprove", P.APPROVED, P.PLANNED, by=[R.APPROVER, R.CASEWORKER],
                     button=_("Remove approval"))
    send = step("send", P.APPROVED, P.SENT, by=R.APPROVER,
                button=_("Send to bank"), unless="send_obstacle")
    confirm = step("confirm", P.SENT, P.PAID, by=[R.CASEWORKER, R.APPROVER, R.SYSTEM],
                   button=_("Confirm as paid out"))
    bounce = step("bounce", [P.SENT, P.PAID], P.RETURNED, by=[R.CASEWORKER, R.APPROVER, R.SYSTEM],
                  button=_("Returned by the bank"))
    cancel = step("cancel", [P.PLANNED, P.APPROVED], P.CANCELLED, by=[R.CASEWORKER, R.APPROVER],
                  button=_("Cancel"))

    class Meta:
        abstract = True


F = ReportStatus


class FinalReportLifecycle(Lifecycle):
    status = FSMField(_("status"), choices=F, default=F.DRAFT, editable=False)

    submit = step("submit", [F.DRAFT, F.RETURNED], F.SUBMITTED, by=R.APPLICANT,
                  button=_("Send report"), unless="submit_obstacle")
    return_report = step("return_report", F.SUBMITTED, F.RETURNED, by=R.CASEWORKER,
                         button=_("Send back"))
    approve_report = step("approve_report", F.SUBMITTED, F.APPROVED, by=R.CASEWORKER,
                          button=pgettext_lazy("final report", "Approve"))

    class Meta:
        abstract = True


# fmt: on


@dataclass(frozen=True)
class Edge:
    """One way from a status: the step, where it ends, who may take it, what can be in the way."""

    name: str
    source: str
    targets: tuple[str, ...]
    roles: frozenset[str]
    button: str
    unless: str


def edges(model):
    """Every edge of a lifecycle, in the order in which its file tells them."""
    found = [_edge(each) for each in model._meta.get_field("status").get_all_transitions(model)]
    order = {name: place for place, name in enumerate(_names_in_file_order(model))}
    return sorted(found, key=lambda edge: order[edge.name])


def pairs(model):
    """The pairs (from, to) that the lifecycle knows; the database refuses every other."""
    return sorted({(edge.source, target) for edge in edges(model) for target in edge.targets})


def edge_from(model, name, status):
    """The edge of the step `name` out of `status`, or None."""
    return next((e for e in edges(model) if (e.name, e.source) == (name, status)), None)


def _edge(found):
    targets = getattr(found.target, "allowed_states", None) or [found.target]
    return Edge(
        name=found.name,
        source=str(found.source),
        targets=tuple(str(target) for target in targets),
        roles=frozenset(str(role) for role in found.custom["roles"]),
        button=found.custom["button"],
        unless=found.custom["unless"],
    )


def _names_in_file_order(model):
    return [name for base in reversed(model.__mro__) for name in vars(base)]
