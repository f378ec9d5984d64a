"""A team's settings: a key is tried before it is kept, and the old one's signatures stay good for a day."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from assets_app.apiframe.client import Client as ApiframeClient
from assets_app.apiframe.webhooks import secrets_for
from assets_app.engine.files import Keeping, make_copy
from assets_app.engine.film_steps import webhook_url_of
from assets_app.forms.connection import refuse_private
from assets_app.models import Asset, Connection, Event, NewAsset, Team, register_all
from assets_app.sandbox import samples
from assets_app.sandbox.server import SandboxServer
from tests.views.scene import make_generation

CONNECTION = "/dailies/settings/connection/"
NEW_KEY = "afk_" + "7" * 40


@pytest.fixture
def client(admin: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(admin)


def given(team: Team, **changes: Any) -> dict[str, Any]:
    return {"api_key": "", "base_url": team.connection.base_url, "requests_per_minute": 300} | changes


def is_of_the_account_of(team: Team, key: str) -> None:
    """As if the team's present key and this one opened the same account: in the sandbox each has one of its own."""
    with ApiframeClient(team.connection.base_url, key) as asked:
        account = asked.me().team_id
    Connection.objects.filter(team=team).update(account_id=account, account_heard_with=team.connection.fingerprint)


def stored(team: Team) -> Connection:
    return Connection.objects.get(team=team)


class TestKey:
    def test_one_that_works_is_kept_and_says_whose_it_is(self, team: Team, client: Client) -> None:
        page = client.post(CONNECTION, given(team, api_key=NEW_KEY), follow=True).content.decode()
        connection = stored(team)
        assert connection.api_key == NEW_KEY
        assert connection.requests_per_minute == 300
        assert connection.credits is not None
        assert connection.account_name in page
        assert "afk_7777…" in page
        assert NEW_KEY not in page

    def test_one_that_the_provider_refuses_changes_nothing_and_says_its_words(
        self, team: Team, api_key: str, client: Client
    ) -> None:
        page = client.post(CONNECTION, given(team, api_key="sk_wrong", requests_per_minute=7))
        assert page.status_code == 200
        assert "The provider refuses this key" in page.content.decode()
        assert "sk_wrong" not in page.content.decode()
        assert stored(team).api_key == api_key
        assert stored(team).requests_per_minute != 7

    @pytest.mark.parametrize("key", ["afk_with\nbreak", "afk_ümlaut", "k" * 501])
    def test_one_that_can_be_no_key_is_refused_without_asking(
        self, team: Team, api_key: str, client: Client, key: str
    ) -> None:
        assert client.post(CONNECTION, given(team, api_key=key)).status_code == 200
        assert stored(team).api_key == api_key

    def test_without_a_new_one_the_stored_one_is_tried(self, team: Team, api_key: str, client: Client) -> None:
        client.post(CONNECTION, given(team))
        assert stored(team).api_key == api_key
        assert stored(team).asked_at

    def test_a_provider_that_does_not_answer_changes_nothing(
        self, team: Team, api_key: str, client: Client, settings: Settings
    ) -> None:
        page = client.post(CONNECTION, given(team, api_key=NEW_KEY, base_url="http://127.0.0.1:9"))
        assert "could not be tried" in page.content.decode()
        assert stored(team).api_key == api_key

    def test_the_stored_one_is_never_sent_to_another_address(self, team: Team, client: Client) -> None:
        page = client.post(CONNECTION, given(team, base_url="http://127.0.0.1:9"))
        assert "the stored one is not sent there" in page.content.decode()

    def test_a_good_one_takes_the_banner_down_and_lets_what_waited_go_on(self, team: Team, client: Client) -> None:
        (asset,) = register_all(team, None, [NewAsset("https://media.example/a.png", "image")])
        later = timezone.now() + timedelta(hours=1)
        Asset.objects.filter(pk=asset.pk).update(due_at=later, attempts=3)
        team.connection.notice(Connection.Problem.KEY_REFUSED, "Invalid API key", later)
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        assert stored(team).problem == ""
        asset.refresh_from_db()
        assert asset.due_at
        assert asset.due_at <= timezone.now()

    def test_the_record_names_the_change_and_never_the_key(self, team: Team, client: Client) -> None:
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        event = Event.objects.get(team=team, to_state="connection")
        assert event.note["key"] == "afk_7777"
        assert NEW_KEY not in json.dumps(event.note)

    def test_it_is_sealed_at_rest(self, team: Team, client: Client) -> None:
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        assert NEW_KEY not in str(Connection.objects.filter(team=team).values().get())

    def test_a_real_one_is_refused_while_demo_signs_in_with_demo(
        self, team: Team, client: Client, settings: Settings
    ) -> None:
        Connection.objects.update(is_sandbox=False)
        User.objects.create_user("demo", password="demo")
        page = client.post(CONNECTION, given(team, api_key=NEW_KEY)).content.decode()
        assert "The user demo still has the password demo" in page
        assert stored(team).api_key != NEW_KEY


