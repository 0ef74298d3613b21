"""The desk and the case: who gets in, what they show, and what they keep to themselves."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee.review import actions as review
from committee.votes import actions as voting
from tests import factories
from tests.committee.desk.pages import posted, text, without_tokens
from tests.committee.moments import TIME_IS_OVER
from workflows import clock

GET = ["case", "assess", "vote", "demand", "close"]
POST = ["assess", "vote", "demand", "close"]
DESK = "committee:desk"


def answers_of(client, page, application):
    return [client.get(page(name, application)).status_code for name in GET] + [
        client.post(page(name, application)).status_code for name in POST
    ]


def test_strangers_get_404_everywhere(in_review, cast, as_user, page):
    for stranger in [cast.cille, cast.asta, cast.frida, cast.gorm, cast.hanne]:
        client = as_user(stranger)
        assert client.get(reverse(DESK)).status_code == 404
        assert set(answers_of(client, page, in_review)) == {404}


def test_whoever_is_not_logged_in_is_asked_to_log_in(in_review, client, page):
    for url in [reverse(DESK), *(page(name, in_review) for name in GET)]:
        assert client.get(url).url.startswith(reverse("account_login"))


def test_a_recused_member_is_told_so_in_place_of_the_case_and_sees_title_and_applicant_on_the_desk(
    in_review, cast, as_user, page, votes
):
    votes(in_review, *cast.members)
    review.declare_recusal(in_review, member=cast.members[0], ground="family", by=cast.dines)
    client = as_user(cast.dines)
    assert client.get(page("case", in_review)).url == page("declare", in_review)
    assert set(answers_of(client, page, in_review)[1:]) == {404}
    desk = text(client.get(reverse(DESK)))
    assert "Natteradio" in desk
    assert "Asta" in desk
    assert "You stand aside" in desk
    assert page("declare", in_review) in desk
    for kept in [f'{page("case", in_review)}"', "10.000", "København", "missing", "No vote"]:
        assert kept not in desk


def test_who_has_not_declared_sees_title_and_applicant_and_is_led_to_the_question(
    in_review, cast, as_user, page
):
    client = as_user(cast.esther)
    desk = text(client.get(reverse(DESK)))
    assert "First: do you have a conflict?" in desk
    assert page("declare", in_review) in desk
    assert reverse("committee:declare_all") in desk
    for kept in [f'{page("case", in_review)}"', "10.000", "København", "missing"]:
        assert kept not in desk
    assert client.get(page("case", in_review)).url == page("declare", in_review)
    assert set(answers_of(client, page, in_review)[1:]) == {404}


def test_who_is_unsure_sees_title_and_applicant_and_waits(in_review, cast, as_user, page):
    esther = cast.members[1]
    review.declare(in_review, member=esther, answer="unsure", note="Kender dem.", by=cast.esther)
    client = as_user(cast.esther)
    desk = text(client.get(reverse(DESK)))
    assert "Waits until your doubt is settled" in desk
    for kept in [f'{page("case", in_review)}"', "10.000", "København", "No vote"]:
        assert kept not in desk
    assert set(answers_of(client, page, in_review)[1:]) == {404}


def test_a_seat_that_ended_is_a_strangers(in_review, cast, as_user, page):
    factories.clear(in_review, cast.members[1])
    cast.members[1].ends_on = date(2026, 3, 1)
    cast.members[1].save()
    client = as_user(cast.esther)
    assert client.get(reverse(DESK)).status_code == 404
    assert client.get(page("case", in_review)).status_code == 404


def test_another_pools_member_is_a_stranger(in_review, as_user, page):
    lis = factories.user("Lis")
    factories.seat(lis, factories.world(code="two").committee, "young")
    assert as_user(lis).get(page("case", in_review)).status_code == 404
    assert "Natteradio" not in text(as_user(lis).get(reverse(DESK)))


def test_a_substitute_who_is_not_called_in_finds_nothing_on_the_desk(in_review, cast, as_user):
    sub = factories.seat(
        factories.user("Kim"), in_review.pool.committee, "young", is_substitute=True
    )
    assert "Natteradio" not in text(as_user(sub.user).get(reverse(DESK)))
    _tell_the_applicant(in_review, cast)
    assert "Natteradio" not in text(as_user(sub.user).get(reverse(DESK)))


def _tell_the_applicant(application, cast, world=None):
    factories.vote_through(application, cast, amount=10_000_00, at=clock.now())
    application.refresh_from_db()
    factories.decide(application, world, cast, amount=10_000_00)
    factories.decisions.announce([application], by=cast.frida)


def test_what_the_committee_was_never_asked_about_is_closed_to_it(
    application_at, cast, as_user, page
):
    application = application_at("eligible")
    assert as_user(cast.esther).get(page("case", application)).status_code == 404


def test_an_empty_desk_says_what_happens_next(cast, as_user):
    assert "you get a mail" in text(as_user(cast.esther).get(reverse(DESK)))


def test_the_desk_shows_what_is_to_do_first_and_what_the_quorum_lacks(
    in_review, application_at, cast, as_user, votes
):
    second = application_at("in_review", who=in_review.applicant, title="Kælderteater")
    third = application_at("in_review", who=in_review.applicant, title="Loftkoncert")
    votes(in_review, cast.members[1])
    factories.clear(second, cast.members[1])
    desk = text(as_user(cast.esther).get(reverse(DESK)))
    assert "2 of 3 await your vote" in desk
    assert '<progress max="3" value="1"' in desk
    assert desk.index(third.title) < desk.index(second.title) < desk.index(in_review.title)
    assert "1 young vote is missing" in desk
    assert "2 staff votes are missing" in desk


def test_only_the_chair_is_led_to_who_can_vote_on_what(in_review, cast, as_user):
    assert reverse("committee:coverage") in text(as_user(cast.dines).get(reverse(DESK)))
    assert reverse("committee:coverage") not in text(as_user(cast.esther).get(reverse(DESK)))


def test_the_case_shows_age_and_municipality_but_never_birth_date_or_address(
    application_at, cast, as_user, page
):
    asta = factories.applicant(
        cast.asta, street="Hemmelig Vej 3", town="Køge", postal_code="4600", phone="99887766"
    )
    application = application_at("in_review", who=asta)
    factories.clear(application, cast.members[1])
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
    before = text(client.get(reverse(DESK)))
    factories.clear(application, cast.members[1])
    pages = [client.get(page(name, application)) for name in ("case", "demand", "close")]
    for shown in [before, text(client.get(reverse(DESK))), *map(text, pages)]:
        assert "Skjult" not in shown
    assert "Protected name" in text(pages[0])


def test_no_page_tells_what_others_have_voted_or_how_many(in_review, cast, as_user, page, votes):
    """With a quorum the pages are the same whatever was voted, demanded, or noted, and by whom."""
    kim = factories.seat(factories.user("Kim"), in_review.pool.committee, "young")
    lea = factories.seat(factories.user("Lea"), in_review.pool.committee, "staff")
    urls = [reverse(DESK), *(page(name, in_review) for name in ("case", "close", "demand"))]
    votes(in_review, *cast.members[1:])
    nils = factories.seat(factories.user("Nils"), in_review.pool.committee, "staff")
    votes(in_review, nils)
    factories.clear(in_review, cast.members[0], kim, lea)
    client = as_user(cast.dines)

    def seen():
        return [without_tokens(text(client.get(url))) for url in urls]

    before = seen()
    votes(in_review, kim)
    factories.vote(in_review, lea, choice="against", points=1)
    esther = cast.members[1]
    voting.cast_vote(in_review, member=esther, choice="abstain", by=esther.user)
    voting.demand_meeting(in_review, member=kim, reason="Hvem betaler?", by=kim.user)
    voting.save_assessment(
        in_review, member=lea, by=lea.user, notes={str(_criterion(in_review)): "Uklart."}
    )
    assert seen() == before
    assert not any(name in shown for shown in before for name in ["Esther", "Kim", "Lea"])


def _criterion(application):
    return application.call.criteria.get().pk


def test_reasons_of_demands_are_for_those_who_have_voted(in_review, cast, as_user, page, votes):
    _dines, esther, _ib, jo = cast.members
    factories.clear(in_review, esther, jo)
    voting.demand_meeting(in_review, member=jo, reason="Hvem betaler?", by=jo.user)
    client = as_user(cast.esther)
    assert "Hvem betaler?" not in text(client.get(page("case", in_review)))
    votes(in_review, esther)
    assert "Hvem betaler?" in text(client.get(page("case", in_review)))


def test_a_meeting_is_demanded_with_a_reason_and_one_is_told_what_it_leads_to(
    in_review, cast, as_user, page
):
    factories.clear(in_review, cast.members[1])
    client = as_user(cast.esther)
    assert page("demand", in_review) in text(client.get(page("case", in_review)))
    assert "One demand is enough" in text(client.get(page("demand", in_review)))
    assert "error-summary" in text(posted(client, page("demand", in_review), reason=" "))
    told = posted(client, page("demand", in_review), reason="Hvem betaler?")
    assert told.redirect_chain == [(page("case", in_review), 302)]
    shown = text(told)
    assert "You have demanded a meeting" in shown
    assert page("demand", in_review) not in shown
    again = text(client.get(page("demand", in_review)))
    assert "you have done so already" in again
    assert "<textarea" not in again


@pytest.mark.parametrize("wanted, told", [(0, None), (2, "When 2 members have demanded it")])
def test_the_rules_say_how_many_it_takes(application_at, world, cast, as_user, page, wanted, told):
    world.committee.procedures.create(version=2, members_to_demand_a_meeting=wanted)
    application = application_at("in_review")
    factories.clear(application, cast.members[1])
    client = as_user(cast.esther)
    shown = text(client.get(page("case", application)))
    assert (page("demand", application) in shown) == bool(told)
    assert (told or "You cannot demand") in text(client.get(page("demand", application)))


def test_a_vote_over_its_time_without_a_quorum_says_so(in_review, cast, as_user, page):
    factories.clear(in_review, cast.members[1])
    client = as_user(cast.esther)
    with clock.at(TIME_IS_OVER):
        assert "It stays open until there is a quorum" in text(client.get(page("case", in_review)))
        assert "still open, no quorum" in text(client.get(reverse(DESK)))


def test_a_vote_over_its_time_with_a_quorum_is_being_counted(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    client = as_user(cast.esther)
    with clock.at(TIME_IS_OVER):
        assert "counted within a minute" in text(client.get(page("case", in_review)))
        assert "Being counted" in text(client.get(reverse(DESK)))


@pytest.mark.slow
def test_the_desk_asks_the_same_number_of_queries_with_1_row_and_30(
    in_review, application_at, cast, as_user, page, votes
):
    """Thirty applications walk to the committee, and some on, by the real actions."""
    client = as_user(cast.esther)
    _dines, esther, *others = cast.members
    factories.clear(in_review, esther)
    votes(in_review, *others)
    urls = [reverse(DESK), page("case", in_review)]

    def asked():
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url).status_code == 200
            counts.append(len(queries))
        return counts

    asked()
    with_one = asked()
    for number in range(26):
        more = application_at("in_review", who=in_review.applicant)
        if number % 2:
            factories.clear(more, esther)
            votes(more, *cast.members[: number % 4])
    review.declare(more, member=esther, answer="conflict", ground="family", by=cast.esther)
    for status in ("recommended", "decided", "awarded"):
        application_at(status, who=in_review.applicant)
    assert len(client.get(urls[0]).context["desk"].rows) == 29
    assert asked() == with_one
    assert with_one[0] <= 12
