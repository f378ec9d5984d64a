"""Somebody deletes their account. What they made stays with their teams, under their name: so their row stays too,
empty but for that, and nobody else can take the name.
"""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from assets_app import sessions, sign_in_log
from assets_app.accounts import set_email
from assets_app.mail import post
from assets_app.models import Candidate, LastCode, Membership

MAIL = "account_deleted"  # its words are in mail/


def teams_run_alone(user: User) -> list[Membership]:
    """Where they are the only admin whose account is not switched off."""
    admins = Membership.objects.filter(role=Membership.Role.ADMIN, user__is_active=True)
    others = admins.exclude(user=user).values("team")
    return list(admins.filter(user=user).exclude(team__in=others).select_related("team").order_by("team__name"))


def delete_account(user: User, heirs: Iterable[Membership], request: HttpRequest) -> None:
    """`heirs` become admins of their teams first. In each team it is as if they left; films that are being made go on.
    Raises LastAdmin, and then nothing has happened.
    """
    with transaction.atomic():
        own = {each.team_id: each for each in Membership.objects.filter(user=user).select_related("team", "user")}
        for heir in sorted(heirs, key=lambda each: each.team_id):
            heir.change_role(Membership.Role.ADMIN, by=own[heir.team_id])
        for team_id in sorted(own):  # in one order, or two who leave at once could wait for each other
            own[team_id].end(by=own[team_id])
        Candidate.objects.filter(created_by=user).throw_away()
        Authenticator.objects.filter(user=user).delete()
        SocialAccount.objects.filter(user=user).delete()
        LastCode.objects.filter(user=user).delete()
        if user.email:
            post(MAIL, user.email, request, name=user.get_username())
        set_email(user, "")
        user.set_unusable_password()
        user.is_active = False
        user.save(update_fields=["password", "is_active"])
        sessions.end_all(user)
    sign_in_log.account_deleted(request, user)
