"""The live poll: silent and cheap while nothing changed, and then no more than what did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.library import changes
from assets_app.models import Asset, Connection, Team
from assets_app.views.live import MANY
from tests.views.scene import make_asset, make_generation

HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(editor: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(editor)


def revision(team: Team) -> int:
    return Team.objects.values_list("revision", flat=True).get(pk=team.pk)


def tick(client: Client, team: Team, since: int | str, page: str = "board", **more: str) -> Any:
    query = urlencode({"v": since, "page": page, **more})
    return client.get(f"/{team.slug}/live/?{query}", headers=HTMX)


def test_a_tick_with_nothing_new_is_204_and_asks_only_who_is_there(team: Team, page: Client) -> None:
    make_asset(team)
    now = revision(team)
    with CaptureQueriesContext(
        database,
    ) as queries:
        response = tick(page, team, now)
    assert (response.status_code, response.content) == (204, b"")
    assert len(queries) == 3, "the session, the person, and the membership with its team"


def test_only_the_cards_that_changed_travel(team: Team, page: Client) -> None:
    make_asset(team, name="Calm")
    moved = make_asset(team, state="processing", name="Moved")
    before = revision(team)
    assert moved.move("active", due_at=None)
    answer = tick(page, team, before).content.decode()
    assert f'data-asset="{moved.pk}" data-status="active"' in answer
    assert 'data-list="list-ready"' in answer
    assert "Calm" not in answer
    assert f"?v={revision(team)}&amp;page=board" in answer


def test_the_answer_is_a_new_poller_with_the_counts_and_what_is_in_flight(team: Team, page: Client) -> None:
    make_asset(team, state="processing")
    make_generation(team, state="processing")
    answer = tick(page, team, 0).content.decode()
    assert answer.count('id="live"') == 1
    assert 'data-busy="1"' in answer
    assert "<b data-in-flight>2</b>" in answer
    assert 'id="head-processing"' in answer


def test_a_page_slows_down_when_nothing_is_in_flight(team: Team, page: Client) -> None:
    make_asset(team, state="active")
    assert 'data-busy=""' in tick(page, team, 0).content.decode()


def test_a_problem_with_the_provider_comes_and_goes_by_itself(team: Team, page: Client) -> None:
    before = revision(team)
    Connection.objects.get(team=team).notice(Connection.Problem.KEY_REFUSED, "Invalid token", timezone.now())
    answer = tick(page, team, before).content.decode()
    assert "The provider refuses this team’s API key." in answer
    assert "Invalid token" in answer
    before = revision(team)
    Connection.objects.get(team=team).all_is_well()
    assert "refuses" not in tick(page, team, before).content.decode()


def test_too_many_changes_come_as_whole_groups_of_limited_size(team: Team, page: Client) -> None:
    before = revision(team)
    for number in range(MANY + 5):
        Asset(
            team=team,
            name=f"Shot {number}",
            media_type="image",
            source_url=f"https://a.example/{number}.png",
            state="queued",
            revision=before + 1,
        ).save()
    team.next_revision()
    answer = tick(page, team, before).content.decode()
    assert 'id="board-sections"' in answer
    assert answer.count("data-asset=") == 24
    assert f'<span class="count">{MANY + 5}</span>' in answer


@pytest.mark.parametrize("version", ["", "x", "-1", "999999999999999999999999", "²"])
def test_a_version_that_makes_no_sense_gets_everything(team: Team, page: Client, version: str) -> None:
    asset = make_asset(team)
    assert str(asset.pk) in tick(page, team, version).content.decode()


def test_a_page_nobody_registered_gets_the_frame_alone(team: Team, page: Client) -> None:
    asset = make_asset(team)
    response = tick(page, team, 0, page="<nothing>")
    assert response.status_code == 200
    assert str(asset.pk) not in response.content.decode()
    assert "<nothing>" not in response.content.decode()


def test_changes_of_another_team_are_not_ours_to_see(team: Team, stranger: User, client_of: Any) -> None:
    assert tick(client_of(stranger), team, 0).status_code == 404


def test_the_library_gets_new_cards_only_when_its_filter_lets_them_through(team: Team, page: Client) -> None:
    before = revision(team)
    picture, film = make_asset(team, "image"), make_asset(team, "video")
    Asset.objects.update(revision=before + 1)
    answer = tick(page, team, before, page="assets", **{"for": "type=video"}).content.decode()
    for asset, listed in ((picture, ""), (film, "list-library")):
        card = answer.partition(f'id="asset-{asset.pk}"')[2].partition(">")[0]
        assert f'data-list="{listed}"' in card
    assert 'id="library-total">1</span>' in answer


def test_the_page_of_one_asset_hears_of_that_one_only(team: Team, editor: User, page: Client) -> None:
    shown, other = make_asset(team), make_asset(team)
    before = revision(team)
    changes.edit(other, editor, name="Someone else")
    assert 'id="asset-status"' not in tick(page, team, before, page="asset", **{"for": str(shown.pk)}).content.decode()
    changes.edit(shown, editor, name="Keeper, close")
    answer = tick(page, team, before, page="asset", **{"for": str(shown.pk)}).content.decode()
    assert '<h1 id="asset-name">Keeper, close</h1>' in answer
    assert "Renamed it" in answer


def test_an_answer_costs_the_same_for_three_and_for_thirty_changes(team: Team, page: Client) -> None:
    def cost(number: int) -> int:
        before = revision(team)
        for _ in range(number):
            make_asset(team, state="failed", sha256="ab" * 32)
        Asset.objects.filter(team=team).update(revision=before)
        Asset.objects.filter(pk__in=Asset.objects.values("pk")[:number]).update(revision=before + 1)
        Team.objects.filter(pk=team.pk).update(revision=before + 1)
        with CaptureQueriesContext(database) as queries:
            tick(page, team, before)
        return len(queries)

    cost(1)  # what is usual is remembered for a while
    assert cost(3) == cost(30) <= 10
