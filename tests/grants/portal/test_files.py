"""The page of the files: sending several at once, reading them, removing them, and its doors."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from applicants.models import Applicant
from grants.applications import attaching
from grants.applications.models import Attachment, ConsentLink, TeamMember
from grants.pools.models import Question
from tests import factories
from tests.grants.applications.samples import HTML, PDF, picture, status_of, upload
from workflows import clock

Purpose = Attachment.Purpose


@pytest.fixture
def draft(application_at):
    return application_at("draft")


@pytest.fixture
def attached(draft):
    """attached("x.pdf", PDF): a file of the draft."""

    def make(name="Budget æ.pdf", content=PDF, *, application=draft, purpose="application"):
        by = application.contact
        return attaching.attach(application, upload(name, content), purpose=purpose, by=by)

    return make


def files(*named):
    return [SimpleUploadedFile(name, content, "text/plain") for name, content in named]


def send(browser, address, *named, **fields):
    fields = {"purpose": "application"} | fields
    return browser.post(address, {"files": files(*named), **fields}, follow=True)


def address(attachment, page=""):
    return f"{attachment.application.get_absolute_url()}files/{attachment.pk}/{page}"


# Sending


def test_several_files_are_sent_at_once_and_each_is_judged_by_itself(as_user, cast, draft, path):
    """Without JavaScript: a plain form, an answer, and what was good is kept."""
    answer = send(
        as_user(cast.asta),
        path(draft, "files"),
        ("Budget.pdf", PDF),
        ("billede.png", HTML),
        ("tom.pdf", b""),
        ("foto", picture()),
    )
    page = answer.content.decode()
    assert {each.name for each in draft.attachments.all()} == {"Budget.pdf", "foto.png"}
    assert "2 files are saved" in page
    assert "billede.png: We do not take this kind of file" in page
    assert "tom.pdf: The file is empty" in page
    assert "Budget.pdf" in page


def test_too_large_says_so_and_keeps_the_rest(as_user, cast, world, draft, path):
    world.call.largest_file = 1
    world.call.save()
    large = PDF + b" " * attaching.MB
    page = send(as_user(cast.asta), path(draft, "files"), ("stor.pdf", large), ("a.pdf", PDF))
    told = page.content.decode().replace("\xa0", " ")
    assert "stor.pdf: The file is 1.0 MB, and the limit is 1 MB" in told
    assert draft.attachments.get().name == "a.pdf"


def test_a_name_that_turns_the_text_is_turned_back(as_user, cast, draft, path):
    page = send(as_user(cast.asta), path(draft, "files"), ("a\u202egnp.<b>exe", b"MZ" + bytes(99)))
    assert "agnp.&lt;b&gt;exe: We do not take" in page.content.decode()


def test_nothing_chosen_says_what_to_do(as_user, cast, draft, path):
    page = send(as_user(cast.asta), path(draft, "files"))
    assert "Choose a file first" in page.content.decode()


def test_a_question_for_a_file_has_its_own_place(as_user, cast, world, draft, path):
    Question.objects.create(
        call=world.call, code="demo", kind="file", text="Send en demo", text_en="Send a demo"
    )
    browser = as_user(cast.asta)
    given = {"purpose": "answer", "question": "demo"}
    page = send(browser, path(draft, "files"), ("a.pdf", PDF), **given).content.decode()
    assert "Send a demo" in page
    assert "Other attachments" in page
    answer = draft.attachments.get()
    assert (answer.purpose, answer.question) == ("answer", "demo")


def test_an_answer_to_what_is_no_longer_asked_can_be_removed(as_user, cast, world, draft, path):
    asked = {"call": world.call, "code": "demo", "kind": "file", "text_en": "Send a demo"}
    Question.objects.create(**asked)
    browser = as_user(cast.asta)
    send(browser, path(draft, "files"), ("a.pdf", PDF), purpose="answer", question="demo")
    Question.objects.create(**asked, version=2, is_retired=True)
    page = browser.get(path(draft, "files")).content.decode()
    assert "Send a demo" not in page
    assert "a.pdf" in page
    browser.post(address(draft.attachments.get(), "remove/"))
    assert draft.attachments.get().removed_at


def test_files_of_the_report_lead_back_to_the_report(as_user, cast, application_at, path):
    application = application_at("accepted")
    answer = as_user(cast.asta).post(
        path(application, "files"),
        {"files": files(("a.jpg", picture("JPEG"))), "purpose": "photo", "is_agreed": "yes"},
    )
    assert answer["Location"] == path(application, "report")
    assert application.attachments.get().is_agreed


def test_a_purpose_that_no_page_sends_is_no_page(as_user, cast, draft, path):
    answer = as_user(cast.asta).post(path(draft, "files"), {"purpose": "letter"})
    assert answer.status_code == 404


def test_what_was_sent_is_read_and_not_changed(as_user, cast, application_at, draft, path, world):
    application = application_at("submitted", who=draft.applicant)
    page = as_user(cast.asta).get(path(application, "files")).content.decode()
    assert "cannot be changed now" in page
    assert 'type="file"' not in page
    page = send(as_user(cast.asta), path(application, "files"), ("a.pdf", PDF)).content.decode()
    assert "The application has been sent" in page
    assert not application.attachments.exists()


def test_a_full_place_says_what_to_do(as_user, cast, world, draft, path, attached):
    world.call.most_files = 1
    world.call.save()
    attached()
    page = as_user(cast.asta).get(path(draft, "files")).content.decode()
    assert "Remove one to send another" in page
    assert 'type="file"' not in page


def test_the_page_asks_as_much_with_one_file_and_with_nine(as_user, cast, draft, path, attached):
    browser = as_user(cast.asta)
    attached()
    browser.get(path(draft, "files"))
    with CaptureQueriesContext(connection) as one:
        browser.get(path(draft, "files"))
    for number in range(8):
        attached(content=PDF + str(number).encode())
    with CaptureQueriesContext(connection) as nine:
        browser.get(path(draft, "files"))
    assert len(one) == len(nine)


# Sending by the script, one at a time


def test_the_script_is_given_the_list_as_it_is_now(as_user, cast, draft, path):
    answer = as_user(cast.asta).post(
        path(draft, "files"),
        {"files": files(("a.pdf", PDF)), "purpose": "application"},
        headers={"X-Sends": "one"},
    )
    assert answer.status_code == 201
    page = answer.content.decode()
    assert "a.pdf" in page
    assert "<html" not in page


def test_the_script_is_told_why_not(as_user, cast, draft, path):
    answer = as_user(cast.asta).post(
        path(draft, "files"),
        {"files": files(("a.pdf", HTML)), "purpose": "application"},
        headers={"X-Sends": "one"},
    )
    assert answer.status_code == 422
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "We do not take" in answer.content.decode()


# Reading


def test_a_file_is_a_download_that_nothing_runs(as_user, cast, attached):
    attachment = attached('Bu"dget æ 🎸.pdf')
    answer = as_user(cast.asta).get(address(attachment))
    assert answer.getvalue() == PDF
    assert answer["Content-Type"] == "application/pdf"
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''Bu%22dget")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Length"] == str(len(PDF))


def test_a_picture_is_shown_small(as_user, cast, attached):
    attachment = attached("x.png", picture(size=(900, 900)))
    answer = as_user(cast.asta).get(address(attachment, "thumbnail/"))
    assert answer["Content-Type"] == "image/jpeg"
    assert Image.open(BytesIO(answer.content)).size == (192, 192)
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert as_user(cast.asta).get(address(attached(), "thumbnail/")).status_code == 404


def test_a_file_that_is_lost_is_logged_and_not_found(as_user, cast, attached, caplog):
    attachment = attached()
    attaching.storage().delete(attachment.path)
    assert as_user(cast.asta).get(address(attachment)).status_code == 404
    assert f"attachment {attachment.pk} is missing" in caplog.text


@pytest.mark.parametrize("page", ["", "thumbnail/", "remove/"])
def test_strangers_find_no_file(as_user, cast, world, attached, page):
    attachment = attached("x.png", picture())
    other = factories.draft(world, cast.bo)  # another applicant
    for user in [cast.cille, cast.bo, cast.frida, cast.dines, cast.esther, cast.gorm]:
        browser = as_user(user)
        ask = browser.post if page == "remove/" else browser.get
        assert ask(address(attachment, page)).status_code == 404
        theirs = f"{other.get_absolute_url()}files/{attachment.pk}/{page}"
        assert ask(theirs).status_code == 404
    assert not Attachment.objects.get().removed_at


def test_a_file_is_not_fetched_through_another_application_of_ones_own(
    as_user, cast, world, draft, attached
):
    other = factories.draft(world, cast.asta, who=draft.applicant)
    attachment = attached("x.png", picture())
    for page in ["", "thumbnail/"]:
        wrong = f"{other.get_absolute_url()}files/{attachment.pk}/{page}"
        assert as_user(cast.asta).get(wrong).status_code == 404


def test_who_is_not_logged_in_logs_in_first(client, attached, draft, path):
    attachment = attached()
    for page in [path(draft, "files"), address(attachment), address(attachment, "thumbnail/")]:
        assert "login" in client.get(page)["Location"]


def test_a_helper_and_a_guardian_read(as_user, cast, draft, path, attached):
    attachment = attached()
    TeamMember.objects.create(
        application=draft, user=cast.bo, name="Bo", is_helper=True, can_write=False
    )
    asked = factories.guardian(draft, cast.cille)
    ConsentLink.objects.create(application=draft, guardian=asked, expires_at=clock.now())
    for user in [cast.bo, cast.cille]:
        browser = as_user(user)
        page = browser.get(path(draft, "files")).content.decode()
        assert attachment.name in page
        assert 'type="file"' not in page
        assert "remove/" not in page
        assert status_of(browser, address(attachment)) == 200
        send(browser, path(draft, "files"), ("b.pdf", PDF + b"1"))
        browser.post(address(attachment, "remove/"))
    assert Attachment.objects.get().removed_at is None


def test_a_guardian_does_not_read_the_report(as_user, cast, application_at, attached):
    application = application_at("accepted")
    photo = attached("x", picture(), application=application, purpose=Purpose.PHOTO)
    factories.guardian(application, cast.cille)
    Applicant.objects.update(birth_date=date(2010, 1, 1))
    browser = as_user(cast.cille)
    assert browser.get(application.get_absolute_url()).status_code == 200
    assert browser.get(address(photo)).status_code == 404
    assert status_of(as_user(cast.asta), address(photo)) == 200


# Removing


def test_a_file_is_removed(as_user, cast, draft, path, attached):
    attachment = attached()
    page = as_user(cast.asta).post(address(attachment, "remove/"), follow=True).content.decode()
    assert "“Budget æ.pdf” is removed" in page
    for each in ["", "thumbnail/"]:
        assert as_user(cast.asta).get(address(attachment, each)).status_code == 404
    assert as_user(cast.asta).post(address(attachment, "remove/")).status_code == 404
    assert as_user(cast.asta).get(address(attachment, "remove/")).status_code in {404, 405}
