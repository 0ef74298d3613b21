"""The team's page, and what those who only read can do on all the others."""

import pytest

from applicants.forms import ApplicantForm
from grants.applications import team
from grants.applications.models import Application
from grants.portal import urls
from tests import factories
from workflows import clock

CILLE = {"name": "Cille Dam", "email": "cille@example.org", "access": "write"}


@pytest.fixture
def draft(world, cast):
    return factories.draft(world, cast.asta)


@pytest.fixture
def bo(draft, cast):
    return team.invite(draft, name="Bo Friis", email=cast.bo.email, access="write", by=cast.asta)


def saved(application):
    return Application.objects.get(pk=application.pk)


def page(browser, address):
    return browser.get(address).content.decode()


def test_somebody_is_invited_and_sees_it_among_their_own(as_user, cast, draft, path):
    browser = as_user(cast.asta)
    assert path(draft, "team") in page(browser, path(draft))
    told = browser.post(path(draft, "team"), CILLE, follow=True).content.decode()
    assert "Cille Dam is on the team: Writes, sends and answers" in told
    browser = as_user(cast.cille)
    assert path(draft) in page(browser, "/my/")
    assert path(draft, "write/idea") in page(browser, path(draft))


def test_what_is_wrong_is_said_and_kept(as_user, cast, draft, path):
    wrong = {"name": "A\u202eb", "email": "ASTA@example.org", "access": "king"}
    told = as_user(cast.asta).post(path(draft, "team"), wrong).content.decode()
    assert "contact&#x27;s own address" in told
    assert "invisible characters" in told
    assert "ASTA@example.org" in told
    assert not draft.team.exists()


def test_a_refusal_is_a_calm_sentence_on_the_page(as_user, cast, draft, path):
    told = as_user(cast.asta).post(
        path(draft, "team"),
        CILLE | {"email": cast.frida.email},
        follow=True,
        headers={"referer": "http://testserver" + path(draft, "team")},
    )
    assert "This address cannot be named. Write to the secretariat." in told.content.decode()


def test_leaving_says_what_it_means_first(as_user, cast, draft, bo, path):
    browser = as_user(cast.bo)
    leave = path(draft, f"team/{bo.pk}/remove")
    assert leave in page(browser, path(draft, "team"))
    assert "You cannot see the application any more" in page(browser, leave)
    assert draft.team.exists()
    assert browser.post(leave)["Location"] == "/my/"
    assert browser.get(path(draft)).status_code == 404


def test_who_is_taken_off_gets_404_at_once_on_every_page(as_user, cast, draft, bo, path):
    browser = as_user(cast.asta)
    browser.post(path(draft, f"team/{bo.pk}/remove"))
    assert "Somebody was taken off the team" in page(browser, path(draft))
    for address in every_page(draft):
        assert as_user(cast.bo).get(address).status_code in {404, 405}
        assert as_user(cast.bo).post(address).status_code in {404, 405}


def test_the_timeline_names_who_has_left(as_user, cast, draft, bo, path):
    from grants.applications import actions

    actions.submit(draft, by=cast.bo)
    as_user(cast.bo).post(path(draft, f"team/{bo.pk}/remove"))
    told = page(as_user(cast.asta), path(draft))
    assert "Bo" in told
    assert "the secretariat" not in told


def test_the_contact_is_handed_over_in_two_steps(as_user, cast, draft, bo, path):
    offer = path(draft, f"team/{bo.pk}/hand-over")
    assert "Who applies is not changed by it" in page(as_user(cast.asta), offer)
    as_user(cast.asta).post(offer)
    assert saved(draft).contact == cast.asta
    assert "Is asked to be the contact" in page(as_user(cast.asta), path(draft, "team"))
    for address in [path(draft), path(draft, "team")]:
        assert "Will you be the contact?" in page(as_user(cast.bo), address)
        assert "Will you be the contact?" not in page(as_user(cast.asta), address)
    as_user(cast.bo).post(path(draft, "team/contact"), {"answer": "yes"})
    assert saved(draft).contact == cast.bo


def test_a_no_thanks_is_a_no(as_user, cast, draft, bo, path):
    team.hand_over(draft, to=bo, by=cast.asta)
    as_user(cast.bo).post(path(draft, "team/contact"), {"answer": "no"})
    assert saved(draft).contact == cast.asta
    assert "Will you be the contact?" not in page(as_user(cast.bo), path(draft))


