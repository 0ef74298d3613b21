from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.pools.shares import split

ALBERTSLUND, KOEGE, MALMOE = ("DK", "0165"), ("DK", "0259"), ("SE", "1280")

AMOUNTS = st.integers(-(10**15), 10**15)
KEYS = st.tuples(st.sampled_from(["DK", "NO", "SE"]), st.from_regex("[0-9]{4}", fullmatch=True))
WEIGHTS = st.dictionaries(
    KEYS,
    st.one_of(
        st.integers(0, 10**7), st.fractions(min_value=0, max_value=100, max_denominator=10_000)
    ),
    min_size=1,
    max_size=12,
).filter(lambda weights: any(weights.values()))


def test_the_largest_remainder_gets_the_odd_oere():
    weights = {ALBERTSLUND: 28_000, KOEGE: 63_000, MALMOE: 366_000}
    # 61.27, 137.86, 800.87 øre
    assert split(1_000, weights) == {ALBERTSLUND: 61, KOEGE: 138, MALMOE: 801}


def test_equal_remainders_go_by_country_and_code():
    assert split(100, {MALMOE: 1, KOEGE: 1, ALBERTSLUND: 1}) == {
        ALBERTSLUND: 34,
        KOEGE: 33,
        MALMOE: 33,
    }


def test_shares_come_in_the_order_of_their_keys():
    assert list(split(100, {MALMOE: 1, KOEGE: 1, ALBERTSLUND: 1})) == [ALBERTSLUND, KOEGE, MALMOE]


def test_a_percentage_is_a_fraction():
    assert split(1_001, {KOEGE: Fraction(60, 100), MALMOE: Fraction(40, 100)}) == {
        KOEGE: 601,
        MALMOE: 400,
    }


def test_a_repayment_mirrors_the_grant():
    weights = {ALBERTSLUND: 1, KOEGE: 1, MALMOE: 1}
    assert split(-100, weights) == {ALBERTSLUND: -34, KOEGE: -33, MALMOE: -33}


@pytest.mark.parametrize(
    "weights, sentence",
    [
        ({}, "nobody"),
        ({KOEGE: 0, MALMOE: Fraction(0)}, "All weights are zero"),
        ({KOEGE: 3, MALMOE: -1}, "negative"),
    ],
)
def test_unusable_weights_are_refused(weights, sentence):
    with pytest.raises(ValueError, match=sentence):
        split(100, weights)


@given(AMOUNTS, WEIGHTS)
def test_shares_add_up(amount, weights):
    shares = split(amount, weights)
    assert sum(shares.values()) == amount
    assert shares.keys() == weights.keys()


@given(AMOUNTS, WEIGHTS)
def test_a_share_is_less_than_one_oere_from_the_exact_one(amount, weights):
    total = sum(Fraction(weight) for weight in weights.values())
    for key, share in split(amount, weights).items():
        assert abs(share - amount * weights[key] / total) < 1


@given(AMOUNTS, WEIGHTS)
def test_no_weight_no_share(amount, weights):
    shares = split(amount, weights)
    assert all(shares[key] == 0 for key, weight in weights.items() if weight == 0)


@given(AMOUNTS, WEIGHTS)
def test_what_was_given_and_what_came_back_cancel_out(amount, weights):
    given_out, came_back = split(amount, weights), split(-amount, weights)
    assert all(given_out[key] + came_back[key] == 0 for key in weights)


@given(AMOUNTS, WEIGHTS, st.randoms())
def test_the_order_of_the_weights_changes_nothing(amount, weights, random):
    items = list(weights.items())
    random.shuffle(items)
    assert list(split(amount, dict(items)).items()) == list(split(amount, weights).items())


@given(AMOUNTS, WEIGHTS, st.fractions(min_value=Fraction(1, 1000), max_value=1000))
def test_only_the_proportion_of_the_weights_counts(amount, weights, factor):
    scaled = {key: weight * factor for key, weight in weights.items()}
    assert split(amount, scaled) == split(amount, weights)


@given(AMOUNTS, WEIGHTS)
def test_a_heavier_municipality_never_gets_less(amount, weights):
    shares = split(abs(amount), weights)
    in_order = sorted(weights, key=lambda key: (weights[key], shares[key]))
    assert [shares[key] for key in in_order] == sorted(shares.values())
