"""Deciding, announcing, and what can happen to a grant afterwards."""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grants.applications.actions import tell
from grants.applications.models import Application, Note, Reminder
from grants.applications.reminders import remind
from grants.decisions import facts, queries
from grants.decisions.models import Decision, Grant, Hearing, MunicipalShare, Recommendation
from grants.letters import actions as letters
from workflows import audit, clock, machine
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus, Role
from workflows.machine import Refusal

log = logging.getLogger(__name__)

# Time enough to ask a guardian, or to find the account number.
DAYS_BEFORE_A_YES_IS_LATE = 5
# Time to answer a hearing; the law names no number, fourteen days is the practice.
DAYS_TO_ANSWER_A_HEARING = 14


@transaction.atomic
def recommend(application, *, by, amount, entitled, needed, cast, votes_for, votes_against):
    """What the committee arrived at. With fewer votes than were needed the database refuses it."""
    recommendation = Recommendation.objects.create(
        application=application,
        amount=amount,
        entitled=entitled,
        needed=needed,
        cast=cast,
        votes_for=votes_for,
        votes_against=votes_against,
    )
    machine.take("recommend", application, by=by, amount=amount, entitled=entitled, cast=cast)
    return recommendation


@transaction.atomic
def decide(
    application,
    *,
    by,
    amount,
    guideline=None,
    criterion=None,
    fact="",
    deviation_reason="",
):
    """Record what the authority decides; nobody is told yet. amount in øre, 0 is a rejection.

    Raises Refusal when a reason is missing: guideline, criterion and fact for a rejection and for
    less than was applied for; a reason of its own where it deviates from the recommendation.
    """
    is_partial = amount < application.amount_applied_for
    if amount > application.amount_applied_for:
        raise Refusal(_("Nobody can be given more than was applied for."))
    if is_partial and not (guideline and criterion and fact.strip()):
        raise Refusal(
            _("Say which guideline, which criterion and which fact the decision rests on.")
        )
    recommendation = application.recommendations.first()
    if recommendation and recommendation.amount != amount and not deviation_reason.strip():
        raise Refusal(_("The decision deviates from the recommendation. Say why."))
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                application=application,
                amount_awarded=amount,
                is_partial=is_partial,
                guideline=guideline,
                criterion=criterion,
                fact=fact.strip(),
                deviation_reason=deviation_reason.strip(),
                decided_by=by,
            )
    except IntegrityError as error:  # one_standing_decision
        raise Refusal(_("Somebody else was faster. Look at the page again.")) from error
    machine.take("decide", application, by=by, amount=amount, decision=decision.pk)
    return decision


@transaction.atomic
def reopen_decision(application, *, by):
    """Take a decision back that nobody has been told yet."""
    Decision.objects.filter(application=application, withdrawn_at=None).update(
        withdrawn_at=clock.now()
    )
    machine.take("reopen_decision", application, by=by)


