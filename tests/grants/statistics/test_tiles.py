from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from grants.statistics.tiles import tile_map


def place(name, latitude, longitude):
    return SimpleNamespace(name=name, latitude=latitude, longitude=longitude)


REAL = [
    (place("Albertslund", 55.66, 12.37), 4, "4"),
    (place("Ballerup", 55.73, 12.36), 3, "3"),
    (place("Frederiksberg", 55.68, 12.53), 2, "2"),
    (place("Køge", 55.46, 12.18), 1, "1"),
    (place("Malmö", 55.60, 13.00), 0, "0"),
]


def test_north_is_up_and_east_is_right():
    squares = {tile.name: (tile.x, tile.y) for tile in tile_map(REAL).tiles}
    assert squares == {
        "Albertslund": (1, 0),
        "Ballerup": (0, 0),
        "Frederiksberg": (2, 0),
        "Køge": (0, 1),
        "Malmö": (1, 1),
    }


def test_levels_follow_the_amounts():
    levels = {tile.name: tile.level for tile in tile_map(REAL).tiles}
    assert levels == {
        "Albertslund": 4,
        "Ballerup": 3,
        "Frederiksberg": 2,
        "Køge": 1,
        "Malmö": 0,
    }


def test_no_two_short_names_are_the_same():
    places = [(place(name, 1, 1), 0, "") for name in ["Hvidovre", "Hvidsten", "Herlev"]]
    assert {tile.short for tile in tile_map(places).tiles} == {"Hvido", "Hvids", "Her"}


@given(st.lists(st.tuples(st.integers(54, 58), st.integers(8, 15), st.integers(0, 10**9))))
def test_each_has_a_square_of_its_own(given_places):
    places = [
        (place(f"By {number}", north, east), amount, "")
        for number, (north, east, amount) in enumerate(given_places)
    ]
    found = tile_map(places)
    squares = {(tile.x, tile.y) for tile in found.tiles}
    assert len(squares) == len(places)
    assert all(x < found.columns and y < found.rows for x, y in squares)
    assert all(0 <= tile.level <= 4 for tile in found.tiles)
