"""Our own copies of films: for the player, for keeping, and many in one archive."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from assets_app.engine.missing import MEDIA_AWAY, look_after, media_are_away
from assets_app.films import downloads, naming
from assets_app.films.finding import Reel
from assets_app.films.packing import Packed, zipped
from assets_app.films.query import FilmQuery
from assets_app.middleware import TeamRequest
from assets_app.models import Generation, Video
from assets_app.views.answers import said
from assets_app.views.film_bar import BAR
from assets_app.views.many import named
from assets_app.views.served import served

POSTER_TYPE, CLIP_TYPE = "image/webp", "video/mp4"  # what media.archive makes
# One archive at most: it keeps a thread of the server busy until it is fetched.
MOST_PACKED = 200


@require_safe
def file(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Our copy, for the player: in parts, so that seeking works."""
    video = _saved(request, pk)
    return served(request, video.file, video.content_type, "", video.sha256)


@require_safe
def poster(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    video = _saved(request, pk)
    return served(request, video.poster, POSTER_TYPE, "", f"{video.sha256}-poster")


@require_safe
def clip(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Its first seconds, small and silent, to play under a resting mouse."""
    video = _saved(request, pk)
    return served(request, video.clip, CLIP_TYPE, "", f"{video.sha256}-clip")


@require_safe
def download(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Our copy, for keeping, under the name that the team's pattern gives it."""
    video = _saved(request, pk)
    if not look_after(video):
        words = MEDIA_AWAY if media_are_away() else video.reason
        return said(request, words, "video", request.team.slug, pk, is_problem=True)
    film = _nameable(Generation.objects.filter(team=request.team, pk=pk)).get()
    name = naming.file_name(film, request.team.film_names)
    answer = served(request, video.file, video.content_type, name, video.sha256, as_attachment=True)
    if _begins_a_download(request, answer):
        downloads.note(request.team, cast("User", request.user), [film])
    return answer


def _begins_a_download(request: TeamRequest, answer: HttpResponseBase) -> bool:
    """Whether a file sets out from its beginning: what comes in parts is one download."""
    is_first_part = re.match(r"\s*bytes\s*=\s*0-", request.headers.get("Range", "bytes=0-")) is not None
    return request.method == "GET" and answer.status_code in (200, 206) and is_first_part


@require_POST
def download_many(request: TeamRequest) -> HttpResponseBase:
    """One archive of the films named by `film`, or with `all` of all that `query` finds; those that we have."""
    chosen = _chosen(request)
    if len(chosen) > MOST_PACKED:
        return _refused(request, f"That is more than {MOST_PACKED} films in one archive. Select fewer.")
    films = [film for film in chosen if film.video.is_saved]
    if not films:
        return _refused(request, "None of them is saved here yet, so there is nothing to download.")
    downloads.note(request.team, cast("User", request.user), films)
    names = naming.unique(naming.file_names(films, request.team.film_names))
    archive = zipped(_packed(film.video, film, name) for film, name in zip(films, names, strict=True))
    response = StreamingHttpResponse(archive, content_type="application/zip")
    title = naming.safe(f"{request.team.slug}_{timezone.localtime():%Y-%m-%d_%H%M}")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{title}.zip") or ""
    response["Cache-Control"] = "private, no-store"
    return response


def _refused(request: TeamRequest, why: str) -> HttpResponse:
    return BAR.back(request, why, is_problem=True)


def _chosen(request: TeamRequest) -> Sequence[Generation]:
    """At most one more than may be packed, so that too many can be told."""
    films: QuerySet[Generation] = Generation.objects.filter(team=request.team).live()
    if request.POST.get("all"):
        query = FilmQuery.from_string(request.POST.get("query", ""))
        films = Reel(request.team, cast("User", request.user), query).films()
    with_video = _nameable(films.filter(video__isnull=False)).order_by("created_at", "take")
    if request.POST.get("all"):
        return list(with_video[: MOST_PACKED + 1])
    return named(with_video, request.POST.getlist("film")[: MOST_PACKED + 1])


def _nameable(films: QuerySet[Generation]) -> QuerySet[Generation]:
    """With all that a name is made of."""
    return films.select_related("created_by", "video").defer("request", "provider_answer")


def _packed(video: Video, film: Generation, name: str) -> Packed:
    opened = partial(_opened, video)
    at = timezone.localtime(film.completed_at or film.created_at)
    return Packed(name, at, video.byte_size or 0, cast("Any", opened))


def _opened(video: Video) -> Any:
    """Raises OSError; one that is missing is had again, and not in this archive."""
    look_after(video)
    return video.file.storage.open(str(video.file.name), "rb")


def _saved(request: TeamRequest, pk: uuid.UUID) -> Video:
    return get_object_or_404(Video, generation__team=request.team, pk=pk, state="saved")
