"""Asking the committee about applications, and who stands aside from which."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committee.review import permissions, queries
from committee.review.models import Declaration, Recusal, Ruling, Substitution, VoteWindow
from committee.seats.models import Committee
from committee.seats.permissions import seats_today
from grants.applications.models import Application
from grants.letters import outbox
from workflows import audit, clock, machine
from workflows.lifecycle import ApplicationStatus, Role
from workflows.machine import Refusal

# A vote that closes sooner is told at once also to those who want one mail a day.
A_MAIL_CAN_WAIT = timedelta(days=2)


@transaction.atomic
def open_review(applications, *, by, closes_at=None):
    """Ask the committee about these applications, all or none, and tell its members once.

    closes_at: a moment; without it the committee's own days to vote. Returns the vote windows.
    Raises Refusal, naming the application, when one of them cannot be opened.
    """
    opened = []
    for application in sorted(applications, key=lambda each: each.pk):  # one order, no deadlock
        try:
            opened.append(_open_one(application, by=by, closes_at=closes_at))
        except Refusal as refusal:
            sentence = f"{application.reference}: {refusal.sentence}"
            raise Refusal(sentence, code=refusal.code) from refusal
    _tell_members(opened)
    return opened


def _open_one(application, *, by, closes_at):
    committee = Committee.objects.filter(pool=application.pool).first()
    if committee is None:
        raise Refusal(_("The pool has no committee yet. Set one up first."))
    procedure = committee.procedure()
    if procedure is None:
        raise Refusal(_("The committee has no rules of procedure yet. Write them first."))
    closes_at = closes_at or clock.now() + timedelta(days=procedure.days_to_vote)
    if closes_at <= clock.now():
        raise Refusal(_("Choose a time to close the vote that is still to come."))
    machine.take(
        "open_review",
        application,
        by=by,
        closes_at=closes_at.isoformat(),
        procedure=procedure.version,
    )
    criteria = application.call.criteria.all()
    return VoteWindow.objects.create(
        application=application,
        committee=committee,
        procedure=procedure,
        weights={str(criterion.pk): criterion.weight for criterion in criteria},
        closes_at=closes_at,
    )


@transaction.atomic
def declare(application, *, member, answer, by, ground="", note=""):
    """Say whether there is a conflict, before the case opens; or say it anew, until it closes.

    answer: a code of Declaration.Answer. ground: a code of Recusal.Ground, wanted for a conflict,
    which is for good. note: what makes one unsure, wanted for that. Raises Refusal once the vote
    is closed, and for who stands aside already.
    """
    if by != member.user:
        raise Refusal(_("Members can only answer for themselves."), code="role")
    answer = Declaration.Answer(answer)
    if answer == Declaration.Answer.CONFLICT and ground not in Recusal.Ground.values:
        raise Refusal(_("Say why you stand aside."))
    if answer == Declaration.Answer.UNSURE and not note.strip():
        raise Refusal(_("Write what makes you unsure."))
    _lock_open(application)
    if application.recusals.filter(member=member).exists():
        if answer == Declaration.Answer.CONFLICT:  # twice is once
            return
        raise Refusal(_("You stand aside from this application."), code="recused")
    if answer == Declaration.Answer.CLEAR and (
        sentence := permissions.aside_obstacle(application, by)
    ):
        raise Refusal(sentence, code="recused")
    declaration = Declaration.objects.create(
        application=application, member=member, answer=answer, note=note.strip()
    )
    if answer == Declaration.Answer.CONFLICT:
        _recuse(application, member, Recusal.Ground(ground), by=by)
    else:
        audit.record(application, "declared", by=by, answer=answer.value)
    if answer == Declaration.Answer.UNSURE:
        _ask_for_a_ruling(declaration)


def declare_recusal(application, *, member, ground, by):
    """Stand aside for good; a vote already given is kept and no longer counted. Twice is once."""
    declare(application, member=member, answer=Declaration.Answer.CONFLICT, ground=ground, by=by)


@transaction.atomic
def rule(declaration, *, is_recused, reason, by, ground=Recusal.Ground.OTHER_DOUBT):
    """Settle what a member is unsure of, with a reason; the member is told. Returns the Ruling."""
    application, member = declaration.application, declaration.member
    _lock_open(application)
    if sentence := permissions.rule_obstacle(declaration, by):
        raise Refusal(sentence, code="role")
    if declaration.pk not in {each.pk for each in queries.doubts(application)}:
        raise Refusal(_("It is settled already. Look at the page again."), code="faster")
    if not reason.strip():
        raise Refusal(_("Write the reason."))
    ruling = Ruling.objects.create(
        declaration=declaration, is_recused=is_recused, reason=reason.strip(), ruled_by=by
    )
    audit.record(application, "doubt_settled", by=by, member=member.pk, is_recused=bool(is_recused))
    if is_recused:
        _recuse(application, member, Recusal.Ground(ground), by=by)
    _tell_the_ruling(ruling)
    return ruling


@transaction.atomic
def call_in(application, *, member, substitute, by):
    """A substitute takes the place of a member: of one who stands aside, or who cannot vote.

    Both have the same kind of seat. Raises Refusal for a place that is taken, for a substitute
    who stands aside, and for who is neither chair nor caseworker.
    """
    _lock_open(application)
    machine.want_role(application, by, {Role.CHAIR, Role.CASEWORKER})
    if sentence := permissions.aside_obstacle(application, by):
        raise Refusal(sentence, code="recused")
    if sentence := call_in_obstacle(application, member, substitute):
        raise Refusal(sentence)
    substitution = Substitution.objects.create(
        application=application, member=member, substitute=substitute, called_by=by
    )
    audit.record(
        application, "substitute_called", by=by, member=member.pk, substitute=substitute.pk
    )
    window = queries.window_for(application)
    _ask_to_vote(substitute.user, 1, closes_at=window.closes_at)
    return substitution


def call_in_obstacle(application, member, substitute):
    """The sentence that keeps the substitute from taking the member's place, or None."""
    bench = queries.bench(queries.window_for(application))
    if not substitute.is_substitute or substitute.seat != member.seat:
        return _("Choose a substitute with the same kind of seat.")
    if substitute.pk in bench.aside or substitute.pk in bench.seated:
        return _("This substitute cannot take the place. Choose another.")
    taken = application.substitutions.filter(member=member).exclude(
        substitute__in=list(bench.aside)
    )
    if taken.exists():
        return _("A substitute has been called in for this member already.")
    if member.pk not in bench.seated and member.pk not in bench.aside:
        return _("This member has no seat in this vote.")
    return None


