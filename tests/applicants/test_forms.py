"""What people write about themselves, typed or copied from anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applicants.forms import ApplicantForm, CodeForm, FirstApplicantForm

BORN = {"kind": "person", "birth_date": "2004-06-01"}


def named(name):
    return FirstApplicantForm(BORN | {"name": name})


CONTROLS = [*"\x00\x07\x1f\x7f\x85\u2028\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069"]


@given(st.text(max_size=20), st.sampled_from(CONTROLS), st.text(max_size=20))
def test_no_name_hides_anything(before, hidden, after):
    form = named(f"x{before}{hidden}{after}x")
    assert "name" in form.errors


VISIBLE = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=CONTROLS)


@given(st.text(VISIBLE, min_size=1, max_size=100).filter(lambda name: name.strip()))
def test_a_name_is_stored_as_typed(name):
    form = named(name)
    assert form.is_valid()
    assert form.cleaned_data["name"] == name.strip()


def test_emoji_made_of_several_and_other_scripts_are_names():
    for name in ["👩🏽‍🎤 Zoë", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "سارة", "محمد‌رضا", "שרה"]:
        form = named(name)
        assert form.is_valid()
        assert form.cleaned_data["name"] == name


def test_the_code_field_takes_no_novel():
    assert not CodeForm({"code": "x" * 10_000}, code="BCDF-GHJK").is_valid()


@pytest.mark.parametrize(
    "typed, read", [("DK 13 58 56 28", "13585628"), ("13585628", "13585628"), ("", "")]
)
def test_a_cvr_number_is_read_with_spaces(typed, read):
    form = ApplicantForm(BORN | {"kind": "association", "name": "Foreningen", "cvr": typed})
    assert form.is_valid()
    assert form.cleaned_data["cvr"] == read


def test_a_wrong_cvr_number_is_said():
    form = ApplicantForm(BORN | {"kind": "association", "name": "Foreningen", "cvr": "12345678"})
    assert "That is no CVR number" in str(form.errors["cvr"])


def test_a_copied_phone_number_with_hidden_marks_is_said():
    form = ApplicantForm(BORN | {"name": "Asta", "phone": "\u202a20 20 20 20\u202c"})
    assert "invisible characters" in str(form.errors["phone"])
