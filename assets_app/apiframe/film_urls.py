"""Where in a job's result the film and its last frame are: nobody documents its shape (FACTS §3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from .values import web_address

DEEPEST_RESULT = 6

_VIDEO_KEYS = ("videoUrl", "video_url", "video", "url", "videos", "output")
_LAST_FRAME_KEYS = ("lastFrameUrl", "last_frame_url", "lastFrame", "last_frame")
_VIDEO_ENDINGS = (".mp4", ".mov", ".webm")
_IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
# A still that is only a cover picture would be a wrong last frame, and a wrong one is worse than none.
_COVER = re.compile("thumb|poster|cover|preview", re.IGNORECASE)


def films_in(result: object) -> tuple[str, ...]:
    """Every address where the film may be, likeliest first. Under keys that nobody documented any address counts that
    is not a picture's, those that end like a video before the others (FACTS §3).
    """
    known = tuple(dict.fromkeys(_film_urls(result)))
    if known:
        return known
    anywhere = dict.fromkeys(_other_urls(result))
    return tuple(sorted(anywhere, key=lambda url: not urlsplit(url).path.lower().endswith(_VIDEO_ENDINGS)))


def _other_urls(result: object, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST_RESULT:
        return
    if isinstance(result, dict):
        for key, value in result.items():
            if not _COVER.search(str(key)) and str(key) not in _LAST_FRAME_KEYS:
                yield from _other_urls(value, depth + 1)
    elif isinstance(result, list):
        for item in result:
            yield from _other_urls(item, depth + 1)
    elif (url := web_address(result)) and not _is_image(url):
        yield url


def _film_urls(result: object, depth: int = 0) -> Iterator[str]:
    """Every URL where the film may be, likeliest first: a bare string, a dict by known keys, or a list of either."""
    if depth > DEEPEST_RESULT:
        return
    if isinstance(result, dict):
        for key in _VIDEO_KEYS:
            yield from _film_urls(result.get(key), depth + 1)
    elif isinstance(result, list):
        for item in result:
            yield from _film_urls(item, depth + 1)
    elif (url := web_address(result)) and not _is_image(url):
        yield url


def last_frame_url(result: object) -> str | None:
    """The last frame under one of its likely names, else any picture in the result that is not a cover (FACTS §3)."""
    if isinstance(result, dict):
        for key in _LAST_FRAME_KEYS:
            named = result.get(key)
            if url := web_address(named.get("url") if isinstance(named, dict) else named):
                return url
    return next(_pictures(result), None)


def _pictures(result: object, depth: int = 0) -> Iterator[str]:
    if depth > DEEPEST_RESULT:
        return
    if isinstance(result, dict):
        for key, value in result.items():
            if not _COVER.search(str(key)):
                yield from _pictures(value, depth + 1)
    elif isinstance(result, list):
        for item in result:
            yield from _pictures(item, depth + 1)
    elif (url := web_address(result)) and _is_image(url):
        yield url


def _is_image(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(_IMAGE_ENDINGS)
