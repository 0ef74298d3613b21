"""The committee's pages: who gets in, what they show, and what they keep to themselves."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee.review import actions as review
from committee.review.models import Recusal
from committee.votes import actions as voting
from committee.votes.models import Vote
from tests import factories
from workflows import clock

AFTER_A_DAY = factories.MONDAY + timedelta(days=4)
TIME_IS_OVER = factories.MONDAY + timedelta(days=30)
GET = ["case", "recuse", "vote", "close"]
POST = ["recuse", "vote", "close"]


@pytest.fixture(autouse=True)
def _while_the_vote_is_open(client):
    client.cookies.load({"django_language": "en"})
    with clock.at(AFTER_A_DAY):
        yield


@pytest.fixture
def page():
    return lambda name, application: reverse(f"committee:{name}", args=[application.reference])


def text(answer):
    return answer.content.decode()


def posted(client, url, **answers):
    return client.post(url, answers, follow=True)


def test_strangers_get_404_everywhere(in_review, cast, as_user, page):
    for stranger in [cast.cille, cast.asta, cast.frida, cast.gorm, cast.hanne]:
        client = as_user(stranger)
        assert client.get(reverse("committee:desk")).status_code == 404
        assert {client.get(page(name, in_review)).status_code for name in GET} == {404}
        assert {client.post(page(name, in_review)).status_code for name in POST} == {404}


def test_whoever_is_not_logged_in_is_asked_to_log_in(in_review, client, page):
    for url in [reverse("committee:desk"), page("case", in_review)]:
        assert client.get(url).url.startswith(reverse("account_login"))


def test_a_recused_member_gets_404_on_the_case_and_sees_title_and_applicant_on_the_desk(
    in_review, cast, as_user, page, votes
):
    votes(in_review, *cast.members)
    review.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    client = as_user(cast.dines)
    assert {client.get(page(name, in_review)).status_code for name in GET} == {404}
    assert {client.post(page(name, in_review)).status_code for name in POST} == {404}
    desk = text(client.get(reverse("committee:desk")))
    assert "Natteradio" in desk
    assert "Asta" in desk
    assert "You stand aside" in desk
    for kept in [in_review.reference, "10,000", "København", "missing", "No vote"]:
        assert kept not in desk


def test_a_seat_that_ended_is_a_strangers(in_review, cast, as_user, page):
    cast.members[1].ends_on = date(2026, 3, 1)
    cast.members[1].save()
    client = as_user(cast.esther)
    assert client.get(reverse("committee:desk")).status_code == 404
    assert client.get(page("case", in_review)).status_code == 404


def test_another_pools_member_is_a_stranger(in_review, as_user, page):
    lis = factories.user("Lis")
    factories.seat(lis, factories.world(code="two").committee, "young")
    assert as_user(lis).get(page("case", in_review)).status_code == 404
    assert "Natteradio" not in text(as_user(lis).get(reverse("committee:desk")))


def test_what_the_committee_was_never_asked_about_is_closed_to_it(
    application_at, cast, as_user, page
):
    application = application_at("eligible")
    assert as_user(cast.esther).get(page("case", application)).status_code == 404


def test_an_empty_desk_says_what_happens_next(cast, as_user):
    assert "you get a mail" in text(as_user(cast.esther).get(reverse("committee:desk")))


def test_the_desk_shows_what_is_left_first_and_what_the_quorum_lacks(
    in_review, application_at, cast, as_user, votes
):
    second = application_at("in_review", who=in_review.applicant, title="Kælderteater")
    votes(in_review, cast.members[1])
    desk = text(as_user(cast.esther).get(reverse("committee:desk")))
    assert "1 of 2 awaits your vote" in desk
    assert desk.index(second.title) < desk.index(in_review.title)
    assert "1 young vote is missing" in desk
    assert "2 staff votes are missing" in desk


def test_the_case_shows_age_and_municipality_but_never_birth_date_or_address(
    application_at, cast, as_user, page
):
    asta = factories.applicant(
        cast.asta, street="Hemmelig Vej 3", town="Køge", postal_code="4600", phone="99887766"
    )
    application = application_at("in_review", who=asta)
    shown = text(as_user(cast.esther).get(page("case", application)))
    assert "<dd>21</dd>" in shown
    assert "København" in shown
    for kept in ["2004", "17 May", "Hemmelig Vej", "4600", "99887766", cast.asta.email]:
        assert kept not in shown


def test_a_protected_name_is_kept_from_the_committee_and_its_team_is_a_number(
    application_at, cast, as_user, page
):
    hidden = factories.applicant(cast.asta, name="Skjult Navn", is_protected=True)
    application = application_at("in_review", who=hidden)
    application.team.create(name="Skjult Ven")
    client = as_user(cast.esther)
    for url in [page("case", application), page("recuse", application), reverse("committee:desk")]:
        shown = text(client.get(url))
        assert "Skjult" not in shown
    assert "Protected name" in shown


def test_no_page_tells_what_others_have_voted_or_how_many(in_review, cast, as_user, page, votes):
    """With a quorum the pages are the same whatever was voted, and by how many."""
    kim = factories.seat(factories.user("Kim"), in_review.pool.committee, "young")
    lea = factories.seat(factories.user("Lea"), in_review.pool.committee, "staff")
    votes(in_review, *cast.members)
    urls = [reverse("committee:desk"), page("case", in_review), page("close", in_review)]
    client = as_user(cast.dines)

    def seen():
        return [_without_tokens(text(client.get(url))) for url in urls]

    before = seen()
    votes(in_review, kim)
    voting.cast_vote(in_review, member=lea, choice="against", amount=0, by=lea.user)
    esther = cast.members[1]
    voting.cast_vote(in_review, member=esther, choice="abstain", amount=0, by=esther.user)
    assert seen() == before
    assert not any(
        word in before[1] for word in ["Esther", "Kim", "5,000.00 kr"] if word != "Dines"
    )


def _without_tokens(page):
    """The page without the form's one-time tokens."""
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower())


