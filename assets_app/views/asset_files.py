"""Our own copies of assets, for members only."""

from __future__ import annotations

import mimetypes
import uuid
from pathlib import PurePosixPath

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from assets_app.middleware import TeamRequest
from assets_app.models import Candidate, Original
from assets_app.views.served import served


@require_safe
def asset_file(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The original, in parts where a player asks for parts."""
    original = _original(request, pk)
    name = f"{original.asset.name}{PurePosixPath(original.file.name or '').suffix}"
    return served(request, original.file, original.content_type, name, original.sha256)


@require_safe
def asset_sent(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """What the provider is sent in place of an original that it does not take."""
    original = _original(request, pk)
    if not original.sent_file:
        raise Http404
    sent = original.to_send
    name = f"{original.asset.name}{PurePosixPath(sent.name).suffix}"
    return served(request, original.sent_file, sent.content_type, name, f"{original.sha256}-sent")


@require_safe
def asset_poster(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    original = _original(request, pk)
    content_type = mimetypes.guess_type(original.poster.name or "", strict=False)[0] or ""
    return served(request, original.poster, content_type, "", f"{original.sha256}-poster")


@require_safe
def asset_clip(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The first seconds of a video, small and silent, to play under a resting mouse."""
    original = _original(request, pk)
    return served(request, original.clip, "video/mp4", "", f"{original.sha256}-clip")


@require_safe
def candidate_poster(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    candidate = get_object_or_404(Candidate, team=request.team, created_by=request.user, pk=pk)
    return served(request, candidate.poster, "image/webp", "", f"{candidate.sha256}-poster")


def _original(request: TeamRequest, pk: uuid.UUID) -> Original:
    return get_object_or_404(Original.objects.select_related("asset"), asset__team=request.team, pk=pk)
