from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from workflows import drawing


class Command(BaseCommand):
    help = "Write docs/lifecycle.md from the lifecycles' tables."
    requires_system_checks = []

    def handle(self, **options):
        Path(settings.BASE_DIR, "docs", "lifecycle.md").write_text(drawing.page(), encoding="utf-8")
