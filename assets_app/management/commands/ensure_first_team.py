"""`manage.py ensure_first_team`: the first team as the environment describes it, for those who do not use `up`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from assets_app.startup import first_team
from assets_app.startup.versions import refuse_other_version


class Command(BaseCommand):
    help = (
        "Create or update the first team's connection from APIFRAME_API_KEY (the demo team and the sandbox without it)."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        refuse_other_version()
        sign_in = first_team.ensure()
        self.stdout.write(f"Sign in as {sign_in}." if sign_in else "There are teams already; nothing was changed.")
