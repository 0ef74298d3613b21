"""The pages about who gets how much, and what they keep from whom."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from committee import elections
from committee.allocation import Limit
from committee.allocations import actions, queries
from committee.allocations.forms import LARGEST_FILE
from committee.review import actions as review
from committee.seats.models import Procedure
from committee.votes import actions as voting
from grants.decisions import actions as decisions
from grants.pools.money import money
from tests import factories
from tests.committee.allocations.conftest import TIME_IS_OVER, vote_and_close
from tests.committee.elections import approvals
from workflows import clock

KR = 100


@pytest.fixture(autouse=True)
def _in_english(client, later):
    client.cookies.load({"django_language": "en"})


@pytest.fixture
def url(together):
    def address(name, *more, query=""):
        return reverse(f"committee:{name}", args=[together.call.slug, *more]) + query

    return address


def text(answer):
    return answer.content.decode()


def kr(kroner):
    return money(kroner * KR)


def test_strangers_get_404_everywhere(proposed, closed, cast, as_user, url):
    reference = closed["Natteradio"].reference
    for stranger in [cast.cille, cast.asta, cast.gorm, cast.hanne]:
        client = as_user(stranger)
        pages = [url("allocation"), url("adopt"), url("move", reference), url("election")]
        pages += [url("receipt"), reverse("committee:allocations"), reverse("committee:recompute")]
        assert {client.get(page).status_code for page in pages} == {404}
        acts = [url("propose"), url("drop"), url("adopt"), url("move", reference)]
        assert {client.post(page).status_code for page in acts} == {404}


def test_another_pools_member_is_a_stranger(proposed, as_user, url):
    lis = factories.user("Lis")
    factories.seat(lis, factories.world(code="two").committee, "young")
    assert as_user(lis).get(url("allocation")).status_code == 404
    assert "Forår" not in text(as_user(lis).get(reverse("committee:allocations")))


def test_whoever_is_not_logged_in_is_asked_to_log_in(proposed, client, url):
    for page in [url("allocation"), url("receipt"), reverse("committee:recompute")]:
        assert client.get(page).url.startswith(reverse("account_login"))


def test_the_list_says_how_far_each_call_has_come(in_reviews, together, cast, as_user):
    client, page = as_user(cast.esther), reverse("committee:allocations")
    assert "None yet" in text(client.get(page))
    for application in in_reviews.values():
        vote_and_close(application, cast, (4, 4, 4, 4))
    proposal = actions.propose(together.call, rule="ranked", by=cast.frida)
    assert "Lies before the committee" in text(client.get(page))
    actions.adopt(proposal, by=cast.frida)
    assert "Last adopted on" in text(client.get(page))
    assert "Adopted in part" not in text(client.get(page))


def test_what_is_adopted_while_votes_are_open_is_adopted_in_part(
    in_reviews, together, cast, as_user
):
    radio, *_others = in_reviews.values()
    vote_and_close(radio, cast, (5, 5, 5, 5))
    proposal = actions.propose(together.call, rule="ranked", by=cast.frida)
    actions.adopt(proposal, by=cast.frida)
    page = text(as_user(cast.esther).get(reverse("committee:allocations")))
    assert "Adopted in part" in page
    assert 'data-label="Votes still open">2<' in page


def test_the_page_says_why_less_than_the_budget_is_shared_out(
    in_reviews, together, cast, as_user, url
):
    radio, theatre, _mural = in_reviews.values()
    told = f"The budget is {kr(25_000)} in all."
    vote_and_close(radio, cast, (5, 5, 5, 5))
    client = as_user(cast.frida)
    assert told not in text(client.get(url("allocation")))
    actions.adopt(actions.propose(together.call, rule="ranked", by=cast.frida), by=cast.frida)
    vote_and_close(theatre, cast, (4, 4, 4, 4))
    assert told in text(client.get(url("allocation")))


def test_the_step_is_told_only_with_equal_shares(closed, cast, as_user, url):
    client, told = as_user(cast.dines), "Equal shares are raised by"
    assert told not in text(client.get(url("allocation")))
    assert told in text(client.get(url("allocation", query="?rule=equal_shares")))
    assert told in text(client.get(url("allocation", query="?rule=ranked&other=equal_shares")))


def test_two_rules_have_two_kinds_of_bars_and_a_legend(closed, cast, as_user, url):
    client = as_user(cast.dines)
    page = text(client.get(url("allocation", query="?rule=equal_shares&other=ranked")))
    assert "Filled bar: By equal shares. Bar with only an outline: By ranking." in page
    assert page.count("bar-second") > 3
    assert "bar-second" not in text(client.get(url("allocation")))


def test_the_room_for_a_move_is_what_the_ceiling_leaves(closed, together, cast, as_user, url):
    limits = [Limit("art_form", "media", ceiling=12_000 * KR)]
    actions.propose(together.call, rule="ranked", limits=limits, by=cast.frida)
    page = text(as_user(cast.dines).get(url("move", closed["Natteradio"].reference)))
    assert f"Media arts can get at most {kr(12_000)} in all." in page
    assert f"<dt>There is room for</dt><dd>{kr(12_000)}</dd>" in page


def test_a_member_sees_nothing_before_it_is_laid_forward(closed, cast, as_user, url):
    page = text(as_user(cast.esther).get(url("allocation", query="?rule=ranked")))
    assert "Nothing lies before the committee yet" in page
    assert "3 votes are closed" in page
    for kept in ["Natteradio", kr(10_000), kr(25_000), "Number 1"]:
        assert kept not in page


def test_open_votes_are_counted_and_nothing_of_them_is_told(in_reviews, cast, as_user, url):
    radio, theatre, mural = in_reviews.values()
    vote_and_close(radio, cast, (5, 5, 5, 5))
    factories.clear(theatre, cast.members[0])
    factories.vote(theatre, cast.members[0], points=4)
    page = text(as_user(cast.frida).get(url("allocation")))
    assert "2 votes are still open" in page
    assert radio.title in page
    assert theatre.title not in page
    assert mural.title not in page


def test_who_leads_chooses_a_rule_and_sees_another_beside_it(closed, cast, as_user, url):
    client = as_user(cast.dines)
    page = text(client.get(url("allocation", query="?rule=ranked&other=equal_shares")))
    for told in ["Number 1 on the list, with a mean of 5.00", "By equal shares", "Difference"]:
        assert told in page
    assert kr(25_000) in page
    assert "Køge" in page


def test_a_ceiling_from_the_address_holds(closed, cast, as_user, url):
    query = "?rule=ranked&part-1=art_form+media&ceiling-1=15.000"
    page = text(as_user(cast.frida).get(url("allocation", query=query)))
    assert f"It needs {kr(5_000)}, and there was room for {kr(0)} more for Media arts." in page


def test_wrong_limits_are_said_where_they_are(closed, cast, as_user, url):
    query = "?rule=ranked&part-1=art_form+media&floor-1=10&ceiling-1=5"
    page = text(as_user(cast.frida).get(url("allocation", query=query)))
    assert "Write at least as much as the least." in page
    assert "Get money" not in page
    twice = "?rule=ranked&part-1=art_form+media&part-2=art_form+media"
    assert "It is there twice." in text(as_user(cast.frida).get(url("allocation", query=twice)))


def test_what_the_page_shows_is_laid_forward_with_its_limits(closed, together, cast, as_user, url):
    chosen = {
        "rule": "equal_shares",
        "step": "50",
        "part-1": "art_form media",
        "ceiling-1": "15000",
    }
    answer = as_user(cast.frida).post(url("propose"), chosen, follow=True)
    assert "The proposal lies before the committee." in text(answer)
    record = queries.laid_forward(together.call).record
    assert (record["rule"], record["step"]) == ("equal_shares", 50 * KR)
    assert record["limits"] == [["art_form", "media", 0, 15_000 * KR]]


def test_members_read_the_whole_proposal_and_find_no_button(proposed, cast, as_user, url):
    page = text(as_user(cast.esther).get(url("allocation", query="?other=equal_shares")))
    assert "Number 1 on the list" in page
    assert proposed.sha256 in page
    for kept in [url("adopt"), url("drop"), "/move/"]:
        assert kept not in page


def test_the_chair_moves_with_a_reason_that_all_read_and_adopts(
    proposed, closed, cast, as_user, url
):
    client, mural = as_user(cast.dines), closed["Vægmaleri"]
    assert url("move", mural.reference) in text(client.get(url("allocation")))
    page = client.get(url("move", mural.reference))
    assert "There is room for" in text(page)
    wrong = client.post(url("move", mural.reference), {"amount": "9000", "reason": "Flot."})
    assert "Take another application out first." in text(wrong)
    told = {"amount": "0", "reason": "Væggen er revet ned."}
    client.post(url("move", mural.reference), told)
    page = text(as_user(cast.esther).get(url("allocation")))
    assert f"it had {kr(5_000)} by the rule, and nothing now. “Væggen er revet ned.”" in page
    assert f'data-label="By ranking">{kr(5_000)}' in page
    assert f'data-label="With moves">{kr(0)}' in page
    client = as_user(cast.dines)
    assert "You cannot take it back" in text(client.get(url("adopt")))
    answer = client.post(url("adopt"), follow=True)
    assert "The allocation is adopted." in text(answer)
    mural.refresh_from_db()
    assert (mural.status, mural.recommendations.get().amount) == ("recommended", 0)


def test_a_member_who_tries_to_act_is_told_who_can(proposed, closed, cast, as_user, url):
    client, reference = as_user(cast.esther), closed["Natteradio"].reference
    for page in [url("drop"), url("adopt"), url("move", reference)]:
        assert "Only the chair or the secretariat" in text(client.post(page, follow=True))
    assert queries.laid_forward(proposed.call) == proposed


# --- who stands aside -----------------------------------------------------------------------


@pytest.fixture
def kim(together):
    return factories.seat(factories.user("Kim"), together.committee, "young")


@pytest.fixture
def aside(in_reviews, together, cast, kim):
    """Esther stands aside from Natteradio, which gets the most; all is laid forward."""
    radio, *others = in_reviews.values()
    review.declare_recusal(radio, member=cast.members[1], ground="family", by=cast.esther)
    for member in [cast.members[0], cast.members[2], cast.members[3], kim]:
        factories.clear(radio, member)
        factories.vote(radio, member, points=5)
    voting.close_vote(radio, by=cast.dines)
    for application in others:
        factories.clear(application, kim)
        factories.vote(application, kim, points=4)
        vote_and_close(application, cast, (4, 4, 4, 4))
    return actions.propose(together.call, rule="ranked", by=cast.frida)


def test_who_stands_aside_from_one_sees_the_others_amounts_and_nothing_that_tells_of_it(
    aside, in_reviews, cast, as_user, url
):
    radio = in_reviews["Natteradio"]
    for query in ["", "?other=equal_shares", "?rule=threshold&other=ranked"]:
        page = text(as_user(cast.esther).get(url("allocation", query=query)))
        assert "Natteradio" in page
        assert "Kælderteater" in page
        assert page.count("kr.") == 2  # two lines, an amount each
        told = [radio.reference, "Number ", "shared out", kr(25_000), kr(20_000), "Køge", "left<"]
        for kept in [*told, aside.sha256, aside.record["seed"], "election.pb", "mean"]:
            assert kept not in page
    assert as_user(cast.esther).get(url("election")).status_code == 404


def test_the_others_amounts_stand_in_an_order_that_says_nothing(
    aside, in_reviews, cast, as_user, url
):
    page = text(as_user(cast.esther).get(url("allocation")))
    references = [each.reference for each in in_reviews.values()][1:]
    places = [page.index(reverse("committee:case", args=[each])) for each in references]
    assert places == sorted(places)


def test_nor_does_the_list_of_calls_or_the_receipt_tell_it(aside, in_reviews, cast, as_user, url):
    actions.adopt(aside, by=cast.frida)
    client = as_user(cast.esther)
    assert "Natteradio" not in text(client.get(reverse("committee:allocations")))
    receipt = text(client.get(url("receipt")))
    assert "You can see it later" in receipt
    assert "kr." not in receipt
    assert "Natteradio" not in receipt


def test_when_the_applicant_has_the_answer_who_stood_aside_sees_all_of_it(
    aside, in_reviews, together, cast, as_user, url
):
    actions.adopt(aside, by=cast.frida)
    radio = in_reviews["Natteradio"]
    radio.refresh_from_db()
    client = as_user(cast.esther)
    factories.decide(radio, together, cast, amount=radio.amount_applied_for)
    assert "Number 1" not in text(client.get(url("allocation")))
    decisions.announce([radio], by=cast.frida)
    assert "Number 1" in text(client.get(url("allocation")))
    assert "Where my share went" in text(client.get(url("receipt")))
    assert client.get(url("election")).status_code == 200


def test_who_has_not_answered_about_one_is_kept_out_in_the_same_way(
    in_reviews, together, cast, kim, as_user, url
):
    radio, theatre, _mural = in_reviews.values()
    factories.clear(theatre, kim)
    factories.vote(theatre, kim)
    vote_and_close(theatre, cast, (4, 4, 4, 4))
    vote_and_close(radio, cast, (5, 5, 5, 5), by=cast.frida, close_at=TIME_IS_OVER)
    with clock.at(TIME_IS_OVER):
        actions.propose(together.call, rule="ranked", by=cast.frida)
    page = text(as_user(kim.user).get(url("allocation")))
    assert page.count("kr.") == 1
    assert radio.reference not in page
    assert "Number" not in page


def test_a_substitute_who_was_not_called_in_sees_no_line(proposed, together, as_user, url):
    lis = factories.user("Lis")
    factories.seat(lis, together.committee, "young", is_substitute=True)
    page = text(as_user(lis).get(url("allocation")))
    assert "Nothing for you here" in page
    for kept in ["Natteradio", "kr."]:
        assert kept not in page


def test_a_caseworker_on_the_team_of_one_is_kept_out_in_the_same_way(
    proposed, closed, cast, as_user, url
):
    closed["Natteradio"].team.create(user=cast.frida, name="Frida")
    page = text(as_user(cast.frida).get(url("allocation")))
    assert page.count("kr.") == 2
    assert "Number" not in page
    assert as_user(cast.frida).get(url("election")).status_code == 404


# --- the receipt ----------------------------------------------------------------------------


def test_a_receipt_is_ones_own_and_comes_with_the_adoption(proposed, cast, as_user, url):
    client = as_user(cast.esther)
    assert client.get(url("receipt")).status_code == 404
    actions.adopt(proposed, by=cast.frida)
    page = text(client.get(url("receipt")))
    assert "The receipt of Esther" in page
    assert kr(6_250) in page
    assert "Counted by your points" in page
    assert as_user(cast.frida).get(url("receipt")).status_code == 404  # she has no seat


def test_a_receipt_says_where_the_rest_of_the_share_went(proposed, closed, cast, as_user, url):
    mural = closed["Vægmaleri"]
    actions.move(proposed, mural, amount=0, reason="Ikke i år.", by=cast.frida)
    actions.adopt(proposed, by=cast.frida)
    page = text(as_user(cast.esther).get(url("receipt")))
    assert f"Of your share, {kr(1_250)} went to applications that others supported" in page


# --- the file -------------------------------------------------------------------------------


def test_the_file_is_the_one_that_was_hashed(proposed, cast, as_user, url):
    answer = as_user(cast.esther).get(url("election"))
    assert text(answer) == proposed.election
    assert "attachment" in answer["Content-Disposition"]
    assert "Esther" not in text(answer)


def test_secret_ballots_are_not_handed_out_even_without_names(together, cast, as_user, url):
    Procedure.objects.create(
        committee=together.committee, version=3, recommends="together", ballots="secret"
    )
    application = factories.application_at("in_review", together, cast)
    vote_and_close(application, cast, (4, 4, 4, 4))
    actions.propose(together.call, rule="ranked", by=cast.frida)
    for user in [cast.esther, cast.dines, cast.frida]:
        assert "The ballots were secret" in text(as_user(user).get(url("allocation")))
        assert as_user(user).get(url("election")).status_code == 404


def upload(content, name="some.pb"):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def test_a_file_is_computed_again_and_gives_the_same(proposed, cast, as_user, closed):
    given = {"file": upload(proposed.election), "rule": "ranked", "other": "equal_shares"}
    page = text(as_user(cast.esther).post(reverse("committee:recompute"), given))
    for application in closed.values():
        assert application.reference in page
    assert "Number 2 on the list" in page
    assert "<dd>25.000</dd>" in page


@pytest.mark.parametrize(
    "content, said",
    [
        ("not an election", "The file cannot be read"),
        (b"\xff\xfe\x00PK", "The file is not text"),
        ("", "empty"),
        (b"x" * (LARGEST_FILE + 1), "too large"),
    ],
)
def test_a_wrong_file_gets_a_clear_sentence(together, cast, as_user, content, said):
    given = {"file": upload(content), "rule": "ranked"}
    answer = as_user(cast.esther).post(reverse("committee:recompute"), given)
    assert answer.status_code == 200
    assert said in text(answer)


def test_an_election_that_would_take_hours_is_sent_to_the_command(together, cast, as_user):
    endless = elections.write(approvals(1_000_000, {"all": 900_000}, (3, ["all"])))
    endless = endless.replace("budget;", "step;0.01\nbudget;")
    given = {"file": upload(endless), "rule": "equal_shares"}
    page = text(as_user(cast.esther).post(reverse("committee:recompute"), given))
    assert "Use the command instead." in page


# --- time -----------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_depend_on_the_number_of_applications(
    in_reviews, together, cast, as_user, url
):
    radio, *others = in_reviews.values()
    vote_and_close(radio, cast, (5, 5, 5, 5))
    client, page = as_user(cast.frida), url("allocation", query="?rule=ranked&other=equal_shares")
    few = queries_of(client, page)
    for application in others:
        vote_and_close(application, cast, (4, 4, 4, 4))
    assert queries_of(client, page) == few
    actions.propose(together.call, rule="ranked", by=cast.frida)
    assert queries_of(client, url("allocation")) <= few + 4


def queries_of(client, page):
    client.get(page)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)
