"""`manage.py remove_second_step USER`: for somebody who lost the phone and the recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from assets_app import second_step


class Command(BaseCommand):
    help = (
        "Take away the authenticator app, passkeys and recovery codes of a user, who signs in by password alone then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the name they sign in with")

    def handle(self, *_args: Any, user: str, **_options: Any) -> None:
        found = User.objects.filter(username=user).first()
        if found is None:
            raise CommandError(f"There is no user “{user}”.")
        if not second_step.remove(found, by=None):
            self.stdout.write(f"{user} has no second step and no passkey. Nothing was changed.")
            return
        self.stdout.write(f"{user} signs in by password alone now.")
        if not found.has_usable_password():
            self.stdout.write(f"They have none yet: manage.py changepassword {user}")
