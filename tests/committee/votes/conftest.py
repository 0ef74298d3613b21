import pytest

from tests.committee.moments import AFTER_A_DAY
from workflows import clock


@pytest.fixture(autouse=True)
def _while_the_vote_is_open():
    with clock.at(AFTER_A_DAY):
        yield
