"""How often passwords and codes may be guessed, and for whom that counts."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.internal.userkit import filter_users_by_email, filter_users_by_username
from allauth.core.internal.ratelimit import get_ip
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest

from assets_app import sign_in_log
from assets_app.known_devices import KnownDevice
from assets_app.models.guessing import GuessLimit, Rate, TooManyGuesses

MINUTE = 60.0
FROM_ADDRESS = Rate(burst=10, seconds=6)  # whatever the names: one visitor tries few
AT_ACCOUNT_FROM_ADDRESS = Rate(burst=5, seconds=MINUTE)
# From all addresses together, at most 100 in an hour (OWASP ASVS 4.0.3, 2.2.1).
AT_ACCOUNT = Rate(burst=40, seconds=MINUTE)
FROM_KNOWN_DEVICE = Rate(burst=8, seconds=5 * MINUTE)
SECOND_STEP = Rate(burst=5, seconds=5 * MINUTE)  # a code has few digits, and whoever gets here has the password


class Guess:
    """One try, counted as a wrong one until it proves right."""

    def __init__(self, request: HttpRequest, accounts: list[int], what: str, limits: dict[str, Rate]) -> None:
        """Raises a ValidationError that says when the next one may be made."""
        self.limits = limits
        try:
            GuessLimit.take(limits)
        except TooManyGuesses as refused:
            sign_in_log.too_many(request, accounts, what)
            raise ValidationError(words_for(refused.seconds), code="too_many_login_attempts") from refused

    def was_right(self) -> None:
        GuessLimit.give_back(self.limits)


def guess_password(request: HttpRequest, credentials: dict[str, Any]) -> Guess:
    """For the names and addresses that a form or a session holds: those of one person count as one."""
    accounts = accounts_meant(credentials)
    if device := _known_device(request, accounts):
        limits = {f"device:{device}:{account}": FROM_KNOWN_DEVICE for account in accounts}
        return Guess(request, accounts, "password", limits)
    address = get_ip(request)
    limits = {f"address:{address}": FROM_ADDRESS}
    for whom in [f"{account}" for account in accounts] or [_unknown(credentials)]:
        limits[_at(whom)] = AT_ACCOUNT
        limits[f"{_at(whom)}@{address}"] = AT_ACCOUNT_FROM_ADDRESS
    return Guess(request, accounts, "password", limits)


def guess_second_step(request: HttpRequest, account: int) -> Guess:
    limits = {f"code:{account}:{_known_device(request, [account])}": SECOND_STEP}
    return Guess(request, [account], "code", limits)


def forget_guesses_at(account: int) -> None:
    """Whoever has just shown by mail that the account is theirs does not wait for what others tried."""
    GuessLimit.objects.filter(Q(key=_at(f"{account}")) | Q(key__startswith=f"{_at(f'{account}')}@")).delete()


def words_for(seconds: float) -> str:
    minutes = max(1, -(-int(seconds + 1) // 60))
    return f"Too many wrong tries. Try again in {minutes} minute{'s' if minutes > 1 else ''}."


def accounts_meant(credentials: dict[str, Any]) -> list[int]:
    """Whose password would let in: one person's name may be another one's e-mail."""
    found: set[int] = set()
    for login in {str(credentials.get(field) or "") for field in ("username", "email")} - {""}:
        found |= {user.pk for user in filter_users_by_username(login)}
        found |= {user.pk for user in filter_users_by_email(login)}
    return sorted(found)


def _at(whom: str) -> str:
    return f"account:{whom}"


def _unknown(credentials: dict[str, Any]) -> str:
    login = str(credentials.get("email") or credentials.get("username") or "")
    return "?" + hashlib.sha256(login.casefold().encode()).hexdigest()[:32]


def _known_device(request: HttpRequest, accounts: list[int]) -> str:
    """Its name, when all these accounts have signed in there; "" for one from outside."""
    device = KnownDevice.of(request)
    if device.knows(*accounts):
        return device.id
    return "signed-in" if accounts == [request.user.pk] else ""
