import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from applicants.accounts import AccountError, danish_iban
from grants.payouts.pain001 import (
    LARGEST_AMOUNT,
    Address,
    Batch,
    CreditTransfer,
    Debtor,
    as_latin1,
    build,
    validate,
)

P = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}

POOL = Debtor("Ungepuljen", "DK5000400440116243", "NDEADKKK", "DK")
ASTA = CreditTransfer(
    end_to_end_id="UP-2026-0007-1",
    amount=12_345_50,
    currency="DKK",
    creditor_name="Asta Ærøskøbing Åberg",
    creditor_iban=danish_iban("0040", "0440116243"),
    remittance="UP-2026-0007, forskud",
    address=Address("Strandvejen", "4 B", "4600", "Køge", "DK"),
)
BO = replace(
    ASTA,
    end_to_end_id="UP-2026-0008-1",
    amount=500_00,
    creditor_name="Bo Friis",
    creditor_iban="00400440116243",
    address=None,
)
ELSA = replace(
    ASTA,
    end_to_end_id="UP-2026-0009-1",
    amount=1_000_05,
    currency="EUR",
    creditor_name="Elsa Öberg",
    creditor_iban="SE4550000000058398257466",
    address=None,
)
BATCH = Batch(
    "UP-2026-11-21-1",
    datetime(2026, 11, 21, 14, 5, tzinfo=timezone(timedelta(hours=1))),
    date(2026, 11, 23),
    (ASTA, BO, ELSA),
)

IDENTIFIERS = st.from_regex("[A-Za-z0-9.-]{1,35}", fullmatch=True)
DANISH_PARTS = st.tuples(
    st.from_regex("[0-9]{4}", fullmatch=True), st.from_regex("[0-9]{10}", fullmatch=True)
)
IBANS = st.one_of(
    DANISH_PARTS.map(lambda parts: danish_iban(*parts)),
    st.sampled_from(["SE4550000000058398257466", "NO9386011117947"]),
)
ADDRESSES = st.builds(
    Address,
    street=st.text(),
    building_number=st.text(),
    postcode=st.text(),
    town=st.text(),
    country=st.one_of(st.sampled_from(["DK", "SE", "NO"]), st.text()),
)


@st.composite
def transfers(draw):
    currency = draw(st.sampled_from(["DKK", "SEK", "NOK", "EUR"]))
    accounts = IBANS if currency == "EUR" else st.one_of(IBANS, DANISH_PARTS.map("".join))
    return CreditTransfer(
        end_to_end_id=draw(IDENTIFIERS),
        amount=draw(st.integers(1, LARGEST_AMOUNT)),
        currency=currency,
        creditor_name=draw(st.text(max_size=100)),
        creditor_iban=draw(accounts),
        remittance=draw(st.text(max_size=200)),
        address=draw(st.none() | ADDRESSES),
    )


DEBTORS = st.builds(
    Debtor,
    name=st.text(max_size=100),
    iban=IBANS,
    bic=st.sampled_from([None, "NDEADKKK", "DABADKKKXXX"]),
    country=st.just("DK"),
)
BATCHES = st.builds(
    Batch,
    message_id=st.from_regex("[A-Za-z0-9.-]{1,31}", fullmatch=True),
    created_at=st.datetimes(
        datetime.fromisoformat("2000-01-01"),
        datetime.fromisoformat("2100-01-01"),
        timezones=st.timezones() | st.just(UTC),
    ),
    requested_on=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    transfers=st.lists(
        transfers(), min_size=1, max_size=6, unique_by=lambda transfer: transfer.end_to_end_id
    ),
)


def texts(file, path):
    return [element.text for element in etree.fromstring(file).iterfind(f".//{path}", P)]


def batch_of(*payments):
    return replace(BATCH, transfers=payments)


# What is built


@given(DEBTORS, BATCHES)
@settings(deadline=None)
def test_a_file_of_any_transfers_is_valid(debtor, batch):
    assert validate(build(debtor, batch)) == []


