"""Ages, counted in whole years from dates alone."""

from datetime import date

AGE_OF_MAJORITY = 18  # Danish værgemålsloven § 1; the same in Sweden and Norway


def age_on(birth_date: date, day: date) -> int:
    """Whole years lived on that day, the birthday itself counted.

    Who is born on 29 February turns older on 1 March in a common year. That is this system's
    choice, no statute was found that says it: the safe side, a minor for one day more.
    ValueError if the day is before the birth.
    """
    if day < birth_date:
        raise ValueError("The day is before the date of birth.")
    birthday_is_ahead = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - birthday_is_ahead


def is_minor(birth_date: date, day: date) -> bool:
    """Whether a guardian has to say yes on that day. ValueError as age_on."""
    return age_on(birth_date, day) < AGE_OF_MAJORITY


def minors_are_born_after(day: date) -> date:
    """Who is born after this date is a minor on `day`; for queries, which cannot ask age_on."""
    try:
        return day.replace(year=day.year - AGE_OF_MAJORITY)
    except ValueError:  # 29 February, eighteen years after a common year
        return day.replace(year=day.year - AGE_OF_MAJORITY, day=28)
