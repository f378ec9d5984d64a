"""Mails about accounts: in our own words, by the worker, and whatever the mail server does, no page waits or fails."""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
import time_machine
from allauth.account.adapter import get_adapter
from allauth.core import context as allauth_context
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from assets_app import tasks
from assets_app.accounts import set_email
from assets_app.mail import post, send_due
from assets_app.mail.sending import WAITS
from assets_app.models import Mail, Membership, Team
from tests.team.conftest import PostOffice
from tests.team.test_sign_in import code_of

PASSWORD = "far from the shore"
NEW = {"password1": "nearer to the shore", "password2": "nearer to the shore"}
ANA = "ana@studio.example"


TEMPLATES = Path(allauth.__file__).parent / "templates"
PREFIXES = sorted(
    str(found.relative_to(TEMPLATES)).removesuffix("_subject.txt")
    for found in TEMPLATES.glob("*/email/*_subject.txt")
    if found.parts[-3] in ("account", "mfa", "socialaccount")
)
CANNOT_BE = {  # addresses are not confirmed, nobody signs up, there are no codes by mail, one address each
    "account_already_exists",
    "email_confirm",
    "email_confirmation",
    "email_confirmation_signup",
    "email_deleted",
    "login_code",
    "password_reset_code",
    "unknown_account",
}
STOCK = re.compile(
    r"Hello from|Thank you for using|third-party|security key|You.re receiving|[ap]\.m\.|two-factor", re.IGNORECASE
)


@pytest.fixture
def ana(team: Team) -> User:
    user = User.objects.create_user("ana", password=PASSWORD)
    Membership.objects.create(team=team, user=user, role=Membership.Role.ADMIN)
    set_email(user, ANA)
    return user


@pytest.fixture
def browser(ana: User) -> Client:
    client = Client()
    client.post("/login/", {"username": "ana", "password": PASSWORD})
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def ask_for_link(address: str = ANA, **extra: str) -> str:
    return Client(**extra).post("/password/reset/", {"email": address})["Location"]


class TestForgottenPassword:
    def test_the_link_is_in_no_row_and_no_message(self, ana: User, sent_mail: PostOffice) -> None:
        ask_for_link()
        (row,) = Mail.objects.all()
        kept = str([getattr(row, field.attname) for field in Mail._meta.fields]) + str(OrmQ.objects.values())
        (letter,) = sent_mail()
        (link,) = re.findall(r"http://testserver/password/reset/(\S+)/", str(letter.body))
        assert "password/reset" not in kept
        assert link not in kept
        assert not Mail.objects.exists()

    def test_an_address_that_nobody_has_costs_the_page_as_much(self, ana: User, sent_mail: PostOffice) -> None:
        asked = []
        for address in (ANA, "nobody@studio.example"):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert ask_for_link(address) == "/password/reset/sent/"
            asked.append([re.sub(r"'[^']*'|\b[0-9a-f]{32}\b|\d+", "?", query["sql"]) for query in queries])
        assert asked[0] == asked[1]
        assert [letter.to for letter in sent_mail()] == [[ANA]]

    def test_the_mail_goes_to_the_address_as_its_owner_gave_it(self, ana: User, sent_mail: PostOffice) -> None:
        ask_for_link(ANA.upper())
        assert sent_mail()[0].to == [ANA]

    def test_two_people_of_one_address_get_a_mail_each(self, ana: User, sent_mail: PostOffice) -> None:
        set_email(User.objects.create_user("ana2", password=PASSWORD), ANA)
        ask_for_link()
        letters = sent_mail()
        assert {re.findall("Account: (.*)", letter.body)[0] for letter in letters} == {"ana", "ana2"}
        assert len({letter.extra_headers["Message-ID"] for letter in letters}) == 2

    def test_who_has_no_password_is_told_so_and_gets_no_link(self, ana: User, sent_mail: PostOffice) -> None:
        ana.set_unusable_password()
        ana.save()
        ask_for_link()
        (letter,) = sent_mail()
        assert "It has none: you sign in with your organisation" in letter.body
        assert "/password/reset/" not in letter.body

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000"])
    def test_its_link_leads_to_the_public_name(
        self, ana: User, sent_mail: PostOffice, settings: Settings, host: str
    ) -> None:
        settings.ALLOWED_HOSTS, settings.PUBLIC_URL = ["*"], "https://castboard.example"
        ask_for_link(HTTP_HOST=host)
        (letter,) = sent_mail()
        links = re.findall(r"https?://[^/\s\"<]+", letter.body + str(letter.alternatives[0][0]))
        assert set(links) == {"https://castboard.example"}

    def test_without_a_mail_server_the_page_says_what_helps_and_nothing_is_written(
        self, ana: User, settings: Settings, capfd: pytest.CaptureFixture[str]
    ) -> None:
        settings.EMAIL_URL = ""
        for page in (Client().get("/password/reset/"), Client().post("/password/reset/", {"email": ANA})):
            assert "manage.py changepassword" in page.content.decode()
            assert "<form" not in page.content.decode()
        assert not Mail.objects.exists()
        assert "/password/reset/" not in "".join(capfd.readouterr())


