"""Who gets in where: members look, editors act, strangers find nothing, and nobody anonymous gets past sign-in."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from assets_app.models import Asset, Team
from tests.views.scene import make_asset

PAGES = ["board", "assets", "tray"]
PAGES_OF_ONE = ["asset", "asset-file", "asset-poster"]
ACTS = ["assets-check", "assets-add"]
ACTS_ON_ONE = ["asset-edit", "asset-retry"]


@pytest.fixture
def shot(team: Team) -> Asset:
    return make_asset(team, state="failed")


def address(name: str, team: Team, asset: Asset) -> str:
    on_one = name in PAGES_OF_ONE + ACTS_ON_ONE
    return reverse(name, args=[team.slug, asset.pk] if on_one else [team.slug])


@pytest.mark.parametrize("name", [*PAGES, *PAGES_OF_ONE])
def test_an_anonymous_visitor_is_asked_to_sign_in(name: str, team: Team, shot: Asset, client: Client) -> None:
    response = client.get(address(name, team, shot))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login") + "?next=")


@pytest.mark.parametrize("name", [*PAGES, *PAGES_OF_ONE])
def test_a_member_of_another_team_finds_nothing(
    name: str, team: Team, shot: Asset, stranger: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(stranger).get(address(name, team, shot)).status_code == 404


@pytest.mark.parametrize("name", [*ACTS, *ACTS_ON_ONE])
def test_a_member_of_another_team_cannot_act(
    name: str, team: Team, shot: Asset, stranger: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(stranger).post(address(name, team, shot)).status_code == 404


@pytest.mark.parametrize("name", PAGES_OF_ONE)
def test_an_asset_of_another_team_is_not_to_be_had_through_ones_own(
    name: str, shot: Asset, stranger: User, client_of: Callable[[User], Client]
) -> None:
    own_team = stranger.teams.get()
    assert client_of(stranger).get(address(name, own_team, shot)).status_code == 404


@pytest.mark.parametrize("name", [*PAGES, "asset"])
def test_a_viewer_may_look(
    name: str, team: Team, shot: Asset, viewer: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(viewer).get(address(name, team, shot)).status_code == 200


@pytest.mark.parametrize("name", [*ACTS, *ACTS_ON_ONE])
def test_a_viewer_may_not_act(
    name: str, team: Team, shot: Asset, viewer: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(viewer).post(address(name, team, shot), {"urls": "https://a.example/1.png"}).status_code == 403
    assert team.assets.count() == 1


def test_a_viewer_is_offered_nothing_that_would_be_refused(
    team: Team, shot: Asset, viewer: User, client_of: Callable[[User], Client]
) -> None:
    for name in ("board", "asset"):
        page = client_of(viewer).get(address(name, team, shot)).content.decode()
        assert "Retry" not in page
        assert 'id="paste"' not in page
        assert "data-pick" not in page


@pytest.mark.parametrize("name", [*ACTS, *ACTS_ON_ONE])
def test_looking_never_acts(
    name: str, team: Team, shot: Asset, editor: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(editor).get(address(name, team, shot)).status_code == 405


def test_a_team_that_does_not_exist_looks_like_one_that_is_not_ours(
    editor: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(editor).get("/no-such-team/").status_code == 404
    assert client_of(editor).get(f"/dailies/assets/{uuid.uuid4()}/").status_code == 404


@pytest.mark.parametrize(
    ("who", "told"), [("viewer", "You may look, but not change this"), ("editor", "Only admins may do this")]
)
def test_nobody_is_told_less_than_they_may(
    team: Team, client_of: Callable, request: pytest.FixtureRequest, who: str, told: str
) -> None:
    answer = client_of(request.getfixturevalue(who)).get("/dailies/settings/")
    assert answer.status_code == 403
    assert f"<h1>{told}</h1>" in answer.content.decode()