class TestAddress:
    @pytest.mark.parametrize(
        "address",
        [
            "http://169.254.169.254",
            "https://169.254.169.254",
            "https://10.0.0.1/v2",
            "https://[::1]",
            "https://localhost",
            "http://api.apiframe.ai",
            "https://user:password@api.apiframe.ai",
            "ftp://api.apiframe.ai",
            "https://no.such.host.invalid",
            "https://[",
            "javascript:alert(1)",
            "not an address",
        ],
    )
    def test_no_teams_admin_points_us_into_the_operators_network(
        self, team: Team, client: Client, settings: Settings, address: str
    ) -> None:
        settings.ON_LOOPBACK_ONLY = False
        page = client.post(CONNECTION, given(team, api_key=NEW_KEY, base_url=address))
        assert page.status_code == 200
        assert stored(team).base_url == team.connection.base_url

    @pytest.mark.parametrize(
        "address",
        [
            "https://:x@8.8.8.8",
            "https://８.８.８.８",
            'http://127.0.0.1:9/"+str(1)+"',
            "http://127.0.0.1:9/${x}`",
            "https://8.8.8.8/a b",
            "https://8.8.8.8/\\x",
            "https://[8.8.8.8",
            "https://8.8.8.8:99999",
            "https://a..b",
            "https://%00",
            "https://-",
            "https://" + "a" * 70 + ".example",
        ],
    )
    def test_what_is_no_plain_address_is_said_beside_it(self, team: Team, client: Client, address: str) -> None:
        page = client.post(CONNECTION, given(team, api_key=NEW_KEY, base_url=address))
        assert page.status_code == 200
        assert stored(team).base_url == team.connection.base_url
        assert page.context["connection_form"].errors

    def test_on_a_machine_that_only_serves_itself_its_own_programs_are_fine(self, settings: Settings) -> None:
        settings.ON_LOOPBACK_ONLY = True
        refuse_private("http://127.0.0.1:9999")

    @pytest.mark.parametrize("number", ["0", "-1", "1000001", "many", ""])
    def test_requests_a_minute_are_a_sensible_number(self, team: Team, client: Client, number: str) -> None:
        before = stored(team).requests_per_minute
        assert client.post(CONNECTION, given(team, requests_per_minute=number)).status_code == 200
        assert stored(team).requests_per_minute == before


