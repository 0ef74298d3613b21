"""What each municipality paid in, and what came of it: rows out, amounts in øre, read only.

Every amount is attributed in whole øre by largest remainder, so that the rows add up to the
applications, grants and payouts themselves.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from grants.applications.models import Application, MunicipalPart
from grants.decisions.models import Grant, MunicipalShare
from grants.payouts.models import Payout
from grants.pools.models import Contribution, Municipality
from grants.pools.shares import split
from workflows import clock
from workflows.lifecycle import ApplicationStatus, PayoutStatus

# A draft is not an application yet, and one that was taken back is none any more.
NOT_APPLIED = [ApplicationStatus.DRAFT, ApplicationStatus.WITHDRAWN]


@dataclass
class Row:
    """The figures of one municipality, in øre and numbers.

    A project in two municipalities counts as one application and one award in each.
    """

    municipality: Municipality
    contributed: int = 0
    applied_for: int = 0
    granted: int = 0
    disbursed: int = 0
    applications: int = 0
    awards: int = 0

    @property
    def granted_per_inhabitant(self):
        """Øre for each inhabitant, rounded down; None when the population is not known."""
        population = self.municipality.population
        return self.granted // population if population else None


@dataclass(frozen=True)
class Totals:
    """The figures of a whole pool, each project counted once; asked for without the shares."""

    contributed: int
    applied_for: int
    granted: int
    disbursed: int
    applications: int
    awards: int
    cross_municipal: int

    @property
    def cross_municipal_percent(self):
        """The share of awards that go to more than one municipality, in whole percent."""
        return round(Fraction(100 * self.cross_municipal, self.awards)) if self.awards else 0


@dataclass(frozen=True)
class Period:
    """From `since` to `until`, both days included; None is open."""

    since: date | None = None
    until: date | None = None

    def holds(self, name):
        """The condition that the date called `name` lies within."""
        after = Q(**{f"{name}__gte": self.since}) if self.since else Q()
        return after & self.not_past(name)

    def not_past(self, name):
        return Q(**{f"{name}__lte": self.until}) if self.until else Q()

    def before(self, name):
        """The condition that it lies before the period; nothing does when there is no `since`."""
        return Q(**{f"{name}__lt": self.since}) if self.since else Q(pk__in=[])

    def years(self):
        after = Q(year__gte=self.since.year) if self.since else Q()
        return after & (Q(year__lte=self.until.year) if self.until else Q())


def per_municipality(pool, *, call=None, since=None, until=None):
    """A Row for each municipality that pays in or takes part, in Danish order.

    call: only its applications; contributions are the pool's and stay. since, until: dates that
    pick applications by the day of sending, grants by the award date, payouts by the day of
    payment and contributions by year.
    """
    asked = _Asked(pool, call, Period(since, until))
    rows = {}
    _fill(rows, "contributed", _contributed(asked))
    _fill(rows, "granted", _granted(asked))
    _fill(rows, "disbursed", _disbursed(asked))
    applied_for, applications = _applied_for(asked)
    _fill(rows, "applied_for", applied_for)
    _fill(rows, "applications", applications)
    _fill(rows, "awards", _awards(asked))
    places = Municipality.objects.in_bulk(rows)
    found = [Row(municipality=places[pk], **figures) for pk, figures in rows.items()]
    return sorted(found, key=lambda row: (row.municipality.place, row.municipality.key))


def totals(pool, *, call=None, since=None, until=None):
    """The same figures for the whole pool, straight from applications, grants and payouts."""
    asked = _Asked(pool, call, Period(since, until))
    applied = asked.applications().aggregate(sum=Sum("amount_applied_for"), count=Count("pk"))
    granted = asked.grants().aggregate(sum=Sum("amount_awarded"), count=Count("pk"))
    paid = asked.payouts().filter(asked.period.holds("paid_on")).aggregate(sum=Sum("amount"))
    contributed = asked.contributions().aggregate(sum=Sum("amount"))
    across = asked.grants().annotate(places=Count("municipal_shares")).filter(places__gt=1)
    return Totals(
        contributed=contributed["sum"] or 0,
        applied_for=applied["sum"] or 0,
        granted=granted["sum"] or 0,
        disbursed=paid["sum"] or 0,
        applications=applied["count"],
        awards=granted["count"],
        cross_municipal=across.count(),
    )


def years(pool):
    """The years that there is something to tell about, newest first."""
    paid_in = pool.contributions.values_list("year", flat=True)
    opened = [call.opens_at.astimezone(clock.LOCAL).year for call in pool.calls.all()]
    return sorted({*paid_in, *opened}, reverse=True)


@dataclass(frozen=True)
class _Asked:
    """What was asked for, as the rows that it concerns."""

    pool: object
    call: object
    period: Period = field(default_factory=Period)

    def contributions(self):
        return Contribution.objects.filter(self.period.years(), pool=self.pool)

    def applications(self):
        # A day in Denmark, whatever the connection's time zone is.
        sent = Application.objects.annotate(sent_on=TruncDate("submitted_at", tzinfo=clock.LOCAL))
        return (
            sent.filter(self.period.holds("sent_on"), self._of_call(), call__pool=self.pool)
            .exclude(status__in=NOT_APPLIED)
            .order_by()
        )

    def grants(self):
        """Grants that count: announced, and neither declined nor lapsed nor taken up again."""
        return Grant.objects.filter(
            self.period.holds("award_date"), self._of_call(), call__pool=self.pool, ended_at=None
        ).order_by()

    def payouts(self):
        """Everything that has been paid and not returned, whenever it was."""
        return Payout.objects.filter(
            self._of_call("instalment__grant__call"),
            instalment__grant__call__pool=self.pool,
            status=PayoutStatus.PAID,
        ).order_by()

    def _of_call(self, name="call"):
        return Q(**{name: self.call}) if self.call else Q()


def _fill(rows, name, amounts):
    for municipality, amount in amounts.items():
        rows.setdefault(municipality, {})[name] = amount


def _contributed(asked):
    sums = asked.contributions().order_by().values_list("municipality").annotate(Sum("amount"))
    return dict(sums)


def _granted(asked):
    shares = MunicipalShare.objects.filter(grant__in=asked.grants()).order_by()
    return dict(shares.values_list("municipality").annotate(Sum("amount")))


def _awards(asked):
    shares = MunicipalShare.objects.filter(grant__in=asked.grants()).order_by()
    return dict(shares.values_list("municipality").annotate(Count("grant")))


def _applied_for(asked):
    """What was applied for, attributed by the stated percentages, and how many applications."""
    # A case that is being changed on request can lack its amount for a while.
    parts = MunicipalPart.objects.filter(
        application__in=asked.applications(), application__amount_applied_for__isnull=False
    ).order_by()
    amounts, weights = {}, defaultdict(dict)
    for application, municipality, country, code, percent, amount in parts.values_list(
        "application",
        "municipality",
        "municipality__country",
        "municipality__code",
        "percent",
        "application__amount_applied_for",
    ):
        amounts[application] = amount
        weights[application][country, code, municipality] = percent
    counted = defaultdict(int)
    for places in weights.values():
        for *_key, municipality in places:
            counted[municipality] += 1
    return _attributed(amounts, weights), dict(counted)


def _disbursed(asked):
    """What was paid, attributed as the grant is.

    A period's share is what was attributed at its end less what was attributed before it, so that
    periods add up and a grant that is paid out has its stored shares exactly.
    """
    until_the_end = _paid(asked, asked.period.not_past("paid_on"))
    before_it = _paid(asked, asked.period.before("paid_on"))
    weights = _stored_weights(until_the_end)
    at_the_end = _attributed(until_the_end, weights)
    at_the_start = _attributed(before_it, weights)
    return {place: amount - at_the_start[place] for place, amount in at_the_end.items()}


def _paid(asked, when):
    """{grant: øre} of the payouts that meet a condition on their day."""
    paid = asked.payouts().filter(when).values_list("instalment__grant")
    return dict(paid.annotate(Sum("amount")))


def _stored_weights(grants):
    weights = defaultdict(dict)
    shares = MunicipalShare.objects.filter(grant__in=list(grants)).order_by()
    for grant, municipality, country, code, amount in shares.values_list(
        "grant", "municipality", "municipality__country", "municipality__code", "amount"
    ):
        weights[grant][country, code, municipality] = amount
    return weights


def _attributed(amounts, weights):
    """{municipality: øre}: each case's amount split by its weights.

    amounts: {case: øre}. weights: {case: {(country, code, municipality): weight}}.
    """
    sums = defaultdict(int)
    for case, amount in amounts.items():
        for (*_key, municipality), share in split(amount, weights[case]).items():
            sums[municipality] += share
    return sums
