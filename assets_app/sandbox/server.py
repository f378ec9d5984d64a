"""The sandbox on a port of this machine."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from assets_app.sandbox import control, routes
from assets_app.sandbox.accounts import authenticate, key_of
from assets_app.sandbox.protocol import Listener, Refusal, Request, Response
from assets_app.sandbox.provider import Clock, Provider
from assets_app.sandbox.settings import Settings

log = logging.getLogger(__name__)


class SandboxServer:
    """A local Apiframe. Use it as a context manager, or call `start()` and `stop()`.

    `port=0` takes a free one; `base_url` tells which. The data directory keeps everything that a restarted sandbox
    has to know. OSError when the port is taken, DataDirectoryTaken when another sandbox works in the directory.
    """

    def __init__(
        self, data_dir: Path | str, port: int = 0, settings: Settings | None = None, clock: Clock = time.time
    ) -> None:
        self.provider = Provider(Path(data_dir), settings or Settings(), clock)
        try:
            self._listener = Listener(port, self._respond)
        except OSError:
            self.provider.store.close()
            raise
        self.base_url = f"http://127.0.0.1:{self._listener.server_port}"
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.1}, name="sandbox listener", daemon=True
        )

    def start(self) -> Self:
        self.provider.start(self.base_url)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Hang up on everybody, stop all work and close the books; under two seconds."""
        self._listener.stop()
        self.provider.stop()
        self._thread.join(1)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def configure(self, **changes: Any) -> None:
        """Change settings while it runs: `configure(error_share=0.2, asset_delay="uniform:1:3")`."""
        self.provider.configure(changes)

    def fail_next(self, kind: str, route: str = "*", times: int = 1) -> None:
        """Let the next requests to a route go wrong; the kinds are in `faults.KINDS`."""
        self.provider.faults.order(kind, route, times)

    def set_key(self, api_key: str, *, credits: int | None = None, state: str | None = None) -> None:  # noqa: A002
        """Give an API key other credits, or make it "active", "revoked" (401) or "inactive" (403)."""
        control.change_key(self.provider, api_key, credits, state)

    def stats(self) -> dict[str, Any]:
        """What GET /_control/stats answers."""
        return control.stats(self.provider)

    def _respond(self, request: Request) -> Response:
        name = f"{request.method} (no such route)"
        try:
            route = routes.find(request)
            name = route.name
            if route.is_control:
                _refuse_other_sites(request)
            response = self._answer(route, request)
        except Refusal as refusal:
            response = refusal.response()
        except Exception:
            log.exception("the sandbox could not answer %s", name)
            response = Refusal(500, "Internal server error").response()
        self.provider.stats.answered(name, "hung up" if response.hang_up else response.status)
        return response

    def _answer(self, route: routes.Route, request: Request) -> Response:
        provider = self.provider
        if not route.is_api:
            return provider.faults.hand_out(route.name, lambda: route.handler(provider, request, None))
        if provider.settings.down:
            raise Refusal(503, "Service temporarily unavailable")

        def work() -> Response:
            try:
                return route.handler(provider, request, self._caller(request) if route.needs_key else None)
            except Refusal as refusal:
                return refusal.response()

        return provider.faults.perform(route.name, provider.settings, work)

    def _caller(self, request: Request) -> Any:
        provider = self.provider
        now = provider.clock()
        account = authenticate(provider.store, provider.settings, key_of(request), now)
        wait = provider.rate_limit.take(account.id, provider.settings.requests_per_minute, now)
        if wait is not None:
            raise Refusal(429, "Too many requests", headers={"Retry-After": str(wait)})
        return account


def _refuse_other_sites(request: Request) -> None:
    """A page of another site, open in somebody's browser on this machine, may send requests here, and with a name of
    its own that leads here read the answers. Refusal 403.
    """
    host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
    if urlsplit(f"//{host}").hostname not in ("127.0.0.1", "localhost", "::1") or origin not in (
        None,
        f"http://{host}",
    ):
        raise Refusal(403, "The control route is for this machine only")
