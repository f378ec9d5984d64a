"""`GET /healthz`: whether process, database and worker are alive, for a watchdog that must not need a login."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apiframe_site.time_limits import at_most
from assets_app.models import Clock, Heartbeat

LONGEST_WAIT_SECONDS = 3.0
STARTED = time.monotonic()


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503 with a `reason`. Ages are in seconds; one query."""
    report: dict[str, Any] = {"process": {"ok": True, "age": round(time.monotonic() - STARTED, 1)}}
    reason = ""
    try:
        with at_most(LONGEST_WAIT_SECONDS):
            beat = Heartbeat.last()
    except DatabaseError:
        reason = "The database does not answer."
        report |= {"database": {"ok": False}, "worker": {"ok": False, "age": None}}
    else:
        age = (timezone.now() - beat).total_seconds() if beat else None
        # One from the future was given before the clock was set back, and nobody has noticed that yet.
        alive = age is not None and -Clock.SLACK.total_seconds() <= age <= Heartbeat.TOO_OLD.total_seconds()
        if not alive:
            reason = (
                "The worker has never given a sign of life."
                if age is None
                else f"The worker's last sign of life is {age:.0f} s old."
            )
        report |= {"database": {"ok": True}, "worker": {"ok": alive, "age": None if age is None else round(age, 1)}}
    if reason:
        report["reason"] = reason
    return JsonResponse(report, status=503 if reason else 200)
