"""Attaching files to an application, and removing them: one act, one function.

The bytes lie in a private storage (settings.STORAGES["files"]), the row in the database. A crash
between the two leaves bytes without a row and never a row without bytes: they are written first
and deleted last, and `sweep` takes what is left over.
"""

import hashlib
import logging
import os
import secrets
from contextlib import suppress
from datetime import timedelta

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from grants.applications import files, own_questions, scanning
from grants.applications.files import FileRefused
from grants.applications.models import Application, Attachment
from grants.pools.models import Question
from workflows import audit, clock, machine
from workflows.lifecycle import ApplicationStatus, Role
from workflows.machine import Refusal

log = logging.getLogger(__name__)

Purpose = Attachment.Purpose
# Parts of the application that is sent, and parts of the report on what became of it.
WRITTEN = (Purpose.APPLICATION, Purpose.ANSWER)
REPORTED = (Purpose.PHOTO, Purpose.RECEIPT)

MB = 1024 * 1024  # as people are told sizes
# A file is written just before its row: one that has had no row for so long never gets one.
LEFT_OVER_AFTER = timedelta(days=1)


def storage():
    return storages["files"]


def standing(application, *purposes):
    """The files that have not been removed, of these purposes; without the small pictures."""
    kept = application.attachments.filter(purpose__in=purposes, removed_at=None)
    return kept.defer("thumbnail")


def received(application):
    """What the secretariat has been sent: all of it, also what was removed after the sending."""
    kept = application.attachments.exclude(removed_at__lte=application.submitted_at)
    return kept.defer("thumbnail")


def file_questions(application):
    """The questions of the call that are answered by a file, as they are asked now."""
    asked = own_questions.asked_now(application)
    return [question for question in asked if question.kind == Question.Kind.FILE]


def with_questions(application, attachments):
    """The attachments as a list, each with `asked`: the question that it answers, or nothing."""
    attachments = list(attachments)
    asked = {}
    if any(each.question for each in attachments):
        questions = own_questions.questions_of(application)
        asked = {question.code: question.text_shown for question in questions}
    for each in attachments:
        each.asked = asked.get(each.question, "")
    return attachments


def counted_with(purpose):
    """The purposes that share the call's limit on the number of files."""
    return WRITTEN if purpose in WRITTEN else (purpose,)


def obstacle(application, purpose):
    """The sentence that stands in the way of changing files of this purpose now, or None."""
    if purpose in REPORTED:
        return _obstacle_to_the_report(application)
    if application.status == ApplicationStatus.DRAFT:
        return None
    if application.status != ApplicationStatus.INCOMPLETE:
        return _("The application has been sent, so its files cannot be changed.")
    asked = application.information_requests.filter(answered_at=None).first()
    if asked and asked.sections and "files" not in asked.sections:
        return _("The secretariat has asked for something else, so the files stay as they are.")
    return None


def attach(application, upload, *, purpose, question="", is_agreed=False, by):
    """Keep a file. The same file in the same place twice is one. Returns the Attachment.

    upload: a Django UploadedFile. question: the code of the file question that it answers.
    Raises FileRefused when this file cannot be taken, Refusal when none can.
    """
    _want_open(application, purpose, question, by)
    _want_small(application, upload)
    sha256 = _sha256(upload)
    # Room first: what cannot be kept costs no time to open.
    if same := _same_or_room(application, purpose, question, sha256):
        return _agreed(same, by=by) if is_agreed else same
    looked = files.look(upload)
    scanning.scan(upload)
    attachment = Attachment(
        application_id=application.pk,
        purpose=purpose,
        question=question,
        name=files.safe_name(upload.name, looked.content_type),
        content_type=looked.content_type,
        size=upload.size,
        sha256=sha256,
        path=_new_path(),
        thumbnail=looked.thumbnail,
        is_agreed=is_agreed,
        added_by=by,
        added_at=clock.now(),
    )
    try:
        return _keep(attachment, upload, by=by)
    except OSError as error:  # the disk is full, or not there
        log.exception("A file could not be kept")
        with suppress(OSError):  # else the nightly sweep takes it
            storage().delete(attachment.path)
        raise Refusal(
            _("We cannot keep files right now. Try again later. What you wrote is safe.")
        ) from error
    except BaseException:  # whatever it was, the row is not there
        storage().delete(attachment.path)
        raise


def attach_each(application, uploads, **given):
    """Attach each for itself: ([Attachment], [(name as shown, why it was refused)]).

    Those beyond the call's limit on the number of files are not looked at.
    """
    kept, refused = [], []
    most = application.call.most_files
    for number, upload in enumerate(uploads, start=1):
        try:
            if number > most:
                raise FileRefused(_no_room(most))
            kept.append(attach(application, upload, **given))
        except FileRefused as refusal:
            refused.append((files.readable(upload.name) or _("file"), refusal.sentence))
    return kept, refused


