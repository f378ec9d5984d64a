"""What the sandbox remembers: rows in memory for reading, one SQLite file as their durable log.

The file is written before an answer leaves, so a `kill -9` forgets nothing that a client was told. One process owns a
data directory at a time.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Account:
    """One API key. Its id is the key's SHA-256, which is also the webhook secret: the key itself is not kept."""

    id: str
    prefix: str
    credits: int
    created_at: float
    state: str = "active"  # or "revoked" (401), "inactive" (403)


@dataclass(frozen=True)
class Asset:
    """A registered URL. Nothing shows before `settled_at`; until then it is Processing."""

    id: str
    account: str
    url: str
    media_type: str
    created_at: float
    due_at: float
    settled_at: float | None = None
    error: str | None = None
    content: str | None = None  # name of our own copy
    facts: dict[str, Any] = field(default_factory=dict)

    def status(self, at: float) -> str:
        if self.settled_at is None or at < self.settled_at:
            return "Processing"
        return "Failed" if self.error else "Active"


@dataclass(frozen=True)
class Job:
    """A submitted generation. Its verdict may be known before it is shown (`shown_at`), as with a real queue."""

    id: str
    account: str
    idempotency_key: str | None
    body: dict[str, Any]
    cost: int
    created_at: float
    starts_at: float
    due_at: float
    is_doomed: bool = False  # drawn once, at submit, so that a restart does not draw again
    verdict: str | None = None  # "COMPLETED" or "FAILED"
    error: str | None = None
    shown_at: float | None = None
    completed_at: float | None = None
    webhook_status: str | None = None

    @property
    def model(self) -> str:
        return str(self.body["model"])

    def status(self, at: float) -> str:
        if self.completed_at is not None and self.verdict:
            return self.verdict
        return "QUEUED" if at < self.starts_at else "PROCESSING"

    def progress(self, at: float) -> int:
        if self.status(at) == "COMPLETED":
            return 100
        whole = max(self.due_at - self.starts_at, 0.001)
        return min(max(int(100 * (at - self.starts_at) / whole), 0), 99)


@dataclass(frozen=True)
class IdempotencyKey:
    """Which job a key of an account stands for; its id is `<account>:<key>`."""

    id: str
    job: str
    body_digest: str
    created_at: float


@dataclass(frozen=True)
class Upload:
    id: str
    account: str
    file_name: str
    kind: str
    content_type: str
    byte_size: int
    created_at: float
    expires_at: float


class Row(Protocol):
    @property
    def id(self) -> str: ...


class DataDirectoryTaken(Exception):
    """Another sandbox works in this data directory."""


_ROW_TYPES: tuple[type, ...] = (Account, Asset, Job, IdempotencyKey, Upload)


class Store:
    """Tables of frozen rows. Reading needs no lock; writing is done by `with store.writing() as write: write(row)`."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._file = self._open(path)
        self._tables: dict[type, dict[str, Any]] = {row_type: self._load(row_type) for row_type in _ROW_TYPES}
        self._jobs_of: dict[str, list[str]] = {}  # job ids per account, oldest first
        for job in sorted(self.jobs.values(), key=lambda job: (job.created_at, job.id)):
            self._jobs_of.setdefault(job.account, []).append(job.id)
        self._last_moment = max((job.created_at for job in self.jobs.values()), default=0.0)

    @property
    def accounts(self) -> dict[str, Account]:
        return self._tables[Account]

    @property
    def assets(self) -> dict[str, Asset]:
        return self._tables[Asset]

    @property
    def jobs(self) -> dict[str, Job]:
        return self._tables[Job]

    @property
    def idempotency_keys(self) -> dict[str, IdempotencyKey]:
        return self._tables[IdempotencyKey]

    @property
    def uploads(self) -> dict[str, Upload]:
        return self._tables[Upload]

    def jobs_newest_first(self, account: str) -> Iterator[Job]:
        """An account's jobs by creation, newest first."""
        return (self.jobs[job_id] for job_id in self._jobs_of.get(account, [])[::-1])

    def moment(self, now: float) -> float:
        """`now`, moved on by a hair where needed so that no two jobs are created at the same instant."""
        self._last_moment = max(now, self._last_moment + 1e-6)
        return self._last_moment

    @contextmanager
    def writing(self) -> Iterator[Callable[[Row], None]]:
        """Only one writer at a time; what it wrote is on disk, then visible, all together or not at all."""
        with self._lock:
            written: list[Row] = []
            yield written.append
            self._save(written)
            for row in written:
                self._remember(row)

    def forget(self, row_type: type, ids: list[str]) -> None:
        with self._lock:
            with self._file:
                self._file.executemany(f"DELETE FROM {row_type.__name__} WHERE id = ?", [(row_id,) for row_id in ids])  # noqa: S608
            for row_id in ids:
                self._tables[row_type].pop(row_id, None)

    def clear(self) -> None:
        with self._lock:
            for row_type in _ROW_TYPES:
                self.forget(row_type, list(self._tables[row_type]))
            self._jobs_of.clear()

    def close(self) -> None:
        with self._lock:
            self._file.close()

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        file = sqlite3.connect(path, timeout=0.5, isolation_level="IMMEDIATE", check_same_thread=False)
        try:
            file.execute("PRAGMA locking_mode=EXCLUSIVE")
            file.execute("PRAGMA journal_mode=WAL")
            # NORMAL outlives any death of the process, which is what is promised; only a power cut could cost a row.
            file.execute("PRAGMA synchronous=NORMAL")
            with file:
                for row_type in _ROW_TYPES:
                    file.execute(f"CREATE TABLE IF NOT EXISTS {row_type.__name__} (id TEXT PRIMARY KEY, row TEXT)")
                file.execute("PRAGMA user_version=1")
        except sqlite3.OperationalError as error:
            file.close()
            if "locked" in str(error):
                raise DataDirectoryTaken(f"another sandbox is using {path.parent}") from None
            raise
        return file

    def _load(self, row_type: type) -> dict[str, Any]:
        known = {item.name for item in fields(row_type)}
        rows = self._file.execute(f"SELECT row FROM {row_type.__name__}")  # noqa: S608
        documents = (json.loads(text) for (text,) in rows)
        return {
            document["id"]: row_type(**{name: value for name, value in document.items() if name in known})
            for document in documents
        }

    def _save(self, rows: list[Row]) -> None:
        with self._file:
            for row in rows:
                document = json.dumps(vars(row))
                self._file.execute(f"INSERT OR REPLACE INTO {type(row).__name__} VALUES (?, ?)", (row.id, document))  # noqa: S608

    def _remember(self, row: Row) -> None:
        is_new = row.id not in self._tables[type(row)]
        self._tables[type(row)][row.id] = row
        if is_new and isinstance(row, Job):
            self._jobs_of.setdefault(row.account, []).append(row.id)
