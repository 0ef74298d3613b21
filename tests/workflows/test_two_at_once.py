"""Two people take the same step at the same moment, on two real connections: one of them does.

Slow: each life is lived twenty times, with a race at every step of it.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import connection

from committee.review import actions as review
from committee.votes import actions as voting
from grants.applications import actions as applications
from grants.applications.models import Application
from grants.decisions import actions as decisions
from grants.payouts import actions as payouts
from grants.payouts.models import FinalReport, Payout
from tests import factories
from workflows import clock
from workflows.audit import SYSTEM
from workflows.lifecycle import edges
from workflows.machine import Refusal
from workflows.models import LogEntry

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

ROUNDS = 20


def race(act, model, row):
    """Both read the row, wait for each other, and act. Returns what became of the two."""
    barrier = Barrier(2)

    def one_of_two(_number):
        try:
            mine = model.objects.get(pk=row.pk)
            barrier.wait(timeout=20)
            act(mine)
        except Refusal as refusal:
            return refusal.code
        else:
            return "did it"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(one_of_two, range(2)))


def test_every_step_is_raced_in_one_of_the_lives():
    raced = {event for life in LIVES.values() for event, *_rest in life}
    steps = {edge.name for model in (Application, Payout, FinalReport) for edge in edges(model)}
    assert steps - raced == set()


@pytest.mark.parametrize("life", ["rejected", "granted", "declined", "lapsed", "withdrawn"])
def test_of_two_at_once_exactly_one_takes_the_step(life, world, cast):
    for number in range(ROUNDS):
        draft = factories.draft(world, cast.asta, amount=1_000_00)
        story = Story(world, cast, draft)
        for event, prepare, act, subject in LIVES[life]:
            story.again()
            prepare(story)
            story.again()
            model, row = subject(story)
            before = LogEntry.objects.filter(event=event, stream=draft.stream).count()
            outcomes = race(partial(act, story), model, row)
            # Who sends what a friend has just sent finds it sent: no error, and no second entry.
            is_sent = model is Application and event in ("submit", "resubmit")
            did_it = 2 if is_sent else 1
            assert outcomes.count("did it") == did_it, (life, number, event, outcomes)
            after = LogEntry.objects.filter(event=event, stream=draft.stream).count()
            assert after == before + 1, (life, number, event)


class Story:
    """One application and those around it."""

    def __init__(self, world, cast, application):
        self.world, self.cast, self.application = world, cast, application

    def again(self):
        self.application = Application.objects.get(pk=self.application.pk)

    def instalment(self):
        return self.application.current_grant().instalments.get()

    def payout(self):
        return Payout.objects.filter(instalment__grant__application=self.application).first()


def _at(days, act):
    """The act, so many days after Monday."""

    def acting(story, mine):
        with clock.at(factories.MONDAY + timedelta(days=days)):
            act(story, mine)

    return acting


def _case(story):
    return Application, story.application


def _payout(story):
    return Payout, story.payout()


def _report(story):
    return FinalReport, story.application.final_reports.get()


def _nothing(story):
    """Nothing has to be prepared."""


def _vote(story):
    with clock.at(factories.MONDAY + timedelta(days=4)):
        factories.clear(story.application, *story.cast.members)
        for member in story.cast.members:
            factories.vote(story.application, member)


def _decide_again(story):
    with clock.at(factories.MONDAY + timedelta(days=5)):
        decisions.decide(story.application, by=story.cast.frida, amount=1_000_00)


def _name_account(story):
    factories.applicants.name_account(
        story.application.applicant,
        holder="Asta",
        iban=factories.ASTAS_ACCOUNT,
        by=story.cast.asta,
        row=story.application,
    )


def _plan(story):
    payouts.plan(story.instalment(), by=story.cast.frida)


def _approve(story):
    payouts.approve(story.payout(), by=story.cast.gorm)


def _pay_again_and_write_report(story):
    factories.pay(story.application, story.cast)
    payouts.save_report(
        story.application,
        by=story.cast.asta,
        happened="Vi sendte.",
        participants=4,
        lines=factories.accounts(story.application),
    )


def _submit_report(story):
    payouts.submit_report(story.application.final_reports.get(), by=story.cast.asta)


def _hear(story):
    hearing = decisions.hear(story.application, by=story.cast.frida, text="Vi overvejer.")
    decisions.answer_hearing(hearing, by=story.cast.asta, answer="Ja.")


def _decide_no(story, mine):
    factories.decide(mine, story.world, story.cast, amount=0)


SUBMITTED = [
    ("submit", _nothing, _at(0, lambda s, a: applications.submit(a, by=s.cast.asta)), _case)
]
IN_REVIEW = [
    *SUBMITTED,
    (
        "accept_for_review",
        _nothing,
        _at(2, lambda s, a: applications.accept_for_review(a, by=s.cast.frida)),
        _case,
    ),
    (
        "open_review",
        _nothing,
        _at(3, lambda s, a: review.open_review([a], by=s.cast.frida)),
        _case,
    ),
    (
        "recommend",
        _vote,
        _at(4, lambda s, a: voting.close_vote(a, by=s.cast.dines)),
        _case,
    ),
    (
        "decide",
        _nothing,
        _at(5, lambda s, a: decisions.decide(a, by=s.cast.frida, amount=1_000_00)),
        _case,
    ),
]
AWARDED = [
    *IN_REVIEW,
    ("award", _nothing, _at(6, lambda s, a: decisions.announce([a], by=s.cast.frida)), _case),
]
LIVES = {
    "withdrawn": [
        ("withdraw", _nothing, lambda s, a: applications.withdraw(a, by=s.cast.asta), _case)
    ],
    "rejected": [
        *SUBMITTED,
        (
            "ask_for_more",
            _nothing,
            _at(
                1,
                lambda s, a: applications.ask_for_more(
                    a, by=s.cast.frida, question="Hvor?", answer_by=date(2026, 4, 1)
                ),
            ),
            _case,
        ),
        (
            "resubmit",
            _nothing,
            _at(2, lambda s, a: applications.resubmit(a, by=s.cast.asta, answer="Her.")),
            _case,
        ),
        ("decide", _nothing, _decide_no, _case),
        ("reject", _nothing, lambda s, a: decisions.announce([a], by=s.cast.frida), _case),
        (
            "reopen",
            _nothing,
            lambda s, a: decisions.reopen(a, by=s.cast.hanne, reason="En fejl."),
            _case,
        ),
    ],
    "declined": [
        *AWARDED,
        (
            "decline_grant",
            _nothing,
            _at(7, lambda s, a: decisions.decline_grant(a, by=s.cast.asta)),
            _case,
        ),
    ],
    "lapsed": [
        *AWARDED,
        ("lapse", _nothing, _at(90, lambda s, a: decisions.lapse(a, by=SYSTEM)), _case),
    ],
    "granted": [
        *IN_REVIEW,
        (
            "reopen_decision",
            _nothing,
            _at(5, lambda s, a: decisions.reopen_decision(a, by=s.cast.frida)),
            _case,
        ),
        (
            "award",
            _decide_again,
            _at(6, lambda s, a: decisions.announce([a], by=s.cast.frida)),
            _case,
        ),
        (
            "accept_grant",
            _name_account,
            _at(7, lambda s, a: payouts.accept_grant(a, by=s.cast.asta)),
            _case,
        ),
        ("cancel", _plan, lambda s, p: payouts.cancel(p, by=s.cast.frida), _payout),
        ("approve", _plan, lambda s, p: payouts.approve(p, by=s.cast.gorm), _payout),
        ("unapprove", _nothing, lambda s, p: payouts.unapprove(p, by=s.cast.gorm), _payout),
        ("send", _approve, lambda s, p: payouts.release([p], by=s.cast.gorm), _payout),
        ("confirm", _nothing, lambda s, p: payouts.confirm(p, by=s.cast.frida), _payout),
        ("bounce", _nothing, lambda s, p: payouts.bounce(p, by=s.cast.frida, reason="x"), _payout),
        (
            "submit",
            _pay_again_and_write_report,
            lambda s, r: payouts.submit_report(r, by=s.cast.asta),
            _report,
        ),
        (
            "return_report",
            _nothing,
            lambda s, r: payouts.return_report(r, by=s.cast.frida, note="Mere."),
            _report,
        ),
        (
            "approve_report",
            _submit_report,
            lambda s, r: payouts.approve_report(r, by=s.cast.frida, seen=r.submitted_at),
            _report,
        ),
        ("complete", _nothing, lambda s, a: payouts.complete(a, by=s.cast.frida), _case),
        (
            "reclaim",
            _hear,
            lambda s, a: payouts.reclaim(a, by=s.cast.frida, amount=1_000_00),
            _case,
        ),
    ],
}
