from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applicants.dates import age_on, is_minor, minors_are_born_after

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    "day, age",
    [
        (date(2008, 11, 21), 0),
        (date(2026, 11, 20), 17),
        (date(2026, 11, 21), 18),
        (date(2026, 11, 22), 18),
    ],
)
def test_a_birthday_counts_from_its_morning(day, age):
    assert age_on(date(2008, 11, 21), day) == age


@pytest.mark.parametrize(
    "day, age",
    [
        (date(2026, 2, 28), 17),
        (date(2026, 3, 1), 18),
        (date(2028, 2, 28), 19),
        (date(2028, 2, 29), 20),
    ],
)
def test_born_on_29_february_turns_older_on_1_march_in_a_common_year(day, age):
    assert age_on(date(2008, 2, 29), day) == age


def test_nobody_has_an_age_before_birth():
    with pytest.raises(ValueError, match="before the date of birth"):
        age_on(date(2008, 11, 21), date(2008, 11, 20))


def test_a_minor_is_under_eighteen():
    assert is_minor(date(2008, 11, 21), date(2026, 11, 20))
    assert not is_minor(date(2008, 11, 21), date(2026, 11, 21))


@given(DAYS, st.integers(0, 40_000))
def test_an_age_grows_by_one_at_most_from_day_to_day(birth_date, days):
    day = birth_date + timedelta(days=days)
    growth = age_on(birth_date, day + timedelta(days=1)) - age_on(birth_date, day)
    assert growth in (0, 1)


@given(DAYS, st.integers(0, 120))
def test_an_age_is_the_number_of_birthdays(birth_date, years):
    day = birth_date.replace(year=birth_date.year + years, day=min(birth_date.day, 28))
    day += timedelta(days=birth_date.day - day.day)  # 29 February becomes 1 March
    assert age_on(birth_date, day) == years


@given(DAYS, st.integers(0, 15_000))
def test_a_query_for_minors_finds_those_that_are(birth_date, days):
    day = birth_date + timedelta(days=days)
    assert (birth_date > minors_are_born_after(day)) == is_minor(birth_date, day)


@given(st.dates(date(1930, 1, 1), date(2100, 12, 31)), st.integers(-3, 3))
def test_a_query_for_minors_is_right_around_the_birthday(day, near):
    birth_date = minors_are_born_after(day) + timedelta(days=near)
    assert (birth_date > minors_are_born_after(day)) == is_minor(birth_date, day)
