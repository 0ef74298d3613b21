"""The doors to the cases that the committee is asked about."""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from committee.review import queries
from committee.review.models import Declaration, Recusal, Substitution, VoteWindow
from committee.seats.models import Committee
from committee.seats.permissions import seats_of, seats_today
from grants.applications import attaching
from grants.applications.models import Application
from grants.pools.permissions import pools_where
from workflows.lifecycle import ApplicationStatus, Role


def answer_for_member(user, reference):
    """The door to a member's own answer, and to nothing else of a case: (window, member, state).

    state: as Bench.state_of, never "outside". Who is "recused" may learn title, applicant, and why
    they stand aside; not how the case goes. Raises Http404 for strangers, for what the committee
    was never asked about, and for a substitute who is not called in.
    """
    window = queries.windows().filter(application__reference=reference).first()
    if window is None:
        raise Http404
    member = next((s for s in seats_of(user) if s.committee_id == window.committee_id), None)
    state = queries.bench(window).state_of(member) if member else "outside"
    if state == "outside":
        raise Http404
    return window, member, state


def window_for_member(user, reference):
    """The door to what a case asks of a member: `answer_for_member`, but for who stands aside."""
    window, member, state = answer_for_member(user, reference)
    if state == "recused":
        raise Http404
    return window, member, state


def application_for_member(user, reference):
    """The door to a case: (application, member). Shut until its member has said "no conflict"."""
    window, member, state = window_for_member(user, reference)
    if state != "clear":
        raise Http404
    return window.application, member


def read_by_member(user):
    """Every case that `application_for_member` lets the user into, in one query."""
    seats = seats_today().filter(user=user)
    here = {"application": OuterRef("pk")}
    holding = Substitution.objects.filter(member__in=seats_today(), substitute__in=seats_today())
    part = queries.taken_part_in_by(OuterRef("substitute__user"))
    given_back = Exists(part.filter(pk=OuterRef("application"))) | Exists(
        Recusal.objects.filter(application=OuterRef("application"), member=OuterRef("substitute"))
    )
    called_in = holding.filter(**here, substitute__in=seats)
    replaced = holding.filter(**here, member__in=seats).exclude(given_back)
    regular = seats.filter(is_substitute=False, committee__pool=OuterRef("call__pool"))
    mine = Declaration.objects.filter(**here, member__in=seats).order_by("-declared_at", "-id")
    is_clear = Q(said=Declaration.Answer.CLEAR) | Q(
        said=Declaration.Answer.UNSURE, ruled_aside=False
    )
    return (
        Application.objects.filter(Exists(VoteWindow.objects.filter(**here)))
        .filter(Exists(called_in) | Exists(regular) & ~Exists(replaced))
        .exclude(recusals__member__in=seats)
        .exclude(pk__in=queries.taken_part_in_by(user).values("pk"))
        .annotate(
            said=Subquery(mine.values("answer")[:1]),
            ruled_aside=Subquery(mine.values("ruling__is_recused")[:1]),
        )
        .filter(is_clear)
    )


def files_shown(application):
    """What the committee can open: what is applied with, while it is under review.

    Nothing of an applicant whose name is protected: what they sent would tell it.
    """
    is_shown = application.status == ApplicationStatus.IN_REVIEW
    if not is_shown or application.applicant.is_protected:
        return application.attachments.none()
    return attaching.standing(application, *attaching.WRITTEN)


def attachment_for_member(user, reference, pk):
    """The door to a file of a case. Raises Http404 wherever it is not shown to the member."""
    application, _member = application_for_member(user, reference)
    return get_object_or_404(files_shown(application), pk=pk)


def aside_obstacle(application, user):
    """The sentence that keeps a person from having a part in the vote, or None."""
    if application.recusals.filter(member__user=user).exists():
        return _("You stand aside from this application.")
    if queries.taken_part_in_by(user).filter(pk=application.pk).exists():
        return _("You take part in this application yourself, so you stand aside from it.")
    return None


def office_obstacle(window, by):
    """The sentence that keeps `by` from acting in this vote as chair or secretariat, or None.

    The chair too has to answer first: what is shut for a member is shut for its chair.
    """
    application = window.application
    if sentence := aside_obstacle(application, by):
        return sentence
    roles = application.roles_of(by)
    if not roles & {Role.CHAIR, Role.CASEWORKER}:
        return _("Only the chair or the secretariat can do this.")
    if Role.CASEWORKER in roles:
        return None
    return seat_obstacle(window, by)


def seat_obstacle(window, user):
    """The sentence that keeps the case shut for the user's own seat in the committee, or None."""
    seat = next((seat for seat in window.committee.seats if seat.user_id == user.pk), None)
    return shut_obstacle(queries.bench(window), seat)


def shut_obstacle(bench, seat):
    """The sentence that keeps a case shut for a seat that does not stand aside, or None."""
    if seat is None or (state := bench.state_of(seat)) == "outside":
        return _("You do not have a seat in this vote.")
    if state == "unsure":
        return _("Wait until it is settled whether you can take part.")
    if state == "undeclared":
        return _("Say first whether you have a conflict.")
    return None


def rule_obstacle(declaration, by):
    """The sentence that keeps `by` from settling the doubt of a member, or None.

    The chair settles the others'; the secretariat the chair's own, all where the chair takes no
    part in the vote, and whatever nobody has settled when the time to vote is over.
    """
    member = declaration.member
    if member.user_id == by.pk:
        return _("Somebody else settles what you are unsure of.")
    window = queries.window_for(declaration.application)
    if sentence := office_obstacle(window, by):
        return sentence
    if waits_for_the_chair(window, queries.bench(window), by):
        return _("The chair settles this.")
    return None


def waits_for_the_chair(window, bench, by):
    """Whether a doubt is the chair's to settle, and `by` is not the chair."""
    chair = bench.chair
    return chair is not None and not window.is_over and chair.user_id != by.pk


def first_questions_of(user):
    """The door to all first questions at once: [(window, member)] that await the user's answer."""
    mine = {seat.committee_id: seat for seat in seats_of(user)}
    is_open = {"closed_at": None, "application__status": ApplicationStatus.IN_REVIEW}
    here = queries.windows().filter(committee__in=mine, **is_open).order_by("closes_at", "id")
    asked = [(window, mine[window.committee_id]) for window in here]
    return [
        (window, seat)
        for window, seat in asked
        if queries.bench(window).state_of(seat) == "undeclared"
    ]


def covered_by(user):
    """The door to who may vote on what: the committees that the user chairs or works for.

    Raises Http404 for everybody else.
    """
    if not user.is_authenticated:
        raise Http404
    chaired = seats_today().filter(user=user, is_chair=True)
    worked = pools_where(user, Role.CASEWORKER)
    found = Committee.objects.filter(Q(members__in=chaired) | Q(pool__in=worked)).distinct()
    committees = list(found.select_related("pool").order_by("pk"))
    if not committees:
        raise Http404
    return committees


def doubt_for(user, pk):
    """The door to what a member is unsure of, for who may settle it. Raises Http404."""
    doubts = Declaration.objects.filter(answer=Declaration.Answer.UNSURE)
    declaration = get_object_or_404(doubts.select_related("application", "member__user"), pk=pk)
    if rule_obstacle(declaration, user):
        raise Http404
    return declaration


def window_for_office(user, reference):
    """The door to a vote for its chair and the secretariat: the window. Raises Http404."""
    window = queries.windows().filter(application__reference=reference).first()
    if window is None or office_obstacle(window, user):
        raise Http404
    return window
