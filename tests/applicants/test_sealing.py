"""What is sealed opens for its own row only, with the key that its head names."""

import base64
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.views.debug import SafeExceptionReporterFilter
from hypothesis import given
from hypothesis import strategies as st

from applicants import sealing
from applicants.sealing import SealError, Tampered, UnknownKey, read_keys

ONE = base64.b64encode(bytes(range(32))).decode()
OTHER = base64.b64encode(bytes(range(1, 33))).decode()


@given(plain=st.binary(max_size=300), about=st.text(max_size=40))
def test_what_is_sealed_opens_again(plain, about):
    sealed = sealing.seal(plain, about)
    assert sealing.unseal(sealed, about) == plain
    assert sealing.key_of(sealed) == settings.DATA_KEYS.current


@given(plain=st.binary(max_size=40), about=st.text(max_size=20), other=st.text(max_size=20))
def test_what_was_moved_to_another_row_does_not_open(plain, about, other):
    if about != other:
        with pytest.raises(Tampered):
            sealing.unseal(sealing.seal(plain, about), other)


@given(st.data())
def test_not_a_bit_of_it_can_be_changed(data):
    sealed = bytearray(sealing.seal(b"DK5000400440116243", "bankaccount:1:1"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        sealing.unseal(bytes(sealed), "bankaccount:1:1")


@given(st.binary(max_size=60))
def test_what_was_never_sealed_is_refused_in_words(anything):
    with pytest.raises(SealError):
        sealing.unseal(anything, "bankaccount:1:1")


def test_the_same_twice_does_not_look_the_same():
    assert sealing.seal(b"1", "x") != sealing.seal(b"1", "x")


def test_an_older_key_still_opens_and_the_first_one_seals(settings):
    settings.DATA_KEYS = read_keys(f"old:{ONE}")
    sealed = sealing.seal(b"1", "x")
    settings.DATA_KEYS = read_keys(f"new:{OTHER}, old:{ONE}")
    assert sealing.unseal(sealed, "x") == b"1"
    assert sealing.key_of(sealing.seal(b"1", "x")) == "new"


def test_a_key_that_is_gone_is_named(settings):
    settings.DATA_KEYS = read_keys(f"old:{ONE}")
    sealed = sealing.seal(b"1", "x:7")
    settings.DATA_KEYS = read_keys(f"new:{OTHER}")
    with pytest.raises(UnknownKey, match="x:7 is sealed with the key old"):
        sealing.unseal(sealed, "x:7")


def test_another_key_under_the_same_name_does_not_open_it(settings):
    settings.DATA_KEYS = read_keys(f"one:{ONE}")
    sealed = sealing.seal(b"1", "x")
    settings.DATA_KEYS = read_keys(f"one:{OTHER}")
    with pytest.raises(Tampered):
        sealing.unseal(sealed, "x")


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "has an id in front"),
        (ONE, "has an id in front"),
        (f"æ:{ONE}", "has an id in front"),
        (f"{'x' * 21}:{ONE}", "has an id in front"),
        (f"one:{ONE},one:{OTHER}", "one is there twice"),
        ("one:not base64!", "one is not base64"),
        ("one:", "one has 0 bytes"),
        ("one:" + base64.b64encode(bytes(16)).decode(), "one has 16 bytes instead of 32"),
        (f"one:{ONE},", "has an id in front"),
    ],
)
def test_keys_that_are_not_right_are_told_and_not_shown(text, why):
    with pytest.raises(SealError, match=why) as refused:
        read_keys(text)
    assert ONE not in str(refused.value)


def test_keys_are_never_printed():
    keys = read_keys(f"one:{ONE}")
    assert "one" in repr(keys)
    assert ONE not in repr(keys)
    assert repr(bytes(range(32))) not in repr(keys)


def test_an_error_page_has_no_keys():
    shown = SafeExceptionReporterFilter().get_safe_settings()
    assert shown["DATA_KEYS"] == SafeExceptionReporterFilter.cleansed_substitute


@pytest.mark.slow
@pytest.mark.parametrize(
    "given, why", [(None, "Set DATA_KEYS"), ("one:c2hvcnQ=", "DATA_KEYS: The key one has 5 bytes")]
)
def test_production_does_not_start_without_proper_keys(given, why):
    """Slow: a process of its own reads the settings."""
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x" * 50,
        "DATABASE_URL": "postgres:///nobody-asks",
        "BROKER_URL": "redis://nobody.asks",
    } | ({"DATA_KEYS": given} if given else {})
    ended = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1].endswith(why) or why in ended.stderr
    assert "c2hvcnQ" not in ended.stderr.splitlines()[-1]
