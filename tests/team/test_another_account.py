"""A key of another account: what it means for films under way and for the library is said before, and done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from assets_app.apiframe.results import Me
from assets_app.engine.accounts import heard
from assets_app.engine.film_steps import Gather
from assets_app.forms.connection import ConnectionForm
from assets_app.models import Asset, Connection, Discrepancy, Generation, NewReference, Team
from assets_app.money import sums
from tests.team.test_settings import CONNECTION, NEW_KEY, given, is_of_the_account_of, stored
from tests.views.scene import make_asset, make_generation

USAGE = "/dailies/usage/"


@pytest.fixture
def client(admin: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(admin)


@pytest.fixture
def film(team: Team) -> Generation:
    return make_generation(team, "processing", sent_with=team.connection.fingerprint)


def reread(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


class TestWarning:
    def test_it_stands_beside_the_key_while_films_are_being_made(
        self, team: Team, client: Client, film: Generation
    ) -> None:
        make_generation(team, "unconfirmed")
        make_generation(team, "queued")
        page = client.get("/dailies/settings/").content.decode()
        assert "Give up on 2 films if the key belongs to another account" in page

    def test_there_is_none_when_nothing_is(self, team: Team, client: Client) -> None:
        make_generation(team, "completed")
        assert "Give up on" not in client.get("/dailies/settings/").content.decode()


class TestExchange:
    def test_is_refused_while_films_are_being_made_and_changes_nothing(
        self, team: Team, client: Client, api_key: str, film: Generation
    ) -> None:
        page = client.post(CONNECTION, given(team, api_key=NEW_KEY)).content.decode()
        assert "This key belongs to another account, which knows nothing of 1 film." in page
        assert stored(team).api_key == api_key
        assert reread(film).state == "processing"

    def test_ticked_it_gives_them_up_and_counts_what_was_held(
        self, team: Team, client: Client, film: Generation
    ) -> None:
        waiting = make_generation(team, "queued")
        client.post(CONNECTION, given(team, api_key=NEW_KEY, give_up="on"))
        assert stored(team).api_key == NEW_KEY
        assert (reread(film).state, reread(film).spend) == ("failed", 144)
        assert reread(waiting).state == "queued"
        cost = sums.of(Generation.objects.filter(pk=film.pk))
        assert (cost.credits, cost.held, cost.free) == (144, 0, 0)
        page = client.get(USAGE).content.decode()
        assert 'data-difference="given_up"' in page
        assert "It counts 144 credits" in page

    def test_a_film_that_was_given_up_says_that_it_may_have_been_charged(
        self, team: Team, client: Client, film: Generation
    ) -> None:
        client.post(CONNECTION, given(team, api_key=NEW_KEY, give_up="on"))
        page = client.get(f"/dailies/videos/{film.pk}/").content.decode()
        assert "nobody could find out what became of it" in page
        assert "it counts 144 credits until an admin says otherwise" in page
        assert "Nothing was charged" not in page

    def test_within_the_same_account_everything_goes_on(self, team: Team, client: Client, film: Generation) -> None:
        unsure = make_generation(team, "unconfirmed", sent_with=team.connection.fingerprint)
        old = team.connection.fingerprint
        is_of_the_account_of(team, NEW_KEY)
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        new = stored(team).fingerprint
        assert new != old
        assert (reread(film).state, reread(film).sent_with) == ("processing", new)
        # Its Idempotency-Key may be good with the old API key only: it is looked for, and never sent again.
        assert (reread(unsure).state, reread(unsure).sent_with) == ("unconfirmed", old)

    def test_with_the_same_key_everything_goes_on_whether_the_account_is_known_or_not(
        self, team: Team, client: Client, film: Generation
    ) -> None:
        client.post(CONNECTION, given(team, requests_per_minute=77))
        assert stored(team).requests_per_minute == 77
        assert reread(film).state == "processing"


class TestMeanwhile:
    """While the provider is asked whose the key is, the engine works on."""

    @pytest.fixture
    def while_asked(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
        def have(happen: Callable[[], object]) -> None:
            ask = ConnectionForm._ask

            def asked(form: ConnectionForm, *about: str) -> Me:
                happen()
                return ask(form, *about)

            monkeypatch.setattr(ConnectionForm, "_ask", asked)

        return have

    def test_a_film_that_is_sent_is_given_up_by_nobody_who_was_not_asked(
        self, team: Team, client: Client, api_key: str, while_asked: Any
    ) -> None:
        film = make_generation(team, "queued")
        sent = {"state": "submitted", "job_id": "j1", "sent_at": timezone.now()}
        while_asked(lambda: Generation.objects.filter(pk=film.pk).update(**sent))
        page = client.post(CONNECTION, given(team, api_key=NEW_KEY)).content.decode()
        assert "A film was sent with the old key just now" in page
        assert stored(team).api_key == api_key
        assert reread(film).state == "submitted"
        assert not Discrepancy.objects.exists()

    def test_what_the_engine_hears_of_the_old_account_is_not_forgotten(
        self, team: Team, client: Client, while_asked: Any
    ) -> None:
        told = {"account_id": "the old one", "account_heard_with": team.connection.fingerprint}
        while_asked(lambda: Connection.objects.update(**told, webhook_words="well"))
        processing = make_asset(team, state="processing")
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        assert stored(team).account_id not in ("", "the old one")
        assert stored(team).webhook_words == "well"
        assert reread(processing).state == "queued"

    def test_an_answer_to_the_old_key_says_nothing_of_the_new_one(self, team: Team, client: Client) -> None:
        with_the_old_key = stored(team)
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        new = stored(team)
        heard(with_the_old_key, Me(team_id="the old one", team_name="Old", credits=7))
        now = stored(team)
        assert (now.credits, now.account_name, now.account_id) == (new.credits, new.account_name, new.account_id)


class TestAdmin:
    @pytest.fixture
    def found(self, team: Team, client: Client, film: Generation) -> Discrepancy:
        client.post(CONNECTION, given(team, api_key=NEW_KEY, give_up="on"))
        return Discrepancy.objects.get()

    def test_says_that_it_cost_nothing(self, client: Client, film: Generation, found: Discrepancy) -> None:
        client.post(f"{USAGE}differences/{found.pk}/write-off/")
        assert reread(film).spend == 0
        assert reread(found).settled_at
        again = client.post(f"{USAGE}differences/{found.pk}/write-off/", follow=True).content.decode()
        assert "It counts 0 credits already" in again

    def test_dismisses_it_and_it_counts_on(self, client: Client, film: Generation, found: Discrepancy) -> None:
        client.post(f"{USAGE}differences/dismiss/", {"difference": found.pk})
        assert reread(film).spend == 144


class TestLibrary:
    def test_of_the_old_account_is_asked_about_at_once_and_used_by_nobody_before(
        self, team: Team, client: Client
    ) -> None:
        Connection.objects.update(account_id="the old one", account_heard_with=team.connection.fingerprint)
        active, processing = make_asset(team), make_asset(team, state="processing")
        Asset.objects.update(verified_at=timezone.now())
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        assert not reread(active).is_fresh
        assert reread(active).due_at <= timezone.now()
        assert (reread(processing).state, reread(processing).provider_id) == ("queued", "")

    def test_a_file_that_was_uploaded_to_the_old_account_is_uploaded_again(self, team: Team, client: Client) -> None:
        Connection.objects.update(account_id="the old one", account_heard_with=team.connection.fingerprint)
        queued = make_asset(team, state="queued")
        Asset.objects.update(upload_until=timezone.now() + timedelta(hours=1))
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        assert reread(queued).upload_until is None

    def test_of_an_account_that_nobody_knew_is_asked_about_too(self, team: Team, client: Client) -> None:
        active = make_asset(team)
        Asset.objects.update(verified_at=timezone.now())
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        assert not reread(active).is_fresh
        assert reread(active).due_at <= timezone.now()

    def test_a_film_that_waits_goes_before_the_rest_of_the_library(self, team: Team, client: Client) -> None:
        others = [make_asset(team) for _ in range(3)]
        wanted = make_asset(team)
        film = make_generation(team, "queued", references=[NewReference("reference_image", "image", asset=wanted)])
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        Generation.objects.filter(pk=film.pk).update(state="waiting")
        Gather().prepare(reread(film))
        in_turn = Asset.objects.due().order_by("due_at", "created_at")
        assert in_turn.count() == len(others) + 1
        assert in_turn.first() == wanted

    def test_of_the_same_account_is_left_alone(self, team: Team, client: Client) -> None:
        is_of_the_account_of(team, NEW_KEY)
        active = make_asset(team)
        Asset.objects.update(verified_at=timezone.now() - timedelta(minutes=5))
        client.post(CONNECTION, given(team, api_key=NEW_KEY))
        assert reread(active).is_fresh
        assert reread(active).due_at is None
