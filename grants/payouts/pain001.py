"""The payment file that a bank reads: ISO 20022 pain.001.001.09, one group for each currency.

build() makes the bytes from plain values, validate() says what a bank would refuse. Both know
nothing of the database: that an id is new among all files is the database's rule.

Text is written for banks that read Latin-1: composed (a + ring is å), spaces and line breaks
made one space, control and other invisible characters removed, each other character replaced
by "?", and what is too long cut at its end. Identifiers are never changed, but refused.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from importlib.resources import files
from typing import Any, NamedTuple

from lxml import etree  # type: ignore[import-untyped]
from lxml.builder import ElementMaker  # type: ignore[import-untyped]

from applicants.accounts import AccountError, check_iban

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
P = {"p": NAMESPACE}

NAME_LENGTH = 70
REMITTANCE_LENGTH = 140
IDENTIFIER = re.compile(r"[A-Za-z0-9.-]{1,35}")
DANISH_BBAN = re.compile(r"[0-9]{14}")
TWO_DECIMALS = re.compile(r"[0-9]+\.[0-9]{2}")
# The most that one euro transfer may carry (SEPA), and far more than any grant.
LARGEST_AMOUNT = 999_999_999_99
# What ISO 20022 files write where a name is wanted and there is none.
NO_NAME = "NOTPROVIDED"

Element = Any  # lxml has no types


class Terms(NamedTuple):
    """How the transfers of a currency are sent: service level and who bears the charges."""

    service_level: str
    charge_bearer: str


ORDINARY = Terms("NURG", "SHAR")
TERMS = {
    "DKK": ORDINARY,
    "EUR": Terms("SEPA", "SLEV"),
    "NOK": ORDINARY,
    "SEK": ORDINARY,
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a creditor lives; left out of the file unless it has a town and a country code."""

    street: str
    building_number: str
    postcode: str
    town: str
    country: str


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who pays, and from which account."""

    name: str
    iban: str
    bic: str | None
    country: str


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment: the amount in øre (or cents), to an IBAN or a Danish BBAN (14 digits)."""

    end_to_end_id: str
    amount: int
    currency: str
    creditor_name: str
    creditor_iban: str
    remittance: str
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The transfers of one file. The message id has at most 31 characters."""

    message_id: str
    created_at: datetime
    requested_on: date
    transfers: Sequence[CreditTransfer]


# Building


def build(debtor: Debtor, batch: Batch) -> bytes:
    """The file as UTF-8; the same batch, in whatever order, gives the same bytes.

    ValueError for what no file may hold: no transfers, an id used twice or in other characters
    than letters, digits, full stop and hyphen, an unknown currency, an amount of zero or less,
    a moment without time zone, an account that does not check out, euro to a BBAN.
    """
    _refuse_unusable(batch)
    e = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})
    transfers = sorted(batch.transfers, key=lambda transfer: transfer.end_to_end_id)
    currencies = sorted({transfer.currency for transfer in transfers})
    document = e.Document(
        e.CstmrCdtTrfInitn(
            e.GrpHdr(
                e.MsgId(batch.message_id),
                # In UTC, since equal moments should give equal bytes.
                e.CreDtTm(batch.created_at.astimezone(UTC).isoformat(timespec="seconds")),
                *_totals(e, transfers),
                e.InitgPty(e.Nm(_name(debtor.name))),
            ),
            *(
                _group(e, debtor, batch, [t for t in transfers if t.currency == currency])
                for currency in currencies
            ),
        )
    )
    built: bytes = etree.tostring(
        document, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return built


def as_latin1(text: str) -> str:
    """The text as the bank gets it, see the top of this file; for showing it beforehand."""
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    visible = (
        character for character in composed if unicodedata.category(character) not in ("Cc", "Cf")
    )
    readable = "".join(character if character <= "\xff" else "?" for character in visible)
    # What was removed may have stood between two spaces.
    return " ".join(readable.split())


def _refuse_unusable(batch: Batch) -> None:
    if not batch.transfers:
        raise ValueError("A payment file has at least one transfer.")
    if batch.created_at.utcoffset() is None:
        raise ValueError("created_at has no time zone.")
    identifiers = Counter(transfer.end_to_end_id for transfer in batch.transfers)
    # The ids of the groups are made from the id of the message.
    for identifier in (f"{batch.message_id}-DKK", *identifiers):
        if not IDENTIFIER.fullmatch(identifier):
            raise ValueError(f"The bank would not read the id {identifier!r}.")
    for identifier, times in identifiers.items():
        if times > 1:
            raise ValueError(f"The id {identifier} is used {times} times.")
    for transfer in batch.transfers:
        if transfer.currency not in TERMS:
            raise ValueError(f"There are no payments in {transfer.currency!r}.")
        if not 0 < transfer.amount <= LARGEST_AMOUNT:
            raise ValueError(f"The amount of {transfer.end_to_end_id} cannot be paid.")
        if transfer.currency == "EUR" and DANISH_BBAN.fullmatch(transfer.creditor_iban):
            raise ValueError(f"{transfer.end_to_end_id} is in euro and needs an IBAN.")


def _group(
    e: ElementMaker, debtor: Debtor, batch: Batch, transfers: Sequence[CreditTransfer]
) -> Element:
    currency = transfers[0].currency
    terms = TERMS[currency]
    return e.PmtInf(
        e.PmtInfId(f"{batch.message_id}-{currency}"),
        e.PmtMtd("TRF"),
        *_totals(e, transfers),
        e.PmtTpInf(e.SvcLvl(e.Cd(terms.service_level))),
        e.ReqdExctnDt(e.Dt(batch.requested_on.isoformat())),
        e.Dbtr(e.Nm(_name(debtor.name)), e.PstlAdr(e.Ctry(debtor.country))),
        e.DbtrAcct(e.Id(e.IBAN(check_iban(debtor.iban)))),
        e.DbtrAgt(e.FinInstnId(e.BICFI(debtor.bic) if debtor.bic else e.Othr(e.Id(NO_NAME)))),
        e.ChrgBr(terms.charge_bearer),
        *(_transfer(e, transfer) for transfer in transfers),
    )


def _transfer(e: ElementMaker, transfer: CreditTransfer) -> Element:
    remittance = _cut(transfer.remittance, REMITTANCE_LENGTH)
    return e.CdtTrfTxInf(
        e.PmtId(e.EndToEndId(transfer.end_to_end_id)),
        e.Amt(e.InstdAmt(_decimal(transfer.amount), Ccy=transfer.currency)),
        e.Cdtr(e.Nm(_name(transfer.creditor_name)), *_address(e, transfer.address)),
        e.CdtrAcct(e.Id(_account(e, transfer.creditor_iban))),
        *([e.RmtInf(e.Ustrd(remittance))] if remittance else []),
    )


def _totals(e: ElementMaker, transfers: Sequence[CreditTransfer]) -> list[Element]:
    total = sum(transfer.amount for transfer in transfers)
    return [e.NbOfTxs(str(len(transfers))), e.CtrlSum(_decimal(total))]


def _account(e: ElementMaker, iban: str) -> Element:
    if DANISH_BBAN.fullmatch(iban):
        return e.Othr(e.Id(iban), e.SchmeNm(e.Cd("BBAN")))
    return e.IBAN(check_iban(iban))


def _address(e: ElementMaker, address: Address | None) -> list[Element]:
    """Structured or none: banks refuse an address without town and country."""
    if address is None or not re.fullmatch("[A-Z]{2}", address.country):
        return []
    if not _cut(address.town, 35):
        return []
    parts = [
        e.StrtNm(_cut(address.street, 70)),
        e.BldgNb(_cut(address.building_number, 16)),
        e.PstCd(_cut(address.postcode, 16)),
        e.TwnNm(_cut(address.town, 35)),
        e.Ctry(address.country),
    ]
    return [e.PstlAdr(*(part for part in parts if part.text))]


def _name(name: str) -> str:
    return _cut(name, NAME_LENGTH) or NO_NAME


def _cut(text: str, length: int) -> str:
    return as_latin1(text)[:length].rstrip()


def _decimal(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


# Validating


def validate(file: bytes) -> list[str]:
    """What is wrong with a payment file, in English sentences; an empty list if nothing is.

    First its form, then the official schema, and only in a file that passes both our own rules.
    """
    try:
        root = etree.fromstring(file, _careful_parser())
    except etree.XMLSyntaxError as error:
        return [f"The file cannot be read as XML: {error.msg}."]
    return list(_form(root)) or _schema_errors(root) or list(_broken_rules(root))


def _careful_parser() -> Any:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)


def _form(root: Element) -> Iterator[str]:
    information = root.getroottree().docinfo
    if information.encoding.upper() != "UTF-8":
        yield f"The file is in {information.encoding}; it should be in UTF-8."
    if information.internalDTD is not None:
        yield "The file brings its own document type."
    # A comment inside an amount would hide its end from us, but not from the bank.
    if next(root.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity), None) is not None:
        yield "The file has comments, instructions or entities among the payments."


def _schema_errors(root: Element) -> list[str]:
    # Read anew each time (4 ms): a schema keeps its errors, so threads cannot share one.
    source = files("sepaxml").joinpath("schemas", "pain.001.001.09.xsd").read_bytes()
    schema = etree.XMLSchema(etree.fromstring(source, _careful_parser()))
    schema.validate(root)
    return [f"Line {error.line}: {error.message}" for error in schema.error_log]


def _broken_rules(root: Element) -> Iterator[str]:
    for rule in RULES:
        yield from rule(root)


def _one_group_a_currency(root: Element) -> Iterator[str]:
    groups_by_currency: Counter[str] = Counter()
    for group in _groups(root):
        currencies = _currencies(group)
        groups_by_currency.update(currencies)
        if len(currencies) > 1:
            yield f"Group {_id(group)} mixes currencies: {', '.join(sorted(currencies))}."
    for currency, times in sorted(groups_by_currency.items()):
        if times > 1:
            yield f"{currency} has {times} groups; one currency has one group."


def _terms_fit_the_currency(root: Element) -> Iterator[str]:
    for group in _groups(root):
        # A transfer may bring terms of its own, so all are looked at.
        found = [
            {element.text for element in group.iterfind(f".//p:{path}", P)}
            for path in ("PmtMtd", "SvcLvl/*", "ChrgBr")
        ]
        for currency in sorted(_currencies(group)):
            if currency not in TERMS:
                yield f"Group {_id(group)} pays in {currency}, which is not paid in."
            elif found != [{term} for term in ("TRF", *TERMS[currency])]:
                yield f"Group {_id(group)} is not sent as payments in {currency} are."


def _amounts_are_exact(root: Element) -> Iterator[str]:
    for transfer in root.iterfind(".//p:CdtTrfTxInf", P):
        amount = transfer.findtext("p:Amt/p:InstdAmt", None, P)
        if amount is None:
            yield f"Transfer {_id(transfer)} has no amount in its own currency."
        elif not TWO_DECIMALS.fullmatch(amount):
            yield f"The amount of {_id(transfer)} has not exactly two decimals: {amount}."
        elif Fraction(amount) <= 0:
            yield f"The amount of {_id(transfer)} is not above zero."
    for total in root.iterfind(".//p:CtrlSum", P):
        if not TWO_DECIMALS.fullmatch(total.text):
            yield f"A control sum has not exactly two decimals: {total.text}."


def _totals_agree(root: Element) -> Iterator[str]:
    yield from _totals_agree_with(root, root.find(".//p:GrpHdr", P), "The file")
    for group in _groups(root):
        yield from _totals_agree_with(group, group, f"Group {_id(group)}")


def _totals_agree_with(payments: Element, totals: Element, whose: str) -> Iterator[str]:
    number = len(payments.findall(".//p:CdtTrfTxInf", P))
    total = sum(Fraction(amount.text) for amount in payments.iterfind(".//p:InstdAmt", P))
    stated_number = totals.findtext("p:NbOfTxs", None, P)
    stated_total = totals.findtext("p:CtrlSum", None, P)
    if stated_number is None or int(stated_number) != number:
        yield f"{whose} has {number} transfers and says {stated_number or 'nothing'}."
    if stated_total is None or Fraction(stated_total) != total:
        yield f"The control sum does not add up. {whose} says {stated_total or 'nothing'}."


def _ids_are_unique(root: Element) -> Iterator[str]:
    for kind in ("MsgId", "PmtInfId", "EndToEndId"):
        times_used = Counter(identifier.text for identifier in root.iterfind(f".//p:{kind}", P))
        for identifier, times in times_used.items():
            if times > 1:
                yield f"{kind} {identifier} is used {times} times."


def _text_is_latin1(root: Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        text = element.text or ""
        if len(element) == 0 and as_latin1(text) != text:
            yield f"Line {element.sourceline}: {_tag(element)} is not written as banks read it."


def _text_fits(root: Element) -> Iterator[str]:
    for name in root.iterfind(".//p:Nm", P):
        if len(name.text) > NAME_LENGTH:
            yield f"Line {name.sourceline}: a name has more than {NAME_LENGTH} characters."
    for transfer in root.iterfind(".//p:CdtTrfTxInf", P):
        lines = transfer.iterfind("p:RmtInf/p:Ustrd", P)
        if sum(len(line.text) for line in lines) > REMITTANCE_LENGTH:
            yield f"The text of {_id(transfer)} has more than {REMITTANCE_LENGTH} characters."


def _addresses_are_structured(root: Element) -> Iterator[str]:
    for address in root.iterfind(".//p:PstlAdr", P):
        if address.find("p:AdrLine", P) is not None:
            yield f"Line {address.sourceline}: an address has address lines."
        if address.find("p:Ctry", P) is None:
            yield f"Line {address.sourceline}: an address has no country."
    for address in root.iterfind(".//p:CdtTrfTxInf//p:PstlAdr", P):
        if address.find("p:TwnNm", P) is None:
            yield f"Line {address.sourceline}: an address has no town."


def _accounts_are_usable(root: Element) -> Iterator[str]:
    for iban in root.iterfind(".//p:IBAN", P):
        if not _is_iban(iban.text):
            yield f"Line {iban.sourceline}: the IBAN does not check out."
    for group in _groups(root):
        if group.find("p:Dbtr/p:Nm", P) is None:
            yield f"Group {_id(group)} does not name who pays."
        if group.find("p:DbtrAcct/p:Id/p:IBAN", P) is None:
            yield f"Group {_id(group)} is not paid from an IBAN."
        for transfer in group.iterfind("p:CdtTrfTxInf", P):
            yield from _creditor_is_reachable(transfer)


def _creditor_is_reachable(transfer: Element) -> Iterator[str]:
    if transfer.findtext("p:Cdtr/p:Nm", None, P) is None:
        yield f"Transfer {_id(transfer)} names nobody."
    if transfer.find("p:CdtrAcct/p:Id/p:IBAN", P) is not None:
        return
    if "EUR" in _currencies(transfer):
        yield f"Transfer {_id(transfer)} is in euro and has no IBAN."
    other = transfer.find("p:CdtrAcct/p:Id/p:Othr", P)
    kind = None if other is None else other.findtext("p:SchmeNm/p:Cd", None, P)
    if kind != "BBAN" or not DANISH_BBAN.fullmatch(other.findtext("p:Id", None, P)):
        yield f"Transfer {_id(transfer)} has neither an IBAN nor a Danish account."


RULES: tuple[Callable[[Element], Iterator[str]], ...] = (
    _one_group_a_currency,
    _terms_fit_the_currency,
    _amounts_are_exact,
    _totals_agree,
    _ids_are_unique,
    _text_is_latin1,
    _text_fits,
    _addresses_are_structured,
    _accounts_are_usable,
)


def _groups(root: Element) -> list[Element]:
    found: list[Element] = root.findall(".//p:PmtInf", P)
    return found


def _currencies(element: Element) -> set[str]:
    return {amount.get("Ccy") for amount in element.iterfind(".//p:InstdAmt", P)}


def _id(element: Element) -> str:
    identifier: str = element.findtext("p:PmtInfId", None, P) or element.findtext(
        "p:PmtId/p:EndToEndId", None, P
    )
    return identifier


def _tag(element: Element) -> str:
    name: str = etree.QName(element).localname
    return name


def _is_iban(text: str) -> bool:
    try:
        return check_iban(text) == text
    except AccountError:
        return False
