"""What a letter says, and what it must never leave out or let in."""

import re
from itertools import pairwise

import pytest
from lxml import html

from grants.letters import texts

KINDS = (texts.AWARD, texts.PARTIAL_AWARD, texts.REJECTION)
LANGUAGES = ("da", "en", "sv", "nb")
EACH_LETTER = pytest.mark.parametrize(
    "kind, language", [(kind, language) for kind in KINDS for language in LANGUAGES]
)
EACH_NO = pytest.mark.parametrize("kind", [texts.PARTIAL_AWARD, texts.REJECTION])


def read(kind, language, facts):
    """The letter's text as a person reads it, on one line."""
    document = html.document_fromstring(texts.write(kind, language, facts))
    return " ".join(" ".join(document.find("body").itertext()).split())


def test_an_award_says_how_much_by_when_and_on_what_conditions(facts):
    letter = read("award", "da", facts["award"])
    assert "I får 18.500,00 kr. til »Natteskrig på Søndre Havn«" in letter
    assert "Sig ja tak senest 15. november 2026" in letter
    assert "Alle mellem 13 og 25 år kan være med." in letter
    assert "Forskud når I har sagt ja tak 14.800,00 kr." in letter
    assert "Slutrate 1. maj 2027 3.700,00 kr." in letter
    assert "Malmö 9.249,99 kr." in letter
    assert "Fortæl, hvordan det gik, senest 31. marts 2027" in letter


def test_an_award_in_english_has_english_dates_and_money(facts):
    letter = read("award", "en", facts["award"])
    assert "You get DKK 18,500.00 for “Natteskrig på Søndre Havn”" in letter
    assert "Say yes by 15 November 2026" in letter


def test_a_rejection_says_the_rule_the_consideration_and_the_facts(facts):
    letter = read("rejection", "da", facts["rejection"])
    assert "Puljens retningslinjer, § 4, stk. 2: Unge fra mindst to kommuner er med." in letter
    assert "På tværs: Projektet når ud over én kommune." in letter
    assert "Alle i gruppen bor i Køge. Der er ikke aftalt noget" in letter
    assert "Skriv til ombudsmanden." in letter


def test_a_partial_award_says_both_amounts_and_why(facts):
    letter = read("partial_award", "da", facts["partial_award"])
    assert "I får 10.000,00 kr." in letter
    assert "mindre end de 18.500,00 kr., I søgte om" in letter
    assert "Begrundelse" in letter


def test_an_award_in_swedish_has_swedish_dates_and_money(facts):
    letter = read("award", "sv", facts["award"] | {"currency": "SEK"})
    assert "Ni får 18 500,00 kr till ”Natteskrig på Søndre Havn”" in letter
    assert "Tacka ja senast 15 november 2026" in letter
    assert "Slutrate 1 maj 2027 3 700,00 kr" in letter


def test_an_award_in_norwegian_has_norwegian_dates_and_money(facts):
    letter = read("award", "nb", facts["award"] | {"currency": "NOK"})
    assert "Dere får 18 500,00 kr til «Natteskrig på Søndre Havn»" in letter
    assert "Takk ja senest 15. november 2026" in letter


@pytest.mark.parametrize("language", ["sv", "nb"])
def test_danish_money_is_not_taken_for_ones_own(facts, language):
    letter = read("award", language, facts["award"])
    assert {"sv": "18 500,00 Dkr", "nb": "18 500,00 DKK"}[language] in letter


ONE = {
    "da": r"\b(du|dig|din|dit)\b",
    "sv": r"\b(du|dig|din|ditt)\b",
    "nb": r"\b(du|deg|din|ditt)\b",
}
MANY = {"da": r"\b(I|jer|jeres)\b", "sv": r"\b(ni|ert)\b", "nb": r"\b(dere|deres)\b"}


