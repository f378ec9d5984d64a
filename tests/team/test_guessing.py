"""Guessing passwords and codes: limits that no Host header, no flood and no restart lifts, and that keep nobody out of
their own account.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import timezone

from assets_app.accounts import set_email
from assets_app.models import GuessLimit, LastCode, Membership, Team
from assets_app.models.guessing import Rate, TooManyGuesses
from assets_app.sign_in_limits import AT_ACCOUNT
from tests.team.conftest import PostOffice

PASSWORD = "far from the shore"
WAIT = "Too many wrong tries. Try again in"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def ana(team: Team) -> User:
    user = User.objects.create_user("ana", password=PASSWORD)
    Membership.objects.create(team=team, user=user)
    set_email(user, "ana@studio.example")
    return user


def post_name(client: Client, name: str, password: str, *, address: str = "", host: str = "testserver") -> str:
    """What the sign-in page says; "" when it let in."""
    extra = {"REMOTE_ADDR": address} if address else {}
    answer = client.post("/login/", {"username": name, "password": password}, headers={"Host": host}, **extra)
    return "" if answer.status_code == 302 else answer.content.decode()


def guess(name: str = "ana", *, times: int = 1, address: str = "10.0.0.1", host: str = "testserver") -> str:
    return [post_name(Client(), name, "guess", address=address, host=host) for _ in range(times)][-1]


def sign_in(client: Client | None = None, address: str = "10.0.0.1") -> str:
    return post_name(client or Client(), "ana", PASSWORD, address=address)


def everybody_guesses_at(user: User) -> None:
    """As often as is let through."""
    GuessLimit.objects.update_or_create(
        key=f"account:{user.pk}", defaults={"used_up_to": time.time() + AT_ACCOUNT.furthest}
    )


class TestPasswords:
    def test_after_five_wrong_ones_the_page_says_when_to_try_again(self, ana: User) -> None:
        assert WAIT not in guess(times=5)
        assert f"{WAIT} 1 minute." in guess()
        assert WAIT in sign_in()

    def test_the_time_that_the_page_names_is_enough(self, ana: User) -> None:
        with time_machine.travel(timezone.now(), tick=False) as clock:
            guess(times=6)
            clock.shift(timedelta(minutes=1))
            assert sign_in() == ""

    @pytest.mark.parametrize("host", ["testserver:1", "testserver.", "localhost:5", "127.0.0.1:6", "[::1]"])
    def test_another_host_in_the_request_is_no_fresh_start(self, ana: User, host: str) -> None:
        guess(times=5)
        assert WAIT in guess(host=host)

    @pytest.mark.parametrize("name", ["ana@studio.example", "ANA@studio.example", "Ana", "ana "])
    def test_the_same_person_under_another_name_is_no_fresh_start(self, ana: User, name: str) -> None:
        guess(times=5)
        assert WAIT in guess(name)

    def test_many_other_names_do_not_make_it_forgotten(self, ana: User) -> None:
        guess(times=5)
        for number in range(400):
            cache.set(f"another-{number}", 1)
        assert WAIT in guess()

    def test_a_restart_does_not_lift_it(self, ana: User) -> None:
        guess(times=5)
        cache.clear()
        assert WAIT in guess()

    def test_wrong_ones_from_elsewhere_do_not_keep_the_owner_out(self, ana: User) -> None:
        guess(times=8, address="10.0.0.1")
        assert sign_in(address="10.0.0.2") == ""

    def test_wrong_ones_from_everywhere_have_an_end(self, ana: User) -> None:
        said = [guess(address=f"10.0.1.{number}") for number in range(41)]
        assert [WAIT in each for each in said] == [False] * 40 + [True]
        assert WAIT in sign_in(address="10.0.2.1")

    def test_and_even_then_the_owner_gets_in_where_they_did_before(self, ana: User) -> None:
        here = Client()
        sign_in(here)
        here.post("/logout/")
        everybody_guesses_at(ana)
        assert sign_in(here) == ""

    def test_or_after_a_reset_by_mail(self, ana: User, sent_mail: PostOffice) -> None:
        here = Client()
        here.post("/password/reset/", {"email": "ana@studio.example"})
        link = str(sent_mail()[0].body).split("http://testserver")[1].split()[0]
        form = here.get(link)["Location"]
        new = "nearer to the shore"
        here.post(form, {"password1": new, "password2": new})
        everybody_guesses_at(ana)
        assert post_name(here, "ana", new) == ""

    def test_guesses_from_a_known_browser_are_limited_too(self, ana: User) -> None:
        here = Client()
        sign_in(here)
        here.post("/logout/")
        said = [post_name(here, "ana", "guess") for _ in range(9)]
        assert [WAIT in each for each in said] == [False] * 8 + [True]

    def test_a_browser_knows_only_who_signed_in_there(self, ana: User) -> None:
        User.objects.create_user("eve", password=PASSWORD)
        evil = Client()
        assert post_name(evil, "eve", PASSWORD, address="10.0.0.9") == ""
        evil.post("/logout/")
        guess(times=5, address="10.0.0.9")
        assert WAIT in post_name(evil, "ana", "guess", address="10.0.0.9")

    def test_a_cookie_made_by_somebody_else_counts_for_nothing(self, ana: User) -> None:
        evil = Client()
        evil.cookies["known_device"] = f'{{"id": "x", "accounts": [{ana.pk}]}}'
        guess(times=5)
        assert WAIT in post_name(evil, "ana", PASSWORD, address="10.0.0.1")

    def test_names_that_nobody_has_are_limited_alike(self, ana: User) -> None:
        assert WAIT not in guess("nobody", times=5)
        assert WAIT in guess("nobody")

    def test_one_address_may_be_wrong_ten_times_whatever_the_names(self, ana: User) -> None:
        said = [guess(f"name{number}") for number in range(11)]
        assert [WAIT in each for each in said] == [False] * 10 + [True]

    def test_confirming_with_the_password_is_limited_and_nobody_from_outside_disturbs_it(self, ana: User) -> None:
        here = Client()
        sign_in(here)
        everybody_guesses_at(ana)
        assert here.post("/account/confirm/", {"password": PASSWORD}).status_code == 302
        for _ in range(8):
            here.post("/account/confirm/", {"password": "guess"})
        assert WAIT in here.post("/account/confirm/", {"password": PASSWORD}).content.decode()


class TestCodes:
    @pytest.fixture(autouse=True)
    def app(self, ana: User) -> None:
        TOTP.activate(ana, SECRET)

    @pytest.mark.parametrize("later", [4, 31, 50])
    def test_a_code_lets_in_once(self, later: int) -> None:
        with time_machine.travel(period_start(6), tick=False) as clock:
            code = code_now()
            assert enter(code) == ""
            clock.shift(later)
            cache.clear()
            assert "This code has been used. Wait for the next one." in enter(code)
            clock.shift(60)
            assert enter(code_now()) == ""

    def test_an_older_code_than_the_last_is_no_good_either(self) -> None:
        with time_machine.travel(period_start(1), tick=False) as clock:
            older = code_now()
            clock.shift(30)
            assert enter(code_now()) == ""
            assert "This code has been used" in enter(older)

    def test_a_code_used_before_the_clock_was_set_back_does_not_lock_out(self, ana: User) -> None:
        LastCode.objects.create(user=ana, counter=int(time.time() // 30) + 100)
        assert enter(code_now()) == ""

    def test_confirming_and_signing_in_do_not_share_a_code(self, ana: User) -> None:
        with time_machine.travel(period_start(1), tick=False):
            here = Client()
            enter(code_now(), here)
            cache.clear()
            again = here.post("/account/confirm/code/", {"code": code_now()})
            assert "This code has been used" in again.content.decode()

    def test_guesses_are_limited_whatever_the_address(self) -> None:
        said = [enter("000000", address=f"10.0.3.{number}") for number in range(6)]
        assert [f"{WAIT} 5 minutes." in each for each in said] == [False] * 5 + [True]
        assert WAIT in enter(code_now(), address="10.0.3.9")

    def test_and_keep_nobody_out_of_a_browser_that_knows_them(self) -> None:
        here = Client()
        with time_machine.travel(period_start(1), tick=False) as clock:
            enter(code_now(), here)
            here.post("/logout/")
            for _ in range(6):
                enter("000000")
            clock.shift(30)
            assert enter(code_now(), here) == ""


def test_the_code_that_added_the_app_does_not_sign_in(ana: User) -> None:
    here = Client()
    with time_machine.travel(period_start(1), tick=False):
        sign_in(here)
        here.post("/account/confirm/", {"password": PASSWORD})
        here.get("/account/authenticator/")
        secret = here.session["mfa.totp.secret"]
        code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
        assert here.post("/account/authenticator/", {"code": code}).status_code == 302
        assert "This code has been used" in enter(code)


class TestLimit:
    RATE = Rate(burst=3, seconds=10)

    def test_a_burst_then_one_at_a_time(self, db: None) -> None:
        with time_machine.travel(timezone.now(), tick=False) as clock:
            for _ in range(3):
                GuessLimit.take({"a": self.RATE})
            with pytest.raises(TooManyGuesses) as refused:
                GuessLimit.take({"a": self.RATE})
            assert refused.value.seconds == pytest.approx(10)
            clock.shift(10)
            GuessLimit.take({"a": self.RATE})

    def test_what_one_limit_refuses_counts_against_none(self, db: None) -> None:
        GuessLimit.take({"b": Rate(1, 10)})
        with pytest.raises(TooManyGuesses):
            GuessLimit.take({"a": self.RATE, "b": Rate(1, 10)})
        assert not GuessLimit.objects.filter(key="a").exists()

    def test_a_right_guess_is_given_back(self, db: None) -> None:
        for _ in range(10):
            GuessLimit.take({"a": self.RATE})
            GuessLimit.give_back({"a": self.RATE})

    def test_a_clock_that_is_set_back_locks_nobody_out(self, db: None) -> None:
        GuessLimit.objects.create(key="a", used_up_to=time.time() + 3600)
        GuessLimit.take({"a": self.RATE})

    @pytest.mark.django_db(transaction=True)
    def test_guesses_at_the_same_moment_do_not_all_find_room(self) -> None:
        def one(_number: int) -> bool:
            try:
                GuessLimit.take({"a": self.RATE, "b": self.RATE})
            except TooManyGuesses:
                return False
            finally:
                connections.close_all()
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(one, range(16))) == 3

    def test_old_ones_are_forgotten(self, db: None) -> None:
        GuessLimit.objects.create(key="old", used_up_to=time.time() - 2 * 24 * 3600)
        GuessLimit.objects.create(key="new", used_up_to=time.time())
        GuessLimit.forget_old()
        assert [limit.key for limit in GuessLimit.objects.all()] == ["new"]


def period_start(seconds: int) -> float:
    return time.time() // 30 * 30 + seconds


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


def enter(code: str, client: Client | None = None, *, address: str = "10.0.0.1") -> str:
    """What the page of the second step says; "" when it let in."""
    client = client or Client()
    sign_in(client, address)
    answer = client.post("/login/second-step/", {"code": code}, REMOTE_ADDR=address)
    return "" if answer.status_code == 302 else answer.content.decode()
