"""Our own copies of assets, for members only."""

from __future__ import annotations

import mimetypes
import uuid
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from django.db.models.fields.files import FieldFile
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from assets_app.media.ranges import ranged_response
from assets_app.middleware import TeamRequest
from assets_app.models import Candidate, Original

# An address that names the content by its hash never changes what it answers: what was fetched once is not asked for
# again.
FOR_GOOD = "private, max-age=31536000, immutable"
A_DAY = "private, max-age=86400"
SHORTEST_HASH = 8


@require_safe
def asset_file(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The original, in parts where a player asks for parts."""
    original = _original(request, pk)
    name = f"{original.asset.name}{PurePosixPath(original.file.name or '').suffix}"
    return _served(request, original.file, original.content_type, name, original.sha256)


@require_safe
def asset_poster(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    original = _original(request, pk)
    content_type = mimetypes.guess_type(original.poster.name or "", strict=False)[0] or ""
    return _served(request, original.poster, content_type, "", f"{original.sha256}-poster")


@require_safe
def asset_clip(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The first seconds of a video, small and silent, to play under a resting mouse."""
    original = _original(request, pk)
    return _served(request, original.clip, "video/mp4", "", f"{original.sha256}-clip")


@require_safe
def candidate_poster(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    candidate = get_object_or_404(Candidate, team=request.team, created_by=request.user, pk=pk)
    return _served(request, candidate.poster, "image/webp", "", f"{candidate.sha256}-poster")


def _original(request: TeamRequest, pk: uuid.UUID) -> Original:
    return get_object_or_404(Original.objects.select_related("asset"), asset__team=request.team, pk=pk)


def _served(request: TeamRequest, file: FieldFile, content_type: str, name: str, etag: str) -> HttpResponseBase:
    if not file:
        raise Http404
    try:
        opened = file.storage.open(cast("str", file.name), "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = ranged_response(request, cast("BinaryIO", opened), content_type, filename=name or None, etag=etag)
    version = request.GET.get("v", "")
    names_content = len(version) >= SHORTEST_HASH and etag.startswith(version)
    response["Cache-Control"] = FOR_GOOD if names_content else A_DAY
    return response
