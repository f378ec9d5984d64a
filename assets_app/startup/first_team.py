"""The first team: one that plays with the sandbox when no API key is given, a real one as soon as there is a key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User
from django.db import connection as database
from django.db import transaction

from apiframe_site.environment import is_loopback, refuse
from assets_app.models import Connection, Membership, Team
from assets_app.models.connection import fingerprint
from assets_app.models.sealing import Unreadable
from assets_app.startup.preparation import database_or_refusal

DEMO = "demo"  # user, password and team
ADMIN = "admin"
STUDIO = "studio"
SANDBOX_KEY = "afk_sandbox_demo"  # the sandbox takes any key that begins with afk_

WHY_NOT_DEMO = (
    "the user demo still has the password demo, which is allowed only on loopback and with the sandbox. "
    "Give it another: .venv/bin/python manage.py changepassword demo"
)


@dataclass(frozen=True)
class SignIn:
    """How to get in. The password is there only when it was made just now, or is the well-known one."""

    username: str
    password: str = ""

    @property
    def is_shown_once(self) -> bool:
        """Whether nobody will know the password who is not told it now."""
        return bool(self.password) and (self.username, self.password) != (DEMO, DEMO)

    def __str__(self) -> str:
        if self.username == self.password == DEMO:
            return "demo, with the password demo"
        if self.password:
            return f"{self.username}, with the password {self.password} (shown only this once)"
        return f"{self.username} (forgot the password? manage.py changepassword {self.username})"


def refuse_demo_password() -> None:
    """For whatever serves pages without `up`: stop in one line where the demo password guards more than a toy."""
    with database_or_refusal():
        has_users = User._meta.db_table in database.introspection.table_names()
        if has_users and demo_password_is_a_danger():
            refuse(WHY_NOT_DEMO)


@transaction.atomic
def ensure() -> SignIn | None:
    """Make or update what the settings ask for; None when the teams are the operator's own business.

    Refuses, in one line, a demo password where it would guard more than a toy, and a public address without a team.
    """
    if demo_password_is_a_danger():
        refuse(WHY_NOT_DEMO)
    if settings.APIFRAME_API_KEY:
        _move_sandbox_teams()
        return _ensure_studio()
    if Team.objects.exclude(slug=DEMO).exists():
        _move_sandbox_teams()
        return None
    if not settings.ON_LOOPBACK_ONLY:
        refuse(
            "APIFRAME_API_KEY is missing. Without it there is only the demo team, and that is for loopback addresses."
        )
    if not is_loopback(settings.APIFRAME_BASE_URL):
        refuse("APIFRAME_BASE_URL is set without APIFRAME_API_KEY. Set both, or neither to play with the sandbox.")
    return _ensure_demo()


def needs_our_sandbox() -> bool:
    """Never where others reach us: it fetches any address. A demo team that stayed behind is told that it is down."""
    ours = Connection.objects.filter(is_sandbox=True, base_url=settings.SANDBOX_URL)
    return settings.ON_LOOPBACK_ONLY and ours.exists()


def is_set_by_the_environment(connection: Connection) -> bool:
    """Whether the next start would write the settings' key and address over this connection."""
    if not settings.APIFRAME_API_KEY:
        return False
    first = Connection.objects.filter(is_sandbox=False).order_by("team__created_at").first()
    return first is not None and first.pk == connection.pk


def demo_is_open() -> bool:
    """Whether the sign-in page may say how to get in: the demo password still holds, and guards but a toy."""
    if settings.APIFRAME_API_KEY or not settings.ON_LOOPBACK_ONLY:
        return False
    demo = get_user_model().objects.filter(username=DEMO, is_active=True).first()
    return demo is not None and _is_demo_password(demo.password)


@lru_cache(maxsize=8)
def _is_demo_password(encoded: str) -> bool:
    return check_password(DEMO, encoded)


def demo_password_is_a_danger() -> bool:
    """Whether somebody could sign in as demo with the password demo to more than a sandbox on this very machine."""
    is_a_toy = (
        settings.ON_LOOPBACK_ONLY
        and not settings.APIFRAME_API_KEY
        and not Connection.objects.filter(is_sandbox=False).exists()
    )
    return not is_a_toy and authenticate(username=DEMO, password=DEMO) is not None


def _ensure_demo() -> SignIn:
    team, _ = Team.objects.get_or_create(slug=DEMO, defaults={"name": "Demo"})
    admin = _admin_of(team) or _make_demo(team)
    if not Connection.objects.filter(team=team, is_sandbox=False).exists():  # it may have been given a real key since
        _connect_to_sandbox(team, settings.APIFRAME_BASE_URL)
    is_well_known = admin.username == DEMO and admin.check_password(DEMO)
    return SignIn(admin.username, DEMO if is_well_known else "")


def _make_demo(team: Team) -> User:
    """Not where somebody runs the team: they may have given demo another name, or deleted it."""
    user, is_new = User.objects.get_or_create(username=DEMO)
    if is_new or not user.is_active:
        user.is_active = True
        user.set_password(DEMO)
        user.save()
    Membership.objects.update_or_create(team=team, user=user, defaults={"role": Membership.Role.ADMIN})
    return user


def _admin_of(team: Team) -> User | None:
    admins = User.objects.filter(memberships__team=team, memberships__role=Membership.Role.ADMIN, is_active=True)
    return admins.order_by("date_joined").first()


def _move_sandbox_teams() -> None:
    """The sandbox follows PORT, and the teams that talk to it follow the sandbox."""
    for team in Team.objects.filter(connection__is_sandbox=True):
        _connect_to_sandbox(team, settings.SANDBOX_URL)


def _connect_to_sandbox(team: Team, base_url: str) -> None:
    """With the key it has, which names its credits there."""
    connection = Connection.objects.filter(team=team).first()
    key = connection.api_key if connection and _can_read(connection) else SANDBOX_KEY
    _connect(team, base_url, key, is_sandbox=True)


def _ensure_studio() -> SignIn:
    team = Team.objects.filter(connection__is_sandbox=False).order_by("created_at").first()
    if team is None:
        team, _ = Team.objects.get_or_create(slug=STUDIO, defaults={"name": "Studio"})
    _connect(team, settings.APIFRAME_BASE_URL, settings.APIFRAME_API_KEY, is_sandbox=False)
    admin = _admin_of(team)
    return SignIn(admin.username) if admin else _make_admin(team)


def _make_admin(team: Team) -> SignIn:
    user, _ = User.objects.get_or_create(username=ADMIN)
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.is_active = True
    user.save()
    Membership.objects.update_or_create(team=team, user=user, defaults={"role": Membership.Role.ADMIN})
    return SignIn(ADMIN, password)


def _connect(team: Team, base_url: str, key: str, *, is_sandbox: bool) -> None:
    """Point the team at this provider. What was wrong with the old address or key is not wrong with the new one."""
    connection = Connection.objects.filter(team=team).first() or Connection(team=team)
    wanted = (fingerprint(base_url, key), settings.APIFRAME_REQUESTS_PER_MINUTE, is_sandbox)
    if wanted == (connection.fingerprint, connection.requests_per_minute, connection.is_sandbox) and _can_read(
        connection
    ):
        return
    connection.base_url, connection.api_key = base_url, key
    connection.requests_per_minute, connection.is_sandbox = settings.APIFRAME_REQUESTS_PER_MINUTE, is_sandbox
    connection.save()
    connection.all_is_well()


def _can_read(connection: Connection) -> bool:
    try:
        return bool(connection.api_key)
    except Unreadable:  # SECRET_KEY was changed
        return False
