"""Who talks with whom about an application, and what each reads of it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from committee.discussion import actions, queries
from committee.discussion.models import Remark
from committee.review import actions as review
from committee.votes import actions as voting
from committee.votes import queries as votes_queries
from grants.applications import actions as applications
from grants.decisions.actions import announce
from grants.letters.models import Mail
from tests import factories
from workflows import clock
from workflows.machine import Refusal
from workflows.models import LogEntry

WHILE_OPEN = factories.MONDAY + timedelta(days=4)


@pytest.fixture(autouse=True)
def _while_the_vote_is_open(client):
    client.cookies.load({"django_language": "en"})
    with clock.at(WHILE_OPEN):
        yield


def say(application, member, text="Det ligner et godt fællesskab.", **given):
    given = {"kind": "remark", "by": member.user} | given
    return actions.write_remark(application, member=member, text=text, **given)


def ask(application, member, text="Hvem ejer vaskeriet?", **given):
    return say(application, member, text, kind="question", **given)


def thread(application, member):
    return queries.thread(votes_queries.window_for(application), member)


def texts(application, member):
    found = thread(application, member)
    return None if found is None else [each.remark.text for each in found.said]


def refused(act):
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.code


def events():
    return list(LogEntry.objects.order_by("pk").values_list("event", flat=True))


# --- Who reads and writes -----------------------------------------------------------------------


def test_it_opens_with_the_own_vote(in_review, cast, votes):
    dines, esther, *_others = cast.members
    votes(in_review, dines)
    factories.clear(in_review, esther)
    say(in_review, dines)
    assert texts(in_review, dines) == ["Det ligner et godt fællesskab."]
    assert texts(in_review, esther) is None
    assert refused(lambda: say(in_review, esther)) == "shut"
    factories.vote(in_review, esther)
    assert texts(in_review, esther) == ["Det ligner et godt fællesskab."]


def test_a_paper_that_is_full_is_no_vote(in_review, cast):
    esther = cast.members[1]
    factories.clear(in_review, esther)
    voting.save_assessment(
        in_review, member=esther, by=esther.user, scores=factories.scores(in_review), choice="for"
    )
    assert texts(in_review, esther) is None


def test_abstaining_is_voting(in_review, cast):
    esther = cast.members[1]
    factories.clear(in_review, esther)
    voting.cast_vote(in_review, member=esther, choice="abstain", by=esther.user)
    assert texts(in_review, esther) == []


def test_when_the_vote_is_closed_it_opens_to_those_who_had_declared(in_review, cast, votes):
    lea = factories.seat(factories.user("Lea"), in_review.pool.committee, "staff")
    kim = factories.seat(factories.user("Kim"), in_review.pool.committee, "young")
    votes(in_review, *cast.members)
    factories.clear(in_review, kim)
    with clock.at(WHILE_OPEN + timedelta(days=9)):
        voting.close_vote(in_review, by=cast.frida)
        assert texts(in_review, kim) == []
        assert texts(in_review, lea) is None


def test_who_is_recused_unsure_or_not_called_in_is_shut_out_also_after_voting(
    in_review, cast, votes
):
    dines, esther, ib, jo = cast.members
    bench = factories.seat(
        factories.user("Lea"), in_review.pool.committee, "young", is_substitute=True
    )
    votes(in_review, dines, esther, ib, jo)
    say(in_review, dines)
    review.declare_recusal(in_review, member=esther, ground="family", by=esther.user)
    review.declare(in_review, member=ib, answer="unsure", note="Min fætter.", by=ib.user)
    in_review.team.create(user=jo.user, name="Jo")
    for member in (esther, ib, jo, bench):
        assert texts(in_review, member) is None
        assert refused(lambda who=member: say(in_review, who)) == "shut"
    assert texts(in_review, dines) == ["Det ligner et godt fællesskab."]


def test_nobody_writes_for_somebody_else_nor_the_secretariats_answer(in_review, cast, votes):
    dines, esther, *_others = cast.members
    votes(in_review, dines, esther)
    assert refused(lambda: say(in_review, esther, by=cast.dines)) == "role"
    assert refused(lambda: say(in_review, dines, kind="answer")) == "role"
    assert refused(lambda: say(in_review, dines, "  \n ")) == "refused"
    assert not Remark.objects.exists()


def test_one_talks_until_the_applicant_is_told_and_reads_on(application_at, world, cast):
    application = application_at("decided")
    dines = cast.members[0]
    say(application, dines)
    announce([application], by=cast.frida)
    application.refresh_from_db()
    assert refused(lambda: say(application, dines, "Tillykke!")) == "closed"
    told = thread(application, dines)
    assert [each.remark.text for each in told.said] == ["Det ligner et godt fællesskab."]
    assert "has ended" in told.ended


def test_a_withdrawn_case_is_not_talked_about(in_review, cast, votes):
    votes(in_review, cast.members[0])
    applications.withdraw(in_review, by=cast.asta)
    assert refused(lambda: say(in_review, cast.members[0])) == "closed"


def test_a_vote_taken_anew_in_a_meeting_shuts_nobody_out(in_review, cast, votes):
    lea = factories.seat(factories.user("Lea"), in_review.pool.committee, "staff")
    votes(in_review, *cast.members)
    factories.clear(in_review, lea)
    before = in_review.vote_windows.get()
    type(before).objects.filter(pk=before.pk).update(
        closed_at=clock.now(), counted={}, result={}, seal="0" * 64
    )
    before.pk, before._state.adding, before.follows_id = None, True, before.pk
    before.save()
    assert texts(in_review, lea) == []


def test_the_same_words_within_a_minute_are_one_remark(in_review, cast, votes):
    dines = cast.members[0]
    votes(in_review, dines)
    first = say(in_review, dines, "Igen")
    assert say(in_review, dines, " Igen ") == first
    assert ask(in_review, dines, "Igen") != first
    with clock.at(WHILE_OPEN + timedelta(minutes=2)):
        assert say(in_review, dines, "Igen") != first
    assert Remark.objects.count() == 3


def test_what_is_said_stays_said(in_review, cast, votes):
    votes(in_review, cast.members[0])
    remark = say(in_review, cast.members[0])
    for statement in (
        "UPDATE committee_remark SET text = 'x' WHERE id = %s",
        "DELETE FROM committee_remark WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [remark.pk])


# --- Facts that are new to the case -------------------------------------------------------------


def test_a_new_fact_is_a_note_in_the_case_and_both_are_logged(in_review, cast, votes):
    esther = cast.members[1]
    votes(in_review, esther)
    remark = say(in_review, esther, "Vaskeriet lukker i juli.", is_new_fact=True)
    note = in_review.notes.get()
    assert (note.text, note.written_by) == ("Vaskeriet lukker i juli.", cast.esther)
    written, noted = LogEntry.objects.order_by("-pk")[:2][::-1]
    assert (written.event, written.facts) == (
        "remark_written",
        {"remark": remark.pk, "is_new_fact": True},
    )
    assert (noted.event, noted.facts) == ("noted", {"note": note.pk})
    say(in_review, esther, "En mening.")
    assert in_review.notes.count() == 1


def test_a_note_of_the_committee_is_for_its_members(in_review, cast):
    for person in (cast.asta, cast.cille, cast.frida):
        act = lambda who=person: applications.note_of_the_committee(  # noqa: E731
            in_review, by=who, text="Et faktum."
        )
        assert refused(act) == "role"


def test_no_word_of_anybody_is_in_the_log(in_review, cast, votes):
    votes(in_review, cast.members[0])
    question = ask(in_review, cast.members[0], "Hemmeligt spørgsmål", is_new_fact=True)
    actions.answer(question, text="Hemmeligt svar", by=cast.frida, is_new_fact=True)
    assert not LogEntry.objects.filter(facts__icontains="emmeligt").exists()


# --- Questions to the secretariat ---------------------------------------------------------------


def test_a_question_is_mailed_and_answered_and_the_asker_is_told(in_review, cast, votes):
    esther = cast.members[1]
    votes(in_review, esther)
    Mail.objects.all().delete()
    question = ask(in_review, esther)
    mail = Mail.objects.get()
    assert (mail.to, mail.link) == (
        cast.frida,
        reverse("desk:case", args=[in_review.reference]),
    )
    for kept in ("Esther", "vaskeriet", "Natteradio", "Asta"):
        assert kept not in mail.subject + mail.text
    answered = actions.answer(question, text="Det gør kommunen.", by=cast.frida)
    (said,) = thread(in_review, esther).said
    assert (said.name, said.seat, said.answer) == ("Esther", "Young member", answered)
    mail = Mail.objects.latest("pk")
    assert (mail.to, mail.link) == (
        cast.esther,
        reverse("committee:case", args=[in_review.reference]),
    )
    assert "kommunen" not in mail.subject + mail.text
    assert events()[-2:] == ["question_asked", "question_answered"]


def test_an_answer_can_be_a_new_fact_too(in_review, cast, votes):
    votes(in_review, cast.members[1])
    question = ask(in_review, cast.members[1])
    actions.answer(question, text="Det gør kommunen.", by=cast.frida, is_new_fact=True)
    assert in_review.notes.get().written_by == cast.frida


def test_a_question_is_answered_once_by_a_caseworker_who_has_no_part_in_it(
    in_review, world, cast, votes
):
    dines, esther, *_others = cast.members
    factories.role(cast.dines, world.pool, "caseworker")
    votes(in_review, dines, esther)
    question, remark = ask(in_review, esther), say(in_review, esther)
    for person in (cast.esther, cast.gorm, cast.asta):
        assert refused(lambda who=person: actions.answer(question, text="x", by=who)) == "role"
    review.declare_recusal(in_review, member=dines, ground="family", by=cast.dines)
    assert refused(lambda: actions.answer(question, text="x", by=cast.dines)) == "recused"
    assert refused(lambda: actions.answer(question, text=" ", by=cast.frida)) == "refused"
    assert refused(lambda: actions.answer(remark, text="x", by=cast.frida)) == "faster"
    actions.answer(question, text="Ja.", by=cast.frida)
    assert refused(lambda: actions.answer(question, text="Nej.", by=cast.frida)) == "faster"


def test_nobody_is_told_of_an_answer_who_stands_aside_by_then(in_review, cast, votes):
    esther = cast.members[1]
    votes(in_review, esther)
    question = ask(in_review, esther)
    review.declare_recusal(in_review, member=esther, ground="family", by=cast.esther)
    Mail.objects.all().delete()
    actions.answer(question, text="Ja.", by=cast.frida)
    assert not Mail.objects.exists()


def test_a_caseworker_who_asks_as_a_member_gets_no_mail_about_it(in_review, world, cast, votes):
    factories.role(cast.esther, world.pool, "caseworker")
    votes(in_review, cast.members[1])
    Mail.objects.all().delete()
    ask(in_review, cast.members[1])
    assert [mail.to for mail in Mail.objects.all()] == [cast.frida]


def test_a_question_waits_until_it_is_answered_or_the_case_is_over(in_review, cast, votes):
    found = type(in_review).objects.all()
    votes(in_review, cast.members[0], cast.members[1])
    first, second = ask(in_review, cast.members[0]), ask(in_review, cast.members[1])
    say(in_review, cast.members[0])
    assert list(queries.waiting(found)) == [first, second]
    actions.answer(first, text="Ja.", by=cast.frida)
    assert list(queries.waiting(found)) == [second]
    applications.withdraw(in_review, by=cast.asta)
    assert list(queries.waiting(found)) == []


def test_the_secretariat_reads_questions_without_names_until_the_vote_is_closed(
    in_review, cast, votes
):
    votes(in_review, *cast.members)
    say(in_review, cast.members[1])
    ask(in_review, cast.members[1])
    asked = lambda: queries.questions(votes_queries.window_for(in_review))  # noqa: E731
    assert [(each.remark.kind, each.name, each.seat) for each in asked()] == [("question", "", "")]
    voting.close_vote(in_review, by=cast.dines)
    assert [(each.name, each.seat) for each in asked()] == [("Esther", "Young member")]


# --- The pages ----------------------------------------------------------------------------------


def case(client, application):
    answer = client.get(reverse("committee:case", args=[application.reference]))
    return answer.content.decode()


def posted(client, application, **given):
    url = reverse("committee:remark", args=[application.reference])
    return client.post(url, {"kind": "remark", "text": "Hej."} | given, follow=True)


def test_one_writes_on_the_case_page_and_comes_back_to_it(in_review, cast, as_user, votes):
    votes(in_review, cast.members[1])
    client = as_user(cast.esther)
    assert "Nobody has said anything yet." in case(client, in_review)
    answer = posted(client, in_review, text="Ét <b>ord</b>.", is_new_fact="on")
    assert answer.redirect_chain == [
        (reverse("committee:case", args=[in_review.reference]) + "#discussion", 302)
    ]
    page = answer.content.decode()
    assert "Ét &lt;b&gt;ord&lt;/b&gt;." in page
    assert "stands in its journal" in page
    assert "Young member" in page


def test_nothing_written_is_said_on_a_page_that_keeps_the_rest(in_review, cast, as_user, votes):
    votes(in_review, cast.members[1])
    answer = posted(as_user(cast.esther), in_review, text="", kind="question")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "error-summary" in page
    assert "Write something first." in page
    assert "never how" in page
    assert answer.context["form"]["kind"].value() == "question"


def test_the_discussion_is_shut_to_whom_it_is_not_for(in_review, cast, as_user, votes):
    dines, esther, ib, _jo = cast.members
    votes(in_review, dines, ib)
    say(in_review, dines, "Kun for os.")
    review.declare_recusal(in_review, member=ib, ground="family", by=ib.user)
    factories.clear(in_review, esther)
    url = reverse("committee:remark", args=[in_review.reference])
    for person in (cast.esther, ib.user, cast.members[3].user, cast.frida, cast.asta, cast.cille):
        client = as_user(person)
        assert client.get(url).status_code == 404, person
        assert client.post(url, {"kind": "remark", "text": "x"}).status_code == 404, person
        assert "Kun for os." not in case(client, in_review), person
    assert "It opens when your vote is in." in case(as_user(cast.esther), in_review)
    assert Remark.objects.count() == 1


def test_whoever_has_not_voted_cannot_tell_whether_anything_was_said(
    in_review, cast, as_user, votes
):
    votes(in_review, cast.members[0])
    factories.clear(in_review, cast.members[1])
    client = as_user(cast.esther)
    before = _without_tokens(case(client, in_review))
    say(in_review, cast.members[0])
    question = ask(in_review, cast.members[0])
    actions.answer(question, text="Ja.", by=cast.frida)
    assert _without_tokens(case(client, in_review)) == before


def test_a_remark_never_shows_how_its_author_voted(in_review, cast, as_user):
    dines, esther, *_others = cast.members
    factories.clear(in_review, dines, esther)
    factories.vote(in_review, esther, choice="against", points=1)
    factories.vote(in_review, dines, amount=7_300_00, points=2)
    say(in_review, dines, "Her er jeg.")
    client = as_user(cast.esther)
    before = _without_tokens(case(client, in_review))
    factories.vote(in_review, dines, choice="against", points=5)
    assert _without_tokens(case(client, in_review)) == before
    assert "7,300" not in before


def _without_tokens(page):
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower())


def test_the_end_is_told_on_the_pages(application_at, cast, as_user):
    application = application_at("awarded")
    client = as_user(cast.esther)
    assert "the discussion has ended" in case(client, application)
    url = reverse("committee:remark", args=[application.reference])
    assert "the discussion has ended" in client.get(url).content.decode()
    assert "the discussion has ended" in posted(client, application).content.decode()
    assert not Remark.objects.exists()


def test_thirty_remarks_take_no_more_queries_than_two(
    in_review, cast, as_user, votes, django_assert_num_queries, django_assert_max_num_queries
):
    votes(in_review, *cast.members)
    client = as_user(cast.esther)

    def talk(rounds):
        for number in range(rounds):
            member = cast.members[number % 4]
            actions.answer(
                ask(in_review, member, f"Spørgsmål {number} {rounds}"), text="Ja.", by=cast.frida
            )
            say(in_review, member, f"Nr. {number} {rounds}")

    talk(1)
    with django_assert_max_num_queries(60) as first:
        case(client, in_review)
    talk(30)
    with django_assert_num_queries(len(first)):
        case(client, in_review)
