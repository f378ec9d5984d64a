"""`manage.py delete_team TEAM`: say what would go with a team; with --yes, delete it, its rows and its files."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assets_app.engine.lost import at_the_provider
from assets_app.library.trash import delete_files
from assets_app.models import Team
from assets_app.models.cancelling import OURS
from assets_app.money import sums


class Command(BaseCommand):
    help = "Delete a team with its library, films, history and files, for good. Without --yes it only says what goes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("team", help="the team's short name, as in its address")
        parser.add_argument("--yes", action="store_true", help="do it; nothing brings it back but a backup")
        parser.add_argument(
            "--give-up", action="store_true", help="also while films are being made, which are paid for and then lost"
        )

    def handle(self, *args: Any, team: str, yes: bool, give_up: bool, **options: Any) -> None:
        found = Team.objects.filter(slug=team).first()
        if found is None:
            raise CommandError(f"There is no team “{team}”. There are: {', '.join(_all_teams()) or 'none'}.")
        self.stdout.write(_what_goes(found))
        if not give_up:
            _refuse_while_films_are_made(found)
        if not yes:
            self.stdout.write("Nothing was deleted. Make a backup, then add --yes.")
            return
        folder = str(found.pk)
        with transaction.atomic():
            found.next_revision()  # whoever is changing something of the team is let finish first
            if not give_up:
                _refuse_while_films_are_made(found)  # sent since it was looked at
            found.delete()
        # After the commit, so that no row is ever left pointing at a file that is gone.
        files = list(_files_below(folder))
        delete_files(files)
        delete_files(list(_folders_below(folder)))
        self.stdout.write(f"Deleted, with {len(files):,} files. Its people keep their accounts.")


def _refuse_while_films_are_made(team: Team) -> None:
    """Raises CommandError."""
    if under_way := at_the_provider(team).count():
        raise CommandError(
            f"{under_way:,} of its films are being made now, and paid for. Wait for them, or add --give-up."
        )


def _all_teams() -> list[str]:
    return list(Team.objects.order_by("slug").values_list("slug", flat=True))


def _what_goes(team: Team) -> str:
    cost = sums.of(team.generations.all())
    unsent = team.generations.filter(state__in=OURS, sent_at=None).count()
    never = f" {unsent:,} of them are not sent yet, and never will be." if unsent else ""
    return (
        f"{team.name} ({team.slug}): {team.memberships.count():,} members, {team.assets.count():,} assets, "
        f"{team.generations.count():,} films and takes, which cost {cost.credits:,} credits.{never}"
    )


def _files_below(folder: str) -> Iterator[str | None]:
    folders, files = _listed(folder)
    for name in files:
        yield f"{folder}/{name}"
    for inner in folders:
        yield from _files_below(f"{folder}/{inner}")


def _folders_below(folder: str) -> Iterator[str | None]:
    """The innermost first: on a disk only an empty one can be deleted, and other storages have none."""
    for inner in _listed(folder)[0]:
        yield from _folders_below(f"{folder}/{inner}")
    if default_storage.exists(folder):
        yield folder


def _listed(folder: str) -> tuple[list[str], list[str]]:
    try:
        return default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
