"""POST /v2/uploads: short-lived files under an address that any media field takes."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets_app.sandbox.probing import EXTENSIONS, LONGEST_SIGNATURE, sniff
from assets_app.sandbox.protocol import Refusal, Request, as_timestamp
from assets_app.sandbox.store import Account, Upload

if TYPE_CHECKING:
    from assets_app.sandbox.provider import Provider

_MEGABYTE = 1_048_576
MOST_BYTES = {"image": 25 * _MEGABYTE, "audio": 25 * _MEGABYTE, "video": 50 * _MEGABYTE}
TAKEN = "PNG, JPEG, WebP, GIF, MP4, WebM, MOV, MP3, WAV, OGG, M4A"
_NOT_TAKEN = {"image/bmp", "image/tiff", "image/heic", "image/heif"}


@dataclass(frozen=True)
class _Field:
    name: str
    content: bytes


class Uploads:
    def __init__(self, provider: Provider, directory: Path) -> None:
        self._provider = provider
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def create(self, account: Account, request: Request) -> dict[str, Any]:
        """Keep the uploaded file and describe it; Refusal 400 for no file, one too big or of a type not taken."""
        if request.too_long:
            raise _refused("File too large (max 25 MB image / audio, 50 MB video)")
        content = _file_in(request)
        content_type = sniff(content[:LONGEST_SIGNATURE])
        if content_type is None or content_type in _NOT_TAKEN:
            raise _refused(f"Unsupported file type; expected one of {TAKEN}")
        kind = content_type.partition("/")[0]
        if len(content) > MOST_BYTES[kind]:
            raise _refused(f"File too large (max {MOST_BYTES[kind] // _MEGABYTE} MB {kind})")
        return self._keep(account, content, kind, content_type)

    def path(self, name: str) -> tuple[Path, str]:
        """Where an upload lies and its content type; Refusal 404 when there is none any more."""
        upload = self._provider.store.uploads.get(name.partition(".")[0])
        if upload is None or upload.file_name != name or upload.expires_at <= self._provider.clock():
            raise Refusal(404, "Not found")
        return self.directory / upload.file_name, upload.content_type

    def resume(self) -> None:
        for upload in list(self._provider.store.uploads.values()):
            self._reap_in_time(upload)

    def _keep(self, account: Account, content: bytes, kind: str, content_type: str) -> dict[str, Any]:
        provider = self._provider
        now = provider.clock()
        upload_id = str(uuid.uuid4())
        upload = Upload(
            id=upload_id,
            account=account.id,
            file_name=f"{upload_id}.{EXTENSIONS[content_type]}",
            kind=kind,
            content_type=content_type,
            byte_size=len(content),
            created_at=now,
            expires_at=now + provider.settings.upload_seconds,
        )
        (self.directory / upload.file_name).write_bytes(content)
        with provider.store.writing() as write:
            write(upload)
        self._reap_in_time(upload)
        return self._view(upload)

    def _view(self, upload: Upload) -> dict[str, Any]:
        return {
            "id": upload.id,
            "url": f"{self._provider.base_url}/uploads/{upload.file_name}",
            "kind": upload.kind,
            "contentType": upload.content_type,
            "byteSize": upload.byte_size,
            "expiresAt": as_timestamp(upload.expires_at),
        }

    def _reap_in_time(self, upload: Upload) -> None:
        self._provider.timeline.at(upload.expires_at, lambda: self._reap(upload))

    def _reap(self, upload: Upload) -> None:
        (self.directory / upload.file_name).unlink(missing_ok=True)
        self._provider.store.forget(Upload, [upload.id])


def _refused(message: str) -> Refusal:
    return Refusal(400, message, details={"file": [message]})


def _file_in(request: Request) -> bytes:
    boundary = re.search(r'boundary="?([^";]+)"?', request.headers.get("Content-Type", ""))
    if boundary:
        for found in _fields(request.body, boundary[1].encode("latin-1", "replace")):
            if found.name == "file" and found.content:
                return found.content
    raise _refused("No file uploaded")


def _fields(body: bytes, boundary: bytes) -> list[_Field]:
    """The fields of a multipart/form-data body. Files of 50 MB are too big to run through the email parser."""
    fields = []
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        head, separator, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'\bname="([^"]*)"', head)
        if separator and name:
            fields.append(_Field(name[1].decode("utf-8", "replace"), content))
    return fields
