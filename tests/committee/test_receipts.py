"""Where a member's share of the money went; and what another rule would change."""

from hypothesis import given
from hypothesis import strategies as st

from committee.allocation import allocate, move
from committee.receipts import Receipt, receipts
from committee.side_by_side import Change, compare
from tests.committee.test_allocation import KR, RULES, VOTES, cases, tallied, terms

APPLICATIONS = [
    tallied("concert", 5_000, 3, municipalities={"101": 1}),
    tallied("film", 3_500, 4, municipalities={"101": 1, "147": 1}),
    tallied("mural", 1_500, 2, municipalities={"147": 1}),
]


def test_a_receipt_says_what_my_share_bought():
    proposal = allocate("equal_shares", APPLICATIONS, VOTES, terms(9_000))
    assert receipts(proposal, VOTES)["asta"] == Receipt(
        share=3_000 * KR,
        own=(("mural", 300 * KR), ("concert", 2_500 * KR)),
        by_points=(),
    )


def test_by_rank_the_money_counts_by_points():
    proposal = allocate("ranked", APPLICATIONS, VOTES, terms(8_500))
    cille = receipts(proposal, VOTES)["cille"]
    assert cille.by_points == (("film", 3_500 * KR),)
    assert (cille.share, cille.spent) == (283_333, 3_500 * KR)
    bo = receipts(proposal, VOTES)["bo"]
    assert bo.by_points == (("concert", 2_500 * KR),)
    assert (bo.rest, cille.rest) == (283_333 - 2_500 * KR, 0)


def test_what_people_moved_is_nobodys_own_purchase():
    proposal = allocate("equal_shares", APPLICATIONS, VOTES, terms(9_000))
    concert = APPLICATIONS[0]
    moved = move(proposal, APPLICATIONS, concert, concert.amount)
    assert receipts(moved, VOTES)["bo"].by_points == (("concert", 2_500 * KR),)
    assert receipts(moved, VOTES)["bo"].own == ()


@given(cases(), st.sampled_from(RULES))
def test_receipts_add_up_to_what_was_given_to_the_ore(case, rule):
    applications, votes, its_terms = case
    proposal = allocate(rule, applications, votes, its_terms)
    on_receipts = {}
    for receipt in receipts(proposal, votes).values():
        for application, amount in (*receipt.own, *receipt.by_points):
            on_receipts[application] = on_receipts.get(application, 0) + amount
    for line in proposal.funded:
        wanted = any(points.get(line.id, 0) > 0 for points in votes.values())
        assert on_receipts.get(line.id, 0) == (line.amount if wanted else 0)


def test_side_by_side_shows_what_changes_and_who_gains():
    first = allocate("ranked", APPLICATIONS, VOTES, terms(9_000))
    second = allocate("equal_shares", APPLICATIONS, VOTES, terms(9_000))
    compared = compare(first, second, APPLICATIONS)
    assert compared.applications == (
        Change("film", 3_500 * KR, 0),
        Change("mural", 0, 1_500 * KR),
    )
    assert compared.municipalities == (
        Change("101", 6_750 * KR, 5_000 * KR),
        Change("147", 1_750 * KR, 1_500 * KR),
    )
    assert [each.gain for each in compared.municipalities] == [-1_750 * KR, -250 * KR]


@given(cases())
def test_the_same_proposal_changes_nothing(case):
    applications, votes, its_terms = case
    proposal = allocate("ranked", applications, votes, its_terms)
    compared = compare(proposal, proposal, applications)
    assert compared.applications == ()
    assert not any(each.gain for each in compared.municipalities)


def test_nobody_has_no_receipt():
    proposal = allocate("ranked", [tallied("a", 100)], {}, terms(100))
    assert receipts(proposal, {}) == {}
