"""Signing in through the organisation (OpenID Connect), against a real one on loopback."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apiframe_site import environment
from assets_app import openid
from assets_app.accounts import forget_who_never_joined, set_email
from assets_app.models import Membership, Team, invite

WHO = {"sub": "42", "preferred_username": "olga", "email": "olga@studio.example", "name": "Olga Petrova"}


class Organisation(BaseHTTPRequestHandler):
    """As little of an OpenID provider as there can be: it says where its doors are, and vouches for Olga."""

    answers: ClassVar[dict[str, object]] = {}
    """Of some paths: what is said instead."""

    def do_GET(self) -> None:
        if self.path in self.answers:
            self.answer(self.answers[self.path])
            return
        origin = f"http://{self.headers['Host']}"
        if self.path.endswith("/.well-known/openid-configuration"):
            self.answer(
                {
                    "issuer": origin,
                    "authorization_endpoint": f"{origin}/authorize",
                    "token_endpoint": f"{origin}/token",
                    "userinfo_endpoint": f"{origin}/userinfo",
                    "jwks_uri": f"{origin}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        else:
            self.answer(WHO)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(self.answers.get(self.path, {"access_token": "token", "token_type": "Bearer"}))

    def answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quietly."""


@pytest.fixture
def organisation(settings: Settings) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Organisation)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    client = {"client_id": "castboard", "secret": "s"}
    app = {"provider_id": "oidc", "name": "Studio", **client, "settings": {"server_url": address}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    settings.OIDC_SERVER_URL, settings.OIDC_NAME = address, "Studio"
    Organisation.answers = {}
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def leads_to(page: HttpResponse) -> str:
    """Where a page goes on to by itself."""
    (address,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())
    return unescape(address)


def sign_in_at(organisation: str, client: Client, after: str = "") -> str:
    """Where the browser ends up once the organisation has sent it back."""
    sent = leads_to(client.post("/login/oidc/", {"next": after} if after else {}))
    asked = parse_qs(urlsplit(sent).query)
    assert sent.startswith(f"{organisation}/authorize?")
    assert asked["code_challenge_method"] == ["S256"]
    back = client.get("/login/oidc/callback/", {"code": "c", "state": asked["state"][0]})
    return back.headers.get("Location", "") or back.content.decode()


def test_nobody_gets_an_account_without_an_invitation(organisation: str, team: Team, client: Client) -> None:
    assert "By invitation only" in sign_in_at(organisation, client)
    assert not User.objects.exists()


def test_an_invited_person_gets_one_and_joins_with_one_press(
    organisation: str, team: Team, admin: User, client: Client
) -> None:
    _invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=1))
    door = f"/invite/{token}/"
    client.get(door)
    assert sign_in_at(organisation, client, after=door) == door
    assert "Join as Olga Petrova" in client.get(door).content.decode().replace("\n", " ")
    assert client.post(door)["Location"] == "/dailies/"
    olga = User.objects.get(username="olga")
    assert team.memberships.get(user=olga).role == Membership.Role.EDITOR
    assert not olga.has_usable_password()


def test_who_is_called_there_nearly_as_somebody_here_is_asked_for_another_name(
    organisation: str, team: Team, admin: User, client: Client
) -> None:
    User.objects.create_user("\u043elga")  # a Cyrillic letter
    _invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=1))
    client.get(f"/invite/{token}/")
    assert sign_in_at(organisation, client, after=f"/invite/{token}/") == "/login/oidc/signup/"
    refused = client.post("/login/oidc/signup/", {"username": "OLGA", "email": WHO["email"]}).content.decode()
    assert "Somebody here has this name, or one that looks like it." in refused
    assert client.post("/login/oidc/signup/", {"username": "olga.p", "email": WHO["email"]}).status_code == 302
    assert User.objects.filter(username="olga.p").exists()


