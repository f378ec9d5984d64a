"""Signing in with django-allauth: a second step, passkeys offered, limits on guessing, forgotten passwords."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from importlib import import_module

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from assets_app.accounts import set_email
from assets_app.forms.account import JoinForm
from assets_app.models import Event, Membership, Team
from assets_app.views.team_history import words_of
from tests.team.conftest import PostOffice

LOGIN = "/login/"
PASSWORD = "far from the shore"


@pytest.fixture
def ana(team: Team) -> User:
    user = User.objects.create_user("ana", password=PASSWORD)
    Membership.objects.create(team=team, user=user)
    return user


def sign_in(client: Client, name: str = "ana", password: str = PASSWORD) -> str:
    return client.post(LOGIN, {"username": name, "password": password}).headers.get("Location", "")


def sign_in_and_confirm(client: Client) -> None:
    """Before anything that could lock an account out, its owner is asked for the password once more."""
    sign_in(client)
    client.post("/account/confirm/", {"password": PASSWORD})


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_the_e_mail_address_signs_in_as_well_as_the_name(ana: User, client: Client) -> None:
    set_email(ana, "ana@studio.example")
    assert sign_in(client, "ana@studio.example") == "/"
    assert client.get("/dailies/").status_code == 200


def test_guessing_passwords_is_slowed_down_and_the_right_one_does_not_get_through_either(
    ana: User, client: Client
) -> None:
    for _ in range(5):
        sign_in(client, password="guess")
    answer = client.post(LOGIN, {"username": "ana", "password": PASSWORD})
    assert answer.status_code == 200
    assert "Too many wrong tries" in answer.content.decode()


def test_signing_in_well_is_not_slowed_down_for_an_office_behind_one_address(ana: User) -> None:
    assert {sign_in(Client()) for _ in range(40)} == {"/"}


def test_one_address_may_not_try_to_sign_in_without_end(ana: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    answers = [Client().post(LOGIN, {"username": f"name{n}", "password": "x"}).status_code for n in range(5)]
    assert answers == [200, 200, 200, 429, 429]


def test_an_account_that_is_switched_off_is_told_so(ana: User, client: Client) -> None:
    User.objects.filter(pk=ana.pk).update(is_active=False)
    answer = client.post(LOGIN, {"username": "ana", "password": PASSWORD}, follow=True)
    assert "/dailies/" not in str(answer.redirect_chain)
    assert client.get("/dailies/").status_code == 302


def test_nobody_signs_up_without_an_invitation(client: Client, db: None) -> None:
    for address in ("/accounts/signup/", "/account/signup/", "/login/oidc/signup/", "/signup/"):
        answer = client.post(address, {"username": "x", "password1": PASSWORD, "password2": PASSWORD})
        assert answer.status_code in (302, 403, 404, 405)
    assert not User.objects.filter(username="x").exists()


class TestSecondStep:
    @pytest.fixture
    def secret(self, ana: User) -> str:
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        TOTP.activate(ana, secret)
        return secret

    def test_an_app_is_added_with_a_code_it_shows_and_brings_recovery_codes(self, ana: User, client: Client) -> None:
        sign_in_and_confirm(client)
        page = client.get("/account/authenticator/")
        assert 'src="data:image/svg+xml;base64,' in page.content.decode()
        assert "data:" in page["Content-Security-Policy"].split("img-src")[1].split(";")[0]
        secret = client.session["mfa.totp.secret"]
        answer = client.post("/account/authenticator/", {"code": code_of(secret)})
        assert answer["Location"] == "/account/recovery-codes/"
        assert len(re.findall(r"^\d{8}$", client.get(answer["Location"]).content.decode(), re.MULTILINE)) >= 8
        assert "10 unused" in client.get("/account/").content.decode()

    def test_the_secret_is_sealed_at_rest(self, ana: User, secret: str) -> None:
        assert secret not in str(Authenticator.objects.get(user=ana).data)

    def test_the_password_alone_does_not_let_in(self, secret: str, client: Client) -> None:
        assert sign_in(client).startswith("/login/second-step/")
        assert client.get("/dailies/").status_code == 302

    def test_the_password_and_the_code_do_and_lead_on_to_where_one_was_going(self, secret: str, client: Client) -> None:
        client.post(LOGIN, {"username": "ana", "password": PASSWORD, "next": "/dailies/videos/"})
        answer = client.post("/login/second-step/", {"code": code_of(secret)})
        assert answer["Location"] == "/dailies/videos/"
        assert client.get("/dailies/").status_code == 200

    @pytest.mark.parametrize(("ago", "is_taken"), [(30, True), (90, False)])
    def test_a_code_counts_a_little_longer_than_the_app_shows_it(
        self, secret: str, client: Client, ago: int, is_taken: bool
    ) -> None:
        with time_machine.travel(timezone.now(), tick=False) as traveller:
            code = code_of(secret)
            traveller.shift(ago)
            sign_in(client)
            client.post("/login/second-step/", {"code": code})
            assert (client.get("/dailies/").status_code == 200) is is_taken

    def test_a_wrong_code_says_so(self, secret: str, client: Client) -> None:
        sign_in(client)
        assert "Incorrect code" in client.post("/login/second-step/", {"code": "000000"}).content.decode()
        assert client.get("/dailies/").status_code == 302

    def test_a_secret_sealed_under_another_secret_key_fits_no_code(
        self, secret: str, client: Client, settings: Settings
    ) -> None:
        settings.SECRET_KEY = "another one " * 5
        sign_in(client)
        assert client.post("/login/second-step/", {"code": code_of(secret)}).status_code == 200
        assert client.get("/dailies/").status_code == 302


class TestForgottenPassword:
    def test_a_link_by_mail_sets_a_new_one_once(self, ana: User, client: Client, sent_mail: PostOffice) -> None:
        set_email(ana, "ana@studio.example")
        client.post("/password/reset/", {"email": "ana@studio.example"})
        link = re.search(r"http://testserver(/password/reset/\S+)", str(sent_mail()[0].body))
        assert link
        form = client.get(link[1])["Location"]
        new = {"password1": "nearer to the shore", "password2": "nearer to the shore"}
        assert client.post(form, new)["Location"] == "/password/reset/done/"
        assert sign_in(Client(), password="nearer to the shore") == "/"
        assert "This link does not work" in Client().get(link[1]).content.decode()

    def test_nobody_learns_who_has_an_account_and_no_stranger_is_written_to(
        self, ana: User, client: Client, sent_mail: PostOffice
    ) -> None:
        set_email(ana, "ana@studio.example")
        known = client.post("/password/reset/", {"email": "ana@studio.example"})
        unknown = client.post("/password/reset/", {"email": "stranger@elsewhere.example"})
        assert known["Location"] == unknown["Location"] == "/password/reset/sent/"
        assert [message.to for message in sent_mail()] == [["ana@studio.example"]]


def test_changing_the_password_asks_for_the_old_one_and_keeps_one_signed_in(ana: User, client: Client) -> None:
    sign_in(client)
    new = {"password1": "nearer to the shore", "password2": "nearer to the shore"}
    assert client.post("/account/password/", {"oldpassword": "wrong", **new}).status_code == 200
    assert client.post("/account/password/", {"oldpassword": PASSWORD, **new}).status_code == 302
    assert client.get("/dailies/").status_code == 200
    assert sign_in(Client(), password="nearer to the shore") == "/"


def test_changing_the_e_mail_asks_who_it_is_unless_that_was_just_shown(
    ana: User, client: Client, client_of: Callable[[User], Client]
) -> None:
    someone_at_an_open_desk = client_of(ana)
    asked = someone_at_an_open_desk.post("/account/profile/", {"full_name": "", "email": "thief@elsewhere.example"})
    assert asked["Location"].startswith("/account/confirm/")
    sign_in_and_confirm(client)
    client.post("/account/profile/", {"full_name": "Ana Vidal", "email": "ana@studio.example"})
    ana.refresh_from_db()
    assert (ana.get_full_name(), ana.email) == ("Ana Vidal", "ana@studio.example")


class TestAnotherNameToSignInWith:
    @pytest.fixture
    def browser(self, ana: User, client: Client) -> Client:
        sign_in_and_confirm(client)
        return client

    def test_takes_the_place_of_the_one_before(
        self, team: Team, ana: User, browser: Client, sent_mail: PostOffice
    ) -> None:
        set_email(ana, "ana@studio.example")
        browser.post("/account/profile/", {"username": "ana.lopez", "email": "ana@studio.example"})
        assert "Signs in as ana.lopez" in browser.get("/account/").content.decode().replace("\n", " ")
        assert sign_in(Client(), "ana.lopez") == "/"
        assert sign_in(Client(), "ana") == ""
        (letter,) = sent_mail()
        assert letter.subject == "Castboard: The name you sign in with was changed"
        assert "as ana.lopez from now on, and no more as ana." in letter.body
        event = Event.objects.get(to_state="account")
        assert words_of(event) == "Signs in as ana.lopez from now on, and no more as ana"

    @pytest.mark.parametrize("name", ["boss", "BOSS", "b\u043ess", "boss@local.example", "no blank", "x" * 151])
    def test_is_not_that_of_another_nor_what_looks_like_it(self, ana: User, browser: Client, name: str) -> None:
        set_email(User.objects.create_user("boss"), "boss@local.example")
        page = browser.post("/account/profile/", {"username": name, "full_name": "Ana Lopez"})
        assert 'class="problem"' in page.content.decode()
        ana.refresh_from_db()
        assert (ana.username, ana.get_full_name()) == ("ana", "")

    @pytest.mark.parametrize("typed", [{}, {"username": ""}, {"username": "ana"}])
    def test_left_out_or_as_it_is_changes_nothing(
        self, ana: User, browser: Client, sent_mail: PostOffice, typed: dict[str, str]
    ) -> None:
        browser.post("/account/profile/", {"full_name": "Ana Lopez", **typed})
        ana.refresh_from_db()
        assert (ana.username, ana.get_full_name()) == ("ana", "Ana Lopez")
        assert sent_mail() == []

    def test_may_be_ones_own_in_capitals_and_ones_own_e_mail(self, ana: User, browser: Client) -> None:
        set_email(ana, "ana@studio.example")
        for name in ("Ana", "ana@studio.example"):
            assert browser.post("/account/profile/", {"username": name, "email": ana.email})["Location"] == "/account/"
            ana.refresh_from_db()
            assert ana.username == name


def test_an_e_mail_is_the_same_in_capitals(ana: User, client: Client, sent_mail: PostOffice) -> None:
    sign_in_and_confirm(client)
    client.post("/account/profile/", {"email": "Ana@Studio.Example"})
    assert sign_in(Client(), "ANA@studio.example") == "/"
    form = JoinForm({"username": "eve", "email": "ana@STUDIO.example", "password1": PASSWORD, "password2": PASSWORD})
    assert "email" in form.errors
    sent_mail().clear()
    Client().post("/password/reset/", {"email": "ana@studio.example"})
    assert [letter.to for letter in sent_mail()] == [["ana@studio.example"]]


def test_one_that_was_kept_with_capitals_is_found_after_an_upgrade(ana: User) -> None:
    EmailAddress.objects.create(user=ana, email="Ana@Studio.example", primary=True)
    User.objects.update(email="Ana@Studio.example")
    assert sign_in(Client(), "ana@studio.example") == ""
    import_module("assets_app.migrations.0029_small_letters").to_small_letters(apps, None)
    assert sign_in(Client(), "ana@studio.example") == "/"


def test_an_e_mail_belongs_to_one_person(ana: User, client: Client) -> None:
    set_email(User.objects.create_user("ben"), "ben@studio.example")
    sign_in_and_confirm(client)
    answer = client.post("/account/profile/", {"full_name": "", "email": "BEN@studio.example"})
    assert "Somebody else here uses this address" in answer.content.decode()


def test_passkeys_are_offered_without_any_script_in_the_page(ana: User, client: Client) -> None:
    sign_in_and_confirm(client)
    page = client.get("/account/passkeys/add/").content.decode()
    assert 'data-passkey="create"' in page
    assert "&quot;challenge&quot;" in page
    assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src=')
    options = Client().get("/login/passkey/", headers={"Accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["userVerification"] == "required"


@pytest.mark.parametrize(
    "address",
    [
        "/login/",
        "/password/reset/",
        "/password/reset/sent/",
        "/password/reset/1-wrong/",
        "/account/",
        "/account/profile/",
        "/account/delete/",
        "/account/password/",
        "/account/authenticator/",
        "/account/passkeys/add/",
        "/account/organisation/",
        "/teams/new/",
    ],
)
def test_no_page_around_signing_in_needs_an_inline_script_or_style(ana: User, client: Client, address: str) -> None:
    if not address.startswith(("/login", "/password")):
        Membership.objects.update(role=Membership.Role.ADMIN)
        sign_in_and_confirm(client)
    page = client.get(address)
    text = page.content.decode()
    assert page.status_code == 200
    assert "style=" not in text
    assert "<style" not in text
    assert text.count("<script") == text.count("<script src=") + text.count('<script type="module" src=')


class TestNames:
    """Whoever joins chooses a name that nobody takes for another one's."""

    @pytest.mark.parametrize(
        "name",
        ["boss", "BOSS", "b\u043ess", "B\u041ess", "bos\u0455", "boss@local.example", "BOSS@local.example"],
    )
    def test_that_of_somebody_or_what_looks_like_it_is_refused(self, db: None, name: str) -> None:
        set_email(User.objects.create_user("boss"), "boss@local.example")
        form = JoinForm({"username": name, "email": "", "password1": PASSWORD, "password2": PASSWORD})
        assert "username" in form.errors

    @pytest.mark.parametrize("name", ["bossy", "\u0431\u043e\u0441\u0441", "b0ss", "\u00e1na"])
    def test_another_one_is_taken(self, db: None, name: str) -> None:
        User.objects.create_user("boss")
        form = JoinForm({"username": name, "email": "", "password1": PASSWORD, "password2": PASSWORD})
        assert form.is_valid()

    def test_nor_is_somebodys_name_anothers_e_mail(self, db: None) -> None:
        User.objects.create_user("boss@local.example")
        form = JoinForm(
            {"username": "eve", "email": "boss@local.example", "password1": PASSWORD, "password2": PASSWORD}
        )
        assert "email" in form.errors

    @pytest.mark.parametrize("password", ["Spring2026", "adamadam", "elevensigns"])
    def test_a_password_has_twelve_signs(self, db: None, password: str) -> None:
        form = JoinForm({"username": "eve", "email": "", "password1": password, "password2": password})
        assert "password2" in form.errors


