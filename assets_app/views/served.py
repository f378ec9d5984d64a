"""Our stored files over HTTP, for those whom the view has let in."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from assets_app.engine.missing import MEDIA_AWAY, look_after, media_are_away
from assets_app.media.ranges import ranged_response
from assets_app.models import OwnCopy

# An address that names the content by its hash never changes what it answers: what was fetched once is not asked for
# again.
FOR_GOOD = "private, max-age=31536000, immutable"
A_DAY = "private, max-age=86400"
SHORTEST_HASH = 8


def served(
    request: HttpRequest,
    file: FieldFile,
    content_type: str,
    name: str,
    etag: str,
    *,
    as_attachment: bool = False,
) -> HttpResponseBase:
    """The file, in parts where a player asks for parts. A row without its file, after a bad restore say, is a 404, and
    the file is had again where that can be; while the directory of all media is away, 503.
    """
    if not file:
        raise Http404
    try:
        opened = file.storage.open(cast("str", file.name), "rb")
    except FileNotFoundError as error:
        if media_are_away():
            return HttpResponse(MEDIA_AWAY, content_type="text/plain; charset=utf-8", status=503)
        if isinstance(file.instance, OwnCopy):
            look_after(file.instance)
        raise Http404 from error
    response = ranged_response(
        request, cast("BinaryIO", opened), content_type, filename=name or None, etag=etag, as_attachment=as_attachment
    )
    version = request.GET.get("v", "")
    names_content = len(version) >= SHORTEST_HASH and etag.startswith(version)
    response["Cache-Control"] = FOR_GOOD if names_content else A_DAY
    return response
