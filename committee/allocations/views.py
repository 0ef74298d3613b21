from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from committee.allocation import allocate
from committee.allocations import actions, permissions, queries, sheet
from committee.allocations.forms import CompareForm, ElectionForm, MoveForm, TermsForm
from grants.applications.models import Application
from workflows.machine import Refusal


@login_required
@require_GET
def allocations(request):
    """The calls of my committees that are allocated together, and how far each has come."""
    pools = permissions.pools_of(request.user)
    context = {
        "calls": queries.calls_in(pools, request.user),
        "seat": permissions.seat_in(pools[0], request.user),
    }
    return render(request, "committee/allocations.html", context)


@login_required
@require_GET
def allocation(request, slug):
    """What lies before the committee, or was adopted; to those who lead, what could be laid."""
    call = permissions.call_for(request.user, slug)
    shown = _shown(request, call)
    windows = queries.windows_of(shown) if shown else queries.waiting(call).ready
    reader = permissions.reader(request.user, call, windows)
    context = {
        "call": call,
        "waiting": queries.waiting(call, told_to=request.user),
        "allocation": shown,
        "adopted": queries.adopted(call),
        "reader": reader,
        "seat": reader.seat,
        "obstacle": permissions.lead_obstacle(reader),
    }
    if shown:
        return _laid_forward(request, context, windows)
    if windows and not context["obstacle"]:
        return _chooser(request, context, windows)
    return render(request, "committee/allocation_waits.html", context)


def _shown(request, call):
    """The allocation that the page is about: an adopted one, the proposal, else the newest."""
    if number := request.GET.get("adopted", ""):
        return get_object_or_404(queries.adopted(call), pk=number if number.isdecimal() else 0)
    if proposal := queries.laid_forward(call):
        return proposal
    is_ready = queries.waiting(call, told_to=request.user).ready
    return None if is_ready else queries.adopted(call).first()


def _laid_forward(request, context, windows):
    shown, reader = context["allocation"], context["reader"]
    if not reader.sees_all:
        context["excerpt"] = sheet.excerpt(shown, windows, reader)
        return render(request, "committee/allocation_excerpt.html", context)
    form = CompareForm(request.GET)
    other = form.cleaned_data["other"] if form.is_valid() else ""
    context |= {
        "form": form,
        "sheet": sheet.of_allocation(shown, windows, other),
        "rule": shown.get_rule_display(),
        "second_rule": _label(other),
        "may_download": queries.file_is_open(windows),
    }
    return render(request, "committee/allocation.html", context)


def _chooser(request, context, windows):
    form = TermsForm(request.GET, windows=windows, step=queries.terms(windows).step)
    context["form"] = form
    if not form.is_bound or form.is_valid():
        rule, other, limits, step = form.chosen
        terms = queries.terms(windows, limits=limits, step=step)
        context |= {
            "sheet": sheet.of_votes(windows, rule, other, terms),
            "rule": _label(rule),
            "second_rule": _label(other),
        }
    return render(request, "committee/allocation_chooser.html", context)


def _label(rule):
    return dict(TermsForm.base_fields["other"].choices)[rule] if rule else ""


@login_required
@require_POST
def propose(request, slug):
    """Lay forward what the page has shown."""
    call = permissions.call_for(request.user, slug)
    windows = queries.waiting(call).ready
    if not windows:
        raise Refusal(_("No closed vote waits for an allocation."))
    form = TermsForm(request.POST, windows=windows, step=None)
    if not (form.is_bound and form.is_valid()):
        raise Refusal(_("Choose a rule first."))
    rule, _other, limits, step = form.chosen
    actions.propose(call, rule=rule, limits=limits, step=step, by=request.user)
    messages.success(request, _("The proposal lies before the committee."))
    return redirect("committee:allocation", slug)


@login_required
@require_POST
def drop(request, slug):
    call = permissions.call_for(request.user, slug)
    actions.drop(_proposal(call), by=request.user)
    messages.success(request, _("The proposal is taken back."))
    return redirect("committee:allocation", slug)


