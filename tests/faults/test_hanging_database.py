"""PostgreSQL that is frozen: it keeps its connections and says nothing. Nobody waits for it for ever."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests import postgres
from tests.cluster.conftest import children_of
from tests.ports import free_port
from tests.supervisor.helpers import PATIENCE_SECONDS, ROOT, pid_of, wait_for

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the server's processes in /proc"),
]
# It stops within eight seconds; a machine that is busy with something else takes longer, one that hangs does not stop.
LONGEST_STOP_SECONDS = 60


def test_while_the_database_hangs_health_says_so_and_everything_can_be_stopped(tmp_path: Path) -> None:
    port = free_port(neighbours=1)
    with postgres.server() as database, (tmp_path / "log").open("w") as log:
        up = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database, "DATA_DIR": str(tmp_path), "PORT": str(port)}
            | {"DJANGO_SETTINGS_MODULE": "apiframe_site.settings"},
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(lambda: health(port) == "")
            with frozen(database):
                assert health(port) == "The database does not answer."
                up.send_signal(signal.SIGINT)
                assert up.wait(LONGEST_STOP_SECONDS) == 0
        finally:
            up.terminate()
            up.wait(PATIENCE_SECONDS)
    said = (tmp_path / "log").read_text()
    assert "up      | Stopping…" in said
    assert "Traceback" not in said.rpartition("Stopping…")[2]


@contextmanager
def frozen(database: str) -> Iterator[None]:
    postmaster = pid_of(f"-p {urlsplit(database).port} {' '.join(postgres.UNSAFE_BUT_QUICK)}")
    everybody = [postmaster]
    try:
        stand_still(postmaster)  # first, or it has one more child by the time that these are counted
        everybody += children_of(postmaster)
        for pid in everybody[1:]:
            stand_still(pid)
        yield
    finally:
        for pid in everybody:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def stand_still(pid: int) -> None:
    with suppress(ProcessLookupError, FileNotFoundError):  # it was about to end
        os.kill(pid, signal.SIGSTOP)
        wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")


def health(port: int) -> str:
    """The reason of /healthz for not being well, if it has one; something else when it does not answer at all."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30):
            return ""
    except urllib.error.HTTPError as unwell:
        with unwell:
            print(f"healthz took {time.monotonic() - began:.1f} s")
            return str(json.loads(unwell.read())["reason"])
    except OSError as error:
        return f"no answer: {error}"
