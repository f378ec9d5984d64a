"""What `manage.py up` does beside its children: watch the worker's heartbeat, wake the engine, greet the newcomer."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from assets_app.models import Heartbeat
from assets_app.origin import origin
from assets_app.startup import preparation
from assets_app.startup.first_team import SignIn
from assets_app.startup.keeping import look_after
from assets_app.supervisor.child import Child, say
from assets_app.supervisor.patience import Pulse
from assets_app.supervisor.supervisor import Supervisor

LONG_SECONDS = 5.0


@dataclass
class Watch:
    """Asks the worker for signs of life, restarts it when none come, and wakes the engine for forgotten rows."""

    supervisor: Supervisor
    worker: Child
    pulse: Pulse = field(default_factory=lambda: Pulse(Heartbeat.TOO_OLD.total_seconds()))
    since: datetime = field(default_factory=timezone.now)
    beat: datetime | None = None
    trouble: str = ""

    @property
    def worker_has_answered(self) -> bool:
        return self.beat is not None and self.beat >= self.since

    def __call__(self) -> None:
        began = time.monotonic()
        try:
            close_old_connections()
            look_after()
            self.beat = Heartbeat.last()
        except Exception as error:  # noqa: BLE001 (database or broker, of any make: the children must not die of it)
            self._complain(error)
            self.pulse.start_over(time.monotonic())  # nobody can give a sign now
            return
        self.trouble = ""
        now = time.monotonic()
        if now - began > LONG_SECONDS:
            self.pulse.start_over(now)  # nor could anybody while the database let us wait
        if self.worker.is_running and self.pulse.has_stopped(self.beat, started=self.worker.started_at, now=now):
            self.supervisor.restart(self.worker, f"gave no sign of life for {self.pulse.patience:.0f} s")

    def _complain(self, error: Exception) -> None:
        trouble = (str(error).splitlines() or [type(error).__name__])[0]
        if trouble != self.trouble:
            say("up", f"the worker cannot be watched right now: {trouble}")
        self.trouble = trouble


@dataclass
class Greeting:
    """Says once where Castboard is and how to get in: as soon as it is healthy, or why it is not after a while."""

    sign_in: SignIn | None
    with_sandbox: bool
    watch: Watch
    patience: float = 30.0
    since: float = field(default_factory=lambda: time.monotonic())
    is_said: bool = False

    def __call__(self) -> None:
        if self.is_said:
            return
        trouble = _ask_health() if self.watch.worker_has_answered else "the worker has not given a sign of life"
        if trouble and time.monotonic() - self.since < self.patience:
            return
        self.is_said = True
        print("\n".join(["", *self._lines(trouble), ""]), flush=True)

    def _lines(self, trouble: str) -> list[str]:
        lines = [f"  Castboard   {origin()}/"]
        if not settings.PUBLIC_URL:
            lines.append(f"              for passkeys, which need a name: http://localhost:{settings.PORT}/")
        if self.sign_in:
            lines.append(f"  Sign in as  {self.sign_in}")
        if self.with_sandbox:
            lines.append(
                f"  Sandbox     {settings.SANDBOX_URL} (plays the provider for the demo team; nothing is charged)"
            )
        if trouble:
            lines.append(f"  Not healthy yet: {trouble}")
        lines.append("  Stop        Ctrl-C")
        return lines


def _ask_health() -> str:
    """What is wrong by the site's own word, or "" when all is well."""
    host = next(iter(settings.ALLOWED_HOSTS), "").lstrip(".").replace("*", "") or preparation.LOOPBACK
    address = f"http://{preparation.LOOPBACK}:{settings.PORT}/healthz"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Host": host}), timeout=1):
            return ""
    except urllib.error.HTTPError as answer:
        with answer:
            return _reason(answer.read(5000)) or f"/healthz answers {answer.code}"
    except OSError as error:
        return f"/healthz does not answer ({error})"


def _reason(body: bytes) -> str:
    try:
        return str(json.loads(body)["reason"])
    except (ValueError, KeyError, TypeError):  # not the view's own answer
        return ""