def _lock_open(application):
    """Lock the open window, so that declaring, voting and closing come one after the other.

    Raises Refusal when the vote is closed, or the committee was not asked.
    """
    window = lock_window(application)
    status = Application.objects.values_list("status", flat=True).get(pk=application.pk)
    if window is None and status != ApplicationStatus.ELIGIBLE:
        raise Refusal(
            _("The vote is closed, so nothing can be changed any more. Write to the secretariat."),
            code="closed",
        )
    return window


def lock_window(application):
    """The open window of the application, locked, or None.

    What is read after it is what was done before: voting, standing aside and closing come one
    after the other.
    """
    open_windows = queries.windows().filter(application=application, closed_at=None)
    return open_windows.select_for_update(of=("self",)).first()


def _recuse(application, member, ground, *, by):
    Recusal.objects.create(application=application, member=member, ground=ground)
    audit.record(application, "recused", by=by, member=member.pk, ground=ground.value)


def _ask_for_a_ruling(declaration):
    """Tell those who may settle it: the chair, or the caseworkers where the chair cannot."""
    application = declaration.application
    window = queries.window_for(application)
    chair = next((s for s in queries.bench(window).clear.values() if s.is_chair), None)
    is_chairs_own = declaration.member.is_chair
    people = [chair.user] if chair and not is_chairs_own else queries.caseworkers(application)
    page = "committee:coverage" if chair and not is_chairs_own else "desk:cases"
    for person in people:
        with translation.override(person.language):
            outbox.post(
                person,
                _("A member is unsure about a conflict"),
                _(
                    "A member of the committee is unsure about %(reference)s, and cannot open it "
                    "before you have settled it."
                )
                % {"reference": application.reference},
                link=reverse(page),
            )


def _tell_the_ruling(ruling):
    member, application = ruling.declaration.member, ruling.declaration.application
    with translation.override(member.user.language):
        if ruling.is_recused:
            text = _("You stand aside from %(reference)s. The reason stands on your desk.")
        else:
            text = _("You can read %(reference)s and vote on it. The reason stands on your desk.")
        outbox.post(
            member.user,
            _("What you were unsure of is settled"),
            text % {"reference": application.reference},
            link=reverse("committee:desk"),
            can_wait=True,
        )


def _tell_members(opened):
    """One mail a member, however many applications; none about what somebody stands aside from."""
    for committee in {window.committee for window in opened}:
        asked = [window for window in opened if window.committee == committee]
        aside = set(
            Recusal.objects.filter(
                application__in=[window.application_id for window in asked]
            ).values_list("member_id", "application_id")
        )
        regular = seats_today().filter(committee=committee, is_substitute=False)
        for seat in regular.select_related("user"):
            count = sum((seat.pk, window.application_id) not in aside for window in asked)
            if count:
                _ask_to_vote(seat.user, count, closes_at=min(each.closes_at for each in asked))


def _ask_to_vote(user, count, *, closes_at):
    with translation.override(user.language):
        closes = formats.date_format(timezone.localtime(closes_at, clock.LOCAL), "DATETIME_FORMAT")
        outbox.post(
            user,
            _("The committee needs your vote"),
            ngettext(
                "%(count)s application awaits your vote. Read it and vote before %(closes)s.",
                "%(count)s applications await your vote. Read them and vote before %(closes)s.",
                count,
            )
            % {"count": count, "closes": closes},
            link=reverse("committee:desk"),
            can_wait=closes_at - clock.now() > A_MAIL_CAN_WAIT,
        )
