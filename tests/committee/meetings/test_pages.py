"""The pages of a meeting: who comes in, and what of a case nobody may learn from them."""

from datetime import timedelta

import icalendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee.meetings import actions, permissions
from committee.meetings.models import AgendaItem, Meeting
from committee.review import actions as review
from committee.seats.models import Procedure
from committee.votes import actions as voting
from grants.decisions import actions as decisions
from grants.letters import outbox
from tests import factories
from tests.committee.meetings import conftest as scene
from workflows import clock
from workflows.machine import Refusal

pytestmark = pytest.mark.usefixtures("in_the_meeting")

SECRETS = ("Larmen", "opinions", "see it differently", "5.00", "2.00", "Voted", "10.000", "10,000")


def url(name, meeting, *args):
    return reverse(f"committee:{name}", args=[meeting.pk, *args])


def read(client, name, meeting, *args):
    answer = client.get(url(name, meeting, *args))
    assert answer.status_code == 200, name
    return answer.content.decode()


def text_of(client, name, meeting, *args):
    """The page's main part, without what stands around it."""
    page = read(client, name, meeting, *args)
    return page[page.index("<main") : page.index("</main>")]


def write_down(meeting, cast):
    actions.save_note(meeting.items.first(), text="Larmen kan styres.", by=cast.frida)
    actions.save_minutes(meeting, text="Larmen i lokalet var slem.", by=cast.frida)


