"""What the database refuses of a vote by raw SQL, as the web's role and as the owner."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from committee.review import actions as review
from committee.votes import actions as voting
from tests import factories


@pytest.fixture(params=["web", "owner"])
def refused(request, db):
    """refused(sentence, statement, *values): whoever asks, it is not done."""

    def ask(sentence, statement, *values):
        with connection.cursor() as cursor:  # a table with work left to do cannot be emptied anyway
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with (
            pytest.raises((IntegrityError, ProgrammingError)) as caught,
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)
        said = str(caught.value)
        assert sentence in said or "permission denied" in said, said

    if request.param == "owner":
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
    return ask


@pytest.fixture
def voted(in_review, cast, votes):
    """All have voted and Esther has a paper; Jo's doubt was settled, and Kim stands aside."""
    jo = cast.members[3]
    factories.clear(in_review, cast.members[0])
    review.declare(in_review, member=jo, answer="unsure", note="?", by=jo.user)
    doubt = in_review.declarations.get(member=jo)
    review.rule(doubt, is_recused=False, reason="Nej.", by=cast.dines)
    votes(in_review, *cast.members)
    esther = cast.members[1]
    voting.save_assessment(
        in_review, member=esther, by=esther.user, scores=factories.scores(in_review)
    )
    kim = factories.seat(factories.user("Kim"), in_review.pool.committee, "young")
    review.declare_recusal(in_review, member=kim, ground="family", by=kim.user)
    return in_review


@pytest.fixture
def closed(voted, cast):
    voting.close_vote(voted, by=cast.dines)
    return voted


WRONG = ['{"1": 6}', '{"1": -1}', '{"1": 2.5}', '{"1": "5"}', '{"1": null}', '{"1": [5]}', "[5]"]


@pytest.mark.parametrize("table", ["committee_vote", "committee_assessment"])
def test_no_score_is_anything_but_0_to_5(voted, refused, table):
    for scores in WRONG:
        refused("from 0 to 5", f"UPDATE {table} SET scores = %s", scores)


@pytest.mark.parametrize(
    "table",
    ["declaration", "ruling", "recusal", "procedure", "substitution", "demand"],
)
def test_what_was_said_is_only_ever_added_to(voted, cast, world, refused, table):
    sif = factories.seat(factories.user("Sif"), world.committee, "young", is_substitute=True)
    jo = cast.members[3]
    review.declare_recusal(voted, member=jo, ground="family", by=jo.user)
    review.call_in(voted, member=jo, substitute=sif, by=cast.frida)
    voting.demand_meeting(voted, member=cast.members[1], reason="Hvem?", by=cast.esther)
    for verb in ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]:
        refused("ever", verb.format(f"committee_{table}"))


@pytest.mark.parametrize("table", ["vote", "assessment", "votewindow"])
def test_a_vote_its_papers_and_its_window_are_never_deleted(voted, refused, table):
    refused("never deleted", f"DELETE FROM committee_{table}")
    refused("never emptied", f"TRUNCATE committee_{table} CASCADE")


@pytest.mark.parametrize(
    "change",
    [
        "closed_at = NULL",
        "closed_at = now()",
        "counted = '{}'",
        "result = '{}'",
        "seal = 'abc'",
        "weights = '{}'",
        "procedure_id = procedure_id + 1",
        "committee_id = committee_id + 1",
        "application_id = application_id + 1",
        "follows_id = id",
        "recommendation_id = NULL",
        "reason = '{}'",
    ],
)
def test_a_closed_window_keeps_its_rules_its_result_and_its_seal(closed, refused, change):
    refused("final", f"UPDATE committee_votewindow SET {change}")


def test_a_vote_closes_with_its_count_or_not_at_all(voted, refused):
    refused("with its count", "UPDATE committee_votewindow SET closed_at = now()")
    refused(
        "with its count",
        "UPDATE committee_votewindow SET closed_at = now(), counted = '{}', seal = 'abc'",
    )


@pytest.mark.parametrize("table", ["vote", "assessment"])
def test_after_the_close_no_vote_and_no_paper_changes_or_comes(closed, cast, refused, table):
    refused("closed", f"UPDATE committee_{table} SET choice = 'against'")
    kim = factories.Member.objects.get(user__name="Kim")
    columns = {"vote": "cast_at, is_taken_over", "assessment": "saved_at, notes"}[table]
    values = {"vote": "now(), false", "assessment": "now(), '{}'"}[table]
    refused(
        "closed",
        f"INSERT INTO committee_{table} (window_id, member_id, choice, amount, scores, {columns})"
        f" VALUES (%s, %s, 'abstain', 0, '{{}}', {values})",
        closed.vote_windows.get().pk,
        kim.pk,
    )


@pytest.mark.parametrize("table", ["vote", "assessment"])
def test_neither_a_vote_nor_a_paper_goes_over_to_another_member_or_window(
    voted, refused, application_at, table
):
    other = application_at("in_review", who=voted.applicant).vote_windows.get()
    kim = factories.Member.objects.get(user__name="Kim")
    for change, value in [("window_id", other.pk), ("member_id", kim.pk)]:
        refused("final", f"UPDATE committee_{table} SET {change} = %s", value)


def test_nobody_votes_twice_or_for_less_than_nothing(voted, refused):
    refused(
        "one_vote_per_member",
        "INSERT INTO committee_vote"
        " (window_id, member_id, choice, amount, scores, cast_at, is_taken_over)"
        " SELECT window_id, member_id, 'abstain', 0, '{}', now(), false FROM committee_vote",
    )
    refused("a_vote_names_zero_or_more", "UPDATE committee_vote SET amount = -1")