@given(DEBTORS, BATCHES, st.randoms())
@settings(deadline=None)
def test_the_same_transfers_in_any_order_give_the_same_bytes(debtor, batch, random):
    shuffled = random.sample(batch.transfers, len(batch.transfers))
    at_the_same_moment = batch.created_at.astimezone(UTC)
    again = replace(batch, transfers=shuffled, created_at=at_the_same_moment)
    assert build(debtor, batch) == build(debtor, again)


@given(DEBTORS, BATCHES)
@settings(deadline=None)
def test_every_amount_arrives_to_the_oere(debtor, batch):
    file = build(debtor, batch)
    amounts = dict(zip(texts(file, "p:EndToEndId"), texts(file, "p:InstdAmt"), strict=True))
    assert all(re.fullmatch(r"[0-9]+\.[0-9]{2}", amount) for amount in amounts.values())
    assert {key: int(Decimal(amount) * 100) for key, amount in amounts.items()} == {
        transfer.end_to_end_id: transfer.amount for transfer in batch.transfers
    }


def test_the_whole_file_reads_as_it_should():
    file = build(POOL, batch_of(ASTA)).decode()
    assert (
        file
        == """\
<?xml version='1.0' encoding='UTF-8'?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>UP-2026-11-21-1</MsgId>
      <CreDtTm>2026-11-21T13:05:00+00:00</CreDtTm>
      <NbOfTxs>1</NbOfTxs>
      <CtrlSum>12345.50</CtrlSum>
      <InitgPty>
        <Nm>Ungepuljen</Nm>
      </InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>UP-2026-11-21-1-DKK</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <NbOfTxs>1</NbOfTxs>
      <CtrlSum>12345.50</CtrlSum>
      <PmtTpInf>
        <SvcLvl>
          <Cd>NURG</Cd>
        </SvcLvl>
      </PmtTpInf>
      <ReqdExctnDt>
        <Dt>2026-11-23</Dt>
      </ReqdExctnDt>
      <Dbtr>
        <Nm>Ungepuljen</Nm>
        <PstlAdr>
          <Ctry>DK</Ctry>
        </PstlAdr>
      </Dbtr>
      <DbtrAcct>
        <Id>
          <IBAN>DK5000400440116243</IBAN>
        </Id>
      </DbtrAcct>
      <DbtrAgt>
        <FinInstnId>
          <BICFI>NDEADKKK</BICFI>
        </FinInstnId>
      </DbtrAgt>
      <ChrgBr>SHAR</ChrgBr>
      <CdtTrfTxInf>
        <PmtId>
          <EndToEndId>UP-2026-0007-1</EndToEndId>
        </PmtId>
        <Amt>
          <InstdAmt Ccy="DKK">12345.50</InstdAmt>
        </Amt>
        <Cdtr>
          <Nm>Asta Ærøskøbing Åberg</Nm>
          <PstlAdr>
            <StrtNm>Strandvejen</StrtNm>
            <BldgNb>4 B</BldgNb>
            <PstCd>4600</PstCd>
            <TwnNm>Køge</TwnNm>
            <Ctry>DK</Ctry>
          </PstlAdr>
        </Cdtr>
        <CdtrAcct>
          <Id>
            <IBAN>DK5000400440116243</IBAN>
          </Id>
        </CdtrAcct>
        <RmtInf>
          <Ustrd>UP-2026-0007, forskud</Ustrd>
        </RmtInf>
      </CdtTrfTxInf>
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>
"""
    )


def test_each_currency_has_its_group_sums_and_terms():
    file = build(POOL, BATCH)
    assert texts(file, "p:PmtInfId") == ["UP-2026-11-21-1-DKK", "UP-2026-11-21-1-EUR"]
    assert texts(file, "p:NbOfTxs") == ["3", "2", "1"]
    assert texts(file, "p:CtrlSum") == ["13845.55", "12845.50", "1000.05"]
    assert texts(file, "p:SvcLvl/p:Cd") == ["NURG", "SEPA"]
    assert texts(file, "p:ChrgBr") == ["SHAR", "SLEV"]


