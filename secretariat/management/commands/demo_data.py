import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from grants.applications.models import Application
from grants.pools.models import Pool
from secretariat.stories import demo, narration


class Command(BaseCommand):
    help = "Load the demo: a pool with its people, calls in each phase, cases in every status."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where a pool is, the story's aside"
        )

    def handle(self, *, if_empty, **options):
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError(
                "The demo's people do not exist. Set DEMO=1, on a machine that is for trying only."
            )
        if if_empty and Pool.objects.exclude(code=narration.CODE).exists():
            return
        if Pool.objects.filter(code=demo.CODE).exists():
            raise CommandError("The demo is there already. It is made once, in an empty database.")
        began = time.monotonic()
        with transaction.atomic():  # one that is stopped half-way leaves nothing behind
            demo.tell()
        count = Application.objects.filter(call__pool__code=demo.CODE).count()
        self.stdout.write(f"{count} applications in {time.monotonic() - began:.1f} seconds.")
