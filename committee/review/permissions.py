"""The doors to the cases that the committee is asked about."""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from committee.review import queries
from committee.review.models import Declaration, Substitution, VoteWindow
from committee.seats.permissions import seats_of, seats_today
from grants.applications import attaching
from grants.applications.models import Application
from workflows.lifecycle import ApplicationStatus, Role

# A guardian has one when they have said yes: being named is nothing that they did.
OWN_PART = {Role.APPLICANT, Role.HELPER}


def window_for_member(user, reference):
    """The door to the first question, and to nothing else of a case: (window, member, state).

    state: "undeclared", "unsure" or "clear". Raises Http404 for strangers, for what the
    committee was never asked about, for a substitute who is not called in, and for who is recused
    and may not even learn how the case goes.
    """
    window = queries.windows().filter(application__reference=reference).first()
    if window is None:
        raise Http404
    member = next((s for s in seats_of(user) if s.committee_id == window.committee_id), None)
    state = queries.bench(window).state_of(member) if member else "outside"
    if state in {"recused", "outside"}:
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
    mine = Declaration.objects.filter(**here, member__in=seats).order_by("-declared_at", "-id")
    replaced = Substitution.objects.filter(**here, member__in=seats, substitute__in=seats_today())
    called_in = Substitution.objects.filter(**here, substitute__in=seats)
    regular = seats.filter(is_substitute=False, committee__pool=OuterRef("call__pool"))
    is_clear = Q(said=Declaration.Answer.CLEAR) | Q(
        said=Declaration.Answer.UNSURE, ruled_aside=False
    )
    return (
        Application.objects.filter(Exists(VoteWindow.objects.filter(**here)))
        .filter(Exists(called_in) | Exists(regular) & ~Exists(replaced))
        .exclude(recusals__member__in=seats)
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
    if OWN_PART & application.roles_of(user) or application.has_answer_of(user):
        return _("You take part in this application yourself. Declare that you stand aside.")
    return None


def rule_obstacle(declaration, by):
    """The sentence that keeps `by` from settling the doubt of a member, or None.

    The chair settles the others'; the secretariat the chair's own, and whatever nobody has
    settled when the time to vote is over.
    """
    application, member = declaration.application, declaration.member
    roles = application.roles_of(by)
    if member.user_id == by.pk:
        return _("Somebody else settles what you are unsure of.")
    if sentence := aside_obstacle(application, by):
        return sentence
    if Role.CHAIR in roles:
        return None
    if Role.CASEWORKER not in roles:
        return _("Only the chair or the secretariat can settle this.")
    window = queries.window_for(application)
    chair_can = any(seat.is_chair for seat in queries.bench(window).clear.values())
    if not member.is_chair and chair_can and not window.is_over:
        return _("The chair settles this.")
    return None
