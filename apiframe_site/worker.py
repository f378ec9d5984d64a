"""gunicorn's threaded worker, whose main loop waits for nobody."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

LONGEST_GOODBYE = 2.0  # seconds
MOST_LISTENED_TO = 64 * 1024


class Worker(ThreadWorker):
    """Sees a visitor off on the thread that served them. gunicorn does it in its main loop, up to two seconds each: a
    few visitors who fall silent and stay keep everybody else waiting, until the worker is taken for dead.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # By default gunicorn believes a SCRIPT_NAME among the headers that a proxy passes on: /x/login/ would be the
        # sign-in page, past all that the proxy has for /login/.
        self.cfg.set("forwarder_headers", "")

    def handle(self, conn: Any) -> Any:
        stays = super().handle(conn)
        if not stays:
            see_off(conn.sock)
        return stays


def see_off(visitor: socket.socket) -> None:
    """Say that nothing more will come and listen for a moment, so that the last words arrive; then hear no more, which
    leaves nothing to wait for to whoever closes the socket.
    """
    with suppress(OSError):
        visitor.shutdown(socket.SHUT_WR)
        visitor.settimeout(LONGEST_GOODBYE)
        heard = 0
        while heard < MOST_LISTENED_TO and (said := visitor.recv(MOST_LISTENED_TO)):
            heard += len(said)
    with suppress(OSError):
        visitor.shutdown(socket.SHUT_RD)