def test_voting_for_less(in_review, cast, as_user, page):
    client = as_user(cast.esther)
    answer = posted(client, page("vote", in_review), answer="less", less="6.500")
    vote = Vote.objects.get()
    assert (vote.member.user, vote.choice, vote.amount) == (cast.esther, "for", 6_500_00)
    assert answer.redirect_chain == [(reverse("committee:desk"), 302)]
    assert "is in." in text(answer)
    again = text(client.get(page("case", in_review)))
    assert 'value="6500"' in again
    assert "Change vote" in again


@pytest.mark.parametrize(
    "answer, stored",
    [
        ("all", ("for", 10_000_00)),
        ("against", ("against", 0)),
        ("abstain", ("abstain", 0)),
    ],
)
def test_the_other_answers(in_review, cast, as_user, page, answer, stored):
    client = as_user(cast.esther)
    posted(client, page("vote", in_review), answer=answer, less="")
    vote = Vote.objects.get()
    assert (vote.choice, vote.amount) == stored
    form = client.get(page("case", in_review)).context["form"]
    assert form["answer"].value() == answer


@pytest.mark.parametrize(
    "less, said",
    [
        ("", "Write the amount"),
        ("mange penge", "Write the amount"),
        ("0", "Write the amount"),
        ("10.000", "Write less than"),
        ("20000", "Write less than"),
        ("4.999", "It does not work for less than"),
    ],
)
def test_a_wrong_amount_is_kept_and_explained(in_review, cast, as_user, page, less, said):
    answer = posted(as_user(cast.esther), page("vote", in_review), answer="less", less=less)
    assert said in text(answer)
    assert not less or f'value="{less}"' in text(answer)
    assert answer.context["form"]["answer"].value() == "less"
    assert not Vote.objects.exists()


def test_after_voting_the_next_one_that_is_left_opens(
    in_review, application_at, cast, as_user, page
):
    second = application_at("in_review", who=in_review.applicant)
    answer = posted(as_user(cast.esther), page("vote", in_review), answer="against")
    assert answer.redirect_chain == [(page("case", second), 302)]


