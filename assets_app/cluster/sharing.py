"""What the processes of a cluster share, made so that one that is killed takes nothing with it into its grave.

multiprocessing guards its Queue, Event and Value with semaphores. Who is killed while it holds one holds it for ever,
and of the idle workers one holds the queue's lock all the time: the others then wait for a dead process. Here the
kernel is the guard: it hands over a datagram whole or not at all, and gives a file's lock back when its owner dies.

Each is the part of multiprocessing's that django-q2 uses, and is shared by forking.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import pickle
import select
import socket
import struct
import sys
import tempfile
import time
from ctypes import c_ulonglong
from multiprocessing.sharedctypes import RawValue, Synchronized
from typing import IO, Any

# Not SOCK_DGRAM where there is a choice: Linux lets only eleven of those wait.
_KIND = socket.SOCK_DGRAM if sys.platform == "darwin" else socket.SOCK_SEQPACKET
_LONGEST_DATAGRAM = 64 * 1024  # every system takes it whole
_FULL_SECONDS = 0.05  # between two looks whether a full queue has room again
_NUMBER = struct.Struct("!Q")


class Queue:
    """Each message is one datagram, given whole to one reader; a long one travels as a file that has no name."""

    def __init__(self, maxsize: int = 0) -> None:
        """`maxsize` messages wait at most, when one process writes; without it, as many as the system takes."""
        self._reader, self._writer = socket.socketpair(socket.AF_UNIX, _KIND)
        self._maxsize = maxsize
        # Messages are numbered. Whoever dies before it has noted the number it took is made up for by the next.
        self._put, self._taken = RawValue(c_ulonglong, 0), RawValue(c_ulonglong, 0)

    def put(self, message: Any) -> None:
        while self._maxsize and self.qsize() >= self._maxsize:
            time.sleep(_FULL_SECONDS)
        self._put.value += 1
        number, content = _NUMBER.pack(self._put.value), pickle.dumps(message)
        if len(content) + _NUMBER.size <= _LONGEST_DATAGRAM:
            self._writer.sendall(number + content)
            return
        with _nameless_file() as file:
            file.write(content)
            file.seek(0)
            socket.send_fds(self._writer, [number], [file.fileno()])

    def get(self) -> Any:
        datagram, files, _flags, _address = socket.recv_fds(self._reader, _LONGEST_DATAGRAM, 1)
        if not datagram:
            raise EOFError("nobody is left who could put anything")
        (self._taken.value,) = _NUMBER.unpack_from(datagram)
        content = datagram[_NUMBER.size :]
        for descriptor in files:
            with os.fdopen(descriptor, "rb") as file:
                content = file.read()
        return pickle.loads(content)  # noqa: S301 (from a process of ours, over a socket that only they have)

    def qsize(self) -> int:
        """How many messages wait: exact where one process writes, else a figure to look at."""
        return 0 if self.empty() else max(1, self._put.value - self._taken.value)

    def empty(self) -> bool:
        return not _is_readable(self._reader, 0)

    def close(self) -> None:
        """Nothing more will be put. What was put is with the reader already."""

    def join_thread(self) -> None:
        """There is no thread that still has something to hand over."""

    def __del__(self) -> None:
        self._reader.close()
        self._writer.close()


class Event:
    """Set once and for ever, by ending one side of a connection."""

    def __init__(self) -> None:
        self._seen, self._ended = socket.socketpair()

    def set(self) -> None:
        self._ended.shutdown(socket.SHUT_WR)

    def is_set(self) -> bool:
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it is set, after at most so many seconds."""
        return _is_readable(self._seen, timeout)

    def __del__(self) -> None:
        self._seen.close()
        self._ended.close()


class Lock:
    """The right to write to a nameless file: the kernel's, per process, taken again as often as one likes."""

    def __init__(self) -> None:
        self._file = _nameless_file()
        self._depth = 0

    def acquire(self) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        self._depth += 1

    def release(self) -> None:
        self._depth -= 1
        if not self._depth:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def __del__(self) -> None:
        self._file.close()


def Value(typecode: str, initial: float) -> Synchronized:  # noqa: N802 (multiprocessing's name for it)
    return multiprocessing.Value(typecode, initial, lock=Lock())  # type: ignore[call-overload]


def _is_readable(end: socket.socket, timeout: float | None) -> bool:
    poll = select.poll()
    poll.register(end, select.POLLIN)
    return bool(poll.poll(None if timeout is None else timeout * 1000))


def _nameless_file() -> IO[bytes]:
    """In memory where the system can, for the disk may be full."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("castboard"), "w+b")
    return tempfile.TemporaryFile()
