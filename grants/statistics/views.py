"""The figures as a page and as a sheet."""

from babel.numbers import format_decimal
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from grants.statistics import disclosure, permissions, queries, sheet
from grants.statistics.forms import Filters
from grants.statistics.tiles import tile_map
from workflows import clock


@require_safe
def index(request):
    pool = permissions.pool(request.user, request.GET.get("pool", ""))
    page = _full_page if permissions.sees_all(request.user, pool) else _public_page
    return page(request, pool)


@require_safe
def municipalities(request):
    pool = permissions.pool(request.user, request.GET.get("pool", ""))
    if permissions.sees_all(request.user, pool):
        asked = Filters(request.GET, pool=pool).asked()
        content = sheet.municipalities(queries.per_municipality(pool, **asked))
    else:
        content = sheet.public_municipalities(disclosure.public(queries.per_municipality(pool)))
    name = f"municipalities-{pool.code}-{clock.today().isoformat()}.csv"
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _full_page(request, pool):
    filters = Filters(request.GET, pool=pool)
    asked = filters.asked()
    rows = queries.per_municipality(pool, **asked)
    return render(
        request,
        "statistics/municipalities.html",
        {
            "pool": pool,
            "filters": filters,
            "totals": queries.totals(pool, **asked),
            "lines": _with_bars(rows),
            "map": _map(rows),
        },
    )


def _public_page(request, pool):
    rows = disclosure.public(queries.per_municipality(pool))
    totals = queries.totals(pool)
    return render(
        request,
        "statistics/public.html",
        {
            "pool": pool,
            "totals": totals if disclosure.is_total_safe(rows, totals.awards) else None,
            "lines": _with_bars(rows),
            "map": _map(rows),
            "least": disclosure.LEAST,
        },
    )


def _with_bars(rows):
    """[(row, percent of the greatest grant)]; None where the amount is hidden."""
    most = max((row.granted or 0 for row in rows), default=0)
    return [
        (row, None if row.granted is None else round(row.granted * 100 / (most or 1), 1))
        for row in rows
    ]


def _map(rows):
    return tile_map([(row.municipality, row.granted or 0, _short(row.granted)) for row in rows])


def _short(amount):
    """Whole kroner for a small square; a question mark for what is hidden."""
    if amount is None:
        return "?"
    return format_decimal(amount // 100, locale=get_language())
