"""The pages on which a member answers about conflicts, and what they tell whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee.review import actions as review
from committee.review import queries
from committee.review.models import Declaration, Recusal
from tests import factories
from tests.committee.moments import TIME_IS_OVER
from workflows import clock
from workflows.models import LogEntry

ALL = reverse("committee:declare_all")
POSTS = reverse("committee:posts")


@pytest.fixture(autouse=True)
def _in_english(client):
    client.cookies.load({"django_language": "en"})


def page(name, application):
    return reverse(f"committee:{name}", args=[application.reference])


def text(answer):
    return answer.content.decode()


def posted(client, url, **answers):
    return client.post(url, answers, follow=True)


def state(application, member):
    return queries.bench(queries.window_for(application)).state_of(member)


def settled(application, member, *, is_recused, by):
    review.declare(application, member=member, answer="unsure", note="Måske.", by=member.user)
    doubt = application.declarations.filter(member=member).first()
    review.rule(doubt, is_recused=is_recused, reason="I er naboer.", by=by)


def test_before_the_answer_title_applicant_kind_and_municipality_are_shown_and_no_more(
    in_review, cast, as_user
):
    shown = text(as_user(cast.esther).get(page("declare", in_review)))
    for told in ["Natteradio", "Asta", "One person", "København"]:
        assert told in shown
    for kept in ["10,000", "10.000", "Vi laver radio", "Vaskeriet", "vaskeri", "Media arts"]:
        assert kept not in shown


def test_no_conflict_leads_to_the_case(in_review, cast, as_user):
    answer = as_user(cast.esther).post(page("declare", in_review), {"answer": "clear"})
    assert answer.url == page("case", in_review)
    assert state(in_review, cast.members[1]) == "clear"


def test_a_conflict_leads_back_to_the_desk_and_the_ground_is_kept(in_review, cast, as_user):
    answers = {"answer": "conflict", "ground": "family", "note": "Noget andet."}
    answer = posted(as_user(cast.esther), page("declare", in_review), **answers)
    assert answer.redirect_chain == [(reverse("committee:desk"), 302)]
    assert "You stand aside from “Natteradio”." in text(answer)
    assert Recusal.objects.get().ground == "family"
    assert Declaration.objects.get().note == ""


def test_a_doubt_leads_back_to_the_desk_and_says_what_happens(in_review, cast, as_user):
    answers = {"answer": "unsure", "note": "Vi gik i klasse."}
    answer = posted(as_user(cast.esther), page("declare", in_review), **answers)
    assert "“Natteradio” stays shut until somebody else has settled it." in text(answer)
    assert Declaration.objects.get().note == "Vi gik i klasse."


@pytest.mark.parametrize(
    "answers, said",
    [
        ({"answer": ""}, "Choose one of the answers."),
        ({"answer": "conflict", "note": "Min fætter."}, "Say why you stand aside."),
        ({"answer": "unsure", "ground": "family", "note": " "}, "Write what makes you unsure."),
        ({"answer": "unsure", "note": "x" * 1001}, "at most 1000 characters"),
    ],
)
def test_a_wrong_answer_is_kept_and_explained(in_review, cast, as_user, answers, said):
    answer = posted(as_user(cast.esther), page("declare", in_review), **answers)
    assert said in text(answer)
    assert {name: answer.context["form"][name].value() for name in answers} == answers
    assert not Declaration.objects.exists()


def test_who_is_unsure_cannot_say_no_conflict_but_can_say_more_or_stand_aside(
    in_review, cast, as_user
):
    client = as_user(cast.esther)
    posted(client, page("declare", in_review), answer="unsure", note="Vi gik i klasse.")
    shown = text(client.get(page("declare", in_review)))
    assert "Waits until your doubt is settled" in shown
    assert "Vi gik i klasse." in shown
    assert 'value="clear"' not in shown
    posted(client, page("declare", in_review), answer="clear")
    assert state(in_review, cast.members[1]) == "unsure"
    posted(client, page("declare", in_review), answer="unsure", note="Og er i band sammen.")
    assert [each.note for each in Declaration.objects.all()] == [
        "Og er i band sammen.",
        "Vi gik i klasse.",
    ]
    posted(client, page("declare", in_review), answer="conflict", ground="other_doubt")
    assert state(in_review, cast.members[1]) == "recused"


def test_a_doubt_that_is_settled_tells_its_reason_and_opens_the_case(in_review, cast, as_user):
    factories.clear(in_review, cast.members[0])
    settled(in_review, cast.members[1], is_recused=False, by=cast.dines)
    shown = text(as_user(cast.esther).get(page("declare", in_review)))
    assert "It is settled: you can take part" in shown
    assert "I er naboer." in shown
    assert page("case", in_review) in shown


def test_who_stands_aside_reads_why_and_never_how_the_case_goes(in_review, cast, votes, as_user):
    factories.clear(in_review, cast.members[0])
    settled(in_review, cast.members[1], is_recused=True, by=cast.dines)
    client = as_user(cast.esther)

    def shown():
        answer = client.get(page("declare", in_review))
        return [line for line in text(answer).splitlines() if "csrf" not in line.lower()]

    before = shown()
    assert "I er naboer." in "".join(before)
    for kept in [in_review.get_status_display(), "København", "One person", "button>Answer"]:
        assert kept not in "".join(before)
    with clock.at(TIME_IS_OVER):
        assert shown() == before
    votes(in_review, cast.members[0], *cast.members[2:])
    assert shown() == before
    posted(client, page("declare", in_review), answer="unsure", note="Alligevel.")
    assert state(in_review, cast.members[1]) == "recused"
    assert client.get(page("recuse", in_review)).status_code == 404


def test_who_has_voted_can_become_unsure_or_stand_aside_and_reads_that_it_does_not_count(
    in_review, cast, votes, as_user
):
    votes(in_review, *cast.members[:2])
    client = as_user(cast.esther)
    shown = text(client.get(page("declare", in_review)))
    assert "a vote that you have given is not counted" in shown
    assert 'value="clear"' not in shown
    posted(client, page("declare", in_review), answer="unsure", note="Nu ved jeg hvem det er.")
    assert state(in_review, cast.members[1]) == "unsure"
    assert "your vote does not count" in text(client.get(page("recuse", in_review)))
    unsaid = text(posted(client, page("recuse", in_review), ground=""))
    assert "Say why you stand aside." in unsaid
    assert " required" not in unsaid
    posted(client, page("recuse", in_review), ground="family")
    assert state(in_review, cast.members[1]) == "recused"


def test_after_the_vote_is_closed_there_is_nothing_to_answer(application_at, cast, as_user):
    application = application_at("recommended")
    shown = text(as_user(cast.esther).get(page("declare", application)))
    assert "The vote is closed" in shown
    assert 'name="answer"' not in shown


def test_strangers_answer_nothing(in_review, world, cast, as_user):
    seat = factories.seat(factories.user("Kim"), world.committee, "young", is_substitute=True)
    for stranger in [cast.cille, cast.asta, cast.frida, cast.gorm, seat.user]:
        client = as_user(stranger)
        for url in [page("declare", in_review), page("recuse", in_review)]:
            assert {client.get(url).status_code, client.post(url).status_code} == {404}
    for stranger in [cast.cille, cast.asta, cast.frida]:
        client = as_user(stranger)
        for url in [ALL, POSTS]:
            assert {client.get(url).status_code, client.post(url).status_code} == {404}
    for url in [ALL, POSTS, page("declare", in_review)]:
        client.logout()
        assert client.get(url).url.startswith(reverse("account_login"))


# All of them at once


@pytest.fixture
def three(in_review, application_at):
    given = {"who": in_review.applicant}
    kælder = application_at("in_review", title="Kælderteater", **given)
    return [in_review, kælder, application_at("in_review", title="Skaterjam", **given)]


def row(application, **answers):
    return {f"case-{application.pk}-{name}": value for name, value in answers.items()}


def test_all_first_questions_stand_on_one_page_with_nothing_chosen(three, cast, as_user):
    factories.clear(three[2], cast.members[1])
    shown = text(as_user(cast.esther).get(ALL))
    assert "2 applications open when you have answered." in shown
    assert shown.index("Natteradio") < shown.index("Kælderteater")
    assert "Skaterjam" not in shown
    assert " checked" not in shown


def test_what_is_answered_is_saved_and_the_rest_stays(three, cast, as_user):
    first, second, _third = three
    answers = row(first, answer="clear") | row(second, answer="conflict", ground="association")
    answer = posted(as_user(cast.esther), ALL, **answers)
    assert answer.redirect_chain == [(ALL, 302)]
    assert "2 answers are saved." in text(answer)
    assert "1 application opens when you have answered." in text(answer)
    assert [state(each, cast.members[1]) for each in three] == ["clear", "recused", "undeclared"]


def test_what_is_wrong_stays_as_it_was_typed_beside_its_sentence(three, cast, as_user):
    first, second, third = three
    answers = row(first, answer="clear") | row(second, answer="conflict") | row(third, note="Hm.")
    answer = posted(as_user(cast.esther), ALL, **answers)
    shown = text(answer)
    assert "1 answer is saved." in shown
    assert 'id="case-' + str(first.pk) not in shown
    assert "Say why you stand aside." in shown
    assert "Choose one of the answers." in shown
    assert "Hm.</textarea>" in shown
    assert shown.count("Kælderteater:") == 1
    assert [state(each, cast.members[1]) for each in three] == ["clear", "undeclared", "undeclared"]


def test_each_answer_is_taken_by_itself(three, cast):
    first, second, _third = three
    member = cast.members[1]
    factories.clear(second, member)
    first.team.create(user=cast.esther, name="Esther")
    answers = [(each, member, {"answer": "clear"}) for each in three]
    refused = review.declare_each(answers, by=cast.esther)
    assert refused.keys() == {first.pk}
    assert "You take part in this application yourself" in refused[first.pk]
    assert [state(each, member) for each in three] == ["recused", "clear", "clear"]


def test_a_refusal_stands_beside_its_row(three, cast, as_user, monkeypatch):
    """As when the vote is closed between the reading and the answer."""
    monkeypatch.setattr(review, "declare_each", lambda given, by: {three[0].pk: "It is closed."})
    answer = posted(as_user(cast.esther), ALL, **row(three[0], answer="clear"))
    assert answer.context["rows"][0][1].errors == {"answer": ["It is closed."]}
    assert "saved" not in text(answer)


def test_saving_nothing_says_so(three, cast, as_user):
    assert "Nothing has been saved." in text(posted(as_user(cast.esther), ALL, other="x"))


def test_after_the_last_answer_comes_the_desk(in_review, cast, as_user):
    answer = posted(as_user(cast.esther), ALL, **row(in_review, answer="clear"))
    assert answer.redirect_chain == [(reverse("committee:desk"), 302)]
    assert "Nothing awaits your answer" in text(as_user(cast.esther).get(ALL))


def test_nobody_answers_about_a_case_that_is_not_asked_of_them(three, cast, world, as_user):
    kim = factories.seat(factories.user("Kim"), world.committee, "young", is_substitute=True)
    posted(as_user(kim.user), ALL, **row(three[0], answer="clear"))
    assert not Declaration.objects.exists()


@pytest.mark.slow
def test_the_page_asks_the_same_number_of_queries_with_1_row_and_12(
    in_review, application_at, cast, as_user
):
    """Twelve applications walk to the committee by the real actions."""
    client = as_user(cast.esther)
    factories.guardian(in_review, factories.user("Mor"))
    in_review.team.create(user=cast.bo, name="Bo")

    def asked():
        with CaptureQueriesContext(connection) as found:
            assert client.get(ALL).status_code == 200
        return len(found)

    asked()
    with_one = asked()
    for number in range(11):
        who = factories.applicant(cast.asta, name=f"Hold {number}", kind="group")
        more = application_at("in_review", who=who)
        factories.guardian(more, factories.user(f"Far {number}"))
        more.team.create(user=cast.bo, name="Bo")
    assert asked() == with_one


# Hints


def test_the_member_is_hinted_at_what_the_rows_have_in_common(
    in_review, application_at, cast, as_user
):
    group = factories.applicant(
        cast.asta, name="Foreningen Natteradio", kind="association", cvr="12345674"
    )
    application = application_at("in_review", who=group)
    esther = cast.members[1]
    esther.posts = "Natteradio"
    esther.save()
    client = as_user(cast.esther)
    told = "You seem to lead or work for the one who applies: Foreningen Natteradio"
    assert told in text(client.get(page("declare", application)))
    assert text(client.get(ALL)).count("You seem to") == 1
    assert "You seem to" not in text(client.get(page("declare", in_review)))


def test_the_same_surname_and_address_hint_by_the_members_own_applicant(
    application_at, cast, as_user
):
    home = {"street": "Nørregade 3", "postal_code": "4600", "town": "Køge"}
    factories.applicant(cast.esther, name="Esther", **home)
    for user in (cast.esther, cast.asta):
        user.name = f"{user.name} Skov"
        user.save()
    application = application_at("in_review", who=factories.applicant(cast.asta, **home))
    shown = text(as_user(cast.esther).get(page("declare", application)))
    assert "You share a surname and an address with somebody in it." in shown
    assert "Nørregade" not in shown
    cast.esther.applicants.update(is_protected=True)
    assert "You share" not in text(as_user(cast.esther).get(page("declare", application)))


def test_a_named_guardian_is_hinted_at(in_review, cast, as_user):
    factories.guardian(in_review, cast.esther)
    shown = text(as_user(cast.esther).get(page("declare", in_review)))
    assert "You have a part in it yourself" in shown


def test_a_protected_name_is_not_told_by_a_hint(application_at, cast, as_user):
    home = {"street": "Nørregade 3", "postal_code": "4600", "town": "Køge"}
    factories.applicant(cast.esther, name="Esther Skov", **home)
    cast.esther.email = "esther@skov.dk"
    cast.asta.email = "asta@skov.dk"
    for user in (cast.esther, cast.asta):
        user.name = f"{user.name} Skov"
        user.save()
    esther = cast.members[1]
    esther.posts = "Natteradio"
    esther.save()
    who = factories.applicant(cast.asta, name="Natteradio", kind="group", is_protected=True, **home)
    application = application_at("in_review", who=who, title="Radio")
    shown = text(as_user(cast.esther).get(page("declare", application)))
    assert "Look at this before you answer" not in shown
    assert "Natteradio" not in shown
    who.is_protected = False
    who.save()
    shown = text(as_user(cast.esther).get(page("declare", application)))
    assert shown.count("<li>You") == 2


def test_a_hint_is_kept_nowhere(in_review, cast, as_user):
    cast.members[1].posts = "Vaskeriet"
    cast.members[1].save()
    client = as_user(cast.esther)
    assert "It happens where you seem to have a post" in text(
        client.get(page("declare", in_review))
    )
    posted(client, page("declare", in_review), answer="clear")
    told = LogEntry.objects.filter(stream=in_review.stream).values_list("facts", flat=True)
    assert "Vaskeriet" not in str(list(told))


# Posts


def test_a_member_keeps_own_posts_and_the_pools_log_says_which_field(cast, world, as_user):
    client = as_user(cast.esther)
    assert "so that you can stand aside in time" in text(client.get(POSTS))
    posted(client, POSTS, posts="  Natteradio \r\n\r\nKøge  Ungdomsskole\r\n")
    for member in cast.members:
        member.refresh_from_db()
    assert [member.posts for member in cast.members] == [
        *["", "Natteradio\nKøge Ungdomsskole", "", ""]
    ]
    assert "Køge Ungdomsskole</textarea>" in text(client.get(POSTS))
    entry = LogEntry.objects.get(stream=world.pool.stream, event="posts_kept")
    assert entry.facts == {"about": f"member:{cast.members[1].pk}", "fields": ["posts"]}


def test_somebody_with_two_seats_writes_them_once(cast, as_user):
    there = factories.seat(cast.esther, factories.world(code="two").committee, "young")
    there.posts = "Kælderteatret"
    there.save()
    assert "Kælderteatret" in text(as_user(cast.esther).get(POSTS))
    posted(as_user(cast.esther), POSTS, posts="Natteradio")
    assert {seat.posts for seat in cast.esther.seats.all()} == {"Natteradio"}


def test_nobody_writes_anothers_posts(cast):
    with pytest.raises(review.Refusal):
        review.keep_posts([cast.members[0]], "Natteradio", by=cast.esther)
