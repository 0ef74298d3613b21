"""The one-minute check: whether one can apply, before one begins to write."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from grants.pools.models import Call
from grants.pools.rules import Rules, judge, spelled_out, worst_first
from grants.portal import queries
from grants.portal.checking_form import CheckForm

# The rules that each question of the check settles.
SETTLED_BY = {
    "age": {"age"},
    "kind": {"kind"},
    "home": {"residence"},
    "places": {"residence", "municipalities"},
    "starts_on": {"days_before_start", "not_begun"},
    "ends_on": {"black_outs", "dates"},
    "amount": {"amount"},
}


@require_safe
def can_we_apply(request, slug):
    """Nothing is stored, and nobody logs in: the answers stand in the address."""
    call = get_object_or_404(Call.objects.select_related("pool"), slug=slug)
    rules = Rules.of(call)
    form = CheckForm(request.GET or None, pool=call.pool, rules=rules)
    settled = set().union(*(SETTLED_BY[name] for name in form.fields))
    verdicts = []
    if form.is_valid():
        verdicts = [each for each in judge(rules, form.facts()) if each.rule in settled]
    home = form.cleaned_data.get("home") if verdicts else None
    return render(
        request,
        "portal/can_we_apply.html",
        {
            "call": call,
            "pool": call.pool,
            "phase": queries.phase(call),
            "form": form,
            "verdicts": worst_first(verdicts),
            "answer": _answer(verdicts),
            "others": [told for rule, told in spelled_out(rules) if rule not in settled],
            "home": home,
            "consultants": queries.consultants_in(call.pool, home) if home else [],
        },
    )


def _answer(verdicts):
    """ "no", "perhaps" or "yes"; "open" as long as nothing was told, and nothing before that."""
    states = {verdict.state for verdict in verdicts}
    if not states:
        return ""
    if "broken" in states:
        return "no"
    if "unknown" not in states:
        return "yes"
    return "perhaps" if "holds" in states else "open"
