"""A database that an earlier version filled, brought up to date: people find all that they left there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.upgrade import kept

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
KEPT = sorted(file.parent for file in HERE.glob("*/seen.json"))


# What pages have said in better words since. No row changed for it.
REWORDED = (
    ("Uploaded the file, which is looked into first", re.compile(r"[A-Z][a-z ]+ “.+”, which is looked into first")),
)


@pytest.mark.long
@pytest.mark.parametrize("version", KEPT, ids=lambda version: version.name)
def test_people_find_all_that_they_left_in_an_earlier_version(version: Path, tmp_path: Path):
    before = kept.what_was_seen(version)
    with kept.restored(version, tmp_path, server=_postgres()) as environment:
        _run(environment, "manage.py", "migrate", "--no-input", "--verbosity=0")
        _run(environment, "manage.py", "migrate", "--check", "--verbosity=0")
        now = json.loads(_run(environment, "-m", "tests.upgrade.seen", before.pop("at")))

    assert list(_changed(before, now)) == []


def _postgres() -> str:
    """The server of this suite; "" when it runs on SQLite."""
    address = os.environ.get("DATABASE_URL", "")
    return address if address.startswith("postgres") else ""


def _run(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _changed(before: Any, now: Any, path: str = "") -> Iterator[str]:
    """Each fact of before that is another one now, as a line. Facts that are new are no matter."""
    if isinstance(before, dict) and isinstance(now, dict):
        for name, fact in before.items():
            yield from _changed(fact, now.get(name), f"{path} / {name}")
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, fact in enumerate(before):
            yield from _changed(fact, now[number], f"{path} / {number}")
    elif before != now and not _is_reworded(before, now):
        yield f"{path}: was {before!r}, is {now!r}"


def _is_reworded(before: Any, now: Any) -> bool:
    return any(before == words and isinstance(now, str) and better.fullmatch(now) for words, better in REWORDED)
