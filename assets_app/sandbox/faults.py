"""Misbehaviour on demand: by share of requests, or once for the very next request to a route."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from random import Random

from assets_app.sandbox.protocol import Part, Refusal, Response
from assets_app.sandbox.settings import Settings

_HTML = (
    b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)

_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)

Work = Callable[[], Response]


def _error(_work: Work, _settings: Settings, random: Random) -> Response:
    status, message = random.choice(
        [(500, "Internal server error"), (502, "Upstream request failed"), (503, "Service temporarily unavailable")]
    )
    return Refusal(status, message).response()


def _lost(_work: Work, _settings: Settings, _random: Random) -> Response:
    return Response(0, hang_up=True)


def _cloudflare(_work: Work, _settings: Settings, _random: Random) -> Response:
    return Response(403, b"error code: 1010", content_type="text/plain; charset=UTF-8")


def _html(_work: Work, _settings: Settings, _random: Random) -> Response:
    return Response(502, _HTML, content_type="text/html")


def _gateway(work: Work, settings: Settings, random: Random) -> Response:
    work()
    return _html(work, settings, random)


def _web_page(work: Work, _settings: Settings, _random: Random) -> Response:
    work()
    return Response(200, _HTML, content_type="text/html")


def _truncated(work: Work, _settings: Settings, _random: Random) -> Response:
    response = work()
    if isinstance(response.body, Part):
        return response
    return replace(response, body=response.body[: len(response.body) // 2])


def _malformed(work: Work, settings: Settings, random: Random) -> Response:
    return random.choice([_cloudflare, _html, _truncated])(work, settings, random)


def _hang(work: Work, settings: Settings, _random: Random) -> Response:
    return replace(work(), quiet_seconds=settings.hang_seconds)


def _drop(work: Work, _settings: Settings, _random: Random) -> Response:
    return replace(work(), hang_up=True)


def _in_progress(work: Work, _settings: Settings, _random: Random) -> Response:
    work()
    return Refusal(409, "A request with this Idempotency-Key is still being worked on").response()


KINDS: dict[str, Callable[[Work, Settings, Random], Response]] = {
    "error": _error,  # 500, 502 or 503; nothing was done
    "lost": _lost,  # hung up; nothing was done
    "cloudflare": _cloudflare,  # 403 in plain text; nothing was done
    "html": _html,  # 502 with a web page; nothing was done
    "gateway": _gateway,  # done, answered 502 with a web page (FACTS §10.7)
    "page": _web_page,  # done, answered 200 with a web page
    "truncated": _truncated,  # done, answered with half of the JSON
    "malformed": _malformed,  # one of the three above
    "hang": _hang,  # done, answered after hang_seconds
    "drop": _drop,  # done, hung up without an answer
    "in progress": _in_progress,  # done, answered 409 as if the first request with this key were still under way
}


def _gone(_work: Work) -> Response:
    return Refusal(404, "Not found").response()


def _forbidden(_work: Work) -> Response:
    return Response(403, b"<Error><Code>AccessDenied</Code></Error>", content_type="application/xml")


def _page(_work: Work) -> Response:
    return Response(200, _HTML, content_type="text/html")


def _empty(_work: Work) -> Response:
    return Response(200, b"", content_type="video/mp4")


def _picture(_work: Work) -> Response:
    return Response(200, _PICTURE, content_type="video/mp4")


def _half(work: Work) -> Response:
    response = work()
    if isinstance(response.body, Part):
        return replace(response, body=replace(response.body, length=response.body.length // 2))
    return response


def _garbled(work: Work) -> Response:
    """The right length and both ends in order, with nothing but noise in its middle third."""
    response = work()
    if not isinstance(response.body, Part):
        return response
    content = bytearray(response.body.path.read_bytes())
    third = len(content) // 3
    content[third : 2 * third] = Random(0).randbytes(third)
    return replace(response, body=bytes(content))


FILE_KINDS: dict[str, Callable[[Work], Response]] = {
    "gone": _gone,  # 404
    "forbidden": _forbidden,  # 403, as a bucket says it
    "page": _page,  # 200 with a web page
    "empty": _empty,  # 200 with nothing
    "picture": _picture,  # 200 with a PNG that calls itself a video
    "half": _half,  # the first half, as if it were the whole
    "garbled": _garbled,  # whole by its length, and cannot be played
}
"""What can go wrong with a file that is handed out, such as a finished film."""


class Faults:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._lock = threading.Lock()
        self._ordered: list[tuple[str, str]] = []

    def order(self, kind: str, route: str = "*", times: int = 1) -> None:
        """Let the next requests to a route (`POST /v2/videos/generate`, or any with `*`) go wrong in this way."""
        if kind not in (KINDS | FILE_KINDS):
            raise ValueError(f"there is no fault “{kind}”; there are {', '.join(KINDS | FILE_KINDS)}")
        with self._lock:
            self._ordered.extend([(kind, route)] * times)

    def clear(self) -> None:
        with self._lock:
            self._ordered.clear()

    def perform(self, route: str, settings: Settings, work: Work) -> Response:
        """Do the work, well or badly."""
        kind = self._ordered_for(route, KINDS) or self._drawn(settings)
        return KINDS[kind](work, settings, self._random) if kind else work()

    def hand_out(self, route: str, work: Work) -> Response:
        """Give a file out, well or badly."""
        kind = self._ordered_for(route, FILE_KINDS)
        return FILE_KINDS[kind](work) if kind else work()

    def _ordered_for(self, route: str, kinds: Collection[str]) -> str | None:
        if not self._ordered:
            return None
        with self._lock:
            for order in self._ordered:
                if order[0] in kinds and order[1] in {"*", route}:
                    self._ordered.remove(order)
                    return order[0]
        return None

    def _drawn(self, settings: Settings) -> str | None:
        shares = {
            "error": settings.error_share,
            "malformed": settings.malformed_share,
            "hang": settings.hang_share,
            "drop": settings.drop_share,
        }
        if not any(shares.values()):
            return None
        draw = self._random.random()
        for kind, share in shares.items():
            if draw < share:
                return kind
            draw -= share
        return None