def test_an_invitation_that_is_over_opens_nothing(organisation: str, team: Team, admin: User, client: Client) -> None:
    invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=1))
    client.get(f"/invite/{token}/")
    invitation.revoke(admin)
    assert "By invitation only" in sign_in_at(organisation, client)


def test_somebody_known_comes_back_to_where_they_were(organisation: str, team: Team, client: Client) -> None:
    olga = User.objects.create_user("olga")
    Membership.objects.create(team=team, user=olga)
    SocialAccount.objects.create(user=olga, provider="oidc", uid="42")
    assert sign_in_at(organisation, client, after="/dailies/videos/") == "/dailies/videos/"
    assert client.get("/dailies/").status_code == 200


def test_the_same_e_mail_alone_does_not_open_somebodys_account(organisation: str, team: Team, client: Client) -> None:
    """Whoever can choose their e-mail at the organisation could otherwise walk into anybody's account here."""
    victim = User.objects.create_user("victim")
    Membership.objects.create(team=team, user=victim)
    set_email(victim, WHO["email"])
    sign_in_at(organisation, client)
    assert client.get("/dailies/").status_code == 302


def test_who_has_an_account_with_that_e_mail_is_told_how_to_connect_it(
    organisation: str, team: Team, client: Client
) -> None:
    set_email(User.objects.create_user("olga"), "OLGA@studio.example")
    page = sign_in_at(organisation, client)
    assert "There is an account here with the address olga@studio.example" in page
    assert "sign in with your password, and connect Studio under Account" in page
    assert 'href="/login/?next=/account/organisation/"' in page


def test_who_is_unknown_signs_in_otherwise_and_gets_where_they_were_going(
    organisation: str, team: Team, client: Client
) -> None:
    assert 'href="/login/?next=%2Fdailies%2Fassets%2F"' in sign_in_at(organisation, client, after="/dailies/assets/")


class TestComingBackWithoutHavingSignedIn:
    def cancelled(self, client: Client, asked: dict[str, str], address: str = "/login/oidc/") -> str:
        sent = parse_qs(urlsplit(leads_to(client.post(address, asked))).query)
        answer = client.get("/login/oidc/callback/", {"error": "access_denied", "state": sent["state"][0]})
        return answer["Location"]

    def test_says_so_and_keeps_where_one_was_going(self, organisation: str, team: Team, client: Client) -> None:
        there = self.cancelled(client, {"next": "/dailies/assets/"})
        assert there == "/login/?cancelled=1&next=%2Fdailies%2Fassets%2F"
        page = client.get(there).content.decode()
        assert "it was cancelled at Studio. Try again there, or sign in another way." in page
        assert page.count('value="/dailies/assets/"') >= 2

    def test_leads_back_to_the_invitation(self, organisation: str, team: Team, admin: User, client: Client) -> None:
        _invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=1))
        there = self.cancelled(client, {"next": f"/invite/{token}/"})
        assert there == f"/invite/{token}/"
        assert "It was cancelled at Studio" in client.get(there).content.decode()

    def test_leads_back_to_the_account_that_was_to_be_connected(
        self, organisation: str, admin: User, client_of: Callable[[User], Client]
    ) -> None:
        client = client_of(admin)
        assert self.cancelled(client, {}, "/login/oidc/?process=connect") == "/account/organisation/"

    def test_too_late_is_told_from_being_refused(self, organisation: str, team: Team, client: Client) -> None:
        late = client.get("/login/oidc/callback/", {"code": "c", "state": "gone"})
        assert late.status_code == 401
        assert "too late, or to another browser" in late.content.decode()
        sent = parse_qs(urlsplit(leads_to(client.post("/login/oidc/", {"next": "/teams/"}))).query)
        refused = client.get("/login/oidc/callback/", {"error": "server_error", "state": sent["state"][0]})
        assert "did not say who you are" in refused.content.decode()
        assert 'href="/login/?next=%2Fteams%2F"' in refused.content.decode()


