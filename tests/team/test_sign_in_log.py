"""What is put down of signing in, in the log and in the activity, and what never is."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.test import Client

from assets_app.accounts import set_email
from assets_app.models import Event, Membership, Team
from assets_app.views.team_history import words_of

PASSWORD = "far from the shore"
NEW = {"password1": "nearer to the shore", "password2": "nearer to the shore"}
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def ana(team: Team) -> User:
    user = User.objects.create_user("ana", password=PASSWORD)
    Membership.objects.create(team=team, user=user)
    set_email(user, "ana@studio.example")
    return user


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level("INFO", "assets_app.sign_in")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "assets_app.sign_in"]


def sign_in(client: Client, name: str = "ana", password: str = PASSWORD) -> None:
    client.post("/login/", {"username": name, "password": password})


def told() -> list[str]:
    return [words_of(event) for event in Event.objects.filter(to_state="account").order_by("id")]


def test_coming_and_going(ana: User, client: Client, lines: Callable[[], list[str]]) -> None:
    sign_in(client)
    client.post("/logout/")
    assert lines() == ["ana signed in by password, from 127.0.0.1.", "ana signed out, from 127.0.0.1."]
    assert told() == []


def test_a_wrong_password_under_whatever_name_of_theirs(
    ana: User, client: Client, lines: Callable[[], list[str]]
) -> None:
    sign_in(client, "ana@studio.example", "guess")
    assert lines() == ["Wrong password for ana, from 127.0.0.1."]


def test_a_name_that_nobody_has_may_be_somebodys_password(
    ana: User, client: Client, lines: Callable[[], list[str]]
) -> None:
    sign_in(client, "hunter2hunter2", "x")
    assert lines() == ["Wrong password for a name that nobody has, from 127.0.0.1."]


def test_too_many_are_told_to_the_teams_once(ana: User, client: Client, lines: Callable[[], list[str]]) -> None:
    for _ in range(8):
        sign_in(client, password="guess")
    assert lines()[5:] == ["Too many wrong passwords for ana: refused, from 127.0.0.1."] * 3
    assert told() == ["Refuses passwords for ana for some minutes: too many were wrong"]


def test_the_second_step(ana: User, client: Client, lines: Callable[[], list[str]]) -> None:
    TOTP.activate(ana, SECRET)
    code = format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))
    sign_in(client)
    client.post("/login/second-step/", {"code": "000000"})
    client.post("/login/second-step/", {"code": code})
    assert lines() == [
        "Wrong code for ana, from 127.0.0.1.",
        "ana was confirmed by an authenticator app, from 127.0.0.1.",
        "ana signed in by password and mfa, from 127.0.0.1.",
    ]
    assert code not in str(lines())


@pytest.mark.django_db(transaction=True)  # the app is told of once it is there for good
def test_changes_of_how_one_signs_in_are_told_to_the_teams(
    ana: User, client: Client, lines: Callable[[], list[str]]
) -> None:
    sign_in(client)
    client.post("/account/confirm/", {"password": PASSWORD})
    client.get("/account/authenticator/")
    code = format_hotp_value(hotp_value(client.session["mfa.totp.secret"], int(time.time()) // 30))
    client.post("/account/authenticator/", {"code": code})
    client.post("/account/authenticator/remove/")
    client.post("/account/profile/", {"full_name": "", "email": "ana@elsewhere.example"})
    client.post("/account/password/", {"oldpassword": PASSWORD, **NEW})
    assert told() == [
        "Added an authenticator app to sign in with",
        "Added recovery codes to sign in with",
        "Removed an authenticator app, which they signed in with",
        "Removed recovery codes, which they signed in with",
        "Changed their e-mail",
        "Changed their password",
    ]
    assert lines()[1:] == [
        "ana: added an authenticator app, from 127.0.0.1.",
        "ana: added recovery codes, from 127.0.0.1.",
        "ana: removed an authenticator app, from 127.0.0.1.",
        "ana: removed recovery codes, from 127.0.0.1.",
        "ana: email, from 127.0.0.1.",
        "ana: password, from 127.0.0.1.",
    ]
    assert not any(secret in str(lines()) for secret in (PASSWORD, NEW["password1"], code, "elsewhere"))
