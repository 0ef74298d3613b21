"""What hints at a conflict, and what does not: facts in, hints out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committee.review.hints import Address, Association, Hint, Matter, Who, hints, hints_to_others

HOME = Address("Nørregade 3, 2. tv.", "4600")
ESTHER = Who(user=1, name="Esther Aagaard", email="esther@aagaard.dk", is_staff=False, home=10)
STAFF = replace(ESTHER, email="esther@koege.dk", is_staff=True)
RADIO = Association("Natteradio", "12345674")
NOTHING = Matter(users=frozenset({7}), household=("Bo Lund",), emails=("bo@lund.dk",), home=11)


def codes(who, **facts):
    return [hint.code for hint in hints(who, replace(NOTHING, **facts))]


def test_nothing_in_common_hints_at_nothing():
    assert codes(ESTHER) == []


def test_a_part_in_it_oneself_is_the_one_hint():
    assert codes(ESTHER, users=frozenset({1, 7}), emails=("esther+puljen@aagaard.dk",)) == [
        "own_part"
    ]


@pytest.mark.parametrize(
    "name, address, hinted",
    [
        ("Bo Aagaard", HOME, True),
        ("Bo Ågård", Address("nørregade 3 2 tv", "46 00"), True),
        ("Bo Lund", HOME, False),
        ("Bo Aagaard", Address("Nørregade 3, 2. th.", "4600"), False),
        ("Bo Aagaard", Address("Nørregade 3, 2. tv.", "2650"), False),
        ("Bo Aagaard", Address("", ""), False),
    ],
)
def test_a_surname_hints_only_with_the_address_however_both_are_typed(name, address, hinted):
    who = replace(ESTHER, addresses=(Address("Vestergade 1", "1000"), HOME))
    assert codes(who, household=("Asta Lund", name), address=address) == ["same_home"] * hinted


def test_an_address_that_nobody_has_given_is_nobodys():
    who = replace(ESTHER, addresses=(Address("", ""),))
    assert codes(who, household=("Bo Aagaard",), address=Address("", "")) == []


@pytest.mark.parametrize(
    "mine, theirs, found",
    [
        ("esther@gmail.com", "Esther+pulje@Gmail.com", "same_mailbox"),
        ("esther@aagaard.dk", "bo@aagaard.dk", "same_domain"),
        ("esther@koege.dk", "ungdomsskolen@koege.dk", "same_domain"),
        ("esther@gmail.com", "bo@gmail.com", ""),
        ("esther@hotmail.dk", "bo@hotmail.dk", ""),
        ("esther@demo.ungepuljen.example", "bo@demo.ungepuljen.example", ""),
        ("esther@example.org", "bo@example.org", ""),
        ("esther@koege.dk", "bo@ikke-koege.dk", ""),
    ],
)
def test_an_address_hints_when_it_is_shared_or_of_a_domain_that_is_not_anybodys(
    mine, theirs, found
):
    assert codes(replace(ESTHER, email=mine), emails=("x@lund.dk", theirs)) == [found] * bool(found)


@pytest.mark.parametrize(
    "post, hinted",
    [
        ("Formand for Natteradio", True),
        ("NATTERADIO", True),
        ("Kasserer, CVR 12 34 56 74", True),
        ("Natteradioen", False),
        ("Formand", False),
        ("CVR 12345675", False),
    ],
)
def test_a_post_hints_at_the_association_by_name_or_number(post, hinted):
    who = replace(ESTHER, posts=("Aftenskolen", post))
    assert hints(who, replace(NOTHING, association=RADIO)) == (
        [Hint("same_association", "Natteradio")] * hinted
    )


def test_who_has_applied_for_the_association_before_is_hinted_at():
    by_number = replace(ESTHER, associations=(Association("Nattens radio", RADIO.cvr),))
    by_name = replace(ESTHER, associations=(Association("Foreningen Natteradio"),))
    for who in (by_number, by_name):
        assert codes(who, association=RADIO) == ["same_association"]


def test_two_without_a_number_have_no_number_in_common():
    who = replace(ESTHER, associations=(Association("Kælderteatret"),))
    assert codes(who, association=Association("Natteradio")) == []


def test_a_name_that_stands_in_too_many_others_hints_at_nothing():
    assert codes(replace(ESTHER, posts=("Kor",)), association=Association("Køge Kor")) == []


def test_where_it_happens_hints_when_it_is_a_post_and_not_when_it_is_a_town():
    who = replace(ESTHER, posts=("Kulturhuset i Roskilde",))
    assert hints(who, replace(NOTHING, place="Salen, Kulturhuset i Roskilde")) == [
        Hint("same_place", "Kulturhuset i Roskilde")
    ]
    assert codes(who, place="Roskilde") == []


@pytest.mark.parametrize(
    "who, name, home, hinted",
    [
        (STAFF, "Køge Ungdomsskole", 10, True),
        (STAFF, "Køge Kommune, Ungehuset", 10, True),
        (STAFF, "Malmö Kulturskola", 10, True),
        (STAFF, "Køge Ungdomsskole", 11, False),
        (STAFF, "Køge Filmklub", 10, False),
        (ESTHER, "Køge Ungdomsskole", 10, False),
    ],
)
def test_staff_are_hinted_at_what_their_own_municipality_seems_to_run(who, name, home, hinted):
    facts = {"association": Association(name), "home": home, "home_name": "Køge"}
    assert codes(who, **facts) == ["own_municipality"] * hinted


def test_an_institution_that_is_a_post_is_told_once():
    who = replace(STAFF, posts=("Køge Ungdomsskole",))
    facts = {"association": Association("Køge Ungdomsskole"), "home": 10, "home_name": "Køge"}
    assert codes(who, **facts) == ["same_association"]


ALIKE = replace(
    STAFF,
    name="Bo Lund",
    posts=("Natteradio", "Vaskeriet"),
    addresses=(HOME,),
    email="bo+a@lund.dk",
)
ALL = Matter(
    household=("Bo Lund",),
    address=HOME,
    emails=("bo@lund.dk",),
    association=RADIO,
    place="Vaskeriet",
    home=10,
    home_name="Køge",
)


def test_a_protected_applicant_is_hinted_at_to_nobody_but_who_takes_part():
    assert len(hints(ALIKE, ALL)) == 4
    hidden = replace(ALL, is_protected=True)
    assert hints(ALIKE, hidden) == []
    taking_part = replace(hidden, users=frozenset({ALIKE.user}))
    assert hints(ALIKE, taking_part) == [Hint("own_part")]
    assert hints_to_others(ALIKE, taking_part) == []


def test_the_chair_is_told_what_the_member_is_in_other_words():
    assert hints_to_others(ALIKE, ALL) == hints(ALIKE, ALL)
    for hint in hints(ALIKE, ALL):
        assert "you" not in hint.to_others.casefold()


@pytest.mark.parametrize("kept", ["Nørregade", "4600", "bo@lund.dk", "Bo Lund"])
def test_no_sentence_tells_an_address_or_who_it_is(kept):
    told = [text for hint in hints(ALIKE, ALL) for text in (hint.to_member, hint.to_others)]
    assert kept not in " ".join(told)


texts = st.text(max_size=40)


@given(
    name=texts,
    email=texts,
    posts=st.lists(texts, max_size=3),
    street=texts,
    other=texts,
    place=texts,
)
def test_whatever_somebody_has_typed_each_hint_has_its_sentences(
    name, email, posts, street, other, place
):
    who = replace(ALIKE, name=name, email=email, posts=tuple(posts))
    who = replace(who, addresses=(Address(street, street),))
    matter = replace(ALL, household=(other, name), address=Address(street, street), place=place)
    matter = replace(matter, emails=(email,), association=Association(other))
    for hint in hints(who, matter):
        assert hint.to_member
        assert hint.to_others
