"""What a letter says, and what it must never leave out or let in."""

import re
from itertools import pairwise

import pytest
from lxml import html

from grants.letters import texts

KINDS = (texts.AWARD, texts.PARTIAL_AWARD, texts.REJECTION)
LANGUAGES = ("da", "en")
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


@pytest.mark.parametrize("plural, words", [(True, "I får"), (False, "Du får")])
@pytest.mark.parametrize("kind", KINDS)
def test_a_person_is_du_and_a_group_is_i(facts, kind, plural, words):
    letter = read(kind, "da", facts[kind] | {"plural": plural})
    others = r"\b(du|dig|din|dit)\b" if plural else r"\b(I|jer|jeres)\b"
    assert words in letter
    assert not re.search(others, letter.replace("når I har sagt ja tak", ""))


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
        r"\b(point|score|stemme|vote|medlem|member)", read(kind, language, facts[kind])
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
    with pytest.raises(ValueError, match="'sv'"):
        texts.write("award", "sv", facts["award"])
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
