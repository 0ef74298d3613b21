"""Asking the committee about applications, and who stands aside from which."""

from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committee.review import permissions, queries
from committee.review.models import Declaration, Recusal, Ruling, Substitution, VoteWindow
from committee.seats.models import Committee
from grants.applications.models import Application
from grants.letters import outbox
from workflows import audit, clock, machine
from workflows.lifecycle import ApplicationStatus
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
    which is for good. note: what makes one unsure, wanted for that. The same twice is once.
    Raises Refusal once the vote is closed, for who stands aside already, and for who would settle
    the own doubt.
    """
    answer = Declaration.Answer(answer)
    if answer == Declaration.Answer.CONFLICT:
        declare_recusal(application, member=member, ground=ground, by=by)
        return
    _want_own_answer(application, member, by)
    note = note.strip() if answer == Declaration.Answer.UNSURE else ""
    if answer == Declaration.Answer.UNSURE and not note:
        raise Refusal(_("Write what makes you unsure."))
    window = _lock_open(application)
    if sentence := permissions.aside_obstacle(application, by):
        raise Refusal(sentence, code="recused")
    bench = queries.bench(window)
    state = bench.state_of(member)
    if state == "outside":
        raise Refusal(permissions.shut_obstacle(bench, member), code="role")
    said = application.declarations.filter(member=member).first()
    if state == answer and (answer == Declaration.Answer.CLEAR or said.note == note):
        return
    if state == "unsure" and answer == "clear":
        raise Refusal(permissions.shut_obstacle(bench, member), code="unsure")
    declaration = Declaration.objects.create(
        application=application, member=member, answer=answer, note=note
    )
    audit.record(application, "declared", by=by, answer=answer.value)
    if answer == Declaration.Answer.UNSURE:
        _ask_for_a_ruling(declaration)


@transaction.atomic
def declare_recusal(application, *, member, ground, by):
    """Stand aside for good; a vote already given is kept and no longer counted. Twice is once.

    Possible from when the case is ready for the committee until the vote is closed.
    """
    _want_own_answer(application, member, by)
    if ground not in Recusal.Ground.values:
        raise Refusal(_("Say why you stand aside."))
    if not _awaits_opening(application):
        _lock_open(application)
    if application.recusals.filter(member=member).exists():
        return
    conflict = Declaration.Answer.CONFLICT
    Declaration.objects.create(application=application, member=member, answer=conflict)
    _recuse(application, member, Recusal.Ground(ground), by=by)


def _want_own_answer(application, member, by):
    if by != member.user:
        raise Refusal(_("Members can only answer for themselves."), code="role")
    if member.committee.pool_id != application.call.pool_id:
        raise Refusal(_("You do not have a seat in this committee."), code="role")


def _awaits_opening(application):
    status = Application.objects.values_list("status", flat=True).get(pk=application.pk)
    return status == ApplicationStatus.ELIGIBLE


def declare_each(answers, *, by):
    """Declare about several applications, each by itself.

    answers: [(application, member, what `declare` takes)]. Returns {the application's pk: the
    sentence} of those that were refused.
    """
    refused = {}
    for application, member, said in answers:
        try:
            declare(application, member=member, by=by, **said)
        except Refusal as refusal:
            refused[application.pk] = refusal.sentence
    return refused


@transaction.atomic
def keep_posts(seats, posts, *, by):
    """Keep where else somebody works or has a say, one a line, with each of their own seats."""
    for seat in seats:
        if by != seat.user:
            raise Refusal(_("Members can only answer for themselves."), code="role")
        seat.posts = posts
        seat.save(update_fields=["posts"])
        about = audit.subject_code(seat)
        audit.record(seat.pool, "posts_kept", by=by, about=about, fields=["posts"])


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
        _recuse(application, member, Recusal.Ground(ground), by=by, event="recused_by_ruling")
    _tell_the_ruling(ruling)
    return ruling


@transaction.atomic
def call_in(application, *, member, substitute, by):
    """A substitute takes the place of a member who stands aside, or has not answered.

    Both have the same kind of seat. Instead of the member, a substitute who holds the place and
    stands aside can be named. Raises Refusal for a place that is taken, for a substitute who
    cannot take it, and for who is neither chair nor caseworker.
    """
    window = _lock_open(application)
    if sentence := permissions.office_obstacle(window, by):
        raise Refusal(sentence, code="role")
    member = _whose_place(application, member)
    if sentence := call_in_obstacle(application, member, substitute):
        raise Refusal(sentence)
    substitution = Substitution.objects.create(
        application=application, member=member, substitute=substitute, called_by=by
    )
    audit.record(
        application, "substitute_called", by=by, member=member.pk, substitute=substitute.pk
    )
    _tell_the_substitute(substitution, window)
    if member.pk not in queries.bench(window).aside:
        _tell_who_is_replaced(substitution)
    return substitution


def call_in_obstacle(application, member, substitute):
    """The sentence that keeps the substitute from taking the member's place, or None."""
    window = queries.window_for(application)
    bench, member = queries.bench(window), _whose_place(application, member)
    if not substitute.is_substitute or substitute.seat != member.seat:
        return _("Choose a substitute with the same kind of seat.")
    called_before = application.substitutions.filter(substitute=substitute).exists()
    if called_before or not _can_sit(window, substitute):
        return _("This substitute cannot take the place. Choose another.")
    taken = application.substitutions.filter(member=member, substitute__in=list(bench.entitled))
    if taken.exists():
        return _("A substitute has been called in for this member already.")
    if member.pk not in bench.seated:
        return _("This member has no seat in this vote.")
    # Whether they have voted must not matter: it would tell, and take a vote away.
    if member.pk in bench.clear or member.pk in bench.unsure:
        return _("This member takes part. Only who stands aside, or has not answered, is replaced.")
    return None


