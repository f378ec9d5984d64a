"""Ports for programs that have to be told one."""

from __future__ import annotations

import socket
from random import SystemRandom

# Below those that systems give to whoever asks for any port (Linux begins at 32768): what is free here stays free until
# the program that it is for has started, however long that takes.
CHOICE = range(20_000, 32_000)


def free_port(neighbours: int = 0) -> int:
    """A port on loopback that nobody uses, as are so many after it."""
    while True:
        # Not the usual dice: test workers that run side by side throw those alike.
        port = SystemRandom().choice(CHOICE)
        if all(_is_free(each) for each in range(port, port + 1 + neighbours)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
