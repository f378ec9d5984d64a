"""Private files over HTTP, in parts where a player asks for parts (RFC 9110 §13-14).

Django's own FileResponse knows no Range requests, and without them no browser can seek in a video.
"""

from __future__ import annotations

import os
import re
from typing import BinaryIO, Self

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag

CHUNK_BYTES = 64 * 1024

_ONE_RANGE = re.compile(r"bytes=[ \t]*(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})[ \t]*", re.IGNORECASE)
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_SHOWN_IN_PAGES = ("image/", "video/", "audio/")


class _NotSatisfiable(Exception):
    """The range begins after the end of the file."""


def ranged_response(
    request: HttpRequest,
    file: BinaryIO,
    content_type: str,
    filename: str | None = None,
    etag: str | None = None,
    *,
    as_attachment: bool = False,
) -> HttpResponseBase:
    """Answer GET or HEAD with `file` (open, binary, seekable), or the one part of it that is asked for.

    200 or 206, 304 when the client has `etag` already, 416 when the part lies outside. Several ranges at once are
    answered with the whole file, as the standard allows. Only pictures, video and sound are shown in the browser;
    anything else becomes a download. `file` is closed in any case, at the latest with the response.
    """
    try:
        size = file.seek(0, os.SEEK_END)
        response = _answer(request, file, size, quote_etag(etag) if etag else None)
    except BaseException:
        file.close()
        raise
    if not response.streaming:
        file.close()
    is_media = content_type.startswith(_SHOWN_IN_PAGES) and "svg" not in content_type
    response["Content-Type"] = content_type if is_media else "application/octet-stream"
    disposition = content_disposition_header(as_attachment or not is_media, _safe_name(filename))
    if disposition:
        response["Content-Disposition"] = disposition
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(request: HttpRequest, file: BinaryIO, size: int, etag: str | None) -> HttpResponseBase:
    unchanged = get_conditional_response(request, etag)
    if unchanged is not None:
        return _tagged(unchanged, etag)
    try:
        part = _requested_part(request, size, etag)
    except _NotSatisfiable:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        return _tagged(response, etag)
    start, stop = part or (0, size)
    if request.method == "HEAD":
        answer: HttpResponseBase = HttpResponse()
    else:
        answer = StreamingHttpResponse(_Slice(file, start, stop), status=206 if part else 200)
    if part:
        answer["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    answer["Content-Length"] = str(stop - start)
    return _tagged(answer, etag)


def _tagged(response: HttpResponseBase, etag: str | None) -> HttpResponseBase:
    if etag:
        response["ETag"] = etag
    return response


def _requested_part(request: HttpRequest, size: int, etag: str | None) -> tuple[int, int] | None:
    """Start and stop of the one range asked for; None for the whole file, which any doubt leads to."""
    wanted = _ONE_RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or wanted is None or not _still_the_same(request, etag):
        return None
    first, last = wanted["first"], wanted["last"]
    if not first and not last:
        return None
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise _NotSatisfiable
    return start, stop


def _still_the_same(request: HttpRequest, etag: str | None) -> bool:
    """If-Range: a part is only of use to a client that holds the rest of the very same file."""
    condition = request.headers.get("If-Range")
    return condition is None or (condition == etag and not condition.startswith("W/"))


def _safe_name(filename: str | None) -> str:
    return (_UNSAFE_IN_NAMES.sub("_", filename).strip(". ") or "file") if filename else ""


class _Slice:
    """The bytes from `start` to `stop`, in pieces. The response closes it even when it was never read."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        file.seek(start)
        self._file = file
        self._left = stop - start

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        chunk = self._file.read(min(CHUNK_BYTES, self._left))
        if not chunk:
            raise StopIteration
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        self._file.close()
