"""What can be done with an application until it is decided: one act, one function."""

import hashlib
import json
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants import actions as applicants
from applicants.models import Applicant
from grants.applications.models import Application, Consent, InformationRequest, Note
from grants.letters import outbox
from grants.pools.models import Pool
from workflows import audit, clock, machine
from workflows.audit import SYSTEM
from workflows.lifecycle import ApplicationStatus, Role
from workflows.machine import Refusal


@transaction.atomic
def apply(call, *, by, language, **who):
    """A draft for an applicant, told in `who` as applicants.actions.same_or_new wants it.

    A double click gets the same draft: one that nobody has written in yet is not begun again.
    """
    applicant = applicants.same_or_new(by, **who)
    untouched = Application.objects.filter(
        call=call, applicant=applicant, contact=by, status=ApplicationStatus.DRAFT, version=0
    )
    return untouched.first() or start(call, by=by, applicant=applicant, language=language)


@transaction.atomic
def start(call, *, by, applicant, language, **answers):
    """A new draft, with its reference (never reused). Raises Refusal when the call is not open."""
    if not call.is_open:
        raise Refusal(_("This call is not open for applications."))
    reference = _next_reference(call.pool)
    return machine.begin(
        Application(
            reference=reference,
            call=call,
            applicant=applicant,
            contact=by,
            language=language,
            **answers,
        ),
        by=by,
        call=call.slug,
    )


@transaction.atomic
def save_answers(application, *, by, answers, parts=None, lines=None, applicant=None):
    """Save what was written. Raises Refusal when somebody saved in between or it was sent.

    answers: {field of Application: value}. parts: [(municipality, percent)] and lines:
    [(kind, text, amount in øre)] replace what was there, None leaves it.
    """
    machine.want_role(application, by, {Role.APPLICANT})
    saved = Application.objects.filter(
        pk=application.pk, version=application.version, status__in=["draft", "incomplete"]
    ).update(version=F("version") + 1, **answers)
    if not saved:
        raise Refusal(
            _(
                "Somebody else has saved in between. Your text is still here: compare, then save"
                " again."
            ),
            code="version",
        )
    if applicant:
        Applicant.objects.filter(pk=application.applicant_id).update(**applicant)
    if parts is not None:
        application.municipal_parts.all().delete()
        for municipality, percent in parts:
            application.municipal_parts.create(municipality=municipality, percent=percent)
    if lines is not None:
        application.budget_lines.all().delete()
        for kind, text, amount in lines:
            application.budget_lines.create(kind=kind, text=text, amount=amount)
    audit.record(
        application, "answers_saved", by=by, fields=sorted({**answers, **(applicant or {})})
    )
    application.refresh_from_db()


@transaction.atomic
def submit(application, *, by):
    """Hand it in; the server's clock decides. The applicant gets a receipt."""
    Application.objects.filter(pk=application.pk, submitted_at=None).update(
        submitted_at=clock.now()
    )
    machine.take("submit", application, by=by, hash=document_hash(application))
    application.refresh_from_db(fields=["submitted_at"])
    tell(
        application,
        gettext_lazy("We have received your application"),
        gettext_lazy("We have received your application %(reference)s. Here you can follow it."),
    )


@transaction.atomic
def ask_for_more(application, *, by, question, answer_by):
    """Ask the applicant for something that is missing, with a deadline (a date)."""
    machine.take("ask_for_more", application, by=by, answer_by=answer_by.isoformat())
    request = InformationRequest.objects.create(
        application=application, question=question, answer_by=answer_by, asked_by=by
    )
    tell(
        application,
        gettext_lazy("We need a little more from you"),
        gettext_lazy("Something is missing in your application %(reference)s. Log in to see what."),
    )
    return request


@transaction.atomic
def resubmit(application, *, by, answer):
    """Answer the request and send again."""
    request = application.information_requests.filter(answered_at=None).first()
    if request is not None:
        request.answer = answer
        request.answered_at = clock.now()
        request.save(update_fields=["answer", "answered_at"])
    written = document_hash(application)
    machine.take("resubmit", application, by=by, hash=written)
    _end_outdated_consents(application, written)


def accept_for_review(application, *, by):
    """It has all that the committee needs."""
    machine.take("accept_for_review", application, by=by)


def withdraw(application, *, by):
    """The applicant takes it back, as long as nothing has been announced."""
    machine.take("withdraw", application, by=by)


