"""The case page, its journal, and the acts that are done from it."""

import re

import pytest
from django.urls import reverse

from applicants.models import Applicant
from grants.applications.models import Note
from grants.decisions import queries
from grants.decisions.actions import announce
from grants.decisions.models import Decision
from grants.letters import outbox
from grants.letters.models import Letter, Mail
from grants.pools.models import Call
from secretariat.journal import SENTENCES, journal
from tests import factories
from workflows import audit, clock
from workflows.lifecycle import ApplicationStatus
from workflows.models import LogEntry

SENT = [status for status in ApplicationStatus.values if status != "draft"]


@pytest.fixture
def frida(cast, as_user):
    return as_user(cast.frida)


def read(client, application):
    return client.get(reverse("desk:case", args=[application.reference])).content.decode()


def act(client, application, name, **given):
    return client.post(reverse("desk:act", args=[application.reference, name]), given)


@pytest.mark.parametrize("status", SENT)
def test_each_status_has_a_page(frida, application_at, status):
    application = application_at(status)
    assert "Natteradio" in read(frida, application)


@pytest.mark.parametrize("status", SENT)
def test_every_button_leads_to_a_page(frida, cast, application_at, status, as_user):
    application = application_at(status)
    for person in (cast.frida, cast.hanne):
        client = as_user(person)
        acts = client.get(reverse("desk:case", args=[application.reference])).context["acts"]
        for each in acts:
            url = reverse("desk:act", args=[application.reference, each.name])
            assert client.get(url).status_code == 200


def test_the_rules_of_the_call_are_told_for_screening(frida, application_at, world):
    application = application_at("submitted")
    page = read(frida, application)
    assert "21 years: between 13 and 30." in page
    assert "Does not fit" not in page
    Call.objects.filter(pk=world.call.pk).update(age_to=20, allows_own_wages=False)
    rules = read(frida, application).partition('id="rules"')[2]
    assert rules.index("Does not fit") < rules.index("and is 21") < rules.index("Fits")
    assert "The budget has no wages to those who apply." in rules


def test_the_journal_says_who_did_what(frida, application_at):
    page = read(frida, application_at("completed"))
    journal = page[page.index('id="journal"') :]
    for name in ("Asta", "Frida", "Gorm", "Dines"):
        assert name in journal
    assert not re.search(r"user:\d", journal)


def test_every_event_of_a_whole_life_has_words(application_at):
    application_at("reclaimed")
    told = {(row.subject.partition(":")[0], row.event) for row in LogEntry.objects.all()}
    ours = {pair for pair in told if pair[0] not in ("paymentbatch", "pool")}
    assert {pair for pair in ours if pair[1] not in SENTENCES.get(pair[0], {})} == set()


def test_saving_many_times_is_one_line(application_at, cast):
    application = application_at("submitted")
    for _time in range(3):
        audit.record(application, "language_chosen", by=cast.asta, language="en")
    told = [(entry.event, entry.times) for entry in journal(application)]
    assert told == [("language_chosen", 3), ("submit", 1), ("begin", 1)]


def test_the_journal_asks_the_same_number_of_queries_for_a_long_life(
    frida, application_at, django_assert_max_num_queries
):
    application = application_at("completed")
    with django_assert_max_num_queries(75):
        read(frida, application)


def test_no_vote_is_told_while_the_vote_is_open(frida, application_at):
    assert "Recommends" not in read(frida, application_at("in_review"))


def test_a_note_twice_is_one_note(frida, application_at):
    application = application_at("submitted")
    for _click in range(2):
        act(frida, application, "note", text="Ringede til Asta.")
    assert Note.objects.count() == 1
    assert "Ringede til Asta." in read(frida, application)


def test_a_question_is_asked(frida, application_at):
    application = application_at("submitted")
    wrong = act(frida, application, "ask_for_more", question="Hvem er med?", answer_by="2020-01-01")
    assert "Hvem er med?" in wrong.content.decode()
    assert wrong.context["form"].errors.keys() == {"answer_by"}
    ahead = clock.today() + factories.timedelta(days=7)
    act(frida, application, "ask_for_more", question="Hvem er med?", answer_by=ahead.isoformat())
    application.refresh_from_db()
    assert application.status == "incomplete"
    assert "Hvem er med?" in read(frida, application)


def test_a_case_is_made_ready_and_opened(frida, application_at):
    application = application_at("submitted")
    act(frida, application, "accept_for_review")
    act(frida, application, "open_review", closes_at="")
    application.refresh_from_db()
    assert application.status == "in_review"


def test_an_act_that_is_not_open_leads_back(frida, application_at):
    application = application_at("submitted")
    url = reverse("desk:act", args=[application.reference, "lapse"])
    assert frida.get(url).status_code == 302
    assert act(frida, application, "lapse").status_code == 302
    assert act(frida, application, "fly").status_code == 404


# --- a vote without a quorum --------------------------------------------------------------------


def test_a_late_vote_tells_what_is_missing_and_cannot_be_closed(frida, application_at):
    application = application_at("in_review")
    url = reverse("desk:case", args=[application.reference])
    with clock.at(application.vote_windows.get().closes_at - factories.timedelta(hours=1)):
        assert frida.get(url).context["lacking"] == []
    with clock.at(application.vote_windows.get().closes_at + factories.timedelta(days=2)):
        page = frida.get(url)
    assert len(page.context["lacking"]) == 2
    assert page.content.decode().count(page.context["lacking"][0]) == 2
    assert "close_vote" not in {act.name for act in page.context["acts"]}