def test_a_danish_account_can_stay_a_bban():
    file = build(POOL, batch_of(BO))
    assert texts(file, "p:CdtrAcct/p:Id/p:Othr/p:Id") == ["00400440116243"]
    assert texts(file, "p:CdtrAcct/p:Id/p:Othr/p:SchmeNm/p:Cd") == ["BBAN"]


def test_accounts_may_be_written_with_spaces():
    spaced = replace(ASTA, creditor_iban="DK50 0040 0440 1162 43")
    assert build(POOL, batch_of(spaced)) == build(POOL, batch_of(ASTA))


@pytest.mark.parametrize(
    "text, written",
    [
        ("Søren Ærø-Åberg", "Søren Ærø-Åberg"),
        ("A\u030asa", "Åsa"),
        ("Łukasz Šimić", "?ukasz ?imi?"),
        ("Skate 🛹 jam", "Skate ? jam"),
        ("王小明", "???"),
        ("one\r\n\ttwo\u00a0 three ", "one two three"),
        ("be\x07ll, so\u00adft, zero\u200bwidth", "bell, soft, zerowidth"),
        ("a \x07 b", "a b"),
        ("", ""),
    ],
)
def test_what_banks_cannot_read_is_replaced_visibly(text, written):
    assert as_latin1(text) == written


@given(st.text())
def test_what_is_readable_once_stays_so(text):
    written = as_latin1(text)
    assert as_latin1(written) == written
    assert written.encode("latin-1").decode("latin-1").isprintable()


def test_long_texts_are_cut():
    file = build(POOL, batch_of(replace(ASTA, creditor_name="å" * 71, remittance="ø" * 141)))
    assert texts(file, "p:Cdtr/p:Nm") == ["å" * 70]
    assert texts(file, "p:Ustrd") == ["ø" * 140]


def test_a_name_with_nothing_to_read_says_so():
    file = build(POOL, batch_of(replace(ASTA, creditor_name="\u200b\n", remittance=" ")))
    assert texts(file, "p:Cdtr/p:Nm") == ["NOTPROVIDED"]
    assert texts(file, "p:Ustrd") == []


@pytest.mark.parametrize(
    "address",
    [
        Address("Strandvejen", "4", "4600", " ", "DK"),
        Address("Strandvejen", "4", "4600", "Køge", ""),
        Address("Strandvejen", "4", "4600", "Køge", "Danmark"),
    ],
)
def test_half_an_address_is_left_out(address):
    file = build(POOL, batch_of(replace(ASTA, address=address)))
    assert texts(file, "p:Cdtr/p:PstlAdr") == []


def test_a_debtor_without_bic_is_written_as_banks_expect():
    file = build(replace(POOL, bic=None), BATCH)
    assert texts(file, "p:DbtrAgt/p:FinInstnId/p:Othr/p:Id") == ["NOTPROVIDED"] * 2
    assert validate(file) == []


@pytest.mark.parametrize(
    "batch, sentence",
    [
        (batch_of(), "at least one transfer"),
        (batch_of(ASTA, ASTA), "used 2 times"),
        (batch_of(replace(ASTA, end_to_end_id="")), "not read the id"),
        (batch_of(replace(ASTA, end_to_end_id="x" * 36)), "not read the id"),
        (batch_of(replace(ASTA, end_to_end_id="UP/7")), "not read the id"),
        (replace(BATCH, message_id="x" * 32), "not read the id"),
        (batch_of(replace(ASTA, amount=0)), "cannot be paid"),
        (batch_of(replace(ASTA, amount=-1)), "cannot be paid"),
        (batch_of(replace(ASTA, amount=LARGEST_AMOUNT + 1)), "cannot be paid"),
        (batch_of(replace(ASTA, currency="USD")), "no payments in 'USD'"),
        (batch_of(replace(BO, currency="EUR")), "needs an IBAN"),
        (replace(BATCH, created_at=BATCH.created_at.replace(tzinfo=None)), "no time zone"),
    ],
)
def test_what_no_file_may_hold_is_refused(batch, sentence):
    with pytest.raises(ValueError, match=sentence):
        build(POOL, batch)


