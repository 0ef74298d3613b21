"""Sealing anew: everything, once, whoever writes meanwhile."""

import base64
import hashlib
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from applicants import rotating, sealing
from applicants.models import BankAccount
from grants.payouts.models import PaymentBatch
from tests import factories
from workflows import clock

pytestmark = pytest.mark.django_db

NEW = base64.b64encode(bytes(range(32))).decode()
OLD = "b25seS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZmc="


@pytest.fixture
def sealed(application_at, world, cast):
    """One account and one payment file, sealed with the tests' key."""
    with clock.at(factories.LONG_AFTER):
        application_at("completed")
    return BankAccount.objects.get(), PaymentBatch.objects.get()


@pytest.fixture
def _new_key(sealed, settings):
    settings.DATA_KEYS = sealing.read_keys(f"new:{NEW},tests:{OLD}")


def rotate():
    said = io.StringIO()
    call_command("rotate_keys", stdout=said, stderr=said)
    return said.getvalue()


def test_no_number_lies_in_the_database_in_clear(sealed):
    with connection.cursor() as cursor:
        for table in ["applicants_bankaccount", "grants_paymentbatch"]:
            cursor.execute(f"SELECT sealed, {table}::text FROM {table}")
            for value, row in cursor.fetchall():
                assert factories.ASTAS_ACCOUNT not in row
                assert factories.ASTAS_ACCOUNT.encode() not in bytes(value)


def test_the_file_opens_as_the_bytes_whose_hash_is_kept(sealed):
    _account, batch = sealed
    assert sealing.key_of(bytes(batch.sealed)) == "tests"
    assert factories.ASTAS_ACCOUNT.encode() in batch.file
    assert hashlib.sha256(batch.file).hexdigest() == batch.sha256


@pytest.mark.usefixtures("_new_key")
def test_all_is_sealed_anew_and_the_old_key_can_go(sealed, settings):
    said = rotate()
    assert "bank accounts: 1 sealed with new" in said
    assert "payment files: 1 sealed with new" in said
    assert "Nothing is sealed with tests any more" in said
    settings.DATA_KEYS = sealing.read_keys(f"new:{NEW}")
    assert BankAccount.objects.get().iban == factories.ASTAS_ACCOUNT
    assert factories.ASTAS_ACCOUNT.encode() in PaymentBatch.objects.get().file


@pytest.mark.usefixtures("_new_key")
def test_a_second_time_has_nothing_to_do(sealed):
    rotate()
    before = bytes(BankAccount.objects.get().sealed)
    assert "bank accounts: 0 sealed with new" in rotate()
    assert bytes(BankAccount.objects.get().sealed) == before


@pytest.mark.usefixtures("_new_key")
def test_what_was_stopped_half_way_goes_on(sealed, cast, monkeypatch):
    for number in range(3):
        holder = factories.applicant(cast.bo, name=f"Bo {number}")
        account = BankAccount(applicant=holder, version=1, holder="Bo", created_by=cast.bo)
        account.sealed = b""
        _seal_with_the_old(account)
        account.save()
    monkeypatch.setattr(rotating, "AT_A_TIME", 2)
    real, done = sealing.seal, []

    def killed(plain, about):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(about)
        return real(plain, about)

    monkeypatch.setattr(sealing, "seal", killed)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    monkeypatch.setattr(sealing, "seal", real)
    assert "bank accounts: 2 sealed with new" in rotate()
    assert {sealing.key_of(bytes(each.sealed)) for each in BankAccount.objects.all()} == {"new"}


@pytest.mark.usefixtures("_new_key")
def test_whoever_sealed_it_meanwhile_is_not_overwritten(sealed, monkeypatch):
    account, _batch = sealed
    theirs = sealing.seal(factories.ASTAS_ACCOUNT.encode(), account.about)
    real = BankAccount.unseal

    def another_is_faster(row):
        plain = real(row)
        BankAccount.objects.filter(pk=row.pk).update(sealed=theirs)
        return plain

    monkeypatch.setattr(BankAccount, "unseal", another_is_faster)
    assert "bank accounts: 0 sealed with new" in rotate()
    assert bytes(BankAccount.objects.get().sealed) == theirs


@pytest.mark.usefixtures("_new_key")
def test_what_does_not_open_is_told_and_keeps_its_key(sealed):
    account, _batch = sealed
    damaged = bytes(account.sealed)[:-1] + b"\0"
    BankAccount.objects.filter(pk=account.pk).update(sealed=damaged)
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("rotate_keys", stdout=said, stderr=said)
    assert f"{account.about} is not what was sealed for it" in said.getvalue()
    assert "1 are still sealed with tests: it stays" in said.getvalue()
    assert "Nothing is sealed with" not in said.getvalue()
    assert "payment files: 1 sealed with new" in said.getvalue()


def test_an_account_moved_to_another_applicants_row_does_not_open(sealed, cast):
    account, _batch = sealed
    other = BankAccount(
        applicant=factories.applicant(cast.bo), version=1, holder="Bo", created_by=cast.bo
    )
    other.iban = factories.ANOTHER_ACCOUNT
    other.sealed = account.sealed
    other.save()
    with pytest.raises(sealing.Tampered):
        _ = BankAccount.objects.get(pk=other.pk).iban


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE applicants_bankaccount SET masked = 'DK'",
        "UPDATE applicants_bankaccount SET holder = 'Bo'",
        "UPDATE applicants_bankaccount SET version = 9",
        "DELETE FROM applicants_bankaccount",
        "UPDATE grants_paymentbatch SET sha256 = ''",
        "UPDATE grants_paymentbatch SET amount = 1",
        "UPDATE grants_paymentbatch SET reference = 'X'",
        "DELETE FROM grants_paymentbatch",
    ],
)
def test_the_database_lets_nothing_but_the_seal_be_changed(sealed, statement):
    with (
        pytest.raises(IntegrityError, match=r"is final|never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def _seal_with_the_old(account):
    from django.conf import settings as now

    both = now.DATA_KEYS
    now.DATA_KEYS = sealing.Keys(current="tests", by_id=both.by_id)
    account.iban = factories.ANOTHER_ACCOUNT
    now.DATA_KEYS = both