@pytest.fixture
def with_lis(together, cast):
    """A held meeting about one case from which Lis stands aside. Esther, Jo: 5; Dines, Ib: 2."""
    lis = factories.seat(factories.user("Lis"), together.committee, "young")
    application = scene.in_review(together, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        scene.stand_aside(application, lis)
    scene.voted(application, cast, young=5, staff=2)
    meeting = scene.hold(scene.call(together, cast.dines, application), cast, *cast.members, lis)
    write_down(meeting, cast)
    return meeting, lis


# --- Who comes in ---------------------------------------------------------------------------

PAGES = ["meeting", "calendar", "minutes", "minutes_pdf", "approve_minutes"]
LEADERS_PAGES = ["move_meeting", "cancel_meeting", "put_on_agenda", "end_meeting"]
ACTS = ["open_meeting", "attendance", "end_meeting", "cancel_meeting", "move_meeting"]
ITEM_ACTS = ["take_anew", "close_anew", "note_item"]


@pytest.mark.parametrize("person", ["asta", "cille", "gorm", "hanne"])
def test_strangers_find_no_meeting(held, cast, as_user, person):
    client = as_user(getattr(cast, person))
    item = held.items.get()
    for name in PAGES + LEADERS_PAGES:
        assert client.get(url(name, held)).status_code == 404, name
    assert client.get(url("meeting_item", held, item.pk)).status_code == 404
    assert client.get(reverse("committee:meetings")).status_code == 404
    assert client.get(reverse("committee:call_meeting")).status_code == 404


def test_a_caseworker_of_another_pool_is_a_stranger(held, as_user):
    other = factories.world("other")
    caseworker = factories.role(factories.user("Nanna"), other.pool, "caseworker")
    assert as_user(caseworker).get(url("meeting", held)).status_code == 404


def test_a_member_reads_and_does_not_lead(held, cast, as_user):
    client = as_user(cast.esther)
    item = held.items.get()
    for name in PAGES:
        assert client.get(url(name, held)).status_code == 200, name
    for name in LEADERS_PAGES:
        assert client.get(url(name, held)).status_code == 404, name
    for name in ACTS:
        assert client.post(url(name, held)).status_code in (404, 405), name
    for name in ITEM_ACTS:
        assert client.post(url(name, held, item.pk)).status_code == 404, name
    assert client.get(reverse("committee:call_meeting")).status_code == 404


def test_who_leads_comes_everywhere(held, cast, as_user):
    for person in (cast.dines, cast.frida):
        client = as_user(person)
        for name in PAGES + LEADERS_PAGES:
            assert client.get(url(name, held)).status_code == 200, name
        assert client.get(reverse("committee:meetings")).status_code == 200
        assert client.get(reverse("committee:call_meeting")).status_code == 200


def test_a_member_whose_term_has_ended_is_a_stranger(held, cast, as_user):
    member = cast.members[1]
    member.ends_on = clock.today() - timedelta(days=1)
    member.save()
    assert as_user(cast.esther).get(url("meeting", held)).status_code == 404


def test_a_substitute_reads_a_meeting_about_what_they_are_called_in_for(
    held, together, cast, agreed, as_user
):
    per = factories.seat(factories.user("Per"), together.committee, "young", is_substitute=True)
    client = as_user(per.user)
    assert client.get(url("meeting", held)).status_code == 404
    actions.put_on_agenda(held, by=cast.frida, chosen=[agreed.reference])
    first, second = held.items.order_by("position")
    actions.take_anew(first, by=cast.dines)
    scene.stand_aside(first.application, cast.members[3])
    review.call_in(first.application, member=cast.members[3], substitute=per, by=cast.dines)
    review.declare(first.application, member=per, answer="clear", by=per.user)
    page = text_of(client, "meeting", held)
    assert first.application.title in page
    assert second.application.title not in page
    assert client.get(url("meeting_item", held, first.pk)).status_code == 200
    assert client.get(url("meeting_item", held, second.pk)).status_code == 404


# --- What nobody may learn ------------------------------------------------------------------


def test_who_stands_aside_sees_title_and_applicant_only(with_lis, cast, as_user):
    meeting, lis = with_lis
    client, item = as_user(lis.user), meeting.items.get()
    for name in ("meeting", "minutes"):
        page = text_of(client, name, meeting)
        assert "Natteradio" in page
        assert "Asta" in page
        for secret in SECRETS:
            assert secret not in page, (name, secret)
    assert client.get(url("meeting_item", meeting, item.pk)).status_code == 404
    assert client.get(url("minutes_pdf", meeting)).status_code == 404
    assert "Larmen" in text_of(as_user(cast.esther), "minutes", meeting)


def test_it_stays_shut_through_the_vote_anew_and_the_approval(with_lis, cast, as_user):
    meeting, lis = with_lis
    client = as_user(lis.user)
    before = text_of(client, "meeting", meeting)
    actions.take_anew(meeting.items.get(), by=cast.dines)
    assert text_of(client, "meeting", meeting) == before
    assert client.post(url("change_vote", meeting, meeting.items.get().pk)).status_code == 404
    actions.close_anew(AgendaItem.objects.get(), by=cast.dines)
    actions.end_meeting(meeting, by=cast.dines)
    actions.approve_minutes(meeting, by=cast.dines)
    outbox.make_bytes(Meeting.objects.get().letter_id)
    page = text_of(client, "minutes", meeting)
    for secret in SECRETS:
        assert secret not in page
    assert client.get(url("minutes_pdf", meeting)).status_code == 404
    assert as_user(cast.esther).get(url("minutes_pdf", meeting)).status_code == 200


def test_they_read_the_minutes_when_the_applicant_has_been_told(with_lis, world, cast, as_user):
    meeting, lis = with_lis
    actions.end_meeting(meeting, by=cast.dines)
    actions.approve_minutes(meeting, by=cast.dines)
    outbox.make_bytes(Meeting.objects.get().letter_id)
    item = meeting.items.get()
    application = scene.again(item.application)
    voting.recommend(application.vote_windows.get(), by=cast.frida)
    application = scene.again(application)
    factories.decide(application, world, cast, amount=10_000_00)
    assert as_user(lis.user).get(url("minutes_pdf", meeting)).status_code == 404
    decisions.announce([scene.again(application)], by=cast.frida)
    assert as_user(lis.user).get(url("minutes_pdf", meeting)).status_code == 200


def test_who_has_not_declared_or_is_unsure_sees_as_little(together, cast, as_user):
    lis = factories.seat(factories.user("Lis"), together.committee, "young")
    application = scene.in_review(together, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        for member in cast.members:
            factories.clear(application, member)
            factories.vote(application, member, points=5 if member.seat == "young" else 2)
    with clock.at(factories.MONDAY + timedelta(days=10, hours=2)):
        voting.close_vote(application, by=cast.dines)
    held = scene.hold(scene.call(together, cast.dines, application), cast, *cast.members)
    actions.take_anew(held.items.get(), by=cast.dines)
    client = as_user(lis.user)
    for answer in (None, "unsure"):
        if answer:
            review.declare(application, member=lis, answer=answer, note="?", by=lis.user)
        page = text_of(client, "meeting", held)
        assert "Natteradio" in page
        assert "Taken anew" not in page
        assert client.get(url("meeting_item", held, held.items.get().pk)).status_code == 404


def test_a_caseworker_who_applies_reads_nothing_of_the_own_case(with_lis, world, cast, as_user):
    meeting, _lis = with_lis
    factories.role(cast.asta, world.pool, "caseworker")
    client, item = as_user(cast.asta), meeting.items.get()
    page = text_of(client, "meeting", meeting)
    for secret in SECRETS:
        assert secret not in page
    assert client.get(url("meeting_item", meeting, item.pk)).status_code == 404
    assert client.get(url("minutes_pdf", meeting)).status_code == 404
    client.post(url("take_anew", meeting, item.pk))
    assert AgendaItem.objects.get().window is None


def test_a_protected_name_stays_protected(held, cast, parted, as_user):
    parted.applicant.is_protected = True
    parted.applicant.save()
    item = held.items.get()
    for name, args in [("meeting", []), ("meeting_item", [item.pk]), ("minutes", [])]:
        page = text_of(as_user(cast.esther), name, held, *args)
        assert "Protected name" in page
        assert "Asta" not in page


def test_the_calendar_file_says_nothing_of_a_case(held, cast, parted, as_user):
    answer = as_user(cast.esther).get(url("calendar", held))
    assert answer["Content-Type"].startswith("text/calendar")
    assert "attachment" in answer["Content-Disposition"]
    text = answer.content.decode()
    for word in (parted.title, parted.reference, "Asta"):
        assert word not in text
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert event.decoded("DTSTART") == scene.STARTS_AT
    assert str(event["UID"]).startswith(f"meeting-{held.pk}@")


def test_only_those_entitled_see_the_votes_while_they_are_taken_anew(held, cast, as_user):
    item = held.items.get()
    actions.take_anew(item, by=cast.dines)
    assert "Who votes what" in text_of(as_user(cast.esther), "meeting_item", held, item.pk)
    page = text_of(as_user(cast.frida), "meeting_item", held, item.pk)
    assert "Who votes what" not in page
    assert "You see the result when the vote is closed." in page


def test_what_is_still_open_is_not_offered_and_the_page_says_so(together, cast, parted, as_user):
    scene.in_review(together, cast, "Vægmaleri")
    with clock.at(scene.CALLED_AT):
        page = as_user(cast.dines).get(reverse("committee:call_meeting")).content.decode()
    assert "Natteradio" in page
    assert "Vægmaleri" not in page
    assert "still open are sealed" in page


# --- What is done on them -------------------------------------------------------------------


def test_a_meeting_is_called_on_the_page(together, cast, parted, as_user):
    client = as_user(cast.dines)
    with clock.at(scene.CALLED_AT):
        page = client.get(reverse("committee:call_meeting")).content.decode()
        assert f'value="{parted.reference}"' in page
        asked = client.post(reverse("committee:call_meeting"), {"starts_at": "2026-03-20T17:00"})
        assert "Write a place" in asked.content.decode()
        client.post(
            reverse("committee:call_meeting"),
            {
                "starts_at": "2026-03-20T17:00",
                "minutes": "90",
                "place": "Rådhuset",
                "chosen": parted.reference,
            },
        )
    meeting = Meeting.objects.get()
    assert meeting.starts_at == scene.STARTS_AT
    assert meeting.ends_at - meeting.starts_at == timedelta(minutes=90)
    assert meeting.items.get().why == "opinions_part"


def test_a_vote_is_changed_on_the_page(held, cast, as_user):
    item = held.items.get()
    as_user(cast.frida).post(url("take_anew", held, item.pk))
    client = as_user(cast.esther)
    assert "Change my vote" in text_of(client, "meeting_item", held, item.pk)
    sent = {"choice": "against", "amount": ""}
    answer = client.post(url("change_vote", held, item.pk), sent).content.decode()
    assert "Give it from 0 to 5." in answer
    scores = {f"score-{key}": 1 for key in factories.scores(item.application)}
    client.post(url("change_vote", held, item.pk), sent | scores)
    vote = AgendaItem.objects.get().window.votes.get(member=cast.members[1])
    assert (vote.choice, vote.amount, vote.is_taken_over) == ("against", 0, False)
    assert "changed" in text_of(client, "meeting_item", held, item.pk)


@pytest.fixture
def against(held, cast, parted):
    """The item of the held meeting, with the vote taken anew, in which Esther is against with 2."""
    parted.least_workable = 8_000_00
    parted.save()
    actions.take_anew(held.items.get(), by=cast.dines)
    actions.change_vote(
        AgendaItem.objects.get(),
        member=cast.members[1],
        by=cast.esther,
        choice="against",
        scores=factories.scores(parted, 2),
    )
    return AgendaItem.objects.get()


def typed(item, points=2, **given):
    return given | {f"score-{key}": points for key in factories.scores(item.application)}


@pytest.mark.parametrize(
    "choice, amount, sentence",
    [
        ("for", "", "Write the amount you would give"),
        ("for", "7.000", "It does not work for less than"),
        ("for", "11.000", "No more than"),
        ("against", "9.000", "You write an amount, so choose “For”"),
        ("abstain", "9.000", "You write an amount, so choose “For”"),
    ],
)
def test_what_does_not_fit_comes_back_as_typed_and_changes_nothing(
    against, held, cast, as_user, choice, amount, sentence
):
    sent = typed(against, points=3, choice=choice, amount=amount)
    answer = as_user(cast.esther).post(url("change_vote", held, against.pk), sent)
    form = answer.context["change"]
    assert sentence in form.errors["amount"][0]
    assert {name: form[name].value() for name in sent} == {
        name: str(value) for name, value in sent.items()
    }
    page = answer.content.decode()
    assert "revote" not in page  # what is hidden unless one is for has to be seen to be corrected
    assert sentence in page
    vote = against.window.votes.get(member=cast.members[1])
    assert (vote.choice, set(vote.scores.values())) == ("against", {2})


def test_what_the_act_refuses_comes_back_as_typed(against, held, cast, as_user, monkeypatch):
    def refuse(*_args, **_given):
        raise Refusal("It cannot be.")

    monkeypatch.setattr(actions, "change_vote", refuse)
    sent = typed(against, choice="for", amount="9.000")
    answer = as_user(cast.esther).post(url("change_vote", held, against.pk), sent)
    assert answer.context["change"]["choice"].value() == "for"
    assert answer.context["change"]["amount"].value() == "9.000"
    assert "It cannot be." in answer.content.decode()


def test_an_amount_stands_there_only_with_a_vote_for_it(against, held, cast, as_user):
    amount = as_user(cast.esther).get(url("meeting_item", held, against.pk)).context["change"]
    assert amount["amount"].value() is None
    amount = as_user(cast.dines).get(url("meeting_item", held, against.pk)).context["change"]
    assert amount["amount"].value() in {"10.000", "10,000"}


def test_the_own_amount_left_as_it_was_does_not_keep_one_from_being_against(
    against, held, cast, as_user
):
    client = as_user(cast.dines)
    shown = client.get(url("meeting_item", held, against.pk)).context["change"]["amount"].value()
    client.post(
        url("change_vote", held, against.pk), typed(against, choice="against", amount=shown)
    )
    vote = against.window.votes.get(member=cast.members[0])
    assert (vote.choice, vote.amount) == ("against", 0)


def test_a_note_is_saved_with_whatever_else_is_done(held, cast, as_user):
    client, item = as_user(cast.dines), held.items.get()
    acts = [("take_anew", {}), ("change_vote", typed(item, choice="abstain")), ("close_anew", {})]
    for number, (act, sent) in enumerate(acts):
        note = {"text": f"Larm {number}.", "initial-text": AgendaItem.objects.get().note}
        page = client.post(url(act, held, item.pk), sent | note, follow=True).content.decode()
        assert "The note for the minutes is saved." in page, act
        assert AgendaItem.objects.get().note == f"Larm {number}.", act
    assert AgendaItem.objects.get().window.closed_at


def test_a_note_is_saved_also_where_the_vote_comes_back(against, held, cast, as_user):
    sent = typed(against, choice="for", amount="1", text="Larm.", **{"initial-text": ""})
    answer = as_user(cast.dines).post(url("change_vote", held, against.pk), sent)
    assert answer.context["note"]["text"].value() == AgendaItem.objects.get().note == "Larm."


def test_a_note_that_is_too_long_comes_back_and_nothing_is_done(held, cast, as_user):
    item = held.items.get()
    answer = as_user(cast.dines).post(url("take_anew", held, item.pk), {"text": "x" * 3001})
    assert answer.context["note"].errors["text"]
    assert AgendaItem.objects.get().window is None


def test_a_note_that_was_not_touched_does_not_undo_what_somebody_else_wrote(held, cast, as_user):
    item = held.items.get()
    actions.save_note(item, text="Frida skrev.", by=cast.frida)
    untouched = {"text": "Før.", "initial-text": "Før."}
    as_user(cast.dines).post(url("take_anew", held, item.pk), untouched)
    assert AgendaItem.objects.get().note == "Frida skrev."


def test_a_member_who_does_not_lead_writes_no_note_with_the_vote(against, held, cast, as_user):
    sent = typed(against, choice="against", text="Larm.")
    as_user(cast.esther).post(url("change_vote", held, against.pk), sent)
    assert AgendaItem.objects.get().note == ""


def test_who_gives_other_scores_is_told_with_both_means(against, held, cast, as_user):
    actions.close_anew(against, by=cast.dines)
    page = text_of(as_user(cast.esther), "minutes", held)
    assert "(mean 5.00, now 2.00)" in page
    assert "(mean 5.00, now 2.00)" in text_of(as_user(cast.frida), "meeting_item", held, against.pk)


def test_a_secret_vote_tells_no_means_of_members(world, cast, as_user):
    Procedure.objects.create(
        committee=world.committee, version=2, recommends="together", ballots="secret"
    )
    parted = scene.voted(scene.in_review(world, cast, "Natteradio"), cast, young=5, staff=2)
    held = scene.hold(scene.call(world, cast.dines, parted), cast, *cast.members)
    item = held.items.get()
    client = as_user(cast.esther)
    actions.take_anew(item, by=cast.dines)
    client.post(url("change_vote", held, item.pk), typed(item, points=1, choice="against"))
    actions.close_anew(AgendaItem.objects.get(), by=cast.dines)
    for name, args in [("meeting_item", [item.pk]), ("minutes", [])]:
        page = text_of(client, name, held, *args)
        assert "The vote is secret" in page
        assert "(mean" not in page


def test_who_is_not_there_finds_no_ballot(held, cast, as_user):
    item = held.items.get()
    actions.take_anew(item, by=cast.dines)
    page = text_of(as_user(cast.members[3].user), "meeting_item", held, item.pk)
    assert "You are not written down as present" in page
    assert "Change my vote" not in page


def test_before_its_day_a_meeting_can_be_moved_and_not_opened(meeting, cast, as_user):
    client = as_user(cast.dines)
    with clock.at(scene.CALLED_AT):
        page = text_of(client, "meeting", meeting)
        assert "You can open the meeting on" in page
        assert "Open the meeting" not in page
        assert "Move it" in page
    page = text_of(client, "meeting", meeting)
    assert "Open the meeting" in page
    assert "You can open the meeting on" not in page


def test_each_act_is_confirmed(meeting, agreed, cast, as_user):
    client = as_user(cast.dines)
    item = meeting.items.get()
    for name, args, sent, said in [
        ("open_meeting", [], {}, "The meeting is open."),
        ("put_on_agenda", [], {}, "Nothing was chosen"),
        ("put_on_agenda", [], {"chosen": agreed.reference}, "1 application is put on the agenda."),
        ("take_anew", [item.pk], {}, "The vote is taken anew."),
        ("close_anew", [item.pk], {}, "The vote is closed, and counts"),
    ]:
        page = client.post(url(name, meeting, *args), sent, follow=True).content.decode()
        assert said in page, name


def test_from_the_opening_to_the_minutes(meeting, cast, as_user):
    client = as_user(cast.dines)
    item = meeting.items.get()
    client.post(url("open_meeting", meeting))
    client.post(url("attendance", meeting), {"present": [each.pk for each in cast.members]})
    assert "The meeting has a quorum" in text_of(client, "meeting", meeting)
    client.post(url("note_item", meeting, item.pk), {"text": "Larmen kan styres."})
    client.post(url("end_meeting", meeting))
    client.post(url("minutes", meeting), {"text": "Næste møde er i maj."})
    page = text_of(client, "minutes", meeting)
    assert "Larmen kan styres." in page
    assert client.get(url("minutes_pdf", meeting)).content.startswith(b"%PDF")
    client.post(url("approve_minutes", meeting))
    meeting.refresh_from_db()
    assert meeting.approved_by == cast.dines
    # Not before the worker has made them.
    assert client.get(url("minutes_pdf", meeting)).status_code == 302
    outbox.make_bytes(meeting.letter_id)
    kept = client.get(url("minutes_pdf", meeting))
    assert kept.content == bytes(Meeting.objects.get().letter.pdf)
    assert kept["Cache-Control"] == "private, no-store"


def test_a_caseworker_reads_who_can_approve(held, cast, as_user):
    actions.end_meeting(held, by=cast.frida)
    assert "Only Dines can approve" in text_of(as_user(cast.frida), "minutes", held)
    assert "Only Dines can approve" in text_of(as_user(cast.frida), "approve_minutes", held)


def queries_of(client, path):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_the_pages_ask_the_same_number_of_queries_with_one_item_and_with_four(
    together, cast, parted, as_user
):
    client = as_user(cast.dines)
    calling = reverse("committee:call_meeting")
    with clock.at(scene.CALLED_AT):
        queries_of(client, calling)
        offering_one = queries_of(client, calling)
    one = scene.hold(scene.call(together, cast.dines, parted), cast, *cast.members)
    more = [
        scene.voted(scene.in_review(together, cast, title), cast, young=5, staff=2)
        for title in ("Vægmaleri", "Kælderteater", "Togturen", "Sommerfest")
    ]
    with clock.at(scene.CALLED_AT):
        assert queries_of(client, calling) == offering_one
    four = scene.hold(scene.call(together, cast.dines, *more), cast, *cast.members)
    for name in ("meeting", "minutes"):
        assert queries_of(client, url(name, one)) == queries_of(client, url(name, four)) <= 45


def test_one_who_leads_two_committees_says_which(world, cast, as_user):
    other = factories.world("other")
    factories.role(cast.frida, other.pool, "caseworker")
    client = as_user(cast.frida)
    assert len(permissions.committees_led_by(cast.frida)) == 2
    page = client.get(reverse("committee:call_meeting") + f"?committee={other.committee.pk}")
    assert page.context["committee"] == other.committee
    assert client.get(reverse("committee:call_meeting") + "?committee=9999").status_code == 404


def test_the_place_of_what_is_shut_does_not_tell_why_it_is_on_the_agenda(together, cast, as_user):
    lis = factories.seat(factories.user("Lis"), together.committee, "young")
    second = scene.in_review(together, cast, "Kælderteater")
    first = scene.in_review(together, cast, "Natteradio")
    with clock.at(scene.VOTED_AT):
        scene.stand_aside(first, lis)
        factories.clear(second, lis)
        factories.vote(second, lis, points=4)
    scene.voted(second, cast, young=4, staff=2)
    scene.voted(first, cast, young=5, staff=0)
    meeting = scene.call(together, cast.dines, first, second)
    items = meeting.items.order_by("position")
    assert [item.application for item in items] == [first, second]
    assert items[0].pk > items[1].pk
    page = text_of(as_user(lis.user), "meeting", meeting)
    assert page.index("Kælderteater") < page.index("Natteradio")


def test_minutes_whose_pdf_is_late_are_pointed_out_with_a_way_to_them(held, cast, as_user):
    actions.end_meeting(held, by=cast.dines)
    actions.approve_minutes(held, by=cast.dines)
    with clock.at(scene.HELD_AT + timedelta(hours=2)):
        page = as_user(cast.frida).get(reverse("desk:cases")).content.decode()
    assert url("minutes", held) in page
