"""`GET /healthz`: whether process, database, worker and disk are well, for a watchdog that must not need a login."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apiframe_site.time_limits import at_most
from assets_app.engine.missing import MEDIA_AWAY, media_are_away
from assets_app.media.room import is_full
from assets_app.models import Clock, Heartbeat

LONGEST_WAIT_SECONDS = 2.0
BY_A_PROXY = ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded")
STARTED = time.monotonic()


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when all is well, else 503 with a `reason`. Ages are in seconds; one query. Whoever asks by way of a proxy
    learns no more than whether it is.

    Without Redis pages go on, so that alone is a 200 with its reason: a watchdog that started us again would only send
    people away. When work stands still over it, the worker's silence makes it a 503.
    """
    report: dict[str, Any] = {"process": {"ok": True, "age": round(time.monotonic() - STARTED, 1)}}
    reasons: list[str] = []
    if settings.REDIS_URL:
        reasons += _redis(report)
    worse = [*_database_and_worker(report), *_disk(report), *_media(report)]
    if reasons or worse:
        report["reason"] = " ".join(reasons + worse)
    if any(name in request.headers for name in BY_A_PROXY):
        report = {"ok": not worse}
    return JsonResponse(report, status=503 if worse else 200)


def _redis(report: dict[str, Any]) -> list[str]:
    from apiframe_site.redis_server import trouble  # most run without

    words = trouble()
    report["redis"] = {"ok": not words}
    return [words] if words else []


def _database_and_worker(report: dict[str, Any]) -> list[str]:
    try:
        with at_most(LONGEST_WAIT_SECONDS):
            beat = Heartbeat.last()
    except DatabaseError:
        report |= {"database": {"ok": False}, "worker": {"ok": False, "age": None}}
        return ["The database does not answer."]
    age = (timezone.now() - beat).total_seconds() if beat else None
    # One from the future was given before the clock was set back, and nobody has noticed that yet.
    alive = age is not None and -Clock.SLACK.total_seconds() <= age <= Heartbeat.TOO_OLD.total_seconds()
    report |= {"database": {"ok": True}, "worker": {"ok": alive, "age": None if age is None else round(age, 1)}}
    if alive:
        return []
    if age is None:
        return ["The worker has never given a sign of life."]
    return [f"The worker's last sign of life is {age:.0f} s old."]


def _disk(report: dict[str, Any]) -> list[str]:
    try:
        has_room = not is_full(settings.DATA_DIR)
    except OSError:
        report["disk"] = {"ok": False}
        return ["The data directory cannot be reached."]
    report["disk"] = {"ok": has_room}
    return [] if has_room else ["The disk of this server is full."]


def _media(report: dict[str, Any]) -> list[str]:
    are_there = not media_are_away()
    report["media"] = {"ok": are_there}
    return [] if are_there else [MEDIA_AWAY]
