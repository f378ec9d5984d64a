"""Browsers in which somebody has signed in before. The guesses of others, however many, do not keep the owner of an
account out of one of these: it has limits of its own (OWASP: "slow down online guessing with device cookies").
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE = "known_device"
KEPT_SECONDS = 400 * 24 * 60 * 60  # browsers keep none longer
MOST_ACCOUNTS = 8
_SALT = "castboard.known-device"


@dataclass(frozen=True)
class KnownDevice:
    """A browser, and the accounts that signed in there, the latest first."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    accounts: tuple[int, ...] = ()

    @classmethod
    def of(cls, request: HttpRequest) -> KnownDevice:
        """The browser that asks; a new one when it brings no cookie of ours."""
        try:
            kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KEPT_SECONDS)
            return cls(id=kept["id"], accounts=tuple(kept["accounts"]))
        except (signing.BadSignature, KeyError, TypeError):
            return cls()

    def knows(self, *accounts: int) -> bool:
        return bool(accounts) and set(accounts) <= set(self.accounts)

    def remember(self, account: int, response: HttpResponse) -> None:
        """Let the browser keep that this account was let in."""
        accounts = [account, *(each for each in self.accounts if each != account)][:MOST_ACCOUNTS]
        response.set_cookie(
            COOKIE,
            signing.dumps({"id": self.id, "accounts": accounts}, salt=_SALT),
            max_age=KEPT_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
