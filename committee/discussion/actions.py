"""Writing in the discussion, and asking and answering the secretariat."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from committee.discussion import permissions
from committee.discussion.models import Remark
from committee.review import queries as review
from committee.review.permissions import aside_obstacle
from committee.votes import queries as votes
from grants.applications import actions as applications
from grants.applications.models import Application
from grants.letters import outbox
from workflows import audit, clock, machine
from workflows.lifecycle import Role
from workflows.machine import Refusal

WRITTEN = {
    Remark.Kind.REMARK: "remark_written",
    Remark.Kind.QUESTION: "question_asked",
    Remark.Kind.ANSWER: "question_answered",
}


@transaction.atomic
def write_remark(application, *, member, kind, text, by, is_new_fact=False):
    """Say something to the committee, or ask the secretariat something. Returns the Remark.

    kind: "remark" or "question". is_new_fact: it becomes a note in the case's journal too. The
    same words twice within a minute are one remark: a double click. Raises Refusal for whom the
    discussion is shut, and when it has ended.
    """
    kind = Remark.Kind(kind)
    # Locked first, so that closing and standing aside come before or after, and not in between.
    window = votes.windows().select_for_update(of=("self",)).filter(application=application).first()
    if window is None or by != member.user or kind == Remark.Kind.ANSWER:
        raise Refusal(_("You cannot take part in this discussion."), code="role")
    if sentence := permissions.read_obstacle(window, member):
        raise Refusal(sentence, code="shut")
    text = _lock_and_check(application, text)
    if same := _just_written(application, kind, text, by):
        return same
    remark = _write(application, kind, text, by, is_new_fact)
    if is_new_fact:
        applications.note_of_the_committee(application, by=by, text=text)
    if kind == Remark.Kind.QUESTION:
        _tell_the_secretariat(application, by)
    return remark


@transaction.atomic
def answer(question, *, text, by, is_new_fact=False):
    """The secretariat answers a question, once, and the member who asked is told.

    is_new_fact: as for a remark. Returns the Remark. Raises Refusal for a second answer, for who
    stands aside, and when the discussion has ended.
    """
    application = question.application
    machine.want_role(application, by, {Role.CASEWORKER})
    if sentence := aside_obstacle(application, by):
        raise Refusal(sentence, code="recused")
    text = _lock_and_check(application, text)
    if question.kind != Remark.Kind.QUESTION or Remark.objects.filter(question=question).exists():
        raise Refusal(_("It has been answered already. Look at the case."), code="faster")
    answered = _write(application, Remark.Kind.ANSWER, text, by, is_new_fact, question=question)
    if is_new_fact:
        applications.note(application, by=by, text=text)
    _tell_who_asked(question)
    return answered


def _lock_and_check(application, text):
    """The text without its edges. With the case locked nobody announces it in between."""
    held = Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    if sentence := permissions.write_obstacle(held):
        raise Refusal(sentence, code="closed")
    if not text.strip():
        raise Refusal(_("Write something first."))
    return text.strip()


def _just_written(application, kind, text, by):
    a_minute_ago = clock.now() - timedelta(minutes=1)
    return application.remarks.filter(
        kind=kind, text=text, author=by, written_at__gt=a_minute_ago
    ).first()


def _write(application, kind, text, by, is_new_fact, question=None):
    remark = Remark.objects.create(
        application=application,
        author=by,
        kind=kind,
        text=text,
        is_new_fact=is_new_fact,
        question=question,
    )
    audit.record(application, WRITTEN[kind], by=by, remark=remark.pk, is_new_fact=bool(is_new_fact))
    return remark


def _tell_the_secretariat(application, by):
    """At once, also to those who want one mail a day: the vote goes on meanwhile.

    Not who asks: while the vote is open, it would tell who has voted.
    """
    for caseworker in review.caseworkers(application).exclude(pk=by.pk):
        with translation.override(caseworker.language):
            outbox.post(
                caseworker,
                _("The committee asks you something"),
                _(
                    "A member of the committee has a question about %(reference)s. "
                    "Your answer is shown in the committee's discussion."
                )
                % {"reference": application.reference},
                link=reverse("desk:case", args=[application.reference]),
            )


def _tell_who_asked(question):
    """Nothing to a member who may not read the case any more."""
    window = votes.window_for(question.application)
    clear = review.bench(window).clear.values()
    seat = next((seat for seat in clear if seat.user_id == question.author_id), None)
    if seat is None or permissions.read_obstacle(window, seat):
        return
    with translation.override(seat.user.language):
        outbox.post(
            seat.user,
            _("Your question is answered"),
            _("The secretariat has answered your question about %(reference)s.")
            % {"reference": question.application.reference},
            link=reverse("committee:case", args=[question.application.reference]),
        )
