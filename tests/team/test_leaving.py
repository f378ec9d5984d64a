"""Deleting one's account: what goes, what stays, and who runs the teams afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from assets_app import leaving
from assets_app.accounts import set_email
from assets_app.models import Asset, Candidate, Event, Generation, LastAdmin, Membership, NewCandidate, Team, look_at
from tests.team.conftest import PostOffice
from tests.team.test_sign_in import PASSWORD, code_of, sign_in
from tests.views.scene import make_asset, make_generation

DELETE = "/account/delete/"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def ana(team: Team) -> User:
    user = User.objects.create_user("ana", password=PASSWORD, first_name="Ana", last_name="Lopez")
    Membership.objects.create(team=team, user=user, role=Membership.Role.ADMIN)
    set_email(user, "ana@studio.example")
    return user


def browser_of(ana: User) -> Client:
    """She has just shown that it is she."""
    client = Client()
    sign_in(client)
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


@pytest.fixture
def browser(ana: User) -> Client:
    return browser_of(ana)


class TestProof:
    def test_the_password_is_asked_for_anew(self, ana: User) -> None:
        client = Client()
        sign_in(client)
        assert client.get(DELETE)["Location"] == "/account/confirm/?next=%2Faccount%2Fdelete%2F"
        assert client.post(DELETE)["Location"] == "/account/confirm/?next=%2Faccount%2Fdelete%2F"
        back = client.post("/account/confirm/", {"password": PASSWORD, "next": DELETE})
        assert back["Location"] == DELETE
        assert client.get(DELETE).status_code == 200

    def test_and_after_five_minutes_again(self, ana: User) -> None:
        with time_machine.travel(timezone.now(), tick=False) as clock:
            client = browser_of(ana)
            clock.shift(timedelta(minutes=6))
            assert client.post(DELETE).status_code == 302
        ana.refresh_from_db()
        assert ana.is_active

    def test_who_has_a_second_step_is_asked_for_that_too(self, ana: User, browser: Client, admin: User) -> None:
        TOTP.activate(ana, SECRET)
        assert browser.get(DELETE)["Location"] == "/account/confirm/code/?next=%2Faccount%2Fdelete%2F"
        browser.post("/account/confirm/code/", {"code": code_of(SECRET)})
        assert browser.get(DELETE).status_code == 200
        assert browser.post(DELETE)["Location"] == "/login/"

    def test_and_the_second_step_alone_is_not_enough(self, ana: User) -> None:
        TOTP.activate(ana, SECRET)
        client = Client()
        client.force_login(ana)
        client.post("/account/confirm/code/", {"code": code_of(SECRET)})
        assert client.get(DELETE)["Location"].startswith("/account/confirm/?")


def test_it_ends_all_ways_in_and_every_session_and_says_so_by_mail(
    ana: User, browser: Client, admin: User, sent_mail: PostOffice
) -> None:
    SocialAccount.objects.create(user=ana, provider="oidc", uid="42")
    elsewhere = Client()
    sign_in(elsewhere)
    answer = browser.post(DELETE, follow=True)
    assert "Your account is deleted." in answer.content.decode()
    assert elsewhere.get("/account/").status_code == 302
    assert not Session.objects.exclude(pk=browser.session.session_key).exists()
    again = Client()
    assert sign_in(again) == ""
    assert "Name or password is wrong." in again.post("/login/", {"username": "ana", "password": "x"}).content.decode()
    ana.refresh_from_db()
    assert (ana.is_active, ana.has_usable_password(), ana.email) == (False, False, "")
    assert not SocialAccount.objects.exists()
    assert not Authenticator.objects.exists()
    (letter,) = sent_mail()
    assert (letter.to, letter.subject) == (["ana@studio.example"], "Castboard: Your account was deleted")


def test_what_they_made_stays_under_their_name_and_what_is_not_sent_is_cancelled(
    team: Team, ana: User, admin: User, browser: Client, client_of: Callable[[User], Client]
) -> None:
    asset, made = make_asset(team), make_generation(team, "processing", by=ana)
    waiting = make_generation(team, "queued", by=ana)
    Asset.objects.update(created_by=ana)
    look_at(team, ana, [NewCandidate("https://a.example/1.png", "image")])
    browser.post(DELETE)
    assert [Generation.objects.get(pk=each.pk).state for each in (made, waiting)] == ["processing", "cancelled"]
    assert not Candidate.objects.exists()
    assert not team.memberships.filter(user=ana).exists()
    assert Event.objects.get(to_state="left").note["films"] == 1
    page = client_of(admin).get(f"/dailies/assets/{asset.pk}/").content.decode()
    assert "Ana Lopez" in page


def test_nobody_else_takes_the_name(ana: User, admin: User, browser: Client, client_of: Callable) -> None:
    browser.post(DELETE)
    client = client_of(admin)
    admin.set_password(PASSWORD)
    admin.save()
    client.force_login(admin)
    client.post("/account/confirm/", {"password": PASSWORD})
    page = client.post("/account/profile/", {"username": "ana"}).content.decode()
    assert "Somebody here has this name" in page


class TestTheLastAdmin:
    def test_names_another_one_first(self, team: Team, ana: User, browser: Client, editor: User) -> None:
        assert "Who runs Dailies from then on" in browser.get(DELETE).content.decode()
        assert "This field is required" in browser.post(DELETE).content.decode()
        ana.refresh_from_db()
        assert ana.is_active
        heir = team.memberships.get(user=editor)
        assert browser.post(DELETE, {"runs-dailies": heir.pk})["Location"] == "/login/"
        heir.refresh_from_db()
        assert heir.role == Membership.Role.ADMIN
        assert list(Event.objects.filter(to_state__in=("role", "left")).values_list("actor__username", flat=True)) == [
            "ana",
            "ana",
        ]

    def test_cannot_name_somebody_from_elsewhere(
        self, ana: User, browser: Client, editor: User, stranger: User
    ) -> None:
        theirs = Membership.objects.get(user=stranger)
        assert browser.post(DELETE, {"runs-dailies": theirs.pk}).status_code == 200
        ana.refresh_from_db()
        assert ana.is_active

    def test_of_a_team_without_others_stays(self, ana: User, browser: Client) -> None:
        page = browser.get(DELETE).content.decode()
        assert "Nobody else is in Dailies." in page
        assert "Delete the account</button>" not in page
        browser.post(DELETE)
        ana.refresh_from_db()
        assert ana.is_active

    def test_who_becomes_it_meanwhile_stays_too_and_nothing_has_happened(
        self, team: Team, ana: User, admin: User, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The other admin steps down between the form and the deed."""
        delete = leaving.delete_account

        def beaten(*args: object) -> None:
            team.memberships.filter(user=admin).update(role=Membership.Role.EDITOR)
            delete(*args)

        monkeypatch.setattr(leaving, "delete_account", beaten)
        page = browser.post(DELETE).content.decode()
        assert "Who runs Dailies from then on" in page
        ana.refresh_from_db()
        assert ana.is_active

    def test_several_teams_are_each_asked_about(self, ana: User, browser: Client, editor: User) -> None:
        second = Team.objects.create(name="Second unit", slug="second")
        Membership.objects.create(team=second, user=ana, role=Membership.Role.ADMIN)
        Membership.objects.create(team=second, user=editor)
        chosen = {f"runs-{each.team.slug}": each.pk for each in Membership.objects.filter(user=editor)}
        assert set(chosen) == {"runs-dailies", "runs-second"}
        assert browser.post(DELETE, {"runs-second": chosen["runs-second"]}).status_code == 200
        assert browser.post(DELETE, chosen)["Location"] == "/login/"
        assert Membership.objects.filter(user=editor, role=Membership.Role.ADMIN).count() == 2


def test_nothing_is_done_when_one_team_would_stay_without_an_admin(
    team: Team, ana: User, editor: User, rf: object
) -> None:
    second = Team.objects.create(name="Second unit", slug="second")
    Membership.objects.create(team=second, user=ana, role=Membership.Role.ADMIN)
    with pytest.raises(LastAdmin):
        leaving.delete_account(ana, [team.memberships.get(user=editor)], rf.get("/"))
    assert Membership.objects.filter(user=ana).count() == 2
    assert team.memberships.get(user=editor).role == Membership.Role.EDITOR
