"""The figures as a sheet: CSV as people here open it, with semicolons and a UTF-8 mark."""

import csv
from io import StringIO

from django.utils.translation import gettext as _

# A sheet takes a cell that begins so for a formula, and runs it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def municipalities(rows):
    """The rows of `queries.per_municipality` as the bytes of a CSV file."""
    heads = [_("Paid in"), _("Applied for"), _("Granted"), _("Paid out")]
    return _sheet(
        [*_place_heads(), _("Inhabitants"), *heads, _("Applications"), _("Grants")],
        [
            [
                *_place(row.municipality),
                row.municipality.population or "",
                *map(kroner, [row.contributed, row.applied_for, row.granted, row.disbursed]),
                row.applications,
                row.awards,
            ]
            for row in rows
        ],
    )


def public_municipalities(rows):
    """The rows of `disclosure.public` as the bytes of a CSV file; a hidden cell is empty."""
    return _sheet(
        [*_place_heads(), _("Granted"), _("Grants")],
        [
            [
                *_place(row.municipality),
                "" if row.granted is None else kroner(row.granted),
                "" if row.awards is None else row.awards,
            ]
            for row in rows
        ],
    )


def kroner(amount):
    """123450 øre as "1234,50"."""
    return f"{amount // 100},{amount % 100:02d}"


def harmless(cell):
    """The cell as text that no sheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _place_heads():
    return [_("Country"), _("Code"), _("Municipality")]


def _place(municipality):
    return [municipality.country, municipality.code, municipality.name]


def _sheet(heads, rows):
    text = StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerows([harmless(cell) for cell in row] for row in [heads, *rows])
    return text.getvalue().encode("utf-8-sig")
