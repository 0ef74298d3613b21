"""The minutes: what they say, who approves them, and that they then stay as they are."""

import hashlib
import io
from datetime import timedelta

import outloud
import pikepdf
import pytest
from django.db import IntegrityError, connection, transaction
from pypdf import PdfReader

from committee.meetings import actions, minutes
from committee.meetings.models import AgendaItem, Meeting
from committee.review import actions as review
from committee.seats.models import Procedure
from grants.letters import outbox, texts
from grants.letters.models import Letter, Mail
from tests import factories
from tests.committee.meetings import conftest as scene
from workflows import audit, clock
from workflows.machine import Refusal
from workflows.models import Checkpoint, LogEntry

pytestmark = pytest.mark.usefixtures("in_the_meeting")

MEAN = {"da": "gennemsnit", "en": "mean", "sv": "medelvärde", "nb": "gjennomsnitt"}


def take_through(held, cast, *, note="Larmen kan styres med en aftale."):
    """Esther changes to against, the vote is closed, and something is written down."""
    item = held.items.get()
    actions.take_anew(item, by=cast.dines)
    actions.change_vote(
        AgendaItem.objects.get(),
        member=cast.members[1],
        by=cast.esther,
        choice="against",
        scores=factories.scores(item.application, 1),
    )
    actions.close_anew(AgendaItem.objects.get(), by=cast.dines)
    actions.save_note(item, text=note, by=cast.frida)
    return held


@pytest.fixture
def ended(held, cast):
    take_through(held, cast)
    actions.save_minutes(held, text="Næste møde er i maj.", by=cast.frida)
    actions.end_meeting(held, by=cast.dines)
    held.refresh_from_db()
    return held


@pytest.fixture
def approved(ended, cast):
    actions.approve_minutes(ended, by=cast.dines)
    ended.refresh_from_db()
    return ended


def test_they_say_who_was_there_how_the_votes_went_and_who_changed_theirs(ended, parted):
    told = minutes.facts(ended, "da")
    assert [each["name"] for each in told["present"]] == ["Dines", "Esther", "Ib"]
    assert [each["name"] for each in told["absent"]] == ["Jo"]
    assert not told["has_quorum"]
    (point,) = told["points"]
    assert (point["title"], point["why"], point["reference"]) == (
        "Natteradio",
        "opinions_part",
        parted.reference,
    )
    before, anew = point["before"], point["anew"]
    assert (before["votes_for"], before["votes_against"], before["mean_young"]) == (4, 0, "5,00")
    assert (anew["votes_for"], anew["votes_against"], anew["mean_young"]) == (3, 1, "3,00")
    assert point["changed"] == [
        {
            "name": "Esther",
            "choice_before": "for",
            "amount_before": 10_000_00,
            "mean_before": "5,00",
            "choice": "against",
            "amount": 0,
            "mean": "1,00",
        }
    ]
    assert point["note"] == "Larmen kan styres med en aftale."
    assert not point["is_recommended"]
    assert told["text"] == "Næste møde er i maj."
    assert (told["began"], told["held_on"]) == ("17.10", "2026-03-20")


def test_a_secret_vote_names_nobody(world, cast):
    Procedure.objects.create(
        committee=world.committee, version=2, recommends="together", ballots="secret"
    )
    parted = scene.voted(scene.in_review(world, cast, "Natteradio"), cast, young=5, staff=2)
    held = scene.hold(scene.call(world, cast.dines, parted), cast, *cast.members)
    take_through(held, cast)
    (point,) = minutes.facts(held, "da")["points"]
    assert point["is_secret"]
    assert point["changed"] == []
    assert point["anew"]["votes_against"] == 1


