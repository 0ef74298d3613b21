"""Whatever anybody does in whatever order: only known steps happen, and each is in the log."""

import itertools
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from committee.review import actions as review
from committee.votes import actions as voting
from grants.applications import actions as applications
from grants.applications.models import Application
from grants.decisions import actions as decisions
from grants.payouts import actions as payouts
from tests import factories
from workflows import audit, clock
from workflows.audit import SYSTEM
from workflows.lifecycle import edge_from
from workflows.machine import Refusal
from workflows.models import LogEntry

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

PEOPLE = ["asta", "bo", "cille", "dines", "esther", "frida", "gorm", "hanne"]
ACTS = {
    "submit": lambda s, by: applications.submit(s.case, by=by),
    "withdraw": lambda s, by: applications.withdraw(s.case, by=by),
    "ask_for_more": lambda s, by: applications.ask_for_more(
        s.case, by=by, question="Hvor?", answer_by=clock.today()
    ),
    "resubmit": lambda s, by: applications.resubmit(s.case, by=by, answer="Her."),
    "accept_for_review": lambda s, by: applications.accept_for_review(s.case, by=by),
    "open_review": lambda s, by: review.open_review([s.case], by=by),
    "vote_for": lambda s, by: s.everybody_votes("for"),
    "vote_against": lambda s, by: s.everybody_votes("against"),
    "recommend": lambda s, by: voting.close_vote(s.case, by=by),
    "decide_yes": lambda s, by: s.decide(by, s.case.amount_applied_for),
    "decide_no": lambda s, by: s.decide(by, 0),
    "reopen_decision": lambda s, by: decisions.reopen_decision(s.case, by=by),
    "announce": lambda s, by: decisions.announce([s.case], by=by),
    "name_account": lambda s, by: factories._accept(s.case, s.world, s.cast),
    "decline_grant": lambda s, by: decisions.decline_grant(s.case, by=by),
    "lapse": lambda s, by: decisions.lapse(s.case, by=by),
    "lapse_by_time": lambda s, by: decisions.lapse(s.case, by=SYSTEM),
    "pay": lambda s, by: s.case.current_grant() and factories.pay(s.case, s.cast),
    "report": lambda s, by: factories.report(s.case, s.cast),
    "complete": lambda s, by: payouts.complete(s.case, by=by),
    "hear": lambda s, by: decisions.hear(s.case, by=by, text="Vi overvejer."),
    "reclaim": lambda s, by: payouts.reclaim(s.case, by=by, amount=1_000_00),
    "reopen": lambda s, by: decisions.reopen(s.case, by=by, reason="En fejl."),
}


class OneCase(RuleBasedStateMachine):
    """One application, eight people, and days that pass."""

    @initialize()
    def begin(self):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = factories.MONDAY
        self.world = factories.world()
        self.cast = factories.cast(self.world)
        self.case = factories.draft(self.world, self.cast.asta)
        self.was = self.case.status
        self.refusals = 0

    @rule(name=st.sampled_from(sorted(ACTS)), person=st.sampled_from(PEOPLE))
    def anybody_does_anything(self, name, person):
        self.act(name, getattr(self.cast, person))

    @rule(data=st.data())
    @precondition(lambda self: self.likely())
    def the_right_person_goes_on(self, data):
        name, person = data.draw(st.sampled_from(self.likely()))
        self.act(name, getattr(self.cast, person))

    @rule(days=st.integers(0, 30))
    def days_pass(self, days):
        self.now += timedelta(days=days)

    @invariant()
    def the_log_tells_the_whole_way(self):
        entries = LogEntry.objects.filter(subject=f"application:{self.case.pk}")
        moves = list(
            entries.exclude(to_status="")
            .order_by("number")
            .values_list("from_status", "to_status", "event")
        )
        assert moves[0][:2] == ("", "draft")
        for (_from, reached, _event), (left, to, event) in itertools.pairwise(moves):
            assert reached == left
            assert to in edge_from(Application, event, left).targets
        assert moves[-1][1] == Application.objects.get(pk=self.case.pk).status

    @invariant()
    def the_trail_fits(self):
        assert audit.verify().misfit is None

    @invariant()
    def nobody_has_more_than_was_given(self):
        grant = self.case.current_grant()
        assert self.case.amount_paid() <= (grant.amount_awarded if grant else 10_000_00)

    @invariant()
    def an_applicant_never_reads_more_than_was_announced(self):
        if self.case.status in {"eligible", "in_review", "recommended", "decided"}:
            assert self.case.status_shown == "under_review"

    def teardown(self):
        if hasattr(self, "savepoint"):
            connection.check_constraints()
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def act(self, name, by):
        self.now += timedelta(hours=1)
        self.case = Application.objects.get(pk=self.case.pk)
        before = LogEntry.objects.count()
        try:
            with clock.at(self.now), transaction.atomic():
                ACTS[name](self, by)
        except Refusal:
            assert LogEntry.objects.count() == before
        self.case = Application.objects.get(pk=self.case.pk)

    def likely(self):
        """What would bring the case on from where it is."""
        return {
            "draft": [("submit", "asta")],
            "submitted": [("accept_for_review", "frida"), ("ask_for_more", "frida")],
            "incomplete": [("resubmit", "asta")],
            "eligible": [("open_review", "frida")],
            "in_review": [("vote_for", "asta"), ("vote_against", "asta"), ("recommend", "dines")],
            "recommended": [("decide_yes", "frida"), ("decide_no", "frida")],
            "decided": [("announce", "frida")],
            "awarded": [("name_account", "asta"), ("decline_grant", "asta")],
            "accepted": [("pay", "frida"), ("report", "asta"), ("complete", "frida")],
            "completed": [("hear", "frida"), ("reclaim", "frida")],
            "rejected": [("reopen", "hanne")],
            "lapsed": [("reopen", "hanne")],
        }.get(self.case.status, [])

    def everybody_votes(self, choice):
        factories.clear(self.case, *self.cast.members)
        for member in self.cast.members:
            factories.vote(self.case, member, choice=choice)

    def decide(self, by, amount):
        decisions.decide(
            self.case,
            by=by,
            amount=amount,
            guideline=self.world.guideline,
            criterion=self.world.criterion,
            fact="Kun ét sted.",
            deviation_reason="Vi vurderer det anderledes.",
        )


def test_whatever_anybody_does_the_case_stays_lawful(db):
    """Slow: each example is a whole life of a case, checked after every act."""
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        OneCase,
        settings=settings(
            max_examples=10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
