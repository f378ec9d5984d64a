"""Signing in and out, and finding one's team."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from assets_app.models import Membership, Team

LOGIN = "/login/"


@pytest.fixture
def ana(team: Team) -> User:
    user = User.objects.create_user("ana", password="far from the shore")
    Membership.objects.create(team=team, user=user)
    return user


def test_signing_in_leads_to_the_board_of_the_only_team(ana: User, client: Client) -> None:
    response = client.post(LOGIN, {"username": "ana", "password": "far from the shore"}, follow=True)
    assert response.redirect_chain[-1][0] == "/dailies/"
    assert response.status_code == 200


def test_signing_in_leads_back_to_where_one_was(ana: User, client: Client) -> None:
    page = client.get("/dailies/assets/?type=video", follow=True)
    assert 'name="next" value="/dailies/assets/?type=video"' in page.content.decode()
    response = client.post(
        LOGIN, {"username": "ana", "password": "far from the shore", "next": "/dailies/assets/?type=video"}
    )
    assert response["Location"] == "/dailies/assets/?type=video"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(ana: User, client: Client, elsewhere: str) -> None:
    response = client.post(LOGIN, {"username": "ana", "password": "far from the shore", "next": elsewhere})
    assert response["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_name(ana: User, client: Client) -> None:
    page = client.post(LOGIN, {"username": "ana", "password": "not the shore"}).content.decode()
    assert 'value="ana"' in page
    assert 'role="alert"' in page
    assert "Name or password is wrong." in page
    assert "not the shore" not in page
    assert page.index('id="id_password"') < page.index("autofocus")


def test_signing_out_takes_a_post(ana: User, client: Client) -> None:
    client.force_login(ana)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == LOGIN
    assert client.get("/dailies/").status_code == 302


def test_somebody_in_several_teams_chooses(ana: User, client: Client) -> None:
    Membership.objects.create(team=Team.objects.create(name="Second unit", slug="second-unit"), user=ana)
    client.force_login(ana)
    page = client.get("/").content.decode()
    assert 'href="/dailies/"' in page
    assert 'href="/second-unit/"' in page


def test_somebody_in_no_team_is_told_what_to_do(db: None, client: Client) -> None:
    client.force_login(User.objects.create_user("new"))
    page = client.get("/")
    assert page.status_code == 200
    assert "belong to no team" in page.content.decode()


def test_a_request_from_inside_a_page_gets_401_instead_of_a_sign_in_page(team: Team, client: Client) -> None:
    response = client.get(reverse("live", args=[team.slug]), headers={"HX-Request": "true"}, follow=True)
    assert response.status_code == 401
    assert response.content == b""


def test_a_form_without_its_token_is_told_apart_from_one_that_somebody_may_not_send(ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    inside = client.post("/dailies/generate/check/", headers={"HX-Request": "true"})
    assert (inside.status_code, inside.content) == (401, b"")
    page = client.post("/dailies/generate/check/")
    assert page.status_code == 403
    assert "This page has waited too long" in page.content.decode()


def test_pages_that_are_not_there_look_like_ours(ana: User, client: Client) -> None:
    client.force_login(ana)
    response = client.get("/dailies/nothing/here/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_stale_form_is_refused_with_a_way_back(ana: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ana)
    response = client.post("/dailies/assets/add/", {"urls": "https://a.example/1.png"})
    assert response.status_code == 403
    assert "what you typed is kept" in response.content.decode()


def test_no_page_carries_inline_script_or_style(
    ana: User, team: Team, client_of: Callable[[User], Client], client: Client
) -> None:
    pages = [client.get(LOGIN), client.get("/healthz/nothing/")]
    pages += [client_of(ana).get(address) for address in ("/", "/teams/", "/dailies/", "/dailies/assets/", "/nope/")]
    for page in pages:
        text = page.content.decode()
        assert "style=" not in text
        assert "<style" not in text
        assert "javascript:" not in text
        assert text.count("<script") == text.count("<script src=") + text.count('<script type="module" src=')
        assert "'unsafe" not in page["Content-Security-Policy"]


@pytest.mark.parametrize("here", ["", "secret", "no slug", "٣", "//evil.example"])
def test_the_switcher_leads_nowhere_but_into_a_team_of_ones_own(ana: User, client: Client, here: str) -> None:
    Team.objects.create(name="Secret", slug="secret")
    client.force_login(ana)
    shown = client.get("/teams/menu/", {"here": here})
    assert shown.status_code == 200
    assert shown.context["here"] == ""
    assert client.get("/teams/menu/", {"here": "dailies"}).context["here"] == "dailies"


@pytest.mark.parametrize("address", ["/dailies/", "/account/", "/teams/"])
def test_wherever_one_signs_out_the_browser_forgets_what_was_written(
    editor: User, client_of: Callable[[User], Client], address: str
) -> None:
    page = client_of(editor).get(address).content.decode()
    assert '<form method="post" action="/logout/" data-sign-out>' in page.replace(' class="push"', "")
    assert "js/sign-out.js" in page


@pytest.mark.parametrize(
    "address", ["/login/", "/dailies/", "/dailies/assets/", "/dailies/generate/", "/account/", "/x/"]
)
def test_no_cache_keeps_a_page(editor: User, client_of: Callable[[User], Client], address: str) -> None:
    assert "no-store" in client_of(editor).get(address).headers["Cache-Control"]