@login_required
@require_http_methods(["GET", "POST"])
def move(request, slug, reference):
    """Give one application another amount than the rule does, with a written reason."""
    call = permissions.call_for(request.user, slug)
    proposal = _proposal(call)
    _want_to_lead(request.user, proposal)
    application = get_object_or_404(Application, call=call, reference=reference)
    standing = queries.standing(proposal)
    if reference not in standing.amounts:
        raise Http404
    form = MoveForm(request.POST or None, initial={"amount": standing.amounts[reference]})
    if request.method == "POST" and form.is_valid():
        try:
            actions.move(proposal, application, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, _("“%(title)s” is moved.") % {"title": application.title})
            return redirect("committee:allocation", slug)
    room = queries.room(proposal, standing, reference)
    context = {
        "call": call,
        "application": application,
        "amount": standing.amounts[reference],
        "room": room,
        "full_part": queries.name_of(room.limit) if room.limit else "",
        "why": queries.reasons_in(proposal, standing)[reference],
        "form": form,
    }
    return render(request, "committee/allocation_move.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def adopt(request, slug):
    """Say what adopting means; then recommend them all."""
    call = permissions.call_for(request.user, slug)
    proposal = _proposal(call)
    if request.method == "POST":
        actions.adopt(proposal, by=request.user)
        messages.success(request, _("The allocation is adopted. The secretariat has it now."))
        return redirect("committee:allocation", slug)
    reader = _want_to_lead(request.user, proposal)
    context = {"call": call, "standing": queries.standing(proposal), "reader": reader}
    return render(request, "committee/allocation_adopt.html", context)


@login_required
@require_GET
def election(request, slug):
    """The anonymised election of a proposal, to compute it again."""
    call = permissions.call_for(request.user, slug)
    shown = _shown(request, call)
    windows = queries.windows_of(shown) if shown else ()
    reader = permissions.reader(request.user, call, windows)
    if shown is None or not reader.sees_all or not queries.file_is_open(windows):
        raise Http404
    answer = HttpResponse(shown.election, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{call.slug}-{shown.pk}.pb"'
    return answer


@login_required
@require_GET
def receipt(request, slug):
    """Where my own share of the money went."""
    call = permissions.call_for(request.user, slug)
    wanted = _shown(request, call)
    shown = wanted if wanted and wanted.adopted_at else queries.adopted(call).first()
    seat = permissions.seat_in(call.pool, request.user)
    if shown is None or seat is None:
        raise Http404
    windows = queries.windows_of(shown)
    context = {"call": call, "allocation": shown, "seat": seat}
    if permissions.reader(request.user, call, windows).sees_all:
        found = queries.receipt_of(shown, seat)
        if found is None:
            raise Http404
        titles = {each.application.reference: each.application for each in windows}
        context |= {
            "receipt": found,
            "own": [(titles[reference], amount) for reference, amount in found.own],
            "by_points": [(titles[reference], amount) for reference, amount in found.by_points],
        }
    return render(request, "committee/receipt.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def recompute(request):
    """Compute the allocation of a .pb file again; nothing of it is kept."""
    pools = permissions.pools_of(request.user)
    form = ElectionForm(request.POST or None, request.FILES or None)
    context = {"form": form, "seat": permissions.seat_in(pools[0], request.user)}
    if request.method == "POST" and form.is_valid():
        context |= _computed(form)
    return render(request, "committee/allocation_file.html", context)


def _computed(form):
    counted, told = form.counted, form.cleaned_data
    first, second = (
        allocate(rule, counted.applications, counted.votes, counted.terms) if rule else None
        for rule in (told["rule"], told["other"])
    )
    return sheet.of_a_file(first, second, counted.unit) | {
        "rule": _label(told["rule"]),
        "second_rule": _label(told["other"]),
    }


def _proposal(call):
    """What lies before the committee now. Raises Refusal when nothing does."""
    proposal = queries.laid_forward(call)
    if proposal is None:
        raise Refusal(_("Somebody else was faster. Look at the page again."), code="faster")
    return proposal


def _want_to_lead(user, proposal):
    windows = queries.windows_of(proposal)
    reader = permissions.reader(user, proposal.call, windows)
    if sentence := permissions.lead_obstacle(reader):
        raise Refusal(sentence, code="role")
    return reader
