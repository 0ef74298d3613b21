"""A map of one square a municipality, so that small ones are seen: plain Python.

The squares stand in rows from north to south, and in a row from west to east. That keeps
neighbours near each other without drawing a border.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isqrt
from typing import Any


@dataclass(frozen=True)
class Tile:
    """One square: its column and row from 0, what it says, and how full it is, 0 to 4."""

    x: int
    y: int
    name: str
    short: str
    value_label: str
    level: int


@dataclass(frozen=True)
class TileMap:
    tiles: list[Tile]
    columns: int
    rows: int


def tile_map(places: Sequence[tuple[Any, int, str]]) -> TileMap:
    """places: (municipality, amount, the amount in words). Any number of places."""
    columns = _columns(len(places))
    north_first = sorted(places, key=lambda place: -place[0].latitude)
    rows = [north_first[at : at + columns] for at in range(0, len(places), columns)]
    most = max((amount for _, amount, _ in places), default=0)
    shorts = _short_names([municipality.name for municipality, *_ in places])
    tiles = [
        Tile(
            x=x,
            y=y,
            name=municipality.name,
            short=shorts[municipality.name],
            value_label=label,
            level=ceil(4 * amount / most) if most else 0,
        )
        for y, row in enumerate(rows)
        for x, (municipality, amount, label) in enumerate(
            sorted(row, key=lambda place: place[0].longitude)
        )
    ]
    return TileMap(tiles, columns, len(rows))


def _columns(count: int) -> int:
    return isqrt(count - 1) + 1 if count else 1


def _short_names(names: Sequence[str]) -> dict[str, str]:
    """Three letters, or as many more as it takes to tell a name from the others."""
    return {name: name[: _letters(name, names)] for name in names}


def _letters(name: str, names: Sequence[str]) -> int:
    starts = range(3, len(name))
    others = [other for other in names if other != name]
    alone = (n for n in starts if not any(other[:n] == name[:n] for other in others))
    return next(alone, len(name))