def test_a_vote_that_is_too_late_is_refused_with_the_reason(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    with clock.at(TIME_IS_OVER):
        answer = posted(as_user(cast.esther), page("vote", in_review), answer="abstain")
        assert "The time to vote is over." in text(answer)
    assert Vote.objects.get(member=cast.members[1]).choice == "for"


def test_a_member_on_the_team_is_told_to_stand_aside(in_review, cast, as_user, page):
    in_review.team.create(user=cast.esther, name="Esther")
    shown = text(as_user(cast.esther).get(page("case", in_review)))
    assert "You take part in this application yourself" in shown
    assert page("vote", in_review) not in shown


def test_standing_aside_says_what_it_cannot_undo_and_wants_a_ground(in_review, cast, as_user, page):
    client = as_user(cast.esther)
    assert "You cannot take it back" in text(client.get(page("recuse", in_review)))
    assert "error-summary" in text(posted(client, page("recuse", in_review)))
    assert not Recusal.objects.exists()
    answer = posted(client, page("recuse", in_review), ground="association")
    assert answer.redirect_chain == [(reverse("committee:desk"), 302)]
    assert Recusal.objects.get().ground == "association"


def test_only_the_chair_sees_the_button_that_closes(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    link = page("close", in_review)
    assert link in text(as_user(cast.dines).get(page("case", in_review)))
    assert link not in text(as_user(cast.esther).get(page("case", in_review)))
    assert "Only the chair" in text(posted(as_user(cast.esther), link))
    in_review.refresh_from_db()
    assert in_review.status == "in_review"


def test_the_chair_sees_what_is_missing_instead_of_a_button(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members[:2])
    shown = text(as_user(cast.dines).get(page("close", in_review)))
    assert "1 young vote is missing" in shown
    assert "button--danger" not in shown
    assert "no quorum yet: 1 young vote is missing" in text(
        posted(as_user(cast.dines), page("close", in_review))
    )


def test_the_chair_closes_and_the_members_see_the_result(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    answer = posted(as_user(cast.dines), page("close", in_review))
    assert "The secretariat has the recommendation: " in text(answer)
    shown = text(as_user(cast.esther).get(page("case", in_review)))
    assert "4 of 4" in shown
    assert "Tell nobody" in shown
    assert page("vote", in_review) not in shown
    assert "The vote is closed." in text(as_user(cast.dines).get(page("close", in_review)))


def test_a_vote_over_its_time_without_a_quorum_says_so(in_review, cast, as_user, page):
    client = as_user(cast.esther)
    with clock.at(TIME_IS_OVER):
        assert "It stays open until there is a quorum" in text(client.get(page("case", in_review)))
        assert "still open, no quorum" in text(client.get(reverse("committee:desk")))


def test_a_vote_over_its_time_with_a_quorum_is_being_counted(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    client = as_user(cast.esther)
    with clock.at(TIME_IS_OVER):
        assert "counted within a minute" in text(client.get(page("case", in_review)))
        assert "Being counted" in text(client.get(reverse("committee:desk")))


@pytest.mark.slow
def test_the_desk_asks_the_same_number_of_queries_with_1_row_and_30(
    in_review, application_at, cast, as_user, page, votes
):
    """Thirty applications walk to the committee by the real actions."""
    client = as_user(cast.esther)
    votes(in_review, *cast.members[2:])
    urls = [reverse("committee:desk"), page("case", in_review)]

    def asked():
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            counts.append(len(queries))
        return counts

    asked()
    with_one = asked()
    for number in range(29):
        more = application_at("in_review", who=in_review.applicant)
        votes(more, *cast.members[: number % 4])
    review.declare_recusal(more, member=cast.members[1], ground="family", by=cast.esther)
    assert asked() == with_one
    assert with_one[0] <= 12


def test_who_takes_part_in_it_does_not_read_the_result(application_at, cast, as_user, page):
    application = application_at("recommended")
    client = as_user(cast.dines)
    assert "The committee recommends" in text(client.get(page("case", application)))
    application.team.create(user=cast.dines, name="Dines")
    assert "The committee recommends" not in text(client.get(page("case", application)))
