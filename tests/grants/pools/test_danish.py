import csv
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from grants.pools.danish import place_key


def in_danish_order(names):
    return sorted(names, key=place_key)


def test_the_last_three_letters_are_ae_oe_aa():
    assert in_danish_order(["Åbo", "Ørsted", "Ærø", "Zealand"]) == [
        "Zealand",
        "Ærø",
        "Ørsted",
        "Åbo",
    ]


def test_aa_is_sorted_as_the_letter_it_stands_for():
    assert in_danish_order(
        ["Aalborg", "Allerød", "Ærø", "Århus", "Aabenraa", "Fanø", "Faaborg"]
    ) == [
        "Allerød",
        "Fanø",
        "Faaborg",
        "Ærø",
        "Aabenraa",
        "Aalborg",
        "Århus",
    ]


def test_swedish_letters_stand_with_their_danish_sisters():
    assert in_danish_order(["Örkelljunga", "Åstorp", "Ängelholm", "Ærø", "Østby", "Zelow"]) == [
        "Zelow",
        "Ängelholm",
        "Ærø",
        "Örkelljunga",
        "Østby",
        "Åstorp",
    ]


def test_between_equal_names_the_plain_spelling_comes_first():
    """The pairs are of the kinds that Retskrivningsordbogen names in § 4."""
    for plain, other in [
        ("Nygård", "Nygaard"),
        ("Schytt", "Schütt"),
        ("Ree", "Rée"),
        ("Karl", "karl"),
        ("Møller", "Möller"),
    ]:
        assert in_danish_order([other, plain]) == [plain, other]
        assert in_danish_order([f"{plain} B", f"{other} A"]) == [f"{other} A", f"{plain} B"]


def test_a_word_ends_before_any_letter_and_a_hyphen_ends_a_word():
    assert in_danish_order(["Nordreås", "Nordre Follo", "Nordre-Anne", "Nordrax"]) == [
        "Nordrax",
        "Nordre-Anne",
        "Nordre Follo",
        "Nordreås",
    ]


def test_capitals_and_decomposed_letters_make_no_difference():
    assert place_key("AALBORG")[0] == place_key("ålborg")[0] == place_key("A\u030alborg")[0]


def test_the_municipalities_begin_and_end_where_they_should():
    text = (files("grants.pools") / "data" / "municipalities_dk.csv").read_text("utf-8")
    names = in_danish_order(row["name"] for row in csv.DictReader(text.splitlines()))
    assert len(names) == 98
    assert names[0] == "Albertslund"
    assert names[-4:] == ["Ærø", "Aabenraa", "Aalborg", "Aarhus"]
    assert names.index("Faaborg-Midtfyn") == names.index("Gentofte") - 1
    assert names.index("Køge") < names.index("Langeland")


@given(
    st.lists(st.text(), unique=True).flatmap(
        lambda names: st.tuples(st.just(names), st.permutations(names))
    )
)
def test_the_order_does_not_depend_on_where_it_began(names_and_permuted):
    names, permuted = names_and_permuted
    assert in_danish_order(names) == in_danish_order(permuted)


@given(st.text(), st.text())
def test_names_that_differ_have_different_keys(name, other):
    assert (place_key(name) == place_key(other)) == (name == other)
