"""What the public does not see, and cannot work out."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.statistics.disclosure import LEAST, is_total_safe, public
from grants.statistics.queries import Row


def rows(*awards):
    return [
        Row(SimpleNamespace(pk=number), contributed=1_00, granted=count * 1_000_00, awards=count)
        for number, count in enumerate(awards)
    ]


def shown(*awards):
    return [row.awards for row in public(rows(*awards))]


def test_few_grants_are_hidden_with_their_amount():
    found = public(rows(4, 3, 5))
    assert [(row.granted, row.awards) for row in found] == [
        (None, None),
        (None, None),
        (5_000_00, 5),
    ]


def test_none_and_five_are_shown():
    assert shown(0, 5, 12) == [0, 5, 12]


def test_one_hidden_alone_hides_the_next_smallest():
    assert shown(4, 9, 6, 0) == [None, 9, None, 0]


def test_one_hidden_with_nobody_to_hide_behind_hides_the_total():
    found = public(rows(4, 0))
    assert [row.awards for row in found] == [None, 0]
    assert not is_total_safe(found, 4)


@given(st.lists(st.integers(0, 12), max_size=9))
def test_no_small_number_is_shown_or_left_alone(awards):
    found = public(rows(*awards))
    assert all(row.awards in (None, 0) or row.awards >= LEAST for row in found)
    assert all((row.granted is None) == (row.awards is None) for row in found)
    hidden = [row for row in found if row.awards is None]
    if len(hidden) == 1:
        assert not is_total_safe(found, sum(awards))


@pytest.mark.parametrize("awards, safe", [(0, True), (3, False), (5, True)])
def test_a_total_of_few_is_hidden(awards, safe):
    assert is_total_safe([], awards) is safe
