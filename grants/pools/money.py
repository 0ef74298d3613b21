"""Money as people read and type it. Inside it is whole øre."""

from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency
from django.utils.translation import get_language

LOCALES = {"da": "da_DK", "en": "en_DK", "sv": "sv_SE", "nb": "nb_NO"}
# As people write them and as Babel does, the longer before what it ends with.
CURRENCIES = ("dkr", "nkr", "skr", "kr.", "kr", "dkk", "sek", "nok", "eur", "€")


def money(amount: int | None, currency: str = "DKK", language: str | None = None) -> str:
    """1250000 øre as "12.500,00 kr." in Danish; None as an empty text."""
    if amount is None:
        return ""
    return format_currency(Decimal(amount) / 100, currency, locale=locale(language))


def locale(language: str | None = None) -> str:
    """Babel's name for the language, the one that is read now if None: "da_DK"."""
    return LOCALES[language or get_language() or "da"]


def ore(text):
    """What a person typed as øre: "12.500", "12500,50", "12 500 kr." and "500:-" are understood.

    A single comma or point with one or two digits behind it is the decimal mark; every other
    separates thousands. Raises ValueError for anything else.
    """
    bare = "".join(text.lower().split())  # spaces that do not break too
    bare = bare.removesuffix(":-").removesuffix(",-")
    for currency in CURRENCIES:
        bare = bare.replace(currency, "")
    whole, mark, decimals = _parted(bare)
    if mark and not (decimals.isdecimal() and len(decimals) <= 2):
        whole, decimals = whole + decimals, ""
    digits = whole.replace(".", "").replace(",", "")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 12:
        raise ValueError(text)
    try:
        return int(Decimal(f"{digits}.{decimals or 0}") * 100)
    except InvalidOperation as error:
        raise ValueError(text) from error


def _parted(bare):
    last = max(bare.rfind(","), bare.rfind("."))
    return (bare, "", "") if last < 0 else (bare[:last], bare[last], bare[last + 1 :])
