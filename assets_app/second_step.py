"""The way back for somebody who lost the phone and the recovery codes: another one takes away what they confirm signing
in with. The password is still asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from assets_app import sign_in_log
from assets_app.mail import post
from assets_app.models import GuessLimit, LastCode, Membership, Team

MAIL = "second_step_removed"  # its words are in mail/


def has_second_step(user: User) -> bool:
    return Authenticator.objects.filter(user=user).exists()


def who_has_one(users: Iterable[int]) -> set[int]:
    return set(Authenticator.objects.filter(user__in=list(users)).values_list("user_id", flat=True))


def teams_beyond(user: User, admin: User) -> list[Team]:
    """Those somebody is in that this admin does not run: what guards their account guards these as well."""
    run = Membership.objects.filter(user=admin, role=Membership.Role.ADMIN).values("team")
    return list(Team.objects.filter(memberships__user=user).exclude(pk__in=run))


def remove(user: User, by: User | None, request: HttpRequest | None = None) -> int:
    """Take away app, passkeys and recovery codes; `by` nobody: whoever runs the server. It is said in the activity of
    each of their teams, in the log, and to them by mail. Returns how many there were.
    """
    with transaction.atomic():
        found = Authenticator.objects.filter(user=user)
        count = len(found)
        if not count:
            return 0
        found.delete()
        LastCode.objects.filter(user=user).delete()
        GuessLimit.objects.filter(key__startswith=f"code:{user.pk}:").delete()
        sign_in_log.second_step_removed(user, by)
        if user.email:
            post(MAIL, user.email, request, name=user.get_username(), by=str(by or "whoever runs the server"))
    return count
