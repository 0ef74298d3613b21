import pytest

from grants.applications import actions as applications
from tests import factories
from workflows import clock


@pytest.fixture
def received(world):
    """received(n): n more cases, each by an applicant of its own."""

    def make(count, **given):
        cases = []
        for number in range(count):
            who = factories.user(f"Ansøger{number}-{world.pool.last_number}")
            case = factories.draft(world, who, **given)
            with clock.at(factories.MONDAY):
                applications.submit(case, by=who)
            cases.append(case)
        return cases

    return make


@pytest.fixture
def other_caseworker(world, cast):
    """A caseworker of another pool: a stranger here."""
    elsewhere = factories.world(code="anden")
    return factories.role(factories.user("Iris"), elsewhere.pool, "caseworker")


@pytest.fixture
def auditor(world):
    return factories.role(factories.user("Karl"), world.pool, "auditor")
