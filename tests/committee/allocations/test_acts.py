"""Laying forward, moving, taking back and adopting."""

import hashlib
import io
import json
from datetime import timedelta
from fractions import Fraction

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from committee import allocation as allocating
from committee import elections
from committee.allocations import actions, queries
from committee.allocations.models import Allocation
from committee.review import actions as review
from committee.seats.models import Procedure
from committee.votes import actions as voting
from grants.applications import actions as applying
from grants.applications.models import Application
from grants.decisions.models import Recommendation
from grants.pools.models import Call
from grants.pools.money import money
from tests import factories
from tests.committee.allocations.conftest import GIVEN, VOTED_AT, vote_and_close
from workflows import audit, clock
from workflows.machine import Refusal
from workflows.models import LogEntry

KR = 100


@pytest.fixture(autouse=True)
def _now(later):
    """After the votes."""


def amounts(applications):
    """{title: recommended amount, in kroner}"""
    found = Recommendation.objects.filter(application__in=applications.values())
    return {row.application.title: row.amount // KR for row in found.select_related("application")}


def refused(code, act, *args, **kwargs):
    with pytest.raises(Refusal) as refusal, transaction.atomic():
        act(*args, **kwargs)
    assert refusal.value.code == code
    return refusal.value.sentence


def test_closed_votes_wait_for_the_allocation_and_open_ones_are_only_counted(
    in_reviews, together, cast
):
    first, *_others = in_reviews.values()
    vote_and_close(first, cast, (5, 5, 5, 5))
    waiting = queries.waiting(together.call)
    assert [window.application for window in waiting.ready] == [first]
    assert (waiting.open, waiting.to_meet) == (2, 0)


def test_what_waits_for_a_meeting_is_not_in_it(in_reviews, together, cast):
    first = in_reviews["Natteradio"]
    factories.clear(first, cast.members[1])
    voting.demand_meeting(first, member=cast.members[1], reason="Tal om det.", by=cast.esther)
    vote_and_close(first, cast, (5, 5, 5, 5))
    waiting = queries.waiting(together.call)
    assert (waiting.ready, waiting.open, waiting.to_meet) == ((), 2, 1)


def test_a_proposal_holds_what_the_rule_makes_and_is_hashed_in_the_log(proposed, closed):
    assert {
        closed_title(closed, reference): amount // KR
        for reference, amount in allocating.recorded(proposed.record).amounts.items()
    } == {"Natteradio": 10_000, "Kælderteater": 10_000, "Vægmaleri": 5_000}
    assert proposed.sha256 == actions.sha256(proposed.election, proposed.record)
    entry = LogEntry.objects.get(event="proposed")
    assert (entry.facts["hash"], entry.subject) == (proposed.sha256, f"allocation:{proposed.pk}")
    assert (entry.facts["amount"], entry.facts["applications"]) == (25_000 * KR, 3)
    assert not Recommendation.objects.exists()


def closed_title(closed, reference):
    return next(each.title for each in closed.values() if each.reference == reference)


def test_the_file_is_described_in_the_pools_own_language(proposed, together):
    assert f"description;{together.call.title}\n" in proposed.election


def test_a_change_of_file_or_record_changes_the_hash(proposed):
    other = dict(proposed.record, seed="chosen")
    assert actions.sha256(proposed.election, other) != proposed.sha256
    assert actions.sha256(proposed.election + "\n", proposed.record) != proposed.sha256


def test_the_lot_is_drawn_from_the_seals(proposed, closed):
    seals = sorted(each.vote_windows.get().seal for each in closed.values())
    assert proposed.record["seed"] == hashlib.sha256("\n".join(seals).encode()).hexdigest()


def test_the_record_can_be_computed_from_the_file_again(proposed):
    counted = elections.count(elections.read(proposed.election))
    again = allocating.allocate("ranked", counted.applications, counted.votes, counted.terms)
    assert again.record() == proposed.record


@pytest.mark.parametrize("rule", sorted(allocating.RULES))
def test_the_command_gives_the_same_from_the_exported_file(closed, together, cast, tmp_path, rule):
    limits = [allocating.Limit("art_form", "media", ceiling=18_000 * KR)]
    proposal = actions.propose(together.call, rule=rule, limits=limits, by=cast.frida)
    path = tmp_path / "election.pb"
    path.write_text(proposal.election)
    out = io.StringIO()
    call_command("allocate", str(path), "--rule", rule, "--json", stdout=out)
    told = json.loads(out.getvalue())
    recorded = allocating.recorded(proposal.record)
    assert {row["id"]: row["cost"] * KR for row in told["funded"]} == {
        line.id: line.amount for line in recorded.funded
    }
    assert [row["id"] for row in told["skipped"]] == [line.id for line in recorded.skipped]
    assert told["spent"] * KR == recorded.spent <= 18_000 * KR


def test_only_one_proposal_lies_before_the_committee(proposed, together, cast):
    refused("faster", actions.propose, together.call, rule="ranked", by=cast.frida)
    actions.drop(proposed, by=cast.frida)
    again = actions.propose(together.call, rule="equal_shares", by=cast.dines)
    assert queries.laid_forward(together.call) == again
    refused("faster", actions.drop, proposed, by=cast.frida)
    refused("faster", actions.adopt, proposed, by=cast.frida)


def test_without_closed_votes_there_is_nothing_to_lay_forward(in_reviews, together, cast):
    assert "No closed vote" in refused(
        "refused", actions.propose, together.call, rule="ranked", by=cast.frida
    )


def test_adopting_recommends_all_of_them_at_once(proposed, closed, cast):
    adopted = actions.adopt(proposed, by=cast.dines)
    assert amounts(closed) == {"Natteradio": 10_000, "Kælderteater": 10_000, "Vægmaleri": 5_000}
    assert {each.status for each in Application.objects.all()} == {"recommended"}
    assert (adopted.adopted_by, adopted.adopted_at) == (cast.dines, clock.now())
    entry = LogEntry.objects.get(event="adopted")
    assert (entry.facts["hash"], entry.facts["moves"]) == (proposed.sha256, 0)
    assert audit.verify().fits
    assert not queries.waiting(proposed.call).ready


def test_what_is_skipped_is_recommended_nothing(closed, together, cast):
    Call.objects.update(budget=20_000 * KR)
    proposal = actions.propose(together.call, rule="ranked", by=cast.frida)
    actions.adopt(proposal, by=cast.frida)
    assert amounts(closed) == {"Natteradio": 10_000, "Kælderteater": 10_000, "Vægmaleri": 0}


def test_people_move_an_application_across_the_line_with_a_written_reason(proposed, closed, cast):
    radio, theatre, mural = closed.values()
    told = "There is room for"
    full = {"amount": 10_000 * KR, "reason": "Den er til alle.", "by": cast.dines}
    assert told in refused("refused", actions.move, proposed, mural, **full)
    actions.move(proposed, radio, amount=0, reason="De har fået før.", by=cast.frida)
    actions.move(proposed, mural, **full)
    actions.adopt(proposed, by=cast.dines)
    assert amounts(closed) == {"Natteradio": 0, "Kælderteater": 10_000, "Vægmaleri": 10_000}
    assert queries.reason_of(mural) == (
        f"It was raised from {money(5_000 * KR)} to {money(10_000 * KR)} by the committee. "
        "“Den er til alle.” By the rule: Number 3 on the list, with a mean of 3.00. "
        f"There was {money(5_000 * KR)} left for it, so it is offered the least that works."
    )
    assert queries.reason_of(theatre) == "Number 2 on the list, with a mean of 4.00."
    moved = LogEntry.objects.filter(event="moved").order_by("number").first()
    assert moved.facts == {"reference": radio.reference, "amount": 0}


@pytest.mark.parametrize(
    "amount, reason, said",
    [
        (5_000 * KR, " ", "Write the reason"),
        (4_999 * KR, "Mindre.", "Give between"),
        (10_001 * KR, "Mere.", "Give between"),
        (10_000 * KR, "Det samme.", "has that amount already"),
    ],
)
def test_a_move_stays_within_what_works_and_says_why(proposed, closed, cast, amount, reason, said):
    radio = closed["Natteradio"]
    given = {"amount": amount, "reason": reason, "by": cast.frida}
    assert said in refused("refused", actions.move, proposed, radio, **given)
    assert not proposed.moves.exists()


def test_no_move_breaks_a_ceiling(closed, together, cast):
    limits = [allocating.Limit("art_form", "media", ceiling=15_000 * KR)]
    proposal = actions.propose(together.call, rule="ranked", limits=limits, by=cast.frida)
    given = {"amount": 5_000 * KR, "reason": "Lidt til alle.", "by": cast.frida}
    said = refused("refused", actions.move, proposal, closed["Vægmaleri"], **given)
    most, left = money(15_000 * KR), money(0)
    assert said == f"Media arts can get at most {most} in all, so there is room for {left} here."


def test_members_see_it_and_only_chair_and_caseworkers_act(proposed, closed, together, cast):
    radio = closed["Natteradio"]
    for who in [cast.esther, cast.hanne, cast.gorm, cast.cille, cast.asta]:
        refused("role", actions.drop, proposed, by=who)
        refused("role", actions.move, proposed, radio, amount=0, reason="Nej.", by=who)
        refused("role", actions.adopt, proposed, by=who)
    actions.drop(proposed, by=cast.dines)
    refused("role", actions.propose, together.call, rule="ranked", by=cast.esther)


def recuse_dines(application, cast):
    review.declare_recusal(application, member=cast.members[0], ground="family", by=cast.dines)


def test_a_chair_who_stands_aside_from_one_leaves_it_to_the_secretariat(in_reviews, together, cast):
    kim = factories.seat(factories.user("Kim"), together.committee, "staff")
    radio, *others = in_reviews.values()
    recuse_dines(radio, cast)
    with clock.at(VOTED_AT + timedelta(days=20)):
        for application in others:
            factories.clear(application, kim)
            factories.vote(application, kim)
            vote_and_close(application, cast, (4, 4, 4, 4), by=cast.frida)
        proposal = actions.propose(together.call, rule="ranked", by=cast.dines)
        actions.drop(proposal, by=cast.dines)
        for member in [kim, *cast.members[1:]]:
            factories.clear(radio, member)
            factories.vote(radio, member)
        voting.close_vote(radio, by=cast.frida)
        said = refused("role", actions.propose, together.call, rule="ranked", by=cast.dines)
        assert "The secretariat can do this" in said
        proposal = actions.propose(together.call, rule="ranked", by=cast.frida)
        refused("role", actions.adopt, proposal, by=cast.dines)
        actions.adopt(proposal, by=cast.frida)


def test_a_caseworker_with_a_part_in_one_leaves_it_to_the_others(closed, together, cast):
    closed["Natteradio"].team.create(user=cast.frida, name="Frida")
    said = refused("role", actions.propose, together.call, rule="ranked", by=cast.frida)
    assert "another caseworker" in said
    actions.propose(together.call, rule="ranked", by=cast.dines)


def test_less_money_than_it_takes_stops_the_adoption_whole(proposed, closed, cast):
    Call.objects.update(budget=24_999 * KR)
    assert "is left now" in refused("budget", actions.adopt, proposed, by=cast.frida)
    assert not Recommendation.objects.exists()
    assert LogEntry.objects.filter(event="adopted").count() == 0


def test_an_application_that_was_withdrawn_stops_the_adoption_whole(proposed, closed, cast):
    applying.withdraw(closed["Natteradio"], by=cast.asta)
    refused("votes", actions.adopt, proposed, by=cast.frida)
    assert not Recommendation.objects.exists()


def test_a_vote_that_was_taken_anew_stops_the_adoption_whole(proposed, closed, cast):
    reopened(closed["Natteradio"])
    refused("votes", actions.adopt, proposed, by=cast.frida)
    assert not Recommendation.objects.exists()


def reopened(application):
    """Its vote is taken anew: another window, which follows the closed one."""
    old = application.vote_windows.get()
    return application.vote_windows.create(
        committee=old.committee,
        procedure=old.procedure,
        weights=old.weights,
        follows=old,
        closes_at=clock.now() + timedelta(hours=2),
    )


def test_another_vote_that_closes_meanwhile_waits_for_the_next_allocation(
    in_reviews, together, cast
):
    *first, last = in_reviews.values()
    for application in first:
        vote_and_close(application, cast, (5, 5, 5, 5))
    proposal = actions.propose(together.call, rule="ranked", by=cast.frida)
    vote_and_close(last, cast, (5, 5, 5, 5))
    actions.adopt(proposal, by=cast.frida)
    assert set(amounts(in_reviews)) == {each.title for each in first}
    second = actions.propose(together.call, rule="ranked", by=cast.frida)
    assert second.record["budget"] == 5_000 * KR
    actions.adopt(second, by=cast.frida)
    assert amounts(in_reviews)[last.title] == 5_000


def test_who_is_against_has_a_share_and_pays_nothing(in_reviews, together, cast):
    radio = in_reviews["Natteradio"]
    vote_and_close(radio, cast, (5, 5, 5, None))
    basis = queries.basis(queries.waiting(together.call).ready)
    jo = str(cast.members[3].pk)
    assert len(basis.votes) == 4
    assert basis.votes[jo] == {}
    assert sum(1 for points in basis.votes.values() if radio.reference in points) == 3


def test_a_substitute_spends_the_share_of_the_seat(in_reviews, together, cast):
    radio, theatre, _mural = in_reviews.values()
    kim = factories.seat(factories.user("Kim"), together.committee, "young", is_substitute=True)
    jo = cast.members[3]
    factories.clear(radio, cast.members[0])
    review.declare_recusal(radio, member=jo, ground="family", by=jo.user)
    review.call_in(radio, member=jo, substitute=kim, by=cast.dines)
    factories.clear(radio, *cast.members[1:3], kim)
    for member in [*cast.members[:3], kim]:
        factories.vote(radio, member)
    voting.close_vote(radio, by=cast.dines)
    vote_and_close(theatre, cast, (4, 4, 4, 4))
    basis = queries.basis(queries.waiting(together.call).ready)
    assert len(basis.votes) == 4
    assert set(basis.votes[str(jo.pk)]) == {radio.reference, theatre.reference}
    proposal = actions.propose(together.call, rule="equal_shares", by=cast.frida)
    actions.adopt(proposal, by=cast.frida)
    mine, theirs = (queries.receipt_of(proposal, member) for member in (jo, kim))
    assert [reference for reference, _amount in mine.own] == [theatre.reference]
    assert [reference for reference, _amount in theirs.own] == [radio.reference]
    assert (mine.share, theirs.share) == (25_000 * KR // 4, 0)


def test_receipts_add_up_to_what_was_adopted(proposed, closed, cast):
    actions.move(proposed, closed["Vægmaleri"], amount=0, reason="Ikke i år.", by=cast.frida)
    adopted = actions.adopt(proposed, by=cast.frida)
    receipts = [queries.receipt_of(adopted, member) for member in cast.members]
    assert sum(receipt.spent for receipt in receipts) == 20_000 * KR
    assert {receipt.share for receipt in receipts} == {25_000 * KR // 4}


def test_the_strictest_of_the_versions_counts(in_reviews, together, cast):
    Procedure.objects.create(
        committee=together.committee, version=3, recommends="together", threshold="3.50"
    )
    asta = next(iter(in_reviews.values())).applicant
    late = factories.application_at("in_review", together, cast, who=asta, title="Film")
    with clock.at(VOTED_AT + timedelta(days=1)):
        vote_and_close(late, cast, (4, 4, 4, 4))
        vote_and_close(in_reviews["Vægmaleri"], cast, (3, 3, 3, 3))
        terms = queries.terms(queries.waiting(together.call).ready)
        assert terms.threshold == Fraction(7, 2)
        assert terms.step == 100 * KR


def test_what_a_home_was_given_this_year_counts_by_inhabitant_exactly(world, cast, application_at):
    world.places[0].population = 3_000
    world.places[0].save()
    given = application_at("awarded", home=world.places[0])
    Procedure.objects.create(committee=world.committee, version=2, recommends="together")
    with clock.at(VOTED_AT + timedelta(days=9)):
        for title, home in zip(GIVEN, world.places, strict=True):
            told = {"who": given.applicant, "title": title, "home": home}
            application = factories.application_at("in_review", world, cast, **told)
            with clock.at(VOTED_AT):
                vote_and_close(application, cast, (4, 4, 4, 4))
        basis = queries.basis(queries.waiting(world.call).ready)
    received = [each.received_per_inhabitant for each in basis.applications]
    assert received == [Fraction(6_700 * KR, 3_000), 0, 0]


def test_raw_sql_cannot_change_what_was_laid_forward_or_adopted(proposed, cast):
    for change in [
        "rule = 'threshold'",
        "record = '{}'",
        "election = ''",
        "sha256 = 'other'",
        f"proposed_by_id = {cast.hanne.pk}",
    ]:
        sql_is_refused(f"UPDATE committee_allocation SET {change}")
    actions.adopt(proposed, by=cast.frida)
    sql_is_refused("UPDATE committee_allocation SET adopted_at = NULL, adopted_by_id = NULL")
    sql_is_refused(f"UPDATE committee_allocation SET adopted_by_id = {cast.hanne.pk}")
    sql_is_refused("UPDATE committee_allocation SET dropped_at = now()")
    sql_is_refused("DELETE FROM committee_allocation")


def test_raw_sql_cannot_move_anything_after_the_adoption(proposed, closed, cast):
    radio = closed["Natteradio"]
    actions.move(proposed, radio, amount=0, reason="Nej.", by=cast.frida)
    sql_is_refused("UPDATE committee_move SET amount = 1")
    sql_is_refused("DELETE FROM committee_move")
    actions.adopt(proposed, by=cast.frida)
    sql_is_refused(
        "INSERT INTO committee_move (allocation_id, application_id, amount, reason, moved_by_id,"
        f" moved_at) VALUES ({proposed.pk}, {radio.pk}, 1, 'x', {cast.frida.pk}, now())"
    )


def sql_is_refused(statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_nothing_can_be_moved_or_adopted_twice(proposed, closed, cast):
    actions.adopt(proposed, by=cast.frida)
    refused("faster", actions.adopt, proposed, by=cast.dines)
    moved = {"amount": 0, "reason": "Nej.", "by": cast.frida}
    refused("faster", actions.move, proposed, closed["Natteradio"], **moved)
    assert Allocation.objects.count() == 1


def test_an_application_that_no_rule_has_answered_has_no_reason(closed, proposed):
    assert {queries.reason_of(application) for application in closed.values()} == {None}
