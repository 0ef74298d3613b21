"""Once a vote is closed: who reads what it came to, and what it waits for."""

from datetime import timedelta

import pytest
from django.urls import reverse

from committee.review import actions as review
from committee.review.models import VoteWindow
from committee.votes import actions as voting
from grants.decisions import actions as decisions
from tests import factories
from tests.committee.desk.pages import part, posted, text
from tests.committee.moments import TIME_IS_OVER
from workflows import clock

DESK = "committee:desk"
KR = 100


def close(application, cast, *, young=4, staff=4, amount=6_000 * KR):
    """The young give so many points and staff so many; Ib is against; the chair closes."""
    dines, esther, ib, jo = cast.members
    factories.clear(application, *cast.members)
    factories.vote(application, dines, amount=amount, points=staff)
    factories.vote(application, ib, choice="against", points=staff)
    factories.vote(application, esther, amount=amount, points=young)
    factories.vote(application, jo, amount=amount, points=young)
    return voting.close_vote(application, by=cast.dines)


def with_rules(world, **rules):
    world.committee.procedures.create(version=2, **rules)


def case_of(client, page, application):
    return text(client.get(page("case", application)))


def test_the_result_says_how_it_came_about(heavy, in_review, cast, as_user, page):
    close(in_review, cast, young=5, staff=3)
    shown = case_of(as_user(cast.esther), page, in_review)
    assert "The committee recommends" in shown
    assert "6.000,00" in part(shown, "panel__figure", "</p>")
    assert "3 for, 1 against, 0 abstaining." in shown
    assert "The mean is 4.00: 5.00 from the young" in shown
    assert "Opinions part" in shown
    assert "Tell nobody" in shown
    assert "Your vote" not in part(shown, '<h2 id="your-vote"', "</h2>")
    courage = part(shown, '<th scope="row">Courage</th>', "</tr>")
    assert [number in courage for number in ("5.00", "3.00", "4.00", 'width="80%"')] == [True] * 4
    assert page("vote", in_review) not in shown


def test_named_ballots_are_shown_with_their_member(in_review, cast, as_user, page):
    close(in_review, cast)
    shown = case_of(as_user(cast.esther), page, in_review)
    assert "What do you want to say?" in shown
    assert "never how" not in shown
    ballots = part(shown, "Who voted what", "</table>")
    assert all(member.user.name in ballots for member in cast.members)
    ib = part(ballots, "Ib<br>", "</tr>")
    assert "Against" in ib
    assert "6.000,00" not in ib


def test_secret_ballots_stay_numbers(application_at, world, cast, as_user, page):
    with_rules(world, ballots="secret")
    application = application_at("in_review")
    close(application, cast, young=5, staff=3)
    shown = case_of(as_user(cast.esther), page, application)
    assert "3 for, 1 against, 0 abstaining." in shown
    assert "The vote was secret" in shown
    assert "Who voted what" not in shown
    assert not any(name in shown for name in ("Dines", "Jo<", "Ib<"))


@pytest.mark.parametrize("voters", [2, 3])
def test_a_secret_vote_tells_a_blocs_mean_from_three_on(
    application_at, world, cast, as_user, page, voters
):
    """Of two, each could work out what the other gave."""
    with_rules(world, ballots="secret")
    for name, kind in [("Kim", "young"), ("Lea", "staff")][: 2 * (voters - 2)]:
        cast.members.append(factories.seat(factories.user(name), world.committee, kind))
    application = application_at("in_review")
    factories.clear(application, *cast.members)
    for member in cast.members:
        factories.vote(application, member, points=5 if member.seat == "young" else 3)
    voting.close_vote(application, by=cast.dines)
    shown = part(case_of(as_user(cast.esther), page, application), 'id="your-vote"')
    is_told = voters == 3
    assert ("5.00" in shown) == is_told
    assert ("Opinions part" in shown) == is_told
    assert "4.00" in shown


