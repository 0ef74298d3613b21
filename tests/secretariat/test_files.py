"""The secretariat's door to the files of a case."""

from datetime import timedelta

import pytest

from applicants.models import Applicant
from committee.review.models import Recusal
from grants.applications import actions as applications
from grants.applications import attaching
from grants.pools.models import Question
from tests import factories
from tests.grants.applications.samples import PDF, picture, status_of, upload
from workflows import clock


def attach(application, content, **given):
    given = {"purpose": "application", "by": application.contact} | given
    return attaching.attach(application, upload("plan", content), **given)


@pytest.fixture
def case(application_at):
    """A case that was sent with a picture."""
    application = application_at("draft")
    with clock.at(factories.MONDAY):
        attach(application, picture())
    with clock.at(factories.MONDAY + timedelta(hours=1)):
        applications.submit(application, by=application.contact)
    return application


def address(case, page=""):
    return f"/desk/cases/{case.reference}/files/{case.attachments.get().pk}/{page}"


def test_the_case_shows_its_files(as_user, cast, case):
    page = as_user(cast.frida).get(f"/desk/cases/{case.reference}/").content.decode()
    assert address(case) in page
    assert address(case, "thumbnail/") in page
    assert "plan.png" in page
    assert "File attached" in page


def test_the_house_downloads_a_file(as_user, cast, case, auditor):
    for user in [cast.frida, cast.gorm, cast.hanne, auditor]:
        answer = as_user(user).get(address(case))
        assert answer["Content-Disposition"] == 'attachment; filename="plan.png"'
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        answer.getvalue()
        assert status_of(as_user(user), address(case, "thumbnail/")) == 200


def test_strangers_find_no_file(as_user, cast, case, other_caseworker):
    for user in [cast.asta, cast.cille, cast.dines, cast.esther, other_caseworker]:
        for page in ["", "thumbnail/"]:
            assert status_of(as_user(user), address(case, page)) == 404


def test_the_files_of_a_draft_are_its_writers_own(as_user, cast, application_at):
    draft = application_at("draft")
    attach(draft, PDF)
    assert status_of(as_user(cast.frida), address(draft)) == 404


def test_who_stands_aside_finds_no_file(as_user, cast, world, case):
    member = cast.members[0]
    factories.role(member.user, world.pool, "caseworker")
    assert status_of(as_user(member.user), address(case)) == 200
    Recusal.objects.create(application=case, member=member, ground="other_doubt")
    assert status_of(as_user(member.user), address(case)) == 404


def test_a_file_is_not_fetched_through_another_case(as_user, cast, world, case, received):
    (other,) = received(1)
    wrong = address(case).replace(case.reference, other.reference)
    assert status_of(as_user(cast.frida), wrong) == 404


def test_files_tell_a_protected_name_so_only_those_who_write_to_people_open_them(
    as_user, cast, case, auditor
):
    Applicant.objects.filter(pk=case.applicant_id).update(is_protected=True)
    for user in [cast.frida, cast.hanne]:
        assert status_of(as_user(user), address(case)) == 200
    for user in [cast.gorm, auditor]:
        page = as_user(user).get(f"/desk/cases/{case.reference}/").content.decode()
        assert "plan.png" not in page
        assert "only the caseworkers can open the files" in page
        assert status_of(as_user(user), address(case)) == 404


def test_what_was_removed_after_the_sending_is_still_in_the_case(as_user, cast, case):
    with clock.at(factories.MONDAY + timedelta(days=1)):
        applications.ask_for_more(
            case,
            by=cast.frida,
            question="Er det den rigtige?",
            answer_by=factories.date(2026, 4, 1),
        )
        attaching.remove(case.attachments.get(), by=cast.asta)
    page = as_user(cast.frida).get(f"/desk/cases/{case.reference}/").content.decode()
    assert "removed by the applicant on 3 March 2026" in page
    assert status_of(as_user(cast.frida), address(case)) == 200


def test_what_was_removed_before_the_sending_never_was_in_the_case(as_user, cast, application_at):
    draft = application_at("draft")
    with clock.at(factories.MONDAY):
        attaching.remove(attach(draft, PDF), by=cast.asta)
    with clock.at(factories.MONDAY + timedelta(hours=1)):
        applications.submit(draft, by=cast.asta)
    page = as_user(cast.frida).get(f"/desk/cases/{draft.reference}/").content.decode()
    assert "plan.pdf" not in page
    assert status_of(as_user(cast.frida), address(draft)) == 404


def test_an_answer_is_shown_with_its_question(as_user, cast, world, application_at):
    with clock.at(factories.MONDAY):
        Question.objects.create(call=world.call, code="demo", kind="file", text_en="Send a demo")
    draft = application_at("draft")
    with clock.at(factories.MONDAY):
        attach(draft, PDF, purpose="answer", question="demo")
    with clock.at(factories.MONDAY + timedelta(hours=1)):
        applications.submit(draft, by=cast.asta)
    page = as_user(cast.frida).get(f"/desk/cases/{draft.reference}/").content.decode()
    assert "Send a demo" in page


def test_receipts_and_photos_are_in_the_case(as_user, cast, application_at):
    application = application_at("accepted")
    attach(application, picture(), purpose="photo", is_agreed=True)
    page = as_user(cast.frida).get(f"/desk/cases/{application.reference}/").content.decode()
    assert "Photo, everybody in it has said yes" in " ".join(page.split())
    assert status_of(as_user(cast.frida), address(application)) == 200