class TestWebhooks:
    def deliver(self, generation: Any, key: str) -> int:
        body = json.dumps({"event": "completed", "jobId": generation.job_id}).encode()
        signature = "sha256=" + hmac.digest(secrets_for(key)[1], body, "sha256").hex()
        address = f"/webhooks/apiframe/{generation.webhook_token}/"
        headers = {"X-Webhook-Signature": signature}
        return Client().post(address, body, content_type="application/json", headers=headers).status_code

    def test_the_old_keys_signatures_are_good_for_a_day(self, team: Team, api_key: str, client: Client) -> None:
        generation = make_generation(team, "processing")
        is_of_the_account_of(team, NEW_KEY)
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        assert self.deliver(generation, NEW_KEY) == 200
        assert self.deliver(generation, api_key) == 200
        assert self.deliver(generation, "afk_somebody_elses") == 401
        with time_machine.travel(timezone.now() + timedelta(hours=25)):
            assert self.deliver(generation, NEW_KEY) == 200
            assert self.deliver(generation, api_key) == 401

    def test_what_was_last_received_is_shown(self, team: Team, api_key: str, client: Client) -> None:
        generation = make_generation(team, "processing")
        assert "none yet" in client.get("/dailies/settings/").content.decode()
        self.deliver(generation, "afk_somebody_elses")
        assert "Turned away" in client.get("/dailies/settings/").content.decode()
        self.deliver(generation, api_key)
        assert "“completed”, signed with the hex digest" in client.get("/dailies/settings/").content.decode()

    def test_they_are_asked_for_only_while_the_team_wants_them(
        self, team: Team, client: Client, settings: Settings
    ) -> None:
        settings.PUBLIC_URL = "https://castboard.example"
        generation = make_generation(team, "queued")
        assert webhook_url_of(type(generation).objects.get())
        client.post("/dailies/settings/webhooks/", {})
        assert webhook_url_of(type(generation).objects.get()) is None
        client.post("/dailies/settings/webhooks/", {"webhooks": "on"})
        assert webhook_url_of(type(generation).objects.get())
        assert [event.note for event in Event.objects.filter(to_state="settings").order_by("id")] == [
            {"webhooks": False},
            {"webhooks": True},
        ]


class TestTeam:
    def test_a_new_name_is_everywhere_at_once_and_on_record(self, team: Team, client: Client) -> None:
        page = client.post("/dailies/settings/team/", {"name": "Night shift", "keep_originals": "on"}, follow=True)
        assert "<strong>Night shift</strong>" in page.content.decode()
        assert Event.objects.get(team=team, to_state="settings").note == {"name": "Night shift"}

    def test_an_empty_name_keeps_the_old_one(self, team: Team, client: Client) -> None:
        page = client.post("/dailies/settings/team/", {"name": "", "keep_originals": "on"}).content.decode()
        assert "This field is required" in page
        assert "<strong>Dailies</strong>" in page

    def test_saving_without_a_change_leaves_no_record(self, team: Team, client: Client) -> None:
        client.post("/dailies/settings/team/", {"name": "Dailies", "keep_originals": "on"})
        assert not Event.objects.filter(team=team, subject=Event.TEAM).exists()

    def test_a_team_that_keeps_no_originals_keeps_their_previews_and_facts(
        self, team: Team, sandbox: SandboxServer
    ) -> None:
        sample = next(sample for sample in samples.urls(sandbox.base_url) if sample["type"] == "image")
        (asset,) = register_all(team, None, [NewAsset(str(sample["url"]), "image")])
        stored_copy = make_copy(asset.original, frozenset({sandbox.base_url}), Keeping.PREVIEWS)
        assert "file" not in stored_copy.columns
        assert stored_copy.columns["poster"]
        assert stored_copy.columns["width"]


# --- names of downloaded films ---------------------------------------------------------------------------------------
def test_an_admin_says_how_downloaded_films_are_called(team, admin, client_of):
    page = client_of(admin)
    page.post("/dailies/settings/film-names/", {"film_names": "{asset}_{take}"})
    team.refresh_from_db()
    assert team.film_names == "{asset}_{take}"
    assert "downloaded films are called {asset}_{take}" in page.get("/dailies/activity/").content.decode()


def test_a_pattern_that_names_nothing_is_refused_and_stays_in_its_field(team, admin, client_of):
    answer = client_of(admin).post("/dailies/settings/film-names/", {"film_names": "{project}"}).content.decode()
    assert "is no field. Use one of {date}" in answer
    assert 'value="{project}"' in answer
    team.refresh_from_db()
    assert team.film_names == "{date}_{shot}_{asset}_{model}_{take}"


def test_the_example_follows_what_is_typed(team, admin, client_of):
    page = client_of(admin)
    shown = page.get("/dailies/settings/film-names/example/", {"film_names": "{person}_{take}"}).content.decode()
    assert "ana_2.mp4" in shown
    assert "A brace is open" in page.get("/dailies/settings/film-names/example/?film_names={date").content.decode()
