"""What an application tells of itself, for the rules of its call to judge."""

from applicants.dates import age_on
from grants.pools.rules import Facts


def facts_of(application):
    """The Facts of an application as it is written now. Asks at most four queries."""
    lines = list(application.budget_lines.all())
    expenses = [line for line in lines if line.kind == "expense"]
    income = [line for line in lines if line.kind == "income"]
    return Facts(
        applied_on=application.applied_on,
        age=_age(application),
        kind=application.applicant.kind,
        home=application.home.key if application.home_id else None,
        places=_places(application),
        starts_on=application.starts_on,
        ends_on=application.ends_on,
        amount=application.amount_applied_for,
        whole_budget=_sum(expenses) if expenses else None,
        income=_sum(income),
        own_wages=any(line.nature == "own_wage" for line in lines) if expenses else None,
        is_public=application.is_public,
        awards_this_year=_awards_this_year(application),
    )


def _age(application):
    birth_date = application.applicant.birth_date
    if birth_date is None or birth_date > application.applied_on:
        return None  # a slip of the finger, not an age
    return age_on(birth_date, application.applied_on)


def _places(application):
    keys = application.municipal_parts.values_list("municipality__country", "municipality__code")
    return frozenset(keys) or None


def _sum(lines):
    """The sum in øre, or None as long as a line lacks its amount."""
    amounts = [line.amount for line in lines]
    return None if None in amounts else sum(amounts)


def _awards_this_year(application):
    """The grants in other cases of the pool, in the year of applying: those that count.

    They are those of who applied, as themselves or for others: the contact can be handed over.
    Seen from the applications, since grants are of a corner above.
    """
    others = type(application).objects.exclude(pk=application.pk)
    return others.filter(
        applicant__user=application.applicant.user_id,
        call__pool=application.call.pool_id,
        grants__ended_at=None,
        grants__award_date__year=application.applied_on.year,
    ).count()