def test_a_vote_with_a_demand_waits_for_a_meeting_and_says_so(in_review, cast, as_user, page):
    factories.clear(in_review, cast.members[3])
    jo = cast.members[3]
    voting.demand_meeting(in_review, member=jo, reason="Hvem betaler?", by=jo.user)
    close(in_review, cast)
    client = as_user(cast.esther)
    shown = case_of(client, page, in_review)
    assert "It waits for a meeting" in shown
    assert "Hvem betaler?" in shown
    assert "The committee recommends" not in shown
    assert "Waits for a meeting" in text(client.get(reverse(DESK)))


def test_a_vote_that_is_taken_anew_is_changed_in_the_meeting(in_review, cast, as_user, page):
    jo = cast.members[3]
    factories.clear(in_review, jo)
    voting.demand_meeting(in_review, member=jo, reason="Hvem betaler?", by=jo.user)
    before = close(in_review, cast)
    VoteWindow.objects.create(
        application=in_review,
        committee=before.committee,
        procedure=before.procedure,
        weights=before.weights,
        closes_at=clock.now() + timedelta(hours=2),
        follows=before,
    )
    client = as_user(cast.esther)
    shown = case_of(client, page, in_review)
    assert "taken anew in a meeting" in shown
    assert page("vote", in_review) not in shown
    assert "Who voted what" not in shown
    desk = text(client.get(reverse(DESK)))
    assert desk.count("Natteradio") == 1
    assert "Taken anew in a meeting" in desk


def test_a_vote_that_is_recommended_with_others_waits_for_the_allocation(
    application_at, world, cast, as_user, page
):
    with_rules(world, recommends="together")
    application = application_at("in_review")
    close(application, cast)
    client = as_user(cast.esther)
    assert "It waits for the allocation" in case_of(client, page, application)
    assert "Waits for the allocation" in text(client.get(reverse(DESK)))


def test_less_than_the_vote_came_to_says_why_without_telling_what_is_left(
    application_at, world, cast, as_user, page
):
    world.call.budget = 5_500 * KR
    world.call.save()
    application = application_at("in_review")
    close(application, cast)
    shown = case_of(as_user(cast.esther), page, application)
    assert "The money that was left in the call does not reach further." in shown
    assert "5.500,00" not in shown


def test_until_the_applicant_knows_nobody_who_stood_aside_learns_that_it_is_closed(
    in_review, world, cast, as_user
):
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    review.declare(in_review, member=kim, answer="conflict", ground="family", by=kim.user)
    client = as_user(kim.user)
    seen = [text(client.get(reverse(DESK)))]
    close(in_review, cast)
    seen.append(text(client.get(reverse(DESK))))
    in_review.refresh_from_db()
    decisions.decide(
        in_review, by=cast.frida, amount=6_000 * KR, guideline=world.guideline,
        criterion=world.criterion, fact="Kun ét sted.",
    )  # fmt: skip
    seen.append(text(client.get(reverse(DESK))))
    assert len({_besides_tokens(each) for each in seen}) == 1
    in_review.refresh_from_db()
    decisions.announce([in_review], by=cast.frida)
    told = text(client.get(reverse(DESK)))
    assert "Awarded: 6.000,00" in told
    assert "The committee recommends</th>" in told
    assert in_review.reference not in told
    assert "You stand aside" not in told


def _besides_tokens(page):
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower())


def test_who_never_declared_learns_that_it_is_closed_and_no_result(
    in_review, world, cast, as_user, page
):
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    close(in_review, cast)
    client = as_user(kim.user)
    desk = text(client.get(reverse(DESK)))
    assert "The vote is closed" in desk
    for kept in ("6.000", in_review.reference, "With the secretariat"):
        assert kept not in desk
    assert client.get(page("case", in_review)).status_code == 302


