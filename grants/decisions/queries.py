"""What a decision comes to: asked when it is announced, and by those who want to see it before."""

from datetime import timedelta

from django.utils.translation import gettext as _

from grants.decisions import facts
from grants.decisions.models import Grant, MunicipalShare
from grants.letters import actions as letters
from grants.pools.shares import split
from workflows import clock
from workflows.lifecycle import ApplicationStatus


def planned(decision):
    """The grant that the decision gives if it is announced today, and its municipal shares.

    None of it is saved. (None, []) for a rejection.
    """
    if decision.is_rejection:
        return None, []
    application, call = decision.application, decision.application.call
    accept_by = clock.today() + timedelta(days=call.days_to_accept)
    grant = Grant(
        application=application,
        decision=decision,
        call=call,
        amount_awarded=decision.amount_awarded,
        currency=application.currency,
        conditions=call.conditions_in(application.language),
        award_date=clock.today(),
        accept_by=accept_by,
        report_by=max(application.ends_on, accept_by) + timedelta(days=call.days_to_report),
    )
    return grant, _shares(grant)


def letter_before(decision):
    """The letter that the decision's own letter replaces, or None."""
    told = decision.application.decisions.exclude(letter=None).exclude(pk=decision.pk)
    earlier = told.select_related("letter").first()
    return earlier.letter if earlier else None


def letter_preview(decision):
    """The letter's HTML as it would be announced now. Nothing is written; the code is only dots.

    The decision need not be saved. Raises Refusal where the pool lacks complaint guidance.
    """
    grant, shares = planned(decision)
    told = facts.of(decision, grant=grant, shares=shares, guidance=facts.guidance_for(decision))
    language = decision.application.language
    return letters.draft(decision.kind, language, told, replaces=letter_before(decision))


def hear_obstacle(application):
    """The sentence that stands in the way of a hearing now, or None."""
    if application.status not in {ApplicationStatus.ACCEPTED, ApplicationStatus.COMPLETED}:
        return _("Only an accepted grant can be reclaimed.")
    if application.hearings.filter(answered_at=None, answer_by__gte=clock.today()).exists():
        return _("The applicant is being heard already.")
    return None


def _shares(grant):
    parts = grant.application.municipal_parts.select_related("municipality")
    percents = {part.municipality: part.percent for part in parts}
    amounts = split(grant.amount_awarded, {place.key: each for place, each in percents.items()})
    return [
        MunicipalShare(grant=grant, municipality=place, amount=amounts[place.key])
        for place in sorted(percents, key=lambda place: place.place)
    ]
