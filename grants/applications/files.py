"""What a file is, by what is in it and not by what it is called."""

import re
import struct
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO

import filetype
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image, ImageOps

from workflows.machine import Refusal


class FileRefused(Refusal):
    """This one file is not taken; `sentence` tells why. Others sent with it can be."""

    def __init__(self, sentence):
        super().__init__(sentence, code="file")


@dataclass(frozen=True)
class Looked:
    """What a file turned out to be. thumbnail: JPEG bytes, for pictures only."""

    content_type: str
    thumbnail: bytes | None = None


@dataclass(frozen=True)
class Kind:
    """A type of file that is taken: how it is called, and the ends its name can have."""

    name: str
    suffixes: tuple[str, ...]


_PICTURE, _SOUND = gettext_lazy("Picture"), gettext_lazy("Sound")
_TEXT, _SHEET, _SLIDES = gettext_lazy("Text"), gettext_lazy("Spreadsheet"), gettext_lazy("Slides")
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

# What is taken. The first suffix is the one that a wrong name is given.
KINDS = {
    "application/pdf": Kind(gettext_lazy("PDF"), ("pdf",)),
    "image/jpeg": Kind(_PICTURE, ("jpg", "jpeg")),
    "image/png": Kind(_PICTURE, ("png",)),
    "image/gif": Kind(_PICTURE, ("gif",)),
    "image/webp": Kind(_PICTURE, ("webp",)),
    _OOXML + "wordprocessingml.document": Kind(_TEXT, ("docx",)),
    _OOXML + "spreadsheetml.sheet": Kind(_SHEET, ("xlsx",)),
    _OOXML + "presentationml.presentation": Kind(_SLIDES, ("pptx",)),
    _ODF + "text": Kind(_TEXT, ("odt",)),
    _ODF + "spreadsheet": Kind(_SHEET, ("ods",)),
    _ODF + "presentation": Kind(_SLIDES, ("odp",)),
    "audio/mpeg": Kind(_SOUND, ("mp3",)),
    "audio/mp4": Kind(_SOUND, ("m4a",)),
    "audio/ogg": Kind(_SOUND, ("ogg", "oga", "opus")),
    "audio/wav": Kind(_SOUND, ("wav",)),
    "audio/flac": Kind(_SOUND, ("flac",)),
}
SUFFIXES = tuple(f".{suffix}" for kind in KINDS.values() for suffix in kind.suffixes)

LONGEST_NAME = 140
_HEAD, _TAIL = 8192, 2048
# A phone's camera at its best: JPEG is made small while it is read. Everything else, of a screen or
# a drawing, is read whole into memory, 4 bytes a pixel.
MOST_PIXELS = {"JPEG": 70_000_000, "MPO": 70_000_000}
MOST_PIXELS_ELSE = 12_000_000
THUMBNAIL = (192, 192)
# A document unpacks to ten times its size, a bomb to thousands.
LARGEST_DIRECTORY = 1_000_000
MOST_UNPACKED = 300_000_000
MOST_TIMES_UNPACKED = 100
SMALL_UNPACKED = 10_000_000
LARGEST_PART_READ = 1_000_000
# The box that says what a track holds lies in three others.
DEEPEST_BOX = 8

# What a browser or a shell would run, wherever the first kilobyte hides it.
_MARKUP = re.compile(
    rb"<(html|script|svg|body|iframe|object|!doctype\s+(html|svg)|\?php)", re.IGNORECASE
)


def look(upload):
    """What the upload is. Raises FileRefused with a sentence that says what to do instead.

    upload: a Django UploadedFile, left at its beginning.
    """
    upload.seek(0)
    head = upload.read(_HEAD)
    if not head:
        raise FileRefused(_("The file is empty. Choose it again, or save it anew first."))
    try:
        return _opened(upload, head)
    finally:
        upload.seek(0)


def _opened(file, head):
    if _MARKUP.search(head[:1024]):
        raise FileRefused(_not_taken())
    if head.startswith(b"PK\x03\x04"):
        return Looked(_document(file))
    if head[4:8] == b"ftyp":
        return Looked(_in_boxes(file, head))
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise FileRefused(
            _(
                "This is an old kind of document, or one with a password. Save it as PDF and send"
                " that."
            )
        )
    guessed = filetype.guess_mime(head) or ""
    if guessed.startswith("image/"):
        return _picture(file)
    if guessed.startswith("video/"):
        raise FileRefused(_no_film())
    is_it, content_type = _CHECKS.get(guessed, (None, ""))
    if is_it is None or not is_it(file, head):
        raise FileRefused(_not_taken())
    return Looked(content_type)


def _not_taken():
    return _(
        "We do not take this kind of file. Send a PDF, a picture (JPEG, PNG, GIF, WebP), a document"
        " (docx, xlsx, pptx, odt, ods, odp) or sound (mp3, m4a, ogg, wav, flac)."
    )


def _no_film():
    return _("We do not take films. Put the film on the net, and write its address in your answer.")