def test_who_stood_aside_is_named(together, cast):
    factories.seat(factories.user("Lis"), together.committee, "young")
    lis = together.committee.members.get(user__name="Lis")
    application = scene.in_review(together, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        scene.stand_aside(application, lis)
    scene.voted(application, cast, young=5, staff=2)
    held = scene.hold(scene.call(together, cast.dines, application), cast, *cast.members)
    assert minutes.facts(held, "da")["points"][0]["aside"] == ["Lis"]


@pytest.mark.parametrize("language", ["da", "en", "sv", "nb"])
def test_they_are_written_in_every_language(ended, cast, language):
    told = minutes.facts(ended, language, approver=cast.dines, checkpoint="f" * 64)
    own = {"code": "ABC", "verify_url": "https://x/verify", "issued_on": "2026-03-20"}
    written = texts.write("minutes", language, told | own)
    for word in ("Natteradio", "Esther", "Larmen kan styres", "Næste møde", "f" * 64, "Dines"):
        assert word in written
    assert "{" not in written


def test_what_people_wrote_is_text_and_never_markup(held, cast):
    take_through(held, cast, note="<script>alert(1)</script>")
    told = minutes.facts(held, "da")
    own = {"code": "ABC", "verify_url": "https://x/verify", "issued_on": "2026-03-20"}
    assert "<script" not in texts.write("minutes", "da", told | own)


@pytest.mark.parametrize("language", ["da", "en", "sv", "nb"])
def test_who_abstains_now_has_no_mean(held, cast, language):
    item = held.items.get()
    actions.take_anew(item, by=cast.dines)
    member = cast.members[1]
    actions.change_vote(AgendaItem.objects.get(), member=member, by=cast.esther, choice="abstain")
    actions.close_anew(AgendaItem.objects.get(), by=cast.dines)
    told = minutes.facts(held, language)
    (changed,) = told["points"][0]["changed"]
    assert (changed["mean_before"] != "", changed["mean"]) == (True, "")
    own = {"code": "ABC", "verify_url": "https://x/verify", "issued_on": "2026-03-20"}
    written = texts.write("minutes", language, told | own)
    assert f"({MEAN[language]} {changed['mean_before']})" in written
    assert written.count(f"({MEAN[language]}") == 1


# --- Who approves ---------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["frida", "esther", "cille"])
def test_only_the_chair_approves_and_the_refusal_says_so(ended, cast, person):
    with pytest.raises(Refusal, match="Only Dines can approve"):
        actions.approve_minutes(ended, by=getattr(cast, person))


def test_the_draft_is_written_by_those_who_lead(held, cast):
    for person in (cast.esther, cast.cille, cast.gorm):
        with pytest.raises(Refusal):
            actions.save_minutes(held, text="Nej.", by=person)


def test_a_member_who_was_there_approves_what_the_chair_may_not_read(held, cast):
    item = held.items.get()
    actions.take_anew(item, by=cast.frida)
    kim = factories.seat(factories.user("Kim"), held.committee, "staff", is_substitute=True)
    review.declare_recusal(item.application, member=cast.members[0], ground="family", by=cast.dines)
    review.call_in(item.application, member=cast.members[0], substitute=kim, by=cast.frida)
    review.declare(item.application, member=kim, answer="clear", by=kim.user)
    actions.note_attendance(
        held, present={each.pk for each in (*cast.members[:3], kim)}, by=cast.frida
    )
    actions.change_vote(
        AgendaItem.objects.get(),
        member=kim,
        by=kim.user,
        choice="for",
        amount=10_000_00,
        scores=factories.scores(item.application, 3),
    )
    actions.close_anew(AgendaItem.objects.get(), by=cast.frida)
    actions.end_meeting(held, by=cast.frida)
    with pytest.raises(Refusal, match="You may not read all"):
        actions.save_minutes(held, text="Hej.", by=cast.dines)
    with pytest.raises(Refusal, match="Only Esther, Ib, Kim can approve"):
        actions.approve_minutes(held, by=cast.dines)
    assert actions.approve_minutes(held, by=cast.esther).facts["approver_is_chair"] is False


def test_they_are_approved_after_the_meeting(held, cast):
    with pytest.raises(Refusal, match="End the meeting first"):
        actions.approve_minutes(held, by=cast.dines)


# --- What is approved stays -----------------------------------------------------------------


def test_approving_freezes_them_with_the_logs_newest_checkpoint(approved, cast):
    letter = approved.letter
    assert letter.kind == Letter.Kind.MINUTES
    seal = Checkpoint.objects.latest("number")
    assert letter.facts["checkpoint"] == seal.hash
    assert seal.hash in letter.html
    assert audit.verify(expect=seal.hash).fits
    # The checkpoint vouches for the approval itself.
    said = LogEntry.objects.get(event="minutes_approved")
    assert [said.stream, said.number, said.hash] in seal.heads
    kept = LogEntry.objects.get(event="minutes_archived")
    assert kept.facts["text"] == hashlib.sha256(letter.html.encode()).hexdigest()


def test_each_member_is_told_once_and_nothing_of_a_case_is_in_it(ended, cast, parted):
    before = Mail.objects.count()
    actions.approve_minutes(ended, by=cast.dines)
    mails = Mail.objects.order_by("id")[before:]
    assert {mail.to for mail in mails} == {member.user for member in cast.members}
    assert len(mails) == len(cast.members)
    for mail in mails:
        for word in (parted.title, parted.reference, parted.applicant.name, "Larmen"):
            assert word not in mail.subject + mail.text


def test_nothing_of_it_is_changed_by_an_act(approved, cast):
    for act in (
        lambda: actions.approve_minutes(approved, by=cast.dines),
        lambda: actions.save_minutes(approved, text="Nyt.", by=cast.frida),
        lambda: actions.save_note(approved.items.get(), text="Nyt.", by=cast.frida),
        lambda: actions.note_attendance(approved, present=set(), by=cast.frida),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "approved"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE committee_meeting SET minutes = 'Nyt.'",
        "UPDATE committee_meeting SET starts_at = starts_at - interval '1 day'",
        "UPDATE committee_meeting SET ended_at = NULL",
        "UPDATE committee_meeting SET approved_at = NULL, approved_by_id = NULL, letter_id = NULL",
        "UPDATE committee_agendaitem SET note = 'Nyt.'",
        "DELETE FROM committee_agendaitem",
        "UPDATE committee_attendance SET is_present = NOT is_present",
        "DELETE FROM committee_attendance",
        "DELETE FROM committee_meeting",
        "UPDATE grants_letter SET html = 'Nyt.'",
    ],
)
def test_the_database_refuses_to_change_approved_minutes(approved, statement):
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_wants_a_letter_with_the_approval(ended, cast):
    with pytest.raises(IntegrityError, match="approved_after"), transaction.atomic():
        Meeting.objects.update(approved_at=clock.now(), approved_by=cast.dines)


