import sys
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from secretariat.stories import narration
from secretariat.stories.books import Books

LETTERS = 11


class Command(BaseCommand):
    help = (
        "Live one call from opening to completion, and write its letters, payment files, figures "
        "and log. Exit 1 when a sum differs. Its mails are left to the worker."
    )

    def add_arguments(self, parser):
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")

    def handle(self, *, out, **options):
        began = time.monotonic()
        with transaction.atomic():
            # Its days lie in the past: a worker that saw it half-way would close its votes.
            call = self._live()
            books = Books(call)
            summary = books.summary(seconds=round(time.monotonic() - began, 2))
            wrong = list(books.disagreements(summary))
        books.write(out, summary)
        self.stdout.write(
            f"{call.title}: {summary['applications']} applications, {summary['letters']} letters, "
            f"{summary['audit_entries']} log entries in {summary['seconds']} seconds. See {out}."
        )
        if wrong:
            raise CommandError("Sums that differ: " + "; ".join(wrong))

    def _live(self):
        call, diary = narration.begin()
        with tqdm(total=len(diary) + LETTERS, disable=not sys.stderr.isatty(), unit="act") as bar:
            for _done in diary.live():
                bar.update()
            for _done in narration.make_letters(call):
                bar.update()
        return call