def test_an_account_that_does_not_check_out_is_refused():
    with pytest.raises(AccountError):
        build(POOL, batch_of(replace(ASTA, creditor_iban="DK5100400440116243")))
    with pytest.raises(AccountError):
        build(replace(POOL, iban="00400440116243"), BATCH)


# What is found broken: the official schema lets each of these files through, unless it says so.


def tampered(*replacements):
    file = build(POOL, BATCH).decode()
    for old, new in replacements:
        assert old in file
        file = file.replace(old, new, 1)
    return file.encode()


def group_of(currency):
    (group,) = re.findall(
        rf"<PmtInf>\s*<PmtInfId>[^<]*-{currency}<.*?</PmtInf>", build(POOL, BATCH).decode(), re.S
    )
    return group


def transfer_of(transfer):
    (found,) = (
        block
        for block in re.findall(
            r"<CdtTrfTxInf>.*?</CdtTrfTxInf>", build(POOL, BATCH).decode(), re.S
        )
        if transfer.end_to_end_id in block
    )
    return found


ADDRESS = re.search(r"<PstlAdr>\s*<StrtNm>.*?</PstlAdr>", build(POOL, BATCH).decode(), re.S)[0]
BBAN = re.search(r"<Othr>.*?</Othr>", build(POOL, BATCH).decode(), re.S)[0]
EURO_IBAN = "<IBAN>SE4550000000058398257466</IBAN>"
ADDRESS_LINE, NAME_LINE, IBAN_LINE = (
    build(POOL, BATCH).decode().partition(found)[0].count("\n") + 1
    for found in (ADDRESS, "Bo Friis", EURO_IBAN)
)

