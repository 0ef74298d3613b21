"""Money as people read and type it. Inside it is whole øre."""

from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency
from django.utils.translation import get_language


def money(amount, currency="DKK", language=None):
    """1250000 øre as "12.500,00 kr." in Danish; None as an empty text."""
    if amount is None:
        return ""
    locale = "en_DK" if (language or get_language() or "da") == "en" else "da_DK"
    return format_currency(Decimal(amount) / 100, currency, locale=locale)


def ore(text):
    """What a person typed as øre: "12.500", "12500,50" and "12 500 kr." are understood.

    A single comma or point with one or two digits behind it is the decimal mark; every other
    separates thousands. Raises ValueError for anything else.
    """
    bare = text.lower().replace("kr.", "").replace("kr", "").replace("dkk", "")
    bare = bare.replace("\u00a0", "").replace(" ", "")
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