@transaction.atomic
def note(application, *, by, text):
    """Write something down in the case's journal; the log tells that, the note what.

    The same words twice within a minute are one note: a double click.
    """
    machine.want_role(application, by, {Role.CASEWORKER, Role.POOL_ADMIN})
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    a_minute_ago = clock.now() - timedelta(minutes=1)
    same = application.notes.filter(text=text, written_by=by, written_at__gt=a_minute_ago).first()
    if same is not None:
        return same
    written = Note.objects.create(application=application, text=text, written_by=by)
    audit.record(application, "noted", by=by, note=written.pk)
    return written


@transaction.atomic
def invite_guardian(application, *, name, email, relation, by):
    """Ask a parent or guardian for consent, by a mail with a link. Returns the Guardian.

    name: what a guardian who is new here is called. Raises Refusal for the applicant's own address.
    """
    machine.want_role(application, by, {Role.APPLICANT})
    if email.lower() in {by.email, application.contact.email}:
        raise Refusal(_("A parent or guardian is somebody else than you."))
    guardian = applicants.name_guardian(
        application.applicant, name=name, email=email, relation=relation
    )
    audit.record(application, "guardian_named", by=by, guardian=guardian.pk)
    with translation.override(application.language):
        outbox.post(
            guardian.user,
            _("You are asked for your consent"),
            _(
                "Somebody under 18 applies for money and names you as parent or guardian. Log in "
                "with this e-mail address to read the application and give your consent."
            ),
            link=application.get_absolute_url(),
        )
    return guardian


@transaction.atomic
def give_consent(application, *, guardian, by):
    """The guardian's yes, with the hash of what it was given to. Twice is once."""
    if guardian.user_id != by.pk:
        raise Refusal(_("Only the guardian can give consent."))
    if application.status == ApplicationStatus.DRAFT:
        raise Refusal(_("You can say yes when the application has been sent."))
    consent, is_new = Consent.objects.get_or_create(
        application=application,
        guardian=guardian,
        withdrawn_at=None,
        defaults={"document_hash": document_hash(application)},
    )
    if is_new:
        audit.record(application, "consent_given", by=by, hash=consent.document_hash)
    return consent


@transaction.atomic
def withdraw_consent(application, *, guardian, by):
    """The guardian takes the yes back: what has not been sent to the bank is not sent."""
    if guardian.user_id != by.pk:
        raise Refusal(_("Only the guardian can take the consent back."))
    # Who moves its money holds the case: after this, nothing is sent on a consent taken back.
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    taken_back = Consent.objects.filter(
        application=application, guardian=guardian, withdrawn_at=None
    ).update(withdrawn_at=clock.now())
    if taken_back:
        audit.record(application, "consent_withdrawn", by=by)


def tell(application, subject, text):
    """A notice to the contact, in the application's language.

    subject, text: lazy, so that they are said in that language; text may name %(reference)s.
    """
    with translation.override(application.language):
        outbox.post(
            application.contact,
            str(subject),
            str(text) % {"reference": application.reference},
            link=application.get_absolute_url(),
        )


def _end_outdated_consents(application, written):
    """A yes was given to what was written then: the guardian is asked about what is written now."""
    standing = application.consents.filter(withdrawn_at=None).exclude(document_hash=written)
    for consent in standing.select_related("guardian__user"):
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=clock.now())
        audit.record(application, "consent_outdated", by=SYSTEM, hash=consent.document_hash)
        with translation.override(application.language):
            outbox.post(
                consent.guardian.user,
                _("The application has been changed"),
                _("You gave consent to an earlier text. Log in, read it and say yes anew."),
                link=application.get_absolute_url(),
            )


def document_hash(application):
    """SHA-256 of what the applicant wrote, for receipts and consents."""
    written = {
        "reference": application.reference,
        "title": application.title,
        "summary": application.summary,
        "activity": application.activity,
        "audience": application.audience,
        "newness": application.newness,
        "amount_applied_for": application.amount_applied_for,
        "parts": sorted([*key, share] for key, share in application.municipal_weights().items()),
        "budget": [[line.kind, line.text, line.amount] for line in application.budget_lines.all()],
    }
    text = json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _next_reference(pool):
    """UKP-2026-0042: the pool's code, the year, and a number that only ever grows."""
    Pool.objects.filter(pk=pool.pk).update(last_number=F("last_number") + 1)
    pool.refresh_from_db(fields=["last_number"])
    return f"{pool.code.upper()}-{clock.today().year}-{pool.last_number:04}"