# --- pictures -------------------------------------------------------------------------------


def _picture(file):
    """Open it really, and make a small one without what the camera wrote into it."""
    formats = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}
    formats |= {"GIF": "image/gif", "WEBP": "image/webp"}
    try:
        file.seek(0)
        with Image.open(file, formats=["JPEG", "PNG", "GIF", "WEBP"]) as picture:
            found = picture.format
            width, height = picture.size
            _want_few_pixels(found, width * height)
            picture.verify()
        file.seek(0)
        with Image.open(_Whole(file), formats=["JPEG", "PNG", "GIF", "WEBP"]) as picture:
            return Looked(formats[found], _small(picture))
    except FileRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileRefused(_too_many_pixels()) from None
    except Exception:  # Pillow has many ways to say that it cannot read a picture
        raise FileRefused(
            _(
                "We cannot open this picture. It may be damaged, or of a kind that we do not take."
                " Save it as JPEG, and send it again."
            )
        ) from None


class _Whole:
    """A file that ends too early says so: WeasyPrint tells Pillow to pass over that, everywhere."""

    def __init__(self, file):
        self.seek, self.tell, self._read = file.seek, file.tell, file.read

    def read(self, size=-1):
        piece = self._read(size)
        if not piece and size:
            raise OSError("The file ends too early.")
        return piece


def _want_few_pixels(found, pixels):
    if pixels > MOST_PIXELS.get(found, MOST_PIXELS_ELSE):
        raise FileRefused(_too_many_pixels())


def _too_many_pixels():
    return _("The picture is too big to be opened. Make it smaller, and send it again.")


def _small(picture):
    """JPEG bytes, turned as the camera was held, on white, and with nothing but the picture."""
    if picture.mode in ("P", "PA", "LA"):
        picture = picture.convert("RGBA")
    picture.thumbnail(THUMBNAIL)
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    small = Image.new("RGB", upright.size, "white")
    small.paste(upright, mask=upright.getchannel("A"))
    bytes_ = BytesIO()
    small.save(bytes_, "JPEG", quality=75)
    return bytes_.getvalue()


# --- documents ------------------------------------------------------------------------------

_PARTS = {
    "wordprocessingml.document": "word/",
    "spreadsheetml.sheet": "xl/",
    "presentationml.presentation": "ppt/",
}
_CANNOT = (
    *[zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, RuntimeError],
    *[NotImplementedError, ValueError, KeyError, struct.error, zipfile.zlib.error],
)


def _document(file):
    """The content type of an office document; a packed folder is none."""
    if not _has_small_directory(file):
        raise FileRefused(_no_packed_files())
    try:
        with zipfile.ZipFile(file) as folder:
            return _document_in(folder, file.size)
    except _CANNOT:
        raise FileRefused(
            _("We cannot open this document. It may be damaged. Save it as PDF and send it.")
        ) from None


def _document_in(folder, size):
    unpacked = sum(part.file_size for part in folder.infolist())
    if unpacked > MOST_UNPACKED or unpacked > max(SMALL_UNPACKED, MOST_TIMES_UNPACKED * size):
        raise FileRefused(_("The document is too big inside. Save it as PDF and send it."))
    names = folder.namelist()
    if any(_is_macro(name) for name in names):
        raise FileRefused(_no_macros())
    if "[Content_Types].xml" in names:
        return _office(_read(folder, "[Content_Types].xml"), names)
    if "mimetype" in names and "META-INF/manifest.xml" in names:
        found = _read(folder, "mimetype").decode("ascii", "replace").strip()
        if found.startswith(_ODF) and found in KINDS:
            return found
    raise FileRefused(_no_packed_files())


def _office(types, names):
    if b"macroEnabled" in types:
        raise FileRefused(_no_macros())
    for kind, folder in _PARTS.items():
        main = f"{_OOXML}{kind}.main+xml".encode()
        if main in types and any(name.startswith(folder) for name in names):
            return _OOXML + kind
    raise FileRefused(_no_packed_files())


def _read(folder, name):
    with folder.open(name) as part:
        return part.read(LARGEST_PART_READ)


def _is_macro(name):
    lowered = name.lower()
    return lowered.endswith("vbaproject.bin") or lowered.startswith(("basic/", "scripts/"))


def _has_small_directory(file):
    """Whether what zipfile reads into memory at once is small: the list of what is packed."""
    tail = _tail(file, 22 + 65_535 + 20)
    at = len(tail) - 22 if tail[-22:-18] == b"PK\x05\x06" else tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 16 or tail[max(at - 20, 0) : at].startswith(b"PK\x06\x07"):
        return False
    return struct.unpack("<L", tail[at + 12 : at + 16])[0] <= LARGEST_DIRECTORY


def _no_packed_files():
    return _("We do not take packed files. Send what is in it, one by one, or save it as PDF.")


def _no_macros():
    return _("There is a program (a macro) in the document. Save it without, or as PDF.")


