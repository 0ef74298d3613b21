"""Who comes in at the desk, and who may act there."""

import pytest
from django.urls import reverse

from committee.review import actions as review
from tests import factories
from workflows import clock

AFTERWARDS = factories.MONDAY + factories.timedelta(days=10)


def case_url(application):
    return reverse("desk:case", args=[application.reference])


@pytest.mark.parametrize("person", ["asta", "cille", "esther", "dines"])
def test_strangers_and_applicants_do_not_find_the_desk(application_at, cast, as_user, person):
    application = application_at("submitted")
    client = as_user(getattr(cast, person))
    for url in [reverse("desk:cases"), reverse("desk:announce"), case_url(application)]:
        assert client.get(url).status_code == 404


def test_a_caseworker_of_another_pool_is_a_stranger(application_at, other_caseworker, as_user):
    application = application_at("submitted")
    client = as_user(other_caseworker)
    assert client.get(case_url(application)).status_code == 404
    assert application.reference not in client.get(reverse("desk:cases")).content.decode()
    act = reverse("desk:act", args=[application.reference, "accept_for_review"])
    assert client.post(act).status_code == 404


def test_a_municipality_reader_reads_no_case(application_at, world, as_user):
    application = application_at("submitted")
    reader = factories.role(
        factories.user("Lis"), world.pool, "municipality_reader", municipality=world.places[0]
    )
    assert as_user(reader).get(case_url(application)).status_code == 404


def test_a_draft_is_its_writers_own(application_at, cast, as_user):
    draft = application_at("draft")
    client = as_user(cast.frida)
    assert client.get(case_url(draft)).status_code == 404
    assert draft.reference not in client.get(reverse("desk:cases")).content.decode()


def test_who_stands_aside_in_the_committee_does_not_find_the_case(
    application_at, world, cast, as_user
):
    application = application_at("in_review")
    member = cast.members[0]
    factories.role(member.user, world.pool, "caseworker")
    client = as_user(member.user)
    assert client.get(case_url(application)).status_code == 404  # shut until they have answered
    with clock.at(factories.MONDAY + factories.timedelta(days=4)):
        factories.clear(application, member)
    assert client.get(case_url(application)).status_code == 200
    with clock.at(factories.MONDAY + factories.timedelta(days=4)):
        review.declare_recusal(application, member=member, ground="family", by=member.user)
    assert client.get(case_url(application)).status_code == 404
    assert application.reference not in client.get(reverse("desk:cases")).content.decode()


def test_a_guardian_who_works_here_does_not_read_the_childs_case_at_the_desk(world, cast, as_user):
    frida = cast.frida
    child = factories.applicant(cast.asta, birth_date=factories.date(2010, 6, 1))
    application = factories.application_at("submitted", world, cast, who=child)
    client = as_user(frida)
    assert client.get(case_url(application)).status_code == 200
    with clock.at(AFTERWARDS):
        factories.consent(application, factories.guardian(application, frida))
    assert client.get(case_url(application)).status_code == 404
    assert application.reference not in client.get(reverse("desk:cases")).content.decode()


@pytest.mark.parametrize("person", ["gorm", "hanne"])
def test_staff_reads_the_case(application_at, cast, as_user, person):
    page = as_user(getattr(cast, person)).get(case_url(application_at("submitted")))
    assert "Otte udsendelser fra et vaskeri." in page.content.decode()


def test_an_auditor_reads_and_has_no_buttons(application_at, auditor, as_user):
    application = application_at("submitted")
    page = as_user(auditor).get(case_url(application)).content.decode()
    assert "Otte udsendelser fra et vaskeri." in page
    assert "accept_for_review" not in page
    assert "/note/" not in page


def test_an_auditor_who_acts_is_refused(application_at, auditor, as_user):
    application = application_at("submitted")
    client = as_user(auditor)
    for act, given in [("accept_for_review", {}), ("note", {"text": "Hej"})]:
        url = reverse("desk:act", args=[application.reference, act])
        assert client.post(url, given).status_code == 302
    application.refresh_from_db()
    assert application.status == "submitted"
    assert not application.notes.exists()


def test_an_auditor_cannot_announce(application_at, auditor, as_user):
    application = application_at("decided")
    decision = application.current_decision()
    as_user(auditor).post(reverse("desk:announce"), {"decision": decision.pk, "confirm": "yes"})
    application.refresh_from_db()
    assert application.status == "decided"


def test_a_protected_name_and_address_are_for_the_caseworkers(
    application_at, auditor, cast, as_user
):
    application = application_at("submitted")
    applicant = application.applicant
    applicant.name, applicant.is_protected, applicant.street = "Skjult Navn", True, "Skjulestien 1"
    applicant.save()
    page = as_user(auditor).get(case_url(application)).content.decode()
    assert "Skjult Navn" not in page
    assert "Skjulestien" not in page
    assert "Skjulestien 1" in as_user(cast.frida).get(case_url(application)).content.decode()


@pytest.mark.parametrize("part", ["contact", "team"])
def test_nobody_works_on_a_case_of_their_own(application_at, world, cast, as_user, part):
    application = application_at("submitted")
    if part == "team":
        application.team.create(user=cast.bo, name="Bo")
    who = factories.role(cast.asta if part == "contact" else cast.bo, world.pool, "caseworker")
    assert application.roles_of(who) == {"applicant"}
    assert as_user(who).get(case_url(application)).status_code == 404


def test_a_search_of_thousands_of_words_is_passed_over(application_at, cast, as_user):
    application = application_at("submitted")
    page = as_user(cast.frida).get(reverse("desk:cases"), {"q": "zzz " * 100}).content.decode()
    assert application.reference in page
