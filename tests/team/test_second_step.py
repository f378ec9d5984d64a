"""The way back for somebody who lost the phone and the recovery codes."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from assets_app.models import Event, Mail, Membership, Team
from assets_app.views.team_history import words_of
from tests.views.scene import make_team

PASSWORD = "far from the shore"
TOLD = "Removed the second step and the passkeys of edda"


@pytest.fixture(autouse=True)
def with_mail(settings: Settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example"


@pytest.fixture
def lost(editor: User) -> User:
    """A member with an app and recovery codes, none of which she has any more."""
    editor.set_password(PASSWORD)
    editor.email = "edda@studio.example"
    editor.save()
    TOTP.activate(editor, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(editor)
    return editor


@pytest.fixture
def boss(admin: User) -> Client:
    """An admin who has shown a moment ago that it is them."""
    admin.set_password(PASSWORD)
    admin.save()
    client = Client()
    client.post("/login/", {"username": "ada", "password": PASSWORD})
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def address(user: User, team: Team) -> str:
    return f"/dailies/members/{Membership.objects.get(user=user, team=team).pk}/second-step/"


def told(team: Team) -> list[str]:
    return [words_of(event) for event in Event.objects.filter(team=team, to_state="account")]


def remove(name: str) -> str:
    out = io.StringIO()
    call_command("remove_second_step", name, stdout=out)
    return out.getvalue()


class TestCommand:
    def test_the_password_alone_lets_in_again_and_it_is_told(self, team: Team, lost: User) -> None:
        assert remove("edda") == "edda signs in by password alone now.\n"
        assert Client().post("/login/", {"username": "edda", "password": PASSWORD})["Location"] == "/"
        assert told(team) == [TOLD]
        assert Event.objects.get(to_state="account").actor is None
        assert Mail.objects.get().to == "edda@studio.example"

    def test_there_may_be_nothing_to_remove(self, editor: User) -> None:
        assert "Nothing was changed" in remove("edda")
        assert not Event.objects.exists()

    def test_nobody_of_that_name(self, db: None) -> None:
        with pytest.raises(CommandError, match="no user “nobody”"):
            remove("nobody")

    def test_without_a_password_it_says_how_to_get_one(self, lost: User) -> None:
        lost.set_unusable_password()
        lost.save()
        assert "manage.py changepassword edda" in remove("edda")


class TestPage:
    def test_an_admin_finds_it_beside_who_has_a_second_step(self, team: Team, lost: User, boss: Client) -> None:
        page = boss.get("/dailies/members/").content.decode()
        assert page.count("Lost phone?") == 1
        assert address(lost, team) in page

    def test_an_admin_who_shows_who_they_are_removes_it(
        self, team: Team, lost: User, admin: User, boss: Client
    ) -> None:
        assert "Remove the second step of edda?" in boss.get(address(lost, team)).content.decode()
        assert Authenticator.objects.filter(user=lost).count() == 2
        page = boss.post(address(lost, team), follow=True).content.decode()
        assert "edda signs in by password alone now." in page
        assert not Authenticator.objects.exists()
        assert told(team) == [TOLD]
        assert Event.objects.get(to_state="account").actor == admin
        assert Mail.objects.get().facts["by"] == "ada"

    def test_it_asks_first_who_it_is(self, team: Team, lost: User, admin: User, boss: Client) -> None:
        fresh = Client()
        fresh.post("/login/", {"username": "ada", "password": PASSWORD})
        assert fresh.get(address(lost, team))["Location"].startswith("/account/confirm/")
        assert fresh.post(address(lost, team))["Location"] == address(lost, team)
        assert Authenticator.objects.exists()

    def test_what_guards_other_teams_too_is_not_an_admins_of_this_one(
        self, team: Team, lost: User, boss: Client
    ) -> None:
        Membership.objects.create(team=make_team("elsewhere"), user=lost)
        assert "manage.py remove_second_step edda" in boss.post(address(lost, team)).content.decode()
        assert Authenticator.objects.filter(user=lost).count() == 2

    def test_unless_they_run_those_too(self, team: Team, lost: User, admin: User, boss: Client) -> None:
        other = make_team("elsewhere")
        Membership.objects.create(team=other, user=lost)
        Membership.objects.create(team=other, user=admin, role=Membership.Role.ADMIN)
        boss.post(address(lost, team))
        assert not Authenticator.objects.exists()
        assert told(other) == [TOLD]

    def test_nobody_gets_round_their_own(self, team: Team, admin: User, boss: Client) -> None:
        TOTP.activate(admin, "JBSWY3DPEHPK3PXP")
        assert boss.post(address(admin, team))["Location"] == "/account/"
        assert Authenticator.objects.filter(user=admin).exists()

    def test_editors_and_strangers_do_not(
        self, team: Team, lost: User, stranger: User, client_of: Callable[[User], Client]
    ) -> None:
        assert client_of(lost).post(address(lost, team)).status_code == 403
        assert client_of(stranger).post(address(lost, team)).status_code == 404
