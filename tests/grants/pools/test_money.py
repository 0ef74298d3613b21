"""Money as it is read and typed, in each language. Inside it is whole øre."""

import re

import pytest
from babel.numbers import format_decimal
from django.conf import settings as project
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from grants.pools.money import LOCALES, money, ore

SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    "language, currency, told",
    [
        ("da", "DKK", "1.234,50 kr."),
        ("da", "SEK", "1.234,50 SEK"),
        ("en", "DKK", "1.234,50 kr."),
        ("sv", "SEK", "1 234,50 kr"),
        ("sv", "DKK", "1 234,50 Dkr"),
        ("sv", "NOK", "1 234,50 Nkr"),
        ("nb", "NOK", "1 234,50 kr"),
        ("nb", "DKK", "1 234,50 DKK"),
        ("nb", "EUR", "1 234,50 €"),
    ],
)
def test_money_is_read_in_the_language_of_the_page(language, currency, told):
    with translation.override(language):
        assert money(123_450, currency).replace(SPACE, " ") == told
    with translation.override("en"):
        assert money(123_450, currency, language).replace(SPACE, " ") == told


def test_every_language_has_its_money():
    assert set(LOCALES) == set(dict(project.LANGUAGES))


def test_no_amount_is_no_text():
    assert money(None) == ""


@pytest.mark.parametrize(
    "typed",
    [
        *("12.500", "12 500", "12500", "12500,00", "12.500,-", "12500:-", "12,500.00"),
        *("12 500 kr.", f"12{SPACE}500{SPACE}SEK", "12.500 DKK", "12.500 €", "12 500,00 Dkr"),
        "12\N{NARROW NO-BREAK SPACE}500 NOK",
    ],
)
def test_an_amount_is_understood_as_people_here_type_it(typed):
    assert ore(typed) == 1_250_000


@pytest.mark.parametrize("typed", ["", "kr.", "-5", "tusind", "1e5", "٣", "12:50", "1" * 13])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValueError, match=f"^{re.escape(typed)}$"):
        ore(typed)


@given(st.integers(0, 10**11), st.sampled_from(sorted(LOCALES)), st.sampled_from(["DKK", "SEK"]))
def test_what_a_page_shows_can_be_typed_again(amount, language, currency):
    shown = money(amount, currency, language)
    assert ore(shown) == amount
    plain = format_decimal(amount // 100, locale=LOCALES[language])
    assert ore(plain) == amount // 100 * 100