@pytest.mark.parametrize("language", ONE)
@pytest.mark.parametrize("plural", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_one_person_and_a_group_are_spoken_to_as_what_they_are(facts, kind, plural, language):
    letter = read(kind, language, facts[kind] | {"plural": plural})
    letter = letter.replace("når I har sagt ja tak", "")
    theirs, others = (MANY, ONE) if plural else (ONE, MANY)
    case = 0 if language == "da" else re.IGNORECASE  # "i" is a word of its own in Danish
    assert re.search(theirs[language], letter, case)
    assert not re.search(others[language], letter, case)


@pytest.mark.parametrize("currency", ["SEK", "NOK", "EUR"])
def test_an_amount_keeps_its_currency(facts, currency):
    assert f"{currency} 18,500.00" in read("award", "en", facts["award"] | {"currency": currency})


@EACH_NO
@pytest.mark.parametrize("missing", ["guideline", "criterion", "fact", "complaint_guidance"])
@pytest.mark.parametrize("how", ["absent", "none", "blank"])
def test_no_letter_says_no_without_its_reasons(facts, kind, missing, how):
    given = facts[kind]
    if how == "absent":
        del given[missing]
    elif how == "none":
        given[missing] = None
    elif missing == "fact":
        given["fact"] = " \n"
    else:
        given[missing] = dict.fromkeys(given[missing], " ")
    with pytest.raises(ValueError, match=f"{missing} is empty"):
        texts.write(kind, "da", given)


@EACH_LETTER
def test_what_the_committee_said_among_itself_has_no_way_in(facts, kind, language):
    assert not re.search(
        r"\b(point|poäng|poeng|score|stemme|röst|vote|medlem|ledam|member)",
        read(kind, language, facts[kind]),
    )
    for name in ("scores", "votes", "comments", "members"):
        with pytest.raises(ValueError, match=f"{name} is unknown"):
            texts.write(kind, language, facts[kind] | {name: "4 point af Dines"})
    with pytest.raises(ValueError, match="recommended is"):
        texts.write(kind, language, facts[kind] | {"recommended": "4 point af Dines"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_fact_is_named(facts, kind):
    del facts[kind]["verify_url"]
    with pytest.raises(ValueError, match="verify_url is missing"):
        texts.write(kind, "da", facts[kind])


def test_only_known_letters_in_known_languages_are_written(facts):
    with pytest.raises(ValueError, match="'fi'"):
        texts.write("award", "fi", facts["award"])
    with pytest.raises(ValueError, match="'greeting'"):
        texts.write("greeting", "da", facts["award"])


@EACH_LETTER
def test_a_deviation_and_a_replaced_letter_are_told(facts, kind, language):
    extra = {"deviation_reason": "Rammen er brugt.", "replaces": "AAAA-BBBB"}
    letter = read(kind, language, facts[kind] | extra)
    assert "Rammen er brugt." in letter
    assert "AAAA-BBBB" in letter


@EACH_LETTER
def test_what_people_wrote_is_text_and_never_markup(facts, kind, language):
    trick = """<img src="file:///etc/passwd" onerror='x'>{{ code }}"""
    given = facts[kind] | {"title": trick, "applicant_name": trick, "deviation_reason": trick}
    written = texts.write(kind, language, given)
    assert "<img" not in written
    assert trick in read(kind, language, given)


@EACH_LETTER
def test_a_letter_refers_to_nothing_outside_but_links_to_follow(facts, kind, language):
    document = html.document_fromstring(texts.write(kind, language, facts[kind]))
    links = [(element.tag, url) for element, _, url, _ in document.iterlinks()]
    assert links == [
        ("link", "letter:letter.css"),
        ("a", "mailto:puljen@example.org"),
        ("a", "https://puljen.example.org/verify"),
    ]


@EACH_LETTER
def test_headings_follow_each_other_and_tables_have_column_headers(facts, kind, language):
    document = html.document_fromstring(texts.write(kind, language, facts[kind]))
    levels = [int(heading.tag[1]) for heading in document.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert {header.get("scope") for header in document.iter("th")} <= {"col"}
    assert document.get("lang") == language
    assert document.findtext("head/title").endswith("(UP-2026-0042)")
