"""The letter that answers a request for a change."""

import io

import outloud
import pikepdf
import pytest

from grants.letters import texts
from tests.grants.letters.facts import SHARED
from tests.grants.letters.test_rendering import render
from tests.grants.letters.test_texts import read

ONLY_OF_DECISIONS = {"amount_applied_for", "recommended"}
CHANGE = {name: fact for name, fact in SHARED.items() if name not in ONLY_OF_DECISIONS} | {
    "wish": "dates",
    "is_granted": True,
    "answer": "Vi glæder os.",
    "asked_on": "2026-10-01",
    "starts_on": "2027-01-05",
    "ends_on": "2027-01-20",
    "report_by": "2027-02-19",
    "lines": [],
    "is_paid": False,
}
LINES = [
    {"kind": "expense", "text": "Lyd", "amount": 900_050},
    {"kind": "income", "text": "Billetter", "amount": 50_050},
]
LANGUAGES = ("da", "en", "sv", "nb")
WISHES = ("dates", "budget", "extension", "give_up")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("is_granted", [True, False])
def test_every_answer_has_its_words_in_every_language(language, wish, is_granted):
    lines = LINES if wish == "budget" else []
    told = CHANGE | {"wish": wish, "is_granted": is_granted, "lines": lines}
    letter = read("change", language, told)
    assert "Vi glæder os." in letter
    assert ("Skriv til ombudsmanden." in letter) or is_granted
    assert ("Billetter" in letter) == (wish == "budget" and is_granted)


def test_other_dates_in_danish():
    letter = read("change", "da", CHANGE)
    assert "Ja, I må gerne flytte projektet" in letter
    assert "Projektet begynder den 5. januar 2027 og slutter den 20. januar 2027." in letter
    assert "senest den 19. februar 2027" in letter


def test_a_new_budget_in_english():
    letter = read("change", "en", CHANGE | {"wish": "budget", "lines": LINES})
    assert "Yes, you can change the budget" in letter
    assert "Lyd Expense DKK 9,000.50 Billetter Income DKK 500.50" in letter


@pytest.mark.parametrize(
    "is_paid, words", [(True, "De skal betales tilbage."), (False, "Tilsagnet bortfalder.")]
)
def test_giving_up_says_what_becomes_of_the_money(is_paid, words):
    assert words in read("change", "da", CHANGE | {"wish": "give_up", "is_paid": is_paid})


@pytest.mark.parametrize("missing", ["answer", "complaint_guidance"])
def test_a_no_is_not_written_without_reason_and_guidance(missing):
    told = CHANGE | {"is_granted": False, missing: None if missing != "answer" else " "}
    with pytest.raises(ValueError, match=missing):
        texts.write("change", "da", told)


def test_a_decisions_facts_are_no_facts_of_a_change():
    with pytest.raises(ValueError, match="recommended is unknown"):
        texts.write("change", "da", CHANGE | {"recommended": ""})


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_an_archive_file_and_an_accessible_one(language, tmp_path):
    """Slow: a letter is rendered."""
    told = CHANGE | {"wish": "budget", "lines": LINES}
    pdf = render(texts.write("change", language, told), language).pdf
    with pikepdf.open(io.BytesIO(pdf)) as file:
        metadata = file.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert language == file.Root.Lang
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf)
    assert outloud.check(str(file)).verdict == "pass"
