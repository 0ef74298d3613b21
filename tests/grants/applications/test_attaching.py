"""Attaching files and removing them: limits, doors in time, the record, and nothing left over."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import connection

from grants.applications import actions as applications
from grants.applications import attaching, documents
from grants.applications.files import FileRefused
from grants.applications.models import Application, Attachment, TeamMember
from grants.payouts import actions as payouts
from grants.pools.models import Question
from tests import factories
from tests.grants.applications.samples import HTML, PDF, picture, upload
from workflows import audit, clock
from workflows.lifecycle import ApplicationStatus
from workflows.machine import Refusal
from workflows.models import LogEntry

Purpose = Attachment.Purpose
WRITTEN = {"purpose": Purpose.APPLICATION}
LATER = datetime(2026, 3, 20, tzinfo=UTC)


@pytest.fixture
def draft(application_at):
    return application_at("draft")


def attach(application, name="x.pdf", content=PDF, *, by=None, **given):
    given = WRITTEN | given
    return attaching.attach(
        application, upload(name, content), by=by or application.contact, **given
    )


def on_the_disk():
    return sorted(
        os.path.join(folder, name)
        for folder, _folders, names in os.walk(attaching.storage().location)
        for name in names
    )


def bytes_of(attachment):
    with attaching.storage().open(attachment.path) as kept:
        return kept.read()


def ask_question(world, code="demo", **fields):
    given = {"kind": Question.Kind.FILE, "text": "Send en demo", "text_en": "Send a demo"}
    return Question.objects.create(call=world.call, code=code, **(given | fields))


# Keeping


def test_a_file_is_kept_byte_for_byte_under_a_name_that_is_ours(draft, cast):
    attachment = attach(draft, "../Budget\u202e.exe", PDF)
    assert attachment.name == "Budget.pdf"
    assert attachment.content_type == "application/pdf"
    assert (attachment.size, len(attachment.sha256)) == (len(PDF), 64)
    assert bytes_of(attachment) == PDF
    assert attachment.added_by == cast.asta
    assert "Budget" not in attachment.path


def test_a_file_is_private_on_the_disk(draft):
    attach(draft)
    (file,) = on_the_disk()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    folder = os.path.dirname(file)
    while folder != os.path.dirname(attaching.storage().location):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        folder = os.path.dirname(folder)


def test_no_address_leads_to_the_files(settings, client):
    location = attaching.storage().location
    for served in [settings.STATIC_ROOT, *settings.STATICFILES_DIRS]:
        assert not str(location).startswith(str(served))
    assert not any(str(each).startswith(str(location)) for each in settings.STATICFILES_DIRS)


def test_a_large_file_that_lies_on_the_disk_is_copied(draft):
    """Django keeps what is above 2.5 MB in a file of its own, and would move that."""
    large = TemporaryUploadedFile("x.pdf", "image/png", len(PDF), None)
    large.write(PDF)
    attachment = attaching.attach(draft, large, by=draft.contact, **WRITTEN)
    assert bytes_of(attachment) == PDF
    large.close()


def test_a_picture_is_kept_with_a_small_one(draft):
    assert bytes(attach(draft, "x", picture()).thumbnail)[:2] == b"\xff\xd8"
    assert attach(draft).thumbnail is None


def test_what_happened_is_logged_without_a_name(draft):
    attachment = attach(draft, "Astas hemmelige plan.pdf")
    attaching.remove(attachment, by=draft.contact)
    added, removed = LogEntry.objects.filter(stream=draft.stream).order_by("number")[1:]
    assert (added.event, removed.event) == ("attached", "attachment_removed")
    assert added.facts == {
        "attachment": attachment.pk,
        "type": "application/pdf",
        "bytes": len(PDF),
    }
    assert removed.facts == {"attachment": attachment.pk}
    assert audit.verify().fits


def test_the_same_file_twice_is_one(draft, world):
    ask_question(world)
    first = attach(draft)
    assert attach(draft, "other.pdf") == first
    assert len(on_the_disk()) == 1
    answer = attach(draft, purpose=Purpose.ANSWER, question="demo")
    assert answer != first
    attaching.remove(first, by=draft.contact)
    assert attach(draft) not in {first, answer}


def test_the_files_count_in_the_documents_hash(draft):
    before = documents.document_hash(draft)
    attachment = attach(draft)
    with_it = documents.document_hash(draft)
    attaching.remove(attachment, by=draft.contact)
    assert before == documents.document_hash(draft) != with_it


# Limits


def test_a_file_above_the_limit_says_how_much_is_too_much(draft, world):
    world.call.largest_file = 1
    world.call.save()
    draft.refresh_from_db()
    with pytest.raises(FileRefused, match="the limit is"):
        attach(draft, content=PDF + b" " * attaching.MB)
    assert not on_the_disk()
    assert attach(
        draft, content=PDF.replace(b"1 0 obj", b" " * (attaching.MB - len(PDF)) + b"1 0 obj")
    )


def test_there_are_at_most_as_many_files_as_the_call_allows(draft, world):
    ask_question(world)
    world.call.most_files = 2
    world.call.save()
    first = attach(draft)
    attach(draft, content=PDF + b"1", purpose=Purpose.ANSWER, question="demo")
    with pytest.raises(FileRefused, match="room for 2 files"):
        attach(draft, content=PDF + b"2")
    assert len(on_the_disk()) == 2
    attaching.remove(first, by=draft.contact)
    assert attach(draft, content=PDF + b"2")


def test_what_there_is_no_room_for_is_not_opened(draft, world, monkeypatch):
    world.call.most_files = 2
    world.call.save()
    draft.refresh_from_db()
    opened = []
    look = attaching.files.look
    monkeypatch.setattr(attaching.files, "look", lambda each: opened.append(1) or look(each))
    uploads = [upload("a.pdf", PDF), *(upload("b.txt", HTML) for _each in range(13))]
    kept, refused = attaching.attach_each(draft, uploads, by=draft.contact, **WRITTEN)
    assert (len(kept), len(refused), len(opened)) == (1, 13, 2)
    attach(draft, content=PDF + b"1")
    opened.clear()
    with pytest.raises(FileRefused, match="room for 2 files"):
        attach(draft, content=picture())
    assert attach(draft, content=PDF) == kept[0]
    assert not opened


def test_a_broken_disk_is_told_calmly(draft, tmp_path, settings, caplog):
    (tmp_path / "files").write_text("This is no folder.")
    with pytest.raises(Refusal, match="cannot keep files right now") as told:
        attach(draft)
    assert not isinstance(told.value, FileRefused)
    assert "could not be kept" in caplog.text
    assert not draft.attachments.exists()


def test_each_file_is_judged_by_itself(draft):
    uploads = [
        upload("a.pdf", PDF),
        upload("b\u202e.png", HTML),
        upload("c", b""),
        upload("d", picture()),
    ]
    kept, refused = attaching.attach_each(draft, uploads, by=draft.contact, **WRITTEN)
    assert [each.name for each in kept] == ["a.pdf", "d.png"]
    assert [name for name, _sentence in refused] == ["b.png", "c"]
    assert all(sentence for _name, sentence in refused)


def test_what_the_scanner_does_not_pass_is_not_kept(draft, settings):
    settings.CLAMD = "/nowhere/clamd.ctl"
    with pytest.raises(FileRefused, match="Try again"):
        attach(draft)
    assert not on_the_disk()
    assert not draft.attachments.exists()


# When, and who


@pytest.mark.parametrize("status", ApplicationStatus.values)
def test_what_is_applied_with_changes_while_it_is_written(application_at, status):
    application = application_at(status)
    with clock.at(LATER):
        if status in {"draft", "incomplete"}:
            assert attach(application)
        else:
            with pytest.raises(Refusal, match="has been sent"):
                attach(application)


@pytest.mark.parametrize("purpose", attaching.REPORTED)
@pytest.mark.parametrize("status", ApplicationStatus.values)
def test_files_of_the_report_come_when_there_is_a_grant(application_at, status, purpose):
    application = application_at(status)
    if status == "accepted":
        assert attach(application, purpose=purpose)
    else:
        with pytest.raises(Refusal, match="said yes"):
            attach(application, purpose=purpose)


def test_photos_and_receipts_are_counted_apart(application_at, world):
    world.call.most_files = 1
    world.call.save()
    application = application_at("accepted")
    photo = attach(application, content=picture(), purpose=Purpose.PHOTO, is_agreed=True)
    assert photo.is_agreed
    assert not attach(application, purpose=Purpose.RECEIPT).is_agreed


def test_a_photo_that_is_sent_again_with_the_tick_counts_from_then_on(application_at):
    application = application_at("accepted")
    first = attach(application, content=picture(), purpose=Purpose.PHOTO)
    again = attach(application, content=picture(), purpose=Purpose.PHOTO, is_agreed=True)
    attach(application, content=picture(), purpose=Purpose.PHOTO)
    assert (again.pk, again.is_agreed) == (first.pk, True)
    assert Attachment.objects.get().is_agreed
    assert LogEntry.objects.filter(event="photo_agreed").count() == 1


@pytest.mark.parametrize(
    "sections, opens", [([], True), (["files"], True), (["idea", "files"], True), (["idea"], False)]
)
def test_a_request_for_more_opens_the_files_if_it_names_them(application_at, cast, sections, opens):
    application = application_at("submitted")
    applications.ask_for_more(
        application,
        by=cast.frida,
        question="Hvad?",
        answer_by=date(2026, 4, 1),
        sections=sections,
    )
    if opens:
        assert attach(application)
    else:
        with pytest.raises(Refusal, match="something else"):
            attach(application)


def test_the_files_of_a_report_that_was_sent_stay(application_at, cast):
    application = application_at("accepted")
    receipt = attach(application, purpose=Purpose.RECEIPT)
    factories.pay(application, cast)
    send_report(application, cast)
    with pytest.raises(Refusal, match="report has been sent"):
        attaching.remove(receipt, by=cast.asta)
    with pytest.raises(Refusal, match="report has been sent"):
        attach(application, purpose=Purpose.PHOTO, content=picture())


def send_report(application, cast):
    application.refresh_from_db()
    report = payouts.save_report(
        application,
        by=cast.asta,
        happened="Ja.",
        participants=4,
        lines=factories.accounts(application),
    )
    payouts.submit_report(report, by=cast.asta)


def test_who_reads_neither_attaches_nor_removes(draft, cast):
    attachment = attach(draft)
    TeamMember.objects.create(
        application=draft, user=cast.bo, name="Bo", is_helper=True, can_write=False
    )
    factories.guardian(draft, cast.esther)
    for user in [cast.bo, cast.esther, cast.cille, cast.frida, cast.dines]:
        with pytest.raises(Refusal, match="role"):
            attach(draft, by=user)
        with pytest.raises(Refusal, match="role"):
            attaching.remove(attachment, by=user)


def test_an_answer_belongs_to_a_question_that_asks_for_a_file(draft, world):
    ask_question(world)
    ask_question(world, code="old", is_retired=True)
    ask_question(world, code="name", kind=Question.Kind.TEXT)
    assert attach(draft, purpose=Purpose.ANSWER, question="demo").question == "demo"
    for purpose, question in [
        *[(Purpose.ANSWER, code) for code in ("old", "name", "nothing", "")],
        (Purpose.APPLICATION, "demo"),
    ]:
        with pytest.raises(Refusal, match="no longer asked"):
            attach(draft, content=PDF + b"2", purpose=purpose, question=question)


# Removing, and what is left over


def test_a_file_of_a_draft_is_really_gone(draft, django_capture_on_commit_callbacks):
    attachment = attach(draft, content=picture())
    with django_capture_on_commit_callbacks(execute=True):
        attaching.remove(attachment, by=draft.contact)
    attachment.refresh_from_db()
    assert attachment.removed_at
    assert attachment.thumbnail is None
    assert not on_the_disk()
    with django_capture_on_commit_callbacks(execute=True):
        attaching.remove(attachment, by=draft.contact)  # pressed twice
    assert LogEntry.objects.filter(event="attachment_removed").count() == 1


def test_what_was_sent_is_kept_for_the_case(application_at, django_capture_on_commit_callbacks):
    application = application_at("incomplete")
    with clock.at(LATER), django_capture_on_commit_callbacks(execute=True):
        attachment = attach(application)
        attaching.remove(attachment, by=application.contact)
    assert not attaching.standing(application, *attaching.WRITTEN).exists()
    assert list(attaching.received(application)) == [attachment]
    assert bytes_of(attachment) == PDF


def test_what_was_removed_before_the_sending_was_never_received(draft, cast):
    with clock.at(factories.MONDAY):
        kept, removed = attach(draft), attach(draft, content=PDF + b"1")
        attaching.remove(removed, by=cast.asta)
    with clock.at(factories.MONDAY + timedelta(minutes=1)):
        applications.submit(draft, by=cast.asta)
    assert list(attaching.received(draft)) == [kept]


def test_a_file_whose_row_is_not_saved_is_not_kept(draft, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the log is full")

    monkeypatch.setattr(attaching.audit, "record", fail)
    with pytest.raises(RuntimeError):
        attach(draft)
    assert not draft.attachments.exists()
    assert not on_the_disk()


def test_there_is_no_row_when_the_disk_is_full(draft, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr(attaching.os, "fsync", fail)
    with pytest.raises(Refusal, match="cannot keep files right now"):
        attach(draft)
    assert not draft.attachments.exists()
    assert not on_the_disk()


def test_the_sweep_takes_what_belongs_to_nothing_and_only_when_it_is_old(application_at, cast):
    """Both crashes: bytes written and no row; a row removed and its bytes not yet."""
    draft = application_at("draft")
    kept, removed = attach(draft), attach(draft, content=PDF + b"1")
    attaching.remove(removed, by=cast.asta)  # what happens on commit has not happened in this test
    lost = attaching.storage().save("ab/cd/lost", upload("x", PDF))
    with clock.at(datetime.now(UTC)):
        assert attaching.sweep() == 0
        _make_old(kept, removed)
        assert attaching.sweep() == 1
        assert os.path.exists(attaching.storage().path(lost))
    with clock.at(datetime.now(UTC) + timedelta(days=2)):
        assert attaching.sweep() == 1
    assert on_the_disk() == [attaching.storage().path(kept.path)]


def test_the_sweep_leaves_what_was_removed_after_the_sending(application_at):
    application = application_at("incomplete")
    with clock.at(LATER):
        attachment = attach(application)
        attaching.remove(attachment, by=application.contact)
    with clock.at(datetime.now(UTC) + timedelta(days=2)):
        assert attaching.sweep() == 0
    assert bytes_of(attachment) == PDF


def test_the_sweep_of_an_empty_disk_is_no_error(db):
    assert attaching.sweep() == 0


def _make_old(*attachments):
    two_days_ago = time.time() - 2 * 24 * 3600
    for each in attachments:
        os.utime(attaching.storage().path(each.path), (two_days_ago, two_days_ago))


# Two at once


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_attach_at_once_stay_below_the_limit():
    """Slow: two real connections, six at a time, with room for three."""
    world = factories.world()
    cast = factories.cast(world)
    world.call.most_files = 3
    world.call.save()
    pk = factories.draft(world, cast.asta).pk
    barrier = Barrier(6)

    def one(number):
        try:
            application = Application.objects.select_related("call").get(pk=pk)
            barrier.wait(timeout=20)
            attach(application, content=PDF + str(number).encode())
        except FileRefused:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 3
    assert Attachment.objects.count() == len(on_the_disk()) == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_same_file_sent_twice_at_once_is_one():
    """Slow: as above; a double click."""
    world = factories.world()
    cast = factories.cast(world)
    pk = factories.draft(world, cast.asta).pk
    barrier = Barrier(4)

    def one(_number):
        try:
            application = Application.objects.select_related("call").get(pk=pk)
            barrier.wait(timeout=20)
            return attach(application).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one, range(4)))) == 1
    assert len(on_the_disk()) == 1
