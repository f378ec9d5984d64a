"""A loopback web server whose answers a test writes itself, byte by byte where it has to be."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_SECONDS = 180.0  # for a machine that is busy with something else

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    port: int
    scheme: str = "http"
    routes: dict[str, Answer] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"{self.origin}{path}"

    def serves(self, path: str, body: bytes, content_type: str = "application/octet-stream", status: int = 200) -> str:
        self.routes[path] = lambda handler: respond(handler, status, body, {"Content-Type": content_type})
        return self.url(path)

    def redirects(self, path: str, target: str, status: int = 302) -> str:
        self.routes[path] = lambda handler: respond(handler, status, b"", {"Location": target})
        return self.url(path)

    def answers(self, path: str, answer: Answer) -> str:
        self.routes[path] = answer
        return self.url(path)


def respond(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def running_site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.seen.append((self.path, dict(self.headers)))
            answer = site.routes.get(self.path)
            try:
                if answer is None:
                    respond(self, 404, b"nothing here", {})
                else:
                    answer(self)
            except OSError:
                self.close_connection = True  # the client hung up, as some tests want it to

        def log_message(self, *args: object) -> None:
            pass

    class QuietServer(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # refused TLS handshakes

    server = QuietServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    site = Site(server.server_address[1], "https" if tls else "http")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