class TestAnotherAddressThere:
    @pytest.fixture
    def olga(self, organisation: str, team: Team, client: Client) -> User:
        olga = User.objects.create_user("olga")
        Membership.objects.create(team=team, user=olga)
        SocialAccount.objects.create(user=olga, provider="oidc", uid="42")
        set_email(olga, "olga@before.example")
        sign_in_at(organisation, client)
        return olga

    def test_is_shown_and_taken_over_with_one_press_and_never_by_itself(self, olga: User, client: Client) -> None:
        olga.refresh_from_db()
        assert olga.email == "olga@before.example"
        assert "Studio has another e-mail for you: olga@studio.example" in client.get("/account/").content.decode()
        page = client.post("/account/organisation/email/", {"email": WHO["email"]}, follow=True).content.decode()
        olga.refresh_from_db()
        assert olga.email == WHO["email"]
        assert "Your e-mail is olga@studio.example now." in page
        assert "another e-mail for you" not in page

    @pytest.mark.parametrize("sent", ["", "evil@x.example"])
    def test_no_other_one_is_taken(self, olga: User, client: Client, sent: str) -> None:
        client.post("/account/organisation/email/", {"email": sent})
        olga.refresh_from_db()
        assert olga.email == "olga@before.example"

    def test_nor_one_that_is_somebody_elses(self, olga: User, client: Client) -> None:
        set_email(User.objects.create_user("victim"), WHO["email"])
        assert "another e-mail for you" not in client.get("/account/").content.decode()
        client.post("/account/organisation/email/", {"email": WHO["email"]})
        olga.refresh_from_db()
        assert olga.email == "olga@before.example"


def test_who_has_no_password_is_led_to_setting_one_before_disconnecting(
    organisation: str, team: Team, client: Client
) -> None:
    olga = User.objects.create_user("olga")
    SocialAccount.objects.create(user=olga, provider="oidc", uid="42")
    sign_in_at(organisation, client)
    page = client.get("/account/organisation/").content.decode()
    assert '<a href="/account/password/set/">set a password</a> first' in page
    assert "Disconnect</button>" not in page


class TestAnAccountWhoseOwnerNeverJoined:
    @pytest.fixture
    def came(self, organisation: str, team: Team, admin: User, client: Client) -> str:
        """The door of somebody who signed in with an invitation, and has not pressed Join."""
        _invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=7))
        door = f"/invite/{token}/"
        client.get(door)
        sign_in_at(organisation, client, after=door)
        return door

    def test_is_swept_after_a_day(self, came: str, admin: User, steady_clock: None) -> None:
        assert forget_who_never_joined() == 0
        User.objects.update(date_joined=timezone.now() - timedelta(hours=25))
        assert forget_who_never_joined() == 1
        assert list(User.objects.all()) == [admin]
        assert not SocialAccount.objects.exists()

    def test_unless_they_join_also_when_they_leave_again(
        self, came: str, team: Team, client: Client, steady_clock: None
    ) -> None:
        client.post(came)
        User.objects.update(date_joined=timezone.now() - timedelta(days=2))
        assert forget_who_never_joined() == 0
        team.memberships.filter(user__username="olga").delete()
        assert forget_who_never_joined() == 0

    def test_nobody_else_without_a_team_is(self, team: Team, steady_clock: None) -> None:
        long_ago = timezone.now() - timedelta(days=400)
        User.objects.create_user("by-hand", date_joined=long_ago)
        with_password = User.objects.create_user("with-password", password="far from the shore", date_joined=long_ago)
        SocialAccount.objects.create(user=with_password, provider="oidc", uid="1")
        assert forget_who_never_joined() == 0


def test_no_form_of_ours_leads_to_another_place(organisation: str, team: Team, client: Client) -> None:
    """A browser would stop at wherever the organisation's first address sends it on to."""
    page = client.post("/login/oidc/")
    assert page.status_code == 200
    assert not page.has_header("Location")
    assert "form-action 'self';" in page["Content-Security-Policy"] + ";"
    assert leads_to(page) in {unescape(link) for link in re.findall(r'href="([^"]+)"', page.content.decode())}