def test_nobody_else_can_answer_for_bo(as_user, cast, draft, bo, path):
    team.hand_over(draft, to=bo, by=cast.asta)
    for user in [cast.cille, cast.frida]:
        answer = as_user(user).post(path(draft, "team/contact"), {"answer": "yes"})
        assert answer.status_code == 404
    as_user(cast.asta).post(path(draft, "team/contact"), {"answer": "yes"})
    assert saved(draft).contact == cast.asta


# Those who read


def every_page(application):
    """Each page of an application, with numbers that may be anything."""
    return [
        application.get_absolute_url()
        + str(each.pattern)
        .replace("<int:pk>", "1")
        .replace("<slug:section>", "idea")
        .replace("<slug:area>", "idea")
        for each in urls.application
    ]


@pytest.mark.parametrize("access", ["read", "helper"])
@pytest.mark.parametrize("status", ["draft", "submitted", "incomplete", "awarded", "accepted"])
def test_who_only_reads_reads_and_changes_nothing(
    as_user, cast, application_at, access, status, path
):
    application = application_at(status)
    application.team.create(user=cast.bo, name="Bo", is_helper=access == "helper", can_write=False)
    browser = as_user(cast.bo)
    told = page(browser, path(application))
    assert "you can read everything" in told
    assert "Otte udsendelser" in told
    for address in every_page(application):
        if not address.endswith("/team/1/remove/"):  # leaving is theirs to do
            browser.post(
                address, {"title": "Bos", "answer": "yes", "name": "Bo", "email": "x@y.dk"}
            )
    after = saved(application)
    assert (after.status, after.title, after.version) == (
        *[application.status, "Natteradio", application.version],
    )
    assert after.contact == cast.asta
    assert [member.user for member in after.team.all()] == [cast.bo]


@pytest.mark.parametrize("access", ["read", "helper"])
def test_no_page_offers_a_reader_what_they_cannot_do(as_user, cast, draft, access, path):
    invited = {"name": "Bo", "email": cast.bo.email, "access": access}
    team.invite(draft, **invited, by=cast.asta)
    told = page(as_user(cast.bo), path(draft))
    for act in ["write", "check", "submit", "withdraw", "guardian", "account"]:
        assert f'"{path(draft, act)}' not in told
    told = page(as_user(cast.bo), path(draft, "team"))
    assert "Send the invitation" not in told
    assert "Leave the team" in told
    assert "Take off the team" not in told


def test_after_the_answer_nobody_else_is_invited(as_user, cast, application_at, path):
    told = page(as_user(cast.asta), path(application_at("awarded"), "team"))
    assert "nobody else can be invited" in told
    assert "Send the invitation" not in told


def test_the_desk_sees_the_team(as_user, cast, application_at):
    application = application_at("submitted")
    application.team.create(user=cast.bo, name="Bo Friis", can_write=False)
    told = page(as_user(cast.frida), f"/desk/cases/{application.reference}/")
    assert "Bo Friis (reads along), bo@example.org" in told


def test_the_team_page_asks_the_same_with_one_and_with_nine(
    as_user, cast, draft, path, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = as_user(cast.asta)

    def asked():
        with CaptureQueriesContext(connection) as queries:
            browser.get(path(draft, "team"))
        return len(queries)

    draft.team.create(user=cast.bo, name="Bo")
    with_one = asked()
    for number in range(8):
        draft.team.create(user=factories.user(f"N{number}"), name=f"N{number}")
    assert asked() == with_one


# An association


@pytest.mark.parametrize(
    "typed, is_right",
    [
        ("13585628", True),
        ("DK 13 58 56 28", True),
        ("13585629", False),  # a wrong check digit
        ("1358562", False),
        ("00000000", False),
        ("abcdefgh", False),
    ],
)
def test_the_cvr_number_is_checked(typed, is_right):
    who = {"kind": "association", "name": "Klubben", "birth_date": "2000-01-01"}
    with clock.at(factories.MONDAY):
        form = ApplicantForm(who | {"cvr": typed})
        form.is_valid()
    assert ("cvr" not in form.errors) is is_right
    if is_right:
        assert form.cleaned_data["cvr"] == "13585628"
