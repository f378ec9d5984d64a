"""What the pages around signing in say is in the words of this house, not in those of the package beneath."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from assets_app.accounts import SELF_EVIDENT, set_email
from assets_app.models import Membership, Team, invite
from tests.team.test_organisation import WHO, organisation, sign_in_at  # noqa: F401 (a fixture)

PASSWORD = "far from the shore"
STOCK = re.compile(
    r"Security key|third-party|Forgot your password\?|>\s*Username|Email|\(again\)|Current Password|successfully|"
    r"Your password can.t be|activated|can.t be entirely numeric"
)


@pytest.fixture
def ana(team: Team) -> User:
    user = User.objects.create_user("ana", password=PASSWORD)
    Membership.objects.create(team=team, user=user)
    set_email(user, "ana@studio.example")
    return user


@pytest.fixture
def browser(ana: User, client: Client) -> Client:
    client.post("/login/", {"username": "ana", "password": PASSWORD})
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


@pytest.mark.parametrize(
    "page",
    [
        "/account/",
        "/account/profile/",
        "/account/password/",
        "/account/confirm/",
        "/account/confirm/code/",
        "/account/authenticator/remove/",
        "/account/passkeys/add/",
        "/account/recovery-codes/new/",
        "/account/organisation/",
    ],
)
def test_a_page_of_ones_account(browser: Client, ana: User, page: str) -> None:
    TOTP.activate(ana, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    answer = browser.get(page)
    assert answer.status_code == 200
    assert not STOCK.search(answer.content.decode())


def test_setting_a_password_where_there_is_none(browser: Client, ana: User) -> None:
    ana.set_unusable_password()
    ana.save()
    browser.force_login(ana)
    page = browser.get("/account/password/set/", follow=True).content.decode()
    assert "New password" in page
    assert not STOCK.search(page)


def test_choosing_a_new_one_with_a_link(client: Client, ana: User) -> None:
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(ana)
    page = client.get(f"/password/reset/{user_pk_to_url_str(ana)}-{token}/", follow=True).content.decode()
    assert "Choose a new password" in page
    assert "New password" in page
    assert not STOCK.search(page)


@pytest.mark.parametrize("text", sorted(Path("templates").glob("*/messages/*.txt")), ids=str)
def test_what_is_said_in_passing(text: Path) -> None:
    assert not STOCK.search(text.read_text())


def test_nothing_that_can_be_said_in_passing_is_the_packages() -> None:
    """What is not among ours cannot come to pass: addresses are not confirmed, and nobody has a telephone here."""
    theirs = Path(allauth.__file__).parent / "templates"
    rooms = ("account", "mfa", "socialaccount")
    said = {str(file.relative_to(theirs)) for room in rooms for file in theirs.glob(f"{room}/messages/*.txt")}
    ours = {name for name in said if (settings.BASE_DIR / "templates" / name).exists()}
    left = said - ours - set(SELF_EVIDENT) - {"socialaccount/messages/account_connected_updated.txt"}
    assert {name for name in left if not re.search("email|phone|login_code", name)} == set()


@pytest.mark.parametrize(
    ("page", "data", "said"),
    [
        (
            "/account/password/",
            {"oldpassword": PASSWORD, "password1": "nearer to the shore", "password2": "nearer to the shore"},
            "Your password is changed.",
        ),
        ("/account/authenticator/remove/", {}, "The authenticator app is removed."),
    ],
)
def test_what_was_done_leads_back_to_the_account_and_says_so(
    browser: Client, ana: User, page: str, data: dict[str, str], said: str
) -> None:
    TOTP.activate(ana, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    answer = browser.post(page, data, follow=True)
    assert answer.redirect_chain == [("/account/", 302)]
    assert said in answer.content.decode()


def test_joining_through_the_organisation_with_an_address_that_is_taken(
    organisation: str,  # noqa: F811
    team: Team,
    admin: User,
    client: Client,
    ana: User,
) -> None:
    set_email(ana, WHO["email"])
    _invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=1))
    client.get(f"/invite/{token}/")
    sign_in_at(organisation, client)
    page = client.get("/login/oidc/signup/").content.decode()
    assert "Name you sign in with" in page
    assert not STOCK.search(page)
    taken = client.post("/login/oidc/signup/", {"username": "olga", "email": WHO["email"]}).content.decode()
    assert not STOCK.search(taken)


@pytest.mark.parametrize("sent_to", ["/login/", "/login/passkey/", "/login/oidc/"])
def test_a_sign_in_page_that_waited_too_long_leads_to_a_fresh_one_with_the_same_way_on(db: None, sent_to: str) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(sent_to, {"username": "ana", "password": "x", "next": "/dailies/assets/"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/login/?again=1&next=%2Fdailies%2Fassets%2F", 302)]
    assert "This page had waited too long" in page
    assert 'value="/dailies/assets/"' in page


def test_and_follows_no_way_off_castboard(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/login/", {"next": "https://evil.example/"})
    assert answer["Location"] == "/login/?again=1"
