"""What can be done with an application until it is decided: one act, one function."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applicants import actions as applicants
from applicants.models import Applicant, User
from grants.applications import guardians, permissions
from grants.applications.documents import document_hash
from grants.applications.models import (
    Application,
    BudgetLine,
    InformationRequest,
    Note,
)
from grants.applications.sections import OF_THE_APPLICANT, OF_THE_APPLICATION
from grants.letters import outbox
from grants.pools.models import Pool
from workflows import audit, clock, machine
from workflows.lifecycle import ApplicationStatus, Role
from workflows.machine import Refusal

CAN_BE_WRITTEN = (ApplicationStatus.DRAFT, ApplicationStatus.INCOMPLETE)
# Two on one team who write in different fields get in each other's way for a moment only.
TRIES = 5
# Fields and lines of the budget, those that were taken away again among them.
MOST_NAMES = 400
# Of one person in one call.
MOST_DRAFTS = 10


@dataclass(frozen=True)
class Saved:
    """The version after it, the names that were saved, those that somebody else had changed."""

    version: int
    names: list[str]
    elsewhere: list[str]


@transaction.atomic
def choose_language(user, language):
    """Pages and mails speak it from now on, and the letters that are still to come.

    What is issued stays as it was written (docs/decisions/0057).
    """
    User.objects.filter(pk=user.pk).update(language=language)
    others = Application.objects.filter(contact=user).exclude(language=language)
    for application in others.select_for_update(no_key=True).order_by("pk"):
        Application.objects.filter(pk=application.pk).update(language=language)
        audit.record(application, "language_chosen", by=user, language=language)


@transaction.atomic
def apply(call, *, by, language, idea=None, **who):
    """A draft for an applicant, told in `who` as applicants.actions.same_or_new wants it.

    idea: {field of Application: value}, the first words. A double click gets the same draft: one
    that nobody has written in since is not begun again with the same words.
    """
    idea = idea or {}
    applicant = applicants.same_or_new(by, **who)
    untouched = Application.objects.filter(
        call=call,
        applicant=applicant,
        contact=by,
        status=ApplicationStatus.DRAFT,
        version=0,
        **idea,
    )
    return untouched.first() or start(call, by=by, applicant=applicant, language=language, **idea)


@transaction.atomic
def start(call, *, by, applicant, language, **answers):
    """A new draft, with its reference (never reused). Raises Refusal when the call is not open."""
    if not call.is_open:
        raise Refusal(_("This call is not open for applications."))
    drafts = Application.objects.filter(
        call=call, applicant__user=applicant.user, status=ApplicationStatus.DRAFT
    )
    if drafts.count() >= MOST_DRAFTS:
        raise Refusal(_("You have many drafts in this call. Send or withdraw one of them first."))
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
def save_answers(application, *, by, given, seen=None):
    """Save what was written, field by field; what somebody else wrote meanwhile stays. See Saved.

    given: {name: value}, the columns of Application and of Applicant by their names, "own-CODE":
    (question, value) for what the call itself asks, "parts": [(municipality, percent)], and
    "line-KEY": {kind, text, amount in øre or None, nature}, or None for a line taken away.
    seen: the version that the writer had in front of them; None takes what is there.
    Raises Refusal when it has been sent, or is not `by`'s to write.
    """
    is_longer = any(name.startswith("line-") for name in given.keys() - application.versions)
    if is_longer and len(application.versions | given) > MOST_NAMES:
        raise Refusal(_("There are too many lines. Put some of them together."))
    for _attempt in range(TRIES):
        if application.status not in CAN_BE_WRITTEN:
            raise Refusal(_("It has been sent in the meantime, so it cannot be changed."), "sent")
        elsewhere = [
            name for name in given if seen is not None and application.versions.get(name, 0) > seen
        ]
        ours = {name: value for name, value in given.items() if name not in elsewhere}
        if not ours or _swap(application, by, ours):
            _save_rows(application, ours, by)
            return Saved(application.version, list(ours), elsewhere)
        _look_again(application, by)
    raise Refusal(_("Somebody else was faster. Look at the page again."), code="faster")


@transaction.atomic
def submit(application, *, by):
    """Hand it in; the server's clock decides. The applicant gets a receipt.

    Two devices that send at once send it once: the second finds it sent.
    """
    if _was_just_sent(application, ApplicationStatus.DRAFT):
        return
    Application.objects.filter(pk=application.pk, submitted_at=None).update(
        submitted_at=clock.now()
    )
    machine.take("submit", application, by=by, hash=document_hash(_held(application)))
    application.refresh_from_db(fields=["submitted_at"])
    tell(
        application,
        gettext_lazy("We have received your application"),
        gettext_lazy("We have received your application %(reference)s. Here you can follow it."),
        can_wait=True,
    )
    guardians.ask(application, by=by)


@transaction.atomic
def ask_for_more(application, *, by, question, answer_by, sections=()):
    """Ask the applicant for something that is missing, with a deadline (a date).

    sections: the codes of those that can be changed meanwhile; none named opens all.
    """
    machine.take("ask_for_more", application, by=by, answer_by=answer_by.isoformat())
    request = InformationRequest.objects.create(
        application=application,
        question=question,
        answer_by=answer_by,
        sections=list(sections),
        version=application.version,
        asked_by=by,
    )
    tell(
        application,
        gettext_lazy("We need a little more from you"),
        gettext_lazy("Something is missing in your application %(reference)s. Log in to see what."),
    )
    return request


@transaction.atomic
def resubmit(application, *, by, answer):
    """Answer the request and send again. Twice at once is once, as for submit."""
    if _was_just_sent(application, ApplicationStatus.INCOMPLETE):
        return
    request = application.information_requests.filter(answered_at=None).first()
    if request is not None:
        request.answer = answer
        request.answered_at = clock.now()
        request.save(update_fields=["answer", "answered_at"])
    held = _held(application)
    written = document_hash(held)
    since = request.version if request else held.version
    changed = sorted(name for name, version in held.versions.items() if version > since)
    machine.take("resubmit", application, by=by, hash=written, fields=changed)
    guardians.end_outdated(application, written)


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
    return _note(application, by=by, text=text)


def note_of_the_committee(application, *, by, text):
    """A fact that a member brings stands in the journal as every other (offentlighedsloven § 13).

    Whether the member may speak on the case is the committee's to know, and known before.
    """
    machine.want_role(application, by, {Role.MEMBER, Role.CHAIR})
    return _note(application, by=by, text=text)


def _note(application, *, by, text):
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    a_minute_ago = clock.now() - timedelta(minutes=1)
    same = application.notes.filter(text=text, written_by=by, written_at__gt=a_minute_ago).first()
    if same is not None:
        return same
    written = Note.objects.create(application=application, text=text, written_by=by)
    audit.record(application, "noted", by=by, note=written.pk)
    return written


def tell(application, subject, text, *, can_wait=False):
    """A notice to the contact, in the application's language.

    subject, text: lazy, so that they are said in that language; text may name %(reference)s.
    can_wait: as letters.outbox.post has it.
    """
    with translation.override(application.language):
        outbox.post(
            application.contact,
            str(subject),
            str(text) % {"reference": application.reference},
            link=application.get_absolute_url(),
            can_wait=can_wait,
        )


def _was_just_sent(application, before):
    """Whether somebody else of its people sent it after the caller read it as `before`."""
    held = _held(application)
    if application.status != before or held.status != ApplicationStatus.SUBMITTED:
        return False
    application.status, application.submitted_at = held.status, held.submitted_at
    return True


def _held(application):
    """The row as it is now, locked: nothing more is written while it is sent."""
    return Application.objects.select_for_update(of=("self",)).get(pk=application.pk)


def _swap(application, by, given):
    """Compare and swap the row: one UPDATE that compares the version, and whose it is to write."""
    version = application.version + 1
    columns = {name: value for name, value in given.items() if name in OF_THE_APPLICATION}
    own = {
        name.removeprefix("own-"): {"question": answer[0].pk, "value": answer[1]}
        for name, answer in given.items()
        if name.startswith("own-")
    }
    fresh = columns | {
        "version": version,
        "written_at": clock.now(),
        "versions": application.versions | dict.fromkeys(given, version),
        "own_answers": application.own_answers | own,
    }
    mine = Application.objects.filter(permissions.is_written_by(by))
    still = mine.filter(
        pk=application.pk, version=application.version, status__in=CAN_BE_WRITTEN
    ).update(**fresh)
    if still:
        for name, value in fresh.items():
            setattr(application, name, value)
    return still


def _save_rows(application, given, by):
    """What lies in other tables; the application's row is held by the swap before."""
    about_who = {name: value for name, value in given.items() if name in OF_THE_APPLICANT}
    if about_who:
        if not permissions.says_who_applies(application, by):
            raise Refusal(_("Only the one who applies can change this."), code="role")
        Applicant.objects.filter(pk=application.applicant_id).update(**about_who)
    if "is_protected" in about_who:
        audit.record(application, "protection_said", by=by, is_protected=about_who["is_protected"])
    if "parts" in given:
        _save_parts(application, given["parts"])
    lines = {n.removeprefix("line-"): v for n, v in given.items() if n.startswith("line-")}
    gone = [key for key, line in lines.items() if line is None]
    if gone:
        application.budget_lines.filter(key__in=gone).delete()
    BudgetLine.objects.bulk_create(
        [BudgetLine(application=application, key=k, **v) for k, v in lines.items() if v],
        update_conflicts=True,
        unique_fields=["application", "key"],
        update_fields=["kind", "text", "amount", "nature"],
    )


