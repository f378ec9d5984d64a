"""Files that the sandbox hands out, whole or in part: finished videos, uploads, kept media, samples."""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from assets_app.sandbox.protocol import Part, Refusal, Request, Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def serve(request: Request, path: Path, content_type: str | None = None) -> Response:
    """A file with Range support: 200, 206 for one range, 416 for one beyond the end."""
    size = path.stat().st_size
    content_type = content_type or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    etag = f'"{size:x}-{path.stat().st_mtime_ns:x}"'
    headers = {"Accept-Ranges": "bytes", "ETag": etag, "Cache-Control": "public, max-age=3600"}
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if not asked or asked[0] == "bytes=-" or request.headers.get("If-Range", etag) != etag:
        return Response(200, Part(path, 0, size), content_type, headers)
    start, end = _resolved(asked[1], asked[2], size)
    if start >= size or start > end:
        raise Refusal(416, "Range not satisfiable", headers={"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return Response(206, Part(path, start, end - start + 1), content_type, headers)


def _resolved(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(size - int(last), 0), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
