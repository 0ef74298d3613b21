"""A protected name and address: who reads what, page by page.

Everything that tells who or where the applicant is has a word of its own here, so that any page
can be searched for all of them.
"""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from applicants.models import Applicant, User
from grants.applications.models import Application, TeamMember
from grants.letters import outbox, tasks
from grants.letters.models import Letter, Mail
from grants.payouts import actions as payouts
from grants.payouts.models import PaymentBatch
from tests import factories
from workflows import clock

pytestmark = pytest.mark.django_db

NAMES = ["Skjult Navnesen", "Kontakt Skjultesen", "Makker Skjultesen", "Forælder Skjultesen"]
PLACES = ["skjult@example.org", "99 88 77 66", "Skjulestien 1", "9988", "Skjulby", "12345674"]
SECRETS = [*NAMES, *PLACES]

STATUSES = ["in_review", "decided", "awarded", "accepted", "completed"]
LISTS = [
    *["desk:cases", "desk:announce", "payouts:list", "payouts:files", "payouts:reports"],
    *[
        "payouts:repayments",
        "statistics:index",
        "statistics:csv",
        "committee:desk",
        "portal:home",
        "portal:front",
    ],
    *["api:applications", "api:calls", "api:statistics", "my_data:show", "my_data:download"],
]
OF_A_CASE = [
    *["desk:case", "desk:standing_letter", "committee:case", "committee:close"],
    *["payouts:report", "api:application", "portal:application"],
]


@pytest.fixture(autouse=True)
def _later():
    with clock.at(factories.MONDAY + timedelta(days=20)):
        yield


@pytest.fixture
def cast(world, cast):
    User.objects.filter(pk=cast.asta.pk).update(
        name="Kontakt Skjultesen", email="skjult@example.org"
    )
    cast.asta.refresh_from_db()
    return cast


@pytest.fixture
def hidden_at(world, cast):
    """hidden_at(status): a case of somebody protected, with a team and a guardian."""

    def walked(status):
        who = factories.applicant(
            cast.asta,
            name="Skjult Navnesen",
            kind="association",
            cvr="12345674",
            phone="99 88 77 66",
            street="Skjulestien 1",
            postal_code="9988",
            town="Skjulby",
            is_protected=True,
        )
        case = factories.application_at(status, world, cast, who=who)
        mate = factories.user("Makker Skjultesen", email="mate@example.org")
        TeamMember.objects.create(application=case, user=mate, name=mate.name)
        factories.guardian(case, factories.user("Forælder Skjultesen", email="p@example.org"))
        if status == "accepted":
            payout = payouts.plan(case.current_grant().instalments.get(), by=cast.frida)
            payouts.approve(payout, by=cast.gorm)
            payouts.release([payout], by=cast.gorm)
        return case

    return walked


def readers(world, cast):
    mia, rie = factories.user("Mia"), factories.user("Rie")
    home = {"municipality": world.places[0]}
    return {
        "member": cast.esther,
        "chair": cast.dines,
        "approver": cast.gorm,
        "auditor": factories.role(rie, world.pool, "auditor"),
        "municipality": factories.role(mia, world.pool, "municipality_reader", **home),
        "stranger": cast.cille,
    }


def body(answer):
    if answer.streaming:
        return b"".join(answer.streaming_content).decode()
    return answer.content.decode("utf-8", "replace")


@pytest.mark.parametrize("status", STATUSES)
def test_no_page_tells_it_to_whom_it_is_not_for(hidden_at, world, cast, as_user, status):
    case = hidden_at(status)
    tasks.sweep()
    urls = [reverse(name) for name in LISTS]
    urls += [reverse(name, args=[case.reference]) for name in OF_A_CASE]
    urls += [f"{reverse('desk:cases')}?q={word}" for word in ["Skjult", "Skjulestien"]]
    urls += [
        reverse("desk:letter", args=[case.reference, letter.pk]) for letter in Letter.objects.all()
    ]
    opened = 0
    for name, reader in readers(world, cast).items():
        client = as_user(reader)
        for url in urls:
            answer = client.get(url)
            if answer.status_code != 200:
                continue
            opened += 1
            page = body(answer).replace("?q=Skjulestien", "")
            for secret in SECRETS:
                assert secret not in page, (name, url, secret)
            assert answer["Content-Type"] != "application/pdf", (name, url)
    assert opened > 40


def test_the_caseworker_sees_it_and_is_told_to_keep_it(hidden_at, cast, as_user):
    case = hidden_at("submitted")
    page = as_user(cast.frida).get(reverse("desk:case", args=[case.reference])).content.decode()
    for told in ["Skjult Navnesen", "Skjulestien 1", "99 88 77 66", "12345674"]:
        assert told in page