@transaction.atomic
def announce(applications, *, by):
    """Tell the decisions: a grant or a rejection each, with its letter. All or none.

    Raises Refusal, naming the application, when one of them cannot be announced.
    """
    # Locked first, in one order: no deadlock, and no decision is exchanged meanwhile.
    keys = sorted(application.pk for application in applications)
    list(Application.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    for application in sorted(applications, key=lambda each: each.pk):
        decision = application.current_decision()
        if decision is None:
            raise Refusal(_("%(case)s has no decision.") % {"case": application.reference})
        try:
            _announce_one(application, decision, by=by)
        except Refusal as refusal:
            sentence = f"{application.reference}: {refusal.sentence}"
            raise Refusal(sentence, code=refusal.code) from refusal
    audit.checkpoint("announce")


def _announce_one(application, decision, *, by):
    machine.take(  # first of all: the second of two people at once is refused here
        "reject" if decision.is_rejection else "award",
        application,
        by=by,
        amount=decision.amount_awarded,
    )
    grant, shares = queries.planned(decision)
    if grant is not None:
        _give(grant, shares)
    guidance = facts.guidance_for(decision)
    decision.letter = letters.issue(
        decision.kind,
        pool=application.pool,
        to=application.contact,
        language=application.language,
        reference=application.reference,
        title=application.title,
        facts=facts.of(decision, grant=grant, shares=shares, guidance=guidance),
        link=application.get_absolute_url(),
        replaces=queries.letter_before(decision),
    )
    decision.complaint_guidance = guidance
    decision.announced_at = clock.now()
    decision.save(update_fields=["letter", "complaint_guidance", "announced_at"])


def _give(grant, shares):
    """Save the grant and its municipal shares; refused where the call's money does not reach."""
    try:
        with transaction.atomic():
            grant.save(force_insert=True)
    except IntegrityError as error:
        if "above what there is to give" not in str(error):
            raise
        raise Refusal(_("There is not enough money left in the call for this grant.")) from error
    for share in shares:
        share.grant = grant
    MunicipalShare.objects.bulk_create(shares)


@transaction.atomic
def decline_grant(application, *, by):
    """No thanks: the money goes back to the call."""
    machine.take("decline_grant", application, by=by)
    _end_grant(application)


@transaction.atomic
def lapse(application, *, by):
    """A grant nobody said yes to in time (SYSTEM), or one with nothing paid (caseworker)."""
    machine.take("lapse", application, by=by)
    _end_grant(application)


def lapse_unanswered():
    """Every grant past its deadline lapses. Returns how many did."""
    late = Application.objects.filter(
        status="awarded", grants__ended_at=None, grants__accept_by__lt=clock.today()
    )
    count = 0
    for application in late.select_related("call__pool"):
        try:
            lapse(application, by=SYSTEM)
        except Refusal as refusal:  # the applicant was faster
            log.info("%s does not lapse: %s", application.reference, refusal.sentence)
        else:
            count += 1
    return count


def remind_of_grants():
    """Who has not said yes yet, five days before the grant lapses. Returns how many."""
    today = clock.today()
    waiting = Grant.objects.filter(
        ended_at=None,
        accepted_at=None,
        application__status=ApplicationStatus.AWARDED,
        accept_by__range=(today, today + timedelta(days=DAYS_BEFORE_A_YES_IS_LATE)),
    )
    return sum(
        remind(
            grant.application,
            Reminder.What.ACCEPT,
            due_on=grant.accept_by,
            subject=gettext_lazy("Say yes to your grant"),
            text=gettext_lazy(
                "We have a grant for you in %(reference)s, and you have not said yes yet. Say yes"
                " by %(day)s, or the money goes to others. Log in to do it."
            ),
        )
        for grant in waiting.select_related("application__contact")
    )


@transaction.atomic
def hear(application, *, by, text):
    """Open a hearing before money is reclaimed; the applicant is told."""
    machine.want_role(application, by, {Role.CASEWORKER})
    # Two people must not open two hearings.
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    if sentence := queries.hear_obstacle(application):
        raise Refusal(sentence)
    hearing = Hearing.objects.create(
        application=application,
        text=text,
        answer_by=clock.today() + timedelta(days=DAYS_TO_ANSWER_A_HEARING),
        opened_by=by,
    )
    audit.record(application, "heard", by=by, answer_by=hearing.answer_by.isoformat())
    tell(
        application,
        gettext_lazy("We would like to hear from you"),
        gettext_lazy(
            "Before we decide something in your case %(reference)s, we would like to hear"
            " what you have to say. Log in and answer."
        ),
    )
    return hearing


@transaction.atomic
def answer_hearing(hearing, *, by, answer):
    """The applicant's answer, once."""
    machine.want_role(hearing.application, by, {Role.APPLICANT})
    answered = Hearing.objects.filter(pk=hearing.pk, answered_at=None).update(
        answer=answer, answered_at=clock.now()
    )
    if not answered:
        raise Refusal(_("The hearing has been answered already."))
    audit.record(hearing.application, "hearing_answered", by=by)


@transaction.atomic
def reopen(application, *, by, reason):
    """Take a closed case up again. What was given before ends; a new decision is needed."""
    if not reason.strip():
        raise Refusal(_("Say why the case is taken up again."))
    note = Note.objects.create(application=application, text=reason.strip(), written_by=by)
    machine.take("reopen", application, by=by, note=note.pk)
    Decision.objects.filter(application=application, withdrawn_at=None).update(
        withdrawn_at=clock.now()
    )
    _end_grant(application)


def _end_grant(application):
    Grant.objects.filter(application=application, ended_at=None).update(ended_at=clock.now())