def test_what_was_done_before_stays_findable_with_its_outcome(
    in_review, world, cast, as_user, page
):
    close(in_review, cast)
    client = as_user(cast.esther)
    desk = text(client.get(reverse(DESK)))
    assert "With the secretariat" in desk
    assert "6.000,00" in desk
    in_review.refresh_from_db()
    decisions.decide(
        in_review, by=cast.frida, amount=6_000 * KR, guideline=world.guideline,
        criterion=world.criterion, fact="Kun ét sted.",
    )  # fmt: skip
    assert "Awarded" not in text(client.get(reverse(DESK)))
    assert "The applicant has the answer" not in case_of(client, page, in_review)
    in_review.refresh_from_db()
    decisions.announce([in_review], by=cast.frida)
    assert "Awarded: 6.000,00" in text(client.get(reverse(DESK)))
    shown = case_of(client, page, in_review)
    assert "The applicant has the answer" in shown
    assert "Tell nobody" not in shown


def test_the_announced_come_a_page_at_a_time(monkeypatch, application_at, cast, as_user):
    monkeypatch.setattr("committee.desk.queries.A_PAGE", 1)
    first = application_at("awarded", title="Først")
    application_at("awarded", who=first.applicant, title="Sidst")
    client = as_user(cast.esther)
    one, two = (text(client.get(reverse(DESK), {"page": page})) for page in (1, 2))
    assert ["Sidst" in one, "Først" in one] == [True, False]
    assert ["Sidst" in two, "Først" in two] == [False, True]


def test_who_takes_part_in_it_does_not_read_the_result(application_at, cast, as_user, page):
    application = application_at("recommended")
    client = as_user(cast.dines)
    assert "The committee recommends" in case_of(client, page, application)
    application.team.create(user=cast.dines, name="Dines")
    assert client.get(page("case", application)).url == page("declare", application)
    assert "With the secretariat" not in text(client.get(reverse(DESK)))


# Closing


def test_only_the_chair_sees_the_button_that_closes(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    link = page("close", in_review)
    assert link in case_of(as_user(cast.dines), page, in_review)
    assert link not in case_of(as_user(cast.esther), page, in_review)
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


def test_a_doubt_that_is_left_is_told_instead_of_a_button(
    in_review, world, cast, as_user, page, votes
):
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    review.declare(in_review, member=kim, answer="unsure", note="Måske.", by=kim.user)
    votes(in_review, *cast.members)
    shown = text(as_user(cast.dines).get(page("close", in_review)))
    assert "A member is unsure about a conflict" in shown
    assert "button--danger" not in shown


def test_the_chair_closes_and_the_members_see_the_result(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    answer = posted(as_user(cast.dines), page("close", in_review))
    assert "The secretariat has the recommendation: " in text(answer)
    assert "4 of 4 who may vote have voted" in case_of(as_user(cast.esther), page, in_review)
    assert "The vote is closed." in text(as_user(cast.dines).get(page("close", in_review)))


def test_the_page_before_does_not_tell_whether_it_can_close_before_its_time(
    in_review, world, cast, as_user, page
):
    """The chair may try, and is told only that it is closed, or not yet."""
    dines = cast.members[0]
    more = [
        factories.seat(factories.user(name), world.committee, kind)
        for name, kind in [("Kim", "young"), ("Lea", "staff"), ("Nils", "young")]
    ]
    factories.clear(in_review, *more, *cast.members)
    for number, member in enumerate(cast.members):
        factories.vote(in_review, member, choice="for" if number % 2 else "against")
    client = as_user(dines.user)

    def seen():
        return _besides_tokens(text(client.get(page("close", in_review))))

    can_change = seen()
    assert "You can try." in can_change
    assert "It is too early" in text(posted(client, page("close", in_review)))
    in_review.refresh_from_db()
    assert in_review.status == "in_review"
    for member in more[:2]:
        factories.vote(in_review, member, choice="against")
    assert seen() == can_change
    assert "a rejection" in text(posted(client, page("close", in_review)))


def test_when_its_time_is_over_nothing_is_said_of_trying(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    client = as_user(cast.dines)
    assert "You can try." in text(client.get(page("close", in_review)))
    with clock.at(TIME_IS_OVER):
        assert "You can try." not in text(client.get(page("close", in_review)))
