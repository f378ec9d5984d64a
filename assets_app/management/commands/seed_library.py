"""`manage.py seed_library --assets N`: fill a team's library with made-up assets."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assets_app.library import seeding
from assets_app.models import Team


class Command(BaseCommand):
    help = "Fill a team's library with made-up assets, for measuring and for looking at full pages."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--assets", type=int, required=True, help="how many to add")
        parser.add_argument("--team", default="demo", help="the team's slug (default: demo)")

    def handle(self, *args: Any, **options: Any) -> None:
        team = Team.objects.filter(slug=options["team"]).first()
        if team is None:
            raise CommandError(f"There is no team “{options['team']}”. Start Castboard once, or name another.")
        seeding.seed(team, options["assets"], say=self._say)
        self.stdout.write(f"{team.name} has {team.assets.count():,} assets.")

    def _say(self, words: str) -> None:
        self.stderr.write(words)
