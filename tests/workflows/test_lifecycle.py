"""Who may do what, asked of the pure tables."""

import pytest

from grants.applications.models import Application
from grants.payouts.models import FinalReport, Payout
from workflows.lifecycle import (
    ApplicationStatus,
    PayoutStatus,
    ReportStatus,
    Role,
    edge_from,
    edges,
    pairs,
)

# The table, written out by hand: step -> {from: (targets, roles)}.
APPLICANT, CASEWORKER, SYSTEM = {"applicant"}, {"caseworker"}, {"system"}
BACK = ("recommended", "submitted")
APPLICATION = {
    "submit": {"draft": (("submitted",), APPLICANT)},
    "ask_for_more": {
        "submitted": (("incomplete",), CASEWORKER),
        "eligible": (("incomplete",), CASEWORKER),
    },
    "resubmit": {"incomplete": (("submitted",), APPLICANT)},
    "accept_for_review": {"submitted": (("eligible",), CASEWORKER)},
    "open_review": {"eligible": (("in_review",), CASEWORKER | SYSTEM)},
    "recommend": {"in_review": (("recommended",), {"chair"} | CASEWORKER | SYSTEM)},
    "decide": {
        "recommended": (("decided",), CASEWORKER),
        "submitted": (("decided",), CASEWORKER),
        "incomplete": (("decided",), CASEWORKER),
    },
    "reopen_decision": {"decided": (BACK, CASEWORKER)},
    "award": {"decided": (("awarded",), CASEWORKER)},
    "reject": {"decided": (("rejected",), CASEWORKER)},
    "accept_grant": {"awarded": (("accepted",), APPLICANT)},
    "decline_grant": {"awarded": (("lapsed",), APPLICANT)},
    "lapse": {"awarded": (("lapsed",), SYSTEM), "accepted": (("lapsed",), CASEWORKER)},
    "withdraw": dict.fromkeys(
        [*["draft", "submitted", "incomplete", "eligible", "in_review", "recommended"], "decided"],
        (("withdrawn",), APPLICANT),
    ),
    "complete": {"accepted": (("completed",), CASEWORKER)},
    "reclaim": {
        "accepted": (("reclaimed",), CASEWORKER),
        "completed": (("reclaimed",), CASEWORKER),
    },
    "reopen": {
        status: (BACK, {"pool_admin"})
        for status in ["rejected", "lapsed", "completed", "reclaimed"]
    },
}
APPROVER = {"approver"}
EITHER = APPROVER | CASEWORKER
PAYOUT = {
    "approve": {"planned": (("approved",), APPROVER)},
    "unapprove": {"approved": (("planned",), EITHER)},
    "send": {"approved": (("sent",), APPROVER)},
    "confirm": {"sent": (("paid",), EITHER | SYSTEM)},
    "bounce": {"sent": (("returned",), EITHER | SYSTEM), "paid": (("returned",), EITHER | SYSTEM)},
    "cancel": {"planned": (("cancelled",), EITHER), "approved": (("cancelled",), EITHER)},
}
REPORT = {
    "submit": {"draft": (("submitted",), APPLICANT), "returned": (("submitted",), APPLICANT)},
    "return_report": {"submitted": (("returned",), CASEWORKER)},
    "approve_report": {"submitted": (("approved",), CASEWORKER)},
}
MACHINES = [
    (Application, ApplicationStatus, APPLICATION),
    (Payout, PayoutStatus, PAYOUT),
    (FinalReport, ReportStatus, REPORT),
]
EVERY_QUESTION = [
    (model, table, step, status, role)
    for model, statuses, table in MACHINES
    for step in table
    for status in statuses.values
    for role in Role.values
]


@pytest.mark.parametrize("model, statuses, table", MACHINES)
def test_the_machine_has_the_steps_that_were_agreed_and_no_other(model, statuses, table):
    assert [edge.name for edge in edges(model)] == [name for name in table for _ in table[name]]


def test_every_status_step_and_role_has_the_answer_that_was_agreed():
    assert len(EVERY_QUESTION) > 3000
    wrong = [
        (model.__name__, step, status, role)
        for model, table, step, status, role in EVERY_QUESTION
        if _may(model, step, status, role) != (role in table[step].get(status, ((), set()))[1])
    ]
    assert wrong == []


@pytest.mark.parametrize("model, statuses, table", MACHINES)
def test_each_step_ends_where_it_was_agreed(model, statuses, table):
    for step, sources in table.items():
        for status, (targets, _roles) in sources.items():
            assert edge_from(model, step, status).targets == targets


@pytest.mark.parametrize("model, statuses, table", MACHINES)
def test_the_pairs_are_those_of_the_steps(model, statuses, table):
    agreed = {
        (status, target)
        for sources in table.values()
        for status, (targets, _roles) in sources.items()
        for target in targets
    }
    assert set(pairs(model)) == agreed


@pytest.mark.parametrize("model, statuses, table", MACHINES)
def test_every_obstacle_named_is_a_method_on_the_row(model, statuses, table):
    for edge in edges(model):
        assert not edge.unless or callable(getattr(model, edge.unless))


@pytest.mark.parametrize("model, statuses, table", MACHINES)
def test_every_status_can_be_reached_from_the_first(model, statuses, table):
    reached, ways = {model._meta.get_field("status").default}, pairs(model)
    for _round in statuses.values:
        reached |= {target for source, target in ways if source in reached}
    assert reached == set(statuses.values)


def _may(model, step, status, role):
    edge = edge_from(model, step, status)
    return edge is not None and role in edge.roles
