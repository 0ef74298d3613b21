"""What the committee can open: what is applied with, while it is under review."""

from datetime import timedelta

import pytest

from applicants.models import Applicant
from committee.review import actions as review
from grants.applications import attaching
from grants.applications.models import Application
from tests import factories
from tests.grants.applications.samples import picture, status_of, upload
from workflows import clock

LATER = factories.MONDAY + timedelta(days=4)


@pytest.fixture
def case(world, cast):
    """An application with a picture, opened for the committee; its members have no conflict."""
    application = factories.draft(world, cast.asta)
    with clock.at(factories.MONDAY):
        by = cast.asta
        attaching.attach(application, upload("x", picture()), purpose="application", by=by)
    for day, (act, _reached) in enumerate(factories._IN_REVIEW, start=1):
        with clock.at(factories.MONDAY + timedelta(days=day)):
            application = Application.objects.get(pk=application.pk)
            act(application, world, cast)
    application.refresh_from_db()
    with clock.at(LATER):
        factories.clear(application, *cast.members)
        yield application


def address(case, page=""):
    return f"/committee/{case.reference}/files/{case.attachments.get().pk}/{page}"


def test_a_member_sees_and_downloads_the_files(as_user, cast, case):
    browser = as_user(cast.esther)
    page = browser.get(f"/committee/{case.reference}/").content.decode()
    assert address(case) in page
    assert "x.png" in page
    answer = browser.get(address(case))
    assert answer["Content-Disposition"].startswith("attachment")
    answer.getvalue()
    assert status_of(browser, address(case, "thumbnail/")) == 200


def test_a_recused_member_and_strangers_find_no_file(as_user, cast, case):
    review.declare_recusal(case, member=cast.members[1], ground="other_doubt", by=cast.esther)
    elsewhere = factories.world(code="anden")
    other = factories.user("Iris")
    factories.seat(other, elsewhere.committee, "staff")
    for user in [cast.esther, cast.asta, cast.cille, cast.frida, other]:
        for page in ["", "thumbnail/"]:
            assert status_of(as_user(user), address(case, page)) == 404
    assert status_of(as_user(cast.dines), address(case)) == 200


def test_a_protected_name_is_not_told_by_a_file(as_user, cast, case):
    Applicant.objects.filter(pk=case.applicant_id).update(is_protected=True)
    page = as_user(cast.esther).get(f"/committee/{case.reference}/").content.decode()
    assert "x.png" not in page
    assert "the files are not shown" in page
    for each in ["", "thumbnail/"]:
        assert status_of(as_user(cast.esther), address(case, each)) == 404


def test_nothing_is_said_of_files_where_there_are_none(as_user, cast, world, application_at):
    for is_protected in [False, True]:
        application = application_at("in_review")
        Applicant.objects.filter(pk=application.applicant_id).update(is_protected=is_protected)
        with clock.at(LATER):
            factories.clear(application, cast.members[1])
            page = as_user(cast.esther).get(f"/committee/{application.reference}/")
        assert "Attachments" not in page.content.decode()


def test_after_the_review_the_files_are_closed(as_user, cast, world, case):
    factories._recommend(case, world, cast)
    assert status_of(as_user(cast.esther), address(case)) == 404
    page = as_user(cast.esther).get(f"/committee/{case.reference}/").content.decode()
    assert "x.png" not in page


def test_a_removed_file_and_one_of_another_case_are_not_found(as_user, cast, world, case):
    other = factories.draft(world, cast.bo)
    with clock.at(factories.MONDAY):
        theirs = attaching.attach(other, upload("y", picture()), purpose="application", by=cast.bo)
    wrong = f"/committee/{case.reference}/files/{theirs.pk}/"
    assert status_of(as_user(cast.esther), wrong) == 404
    case.attachments.update(removed_at=LATER)
    assert status_of(as_user(cast.esther), address(case)) == 404
