"""What is put down of signing in: each sign-in, each refusal and each change of how somebody signs in is a line in the
log, and what an admin of their teams should see is in the activity. No password, code or token is in either, nor a name
that nobody has: people type their password there.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account import signals as account
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa import signals as second_step
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as organisation
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from assets_app.models import Event, GuessLimit, Team
from assets_app.models.guessing import Rate, TooManyGuesses

log = logging.getLogger("assets_app.sign_in")

ONCE_AN_HOUR = Rate(burst=1, seconds=3600)
KINDS = {"totp": "an authenticator app", "webauthn": "a passkey", "recovery_codes": "recovery codes"}
UNKNOWN = "a name that nobody has"


def tell_teams(person: User, change: str, actor: User | None = None, **facts: Any) -> None:
    """In the activity of each team they are in. `change` is a word of `team_history.ACCOUNT`."""
    for team in Team.objects.filter(memberships__user=person):
        Event.about_team(team, actor, "account", person=str(person), change=change, **facts)


def wrong_password(request: HttpRequest, accounts: list[int]) -> None:
    log.warning("Wrong password for %s, from %s.", _names(accounts), get_ip(request))


def used_code(request: HttpRequest, person: User) -> None:
    log.warning("A code of %s that was used before, from %s.", person, get_ip(request))


def too_many(request: HttpRequest, accounts: list[int], what: str) -> None:
    """A guess was refused unseen. Who tries on and on fills no activity with it."""
    log.warning("Too many wrong %ss for %s: refused, from %s.", what, _names(accounts), get_ip(request))
    for person in User.objects.filter(pk__in=accounts):
        try:
            GuessLimit.take({f"told:{person.pk}": ONCE_AN_HOUR})
        except TooManyGuesses:
            continue
        tell_teams(person, "locked")


def changed(request: HttpRequest, person: User, change: str, kind: str = "", **facts: str) -> None:
    """Something about how they sign in."""
    log.info("%s: %s%s, from %s.", person, change, f" {KINDS[kind]}" if kind else "", get_ip(request))
    tell_teams(person, change, person, kind=kind, **facts)


def account_deleted(request: HttpRequest, person: User) -> None:
    """Their teams hear that they left."""
    log.warning("%s: deleted their account, from %s.", person, get_ip(request))


def second_step_removed(person: User, by: User | None) -> None:
    log.warning("%s: second step and passkeys removed by %s.", person, by or "whoever runs the server")
    tell_teams(person, "second-step-off", by)


@receiver(account.user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    ways = [each.get("method", "?") for each in request.session.get("account_authentication_methods", [])]
    log.info("%s signed in by %s, from %s.", user, " and ".join(ways) or "invitation", get_ip(request))


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        log.info("%s signed out, from %s.", user, get_ip(request))


@receiver(second_step.authenticator_used)
def _second_step(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    log.info("%s was confirmed by %s, from %s.", user, KINDS[authenticator.type], get_ip(request))


@receiver(second_step.authentication_failed)
def _wrong_code(request: HttpRequest, user: User, **_: Any) -> None:
    log.warning("Wrong code for %s, from %s.", user, get_ip(request))


@receiver(account.password_changed)
@receiver(account.password_set)
def _password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    changed(request, user, "password")


@receiver(account.password_reset)
def _password_reset(request: HttpRequest, user: User, **_: Any) -> None:
    changed(request, user, "reset")


@receiver(second_step.authenticator_added)
def _added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    changed(request, user, "added", authenticator.type)


@receiver(second_step.authenticator_removed)
def _removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    changed(request, user, "removed", authenticator.type)


@receiver(second_step.authenticator_reset)
def _renewed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    changed(request, user, "renewed", authenticator.type)


@receiver(organisation.social_account_added)
def _connected(request: HttpRequest, sociallogin: Any, **_: Any) -> None:
    changed(request, sociallogin.user, "connected")


@receiver(organisation.social_account_removed)
def _disconnected(request: HttpRequest, socialaccount: Any, **_: Any) -> None:
    changed(request, socialaccount.user, "disconnected")


def _names(accounts: list[int]) -> str:
    names = User.objects.filter(pk__in=accounts).values_list("username", flat=True)
    return ", ".join(names) or UNKNOWN
