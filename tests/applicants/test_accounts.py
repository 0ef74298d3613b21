import pytest
from hypothesis import given
from hypothesis import strategies as st

from applicants.accounts import AccountError, check_iban, danish_iban, masked

REGISTRATIONS = st.from_regex("[0-9]{4}", fullmatch=True)
ACCOUNTS = st.from_regex("[0-9]{1,10}", fullmatch=True)
# The examples that the SWIFT register of IBANs gives for each country.
DANISH, SWEDISH, NORWEGIAN = "DK5000400440116243", "SE4550000000058398257466", "NO9386011117947"


@given(REGISTRATIONS, ACCOUNTS)
def test_a_danish_account_goes_into_an_iban_and_comes_out_again(registration, account):
    iban = danish_iban(registration, account)
    assert iban[4:] == registration + account.zfill(10)
    assert check_iban(iban) == iban


@given(REGISTRATIONS, ACCOUNTS)
def test_the_check_digits_are_those_of_iso_7064(registration, account):
    iban = danish_iban(registration, account)
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    assert int(digits) % 97 == 1


def test_spaces_dots_and_hyphens_are_allowed():
    assert danish_iban(" 00 40", "044 011.62-43") == DANISH


@pytest.mark.parametrize(
    "registration, account, code",
    [
        ("", "440116243", "registration_digits"),
        ("40", "440116243", "registration_digits"),
        ("00400", "440116243", "registration_digits"),
        ("004O", "440116243", "registration_digits"),
        ("\u0660\u0660\u0664\u0660", "440116243", "registration_digits"),
        ("0040", " ", "account_missing"),
        ("0040", "44011624x", "account_digits"),
        ("0040", "²", "account_digits"),
        ("0040", "00400440116243", "account_too_long"),
    ],
)
def test_a_wrong_danish_account_is_refused_with_its_reason(registration, account, code):
    with pytest.raises(AccountError) as refused:
        danish_iban(registration, account)
    assert refused.value.code == code
    assert str(refused.value) == refused.value.message
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    "text, iban",
    [
        ("DK50 0040 0440 1162 43", DANISH),
        ("iban se45 5000 0000 0583 9825 7466", SWEDISH),
        ("no93-8601-1117-947", NORWEGIAN),
        ("DK50\u00a00040\t0440116243\n", DANISH),
    ],
)
def test_an_iban_is_read_as_people_write_it(text, iban):
    assert check_iban(text) == iban


@pytest.mark.parametrize(
    "text, code",
    [
        ("", "iban_missing"),
        (" . ", "iban_missing"),
        ("XX5000400440116243", "iban_country"),
        ("DK500040044011624", "iban_length"),
        ("DK50004004401162430", "iban_length"),
        ("DK5000400440116234", "iban_check_digits"),
        ("DK50004O0440116243", "iban_form"),
        ("1234", "iban_form"),
        ("DK\u0665\u066000400440116243", "iban_form"),
    ],
)
def test_a_wrong_iban_is_refused_with_its_reason(text, code):
    with pytest.raises(AccountError) as refused:
        check_iban(text)
    assert refused.value.code == code


@given(st.text())
def test_any_text_is_an_iban_or_refused(text):
    try:
        iban = check_iban(text)
    except AccountError:
        return
    assert check_iban(iban) == iban


@given(REGISTRATIONS, ACCOUNTS, st.integers(2, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(registration, account, place, change):
    iban = danish_iban(registration, account)
    wrong = str((int(iban[place]) + change) % 10)
    with pytest.raises(AccountError):
        check_iban(iban[:place] + wrong + iban[place + 1 :])


@pytest.mark.parametrize(
    "iban, shown",
    [
        (DANISH, "DK•• •••• •••• ••62 43"),
        ("DK50 0040 0440 1162 43", "DK•• •••• •••• ••62 43"),
        (SWEDISH, "SE•• •••• •••• •••• •••• 7466"),
        (NORWEGIAN, "NO•• •••• •••7 947"),
    ],
)
def test_a_masked_iban_shows_its_country_and_last_four(iban, shown):
    assert masked(iban) == shown


@given(REGISTRATIONS, ACCOUNTS)
def test_a_masked_iban_keeps_its_length_and_four_digits(registration, account):
    iban = danish_iban(registration, account)
    shown = masked(iban).replace(" ", "")
    assert len(shown) == len(iban)
    assert [character for character in shown if character.isdigit()] == list(iban[-4:])
