"""The sandbox provider as a process: the real one, without the drawing of samples that nobody asks for here."""

from __future__ import annotations

import signal
import threading
from typing import Any

from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import Settings


def serve(data_dir: str, port: int, settings: dict[str, Any]) -> None:
    """Answer on `port` until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with SandboxServer(data_dir, port, Settings().changed(settings)):
        stop.wait()
