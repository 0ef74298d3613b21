"""Attaching on a phone: several at once, what cannot be taken, no network, no JavaScript."""

import pytest

from tests.grants.applications.samples import HTML, PDF, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def file(name, content):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@pytest.fixture
def draft(world, application_at):
    world.call.largest_file = 1
    world.call.save()
    return application_at("draft")


CHOSEN = [
    file("for-stor.pdf", PDF + bytes(2_000_000)),
    file("program.exe", b"MZ"),
    file("løgn.png", HTML),
    file("foto.jpg", picture("JPEG")),
    file("plan.pdf", PDF),
]


def names(draft):
    return sorted(each.name for each in draft.attachments.filter(removed_at=None))


def test_files_are_sent_one_by_one_and_each_says_what_became_of_it(person, cast, draft):
    page = person(cast.asta)
    page.goto(f"/applications/{draft.reference}/files/")
    page.get_by_label("Choose files").set_input_files(CHOSEN)
    told = page.locator(".files__told")
    assert "for-stor.pdf is larger than 1 MB" in told.inner_text()
    assert "program.exe is a kind of file that we do not take" in told.inner_text()
    page.get_by_role("button", name="Send the files").click()
    page.get_by_text("plan.pdf is sent").wait_for()
    assert "løgn.png: We do not take this kind of file" in told.inner_text()
    assert page.get_by_role("link", name="plan.pdf").is_visible()
    assert page.locator("img.file__picture").count() == 1
    assert names(draft) == ["foto.jpg", "plan.pdf"]


def test_without_a_network_nothing_is_lost_and_one_goes_on(person, cast, draft):
    page = person(cast.asta)
    page.goto(f"/applications/{draft.reference}/files/")
    page.get_by_label("Choose files").set_input_files(CHOSEN[3:])
    page.context.set_offline(True)
    page.get_by_role("button", name="Send the files").click()
    page.get_by_text("There is no network").wait_for()
    assert names(draft) == []
    page.context.set_offline(False)
    page.get_by_role("button", name="Send the files").click()
    page.get_by_text("plan.pdf is sent").wait_for()
    assert names(draft) == ["foto.jpg", "plan.pdf"]


def test_a_file_is_removed_with_a_press(person, cast, draft):
    page = person(cast.asta)
    page.goto(f"/applications/{draft.reference}/files/")
    page.get_by_label("Choose files").set_input_files(CHOSEN[4:])
    page.get_by_role("button", name="Send the files").click()
    page.get_by_role("button", name="Remove plan.pdf").click()
    page.get_by_text("“plan.pdf” is removed").wait_for()
    assert names(draft) == []


def test_without_javascript_what_is_good_is_kept_and_the_rest_says_why(person, cast, draft):
    page = person(cast.asta, java_script_enabled=False)
    page.goto(f"/applications/{draft.reference}/files/")
    page.get_by_label("Choose files").set_input_files(CHOSEN)
    page.get_by_role("button", name="Send the files").click()
    page.get_by_text("2 files are saved").wait_for()
    told = page.locator(".messages").inner_text()
    assert "for-stor.pdf: The file is" in told
    assert "program.exe: We do not take" in told
    assert "løgn.png: We do not take" in told
    with page.expect_download() as download:
        page.get_by_role("link", name="plan.pdf").click()
    assert download.value.suggested_filename == "plan.pdf"
    with open(download.value.path(), "rb") as saved:
        assert saved.read() == PDF
    assert names(draft) == ["foto.jpg", "plan.pdf"]


def test_too_much_at_once_without_javascript_says_what_to_do(person, cast, draft):
    page = person(cast.asta, java_script_enabled=False)
    page.goto(f"/applications/{draft.reference}/files/")
    many = [file(f"{number}.pdf", PDF + bytes(9_000_000)) for number in range(3)]
    page.get_by_label("Choose files").set_input_files(many)
    page.get_by_role("button", name="Send the files").click()
    page.get_by_text("Go back, and send fewer files at a time").wait_for()
