"""Frozen text in, PDF bytes out: archive (PDF/A-3a) and accessible (PDF/UA-1) at once.

Importing this loads WeasyPrint and Pango (about a second): import it where a letter is rendered.
"""

import re
import unicodedata
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, cast

from fontTools.ttLib import TTFont
from weasyprint import HTML, Document
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

SCHEME = "letter:"
OURS = files("grants.letters") / "assets"
FONTS = files("font_source_sans_pro") / "files"
FONT_NAMES = [f"SourceSansPro-{weight}.ttf" for weight in ("Regular", "Semibold", "Black")]
ASSETS = {"letter.css": (OURS / "letter.css", "text/css")} | {
    name: (FONTS / name, "font/ttf") for name in FONT_NAMES
}
PDF_UA = (OURS / "pdfua.xmp").read_bytes()
ARCHIVE: dict[str, Any] = {"pdf_variant": "pdf/a-3a", "pdf_tags": True, "output_intent": "srgb"}


@dataclass(frozen=True)
class Rendered:
    """A letter's bytes, their SHA-256 (hex), and the names of characters the font lacks."""

    pdf: bytes
    sha256: str
    replaced: list[str]


def render(
    html: str, *, language: str, title: str, identifier: bytes | str, created: datetime
) -> Rendered:
    """The same input gives the same bytes. ValueError if the text wants anything but our assets.

    A character outside the letter's font is written as its name in brackets, "[party popper]".
    `created` is aware; `identifier` becomes the file's own permanent id.
    """
    text, replaced = spell_out(html)
    options = ARCHIVE | {"pdf_identifier": identifier}
    try:
        document = HTML(string=text, url_fetcher=OwnAssets()).render(**options)
        document.metadata.lang = language
        document.metadata.title = spell_out(title)[0]
        document.metadata.created = created.astimezone(UTC).isoformat(timespec="seconds")
        pdf = _write(document, options)
    except FatalURLFetchingError as refusal:
        # It is a BaseException: uncaught it would take the worker down with it.
        raise ValueError(str(refusal)) from refusal
    return Rendered(pdf, sha256(pdf).hexdigest(), replaced)


class OwnAssets(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Gives out the stylesheet and the fonts, as letter:NAME, and stops the letter on all else."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=[], allow_redirects=False, fail_on_errors=True)

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if not url.startswith(SCHEME) or url.removeprefix(SCHEME) not in ASSETS:
            raise ValueError(f"A letter may not fetch {url}")
        path, content_type = ASSETS[url.removeprefix(SCHEME)]
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": content_type})


def spell_out(text: str) -> tuple[str, list[str]]:
    """Text that the font can show, and the names of the characters that it could not."""
    # Piece by piece: an accent at the start of a text must not melt into the tag before it.
    text = re.sub(r"[^<>&;=]+", lambda piece: unicodedata.normalize("NFC", piece[0]), text)
    missing = [character for character in dict.fromkeys(text) if character not in _alphabet()]
    in_words = {ord(character): _in_words(character) for character in missing}
    names = [words[1:-1] for words in in_words.values() if words.startswith("[")]
    return text.translate(in_words), names


def _in_words(character: str) -> str:
    """A space for a space, nothing for what has no looks of its own, else the name in brackets."""
    kind = unicodedata.category(character)
    name = unicodedata.name(character, f"U+{ord(character):04X}")
    if kind.startswith("Z"):
        return " "
    # Joiners and selectors only bend a neighbour that is replaced; direction marks can hide a text.
    if kind in ("Cc", "Cf") or name.startswith("VARIATION SELECTOR"):
        return ""
    return f"[{name if name.startswith('U+') else name.lower()}]"


@cache
def _alphabet() -> frozenset[str]:
    """Every character that all weights of the letter's font can show."""
    in_each = [set(TTFont(str(FONTS / name)).getBestCmap()) for name in FONT_NAMES]
    shown = map(chr, set.intersection(*in_each))
    return frozenset(c for c in shown if unicodedata.category(c) != "Cf") | {"\n", "\t"}


def _write(document: Document, options: dict[str, Any]) -> bytes:
    with warnings.catch_warnings():
        # WeasyPrint leaves the file of its colour profile to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        return cast(bytes, document.write_pdf(finisher=_finish, **options))


def _finish(document: Document, pdf: Any) -> None:
    """What WeasyPrint leaves open between an archive file and an accessible one."""
    _declare_accessible(pdf)
    _set_running_foot_apart(pdf)


def _declare_accessible(pdf: Any) -> None:
    """Say "PDF/UA-1" in the file's metadata, beside the "PDF/A-3a" that WeasyPrint writes."""
    # Its own option for more metadata adds a second rdf:RDF, which readers of XMP pass over.
    metadata = _referred(pdf, pdf.catalog["Metadata"])
    packet, end, rest = metadata.stream[0].rpartition(b"</rdf:RDF>")
    metadata.stream[0] = packet + PDF_UA + end + rest


def _set_running_foot_apart(pdf: Any) -> None:
    """Mark the foot as pagination (ISO 14289-1, 7.8), so that nobody hears it on every page."""
    # WeasyPrint tags it like text, then leaves these elements hanging outside the document's tree.
    elements: dict[bytes, Any] = {
        item.reference: item
        for item in pdf.objects
        if hasattr(item, "get") and item.get("Type") == "/StructElem"
    }
    children = {kid for element in elements.values() for kid in element["K"]}
    loose = [element for name, element in elements.items() if name not in children]
    loose = [element for element in loose if element["S"] != "/Document"]
    parents = _referred(pdf, _referred(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"]
    while loose:
        element = loose.pop()
        loose += [elements[kid] for kid in element["K"] if kid in elements]
        page = _referred(pdf, element["Pg"])
        commands = _referred(pdf, page["Contents"]).stream
        for number in [kid for kid in element["K"] if isinstance(kid, int)]:
            start = commands.index({"MCID": number})
            commands[start - 1 : start + 1] = [b"/Artifact", b"<</Type/Pagination/Subtype/Footer>>"]
            parents[parents.index(page["StructParents"]) + 1][number] = b"null"


def _referred(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
