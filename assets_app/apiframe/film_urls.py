"""Where in a job's result the film and its last frame are: nobody documents its shape (FACTS §3)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from .values import web_address

DEEPEST_RESULT = 6
ANY_SITE = "https:"
"""What completes `//host/film.mp4` where nobody knows the provider's own address."""

_VIDEO_KEYS = ("videoUrl", "video_url", "video", "url", "videos", "output")
_LAST_FRAME_KEYS = ("lastFrameUrl", "last_frame_url", "lastFrame", "last_frame")
_VIDEO_ENDINGS = (".mp4", ".mov", ".webm")
_IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
# A still that is only a cover picture would be a wrong last frame, and a wrong one is worse than none.
_COVER = re.compile("thumb|poster|cover|preview", re.IGNORECASE)


def films_in(result: object, base: str = ANY_SITE) -> tuple[str, ...]:
    """Every address where the film may be, likeliest first. Under keys that nobody documented any address counts that
    is not a picture's, those that end like a video before the others (FACTS §3). `base` is the provider's own address,
    which completes what is only a part of one.
    """
    result = _completed(result, base)
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


def last_frame_url(result: object, base: str = ANY_SITE) -> str | None:
    """The last frame under one of its likely names, else any picture in the result that is not a cover (FACTS §3)."""
    result = _completed(result, base)
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


def _completed(result: object, base: str, depth: int = 0) -> object:
    """The result with JSON that came as text read, and each address that begins with a slash made whole."""
    if depth > DEEPEST_RESULT:
        return None
    if isinstance(result, dict):
        return {key: _completed(value, base, depth + 1) for key, value in result.items()}
    if isinstance(result, list):
        return [_completed(item, base, depth + 1) for item in result]
    if not isinstance(result, str):
        return result
    text = result.strip()
    if text.startswith(("{", "[")):
        try:
            return _completed(json.loads(text), base, depth + 1)
        except (ValueError, RecursionError):
            return result
    try:
        return urljoin(base, text) if text.startswith("/") else result
    except ValueError:
        return result


def _is_image(url: str) -> bool:
    return urlsplit(url).path.lower().endswith(_IMAGE_ENDINGS)
