"""The pages that the law wants. They say what the system does, so they stand beside it."""

from datetime import date

from django.shortcuts import render
from django.views.decorators.http import require_safe

from grants.pools.models import Pool
from secretariat.my_data import retention

# The day on which the statement was last gone through, page by page.
LOOKED_THROUGH_ON = date(2026, 11, 22)


@require_safe
def accessibility(request):
    return _page(request, "accessibility", looked_through_on=LOOKED_THROUGH_ON)


@require_safe
def privacy(request):
    return _page(request, "privacy", retention=retention.TABLE)


@require_safe
def cookies(request):
    return _page(request, "cookies")


def _page(request, name, **context):
    context["pools"] = Pool.objects.order_by("pk")
    return render(request, f"pages/{name}.html", context)