def _tail(file, length):
    file.seek(max(file.size - length, 0))
    return file.read(length)


def _is_pdf(file, head):
    return bool(re.match(rb"%PDF-\d\.\d", head)) and b"%%EOF" in _tail(file, _TAIL)


# --- sound ----------------------------------------------------------------------------------


def _in_boxes(file, head):
    """A file of boxes (ISO 14496-12): sound, film, or a phone's picture."""
    brands = {head[at : at + 4] for at in (8, *range(16, min(_first_size(head), 256), 4))}
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis"}:
        raise FileRefused(
            _(
                "Your phone has saved the picture in a way that many cannot open (HEIC). Send it as"
                " JPEG: on an iPhone, choose Settings, Camera, Formats, Most Compatible; or take a"
                " screenshot of the picture, and send that."
            )
        )
    tracks = _tracks(file, 0, file.size)
    if b"vide" in tracks:
        raise FileRefused(_no_film())
    if b"soun" not in tracks:
        raise FileRefused(_not_taken())
    return "audio/mp4"


def _first_size(head):
    return int.from_bytes(head[:4], "big")


def _tracks(file, start, end, most=2000, depth=DEEPEST_BOX):
    """What the tracks are said to hold: {b"soun", b"vide", ...}."""
    found = set()
    while start + 8 <= end and most > 0:
        most -= 1
        file.seek(start)
        size, kind = struct.unpack(">L4s", file.read(8).ljust(8, b"\0"))
        header = 8
        if size == 1:
            size, header = int.from_bytes(file.read(8), "big"), 16
        size = size or end - start
        if size < header:
            break
        if kind in (b"moov", b"trak", b"mdia") and depth > 1:
            found |= _tracks(file, start + header, min(start + size, end), most, depth - 1)
        elif kind == b"hdlr":
            found.add(file.read(12)[8:])
        start += size
    return found


_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_KBITS = {
    3: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def _is_mp3(file, head):
    """Two frames, one right behind the other; at the beginning, or behind its tag."""
    start = 0
    if head.startswith(b"ID3"):
        if len(head) < 10 or any(each & 0x80 for each in head[6:10]):
            return False
        sevens = [each << shift for each, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)]
        start = 10 + sum(sevens)
    file.seek(start)
    sound = file.read(2 * _HEAD)
    first = len(sound) - len(sound.lstrip(b"\0")) if start else 0
    length = _frame(sound[first : first + 4])
    if not length:
        return False
    is_last = start + first + length >= file.size
    return is_last or bool(_frame(sound[first + length : first + length + 4]))


def _frame(header):
    """How many bytes the frame of layer III has that begins so; 0 when none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bits, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer != 1 or bits in (0, 15) or rate == 3:
        return 0
    kbits = _KBITS[3 if version == 3 else 2][bits - 1]
    return (144_000 if version == 3 else 72_000) * kbits // _RATES[version][rate] + padding


def _is_ogg(file, head):
    """Sound in its first page, and no film beside it."""
    codec = head[27 + head[26] :] if len(head) > 27 else b""
    is_sound = codec.startswith((b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC"))
    return is_sound and b"theora" not in head


def _is_wav(file, head):
    return b"fmt " in head


def _is_flac(file, head):
    return head[4:8] in (b"\0\0\0\x22", b"\x80\0\0\x22")


_CHECKS = {
    "application/pdf": (_is_pdf, "application/pdf"),
    "audio/mpeg": (_is_mp3, "audio/mpeg"),
    "audio/ogg": (_is_ogg, "audio/ogg"),
    "audio/x-wav": (_is_wav, "audio/wav"),
    "audio/x-flac": (_is_flac, "audio/flac"),
}


# --- names ----------------------------------------------------------------------------------

# Joiners belong to emoji and to some scripts; other invisible characters turn or hide what is read.
_JOINERS = "\u200c\u200d"


def readable(name):
    """A name as it can be shown: no folders, no control characters, nothing that turns it."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(each if _is_visible(each) else "" for each in last)
    return " ".join(kept.split()).strip(". ")[:LONGEST_NAME]


def safe_name(name, content_type):
    """The readable name with the end that belongs to the type; at most LONGEST_NAME characters."""
    shown = readable(name)
    suffixes = KINDS[content_type].suffixes
    stem, dot, end = shown.rpartition(".")
    if dot and end.lower() in suffixes:
        suffix = end.lower()
    else:
        suffix = suffixes[0]
        stem = stem if dot and _is_suffix(end) else shown
    stem = stem[: LONGEST_NAME - len(suffix) - 1].strip(". ")
    return f"{stem or _('file')}.{suffix}"


def _is_visible(character):
    if character in _JOINERS or character in "\t\n":
        return True  # what breaks a line becomes a space
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _is_suffix(end):
    """ "exe" is one; "2 (final)" and "Hansen" belong to the name."""
    return bool(re.fullmatch(r"[A-Za-z0-9]{1,4}", end)) and not end.isdigit()