def test_a_query_in_the_organisations_own_address_stays_whole(organisation: str, team: Team, client: Client) -> None:
    doors = {name: f"{organisation}/{name}" for name in openid.DOORS}
    Organisation.answers = {CONFIG: {**doors, "authorization_endpoint": f"{organisation}/authorize?p=b2c"}}
    asked = parse_qs(urlsplit(leads_to(client.post("/login/oidc/"))).query)
    assert (asked["p"], asked["client_id"]) == (["b2c"], ["castboard"])


CONFIG, TOKEN, WHOSE = "/.well-known/openid-configuration", "/token", "/userinfo"


@pytest.mark.parametrize("said", [[], {}, {"authorization_endpoint": 5}, "x", None], ids=repr)
def test_an_organisation_that_makes_no_sense_is_told_from_one_that_says_no(
    organisation: str, team: Team, client: Client, said: object
) -> None:
    Organisation.answers = {CONFIG: said}
    answer = client.post("/login/oidc/", {"next": "/dailies/assets/"}, follow=True)
    assert answer.redirect_chain == [("/login/?silent=1&next=%2Fdailies%2Fassets%2F", 302)]
    assert 'value="/dailies/assets/"' in answer.content.decode()


@pytest.mark.parametrize("path", [TOKEN, WHOSE])
@pytest.mark.parametrize("said", [[], {"x": 1}, "x", 5, [{"access_token": "t"}]], ids=repr)
def test_an_answer_without_sense_on_the_way_back_lets_nobody_in(
    organisation: str, team: Team, client: Client, path: str, said: object
) -> None:
    asked = parse_qs(urlsplit(leads_to(client.post("/login/oidc/"))).query)
    Organisation.answers = {path: said}
    assert client.get("/login/oidc/callback/", {"code": "c", "state": asked["state"][0]}).status_code == 401


class TestAnOrganisationThatIsGone:
    @pytest.fixture
    def gone(self, organisation: str, settings: Settings) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = address

    def test_is_named_on_the_sign_in_page_beside_the_other_ways(self, gone: None, team: Team, client: Client) -> None:
        page = client.post("/login/oidc/", follow=True).content.decode()
        assert "Studio does not answer. Sign in another way" in page
        assert 'name="password"' in page

    def test_leaves_an_invited_person_at_the_invitation(
        self, gone: None, team: Team, admin: User, client: Client
    ) -> None:
        _invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=1))
        answer = client.post("/login/oidc/", {"next": f"/invite/{token}/"}, follow=True)
        assert answer.redirect_chain == [(f"/invite/{token}/", 302)]
        assert "Studio does not answer" in answer.content.decode()

    def test_leaves_who_wanted_to_connect_it_at_their_account(
        self, gone: None, admin: User, client_of: Callable[[User], Client]
    ) -> None:
        answer = client_of(admin).post("/login/oidc/?process=connect", follow=True)
        assert "Studio does not answer" in answer.content.decode()

    def test_may_fall_silent_on_the_way_back_too(
        self, organisation: str, team: Team, client: Client, settings: Settings
    ) -> None:
        asked = parse_qs(urlsplit(leads_to(client.post("/login/oidc/", {"next": "/teams/"}))).query)
        settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
        back = client.get("/login/oidc/callback/", {"code": "c", "state": asked["state"][0]})
        assert back["Location"] == "/login/?silent=1&next=%2Fteams%2F"


def test_a_provider_that_talks_for_ever_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openid, "PATIENCE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server, suppress(OSError):
        dripping = threading.Thread(target=_drip, args=(server,))
        dripping.start()
        began = time.monotonic()
        with openid.PatientSession() as session, pytest.raises(requests.RequestException):
            session.get(f"http://127.0.0.1:{server.getsockname()[1]}/")
        assert time.monotonic() - began < 5
    dripping.join()


