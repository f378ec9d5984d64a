"""HTTP as the sandbox speaks it: requests, responses, refusals, and the handler that puts them on a socket."""

from __future__ import annotations

import json
import logging
import socket
import struct
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST_BODY = 64 * 1024 * 1024
_CHUNK = 256 * 1024

log = logging.getLogger(__name__)


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Message[str, str]
    body: bytes
    too_long: bool = False  # the body was longer than LONGEST_BODY and was thrown away
    params: dict[str, str] = field(default_factory=dict)  # the variable parts of the path

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; Refusal 400 otherwise."""
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refusal(400, "Invalid JSON body") from None
        if not isinstance(document, dict):
            raise Refusal(400, "Validation failed", details={"": ["Expected object"]})
        return document


@dataclass
class Part:
    """A stretch of a file that is sent as the body."""

    path: Path
    start: int
    length: int


@dataclass
class Response:
    status: int
    body: bytes | Part = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    quiet_seconds: float = 0.0  # say nothing for so long first
    hang_up: bool = False  # close the connection instead of answering

    @property
    def length(self) -> int:
        return self.body.length if isinstance(self.body, Part) else len(self.body)


class Refusal(Exception):
    """An error answer in Apiframe's shape: `{"error": …}` and what belongs to it (FACTS §4)."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        self.document = {"error": message, **more}

    def response(self) -> Response:
        return answer(self.status, self.document, self.headers)


def answer(status: int, document: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(status, as_json(document), headers=headers or {})


def as_json(document: Any) -> bytes:
    """UTF-8; half a surrogate pair, which people's prompts do contain, becomes the JSON escape it came as."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace")


def as_timestamp(moment: float) -> str:
    """A moment as the provider writes it: `2026-09-01T10:00:32.000Z`."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Listener(ThreadingHTTPServer):
    """One thread per connection, which lives as long as its client keeps it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, port: int, respond: Callable[[Request], Response]) -> None:
        self.respond = respond
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Conversation)

    def server_bind(self) -> None:
        # HTTPServer would look its own name up in the DNS here.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is not worth a line."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("the sandbox lost its thread in a conversation: %r", error)

    def stop(self) -> None:
        """Stop listening and hang up on everybody, also those in the middle of an answer."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for connection in list(self._connections):
            hang_up(connection)


def hang_up(connection: socket.socket) -> None:
    """Close so that the other side notices at once (a reset, not a polite end)."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class Conversation(BaseHTTPRequestHandler):
    """Reads requests of one connection and writes the answers; keep-alive unless the client says otherwise."""

    server: Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 75  # seconds of silence after which an idle connection is closed
    rbufsize = 64 * 1024

    def _converse(self) -> None:
        request = self._read()
        if request is None:
            return
        response = self.server.respond(request)
        if response.quiet_seconds:
            self.server.stopping.wait(response.quiet_seconds)
        if response.hang_up:
            self.close_connection = True
            hang_up(self.connection)
            return
        self._write(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _converse  # noqa: N815

    def _read(self) -> Request | None:
        parts = urlsplit(self.path)
        request = Request(self.command, unquote(parts.path), dict(parse_qsl(parts.query)), self.headers, b"")
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._write(Refusal(411, "Length required").response())
            return None
        length = self.headers.get("Content-Length", "0")
        remaining = int(length) if length.isdecimal() else 0
        if remaining <= LONGEST_BODY:
            request.body = self.rfile.read(remaining)
            return request if len(request.body) == remaining else None
        while remaining > 0 and (chunk := self.rfile.read(min(_CHUNK, remaining))):
            remaining -= len(chunk)
        request.too_long = True
        return request

    def _write(self, response: Response) -> None:
        phrase = HTTPStatus(response.status).phrase
        lines = [
            f"HTTP/1.1 {response.status} {phrase}",
            f"Content-Type: {response.content_type}",
            f"Content-Length: {response.length}",
            f"x-request-id: {uuid.uuid4()}",
            *(f"{name}: {value}" for name, value in response.headers.items()),
            *(["Connection: close"] if self.close_connection else []),
            "",
            "",
        ]
        head = "\r\n".join(lines).encode("latin-1")
        if self.command == "HEAD":
            self.wfile.write(head)
        elif isinstance(response.body, Part):
            self.wfile.write(head)
            self._send_file(response.body)
        else:
            self.wfile.write(head + response.body)

    def _send_file(self, part: Part) -> None:
        with part.path.open("rb") as file:
            self.connection.sendfile(file, part.start, part.length)

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen for each request: the control route counts them."""
