#!/usr/bin/env python
"""Django's commands. In a bare checkout the embedded services are joined first."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if not any(os.environ.get(name) for name in ("DATABASE_URL", "BROKER_URL", "SECRET_KEY")):
        os.environ.setdefault("DEBUG", "1")
        if sys.argv[1:2] != ["allocate"]:  # it asks no database: anybody can recompute
            from config import services  # binaries that production does not have

            services.join()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
