"""What may change in a budget without asking, for all budgets there can be."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from grants.decisions.budgets import Line, balance, is_within, wanting_permission

amounts = st.integers(min_value=1, max_value=10**9)
percents = st.integers(min_value=0, max_value=100)
budgets = st.lists(
    st.builds(
        Line,
        key=st.text("abcdef0123456789", min_size=1, max_size=10),
        kind=st.sampled_from(["expense", "income"]),
        text=st.text(min_size=1, max_size=20),
        amount=amounts,
    ),
    unique_by=lambda line: line.key,
    max_size=8,
)


@given(budgets, percents)
def test_the_same_budget_wants_nothing(budget, percent):
    assert wanting_permission(budget, budget, percent) == set()
    assert wanting_permission(budget, budget[::-1], percent) == set()


@given(amounts, amounts, percents)
def test_a_line_may_move_by_exactly_the_percent_and_no_further(agreed, real, percent):
    most = agreed * percent / 100
    assume(abs(most - abs(real - agreed)) > 1e-6 or agreed * percent % 100 == 0)
    assert is_within(agreed, real, percent) == (abs(real - agreed) <= most)


@given(amounts, st.integers(min_value=0, max_value=10**9), percents)
def test_more_and_less_are_measured_alike(agreed, by, percent):
    assert is_within(agreed, agreed + by, percent) == is_within(agreed, agreed - by, percent)


def test_ten_percent_to_the_ore():
    assert is_within(1_000_00, 1_100_00, 10)
    assert not is_within(1_000_00, 1_100_01, 10)
    assert is_within(999, 1098, 10)  # 99,9 øre are free, 99 are whole
    assert not is_within(999, 1099, 10)


@given(budgets, budgets, percents)
def test_lines_that_come_or_go_want_permission(before, after, percent):
    changed = {line.key for line in before} ^ {line.key for line in after}
    assert changed <= wanting_permission(before, after, percent)


@given(budgets, percents, st.data())
def test_a_line_that_becomes_another_thing_wants_permission(budget, percent, data):
    assume(budget)
    place = data.draw(st.integers(min_value=0, max_value=len(budget) - 1))
    other = [*budget]
    other[place] = replace(budget[place], text=budget[place].text + "!")
    assert wanting_permission(budget, other, percent) == {budget[place].key}


@given(budgets, st.integers(min_value=0, max_value=10**9))
def test_what_balances_is_income_and_grant_less_expenses(budget, grant):
    income = sum(line.amount for line in budget if line.kind == "income")
    expenses = sum(line.amount for line in budget if line.kind == "expense")
    assert balance(budget, grant) == grant + income - expenses
    missing = Line("balance", "income", "Billetter", expenses)
    assert balance([*budget, missing], grant) == grant + income
