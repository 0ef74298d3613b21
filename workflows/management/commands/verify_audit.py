import dataclasses
import json

from django.core.management.base import BaseCommand

from workflows import audit


class Command(BaseCommand):
    help = "Read the audit trail again. Exit 0 if it fits, 1 with the first entry that does not."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="answer as JSON")
        parser.add_argument(
            "--expect",
            default="",
            metavar="HASH",
            help="a checkpoint's hash, kept outside, that must be in the chain",
        )

    def handle(self, *, json: bool, expect, **options):
        verdict = audit.verify(expect=expect)
        self.stdout.write(_as_json(verdict) if json else _as_text(verdict))
        if not verdict.fits:
            raise SystemExit(1)


def _as_json(verdict):
    return json.dumps({"fits": verdict.fits, **dataclasses.asdict(verdict)}, indent=2)


def _as_text(verdict):
    read = (
        f"{verdict.entries} entries, {verdict.streams} streams, {verdict.checkpoints} checkpoints"
    )
    if verdict.fits:
        return f"The trail fits: {read}. Last checkpoint: {verdict.checkpoint_hash or 'none yet'}"
    misfit = verdict.misfit
    return f"The trail does NOT fit: {misfit.stream} entry {misfit.number}: {misfit.why}. ({read})"
