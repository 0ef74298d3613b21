"""Who may take part, after whatever has happened; the bench, the door and the list agree."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from committee.review import actions as review
from committee.review import permissions, queries
from committee.votes import queries as voting
from tests import factories
from tests.committee.moments import AFTER_A_DAY
from workflows.machine import Refusal

SEATS = 7  # the cast's four, a young and a staff substitute, and one more young one


def _everybody(world, cast):
    waits = [("Sif", "young"), ("Ulf", "young"), ("Tor", "staff")]
    return [
        *cast.members,
        *(
            factories.seat(factories.user(name), world.committee, kind, is_substitute=True)
            for name, kind in waits
        ),
    ]


def _declare(answer):
    def act(case, seats, cast, one, other):
        review.declare(case, member=one, answer=answer, ground="family", note="?", by=one.user)

    return act


def _settle(is_recused):
    def act(case, seats, cast, one, other):
        for doubt in queries.doubts(case):
            if doubt.member_id == one.pk:
                review.rule(doubt, is_recused=is_recused, reason="Derfor.", by=cast.frida)

    return act


def _call_in(case, seats, cast, one, other):
    review.call_in(case, member=one, substitute=other, by=cast.frida)


def _joins_the_team(case, seats, cast, one, other):
    case.team.get_or_create(user=one.user, defaults={"name": "Nogen"})


def _term(ends_on=None, starts_on=None):
    def act(case, seats, cast, one, other):
        one.starts_on, one.ends_on = starts_on, ends_on
        one.save()

    return act


TODAY = AFTER_A_DAY.date()
ACTS = {
    "clear": _declare("clear"),
    "conflict": _declare("conflict"),
    "unsure": _declare("unsure"),
    "settle clear": _settle(is_recused=False),
    "settle aside": _settle(is_recused=True),
    "call in": _call_in,
    "join": _joins_the_team,
    "end": _term(ends_on=TODAY - timedelta(days=1)),
    "wait": _term(starts_on=TODAY + timedelta(days=1)),
    "sit": _term(),
}
HISTORIES = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, SEATS - 1), st.integers(0, SEATS - 1)),
    min_size=5,
    max_size=25,
)


@pytest.mark.slow
def test_bench_door_and_list_agree_after_any_history(in_review, world, cast):
    """Slow: 15 histories of up to 25 acts each, by the real actions."""
    seats = _everybody(world, cast)

    @given(HISTORIES)
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    def agree(history):
        with transaction.atomic():
            for act, one, other in history:
                try:
                    with transaction.atomic():
                        ACTS[act](in_review, seats, cast, seats[one], seats[other])
                except Refusal:
                    continue
            _agree(in_review, seats)
            transaction.set_rollback(True)
        for seat in seats:  # as they were before
            seat.refresh_from_db()

    agree()


def _agree(application, seats):
    bench = queries.bench(queries.window_for(application))
    assert (
        bench.entitled.keys() == bench.undeclared.keys() | bench.unsure.keys() | bench.clear.keys()
    )
    assert not bench.entitled.keys() & bench.aside.keys()
    for kind in ["young", "staff"]:  # nobody has two places, and no place has two
        places = sum(not s.is_substitute and s.seat == kind for s in bench.seated.values())
        entitled = sum(seat.seat == kind for seat in bench.entitled.values())
        assert entitled <= 2
        assert places <= 2
    for seat in seats:
        opens = bench.state_of(seat) == "clear"
        assert permissions.read_by_member(seat.user).filter(pk=application.pk).exists() == opens
        try:
            permissions.application_for_member(seat.user, application.reference)
        except Http404:
            assert not opens
        else:
            assert opens


def test_a_seat_counts_from_its_first_day_to_its_last(in_review, cast):
    esther, ib, jo = cast.members[1:]
    esther.starts_on = jo.starts_on = ib.ends_on = TODAY
    jo.starts_on += timedelta(days=1)
    for seat in [esther, ib, jo]:
        seat.save()
    seated = queries.bench(queries.window_for(in_review)).seated
    assert set(seated) == {cast.members[0].pk, esther.pk, ib.pk}


@pytest.mark.parametrize("corner", [queries, voting])
def test_a_long_list_of_windows_asks_no_more_than_a_short_one(
    corner, in_review, application_at, world, cast, votes
):
    def asked():
        with CaptureQueriesContext(connection) as queries_asked:
            for window in corner.windows():
                queries.bench(window)
                if corner is voting:
                    voting.quorum(window)
                    voting.waits_for_a_meeting(window)
        return len(queries_asked)

    few = asked()
    second = application_at("in_review", who=in_review.applicant)
    votes(second, *cast.members)
    votes(in_review, *cast.members[:2])
    gone = cast.members[1]
    gone.ends_on = TODAY - timedelta(days=1)
    gone.save()
    assert asked() == few <= 7
