"""Bank accounts as people write them, and as IBANs."""

import re

from schwifty import IBAN
from schwifty.exceptions import (
    InvalidChecksumDigits,
    InvalidCountryCode,
    InvalidLength,
    SchwiftyException,
)

PUNCTUATION = re.compile(r"[\s.\-]+")


class AccountError(ValueError):
    """A bank account cannot be used: a code for the caller, and a plain English sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def danish_iban(registration: str, account: str) -> str:
    """The IBAN of a Danish account: four digits of bank, up to ten of account.

    Spaces, dots and hyphens are allowed. AccountError with the code registration_digits,
    account_missing, account_digits or account_too_long.
    """
    bank, number = _compact(registration), _compact(account)
    if not re.fullmatch("[0-9]{4}", bank):
        raise AccountError(
            "registration_digits",
            "The registration number has four digits. Write the zeros in front too.",
        )
    if not number:
        raise AccountError("account_missing", "Write the account number too.")
    if not re.fullmatch("[0-9]+", number):
        raise AccountError("account_digits", "The account number has digits only.")
    if len(number) > 10:
        raise AccountError(
            "account_too_long",
            "The account number has at most ten digits. Write the registration number by itself.",
        )
    return str(IBAN.generate("DK", bank_code=bank, account_code=number))


def check_iban(text: str) -> str:
    """The IBAN in capitals without spaces, checked for country, length and check digits.

    AccountError with the code iban_missing, iban_country, iban_length, iban_check_digits or
    iban_form. It cannot know whether the account exists.
    """
    compact = _compact(text).upper().removeprefix("IBAN")
    if not compact:
        raise AccountError("iban_missing", "Write the IBAN.")
    try:
        # schwifty reads the digits of other scripts as digits, banks do not.
        return str(IBAN(compact.encode("ascii", "replace").decode()))
    except SchwiftyException as error:
        raise _account_error(error) from error


def masked(iban: str) -> str:
    """The IBAN for showing: country and last four characters, "DK•• •••• •••• ••62 43"."""
    compact = _compact(iban)
    hidden = compact[:2] + "•" * (len(compact) - 6) + compact[-4:]
    return " ".join(hidden[start : start + 4] for start in range(0, len(hidden), 4))


def _compact(text: str) -> str:
    return PUNCTUATION.sub("", text)


def _account_error(error: SchwiftyException) -> AccountError:
    match error:
        case InvalidCountryCode():
            return AccountError(
                "iban_country", "An IBAN begins with two letters of a country, like DK or SE."
            )
        case InvalidLength():
            return AccountError(
                "iban_length", "The IBAN has too few or too many characters. Copy all of it."
            )
        case InvalidChecksumDigits():
            return AccountError(
                "iban_check_digits", "The IBAN has a typing error. Check each digit."
            )
        case _:
            return AccountError(
                "iban_form",
                "That is no IBAN. It begins with two letters and two digits, like DK50.",
            )
