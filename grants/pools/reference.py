"""Reference rows: the municipalities, from the lists in data/ (see data/README.md)."""

import csv
from importlib.resources import files

from django.db import transaction

from grants.pools.danish import place_key
from grants.pools.models import Municipality

DATA = files("grants.pools") / "data"
LISTS = {
    "DK": "municipalities_dk.csv",
    "SE": "municipalities_se_skane.csv",
    "NO": "municipalities_no_oslo_akershus.csv",
}


@transaction.atomic
def load_municipalities():
    """Make or renew every municipality in the lists. Returns how many there are.

    Their places are in Danish order over all of them. A population is never touched: it is frozen
    by the pool's agreement.
    """
    found = [(country, line) for country, name in LISTS.items() for line in _lines(name)]
    found.sort(key=lambda row: (place_key(row[1]["name"]), row[0], row[1]["code"]))
    Municipality.objects.bulk_create(
        [
            Municipality(
                country=country,
                code=line["code"],
                name=line["name"],
                place=place,
                longitude=line["lon"],
                latitude=line["lat"],
            )
            for place, (country, line) in enumerate(found, start=1)
        ],
        update_conflicts=True,
        unique_fields=["country", "code"],
        update_fields=["name", "place", "longitude", "latitude"],
    )
    return len(found)


def load_illustrative_populations():
    """Rounded populations for demos, written only where none is known."""
    for line in _lines("populations_illustrative.csv"):
        Municipality.objects.filter(
            country=line["country"], code=line["code"], population=None
        ).update(population=int(line["population"]))


def _lines(name):
    with (DATA / name).open(encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)
