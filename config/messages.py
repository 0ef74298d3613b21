"""Run with a .po: makes the .mo beside it with Babel, so that no gettext is needed."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compiled(texts: Path) -> Path:
    """Write and return the .mo. What is not translated is left out, and so is a guess.

    Babel itself writes an untranslated plural in English; Django is to look in Danish instead.
    """
    with texts.open("rb") as file:
        catalog = read_po(file, locale=texts.parent.parent.name)
    for message in list(catalog):
        if message.id and message.pluralizable and not all(message.string):
            catalog.delete(message.id, message.context)
    target = texts.with_suffix(".mo")
    with target.open("wb") as file:
        write_mo(file, catalog)
    return target


if __name__ == "__main__":
    compiled(Path(sys.argv[1]))