# --- The PDF --------------------------------------------------------------------------------


@pytest.fixture
def pdf(approved):
    outbox.make_bytes(approved.letter_id)
    approved.letter.refresh_from_db()
    return bytes(approved.letter.pdf)


def test_they_are_kept_as_an_archive_file_that_a_screen_reader_can_read(pdf, tmp_path):
    with pikepdf.open(io.BytesIO(pdf)) as file:
        metadata = file.open_metadata()
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert file.Root.MarkInfo.Marked
    (tmp_path / "minutes.pdf").write_bytes(pdf)
    result = outloud.check(str(tmp_path / "minutes.pdf"))
    assert [(found.rule, found.message) for found in result.sorted_findings()] == []


def test_the_pdf_reads_as_the_minutes(pdf, approved):
    pages = PdfReader(io.BytesIO(pdf)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for words in (
        "Referat",
        "Natteradio",
        "Esther: før for 10.000,00 kr. (gennemsnit 5,00), nu imod (gennemsnit 1,00)",
        "Larmen kan styres med en aftale.",
        "Næste møde er i maj.",
        "Dines",
    ):
        assert words in text
    assert approved.letter.facts["checkpoint"] in text.replace(" ", "")


def test_a_meeting_a_week_later_has_its_own(approved, together, cast, agreed):
    week = timedelta(days=7)
    later = {"starts_at": scene.STARTS_AT + week, "ends_at": scene.STARTS_AT + week * 1.1}
    meeting = scene.call(together, cast.dines, agreed, at=scene.HELD_AT, **later)
    with clock.at(scene.HELD_AT + week):
        actions.open_meeting(meeting, by=cast.dines)
        actions.note_attendance(meeting, present={cast.members[0].pk}, by=cast.dines)
        actions.end_meeting(meeting, by=cast.dines)
        actions.approve_minutes(meeting, by=cast.dines)
    assert Letter.objects.filter(kind="minutes").count() == 2