BROKEN = {
    "a group mixes currencies": (
        [('<InstdAmt Ccy="DKK">500.00', '<InstdAmt Ccy="SEK">500.00')],
        "Group UP-2026-11-21-1-DKK mixes currencies: DKK, SEK.",
    ),
    "a currency has two groups": (
        [
            (group_of("EUR"), group_of("EUR").replace('Ccy="EUR"', 'Ccy="DKK"')),
            ("<Cd>SEPA", "<Cd>NURG"),
            ("<ChrgBr>SLEV", "<ChrgBr>SHAR"),
        ],
        "DKK has 2 groups; one currency has one group.",
    ),
    "a currency nobody pays in": (
        [('<InstdAmt Ccy="EUR">', '<InstdAmt Ccy="USD">')],
        "Group UP-2026-11-21-1-EUR pays in USD, which is not paid in.",
    ),
    "a service level of another currency": (
        [("<Cd>SEPA", "<Cd>NURG")],
        "Group UP-2026-11-21-1-EUR is not sent as payments in EUR are.",
    ),
    "charges of another currency": (
        [("<ChrgBr>SHAR", "<ChrgBr>SLEV")],
        "Group UP-2026-11-21-1-DKK is not sent as payments in DKK are.",
    ),
    "a transfer with charges of its own": (
        [
            (
                '"DKK">500.00</InstdAmt>\n        </Amt>',
                '"DKK">500.00</InstdAmt></Amt><ChrgBr>DEBT</ChrgBr>',
            )
        ],
        "Group UP-2026-11-21-1-DKK is not sent as payments in DKK are.",
    ),
    "a cheque": (
        [("<PmtMtd>TRF", "<PmtMtd>CHK")],
        "Group UP-2026-11-21-1-DKK is not sent as payments in DKK are.",
    ),
    "three decimals": (
        [('"DKK">500.00<', '"DKK">500.000<')],
        "The amount of UP-2026-0008-1 has not exactly two decimals: 500.000.",
    ),
    "no decimals": (
        [('"DKK">500.00<', '"DKK">500<')],
        "The amount of UP-2026-0008-1 has not exactly two decimals: 500.",
    ),
    "a sum with one decimal": (
        [("<CtrlSum>12845.50<", "<CtrlSum>12845.5<")],
        "A control sum has not exactly two decimals: 12845.5.",
    ),
    "an amount of nothing": (
        [
            ('"DKK">500.00<', '"DKK">0.00<'),
            ("<CtrlSum>12845.50<", "<CtrlSum>12345.50<"),
            ("<CtrlSum>13845.55<", "<CtrlSum>13345.55<"),
        ],
        "The amount of UP-2026-0008-1 is not above zero.",
    ),
    "an amount to be converted": (
        [
            (
                '<InstdAmt Ccy="EUR">1000.05</InstdAmt>',
                '<EqvtAmt><Amt Ccy="DKK">1000.05</Amt><CcyOfTrf>EUR</CcyOfTrf></EqvtAmt>',
            ),
            ("<CtrlSum>1000.05<", "<CtrlSum>0.00<"),
            ("<CtrlSum>13845.55<", "<CtrlSum>12845.50<"),
        ],
        "Transfer UP-2026-0009-1 has no amount in its own currency.",
    ),
    "another sum in the file": (
        [("<CtrlSum>13845.55<", "<CtrlSum>13845.54<")],
        "The control sum does not add up. The file says 13845.54.",
    ),
    "another sum in a group": (
        [("<CtrlSum>1000.05<", "<CtrlSum>1000.06<")],
        "The control sum does not add up. Group UP-2026-11-21-1-EUR says 1000.06.",
    ),
    "no sum in the file": (
        [("<CtrlSum>13845.55</CtrlSum>", "")],
        "The control sum does not add up. The file says nothing.",
    ),
    "another number in the file": (
        [("<NbOfTxs>3<", "<NbOfTxs>4<")],
        "The file has 3 transfers and says 4.",
    ),
    "another number in a group": (
        [("<NbOfTxs>2<", "<NbOfTxs>1<")],
        "Group UP-2026-11-21-1-DKK has 2 transfers and says 1.",
    ),
    "no number in a group": (
        [("<NbOfTxs>2</NbOfTxs>", "")],
        "Group UP-2026-11-21-1-DKK has 2 transfers and says nothing.",
    ),
    "a transfer id used twice": (
        [("<EndToEndId>UP-2026-0009-1", "<EndToEndId>UP-2026-0007-1")],
        "EndToEndId UP-2026-0007-1 is used 2 times.",
    ),
    "a group id used twice": (
        [("<PmtInfId>UP-2026-11-21-1-EUR", "<PmtInfId>UP-2026-11-21-1-DKK")],
        "PmtInfId UP-2026-11-21-1-DKK is used 2 times.",
    ),
    "a character outside Latin-1": (
        [("Bo Friis", "Bo Fri&#x15B;")],
        f"Line {NAME_LINE}: Nm is not written as banks read it.",
    ),
    "a control character": (
        [("Bo Friis", "Bo&#x85;Friis")],
        f"Line {NAME_LINE}: Nm is not written as banks read it.",
    ),
    "a name too long": (
        [("Bo Friis", "B" * 71)],
        f"Line {NAME_LINE}: a name has more than 70 characters.",
    ),
    "a text in two parts, too long": (
        [("<RmtInf>", f"<RmtInf><Ustrd>{'x' * 130}</Ustrd>")],
        "The text of UP-2026-0007-1 has more than 140 characters.",
    ),
    "address lines alone": (
        [(ADDRESS, "<PstlAdr><AdrLine>Strandvejen 4 B, 4600 Køge</AdrLine></PstlAdr>")],
        f"Line {ADDRESS_LINE}: an address has address lines.",
        f"Line {ADDRESS_LINE}: an address has no country.",
        f"Line {ADDRESS_LINE}: an address has no town.",
    ),
    "address lines beside a structure": (
        [
            (
                "<Ctry>DK</Ctry>\n          </PstlAdr>",
                "<Ctry>DK</Ctry><AdrLine>4600</AdrLine></PstlAdr>",
            )
        ],
        f"Line {ADDRESS_LINE}: an address has address lines.",
    ),
    "an address without town": (
        [("<TwnNm>Køge</TwnNm>", "")],
        f"Line {ADDRESS_LINE}: an address has no town.",
    ),
    "an address without country": (
        [("<Ctry>DK</Ctry>\n          </PstlAdr>", "</PstlAdr>")],
        f"Line {ADDRESS_LINE}: an address has no country.",
    ),
    "euro to a BBAN": (
        [(EURO_IBAN, BBAN)],
        "Transfer UP-2026-0009-1 is in euro and has no IBAN.",
    ),
    "an IBAN with a typing error": (
        [(EURO_IBAN, "<IBAN>SE4550000000058398257467</IBAN>")],
        f"Line {IBAN_LINE}: the IBAN does not check out.",
    ),
    "a BBAN of nine digits": (
        [("<Id>00400440116243<", "<Id>040116243<")],
        "Transfer UP-2026-0008-1 has neither an IBAN nor a Danish account.",
    ),
    "an account of another kind": (
        [("<Cd>BBAN<", "<Cd>BGNR<")],
        "Transfer UP-2026-0008-1 has neither an IBAN nor a Danish account.",
    ),
    "no account": (
        [(transfer_of(BO), re.sub("<CdtrAcct>.*</CdtrAcct>", "", transfer_of(BO), flags=re.S))],
        "Transfer UP-2026-0008-1 has neither an IBAN nor a Danish account.",
    ),
    "nobody to pay": (
        [(transfer_of(BO), re.sub("<Cdtr>.*</Cdtr>", "", transfer_of(BO), flags=re.S))],
        "Transfer UP-2026-0008-1 names nobody.",
    ),
    "nobody who pays": (
        [("<Dbtr>\n        <Nm>Ungepuljen</Nm>", "<Dbtr>")],
        "Group UP-2026-11-21-1-DKK does not name who pays.",
    ),
    "paid from no IBAN": (
        [("<IBAN>DK5000400440116243</IBAN>", BBAN)],
        "Group UP-2026-11-21-1-DKK is not paid from an IBAN.",
    ),
    "a comment inside an amount": (
        [('"DKK">500.00<', '"DKK">500.00<!-- -->1<')],
        "The file has comments, instructions or entities among the payments.",
    ),
    "an instruction among the payments": (
        [("<GrpHdr>", "<?bank pay?><GrpHdr>")],
        "The file has comments, instructions or entities among the payments.",
    ),
    "a document type": (
        [("<Document", "<!DOCTYPE Document><Document")],
        "The file brings its own document type.",
    ),
    "another encoding": (
        [("encoding='UTF-8'", "encoding='ISO-8859-1'")],
        "The file is in ISO-8859-1; it should be in UTF-8.",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_each_broken_rule_is_found_and_nothing_else(what):
    replacements, *sentences = BROKEN[what]
    assert validate(tampered(*replacements)) == sentences


@pytest.mark.parametrize(
    "old, new",
    [
        ("<MsgId>", "<MsgId>1</MsgId><MsgId>"),
        ('"DKK">500.00<', '"DKK">-500.00<'),
        ('"DKK">500.00<', '"DKK">500.000001<'),
        ("<EndToEndId>", f"<EndToEndId>{'x' * 35}"),
        ("pain.001.001.09", "pain.001.001.03"),
    ],
)
def test_what_the_official_schema_refuses_is_told_with_its_line(old, new):
    broken = validate(tampered((old, new)))
    assert broken
    assert all(re.match(r"Line \d+: ", sentence) for sentence in broken)


@pytest.mark.parametrize("file", [b"", b"no XML", b"<Document>", "<ø/>".encode("latin-1")])
def test_what_is_no_xml_is_told(file):
    (sentence,) = validate(file)
    assert sentence.startswith("The file cannot be read as XML")


def test_entities_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    file = tampered(
        ("<Document", f'<!DOCTYPE Document [<!ENTITY s SYSTEM "{secret.as_uri()}">]><Document'),
        ("Bo Friis", "&s;"),
    )
    assert validate(file) == [
        "The file brings its own document type.",
        "The file has comments, instructions or entities among the payments.",
    ]
