from django.core.management.base import BaseCommand, CommandError

from committee.votes.recounting import recount


class Command(BaseCommand):
    help = "Count closed votes again. Exit 0 if all fit, 1 with the first that does not."

    def add_arguments(self, parser):
        parser.add_argument("reference", nargs="?", default="", help="only this application's")

    def handle(self, *, reference, **options):
        found = recount(reference)
        if reference and not (found.fitting or found.misfit):
            raise CommandError(f"There is no closed vote on {reference}.")
        if found.misfit is None:
            self.stdout.write(f"All closed votes fit: {found.fitting} counted again.")
            return
        case, why = found.misfit
        self.stdout.write(f"{case} does NOT fit: {why}. ({found.fitting} before it fit)")
        raise SystemExit(1)