@pytest.mark.parametrize(
    "role, status", [("auditor", 404), ("approver", 200), ("caseworker", 200), ("chair", 404)]
)
def test_a_payment_file_with_a_protected_name_is_for_those_who_pay(
    hidden_at, world, cast, as_user, role, status
):
    hidden_at("accepted")
    reader = factories.role(factories.user("Rie"), world.pool, role)
    batch = PaymentBatch.objects.get()
    client = as_user(reader)
    url = reverse("payouts:file", args=[batch.reference])
    assert client.get(url).status_code == status
    if role != "chair":
        page = client.get(reverse("payouts:files")).content.decode()
        assert batch.sha256[:16] in page
        assert (url in page) == (status == 200)


def test_without_a_protected_name_the_auditor_has_the_file(hidden_at, world, as_user):
    hidden_at("accepted")
    Applicant.objects.update(is_protected=False)
    auditor = factories.role(factories.user("Rie"), world.pool, "auditor")
    file = as_user(auditor).get(
        reverse("payouts:file", args=[PaymentBatch.objects.get().reference])
    )
    assert file.status_code == 200


@pytest.mark.parametrize("status", ["submitted", "awarded"])
def test_a_guardian_and_a_helper_read_along_without_learning_where_they_live(
    hidden_at, cast, as_user, status
):
    case = hidden_at(status)
    tasks.sweep()
    TeamMember.objects.create(
        application=case, user=cast.bo, name="Bo", is_helper=True, can_write=False
    )
    Applicant.objects.update(birth_date=date(2010, 1, 1))  # an adult's parent reads nothing
    parent = User.objects.get(email="p@example.org")
    for reader in [cast.bo, parent]:
        client = as_user(reader)
        page = client.get(case.get_absolute_url()).content.decode()
        assert "Natteradio" in page
        for secret in ["99 88 77 66", "Skjulestien 1", "9988", "Skjulby"]:
            assert secret not in page
        for letter in Letter.objects.all():
            url = reverse("portal:letter", args=[case.reference, letter.pk])
            assert url not in page
            assert client.get(url).status_code == 404


REACHED = ["99 88 77 66", "Skjulestien 1", "9988", "Skjulby"]


def test_who_writes_along_writes_the_idea_and_not_who_it_is(hidden_at, as_user):
    case = hidden_at("draft")
    client = as_user(User.objects.get(email="mate@example.org"))
    address = case.get_absolute_url()
    for page in ["write/idea/", "write/money/", "check/", ""]:
        answer = client.get(address + page)
        assert answer.status_code == 200
        told = answer.content.decode()
        assert "/write/idea/" in told
        assert "/write/who/" not in told
        for secret in REACHED:
            assert secret not in told, (page, secret)
    assert client.get(f"{address}write/who/").status_code == 404
    assert client.get(f"{address}write/who/changes/?seen=0").status_code == 404
    for page in ["write/who/", "write/who/save/"]:
        assert client.post(address + page, {"street": "Ny 1", "seen": "99"}).status_code == 404
    assert Applicant.objects.get().street == "Skjulestien 1"


def test_what_is_missing_there_is_said_without_a_way_in(hidden_at, as_user, settings):
    case = hidden_at("draft")
    Application.objects.update(home=None)
    client = as_user(User.objects.get(email="mate@example.org"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.get(f"{case.get_absolute_url()}check/").content.decode()
    assert "Only the contact can do that." in page
    assert "/write/who/" not in page


def test_who_writes_along_reads_no_letter_with_the_address(hidden_at, as_user):
    case = hidden_at("awarded")
    tasks.sweep()
    client = as_user(User.objects.get(email="mate@example.org"))
    page = client.get(case.get_absolute_url()).content.decode()
    for secret in REACHED:
        assert secret not in page
    url = reverse("portal:letter", args=[case.reference, Letter.objects.get().pk])
    assert url not in page
    assert client.get(url).status_code == 404


def test_the_contact_writes_all_of_it_and_the_team_of_who_is_not_protected_reads_it(
    hidden_at, cast, as_user
):
    case = hidden_at("draft")
    client = as_user(cast.asta)
    assert "Skjulestien 1" in client.get(f"{case.get_absolute_url()}write/who/").content.decode()
    assert "Skjulestien 1" in client.get(f"{case.get_absolute_url()}check/").content.decode()
    Applicant.objects.update(is_protected=False)
    client = as_user(User.objects.get(email="mate@example.org"))
    assert client.get(f"{case.get_absolute_url()}write/who/").status_code == 404
    assert "Skjulestien 1" in client.get(f"{case.get_absolute_url()}check/").content.decode()


def test_the_contact_reads_the_own_address_and_letter(hidden_at, cast, as_user):
    case = hidden_at("awarded")
    tasks.sweep()
    client = as_user(cast.asta)
    assert "Skjulestien 1" in client.get(case.get_absolute_url()).content.decode()
    letter = Letter.objects.get()
    url = reverse("portal:letter", args=[case.reference, letter.pk])
    assert client.get(url).status_code == 200


def test_no_mail_tells_it(hidden_at):
    hidden_at("completed")
    outbox.gather_digests()
    for mail in Mail.objects.all():
        for secret in SECRETS:
            assert secret not in mail.subject + mail.text
