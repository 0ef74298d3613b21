"""What everybody can see: the pool, its calls, and whether a letter is ours."""

import hashlib

from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from grants.pools.models import Call
from grants.pools.rules import Rules, spelled_out
from grants.portal import queries
from grants.portal.forms import VerifyForm

ABOUT_WHO_APPLIES = {"age", "kind", "residence", "awards_per_year"}


@require_safe
def front(request):
    return render(
        request,
        "portal/front.html",
        {"calls": queries.calls_to_show(), "pools": queries.pools_to_show()},
    )


@require_safe
def call(request, slug):
    found = get_object_or_404(Call.objects.select_related("pool"), slug=slug)
    rules = spelled_out(Rules.of(found))
    return render(
        request,
        "portal/call.html",
        {
            "call": found,
            "pool": found.pool,
            "phase": queries.phase(found),
            "about_you": [told for rule, told in rules if rule in ABOUT_WHO_APPLIES],
            "about_it": [told for rule, told in rules if rule not in ABOUT_WHO_APPLIES],
            "municipalities": queries.municipalities_of(found.pool),
            "examples": queries.examples(found.pool),
            "consultants": queries.consultants(found.pool),
            "criteria": found.criteria.all(),
            "conditions": found.conditions_in(get_language()),
            "guidelines": queries.guidelines(found.pool, get_language()),
        },
    )


def verify(request):
    form = VerifyForm(request.POST or None, request.FILES or None)
    result = _result(**form.cleaned_data) if form.is_valid() else ""
    return render(request, "portal/verify.html", {"form": form, "result": result})


def _result(*, code, letter):
    """What verify.html tells: unknown, known (no file), matches, replaced or differs."""
    ours = queries.letter_by_code(code)
    if ours is None:
        return "unknown"
    if letter is not None and _sha256(letter) != ours.sha256:
        return "differs"
    if ours.is_replaced:
        return "replaced"
    return "known" if letter is None else "matches"


def _sha256(upload):
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()
