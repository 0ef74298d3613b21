"""All that is held on one person, and nothing of anybody else."""

import json

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applicants.models import Applicant, User
from committee.discussion import actions as discussion
from committee.meetings.models import Attendance, Meeting
from committee.review import actions as review
from committee.review import queries as review_queries
from committee.votes import actions as voting
from grants.applications.models import Application, Reminder, TeamMember
from grants.applications.reminders import remind
from grants.letters.models import Mail
from secretariat.my_data import queries
from tests import factories
from workflows import clock
from workflows.models import LogEntry

pytestmark = pytest.mark.django_db

SHOW = reverse("my_data:show")


@pytest.fixture
def client(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.fixture
def completed(application_at):
    with clock.at(factories.LONG_AFTER):
        return application_at("completed")


def download(client):
    answer = client.get(reverse("my_data:download"))
    return json.loads(b"".join(answer.streaming_content))


def test_it_is_behind_login(client):
    for page in ["show", "download", "you", "close"]:
        answer = client.get(reverse(f"my_data:{page}"))
        assert answer.status_code == 302
        assert reverse("account_login") in answer.url


def test_the_file_has_every_part_and_is_json(as_user, cast, completed):
    held = download(as_user(cast.asta))
    assert {part.code for part in queries.PARTS} == held.keys() - {"made_at", "amounts"}
    assert held["you"][0]["email"] == "asta@example.org"
    assert held["applications"][0]["activity"] == "Otte udsendelser fra et vaskeri."
    assert held["applications"][0]["budget"][0]["amount"] == 10_000_00
    assert held["payouts"][0] == held["payouts"][0] | {
        "case": completed.reference,
        "amount": 10_000_00,
        "status": "paid",
    }
    for part in ["applicants", "bank_accounts", "letters", "reports", "mails", "log"]:
        assert held[part], part


def test_what_was_told_and_what_it_cost_is_in_it(as_user, cast, completed):
    remind(completed, Reminder.What.REPORT, due_on=clock.today(), subject="Hej", text="Hej")
    held = download(as_user(cast.asta))
    assert held["grants"][0]["amount_awarded"] == 10_000_00
    assert held["account_lines"] == [
        {"case": completed.reference, "kind": "expense", "text": "Udstyr", "amount": 10_000_00}
    ]
    assert [each["what"] for each in held["reminders"]] == ["report"]
    page = as_user(cast.asta).get(SHOW).content.decode()
    assert "The report is due soon" in page


def test_who_is_asked_to_be_the_contact_reads_so(as_user, cast, application_at):
    application = application_at("draft")
    TeamMember.objects.create(
        application=application, user=cast.bo, name="Bo", is_offered_contact=True
    )
    assert download(as_user(cast.bo))["teams"][0]["is_offered_contact"] is True


# What leads to a person, a case or whoever applies, and is no part of its own: with the reason.
TOLD_OTHERWISE = {
    "grants.BudgetLine": "in its application",
    "grants.MunicipalPart": "in its application",
    "grants.ConsentLink": "the hash of a link, and the consent itself is told",
    "grants.Note": "the secretariat's own, to be asked for with the case",
    "grants.Recommendation": "the committee's, to be asked for with the case",
    "grants.Decision": "told by its letter, and nothing of it before",
    "grants.PaymentBatch": "the bank's file; each payout in it is told",
    "committee.VoteWindow": "the time of a vote, to be asked for with the case",
    "committee.Procedure": "a committee's rules; our log tells who wrote them",
    "committee.Meeting": "the committee's, to be asked for with its minutes",
    "committee.AgendaItem": "the committee's, to be asked for with its minutes",
    "committee.Allocation": "the committee's, to be asked for with the call",
    "committee.Move": "the committee's reason, to be asked for with the case",
    "admin.LogEntry": "what an administrator set up; our log tells it",
    "account.EmailAddress": "the address that is told with the person",
    "mfa.Authenticator": "a passkey's public key, shown where passkeys are kept",
}


def test_every_table_about_a_person_is_told_or_has_a_reason(cast):
    about = {User, Applicant, Application}
    found = {
        model._meta.label
        for model in apps.get_models()
        if any(field.related_model in about for field in model._meta.fields)
    }
    told = {part.rows(cast.asta).model._meta.label for part in queries.PARTS}
    assert found - told == TOLD_OTHERWISE.keys()


def test_the_account_number_is_masked(as_user, cast, completed):
    client = as_user(cast.asta)
    whole = json.dumps(download(client), ensure_ascii=False)
    page = client.get(SHOW).content.decode()
    for told in [whole, page]:
        assert "DK•• •••• •••• ••62 43" in told
        assert factories.ASTAS_ACCOUNT not in told


def test_it_never_tells_more_than_was_announced(as_user, cast, application_at):
    application_at("decided")
    held = download(as_user(cast.asta))
    assert held["applications"][0]["status_shown"] == "under_review"
    assert "decided" not in json.dumps(held)
    assert "In review" not in as_user(cast.asta).get(SHOW).content.decode()


def test_nothing_of_other_people_is_in_it(as_user, world, cast, completed):
    for person in [cast.bo, cast.cille, cast.frida, cast.dines]:
        held = json.dumps(download(as_user(person)), ensure_ascii=False)
        for theirs in ["Natteradio", "asta@example.org", "20 20 20 20", "vaskeri", "2004-05-17"]:
            assert theirs not in held, (person, theirs)


def test_a_team_member_has_the_membership_and_not_the_contacts_data(as_user, cast, application_at):
    application = application_at("submitted")
    TeamMember.objects.create(application=application, user=cast.bo, name="Bo")
    held = download(as_user(cast.bo))
    assert held["teams"][0]["case"] == application.reference
    assert held["applications"] == []
    assert "20 20 20 20" not in json.dumps(held)


def test_a_guardian_has_the_relation_and_the_consent(as_user, cast, application_at):
    application = application_at("submitted")
    factories.guardian(application, cast.bo)
    held = download(as_user(cast.bo))
    assert held["guardianships"] == [{"relation": "Mor", "applicant": "Asta"}]
    assert "20 20 20 20" not in json.dumps(held)


def test_a_member_has_all_that_was_said_and_written_as_one(as_user, world, cast, application_at):
    application = application_at("in_review")
    dines, esther, ib, jo = cast.members
    lea = factories.seat(factories.user("Lea"), world.committee, "young", is_substitute=True)
    esther.posts = "Vaskeriets Venner"
    esther.save()
    with clock.at(factories.MONDAY + factories.timedelta(days=4)):
        review.declare(application, member=esther, answer="unsure", note="En ven.", by=cast.esther)
        factories.clear(application, dines, ib)
        review.rule(
            review_queries.doubts(application)[0],
            is_recused=False,
            reason="Kun bekendte.",
            by=cast.dines,
        )
        review.call_in(application, member=jo, substitute=lea, by=cast.dines)
        voting.save_assessment(
            application,
            member=esther,
            by=cast.esther,
            scores=factories.scores(application, 3),
            notes={str(world.criterion.pk): "Mange kan være med."},
            choice="for",
            amount=9_000_00,
        )
        factories.vote(application, esther, amount=8_000_00, points=2)
        voting.demand_meeting(application, member=esther, reason="Lyden.", by=cast.esther)
        discussion.write_remark(
            application, member=esther, kind="question", text="Hvem betaler?", by=cast.esther
        )
        factories.vote(application, dines, points=5)
    Attendance.objects.create(
        meeting=Meeting.objects.create(
            committee=world.committee,
            starts_at=clock.now(),
            ends_at=clock.now() + factories.timedelta(hours=1),
            called_by=cast.dines,
        ),
        member=esther,
        is_present=True,
    )
    held = download(as_user(cast.esther))
    case = {"case": application.reference}
    told = {
        "declarations": case | {"answer": "unsure", "note": "En ven."},
        "rulings": case | {"is_recused": False, "reason": "Kun bekendte."},
        "assessments": case
        | {
            "choice": "for",
            "amount": 9_000_00,
            "scores": [{"criterion": "Community", "score": 3, "note": "Mange kan være med."}],
        },
        "votes": case
        | {
            "choice": "for",
            "amount": 8_000_00,
            "scores": [{"criterion": "Community", "score": 2}],
        },
        "demands": case | {"reason": "Lyden."},
        "remarks": case | {"kind": "question", "text": "Hvem betaler?", "is_new_fact": False},
        "attendances": {"is_present": True},
    }
    for part, row in told.items():
        (own,) = held[part]
        assert own == own | row, part
    assert held["seats"][0]["posts"] == "Vaskeriets Venner"
    assert download(as_user(lea.user))["substitutions"][0]["case"] == application.reference
    page = as_user(cast.esther).get(SHOW).content.decode()
    for words in ["En ven.", "Community, 3, Mange kan være med.", "8.000,00", "Lyden."]:
        assert words in page, words


def test_scores_of_many_votes_take_no_more_queries_than_of_one(
    as_user, world, cast, application_at
):
    who, esther = factories.applicant(cast.asta), cast.members[1]

    def vote():
        application = application_at("in_review", who=who)
        with clock.at(factories.MONDAY + factories.timedelta(days=4)):
            factories.clear(application, esther)
            factories.vote(application, esther)
            voting.save_assessment(
                application, member=esther, by=cast.esther, scores=factories.scores(application)
            )

    vote()
    download(as_user(cast.esther))  # what is asked once in a process is asked now
    with CaptureQueriesContext(connection) as first:
        download(as_user(cast.esther))
    for _time in range(3):
        vote()
    with CaptureQueriesContext(connection) as more:
        download(as_user(cast.esther))
    assert len(more) == len(first)


def test_a_member_has_the_own_votes(as_user, cast, application_at):
    application = application_at("recommended")
    held = download(as_user(cast.dines))
    assert held["votes"][0]["case"] == application.reference
    assert held["seats"][0]["is_chair"] is True
    assert len(held["votes"]) == 1


def test_the_page_says_what_is_held_in_words(as_user, cast, completed):
    page = as_user(cast.asta).get(SHOW).content.decode()
    for told in [
        "Natteradio",
        "10.000,00",
        "asta@example.org",
        "20 20 20 20",
        "Paid out",
        "Udstyr",
    ]:
        assert told in page, told


def test_many_rows_are_cut_on_the_page_and_whole_in_the_file(as_user, cast):
    Mail.objects.bulk_create(Mail(to=cast.asta, subject=f"Nr. {n}", text="x") for n in range(30))
    client = as_user(cast.asta)
    page = client.get(SHOW).content.decode()
    assert page.count("Nr. ") < 2 * 30
    assert "The first 20 are here" in page
    assert len(download(client)["mails"]) == 30


def test_as_many_queries_for_thirty_mails_as_for_one(
    as_user, cast, django_assert_max_num_queries, django_assert_num_queries
):
    client = as_user(cast.asta)
    Mail.objects.create(to=cast.asta, subject="Nr. 1", text="x")
    with django_assert_max_num_queries(60) as first:
        client.get(SHOW)
    Mail.objects.bulk_create(Mail(to=cast.asta, subject=f"Nr. {n}", text="x") for n in range(30))
    with django_assert_num_queries(len(first)):
        client.get(SHOW)


# --- Correcting ---------------------------------------------------------------------------------


def test_name_language_and_how_one_is_told_are_corrected(as_user, cast, application_at, settings):
    application = application_at("draft")
    answer = as_user(cast.asta).post(
        reverse("my_data:you"), {"name": "Asta Ny", "language": "en", "told": "daily"}
    )
    assert answer.url == SHOW
    user = User.objects.get(pk=cast.asta.pk)
    assert (user.name, user.language, user.told) == ("Asta Ny", "en", "daily")
    assert Application.objects.get(pk=application.pk).language == "en"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    entry = LogEntry.objects.get(event="data_corrected")
    assert entry.facts == {"fields": ["name", "language", "told"]}


def test_a_language_that_is_not_spoken_here_is_refused(as_user, cast):
    given = {"name": "Asta", "language": "fi", "told": "daily"}
    assert as_user(cast.asta).post(reverse("my_data:you"), given).status_code == 200
    assert User.objects.get(pk=cast.asta.pk).told == "at_once"


def test_phone_address_and_protection_are_corrected_and_logged_without_words(as_user, cast):
    applies = factories.applicant(cast.asta)
    given = {"phone": "30 30 30 30", "street": "Nygade 1", "postal_code": "1", "town": "By"}
    as_user(cast.asta).post(
        reverse("my_data:applicant", args=[applies.pk]), given | {"is_protected": "on"}
    )
    applies.refresh_from_db()
    assert (applies.phone, applies.street, applies.is_protected) == (
        "30 30 30 30",
        "Nygade 1",
        True,
    )
    entry = LogEntry.objects.get(event="data_corrected")
    assert entry.facts["fields"] == ["phone", "street", "postal_code", "town", "is_protected"]
    assert "Nygade" not in json.dumps(entry.facts)


def test_what_is_saved_unchanged_is_not_logged(as_user, cast):
    as_user(cast.asta).post(
        reverse("my_data:you"), {"name": "Asta", "language": "da", "told": "at_once"}
    )
    assert not LogEntry.objects.exists()


def test_nobody_corrects_somebody_else(as_user, cast):
    applies = factories.applicant(cast.asta)
    page = reverse("my_data:applicant", args=[applies.pk])
    assert as_user(cast.bo).get(page).status_code == 404
    assert as_user(cast.bo).post(page, {"phone": "1"}).status_code == 404
    assert Applicant.objects.get(pk=applies.pk).phone == "20 20 20 20"
