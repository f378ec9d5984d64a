"""An installation whose parts are started by hand, as README describes: its own database and data, workers that are
processes of their own, and a provider that may be anybody's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from assets_app.supervisor import groups

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST_COMMAND_SECONDS = 300


@dataclass
class ByHand:
    """`base_url` is the provider's. The database is SQLite, or one of its own beside that of DATABASE_URL."""

    data_dir: Path
    base_url: str
    database_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    workers: list[subprocess.Popen] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        ours = {"DATA_DIR": str(self.data_dir), "APIFRAME_BASE_URL": self.base_url, "PORT": "65000"}
        ours |= {"APIFRAME_API_KEY": f"afk_{self.data_dir.name}_by_hand", "APIFRAME_REQUESTS_PER_MINUTE": "100000"}
        return inherited | ours | ({"DATABASE_URL": self.database_url} if self.database_url else {}) | self.settings

    def manage(self, *arguments: str, said: str = "") -> str:
        """What a command prints; it is told `said`."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_COMMAND_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def prepare(self) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("ensure_first_team")

    def start_worker(self) -> subprocess.Popen:
        with (self.data_dir / "worker.log").open("a") as log:
            worker = subprocess.Popen(
                [sys.executable, "manage.py", "qcluster"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def ensure_workers(self, number: int) -> None:
        """As their supervisors do: who died is ended with its whole process group, and started again."""
        for worker in list(self.workers):
            if worker.poll() is not None:
                self.kill(worker)
        while len(self.workers) < number:
            self.start_worker()

    def processes(self) -> list[int]:
        """All that its workers run."""
        leaders = {worker.pid for worker in self.workers}
        return sorted(pid for pid, group, _ in groups._processes() if group in leaders)

    def kill(self, worker: subprocess.Popen) -> None:
        """All its processes at once, as when its machine or container goes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(60)
        self.workers.remove(worker)

    def register(self, number: int) -> None:
        """As many new assets, each of an address of its own."""
        links = [f"{self.base_url}/samples/courier.jpg?{uuid.uuid4().hex}" for _ in range(number)]
        self.manage("import_assets", "studio", "-", said="\n".join(links))

    def rows(self, sql: str) -> list[tuple]:
        if self.database_url:
            with psycopg.connect(self.database_url, autocommit=True) as database:
                return database.execute(sql).fetchall()
        with contextlib.closing(sqlite3.connect(self.sqlite, timeout=60)) as file:
            return file.execute(sql).fetchall()

    def write(self, sql: str) -> None:
        """Moments are given as text in UTC."""
        if self.database_url:
            with psycopg.connect(self.database_url, autocommit=True, options="-c timezone=UTC") as database:
                database.execute(sql)
            return
        with contextlib.closing(sqlite3.connect(self.sqlite, timeout=60)) as file, file:
            file.execute(sql)

    @property
    def sqlite(self) -> Path:
        return self.data_dir / "castboard.sqlite3"

    def log(self) -> str:
        return (self.data_dir / "worker.log").read_text()


@contextlib.contextmanager
def started_by_hand(data_dir: Path, base_url: str, database_url: str = "") -> Iterator[ByHand]:
    """Prepared, without a worker so far; whatever becomes of it, no process is left afterwards."""
    with _database_of_its_own() as one_of_its_own:
        board = ByHand(data_dir, base_url, database_url or one_of_its_own)
        try:
            board.prepare()
            yield board
        finally:
            for worker in list(board.workers):
                board.kill(worker)


@contextlib.contextmanager
def _database_of_its_own() -> Iterator[str]:
    """Its address; "" for the SQLite file that a data directory has."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        yield ""
        return
    name = f"by_hand_{uuid.uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
