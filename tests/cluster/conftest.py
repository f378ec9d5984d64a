"""Clusters as they are started by hand, on the test's own database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django_q.tasks import async_task

from tests.supervisor.helpers import PATIENCE_SECONDS, ROOT, wait_for

PROC = Path("/proc")
HELPERS = 5  # that a sentinel starts: three workers, a monitor, a pusher


@dataclass
class Cluster:
    """One `qcluster` process and those below it."""

    head: subprocess.Popen
    directory: Path

    @property
    def sentinel(self) -> int:
        (sentinel,) = children_of(self.head.pid)
        return sentinel

    def helpers(self) -> list[int]:
        return children_of(self.sentinel)

    def wait_until_whole(self, without: list[int] | None = None) -> list[int]:
        """Until all its processes are there, and those that were killed are not."""
        gone = set(without or [])
        wait_for(
            lambda: children_of(self.head.pid) and len(self.helpers()) == HELPERS and not gone & set(self.helpers())
        )
        return self.helpers()

    def does_its_work(self) -> bool:
        """Whether a task is carried out, however long that takes on this machine."""
        file = self.directory / "noted"
        before = file.read_text() if file.exists() else ""
        async_task("tests.cluster.stage.note", str(file), task_name="note")
        wait_for(lambda: file.exists() and file.read_text() != before)
        return True


def children_of(pid: int) -> list[int]:
    """The living ones, the oldest first."""
    try:
        found = (PROC / f"{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return sorted(int(child) for child in found if _state(int(child)) not in ("Z", ""))


def _state(pid: int) -> str:
    try:
        return (PROC / f"{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return ""


@pytest.fixture
def start_cluster(transactional_db: None, tmp_path: Path) -> Iterator[Callable[[], Cluster]]:
    """`manage.py qcluster` on the test's database; in the end nothing of it is left."""
    if not (PROC / "self/task").exists():
        pytest.skip("finds its victims in /proc")
    heads = []

    def start() -> Cluster:
        environment = {**os.environ, "DATA_DIR": str(settings.DATA_DIR), "DATABASE_URL": _database_url()}
        head = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster.stage"],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        heads.append(head)
        cluster = Cluster(head, tmp_path)
        cluster.wait_until_whole()
        return cluster

    yield start
    for head in heads:
        head.kill()
        head.wait(PATIENCE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(head.pid, signal.SIGKILL)
        wait_for(lambda head=head: not members_of(head.pid))


def members_of(group: int) -> set[int]:
    from assets_app.supervisor import groups

    return {pid for pid, group_id, _ in groups._processes() if group_id == group}


def _database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