class TestEachMail:
    """Whatever allauth has a template for is either in our words, or cannot come to pass as we are set up."""

    @pytest.fixture
    def letter(
        self, request: pytest.FixtureRequest, ana: User, sent_mail: PostOffice, settings: Settings
    ) -> EmailMultiAlternatives:
        """Of the kind that the test is given; sent in March, from Ana's address."""
        settings.OIDC_NAME = "Studio"
        account = SocialAccount(user=ana, provider="oidc", uid="42", extra_data={"preferred_username": "olga"})
        account.get_provider_account = lambda: "olga"
        facts = {"before": "old@studio.example", "now": "new@studio.example", "account": account}
        asked = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
        with time_machine.travel("2026-03-01 22:54Z", tick=False), allauth_context.request_context(asked):
            if request.param.endswith("password_reset_key"):
                ask_for_link(REMOTE_ADDR="203.0.113.7")
            else:
                get_adapter().send_notification_mail(request.param, ana, facts)
            (letter,) = sent_mail()
        return letter

    @pytest.mark.parametrize(
        "letter", [prefix for prefix in PREFIXES if prefix.rpartition("/")[2] not in CANNOT_BE], indirect=True
    )
    def test_says_in_our_words_what_happened_when_and_where(self, letter: EmailMultiAlternatives) -> None:
        html, kind = letter.alternatives[0]
        assert letter.subject.startswith("Castboard: ")
        assert kind == "text/html"
        for said in (letter.body, html):
            assert "1 March 2026, 22:54 UTC" in said
            assert "203.0.113.7" in said
            assert "http://testserver" in said
            assert "If this was not you" in said
            assert not STOCK.search(said + letter.subject)
            assert "None" not in said
        assert len(letter.body.split("\n\n")) >= 3
        if "/password/reset/" in letter.body.split("If this")[0]:
            assert "The link works once, until 4 March 2026, 22:54 UTC." in letter.body

    @pytest.mark.parametrize("kind", sorted(CANNOT_BE))
    def test_of_a_kind_without_words_is_not_sent(
        self, ana: User, sent_mail: PostOffice, kind: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with allauth_context.request_context(RequestFactory().get("/")):
            get_adapter().send_mail(f"account/email/{kind}", ANA, {})
        assert sent_mail() == []
        assert "no words" in caplog.text

    def test_holds_names_as_they_are_in_text_and_harmless_in_html(self, ana: User, sent_mail: PostOffice) -> None:
        post("password_changed", ANA, None, name="<b>&ana")
        (letter,) = sent_mail()
        assert "Account: <b>&ana" in letter.body
        assert "&lt;b&gt;&amp;ana" in letter.alternatives[0][0]


class TestAServerThatIsGone:
    @pytest.fixture(autouse=True)
    def nobody_listens(self, settings: Settings) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            settings.EMAIL_PORT = closed.getsockname()[1]
        settings.EMAIL_URL, settings.EMAIL_HOST = "smtp://127.0.0.1", "127.0.0.1"
        settings.EMAIL_BACKEND = "assets_app.mail.smtp.Backend"

    def test_decides_about_no_page(self, browser: Client, ana: User) -> None:
        changed = browser.post("/account/password/", {"oldpassword": PASSWORD, **NEW})
        assert changed["Location"] == "/account/"
        browser.get("/account/authenticator/")
        secret = browser.session["mfa.totp.secret"]
        added = browser.post("/account/authenticator/", {"code": code_of(secret)})
        assert added["Location"] == "/account/recovery-codes/"
        assert re.search(r"^\d{8}$", browser.get("/account/recovery-codes/").content.decode(), re.MULTILINE)
        assert browser.post("/account/authenticator/remove/")["Location"] == "/account/"
        assert not Authenticator.objects.filter(user=ana).exists()
        assert ask_for_link() == "/password/reset/sent/"

    def test_is_tried_again_with_growing_waits_and_then_no_more(
        self, ana: User, caplog: pytest.LogCaptureFixture, client_of: Callable[[User], Client]
    ) -> None:
        ask_for_link()
        waited = []
        with time_machine.travel(timezone.now(), tick=False) as clock:
            while due := Mail.objects.get().due_at:
                waited.append(due - timezone.now())
                clock.move_to(due)
                assert not send_due(5.0)
                assert len(waited) < 20
            assert waited[1:] == WAITS
            assert not send_due(5.0)
        (row,) = Mail.objects.given_up()
        assert "Connection refused" in row.last_error
        assert [record.levelname for record in caplog.records if record.name == "assets_app.mail.sending"] == [
            *["WARNING"] * len(WAITS),
            "ERROR",
        ]
        assert ANA not in caplog.text
        page = client_of(ana).get("/dailies/settings/").content.decode()
        assert "1 mail could not be sent" in page
        assert "Connection refused" in page

    def test_is_asked_once_for_all_that_waits(self, ana: User) -> None:
        for _ in range(3):
            ask_for_link()
        send_due(5.0)
        assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 1]

    def test_a_tick_finds_what_no_message_told_of(self, ana: User) -> None:
        ask_for_link()
        OrmQ.objects.all().delete()
        tasks.tick()
        assert [task.func() for task in OrmQ.objects.all()].count("assets_app.tasks.send_mail") == 1


