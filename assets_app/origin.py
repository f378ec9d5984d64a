"""Where others reach this Castboard: every absolute address begins here.

PUBLIC_URL, when it is set, is that place, whatever name a request gives us: a proxy may pass on its own, and anybody
may make one up. The name in a request is believed only where there is no PUBLIC_URL.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def origin(request: HttpRequest | None = None) -> str:
    """`scheme://host[:port]`; without a request (a command, the worker) and PUBLIC_URL, the address on this machine."""
    if settings.PUBLIC_URL or request is None:
        return settings.PUBLIC_URL or f"http://127.0.0.1:{settings.PORT}"
    return f"{request.scheme}://{request.get_host()}"


def absolute(request: HttpRequest | None, path: str) -> str:
    """The address of a page of ours; `path` begins with a slash."""
    return origin(request) + path


def hostname(request: HttpRequest | None) -> str:
    """Without the port: what a passkey is made for."""
    return urlsplit(origin(request)).hostname or ""


def is_ours(request: HttpRequest, netloc: str) -> bool:
    """Whether `host[:port]` is a name of ours: the public one, or the one that the request itself has."""
    return netloc in (urlsplit(origin(request)).netloc, request.get_host())