class TestWhatIsAskedFor:
    """On the page of the second step."""

    def asked(self, user: User, *types: str) -> str:
        for kind in types:
            data = {"secret": "x"} if kind == "totp" else {"credential": {}, "name": "Key"}
            Authenticator.objects.create(user=user, type=kind, data=data)
        client = Client()
        sign_in(client)
        return client.get("/login/second-step/").content.decode()

    def test_somebody_without_a_passkey_is_not_asked_for_one(self, ana: User) -> None:
        page = self.asked(ana, "totp")
        assert "your authenticator app shows" in page
        assert "passkey" not in page.partition("<main")[2].lower()


@pytest.mark.parametrize(
    ("password", "on_loopback", "key", "is_said"),
    [
        ("demo", True, "", True),
        ("another", True, "", False),
        ("demo", False, "", False),
        ("demo", True, "afk_1", False),
    ],
)
def test_the_page_says_how_to_look_around_only_where_the_demo_password_guards_a_toy(
    db, client, settings, password, on_loopback, key, is_said
):
    settings.ON_LOOPBACK_ONLY, settings.APIFRAME_API_KEY = on_loopback, key
    User.objects.create_user("demo", password=password)
    page = client.get("/login/").content.decode()
    assert ("name <b>demo</b>, password <b>demo</b>" in page) == is_said
