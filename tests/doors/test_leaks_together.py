"""Where all of a call are recommended together: what one stands aside from is in no sum of it.

Slow, since each of these reads the whole site twice.
"""

import pytest

from tests.doors import looking
from tests.doors import room as rooms
from tests.doors.room import seen

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def room(lasting):
    return rooms.build(together=True)


def test_that_a_vote_has_closed_is_in_no_count(room):
    before = seen(room, "recused", rooms.votes, rooms.time_passes)
    after = seen(room, "recused", rooms.votes, rooms.close)
    assert not looking.differences(before, after)


@pytest.mark.parametrize("last", [rooms.propose, rooms.adopt])
def test_an_allocation_tells_nothing_of_it(room, last):
    carried, lost = (
        seen(room, "recused", vote, rooms.close, rooms.close_the_other, last)
        for vote in (rooms.votes, rooms.votes_against)
    )
    assert not looking.differences(carried, lost)