def test_a_late_vote_with_a_quorum_is_closed_from_the_page(frida, application_at, cast):
    application = application_at("in_review")
    with clock.at(application.vote_windows.get().opened_at):
        factories.clear(application, *cast.members)
        for member in cast.members:
            factories.vote(application, member, choice="against")
    with clock.at(application.vote_windows.get().closes_at):
        page = frida.get(reverse("desk:case", args=[application.reference]))
        assert "close_vote" in {act.name for act in page.context["acts"]}
        act(frida, application, "close_vote")
    application.refresh_from_db()
    assert application.status == "recommended"


# --- deciding ---------------------------------------------------------------------------------


def reasons(world, **given):
    return {
        "amount": "4.000",
        "guideline": world.guideline.pk,
        "criterion": world.criterion.pk,
        "fact": "Der søges til ét sted.",
        "deviation_reason": "Puljen er lille.",
    } | given


def test_the_amount_is_the_recommended_one(frida, application_at):
    application = application_at("recommended")
    url = reverse("desk:act", args=[application.reference, "decide"])
    assert 'value="10.000"' in frida.get(url).content.decode()


def test_less_wants_its_reasons_and_keeps_what_was_typed(frida, application_at, world):
    application = application_at("recommended")
    typed = {"amount": "4.000 kr", "fact": "Der søges til ét sted."}
    page = act(frida, application, "decide", **typed)
    assert page.context["form"].errors.keys() == {"guideline", "criterion", "deviation_reason"}
    assert 'value="4.000 kr"' in page.content.decode()
    assert "Der søges til ét sted." in page.content.decode()
    assert 'class="error-summary"' in page.content.decode()
    assert not Decision.objects.exists()
    act(frida, application, "decide", **reasons(world))
    assert Decision.objects.get().amount_awarded == 4_000_00


def test_more_than_was_applied_for_is_not_decided(frida, application_at, world):
    application = application_at("recommended")
    page = act(frida, application, "decide", **reasons(world, amount="10.001"))
    assert page.context["form"].errors.keys() == {"amount"}


def test_no_reason_can_be_skipped(frida, application_at):
    application = application_at("recommended")
    page = frida.get(reverse("desk:act", args=[application.reference, "decide"]))
    assert "field__optional" not in page.content.decode()


def test_on_formal_grounds_it_can_only_be_rejected(frida, application_at, world):
    application = application_at("submitted")
    page = act(frida, application, "decide", **reasons(world, amount="1000"))
    assert page.context["form"].errors.keys() == {"amount"}
    act(frida, application, "decide", **reasons(world, amount="0"))
    assert Decision.objects.get().is_rejection


def preview(client, application, **given):
    return client.post(reverse("desk:letter_in_mind", args=[application.reference]), given)


def test_the_letter_can_be_seen_before_anything_is_written(frida, application_at, world):
    application = application_at("recommended")
    before = (Decision.objects.count(), Letter.objects.count(), Mail.objects.count())
    entries = LogEntry.objects.count()
    pdf = preview(frida, application, **reasons(world))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    after = (Decision.objects.count(), Letter.objects.count(), Mail.objects.count())
    assert (after, LogEntry.objects.count()) == (before, entries)
    application.refresh_from_db()
    assert application.status == "recommended"


def test_the_preview_wants_the_reasons_too(frida, application_at):
    page = preview(frida, application_at("recommended"), amount="4000", fact="Ét sted.")
    assert page["Content-Type"].startswith("text/html")
    assert "Ét sted." in page.content.decode()


@pytest.mark.parametrize("amount", ["10000", "4000", "0"])
def test_the_letter_that_is_sent_reads_as_the_one_that_was_seen(
    frida, application_at, world, cast, amount
):
    application = application_at("recommended")
    act(frida, application, "decide", **reasons(world, amount=amount))
    application.refresh_from_db()
    seen = queries.letter_preview(application.current_decision())
    announce([application], by=cast.frida)
    letter = Letter.objects.get()
    assert letter.html.replace(letter.code, "·" * 10) == seen


def test_a_recorded_decision_is_seen_and_taken_back(frida, application_at):
    application = application_at("decided")
    url = reverse("desk:standing_letter", args=[application.reference])
    assert frida.get(url).content.startswith(b"%PDF")
    act(frida, application, "reopen_decision")
    assert frida.get(url).status_code == 404
    application.refresh_from_db()
    assert application.status == "recommended"


def test_an_issued_letter_is_fetched_byte_for_byte(frida, application_at, cast, as_user):
    application = application_at("awarded")
    letter = Letter.objects.get()
    url = reverse("desk:letter", args=[application.reference, letter.pk])
    assert frida.get(url).status_code == 404
    outbox.make_bytes(letter.pk)
    letter.refresh_from_db()
    assert frida.get(url).content == bytes(letter.pdf)
    assert as_user(cast.asta).get(url).status_code == 404


# --- afterwards -------------------------------------------------------------------------------


def test_a_closed_case_is_taken_up_again_by_the_administrator(frida, application_at, cast, as_user):
    application = application_at("rejected")
    act(frida, application, "reopen", reason="Ny oplysning.")
    application.refresh_from_db()
    assert application.status == "rejected"
    act(as_user(cast.hanne), application, "reopen", reason="Ny oplysning.")
    application.refresh_from_db()
    assert application.status == "submitted"


def test_a_hearing_is_opened_once(frida, application_at):
    application = application_at("accepted")
    for _click in range(2):
        act(frida, application, "hear", text="Vi overvejer at kræve pengene tilbage.")
    assert application.hearings.count() == 1


def test_the_journal_keeps_a_protected_name(application_at, auditor, cast, as_user):
    application = application_at("submitted")
    assert "Asta" in read(as_user(auditor), application)
    Applicant.objects.filter(pk=application.applicant_id).update(is_protected=True)
    assert "Asta" not in read(as_user(auditor), application)
    assert "Asta" in read(as_user(cast.frida), application)