def _whose_place(application, member):
    """The member, or the one whose place a substitute was called into."""
    called_in = application.substitutions.filter(substitute=member).first()
    return called_in.member if called_in else member


def _can_sit(window, substitute):
    has_seat = any(seat.pk == substitute.pk for seat in window.committee.seats)
    return has_seat and not permissions.aside_obstacle(window.application, substitute.user)


def _lock_open(application):
    """The open window, locked. Raises Refusal when the vote is closed, or was never opened."""
    window = lock_window(application)
    if window is None:
        raise Refusal(
            _("The vote is closed, so nothing can be changed any more. Write to the secretariat."),
            code="closed",
        )
    return window


def lock_window(application, windows=None):
    """The open window of the application, locked, or None; one of `windows` (a queryset).

    What is read after it is what was done before: voting, standing aside and closing come one
    after the other.
    """
    found = queries.windows() if windows is None else windows
    is_open = found.filter(application=application, closed_at=None)
    return is_open.select_for_update(of=("self",)).first()


def _recuse(application, member, ground, *, by, event="recused"):
    Recusal.objects.create(application=application, member=member, ground=ground)
    audit.record(application, event, by=by, member=member.pk, ground=ground.value)


def _ask_for_a_ruling(declaration):
    """Tell those who may settle it: the chair, or the caseworkers where the chair cannot."""
    application = declaration.application
    # As it is after this declaration: a chair who is unsure settles nothing.
    chair = queries.bench(queries.window_for(application)).chair
    people = [chair.user] if chair else queries.caseworkers(application)
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
                link=reverse("committee:rule", args=[declaration.pk]),
            )


def _tell_the_ruling(ruling):
    member, application = ruling.declaration.member, ruling.declaration.application
    with translation.override(member.user.language):
        if ruling.is_recused:
            text = _("You stand aside from %(reference)s. Follow the link to read why.")
        else:
            text = _("You can read %(reference)s now. Follow the link to read why.")
        outbox.post(
            member.user,
            _("What you were unsure of is settled"),
            text % {"reference": application.reference},
            link=reverse("committee:declare", args=[application.reference]),
            can_wait=True,
        )


def _tell_the_substitute(substitution, window):
    user = substitution.substitute.user
    if not window.is_over:
        _ask_to_vote(user, 1, closes_at=window.closes_at)
        return
    with translation.override(user.language):
        outbox.post(
            user,
            _("The committee needs your vote"),
            _(
                "You are called in for %(reference)s. The time to vote is over and votes are still"
                " missing, so vote as soon as you can."
            )
            % {"reference": substitution.application.reference},
            link=reverse("committee:desk"),
        )


def _tell_who_is_replaced(substitution):
    user = substitution.member.user
    with translation.override(user.language):
        outbox.post(
            user,
            _("A substitute votes in your place"),
            _(
                "A substitute has been called in for you on %(reference)s. You cannot read it or"
                " vote on it any more, and a vote you have cast does not count."
            )
            % {"reference": substitution.application.reference},
            link=reverse("committee:desk"),
            can_wait=True,
        )


def _tell_members(opened):
    """One mail a member, however many applications; none about what somebody stands aside from."""
    asked = defaultdict(list)
    for window in queries.windows().filter(pk__in=[window.pk for window in opened]):
        for seat in queries.bench(window).entitled.values():
            asked[seat.user].append(window.closes_at)
    for user, ends in asked.items():
        _ask_to_vote(user, len(ends), closes_at=min(ends))


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
