"""A letter's bytes: archive and accessible, ours alone, and the same every time."""

import io
import json
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import outloud
import pikepdf
import pikepdf.pdfa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from grants.letters import rendering, texts
from tests.grants.letters.facts import FACTS

ROOT = Path(__file__).parents[3]
MOMENT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
PAGE_ONE = {"da": "Side 1 af", "en": "Page 1 of", "sv": "Sida 1 av", "nb": "Side 1 av"}
EACH_LETTER = pytest.mark.parametrize(
    "kind, language", [(kind, language) for kind in FACTS for language in PAGE_ONE]
)


def render(html, language="da", title="Tilsagn: Natteskrig på Søndre Havn"):
    return rendering.render(
        html, language=language, title=title, identifier="K7QF-3M9X-TB2A", created=MOMENT
    )


def a_letter(**changes):
    return texts.write("rejection", "da", FACTS["rejection"] | changes)


def page(body):
    return f'<html lang="da"><head><title>x</title>{body}</html>'


def text_of(pdf):
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def fonts_of(pdf):
    """The families of the embedded fonts; the test fails on one that is not embedded."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        fonts = [
            item
            for item in file.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert all("/FontFile2" in font for font in fonts)
        return {str(font.FontName).split("+")[1].split("-")[0] for font in fonts}


@EACH_LETTER
def test_a_letter_is_an_archive_file_and_an_accessible_one(facts, kind, language):
    pdf = render(texts.write(kind, language, facts[kind]), language).pdf
    with pikepdf.open(io.BytesIO(pdf)) as file:
        metadata = file.open_metadata()
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata["dc:title"] == "Tilsagn: Natteskrig på Søndre Havn"
        assert file.Root.MarkInfo.Marked
        assert file.Root.StructTreeRoot.K[0].S == "/Document"
        assert file.Root.Lang == language
        assert file.Root.ViewerPreferences.DisplayDocTitle
        assert file.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert file.docinfo.CreationDate == "D:20261101120000+00'00"
        assert file.trailer.ID[0] == "K7QF-3M9X-TB2A"


@EACH_LETTER
def test_a_screen_reader_can_read_it(facts, kind, language, tmp_path):
    file = tmp_path / "letter.pdf"
    file.write_bytes(render(texts.write(kind, language, facts[kind]), language).pdf)
    result = outloud.check(str(file))
    assert [(found.rule, found.message) for found in result.sorted_findings()] == []
    assert result.verdict == "pass"


def test_the_running_foot_of_a_long_letter_is_not_read_on_each_page(facts, tmp_path):
    facts["partial_award"]["conditions"] = [
        f"{first}{second} " * 60 for first in "bdfgk" for second in "aeiouyæøå"
    ]
    file = tmp_path / "letter.pdf"
    file.write_bytes(render(texts.write("partial_award", "da", facts["partial_award"])).pdf)
    # PAG-001: running header or footer is tagged as content
    result = outloud.check(str(file))
    assert result.stats["pages"] >= 3
    assert result.errors == 0
    assert "PAG-001" not in {found.rule for found in result.findings}
    assert "Side 2 af " in text_of(file.read_bytes())


@EACH_LETTER
def test_a_strict_validator_of_archive_files_finds_only_what_it_does_not_know(
    facts, kind, language
):
    pdf = render(texts.write(kind, language, facts[kind]), language).pdf
    report = pikepdf.pdfa.validate_written(io.BytesIO(pdf), "3b")
    # It knows level B and no extension schemas; empty lists of patterns it does not look into.
    unknown = ("pdfuaid", "pdfaExtension", "pdfaSchema", "pdfaProperty", "conformance is 'A'")
    unknown += ("patterns are not supported", "shadings are not supported")
    found = [finding.message for finding in report.findings]
    assert [message for message in found if not any(word in message for word in unknown)] == []


@EACH_LETTER
def test_a_letter_reads_as_it_was_written(facts, kind, language):
    text = text_of(render(texts.write(kind, language, facts[kind]), language).pdf)
    assert "Foreningen Ølejr & Åløb" in text
    assert "Natteskrig på Søndre Havn" in text
    assert PAGE_ONE[language] in text


@EACH_LETTER
def test_a_plain_letter_takes_a_page_and_one_with_reasons_and_money_two(facts, kind, language):
    pdf = render(texts.write(kind, language, facts[kind]), language).pdf
    assert len(PdfReader(io.BytesIO(pdf)).pages) <= (2 if kind == "partial_award" else 1)


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_in_another_process(facts):
    """Slow: another process loads WeasyPrint anew."""
    html = texts.write("award", "da", facts["award"])
    here = render(html)
    assert here == render(html)
    assert here.sha256 == sha256(here.pdf).hexdigest()
    script = (
        "import json, sys; from datetime import datetime; from grants.letters import rendering;"
        "given = json.load(sys.stdin); given['created'] = datetime.fromisoformat(given['created']);"
        "print(rendering.render(**given).sha256)"
    )
    given = {
        "html": html,
        "language": "da",
        "title": "Tilsagn: Natteskrig på Søndre Havn",
        "identifier": "K7QF-3M9X-TB2A",
        "created": MOMENT.isoformat(),
    }
    there = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here.sha256


def test_another_moment_gives_other_bytes(facts):
    html = texts.write("award", "da", facts["award"])
    later = rendering.render(
        html,
        language="da",
        title="Tilsagn: Natteskrig på Søndre Havn",
        identifier="K7QF-3M9X-TB2A",
        created=MOMENT.replace(minute=1),
    )
    assert later.sha256 != render(html).sha256


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.css",
        "https://example.org/a.css",
        "file:///etc/passwd",
        "data:text/css,p{}",
        "ftp://example.org/a.css",
        "letter:../rendering.py",
        "letter:pdfua.xmp",
        "LETTER:letter.css",
    ],
)
def test_a_letter_fetches_nothing_but_its_own_assets(address):
    with pytest.raises(ValueError, match="may not fetch"):
        rendering.OwnAssets().fetch(address)
    with pytest.raises(ValueError, match="Error fetching"):
        render(page(f'<link rel="stylesheet" href="{address}"><body>x'))


@pytest.mark.parametrize(
    "body",
    [
        '<body><img alt="x" src="http://example.org/a.png">',
        '<style>@import "file:///etc/passwd";</style><body>x',
        '<style>@font-face { font-family: x; src: url("http://example.org/x.ttf") }</style><body>x',
        '<body><p style="background: url(file:///etc/passwd)">x',
        '<link rel="attachment" href="file:///etc/passwd"><body>x',
    ],
)
def test_no_way_of_asking_for_a_file_gets_it(body):
    with pytest.raises(ValueError, match="Error fetching"):
        render(page(body))


def test_a_character_that_the_font_lacks_is_spelled_out_and_listed():
    rendered = render(a_letter(title="Fest 🎉 på Åen 🎉 مر"))
    assert "Fest [party popper] på Åen [party popper]" in text_of(rendered.pdf)
    assert rendered.replaced == ["party popper", "arabic letter meem", "arabic letter reh"]


@pytest.mark.parametrize(
    "written, read, replaced",
    [
        ("Åse", "Åse", []),
        ("A\u030ase", "Åse", []),  # as some keyboards write Å
        ("👩‍🎨️", "[woman][artist palette]", ["woman", "artist palette"]),
        ("12\u2009000", "12 000", []),
        ("ja\u202egnp.exe", "jagnp.exe", []),  # turns the rest of the line around
        ("\ue000", "[U+E000]", ["U+E000"]),
        ("\ud800", "[U+D800]", ["U+D800"]),
        ("a\x00b\x1bc", "abc", []),
        ("<p>\u0338", "<p>[combining long solidus overlay]", ["combining long solidus overlay"]),
    ],
)
def test_each_character_is_shown_spelled_out_or_harmless(written, read, replaced):
    assert rendering.spell_out(written) == (read, replaced)


@pytest.mark.slow
def test_only_the_packaged_fonts_are_used_and_they_are_embedded():
    """Slow: a letter of every character that the fonts have, three times over."""
    everything = " ".join(sorted(rendering._alphabet()))
    rendered = render(a_letter(title=everything, fact=everything, pool_name=everything))
    assert fonts_of(rendered.pdf) == {"Letter"}
    assert rendered.replaced == []


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60), st.text(min_size=1, max_size=200), st.text(max_size=40))
def test_whatever_people_write_becomes_a_letter(title, fact, name):
    """Slow: each example is a letter, made and read."""
    html = a_letter(title=title, fact=f"Fakta: {fact}", applicant_name=name)
    rendered = render(html, title=title)
    assert rendered.pdf.startswith(b"%PDF-1.7")
    assert fonts_of(rendered.pdf) == {"Letter"}


@settings(max_examples=300)
@given(st.text(st.characters(), max_size=80))
def test_whatever_is_written_is_spelled_in_our_letters(text):
    spelled, replaced = rendering.spell_out(text)
    assert set(spelled) <= rendering._alphabet() | set("[]")
    assert all(f"[{name}]" in spelled for name in replaced)


def test_nothing_is_amiss_while_rendering(facts, caplog):
    for kind, given_facts in facts.items():
        render(texts.write(kind, "da", given_facts))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