@transaction.atomic
def remove(attachment, *, by):
    """Take a file back. What was never sent is deleted; what was sent is kept for the case."""
    application = _locked(attachment.application_id)
    machine.want_role(application, by, {Role.APPLICANT})
    if sentence := obstacle(application, attachment.purpose):
        raise Refusal(sentence)
    fresh = Attachment.objects.get(pk=attachment.pk)
    if fresh.removed_at:
        return
    fresh.removed_at = clock.now()
    if application.status == ApplicationStatus.DRAFT:
        fresh.thumbnail = None
        transaction.on_commit(lambda: storage().delete(fresh.path))
    fresh.save(update_fields=["removed_at", "thumbnail"])
    audit.record(application, "attachment_removed", by=by, attachment=fresh.pk)


def sweep():
    """Delete the files that no row keeps, when they are old enough. Returns how many."""
    before = clock.now() - LEFT_OVER_AFTER
    count = 0
    for folder in _folders():
        paths = [f"{folder}/{name}" for name in storage().listdir(folder)[1]]
        left_over = set(paths) - _kept(paths)
        old = [path for path in left_over if storage().get_modified_time(path) < before]
        for path in old:
            storage().delete(path)
        count += len(old)
    if count:
        log.info("Deleted %s files that belonged to nothing", count)
    return count


def _obstacle_to_the_report(application):
    if application.status != ApplicationStatus.ACCEPTED:
        return _("Files for the report can be sent when you have said yes to the grant.")
    grant = application.current_grant()
    if grant.final_reports.filter(status__in=["submitted", "approved"]).exists():
        return _("The report has been sent, so its files cannot be changed.")
    return None


def _want_open(application, purpose, question, by):
    machine.want_role(application, by, {Role.APPLICANT})
    if sentence := obstacle(application, purpose):
        raise Refusal(sentence)
    codes = {each.code for each in file_questions(application)} if question else {""}
    if question not in codes or bool(question) != (purpose == Purpose.ANSWER):
        raise Refusal(_("This question is no longer asked."))


def _want_small(application, upload):
    limit = application.call.largest_file
    if upload.size > limit * MB:
        raise FileRefused(
            _("The file is %(size)s, and the limit is %(limit)s MB. Make it smaller, or divide it.")
            % {"size": filesizeformat(upload.size), "limit": limit}
        )


@transaction.atomic
def _keep(attachment, upload, *, by):
    # Two who attach at once must not exceed the limit together, nor attach to what is sent.
    application = _locked(attachment.application_id)
    _want_open(application, attachment.purpose, attachment.question, by)
    same = _same_or_room(application, attachment.purpose, attachment.question, attachment.sha256)
    if same is not None:
        return same
    _write(attachment.path, upload)
    attachment.save(force_insert=True)
    Application.objects.filter(pk=application.pk).update(written_at=clock.now())
    audit.record(
        application,
        "attached",
        by=by,
        attachment=attachment.pk,
        type=attachment.content_type,
        bytes=attachment.size,
    )
    return attachment


def _same_or_room(application, purpose, question, sha256):
    """The same file in the same place, or None. Raises FileRefused when there is no room."""
    there = Attachment.objects.filter(application=application, removed_at=None)
    same = there.filter(purpose=purpose, question=question, sha256=sha256).first()
    most = application.call.most_files
    if same is None and there.filter(purpose__in=counted_with(purpose)).count() >= most:
        raise FileRefused(_no_room(most))
    return same


@transaction.atomic
def _agreed(photo, *, by):
    """The photo that was sent once more, now that everybody in it has said yes."""
    if Attachment.objects.filter(pk=photo.pk, is_agreed=False).update(is_agreed=True):
        audit.record(photo.application, "photo_agreed", by=by, attachment=photo.pk)
        photo.is_agreed = True
    return photo


def _no_room(most):
    return _("There is room for %(most)s files. Remove one first.") % {"most": most}


def _locked(pk):
    return (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call", "applicant")
        .get(pk=pk)
    )


def _new_path():
    """Random, in one of 65,536 folders: nothing of it is the sender's choice."""
    name = secrets.token_hex(24)
    return f"{name[:2]}/{name[2:4]}/{name[4:]}"


def _write(path, upload):
    """On the disk, and not only on its way there, before there is a row."""
    upload.seek(0)
    # A plain File is copied: an uploaded one that lies on the disk would be moved.
    written = storage().save(path, File(upload.file))
    with storage().open(written) as kept:
        os.fsync(kept.fileno())


def _sha256(upload):
    upload.seek(0)
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _folders():
    """ "3f/a0": the folders of the second level."""
    if not storage().exists(""):
        return
    for first in storage().listdir("")[0]:
        for second in storage().listdir(first)[0]:
            yield f"{first}/{second}"


def _kept(paths):
    """Those of the paths that a row keeps: not removed, or removed after the case was sent."""
    rows = Attachment.objects.filter(path__in=paths).select_related("application")
    return {
        row.path
        for row in rows.defer("thumbnail")
        if row.removed_at is None or _was_sent_before(row.removed_at, row.application)
    }


def _was_sent_before(moment, application):
    return application.submitted_at is not None and application.submitted_at < moment