class TestAServerThatMisbehaves:
    """Played by the few words of SMTP that a test needs."""

    @pytest.fixture
    def server(self, settings: Settings) -> Iterator[Callable[[Callable[[socket.socket], None]], None]]:
        settings.EMAIL_URL, settings.EMAIL_HOST = "smtp://127.0.0.1", "127.0.0.1"
        settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "assets_app.mail.smtp.Backend", 0.5
        threads: list[threading.Thread] = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            settings.EMAIL_PORT = listener.getsockname()[1]

            def play(part: Callable[[socket.socket], None]) -> None:
                def once() -> None:
                    other, _ = listener.accept()
                    other.settimeout(5)
                    with other, suppress(OSError):
                        part(other)

                threads.append(threading.Thread(target=once))
                threads[-1].start()

            yield play
            for thread in threads:
                thread.join(10)

    @pytest.mark.parametrize("words", ["", "220-x\r\n"], ids=["silent", "talks for ever"])
    def test_is_hung_up_on(self, ana: User, server: Callable, words: str) -> None:
        def part(other: socket.socket) -> None:
            other.settimeout(0.05)
            for _ in range(200):
                other.sendall(words.encode())
                with suppress(TimeoutError):
                    if other.recv(100) == b"":
                        return

        server(part)
        ask_for_link()
        began = time.monotonic()
        send_due(5.0)
        assert time.monotonic() - began < 4
        assert Mail.objects.get().attempts == 1

    @pytest.mark.parametrize(("code", "is_final"), [(550, True), (450, False)])
    def test_may_refuse_the_address_for_good_or_for_now(
        self, ana: User, sent_mail: PostOffice, monkeypatch: pytest.MonkeyPatch, code: int, is_final: bool
    ) -> None:
        def refuse(_self: object, _letters: object) -> int:
            raise smtplib.SMTPRecipientsRefused({ANA: (code, b"no such box")})

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)
        ask_for_link()
        send_due(5.0)
        assert (Mail.objects.get().due_at is None) is is_final

    def test_a_mail_it_took_is_sent_however_it_says_good_bye(self, ana: User, server: Callable) -> None:
        def part(other: socket.socket) -> None:
            lines = other.makefile("rb")
            for answer in (b"220 x", b"250 x", b"250 x", b"250 x", b"354 x"):
                other.sendall(answer + b"\r\n")
                lines.readline()
            for line in lines:
                if line.strip() == b".":
                    break
            other.sendall(b"250 taken\r\n")
            lines.readline()
            other.sendall(b"2" * 9000 + b"\r\n")

        server(part)
        ask_for_link()
        send_due(5.0)
        assert not Mail.objects.exists()


def test_a_mail_whose_worker_dies_each_time_ends_too(ana: User, sent_mail: PostOffice) -> None:
    ask_for_link()
    Mail.objects.update(attempts=len(WAITS) + 1)
    assert sent_mail() == []
    assert Mail.objects.given_up().count() == 1


def test_a_mail_that_another_worker_is_sending_is_left_to_it(ana: User, sent_mail: PostOffice) -> None:
    ask_for_link()
    Mail.objects.claim([Mail.objects.get().pk], 60.0)
    assert sent_mail() == []


def test_what_was_given_up_is_forgotten_after_a_month(ana: User, sent_mail: PostOffice) -> None:
    ask_for_link()
    Mail.objects.update(due_at=None, created_at=timezone.now() - timedelta(days=31))
    tasks.prune()
    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [(ANA, "new@x.example", {ANA, "new@x.example"}), (ANA, "", {ANA}), ("", ANA, {ANA}), (ANA, ANA, set())],
)
def test_a_new_e_mail_is_told_at_the_old_address_and_at_the_new_one(
    ana: User, browser: Client, sent_mail: PostOffice, before: str, now: str, told: set[str]
) -> None:
    set_email(ana, before)
    browser.post("/account/profile/", {"full_name": "Ana", "email": now})
    letters = sent_mail()
    assert {letter.to[0] for letter in letters} == told
    assert all((before or now) in letter.body for letter in letters)


def test_the_log_of_a_failure_names_no_address(
    ana: User, sent_mail: PostOffice, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: object, _letters: object) -> int:
        raise smtplib.SMTPRecipientsRefused({ANA: (450, b"greylisted")})

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    with caplog.at_level(logging.INFO):
        ask_for_link()
        send_due(5.0)
    assert "450" in caplog.text
    assert ANA not in caplog.text
