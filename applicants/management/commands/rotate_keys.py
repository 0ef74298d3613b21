from django.core.management.base import BaseCommand, CommandError

from applicants import rotating


class Command(BaseCommand):
    help = (
        "Seal anew, with the first key of DATA_KEYS, what is sealed with an older one. Can be "
        "stopped and started again, and runs beside the site. Exit 1 while something does not open."
    )

    def handle(self, **options):
        rotated = rotating.rotate(say=self.stdout.write)
        for problem in rotated.problems:
            self.stderr.write(problem)
        for key_id, count in sorted(rotated.left.items()):
            self.stdout.write(f"{count} are still sealed with {key_id}: it stays in DATA_KEYS.")
        for key_id in rotated.free:
            self.stdout.write(
                f"Nothing is sealed with {key_id} any more: take it out of DATA_KEYS, and keep it "
                "with the backups that were made until now."
            )
        if rotated.problems or rotated.left:
            raise CommandError("Not everything is sealed with the current key.")