def _save_parts(application, parts):
    """The municipalities as they are now, in one statement. Refuses one that does not exist."""
    keys, percents = [municipality.pk for municipality, _p in parts], [p for _m, p in parts]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
                DELETE FROM grants_municipalpart
                WHERE application_id = %(application)s AND municipality_id <> ALL(%(keys)s)
            )
            INSERT INTO grants_municipalpart (application_id, municipality_id, percent)
            SELECT %(application)s, key, percent
            FROM unnest(%(keys)s::bigint[], %(percents)s::smallint[]) AS given (key, percent)
            JOIN grants_municipality ON id = key
            ON CONFLICT (application_id, municipality_id) DO UPDATE SET percent = excluded.percent
            """,
            {"application": application.pk, "keys": keys, "percents": percents},
        )
        if cursor.rowcount != len(keys):
            raise Refusal(_("Choose the municipality."), code="place")


def _look_again(application, by):
    """Why the swap failed: it is no longer there to write for `by`, or the row has moved on."""
    if not Application.objects.filter(permissions.is_written_by(by), pk=application.pk).exists():
        raise Refusal(_("You do not have the role that this takes."), code="role")
    application.refresh_from_db(fields=["status", "version", "versions", "own_answers"])


def _next_reference(pool):
    """UKP-2026-0042: the pool's code, the year, and a number that only ever grows."""
    Pool.objects.filter(pk=pool.pk).update(last_number=F("last_number") + 1)
    pool.refresh_from_db(fields=["last_number"])
    return f"{pool.code.upper()}-{clock.today().year}-{pool.last_number:04}"
