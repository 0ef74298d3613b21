"""The rules of a call, first by examples, then by what is true of every application."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from grants.pools.rules import Closed, Facts, Rules, first_day, judge, spelled_out, worst_first

KR = 100
ALBERTSLUND, KOEGE, MALMOE, AARHUS = ("DK", "0165"), ("DK", "0259"), ("SE", "1280"), ("DK", "0751")
PAYING = frozenset([ALBERTSLUND, KOEGE, MALMOE])
MONDAY = date(2026, 3, 2)
EASTER = Closed(date(2026, 3, 28), date(2026, 4, 6), "The houses are closed at Easter")

PLAIN = Rules(
    age_from=13,
    age_to=25,
    least_amount=500 * KR,
    greatest_amount=10_000 * KR,
    municipalities=PAYING,
)
STRICT = replace(
    PLAIN,
    kinds=("group", "association"),
    residence="either",
    greatest_budget=30_000 * KR,
    days_before_start=14,
    black_outs=(EASTER,),
    awards_per_year=1,
    allows_own_wages=False,
    must_be_public=True,
    least_municipalities=2,
)
FITTING = Facts(
    applied_on=MONDAY,
    age=16,
    kind="group",
    home=KOEGE,
    places=frozenset([KOEGE, MALMOE]),
    starts_on=date(2026, 5, 1),
    ends_on=date(2026, 5, 3),
    amount=8_000 * KR,
    whole_budget=12_000 * KR,
    income=4_000 * KR,
    own_wages=False,
    is_public=True,
    awards_this_year=0,
)
# The rule, and the facts that it reads.
READ_BY = {
    "age": {"age"},
    "kind": {"kind"},
    "awards_per_year": {"awards_this_year"},
    "residence": {"home", "places"},
    "municipalities": {"places"},
    "days_before_start": {"applied_on", "starts_on"},
    "not_begun": {"applied_on", "starts_on"},
    "dates": {"starts_on", "ends_on"},
    "black_outs": {"starts_on", "ends_on"},
    "public": {"is_public"},
    "amount": {"amount"},
    "whole_budget": {"whole_budget"},
    "balance": {"amount", "whole_budget", "income"},
    "own_wages": {"own_wages"},
}


@pytest.fixture(autouse=True, scope="module")
def _in_english():
    with translation.override("en"):
        yield


def verdict(rule, rules=STRICT, **facts):
    """What the rule says of an application that fits, but for these facts."""
    return next(each for each in judge(rules, replace(FITTING, **facts)) if each.rule == rule)


def holds(rule, rules=STRICT, **facts):
    return verdict(rule, rules, **facts).holds


# --- by examples ----------------------------------------------------------------------------------


def test_what_fits_holds_by_every_rule():
    assert {each.rule: each.holds for each in judge(STRICT, FITTING)} == dict.fromkeys(
        READ_BY, True
    )


def test_a_plain_call_has_few_rules():
    rules = [each.rule for each in judge(PLAIN, FITTING)]
    assert rules == ["age", "not_begun", "dates", "amount", "balance"]


def test_who_knows_nothing_is_told_what_to_say():
    told = judge(STRICT, Facts())
    assert {each.state for each in told} == {"unknown"}
    assert told[0].sentence == "Say how old you are: the call is for 13 to 25 years."


@pytest.mark.parametrize(
    "age, fits", [(12, False), (13, True), (25, True), (26, False), (0, False)]
)
def test_both_ends_of_the_age_band_are_within_it(age, fits):
    assert holds("age", age=age) is fits


def test_a_broken_rule_says_what_to_do_and_where():
    broken = verdict("age", age=12)
    assert broken.field == "birth_date"
    assert broken.sentence == (
        "The contact has to be between 13 and 25 years old, and is 12. "
        "Let somebody of that age apply."
    )


def test_what_is_broken_comes_first_and_else_the_order_stays():
    told = worst_first(judge(STRICT, replace(FITTING, age=12, amount=None, is_public=False)))
    assert [each.state for each in told] == ["broken"] * 2 + ["unknown"] * 2 + ["holds"] * 10
    assert [each.rule for each in told[:2]] == ["age", "public"]


def test_a_call_can_be_for_some_kinds_of_applicants_only():
    assert holds("kind", kind="association") is True
    assert verdict("kind", kind="person").sentence == (
        "The call is only for a group of friends or an association. "
        "Apply as that, or find another call."
    )


@pytest.mark.parametrize(
    "residence, home, places, expected",
    [
        ("home", KOEGE, [AARHUS], True),
        ("home", AARHUS, [KOEGE], False),
        ("home", None, [KOEGE], None),
        ("activity", AARHUS, [AARHUS, MALMOE], True),
        ("activity", KOEGE, [AARHUS], False),
        ("activity", KOEGE, None, None),
        ("either", KOEGE, None, True),
        ("either", None, [MALMOE], True),
        ("either", AARHUS, [KOEGE], True),
        ("either", AARHUS, None, None),
        ("either", None, [AARHUS], None),
        ("either", AARHUS, [AARHUS], False),
    ],
)
def test_the_home_or_the_place_belongs_to_the_pool(residence, home, places, expected):
    rules = replace(STRICT, residence=residence)
    there = None if places is None else frozenset(places)
    assert holds("residence", rules, home=home, places=there) is expected


def test_where_it_has_to_happen_is_about_the_place_and_not_the_home():
    assert verdict("residence", replace(STRICT, residence="activity")).field == "municipal_parts"
    assert verdict("residence", replace(STRICT, residence="home")).field == "home"


def test_it_happens_in_enough_municipalities():
    assert holds("municipalities", places=frozenset([KOEGE])) is False
    assert holds("municipalities", places=frozenset([KOEGE, AARHUS])) is True


@pytest.mark.parametrize(
    "amount, fits",
    [(499, False), (500, True), (10_000, True), (10_001, False)],
)
def test_both_ends_of_the_amounts_can_be_applied_for(amount, fits):
    assert holds("amount", amount=amount * KR) is fits


def test_one_oere_too_much_is_too_much():
    assert holds("amount", amount=10_000 * KR + 1) is False
    assert holds("whole_budget", whole_budget=30_000 * KR) is True
    assert holds("whole_budget", whole_budget=30_000 * KR + 1) is False


@pytest.mark.parametrize("days, fits", [(-1, False), (0, False), (13, False), (14, True)])
def test_days_before_the_start_are_counted_from_the_day_of_applying(days, fits):
    assert holds("days_before_start", starts_on=MONDAY + timedelta(days=days)) is fits


def test_the_first_possible_day_is_named():
    assert verdict("days_before_start", starts_on=MONDAY).sentence == (
        "It has to begin at least 14 days after it is sent. Choose 16 March 2026 or later."
    )


def test_the_29th_of_february_is_a_day():
    begins = {"applied_on": date(2028, 2, 15), "starts_on": date(2028, 2, 29)}
    assert holds("days_before_start", **begins) is True
    assert first_day(STRICT, date(2027, 2, 15)) == date(2027, 3, 1)


def test_what_begins_today_has_not_begun():
    assert holds("not_begun", starts_on=MONDAY) is True
    assert holds("not_begun", starts_on=MONDAY - timedelta(days=1)) is False


def test_a_project_of_one_day_ends_when_it_begins():
    assert holds("dates", starts_on=MONDAY, ends_on=MONDAY) is True
    assert holds("dates", starts_on=MONDAY, ends_on=MONDAY - timedelta(days=1)) is False


@pytest.mark.parametrize(
    "starts_on, ends_on, fits",
    [
        (date(2026, 3, 20), date(2026, 3, 27), True),
        (date(2026, 3, 20), date(2026, 3, 28), False),  # its last day is the first one closed
        (date(2026, 3, 1), date(2026, 5, 1), False),  # closed in the middle of it
        (date(2026, 3, 30), date(2026, 3, 31), False),
        (date(2026, 4, 6), date(2026, 4, 10), False),
        (date(2026, 4, 7), date(2026, 4, 10), True),
        (date(2026, 4, 10), date(2026, 3, 20), False),  # whichever way round
        (date(2026, 3, 30), None, False),
        (None, date(2026, 4, 1), False),
        (date(2026, 3, 20), None, None),
        (None, None, None),
    ],
)
def test_a_black_out_that_covers_a_part_is_in_the_way(starts_on, ends_on, fits):
    assert holds("black_outs", starts_on=starts_on, ends_on=ends_on) is fits


def test_a_black_out_says_why_and_when():
    assert verdict("black_outs", starts_on=date(2026, 4, 1)).sentence == (
        "The houses are closed at Easter: nothing can happen from 28 March 2026 to 6 April 2026. "
        "Choose other dates."
    )


def test_grants_are_counted_within_the_year():
    twice = replace(STRICT, awards_per_year=2)
    assert [holds("awards_per_year", twice, awards_this_year=n) for n in (1, 2)] == [True, False]


def test_a_call_that_gives_nobody_a_second_time_can_give_nobody_at_all():
    assert holds("awards_per_year", replace(STRICT, awards_per_year=0)) is False


def test_the_budget_balances_to_the_oere():
    assert holds("balance") is True
    assert verdict("balance", income=3_999 * KR).sentence == (
        "The budget does not balance: expenses are 12.000,00\u00a0kr. in all, but what you apply "
        "for and other income come to 11.999,00\u00a0kr. together. Make them the same."
    )


def test_own_wages_and_closed_doors_are_in_the_way_where_the_call_says_so():
    told = {"own_wages": True, "is_public": False}
    assert [holds(rule, **told) for rule in ("own_wages", "public")] == [False, False]
    rules = {each.rule for each in judge(PLAIN, replace(FITTING, **told))}
    assert not rules & {"own_wages", "public"}


def test_the_rules_are_spelled_out_beforehand():
    assert [sentence for _rule, sentence in spelled_out(STRICT)] == [
        (
            "You are between 13 and 25 years old. "
            "In a group or an association that goes for the contact."
        ),
        "You apply as a group of friends or an association.",
        "You live in one of the pool's municipalities, or it happens in one.",
        "It happens in at least 2 municipalities.",
        "You can get at most 1 grant a year.",
        "It begins at least 14 days after you have sent the application.",
        "The houses are closed at Easter: nothing can happen from 28 March 2026 to 6 April 2026.",
        "It is open to the public.",
        "It costs at most 30.000,00\u00a0kr. in all.",
        "The money is not for wages to those who apply.",
    ]
    assert [sentence for _rule, sentence in spelled_out(PLAIN)] == [
        (
            "You are between 13 and 25 years old. "
            "In a group or an association that goes for the contact."
        ),
        "You apply as one person, a group of friends or an association.",
        "It has not begun when you send the application.",
    ]


# --- what is true of every application ------------------------------------------------------------

OERE = st.integers(0, 2**63 - 1)
PLACES = st.sampled_from([ALBERTSLUND, KOEGE, MALMOE, AARHUS, ("NO", "0301")])
DAYS = st.one_of(st.dates(), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
CLOSED = st.builds(
    lambda starts_on, days, reason: Closed(
        starts_on, date.fromordinal(min(starts_on.toordinal() + days, 3652059)), reason
    ),
    DAYS,
    st.integers(0, 60),
    st.text(max_size=20),
)
RULES = st.builds(
    Rules,
    age_from=st.integers(0, 40),
    age_to=st.integers(0, 40),
    least_amount=OERE,
    greatest_amount=OERE,
    kinds=st.sampled_from([("person",), ("group", "association"), STRICT.kinds, PLAIN.kinds]),
    residence=st.sampled_from(["anywhere", "home", "activity", "either"]),
    municipalities=st.frozensets(PLACES),
    greatest_budget=st.none() | OERE,
    days_before_start=st.integers(0, 32767),
    black_outs=st.lists(CLOSED, max_size=3).map(tuple),
    awards_per_year=st.none() | st.integers(0, 5),
    allows_own_wages=st.booleans(),
    must_be_public=st.booleans(),
    least_municipalities=st.integers(1, 4),
)
FACT = {
    "applied_on": DAYS,
    "age": st.integers(0, 120),
    "kind": st.sampled_from(["person", "group", "association", "something else"]),
    "home": PLACES,
    "places": st.frozensets(PLACES),
    "starts_on": DAYS,
    "ends_on": DAYS,
    "amount": OERE,
    "whole_budget": OERE,
    "income": OERE,
    "own_wages": st.booleans(),
    "is_public": st.booleans(),
    "awards_this_year": st.integers(0, 9),
}
FACTS = st.builds(Facts, **{name: st.none() | known for name, known in FACT.items()})


def test_every_fact_has_its_rules():
    assert {field.name for field in fields(Facts)} == set(FACT) == set().union(*READ_BY.values())


@given(RULES, FACTS)
def test_whatever_is_said_each_rule_answers_once_and_in_words(rules, facts):
    told = judge(rules, facts)
    assert len({each.rule for each in told}) == len(told)
    assert all(each.sentence and each.field for each in told)
    assert {each.rule for each in told} <= set(READ_BY)


@given(RULES)
def test_who_has_said_nothing_has_broken_nothing(rules):
    assert all(each.holds is None for each in judge(rules, Facts()))


@given(RULES, FACTS, st.sets(st.sampled_from(sorted(FACT))))
def test_a_rule_is_about_its_own_facts_and_no_others(rules, facts, hidden):
    """What a rule does not read cannot change its verdict, nor its sentence."""
    fewer = {each.rule: each for each in judge(rules, replace(facts, **dict.fromkeys(hidden)))}
    for each in judge(rules, facts):
        if not READ_BY[each.rule] & hidden:
            assert fewer[each.rule] == each


@given(RULES, FACTS, st.data())
def test_once_known_more_facts_change_no_verdict(rules, facts, data):
    """So nothing broken is repaired by telling more, and nothing that held is lost by it."""
    unsaid = [name for name in FACT if getattr(facts, name) is None]
    assume(unsaid)
    name = data.draw(st.sampled_from(unsaid))
    more = replace(facts, **{name: data.draw(FACT[name])})
    after = {each.rule: each.holds for each in judge(rules, more)}
    for each in judge(rules, facts):
        assert each.holds is None or after[each.rule] is each.holds


@given(RULES, FACTS)
def test_what_is_all_known_is_settled(rules, facts):
    known = {name: getattr(facts, name) for name in FACT}
    for each in judge(rules, facts):
        if all(known[name] is not None for name in READ_BY[each.rule]):
            assert each.holds is not None


@given(RULES, st.data())
def test_an_earlier_start_repairs_no_lack_of_days(rules, data):
    earlier, later = sorted([data.draw(DAYS), data.draw(DAYS)])
    applied_on = data.draw(DAYS)
    early, late = (
        {
            each.rule: each.holds
            for each in judge(rules, Facts(applied_on=applied_on, starts_on=starts_on))
        }
        for starts_on in (earlier, later)
    )
    for rule in {"days_before_start", "not_begun"} & set(early):
        assert late[rule] or not early[rule]


@given(RULES, st.data())
def test_who_waits_with_sending_repairs_no_lack_of_days(rules, data):
    earlier, later = sorted([data.draw(DAYS), data.draw(DAYS)])
    starts_on = data.draw(DAYS)
    early, late = (
        {
            each.rule: each.holds
            for each in judge(rules, Facts(applied_on=applied_on, starts_on=starts_on))
        }
        for applied_on in (earlier, later)
    )
    for rule in {"days_before_start", "not_begun"} & set(early):
        assert early[rule] or not late[rule]


@given(RULES, DAYS)
def test_the_first_day_that_is_named_is_one_that_fits(rules, applied_on):
    assume(applied_on.toordinal() + rules.days_before_start <= date.max.toordinal())
    starts_on = first_day(rules, applied_on)
    told = judge(rules, Facts(applied_on=applied_on, starts_on=starts_on))
    assert all(each.holds for each in told if each.rule in {"days_before_start", "not_begun"})


@given(RULES, FACTS, PLACES)
def test_one_municipality_more_breaks_no_rule(rules, facts, place):
    assume(facts.places is not None)
    after = {
        each.rule: each.holds
        for each in judge(rules, replace(facts, places=facts.places | {place}))
    }
    for each in judge(rules, facts):
        assert not each.holds or after[each.rule]


@given(RULES, FACTS)
def test_a_dearer_project_repairs_no_budget_that_is_too_large(rules, facts):
    assume(facts.whole_budget is not None)
    dearer = replace(facts, whole_budget=facts.whole_budget + 1)
    after = {each.rule: each.holds for each in judge(rules, dearer)}
    for each in judge(rules, facts):
        if each.rule == "whole_budget":
            assert each.holds or not after["whole_budget"]


@given(RULES, FACTS, st.integers(1, 9))
def test_one_grant_more_repairs_no_rule(rules, facts, more):
    assume(facts.awards_this_year is not None)
    after = {
        each.rule: each.holds
        for each in judge(rules, replace(facts, awards_this_year=facts.awards_this_year + more))
    }
    for each in judge(rules, facts):
        assert each.holds is not False or after[each.rule] is False


@given(RULES, FACTS, CLOSED)
def test_one_black_out_more_repairs_no_dates(rules, facts, closed):
    stricter = replace(rules, black_outs=(*rules.black_outs, closed))
    before = {each.rule: each.holds for each in judge(rules, facts)}
    after = {each.rule: each.holds for each in judge(stricter, facts)}
    assert before.get("black_outs") is not False or after["black_outs"] is False


@given(RULES)
def test_what_is_spelled_out_is_what_is_judged(rules):
    """Nobody is turned down by a rule that was not told; amounts and sums stand by themselves."""
    judged = {each.rule for each in judge(rules, Facts())}
    told = {rule for rule, _sentence in spelled_out(rules)}
    assert judged - told <= {"amount", "balance", "dates", "not_begun"}
    assert told <= judged | {"kind"}
