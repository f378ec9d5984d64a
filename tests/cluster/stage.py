"""`python -m tests.cluster.stage`: the real `manage.py qcluster`, whose busy workers beat more often; and its tasks."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

from django.core.management import execute_from_command_line


def note(file: str) -> None:
    """A task that leaves its worker's pid."""
    with Path(file).open("a") as notes:
        notes.write(f"{os.getpid()}\n")


def keep_busy(file: str) -> None:
    """A task that leaves its worker's pid and goes on for longer than any test."""
    note(file)
    time.sleep(300)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "apiframe_site.settings"
    import django

    django.setup()
    from assets_app.models import Heartbeat

    Heartbeat.EVERY = timedelta(seconds=0.2)
    execute_from_command_line(["manage.py", "qcluster"])


if __name__ == "__main__":
    main()
