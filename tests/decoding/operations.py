"""What the child of these tests can be asked: the ways in which a file may treat it."""

from __future__ import annotations

import errno
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

from assets_app.decoding import Refusal

kept: list[bytes] = []


class Unfit(Refusal):
    """This operation's own."""


def say(words: str) -> dict[str, Any]:
    return {"words": words, "pid": os.getpid()}


def make(count: int) -> bytes:
    return b"x" * count


def refuse() -> None:
    raise Unfit("It is too red.")


def fill_the_disk() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def blunder() -> None:
    raise KeyError("a mistake of ours")


def die(number: int) -> None:
    os.kill(os.getpid(), number)
    signal.pause()


def hang() -> None:
    time.sleep(600)


def wait_for(path: str) -> None:
    while not Path(path).exists():
        time.sleep(0.01)


def burn() -> None:
    while True:
        pass


def keep(megabytes: int) -> None:
    kept.append(b"\1" * megabytes * 2**20)


def take(gigabytes: int) -> str:
    try:
        return str(len(bytearray(gigabytes * 2**30)))
    except MemoryError:
        return "refused"


def leave_at_once() -> None:
    os._exit(0)


def leave_soon() -> None:
    threading.Timer(0.05, os._exit, [0]).start()


def environment() -> list[str]:
    return sorted(os.environ)


def connect(port: int) -> str:
    with socket.socket() as line:
        try:
            line.connect(("127.0.0.1", port))
        except OSError as error:
            return type(error).__name__
    return "connected"


def write(path: str, at: int) -> None:
    with Path(path).open("wb") as file:
        file.seek(at)
        file.write(b"x")
        file.flush()


def answer_in_noise() -> object:
    return {"result": {1, 2}}


OPERATIONS = {
    each.__name__: each
    for each in (
        say, make, refuse, fill_the_disk, blunder, die, hang, wait_for, burn, keep, take,
        leave_at_once, leave_soon, environment, connect, write, answer_in_noise,
    )
}  # fmt: skip
