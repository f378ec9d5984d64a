"""A filled database of an earlier version: how it is kept, and how it is brought back to life."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "tests.upgrade.settings",
    "SECRET_KEY": "kept-with-the-database-so-that-its-sealed-keys-can-be-read",
}
BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday: the filling goes on for hours, all within one day, week and month, and so do its budgets."""

ALWAYS = (1980, 1, 1, 0, 0, 0)


# --- keeping ---------------------------------------------------------------------------------------------------------
def keep(directory: Path) -> None:
    """Write down the database at hand and its files."""
    from django.conf import settings
    from django.db import connection, connections

    directory.mkdir(parents=True, exist_ok=True)
    _zip(Path(settings.MEDIA_ROOT), directory / "media.zip")
    vendor, name = connection.vendor, connection.settings_dict["NAME"]
    connections.close_all()
    if vendor == "sqlite":
        _keep_sqlite(name, directory / "castboard.sqlite3.gz")
    else:
        _keep_postgres(os.environ["DATABASE_URL"], directory / "castboard.sql.gz")


def keep_seen(directory: Path, *, at: datetime, seen: dict[str, Any]) -> None:
    """Write down what was seen of it `at` that moment."""
    text = json.dumps({"at": at.isoformat(), **seen}, indent=1, sort_keys=True, ensure_ascii=False)
    (directory / "seen.json").write_text(f"{text}\n")


def _zip(media: Path, to: Path) -> None:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in media.rglob("*") if path.is_file()):
            archive.writestr(zipfile.ZipInfo(str(file.relative_to(media)), ALWAYS), file.read_bytes())


def _keep_sqlite(database: str, to: Path) -> None:
    """The file itself, for a text of SQL cannot tell of full-text indexes."""
    compact = Path(database).with_suffix(".compact")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", [str(compact)])
    to.write_bytes(gzip.compress(compact.read_bytes(), mtime=0))


def _keep_postgres(address: str, to: Path) -> None:
    """Plain SQL that any driver can run: INSERTs, and none of psql's own commands."""
    from tests.postgres import newest_binaries

    command = [str(newest_binaries() / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", address]
    dump = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    lines = [line for line in dump.splitlines() if not line.startswith(("\\", "--", "SET transaction_timeout"))]
    to.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))


# --- bringing back ---------------------------------------------------------------------------------------------------
def what_was_seen(directory: Path) -> dict[str, Any]:
    return json.loads((directory / "seen.json").read_text())


@contextmanager
def restored(directory: Path, data_dir: Path, server: str = "") -> Iterator[dict[str, str]]:
    """The environment in which the kept database lives again, with its files: in `data_dir`, or in a database of its
    own on the PostgreSQL `server`, which is gone afterwards.
    """
    with zipfile.ZipFile(directory / "media.zip") as archive:
        archive.extractall(data_dir / "media")
    environment = ENVIRONMENT | {"DATA_DIR": str(data_dir)}
    if not server:
        with gzip.open(directory / "castboard.sqlite3.gz") as kept, (data_dir / "castboard.sqlite3").open("wb") as file:
            shutil.copyfileobj(kept, file)
        yield environment
        return
    name = f"kept_{os.getpid()}_{data_dir.name.replace('-', '_')}"[:60].lower()
    with closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            address = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
            with closing(psycopg.connect(address, autocommit=True)) as fresh:
                fresh.execute(gzip.decompress((directory / "castboard.sql.gz").read_bytes()))
            yield environment | {"DATABASE_URL": address}
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
