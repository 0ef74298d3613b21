"""What a file is, by what is in it: the types that are taken, those that are not, and lies."""

import random
import unicodedata
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile

from grants.applications import files
from grants.applications.files import FileRefused, Looked, look, readable, safe_name
from tests.grants.applications import samples
from tests.grants.applications.samples import REFUSED, SAMPLES, packed, picture, upload

TYPES = sorted(SAMPLES)
NAMES = [f"x{suffix}" for suffix in files.SUFFIXES]
NAMES += ["x", "x.exe", "x.html", "x.svg", "x.pdf.js", ".htaccess", "x.php"]


def sentence(content, name="x.png"):
    with pytest.raises(FileRefused) as refusal:
        look(upload(name, content))
    return refusal.value.sentence


# Types


def test_there_is_a_sample_of_everything_that_is_taken():
    assert set(SAMPLES) == set(files.KINDS)


@pytest.mark.parametrize("content_type", TYPES)
def test_a_file_is_what_is_in_it_whatever_it_is_called(content_type):
    for name in NAMES:
        assert look(upload(name, SAMPLES[content_type])).content_type == content_type


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_taken_is_refused_under_every_name(what):
    content, word = REFUSED[what]
    for name in NAMES:
        assert word in sentence(content, name)


@pytest.mark.parametrize("what", [each for each in REFUSED if "cut short" in each])
@pytest.mark.parametrize("passes_over", [True, False])
def test_what_is_cut_short_is_refused_also_where_letters_are_made(what, passes_over, monkeypatch):
    """Making letters tells Pillow, for the whole process, to read pictures that are cut short."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", passes_over)
    content, word = REFUSED[what]
    assert word in sentence(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("passes_over", [True, False])
def test_a_whole_picture_is_taken_wherever_it_ends(kind, passes_over, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", passes_over)
    for size in [(1, 1), (300, 200), (1500, 1100)]:
        content = picture(kind, size=size)
        assert small(content).size[0] == min(size[0], 192)
        assert small(content + bytes(40)).size[0] == min(size[0], 192)


@given(st.binary(max_size=3000), st.sampled_from(NAMES))
def test_bytes_without_sense_are_nothing(content, name):
    sentence(content, name)


@given(
    st.sampled_from(TYPES),
    st.sampled_from(NAMES),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8),
    st.integers(0, 60),
)
def test_a_damaged_file_is_what_it_was_or_refused(content_type, name, changes, cut):
    """Never something else, and never an error."""
    content = bytearray(SAMPLES[content_type])
    for place, value in changes:
        content[place % len(content)] = value
    file = upload(name, bytes(content[: len(content) - cut]))
    try:
        looked = look(file)
    except FileRefused:
        return
    assert looked.content_type in {content_type}
    assert file.tell() == 0


@given(st.sampled_from([samples.SVG, samples.HTML]), st.sampled_from(TYPES), st.integers(0, 900))
def test_markup_near_the_beginning_is_refused_whatever_surrounds_it(markup, content_type, place):
    content = SAMPLES[content_type]
    place = min(place, len(content))
    sentence(content[:place] + markup + content[place:])


def test_the_file_is_left_at_its_beginning():
    file = upload("x.pdf", samples.PDF)
    look(file)
    assert file.read() == samples.PDF


@pytest.mark.parametrize("brand", [b"M4A ", b"isom", b"3gp4"])
def test_a_phones_sound_comes_under_many_brands(brand):
    assert look(upload("x", samples.boxes(b"soun", brand=brand))) == Looked("audio/mp4")


def test_sound_can_lie_behind_a_tag_with_a_picture():
    tag = b"ID3\x04\0\0\0\0\x27\x10" + bytes(0x27 * 128 + 0x10)
    assert look(upload("x", samples.mp3(tag=tag))) == Looked("audio/mpeg")


@pytest.mark.parametrize("codec", [b"\x01vorbis", b"Speex   ", b"\x7fFLAC"])
def test_sound_in_ogg_can_be_of_several_kinds(codec):
    assert look(upload("x", samples.ogg(codec))) == Looked("audio/ogg")


# Pictures


def small(content):
    return Image.open(BytesIO(look(upload("x", content)).thumbnail))


def test_a_picture_is_shown_small():
    assert small(picture(size=(800, 400))).size == (192, 96)
    assert small(picture(size=(8, 4))).size == (8, 4)


@pytest.mark.parametrize("content_type", [each for each in TYPES if "image/" not in each])
def test_what_is_no_picture_has_none(content_type):
    assert look(upload("x", SAMPLES[content_type])).thumbnail is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_colour_is_shown(mode):
    written = BytesIO()
    Image.new(mode, (9, 9)).save(written, "PNG")
    assert small(written.getvalue()).mode == "RGB"


def test_a_picture_for_print_is_shown():
    assert small(picture("JPEG", mode="CMYK")).mode == "RGB"


def test_what_can_be_seen_through_is_white_behind():
    written = BytesIO()
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).save(written, "PNG")
    assert min(small(written.getvalue()).getpixel((4, 4))) > 250


def test_a_small_picture_stands_upright_and_tells_nothing_of_the_camera():
    written = BytesIO()
    original = Image.new("RGB", (400, 200), "red")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    exif[0x010F] = "Astas telefon"
    exif.get_ifd(0x8825)[1] = "N"  # where it was
    original.save(written, "JPEG", exif=exif, comment="Astas hemmelighed")
    assert b"Astas" in written.getvalue()
    shown = small(written.getvalue())
    assert shown.size == (96, 192)
    assert not shown.getexif()
    assert b"Asta" not in look(upload("x", written.getvalue())).thumbnail


def test_a_picture_with_too_many_pixels_is_not_opened():
    """Some kilobytes of PNG that would be a gigabyte in memory."""
    for size in [(6000, 5001), (20_000, 20_000)]:
        content = bytearray(picture())
        content[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
        content[29:33] = zipfile.crc32(content[12:29]).to_bytes(4, "big")
        assert "too big" in sentence(bytes(content))


# Documents


def test_a_bomb_is_not_unpacked():
    bomb = samples.office("wordprocessingml.document", "word", more={"word/b": ""})
    assert look(upload("x", bomb))
    bomb = packed(
        {"[Content_Types].xml": "x", "word/b": bytes(20_000_000)},
        compression=zipfile.ZIP_DEFLATED,
    )
    assert len(bomb) < 100_000
    assert "too big inside" in sentence(bomb)


def test_a_folder_of_very_many_parts_is_not_read():
    crowd = packed({"[Content_Types].xml": "x"} | {f"word/{n}": "" for n in range(20_000)})
    assert "packed" in sentence(crowd)


def test_a_folder_that_lies_about_its_list_is_not_read():
    """A second, 64-bit directory behind the first is where zipfile would look."""
    content = SAMPLES["application/vnd.oasis.opendocument.text"]
    assert "packed" in sentence(content[:-22] + b"PK\x06\x07" + bytes(16) + content[-22:])


# Names


@given(st.text(max_size=400), st.sampled_from(TYPES))
def test_a_name_is_always_safe_to_show(name, content_type):
    shown = safe_name(name, content_type)
    stem, _dot, suffix = shown.rpartition(".")
    assert suffix in files.KINDS[content_type].suffixes
    assert stem.strip(". ")
    assert len(shown) <= files.LONGEST_NAME
    assert not set(shown) & set("/\\\u202a\u202d\u202e\u2066\u2067\u200e\u200f\u061c\ufeff")
    assert not {unicodedata.category(each) for each in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert safe_name(shown, content_type) == shown


@pytest.mark.parametrize(
    "name, shown",
    [
        ("Budget.pdf", "Budget.pdf"),
        ("BUDGET.PDF", "BUDGET.pdf"),
        ("budget.exe", "budget.pdf"),
        ("photo\u202egnp.exe", "photognp.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Asta\\budget.docx", "budget.pdf"),
        ("bud\nget\0.pdf", "bud get.pdf"),
        ("Budget v1.2", "Budget v1.2.pdf"),
        ("Brev til hr. Hansen", "Brev til hr. Hansen.pdf"),
        ("🎸 æøå.pdf", "🎸 æøå.pdf"),
        ("👩‍🎤.pdf", "👩‍🎤.pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ("x" * 300 + ".pdf", "x" * 136 + ".pdf"),
    ],
)
def test_a_name_keeps_what_people_read_and_gets_the_end_of_its_type(name, shown):
    assert safe_name(name, "application/pdf") == shown


def test_a_name_in_a_refusal_is_safe_too():
    assert readable("a\u202e\0/b\u202egnp.exe") == "bgnp.exe"
    assert len(readable("x" * 10_000)) == files.LONGEST_NAME


def test_bytes_of_chance_in_a_real_frame_open_nothing():
    """Long runs of chance behind each beginning that a type has: refused, or that type."""
    chance = random.Random(7)
    for content_type in TYPES:
        for length in (4, 12, 40, 200):
            content = SAMPLES[content_type][:length] + chance.randbytes(2000)
            with suppress(FileRefused):
                assert look(upload("x", content)).content_type == content_type


def test_boxes_in_boxes_without_end_are_no_sound():
    nested = b""
    for _each in range(5000):
        nested = samples.box(b"moov", nested)
    with pytest.raises(FileRefused, match="do not take"):
        look(upload("x.m4a", samples.box(b"ftyp", b"mp42\0\0\0\0mp42") + nested))


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "GIF"])
def test_what_is_read_whole_has_fewer_pixels_than_a_photo(kind):
    with pytest.raises(FileRefused, match="too big to be opened"):
        look(upload("x", samples.picture(kind, size=(5400, 2300), mode="L")))
    assert look(upload("x", samples.picture("JPEG", size=(5400, 2300), mode="L"))).thumbnail
