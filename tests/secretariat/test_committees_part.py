"""What the secretariat reads of the committee: of an open vote what it lacks, and never more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee.discussion import actions as discussion
from committee.discussion.models import Remark
from committee.review import actions as review
from committee.seats.models import Procedure
from committee.votes import actions as voting
from grants.applications import actions as applications
from grants.pools.models import Call
from grants.pools.money import money
from secretariat.journal import A_MEMBER, journal
from tests import factories
from workflows import audit, clock

WHILE_OPEN = factories.MONDAY + timedelta(days=4)


@pytest.fixture(autouse=True)
def _while_the_vote_is_open(client):
    client.cookies.load({"django_language": "en"})
    with clock.at(WHILE_OPEN):
        yield


@pytest.fixture
def in_review(application_at):
    return application_at("in_review")


@pytest.fixture
def frida(cast, as_user):
    return as_user(cast.frida)


def read(client, application):
    return client.get(reverse("desk:case", args=[application.reference])).content.decode()


def without_tokens(page):
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower())


def vote(application, *members, **given):
    factories.clear(application, *members)
    for member in members:
        factories.vote(application, member, **given)


def ask(application, member, text="Hvem ejer vaskeriet?", **given):
    return discussion.write_remark(
        application, member=member, kind="question", text=text, by=member.user, **given
    )


def entries(application):
    return [(entry.event, str(entry.who)) for entry in journal(application)]


# --- While the vote is open ---------------------------------------------------------------------


def test_an_open_vote_tells_what_it_lacks(frida, in_review, cast):
    assert "2 young votes are missing" in read(frida, in_review)
    vote(in_review, cast.members[1])
    page = read(frida, in_review)
    assert "1 young vote is missing" in page
    assert "has voted" not in page
    assert "have voted" not in page


def test_with_a_quorum_the_page_is_the_same_whatever_and_how_many_voted(frida, in_review, cast):
    committee = in_review.pool.committee
    lea = factories.seat(factories.user("Lea"), committee, "young")
    kim = factories.seat(factories.user("Kim"), committee, "staff")
    factories.clear(in_review, *cast.members, lea, kim)
    for member in cast.members:
        factories.vote(in_review, member)
    before = without_tokens(read(frida, in_review))
    assert "Enough have voted for a quorum." in before
    factories.vote(in_review, lea, choice="against", points=1)
    factories.vote(in_review, kim, choice="abstain")
    factories.vote(in_review, cast.members[0], amount=6_000_00, points=0)
    assert without_tokens(read(frida, in_review)) == before


def test_the_journal_tells_who_voted_and_talked_only_when_the_vote_is_closed(in_review, cast):
    dines, esther, *_others = cast.members
    vote(in_review, *cast.members)
    factories.vote(in_review, esther, choice="against")
    discussion.write_remark(
        in_review, member=esther, kind="remark", text="Ny viden.", by=cast.esther, is_new_fact=True
    )
    ask(in_review, dines)
    audit.record(in_review, "members_reminded", by=audit.SYSTEM)
    applications.note(in_review, by=cast.frida, text="Ringede til Asta.")
    told = entries(in_review)
    kept = {"vote_cast", "vote_changed", "remark_written", "members_reminded"}
    assert not kept & dict(told).keys()
    assert told[:3] == [("noted", "Frida"), ("question_asked", A_MEMBER), ("noted", A_MEMBER)]
    voting.close_vote(in_review, by=cast.dines)
    told = entries(in_review)
    assert kept <= dict(told).keys()
    assert ("vote_cast", "Esther") in told
    assert ("vote_changed", "Esther") in told
    assert ("remark_written", "Esther") in told
    assert ("question_asked", "Dines") in told
    assert ("noted", "Esther") in told


def test_a_fact_from_the_committee_is_a_note_without_a_name_while_the_vote_is_open(
    frida, in_review, cast
):
    vote(in_review, *cast.members)
    ask(in_review, cast.members[3], "Jeg ved at vaskeriet lukker.", is_new_fact=True)
    page = read(frida, in_review)
    assert page.count("Jeg ved at vaskeriet lukker.") == 3  # asked, noted, and in the journal
    asked = page[page.index('id="committee"') : page.index('id="acts"')]
    assert "A member of the committee" in asked
    assert ">Jo" not in asked
    voting.close_vote(in_review, by=cast.dines)
    page = read(frida, in_review)
    assert "A member of the committee" not in page[page.index('id="committee"') :]


def test_a_vote_that_the_case_left_is_never_opened(frida, in_review, cast):
    vote(in_review, cast.members[0])
    applications.withdraw(in_review, by=cast.asta)
    assert "vote_cast" not in dict(entries(in_review))
    assert "the case left the committee before the vote closed" in read(frida, in_review)


def test_a_doubt_is_shown_to_whoever_can_settle_it(frida, in_review, cast):
    dines, esther, *_others = cast.members
    review.declare(in_review, member=esther, answer="unsure", note="En ven.", by=cast.esther)
    page = read(frida, in_review)
    assert "Unsure about a conflict" in page
    assert "En ven." not in page
    assert "settle it" in page  # nobody who chairs has declared yet
    factories.clear(in_review, dines)
    assert "settle it" not in read(frida, in_review)


def test_a_substitute_is_told(frida, in_review, world, cast):
    lea = factories.seat(factories.user("Lea"), world.committee, "young", is_substitute=True)
    review.call_in(in_review, member=cast.members[1], substitute=lea, by=cast.frida)
    assert "Lea for Esther, called in on 6 March 2026" in read(frida, in_review)


def test_a_vote_whose_time_is_over_says_what_it_waits_for(frida, in_review, cast):
    dines, esther, ib, jo = cast.members
    lea = factories.seat(factories.user("Lea"), in_review.pool.committee, "young")
    over = in_review.vote_windows.get().closes_at + timedelta(hours=1)
    with clock.at(over):
        assert "without a quorum: 2 young votes are missing" in read(frida, in_review)
    vote(in_review, dines, ib, jo, lea)
    review.declare(in_review, member=esther, answer="unsure", note="En ven.", by=cast.esther)
    with clock.at(over):
        assert "It closes when it is settled" in read(frida, in_review)


# --- Once it is closed --------------------------------------------------------------------------


def test_a_closed_vote_tells_what_it_came_to_and_why(frida, in_review, cast):
    dines, esther, ib, jo = cast.members
    vote(in_review, dines, ib, points=2)
    vote(in_review, esther, jo, points=4, amount=8_000_00)
    voting.close_vote(in_review, by=cast.dines)
    page = read(frida, in_review)
    for sentence in [
        "4 of 4 who may vote have voted, 2 young and 2 staff.",
        "4 for, 0 against, 0 abstaining.",
        "The mean is 3.00: 4.00 from the young",
        "Opinions part: the young give 2.00 more than staff.",
        "Its mean of 3.00 reaches the line of 2.50.",
        '<td class="num">4.00</td><td class="num">2.00</td>',
    ]:
        assert sentence in page, sentence
    for name in ("Dines", "Ib", "Esther", "Jo"):
        assert name not in page[page.index('id="committee"') : page.index('id="acts"')]


def test_the_reason_is_that_of_the_day_it_was_recommended(frida, world, application_at, cast):
    """The money that was left then, and not what is left now."""
    Call.objects.filter(pk=world.call.pk).update(budget=7_000_00)
    application = application_at("in_review")
    vote(application, *cast.members)
    voting.close_vote(application, by=cast.dines)
    reason = f"There was {money(7_000_00)} left for it, so it is offered the least that works."
    assert reason in read(frida, application)
    Call.objects.filter(pk=world.call.pk).update(budget=90_000_00)
    assert reason in read(frida, application)


def test_the_reason_is_not_for_who_stands_aside_from_another_case_of_the_call(
    frida, world, cast, application_at
):
    application = application_at("recommended")
    reason = "reaches the line of"
    assert reason in read(frida, application)
    theirs = factories.draft(world, cast.bo)
    with clock.at(factories.MONDAY):
        applications.submit(theirs, by=cast.bo)
        applications.accept_for_review(theirs, by=cast.frida)
        review.open_review([theirs], by=cast.frida)
        seat = factories.seat(cast.frida, world.committee, "staff")
        review.declare_recusal(theirs, member=seat, ground="family", by=cast.frida)
    assert reason not in read(frida, application)


def test_a_vote_with_secret_ballots_shows_no_mean_of_one_or_two(frida, world, cast, application_at):
    Procedure.objects.create(committee=world.committee, version=2, ballots="secret")
    application = application_at("in_review")
    vote(application, *cast.members)
    voting.close_vote(application, by=cast.dines)
    page = read(frida, application)
    assert "The vote carried it." in page
    assert "from the young" not in page
    assert ">Staff</th>" not in page


def test_what_is_recommended_later_says_after_what(frida, in_review, cast):
    vote(in_review, *cast.members)
    voting.demand_meeting(in_review, member=cast.members[1], reason="Lyden.", by=cast.esther)
    voting.close_vote(in_review, by=cast.dines)
    assert "It is recommended after a meeting" in read(frida, in_review)


def test_what_is_recommended_together_waits_for_the_allocation(frida, world, cast, application_at):
    Procedure.objects.create(committee=world.committee, version=2, recommends="together")
    application = application_at("in_review")
    vote(application, *cast.members)
    voting.close_vote(application, by=cast.dines)
    page = read(frida, application)
    assert "by an allocation" in page
    assert "close_vote" not in page


# --- Questions ----------------------------------------------------------------------------------


def answer(client, application, question, **given):
    url = reverse("desk:act", args=[application.reference, "answer_question"])
    return client.post(url, {"question": question.pk, "text": "Det gør kommunen."} | given)


def test_a_question_waits_on_the_list_and_is_answered_on_the_case(frida, in_review, cast):
    vote(in_review, cast.members[1])
    assert "question from the committee" not in frida.get(reverse("desk:cases")).content.decode()
    question = ask(in_review, cast.members[1])
    listed = frida.get(reverse("desk:cases")).content.decode()
    assert "1 question from the committee waits for an answer" in listed
    page = read(frida, in_review)
    assert "Hvem ejer vaskeriet?" in page
    assert reverse("desk:act", args=[in_review.reference, "answer_question"]) in page
    answer(frida, in_review, question, is_new_fact="on")
    answered = Remark.objects.get(kind="answer")
    assert (answered.question, answered.author, answered.is_new_fact) == (
        question,
        cast.frida,
        True,
    )
    assert "Frida answered" in read(frida, in_review)
    assert "question from the committee" not in frida.get(reverse("desk:cases")).content.decode()


def test_of_two_questions_one_is_chosen(frida, in_review, cast):
    vote(in_review, *cast.members[:2])
    first, second = ask(in_review, cast.members[0]), ask(in_review, cast.members[1], "Hvorfor?")
    url = reverse("desk:act", args=[in_review.reference, "answer_question"])
    assert "Hvorfor?" in frida.get(url).content.decode()
    answer(frida, in_review, second)
    again = answer(frida, in_review, second)
    assert "It has been answered already." in again.content.decode()
    assert "Det gør kommunen." in again.content.decode()
    assert list(Remark.objects.filter(answer=None, kind="question")) == [first]


def test_a_caseworker_who_stands_aside_learns_of_no_question(in_review, world, cast, as_user):
    dines, esther, *_others = cast.members
    factories.role(cast.dines, world.pool, "caseworker")
    vote(in_review, dines, esther)
    question = ask(in_review, esther)
    review.declare_recusal(in_review, member=dines, ground="family", by=cast.dines)
    client = as_user(cast.dines)
    assert "question from the committee" not in client.get(reverse("desk:cases")).content.decode()
    assert client.get(reverse("desk:case", args=[in_review.reference])).status_code == 404
    assert answer(client, in_review, question).status_code == 404


@pytest.mark.parametrize("person", ["gorm", "hanne"])
def test_only_caseworkers_answer(in_review, cast, as_user, person):
    vote(in_review, cast.members[1])
    question = ask(in_review, cast.members[1])
    client = as_user(getattr(cast, person))
    assert "answer_question" not in read(client, in_review)
    answer(client, in_review, question)
    assert not Remark.objects.filter(kind="answer").exists()


def test_many_questions_take_no_more_queries_than_one(frida, in_review, cast):
    vote(in_review, *cast.members)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            read(frida, in_review)
            frida.get(reverse("desk:cases"))
        return len(asked)

    ask(in_review, cast.members[0])
    queries()
    first = queries()
    for number in range(10):
        ask(in_review, cast.members[number % 4], f"Nr. {number}?")
    assert queries() == first
