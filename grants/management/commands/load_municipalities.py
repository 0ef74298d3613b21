from django.core.management.base import BaseCommand

from grants.pools.reference import load_municipalities


class Command(BaseCommand):
    help = "Make or renew the municipalities that pools can be made of. Twice is once."

    def handle(self, **options):
        self.stdout.write(f"{load_municipalities()} municipalities are in place.")
