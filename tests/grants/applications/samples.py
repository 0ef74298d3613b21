"""The smallest real files, made here: one of each type that is taken, and some that are not."""

import wave
import zipfile
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


def upload(name, content):
    """As a browser sends it; what it claims the type to be is never looked at."""
    return SimpleUploadedFile(name, content, content_type="image/png")


def status_of(browser, address):
    """The answer's status, when it has been read to its end: then the file is closed."""
    answer = browser.get(address)
    if answer.streaming:
        answer.getvalue()
    return answer.status_code


def picture(kind="PNG", *, size=(40, 20), mode="RGB", **options):
    written = BytesIO()
    Image.new(mode, size, "white").save(written, kind, **options)
    return written.getvalue()


def packed(parts, **options):
    """A zip of {name: bytes}."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", **options) as folder:
        for name, content in parts.items():
            folder.writestr(name, content)
    return written.getvalue()


def office(kind, folder, *, more=None, main=".main+xml"):
    types = (
        f'<Types><Override PartName="/{folder}/x.xml" ContentType="{OOXML}{kind}{main}"/></Types>'
    )
    return packed({"[Content_Types].xml": types, f"{folder}/x.xml": "<x/>"} | (more or {}))


def open_document(kind, *, more=None):
    return packed({"mimetype": ODF + kind, "META-INF/manifest.xml": "<x/>"} | (more or {}))


def wav():
    written = BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return written.getvalue()


def mp3(*, tag=b""):
    """Three frames of layer III at 128 kbit/s and 44.1 kHz: 417 bytes each."""
    return tag + 3 * (b"\xff\xfb\x90\x00" + bytes(413))


def box(kind, content):
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def boxes(*handlers, brand=b"mp42"):
    """An ISO file with one track for each handler: b"soun", b"vide"."""
    tracks = [
        box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + each + bytes(12)))) for each in handlers
    ]
    start = box(b"ftyp", brand + bytes(4) + brand + b"isom")
    return start + box(b"mdat", bytes(64)) + box(b"moov", b"".join(tracks))


def ogg(codec=b"OpusHead"):
    return b"OggS\0\x02" + bytes(20) + b"\x01\x13" + codec + bytes(16)


def flac():
    return b"fLaC\x80\0\0\x22" + bytes(34)


PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

SAMPLES = {
    "application/pdf": PDF,
    "image/jpeg": picture("JPEG"),
    "image/png": picture("PNG"),
    "image/gif": picture("GIF"),
    "image/webp": picture("WEBP"),
    OOXML + "wordprocessingml.document": office("wordprocessingml.document", "word"),
    OOXML + "spreadsheetml.sheet": office("spreadsheetml.sheet", "xl"),
    OOXML + "presentationml.presentation": office("presentationml.presentation", "ppt"),
    ODF + "text": open_document("text"),
    ODF + "spreadsheet": open_document("spreadsheet"),
    ODF + "presentation": open_document("presentation"),
    "audio/mpeg": mp3(),
    "audio/mp4": boxes(b"soun"),
    "audio/ogg": ogg(),
    "audio/wav": wav(),
    "audio/flac": flac(),
}

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><script>alert(1)</script></html>"

# {what it is: (bytes, a word of the sentence that refuses it)}
REFUSED = {
    "nothing": (b"", "empty"),
    "svg": (SVG, "do not take"),
    "svg with a head": (b'<?xml version="1.0"?>\n' + SVG, "do not take"),
    "html": (HTML, "do not take"),
    "html after a BOM": (b"\xef\xbb\xbf\n  " + HTML, "do not take"),
    "javascript": (b"fetch('/').then(alert)", "do not take"),
    "php": (b"<?php system($_GET['x']);", "do not take"),
    "shell script": (b"#!/bin/sh\nrm -rf ~\n", "do not take"),
    "windows program": (b"MZ\x90\0" + bytes(200), "do not take"),
    "linux program": (b"\x7fELF\x02\x01\x01" + bytes(200), "do not take"),
    "plain text": ("Kære udvalg".encode(), "do not take"),
    "rtf": (rb"{\rtf1 Hej}", "do not take"),
    "html that begins as a gif": (b"GIF89a/*" + HTML, "do not take"),
    "html that begins as a pdf": (b"%PDF-1.4\n" + HTML + b"%%EOF", "do not take"),
    "pdf cut short": (PDF[:-8], "do not take"),
    "pdf behind something": (b"xx" + PDF, "do not take"),
    "png cut short": (picture()[:-30], "damaged"),
    "jpeg cut short": (picture("JPEG", size=(300, 300))[:-200], "damaged"),
    "gif cut short": (picture("GIF", size=(300, 300))[:-40], "damaged"),
    "webp cut short": (picture("WEBP", size=(300, 300))[:-10], "damaged"),
    "gif without a picture": (b"GIF89a\x01\0\x01\0\0\0\0;", "damaged"),
    "tiff": (picture("TIFF"), "damaged"),
    "bmp": (picture("BMP"), "damaged"),
    "old office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "Save it as PDF"),
    "plain zip": (packed({"a.txt": "x"}), "packed"),
    "zip cut short": (office("spreadsheetml.sheet", "xl")[:-20], "packed"),
    "zip that calls itself odt": (packed({"mimetype": ODF + "text"}), "packed"),
    "zip with strange contents": (packed({"[Content_Types].xml": "<x/>", "word/x": ""}), "packed"),
    "docm": (
        office("x", "word", main=" application/vnd.ms-word.document.macroEnabled.main+xml"),
        "macro",
    ),
    "docx with a macro": (
        office("wordprocessingml.document", "word", more={"word/vbaProject.bin": "x"}),
        "macro",
    ),
    "odt with a macro": (open_document("text", more={"Basic/Standard/x.xml": "x"}), "macro"),
    "film": (boxes(b"soun", b"vide"), "films"),
    "film in another box": (b"\x1a\x45\xdf\xa3" + b"\x42\x82\x84webm" + bytes(64), "films"),
    "film in ogg": (ogg(b"\x80theora"), "do not take"),
    "boxes without a track": (boxes(), "do not take"),
    "boxes without an end": (b"\0\0\0\x18ftypmp42" + bytes(20), "do not take"),
    "heic": (boxes(b"pict", brand=b"heic"), "JPEG"),
    "half an mp3": (b"\xff\xfb\x90\x00" + b"x" * 900, "do not take"),
    "text tagged as mp3": (b"ID3\x04\0\0\0\0\0\0 hej hej hej", "do not take"),
}
