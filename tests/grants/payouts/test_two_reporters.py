"""Two on one team who write the report at the same moment, on two real connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from grants.applications.models import Application, TeamMember
from grants.payouts import actions
from grants.payouts.models import FinalReport
from tests.factories import MONDAY
from workflows import clock
from workflows.machine import Refusal

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def at_once(pk, *acts):
    """All wait for each other, then act on the case. What each came to, in their order."""
    barrier = Barrier(len(acts))

    def one(act):
        try:
            with clock.at(MONDAY + timedelta(days=20)):
                row = Application.objects.get(pk=pk)
                barrier.wait(timeout=20)
                return act(row)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


@pytest.fixture
def accepted(application_at, cast):
    application = application_at("accepted")
    TeamMember.objects.create(application=application, user=cast.bo, name="Bo")
    return application


def saving(by, seen, **given):
    return lambda row: actions.save_report(row, by=by, seen=seen, **given)


def test_of_one_answer_one_is_saved_and_the_other_hears_of_it(accepted, cast):
    """Slow: each round commits on two connections. The first round begins the report."""
    seen = 0
    for _round in range(5):
        saved = at_once(
            accepted.pk,
            saving(cast.asta, seen, happened=f"Asta {seen}"),
            saving(cast.bo, seen, happened=f"Bo {seen}"),
        )
        report = FinalReport.objects.get()
        assert sorted(each.elsewhere for each in saved) == [[], ["happened"]]
        winner = "Asta" if not saved[0].elsewhere else "Bo"
        assert report.happened == f"{winner} {seen}"
        assert report.version == seen + 1
        seen = report.version


def test_different_answers_are_both_saved(accepted, cast):
    """Slow: it commits on two connections."""
    saved = at_once(
        accepted.pk,
        saving(cast.asta, 0, happened="Vi sendte."),
        saving(cast.bo, 0, participants=40, ages={"13-17": 3}),
    )
    report = FinalReport.objects.get()
    assert [each.elsewhere for each in saved] == [[], []]
    assert (report.happened, report.participants, report.ages) == ("Vi sendte.", 40, {"13-17": 3})
    assert report.versions.keys() == {"happened", "participants", "ages"}
