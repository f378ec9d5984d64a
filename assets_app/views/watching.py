"""What a person does about assets that failed or got stuck."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from assets_app import engine
from assets_app.forms.links import NOT_WEB, problem_with
from assets_app.library.pace import STUCK
from assets_app.middleware import TeamRequest
from assets_app.models import Asset, registering, retry_failed
from assets_app.views.access import editors_only
from assets_app.views.answers import said, way_back

NOTHING_LEFT = "it has no link, and our own copy of the file is gone. Upload the file as a new asset."
MOVED_ON = "{} has moved on meanwhile: there is nothing to do."


@require_POST
@editors_only
def retry_all(request: TeamRequest) -> HttpResponse:
    """All that the board shows as failed; what was dismissed stays as it is."""
    sent, left = retry_failed(request.team, request.user)  # type: ignore[arg-type]
    if sent:
        engine.wake()
    words = [f"{sent:,} {'is' if sent == 1 else 'are'} on the way again."] if sent else []
    words += [f"{left:,} cannot be sent: no link, and our own copy of the file is gone."] if left else []
    is_problem = bool(left) and not sent
    return said(request, " ".join(words) or "Nothing needs a retry.", "board", request.team.slug, is_problem=is_problem)


@require_POST
@editors_only
def register_again(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """For what the provider lost or refused, and for what it has been processing for so long that it will hardly end.
    Films that need it wait until it is Active.
    """
    asset = _asset(request, pk)
    then = way_back(request, "next", reverse("board", args=[request.team.slug]))
    seconds = (timezone.now() - asset.state_since).total_seconds()
    is_stuck = asset.state == "processing" and seconds >= STUCK
    if not registering.way_to_register(asset):
        return said(request, f"{asset.name}: {NOTHING_LEFT}", then, is_problem=True)
    if (is_stuck or not asset.in_flight) and registering.register_again(asset, request.user):  # type: ignore[arg-type]
        engine.wake()
        return said(request, f"{asset.name} is registered anew.", then)
    return said(request, MOVED_ON.format(asset.name), then)


@require_POST
@editors_only
def replace_source(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Another link for the same asset. What was typed stays in its field when it will not do."""
    asset, url = _asset(request, pk), request.POST.get("url", "").strip()
    problem = problem_with(url) if url else NOT_WEB
    known = request.team.assets.live().with_source([url]).exclude(pk=pk).first()
    if known:
        problem = f"The library has this one already: {known.name}"
    if problem:
        return said(request, f"{problem}.", "board", request.team.slug, is_problem=True)
    if asset.status.group == "attention" and registering.replace_source(asset, url, request.user):  # type: ignore[arg-type]
        engine.wake()
        return said(request, f"{asset.name} is registered from its new source.", "board", request.team.slug)
    return said(request, MOVED_ON.format(asset.name), "board", request.team.slug)


@require_POST
@editors_only
def dismiss(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    asset = _asset(request, pk)
    if asset.dismiss(request.user):  # type: ignore[arg-type]
        return said(request, f"{asset.name} is off the board. The library still has it.", "board", request.team.slug)
    return said(request, MOVED_ON.format(asset.name), "board", request.team.slug)


def _asset(request: TeamRequest, pk: uuid.UUID) -> Asset:
    return get_object_or_404(request.team.assets.live(), pk=pk)
