"""How long it takes to close and allocate a call: `make bench`. Measures, and never fails.

Wanted: 100 applications and 15 members counted and allocated in well under a second. What locks,
log and checkpoints add is measured beside it, in a database that is thrown away.
"""

import os
import time
from datetime import timedelta

from config import services

services.join(disposable=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DEBUG", "1")  # with keys of development's own

import django  # noqa: E402  # it finds its database in the environment set above

django.setup()

from django.test.utils import setup_databases, setup_test_environment  # noqa: E402

from committee import tally  # noqa: E402
from committee.allocation import Terms, allocate  # noqa: E402
from committee.review import actions as review  # noqa: E402
from committee.seats.models import Procedure  # noqa: E402
from committee.votes import actions as voting  # noqa: E402
from committee.votes import queries  # noqa: E402
from grants.applications import actions as applications  # noqa: E402
from tests import factories  # noqa: E402
from workflows import clock  # noqa: E402

MEMBERS = 15
NOW = factories.MONDAY + timedelta(days=1)


def main():
    setup_test_environment(debug=False)  # or each query would be kept
    setup_databases(verbosity=0, interactive=False)
    for count in (25, 100):
        print(f"{count} applications, {MEMBERS} members")
        with clock.at(NOW):
            for what, seconds in _measured(*_season(count)):
                print(f"  {what:<40} {seconds:7.3f} s")


def _measured(call, chair):
    windows = queries.windows().filter(application__call=call)
    cases, seconds = _timed(lambda: list(windows.all()))
    yield "read all that counting takes", seconds
    polls = [queries.poll(window) for window in cases]
    _tallies, seconds = _timed(lambda: [(tally.tally(each), tally.seal(each)) for each in polls])
    yield "count and seal", seconds
    _closed, seconds = _timed(
        lambda: [voting.close_vote(window.application, by=chair) for window in cases]
    )
    yield "close_vote on each, with locks and log", seconds
    tallied, points = [queries.tallied(window) for window in windows.all()], _points(polls, cases)
    terms = Terms(budget=sum(each.amount for each in tallied) // 2)
    for rule in ("ranked", "equal_shares"):
        _proposal, seconds = _timed(lambda rule=rule: allocate(rule, tallied, points, terms))
        yield f"allocate, {rule}", seconds


def _timed(act):
    """(what the act returned, the seconds it took)"""
    began = time.perf_counter()
    returned = act()
    return returned, time.perf_counter() - began


def _points(polls, windows):
    """{member: {application: points}} of those in favour."""
    votes = {}
    for poll, window in zip(polls, windows, strict=True):
        for ballot in poll.counted:
            given = tally.points(ballot, poll.rules)
            votes.setdefault(ballot.member, {})[window.application.reference] = given
    return votes


def _season(count):
    """A call whose votes are all in, and are recommended together: (call, the chair)."""
    world = factories.world(code=f"b{count}", budget=100_000_000_00)
    Procedure.objects.create(committee=world.committee, version=2, recommends="together")
    frida = factories.role(factories.user(f"Frida-{count}"), world.pool, "caseworker")
    asta = factories.user(f"Asta-{count}")
    seats = [_seat(world, f"m{number}-{count}", number) for number in range(MEMBERS)]
    who = factories.applicant(asta)
    cases = []
    with clock.at(NOW):
        for _case in range(count):
            case = factories.draft(world, asta, who=who, at=NOW)
            applications.submit(case, by=asta)
            applications.accept_for_review(case, by=frida)
            cases.append(case)
        review.open_review(cases, by=frida)
        for number, case in enumerate(cases):
            factories.clear(case, *seats)
            for place, seat in enumerate(seats):
                points = (number + place) % 4 + 2
                factories.vote(case, seat, amount=(5_000 + 900 * points) * 100, points=points)
    return world.call, seats[0].user


def _seat(world, name, number):
    kind = "young" if number % 2 else "staff"
    return factories.seat(factories.user(name), world.committee, kind, is_chair=number == 0)


if __name__ == "__main__":
    main()
