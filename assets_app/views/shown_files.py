"""What a browser can show of an asset's file, by the addresses of ours."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.urls import reverse

from assets_app.models import Original

SHOWN_BY_BROWSERS = frozenset(
    "image/jpeg image/png image/webp image/gif image/avif image/bmp video/mp4 video/webm video/quicktime "
    "audio/mpeg audio/wav audio/ogg audio/mp4 audio/aac audio/flac audio/webm".split()
)
"""Those that play what is usually in them; a page is told by the browser about the rest."""


@dataclass(frozen=True)
class ShownFile:
    """`file` is what a picture or a player shows whole, `original` the file as it came; each "" where there is none."""

    file: str
    poster: str
    clip: str
    original: str
    sent_as: str
    """ "JPEG", where `file` is what the provider is sent in place of the original."""

    @classmethod
    def of(cls, team_slug: str, pk: uuid.UUID, copy: Original | None) -> ShownFile:
        if copy is None or not copy.is_saved:
            return cls("", "", "", "", "")

        def address(name: str, is_there: object) -> str:
            return f"{reverse(name, args=[team_slug, pk])}?v={copy.sha256[:8]}" if is_there else ""

        original = address("asset-file", copy.file)
        shown = original if copy.content_type in SHOWN_BY_BROWSERS else ""
        return cls(
            file=address("asset-sent", copy.sent_file) or shown,
            poster=address("asset-poster", copy.poster),
            clip=address("asset-clip", copy.clip),
            original=original,
            sent_as=copy.sent_as,
        )

    @property
    def picture(self) -> str:
        """Of a picture: itself, or our still of it."""
        return self.file or self.poster

    @property
    def player(self) -> str:
        """Of a video: itself, or the clip of its beginning."""
        return self.file or self.clip
