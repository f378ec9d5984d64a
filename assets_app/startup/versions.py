"""Whether the database is of this version of the code. Whatever starts on another stops in one line: rows would be
written that leave out what the other version knows of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from apiframe_site.environment import refuse
from assets_app.startup.preparation import database_or_refusal

MOST_NAMED = 3
Migration = tuple[str, str]
"""An app's label and a migration's name."""


def refuse_other_version() -> None:
    """For whatever runs without `up`, which brings the database up to date itself."""
    with database_or_refusal():
        refuse_later_version()
        if missing := missing_migrations():
            refuse(
                f"the database is not up to date: it lacks {_named(missing)}. "
                "Stop what else uses it, and run .venv/bin/python manage.py migrate"
            )


def refuse_later_version(using: str = "default", **_signal: Any) -> None:
    """Also before each `migrate`: Django does nothing about what it does not know, and says nothing."""
    if unknown := unknown_migrations(using):
        refuse(
            f"the database was used by a later version of Castboard: it has {_named(unknown)}, which this one does not "
            "know. Start that version again, or restore a backup that was made before it."
        )


def unknown_migrations(using: str = "default") -> list[Migration]:
    """What was applied to the database and is not in the code. Those of apps that are not installed (any more) do not
    matter, nor do those that one of the code replaces.
    """
    in_code = _in_code()
    labels = {label for label, _name in in_code}
    unknown = {key for key in _applied(using) if key[0] in labels} - in_code
    if unknown:
        for migration in MigrationLoader(None).disk_migrations.values():
            unknown.difference_update(migration.replaces)
    return sorted(unknown)


def missing_migrations(using: str = "default") -> list[Migration]:
    """What is in the code and was not applied to the database."""
    if _in_code() <= _applied(using).keys():
        return []
    loader = MigrationLoader(connections[using])
    return sorted(key for key in loader.graph.nodes if key not in loader.applied_migrations)


def _applied(using: str) -> dict[Migration, Any]:
    return MigrationRecorder(connections[using]).applied_migrations()


def _in_code() -> set[Migration]:
    """By the names of their files: to import them all would cost each process 2 MB."""
    found: set[Migration] = set()
    for app in apps.get_app_configs():
        module = MigrationLoader.migrations_module(app.label)[0]
        if module and find_spec(module):
            files = iter_modules(import_module(module).__path__)
            found.update((app.label, file.name) for file in files if file.name[0] not in "_~")
    return found


def _named(migrations: Sequence[Migration]) -> str:
    """ "the migration assets_app.0013_a", "the migrations assets_app.0013_a and assets_app.0014_b"."""
    names = [".".join(key) for key in migrations]
    if len(names) > MOST_NAMED:
        return f"{len(names)} migrations, such as {names[0]}"
    return f"the migration{'s' if len(names) > 1 else ''} {' and '.join(names)}"
