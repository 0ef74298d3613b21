"""`manage.py recount`: every closed vote is counted again from what is stored."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from committee import tally
from committee.review import actions as review
from committee.votes import actions as voting
from committee.votes import queries
from tests import factories


@pytest.fixture
def closed(application_at, cast, world):
    """A vote that was closed with a ballot that is not counted."""
    kim = factories.seat(factories.user("Kim"), world.committee, "young")
    application = application_at("in_review")
    factories.clear(application, *cast.members, kim)
    for member in [*cast.members, kim]:
        factories.vote(application, member)
    review.declare_recusal(application, member=kim, ground="family", by=kim.user)
    voting.close_vote(application, by=cast.dines)
    return application


def recounted(*references):
    """(the exit code, what was said)"""
    out = io.StringIO()
    try:
        call_command("recount", *references, stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue().strip()
    return 0, out.getvalue().strip()


def behind_the_guards(statement, *values):
    """As somebody would who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = origin")


def test_what_nobody_has_touched_fits(closed, application_at):
    application_at("in_review", who=closed.applicant)
    application_at("recommended", who=closed.applicant)
    assert recounted() == (0, "All closed votes fit: 2 counted again.")
    assert recounted(closed.reference) == (0, "All closed votes fit: 1 counted again.")


def test_a_reference_without_a_closed_vote_is_an_error(application_at):
    with pytest.raises(CommandError, match="no closed vote"):
        recounted(application_at("in_review").reference)


RESULT = "the result is not what the ballots come to"
SEAL = "the seal is not that of the ballots"
BALLOTS = "there are ballots that cannot have been cast"


@pytest.mark.parametrize(
    "change, why",
    [
        ("UPDATE committee_vote SET choice = 'against'", RESULT),
        ("UPDATE committee_vote SET amount = amount - 1", RESULT),
        ("DELETE FROM committee_vote", RESULT),
        ("UPDATE committee_procedure SET threshold = 5", RESULT),
        ("UPDATE committee_procedure SET rounding = rounding + 1", SEAL),
        ("UPDATE committee_vote SET scores = '{}'", BALLOTS),
        ("UPDATE committee_vote SET scores = '{\"1\": 2.0}'", BALLOTS),
        ("UPDATE committee_votewindow SET result = '{}'", RESULT),
        ("UPDATE committee_votewindow SET seal = repeat('0', 64)", SEAL),
        ("UPDATE committee_votewindow SET counted = jsonb_set(counted, '{chair}', '\"\"')", SEAL),
        ("UPDATE committee_votewindow SET counted = NULL", "what it was counted from is not there"),
    ],
)
def test_what_was_altered_behind_the_guards_is_found(closed, change, why):
    behind_the_guards(change)
    code, said = recounted()
    assert code == 1
    assert said == f"{closed.reference} does NOT fit: {why}. (0 before it fit)"


def test_a_ballot_that_was_not_counted_cannot_be_altered_unseen_either(closed):
    behind_the_guards(
        "UPDATE committee_vote SET choice = 'against', amount = 0 WHERE member_id ="
        " (SELECT id FROM committee_member ORDER BY id DESC LIMIT 1)"
    )
    assert recounted() == (1, f"{closed.reference} does NOT fit: {SEAL}. (0 before it fit)")


def test_a_ballot_that_was_put_in_later_is_found(closed, world):
    lis = factories.seat(factories.user("Lis"), world.committee, "staff")
    behind_the_guards(
        "INSERT INTO committee_vote"
        " (window_id, member_id, choice, amount, scores, cast_at, is_taken_over)"
        " VALUES (%s, %s, 'abstain', 0, '{}', now(), false)",
        closed.vote_windows.get().pk,
        lis.pk,
    )
    assert recounted()[1].startswith(f"{closed.reference} does NOT fit: {BALLOTS}")


def test_a_result_that_was_altered_with_its_seal_is_found_by_the_log(closed):
    """Ballots, result and seal written anew, and in agreement: only the log knows better."""
    window = closed.vote_windows.get()
    behind_the_guards("UPDATE committee_vote SET choice = 'against', amount = 0")
    poll = queries.poll(queries.windows().get(pk=window.pk))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    type(window).objects.filter(pk=window.pk).update(
        result=tally.record(tally.tally(poll)), seal=tally.seal(poll, window.salt)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")
    assert recounted() == (
        1,
        f"{closed.reference} does NOT fit: the log has another hash. (0 before it fit)",
    )
