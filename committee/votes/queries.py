"""Votes as values to count, and what of them may be known."""

from fractions import Fraction

from django.db.models import Prefetch, Sum

from committee import allocation, tally
from committee.findings import what_is_missing
from committee.review import queries as review
from committee.votes.models import Assessment, Vote
from grants.applications.models import Application
from grants.decisions.models import Decision, Grant, Recommendation
from workflows.lifecycle import ApplicationStatus


def windows():
    """Vote windows with all that counting them takes, in a fixed number of queries."""
    return review.windows().prefetch_related(
        Prefetch("votes", Vote.objects.select_related("member").order_by("id")), "demands"
    )


def window_for(application):
    """The newest vote window of the application, as from `windows()`, or None."""
    return windows().filter(application=application).first()


def rules(window):
    """The tally.Rules that the window is counted by."""
    procedure = window.procedure
    return tally.Rules(
        quorum_percent=procedure.quorum_percent,
        least_young=procedure.least_young,
        least_staff=procedure.least_staff,
        wants_both_blocs=procedure.wants_both_blocs,
        ties=tuple(procedure.ties),
        threshold=Fraction(procedure.threshold),
        young_weight=procedure.young_weight,
        rounding=procedure.rounding,
        weights=window.weights,
    )


def poll(window):
    """The window (one of `windows()`) as values to count: as it closed, or as it is now.

    Raises KeyError or ValueError for ballots that cannot have been cast.
    """
    facts = window.counted or facts_now(window)
    seats = facts["seats"]
    return tally.Poll(
        ballots=tuple(
            tally.Ballot(
                member=str(vote.member_id),
                seat=seats[str(vote.member_id)],
                choice=vote.choice,
                amount=vote.amount,
                scores=vote.scores,
            )
            for vote in window.votes.all()
        ),
        seats=seats,
        rules=rules(window),
        applied_for=facts["applied_for"],
        least_workable=facts["least_workable"],
        recused=frozenset(facts["recused"]),
        chair=facts["chair"],
    )


def facts_now(window):
    """What the result depends on besides votes and rules, as JSON can hold it.

    A member who was replaced, or whose seat has ended, and who had voted, is in it as one who
    stands aside: the ballot is kept, and not counted.
    """
    bench = review.bench(window)
    voters = {vote.member_id: vote.member for vote in window.votes.all()}
    aside = bench.aside | {pk: seat for pk, seat in voters.items() if pk not in bench.seated}
    return {
        "seats": {str(pk): seat.seat for pk, seat in sorted({**bench.seated, **aside}.items())},
        "recused": [str(pk) for pk in sorted(aside)],
        "chair": next((str(pk) for pk, seat in bench.entitled.items() if seat.is_chair), ""),
        "applied_for": window.application.amount_applied_for,
        "least_workable": window.application.least_workable,
    }


def quorum(window):
    """How many votes the window lacks, as a tally.Quorum."""
    return tally.tally(poll(window)).quorum


def takes_votes(window):
    """Whether one can vote now: until its time, and after it for as long as there is no quorum."""
    if window.closed_at or window.application.status != ApplicationStatus.IN_REVIEW:
        return False
    return not window.is_over or not quorum(window).is_met


def can_be_counted(window):
    """Whether there is a quorum, and nobody whose doubt is not settled."""
    return quorum(window).is_met and not review.bench(window).unsure


def is_overdue(window):
    """Whether its time is over and it goes on, since a quorum is still missing."""
    return window.is_over and takes_votes(window)


def missing(window):
    """What the window lacks for a quorum, in words: numbers of votes, never whose."""
    return what_is_missing(quorum(window))


def vote_of(window, member):
    """The member's own vote, or None."""
    return next((vote for vote in window.votes.all() if vote.member_id == member.pk), None)


def assessment_of(window, member):
    """The member's own paper; an empty one that is not saved where there is none."""
    found = Assessment.objects.filter(window=window, member=member).first()
    return found or Assessment(window=window, member=member)


def everybody_has_voted(window):
    voters = {vote.member_id for vote in window.votes.all()}
    return voters >= review.bench(window).entitled.keys()


def waits_for_a_meeting(window):
    """Whether so many have demanded one that it is recommended only after it."""
    if window.met_at or window.follows_id:
        return False
    wanted = window.procedure.members_to_demand_a_meeting
    facts = window.counted or facts_now(window)
    entitled = facts["seats"].keys() - facts["recused"]
    demanded = [each for each in window.demands.all() if str(each.member_id) in entitled]
    return bool(wanted) and len(demanded) >= wanted


def waits_for_an_allocation(window):
    """Whether it is recommended together with the others of its call: one with a deadline."""
    is_together = window.procedure.recommends == window.procedure.Recommends.TOGETHER
    return is_together and window.application.call.closes_at is not None


def tallied(window, *, received_per_inhabitant=Fraction(0)):
    """A closed window as an allocation takes it; its id is the application's reference.

    received_per_inhabitant: what its municipality was given this year, by inhabitant.
    """
    counted, application = tally.tally(poll(window)), window.application
    return allocation.Tallied(
        id=application.reference,
        amount=counted.recommended or window.counted["applied_for"],
        applied_for=window.counted["applied_for"],
        least_workable=window.counted["least_workable"],
        score=counted.score.weighted or Fraction(0),
        support=counted.support,
        carried=counted.carried and counted.quorum.is_met,
        young_mean=counted.score.young or Fraction(0),
        received_per_inhabitant=received_per_inhabitant,
        received=int(application.submitted_at.timestamp()),
        municipalities={
            part.municipality.key_text: part.percent for part in application.municipal_parts.all()
        },
        art_form=application.art_form,
    )


def left_of(call):
    """What of the call's budget is neither given nor recommended to anybody, in øre."""
    given = Grant.objects.filter(call=call, ended_at=None).aggregate(sum=Sum("amount_awarded"))
    waiting = Application.objects.filter(
        call=call, status__in=[ApplicationStatus.RECOMMENDED, ApplicationStatus.DECIDED]
    )
    promised = dict(
        Recommendation.objects.filter(application__in=waiting)
        .order_by("made_at", "id")
        .values_list("application", "amount")
    )
    promised |= dict(
        Decision.objects.filter(application__in=waiting, withdrawn_at=None).values_list(
            "application", "amount_awarded"
        )
    )
    return call.budget - (given["sum"] or 0) - sum(promised.values())