def _drip(server: socket.socket) -> None:
    """A byte now and then, so that no wait for one is long; until the other side hangs up."""
    connection, _address = server.accept()
    with connection, suppress(OSError):
        for _ in range(200):
            connection.sendall(b"H")
            time.sleep(0.05)


def test_it_is_offered_only_where_it_is_set_up(client: Client, db: None) -> None:
    assert "/login/oidc/" not in client.get("/login/").content.decode()
    assert client.post("/login/oidc/").status_code == 404


def test_a_server_without_its_client_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"):
        environment.openid_connect("oidc", "Studio", "https://id.example")
    monkeypatch.setenv("OIDC_CLIENT_ID", "castboard")
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "s")
    (app,) = environment.openid_connect("oidc", "Studio", "https://id.example/realms/studio")
    assert app["settings"] == {"server_url": "https://id.example/realms/studio"}


@pytest.mark.parametrize("address", ["imap://host", "not an address", "smtp+tls://u:p@host:port"])
def test_a_mail_server_that_makes_no_sense_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("EMAIL_URL", address)
    with pytest.raises(SystemExit, match="EMAIL_URL is not a mail server's address"):
        environment.email("EMAIL_URL")


def test_a_mail_server_is_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://user:password@mail.example:587")
    told = environment.email("EMAIL_URL")
    assert (told["EMAIL_HOST"], told["EMAIL_PORT"], told["EMAIL_USE_TLS"]) == ("mail.example", 587, True)


class TestWhoHasNoPassword:
    """Whoever comes by the organisation alone shows there, once more, who they are."""

    @pytest.fixture
    def olga(self, team: Team) -> User:
        olga = User.objects.create_user("olga")
        Membership.objects.create(team=team, user=olga)
        SocialAccount.objects.create(user=olga, provider="oidc", uid="42")
        return olga

    PAGES = (
        "/account/profile/",
        "/account/password/set/",
        "/account/authenticator/",
        "/account/passkeys/add/",
        "/account/organisation/",
        "/account/delete/",
    )

    @pytest.mark.parametrize("address", PAGES)
    def test_nothing_that_matters_opens_long_after_signing_in(
        self, organisation: str, olga: User, client: Client, address: str
    ) -> None:
        with time_machine.travel(timezone.now(), tick=False) as clock:
            sign_in_at(organisation, client)
            assert client.get(address).status_code == 200
            clock.shift(timedelta(minutes=6))
            asked = client.get(address)["Location"]
            assert asked == f"/account/confirm/organisation/?next={address.replace('/', '%2F')}"
            assert "Sign in with Studio" in client.get(asked).content.decode()

    def test_after_signing_in_there_again_one_is_where_one_was_going(
        self, organisation: str, olga: User, client: Client
    ) -> None:
        with time_machine.travel(timezone.now(), tick=False) as clock:
            sign_in_at(organisation, client)
            clock.shift(timedelta(minutes=6))
            page = client.get("/account/confirm/organisation/", {"next": "/account/profile/"}).content.decode()
            (action,) = re.findall(r'action="(/login/oidc/[^"]+)"', page)
            sent = leads_to(client.post(unescape(action)))
            asked = parse_qs(urlsplit(sent).query)
            assert asked["prompt"] == ["login"]
            back = client.get("/login/oidc/callback/", {"code": "c", "state": asked["state"][0]})
            assert back["Location"] == "/account/profile/"
            assert client.get("/account/profile/").status_code == 200

    def test_who_has_a_password_is_asked_for_it_as_ever(self, organisation: str, olga: User, client: Client) -> None:
        olga.set_password("far from the shore")
        olga.save()
        sign_in_at(organisation, client)
        assert client.get("/account/profile/")["Location"].startswith("/account/confirm/?next=")
