"""The bank file of some payouts: our rows as the plain values of pain001."""

import hashlib
from datetime import timedelta

from django.utils.translation import gettext as _

from grants.payouts import pain001
from workflows import clock
from workflows.machine import Refusal


def file_of(payouts, *, pool, reference):
    """The file's bytes. Raises Refusal with what a bank would say against it."""
    debtor = pain001.Debtor(
        name=pool.authority, iban=pool.iban, bic=pool.bic or None, country=pool.iban[:2]
    )
    batch = pain001.Batch(
        message_id=reference,
        created_at=clock.now(),
        requested_on=day_of_payment(),
        transfers=[_transfer(payout, pool) for payout in payouts],
    )
    try:
        file = pain001.build(debtor, batch)
    except ValueError as error:
        raise _unusable(error) from error
    for sentence in pain001.validate(file):
        raise _unusable(sentence)
    return file


def day_of_payment():
    """The day that the bank is asked to pay on: today, or Monday when it is a weekend.

    Bank holidays are not known here: the bank itself moves them to its next day.
    """
    today = clock.today()
    days_to_monday = 7 - today.weekday()
    return today + timedelta(days=days_to_monday if days_to_monday <= 2 else 0)


def sha256(file):
    return hashlib.sha256(file).hexdigest()


def _transfer(payout, pool):
    return pain001.CreditTransfer(
        end_to_end_id=payout.end_to_end_id,
        amount=payout.amount,
        currency=payout.currency,
        creditor_name=payout.account.holder,
        creditor_iban=payout.account.iban,
        # The case's number and no title: it is read on account statements by others.
        remittance=f"{pool.name} {payout.application.reference}",
    )


def _unusable(why):
    return Refusal(_("The payment file would not be accepted by the bank: %(why)s") % {"why": why})
