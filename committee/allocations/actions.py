"""Laying an allocation before the committee, changing it, and adopting it."""

import hashlib
import json

from django.db import transaction
from django.utils.translation import gettext as _

from committee import allocation as allocating
from committee import elections
from committee.allocations import permissions, queries
from committee.allocations.models import Allocation, Move
from committee.votes import actions as voting
from committee.votes import queries as votes
from grants.applications.models import Application
from grants.pools.models import Call
from grants.pools.money import money
from workflows import audit, clock
from workflows.machine import Refusal


@transaction.atomic
def propose(call, *, rule, by, limits=(), step=None):
    """Lay before the committee what the rule makes of the votes that are closed. Returns it.

    limits: allocation.Limit, for a part of the pool each. step: øre, the committee's rounding
    when left out. Raises Refusal when one lies before it already, or no vote is ready.
    """
    _lock(call)
    if queries.laid_forward(call):
        raise Refusal(_("A proposal lies before the committee already."), code="faster")
    windows = queries.waiting(call).ready
    if not windows:
        raise Refusal(_("No closed vote waits for an allocation."))
    _want_to_lead(by, call, windows)
    basis = queries.basis(windows)
    terms = queries.terms(windows, limits=limits, step=step)
    proposal = allocating.allocate(rule, basis.applications, basis.votes, terms)
    election, record = _file(call, basis, terms), proposal.record()
    allocation = Allocation.objects.create(
        committee=windows[0].committee,
        call=call,
        rule=rule,
        election=election,
        record=record,
        sha256=sha256(election, record, _salt_of(windows)),
        proposed_by=by,
    )
    audit.record(
        allocation,
        "proposed",
        by=by,
        call=call.slug,
        rule=proposal.rule,
        hash=allocation.sha256,
        applications=len(windows),
        amount=proposal.spent,
    )
    return allocation


def sha256(election, record, salt=""):
    """Over the file and the record, so that neither can be exchanged unseen."""
    text = json.dumps([election, record], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()


def _salt_of(windows):
    """Nothing where the file is handed out; else nobody can try out secret ballots till it fits."""
    if queries.file_is_open(windows):
        return ""
    return "".join(sorted(window.salt for window in windows))


def _file(call, basis, terms):
    about = {
        "description": call.title,
        "country": "Denmark",
        "unit": call.pool.name,
        "instance": call.slug,
    }
    its = elections.anonymised(basis.applications, basis.votes, basis.seats, terms, about)
    return elections.write(its)


@transaction.atomic
def drop(allocation, *, by):
    """Take it back, so that another one can be laid forward. It is kept, and said in the log."""
    allocation = _locked(allocation)
    _want_to_lead(by, allocation.call, queries.windows_of(allocation))
    allocation.dropped_at = clock.now()
    allocation.save(update_fields=["dropped_at"])
    audit.record(allocation, "dropped", by=by, call=allocation.call.slug)


@transaction.atomic
def move(allocation, application, *, amount, reason, by):
    """Give the application another amount than the rule does, in øre; 0 is nothing.

    Raises Refusal without a written reason, above what was applied for or below the least that
    works, and where the budget or a ceiling does not hold it.
    """
    allocation = _locked(allocation)
    _want_to_lead(by, allocation.call, queries.windows_of(allocation))
    if not reason.strip():
        raise Refusal(_("Write the reason."))
    proposal = queries.standing(allocation)
    applications = queries.counted(allocation).applications
    tallied = next((each for each in applications if each.id == application.reference), None)
    if tallied is None:
        raise Refusal(_("The application is not in this allocation."))
    if amount == proposal.amounts[tallied.id]:
        raise Refusal(_("It has that amount already."))
    try:
        allocating.move(proposal, applications, tallied, amount)
    except allocating.Unmovable as error:
        raise Refusal(_why_not(error.code, allocation, proposal, tallied)) from error
    moved = Move.objects.create(
        allocation=allocation,
        application=application,
        amount=amount,
        reason=reason.strip(),
        moved_by=by,
    )
    audit.record(allocation, "moved", by=by, reference=application.reference, amount=amount)
    return moved


def _why_not(code, allocation, proposal, tallied):
    currency = allocation.pool.currency
    if code == "amount":
        return _("Give between %(least)s and %(most)s, or nothing.") % {
            "least": money(tallied.least_workable, currency),
            "most": money(tallied.applied_for, currency),
        }
    room = queries.room(allocation, proposal, tallied.id)
    left = money(room.amount, currency)
    if room.limit is None:
        return _("There is room for %(left)s. Take another application out first.") % {"left": left}
    return _("%(part)s can get at most %(most)s in all, so there is room for %(left)s here.") % {
        "part": queries.name_of(room.limit),
        "most": money(room.limit.ceiling, currency),
        "left": left,
    }


@transaction.atomic
def adopt(allocation, *, by):
    """Recommend all its applications, with what people have moved; all or none. Returns it.

    Raises Refusal when one of the votes is not the one that it was made of any more, or the
    money is not there any more.
    """
    allocation = _locked(allocation)
    call = allocation.call
    proposal = queries.standing(allocation)
    amounts = proposal.amounts
    # What a vote taken anew locks too: whoever comes second sees what the first has done.
    list(Application.objects.select_for_update().filter(reference__in=amounts).order_by("pk"))
    windows = [
        window for window in queries.waiting(call).ready if window.application.reference in amounts
    ]
    _want_to_lead(by, call, queries.windows_of(allocation))
    if len(windows) < len(amounts) or queries.seed_of(windows) != proposal.terms.seed:
        raise Refusal(
            _("A vote has changed since. Take the proposal back, and lay a new one forward."),
            code="votes",
        )
    left = max(votes.left_of(call), 0)
    if proposal.spent > left:
        raise Refusal(
            _("Only %(left)s is left now. Take the proposal back, and lay a new one forward.")
            % {"left": money(left, call.pool.currency)},
            code="budget",
        )
    allocation.adopted_by, allocation.adopted_at = by, clock.now()
    allocation.save(update_fields=["adopted_by", "adopted_at"])
    audit.record(
        allocation,
        "adopted",
        by=by,
        call=call.slug,
        hash=allocation.sha256,
        applications=len(windows),
        moves=len(allocation.moves.all()),
        amount=proposal.spent,
    )
    for window in sorted(windows, key=lambda each: each.application_id):
        voting.recommend(window, by=by, amount=amounts[window.application.reference])
    audit.checkpoint("adopt_allocation")
    return allocation


def _lock(call):
    """What is laid forward for a call, moved and adopted comes one after the other."""
    Call.objects.select_for_update().get(pk=call.pk)


def _locked(allocation):
    """The proposal as it lies before the committee now; a Refusal when it does not any more."""
    _lock(allocation.call)
    now = queries.laid_forward(allocation.call)
    if now is None or now.pk != allocation.pk:
        raise Refusal(_("Somebody else was faster. Look at the page again."), code="faster")
    return now


def _want_to_lead(by, call, windows):
    if sentence := permissions.lead_obstacle(permissions.reader(by, call, windows)):
        raise Refusal(sentence, code="role")
