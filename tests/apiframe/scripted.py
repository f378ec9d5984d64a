"""The loopback server behind the client's tests: it answers from a script and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

PATIENCE_SECONDS = 180.0  # for a machine that is busy with something else


@dataclass
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Says:
    """One answer. `instead` takes the socket over and does something worse than answering."""

    status: int = 200
    body: bytes | str | dict | list = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    instead: Callable[[BaseHTTPRequestHandler], None] | None = None

    def for_request(self, asked: Asked) -> Says:
        """What to say to this very request: the same to all, unless a test says otherwise."""
        return self

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


class ScriptedProvider:
    """Answers each request with `says`, or with the next of `script` while there is one."""

    def __init__(self) -> None:
        self.says = Says()
        self.script: list[Says] = []
        self.asked: list[Asked] = []
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def hear(self, asked: Asked) -> Says:
        with self._lock:
            self.asked.append(asked)
            return (self.script.pop(0) if self.script else self.says).for_request(asked)

    def stay_silent(self, handler: BaseHTTPRequestHandler) -> None:
        """Take the request and never answer it."""
        self.over.wait(PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what some tests are about."""


def _handler(provider: ScriptedProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers), body, self.client_address[1])
            says = provider.hear(asked)
            if says.instead:
                says.instead(self)
                self.close_connection = True
                return
            content = says.encoded()
            self.send_response(says.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **says.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    return Handler
