"""What has to be right before anything starts. Whatever is not, is refused in one line that says what to do."""

from __future__ import annotations

import errno
import hashlib
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection

from apiframe_site.environment import refuse
from assets_app.supervisor import lock

LOOPBACK = "127.0.0.1"
_GUARDIAN_PATIENCE = 10.0
_REDIS_PATIENCE = 5.0
_VISITOR_PATIENCE = 10
_MIGRATION_LOCK = 0x_CA57_B0A2D  # any number that nobody else uses in this database


@contextmanager
def room_or_refusal() -> Iterator[None]:
    """Turn a data directory that takes nothing more, or cannot be read, into one line."""
    try:
        yield
    except OSError as error:
        where = error.filename or settings.DATA_DIR
        refuse(f"nothing can be written to {where} ({error.strerror or error}). Make room there, then start again.")


def lock_data_dir() -> int:
    """Make sure that nobody else runs on this DATA_DIR; returns the descriptor that holds the lock."""
    try:
        return lock.take(settings.DATA_DIR / "up.lock", patience=_GUARDIAN_PATIENCE)
    except lock.TakenError as taken:
        refuse(
            f"already running on {settings.DATA_DIR} (process {taken.pid}). "
            "Stop that one first, or give this one its own DATA_DIR and PORT."
        )


def listen(port: int, *, patience: int = _VISITOR_PATIENCE) -> socket.socket:
    """A listening socket on loopback. Whoever is given it can die and be replaced: its visitors wait meanwhile.

    A visitor who begins a request and then says nothing for `patience` seconds is given up, whatever server reads: a
    handful of these would hold all its threads.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", patience, 0))  # visitors inherit it
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        _refuse_port(port, error)
    return listener


def require_free(port: int) -> None:
    listen(port).close()


def _refuse_port(port: int, error: OSError) -> None:
    use = "the website" if port == settings.PORT else "the sandbox, which always has PORT + 1"
    if error.errno == errno.EADDRINUSE:
        refuse(
            f"port {port}, for {use}, is in use by another program. Choose another: PORT={settings.PORT + 10} make run"
        )
    refuse(f"port {port}, for {use}, cannot be opened ({error.strerror}). Choose another: PORT=8000 make run")


@contextmanager
def database_or_refusal() -> Iterator[None]:
    """Turn a database that cannot be used into one line. The drivers' messages hold no password."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        said = str(error).strip().splitlines()
        refuse(f"the database {_database_shown()} cannot be used: {said[0] if said else type(error).__name__}")


def _database_shown() -> str:
    if connection.vendor == "sqlite":
        return str(connection.settings_dict["NAME"])
    return "that DATABASE_URL names"


def require_redis() -> None:
    """Make sure that the Redis server answers, where one is set."""
    if not settings.REDIS_URL:
        return
    import redis  # most run without

    try:
        with redis.from_url(settings.REDIS_URL, socket_connect_timeout=_REDIS_PATIENCE) as server:
            server.ping()
    except redis.RedisError as error:
        refuse(f"the Redis server that REDIS_URL names cannot be used: {str(error).splitlines()[0]}")


def wait_for_redis() -> None:
    """A worker that is started while the Redis server is away has nothing to do but wait for it."""
    if not settings.REDIS_URL:
        return
    from apiframe_site.redis_server import trouble  # most run without

    while trouble():
        time.sleep(1)


def migrate() -> None:
    """Bring the database up to date. When several try at once on a shared one, one does it and the others wait."""
    if connection.vendor != "postgresql":
        call_command("migrate", interactive=False, verbosity=0)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])


def collect_static() -> None:
    """Collect, hash and compress the static files, unless they are as they were the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    fingerprint = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint)


def _static_fingerprint() -> str:
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{file.st_size}\0{file.st_mtime_ns}\n".encode())
    return digest.hexdigest()
