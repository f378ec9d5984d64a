"""Redis is set, and away: refusing, silent, or hanging up. Pages, presses and signing in go on without it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from apiframe_site import redis_server
from apiframe_site.redis_server import Absence, Queue
from assets_app.models import Asset, Generation, Heartbeat, Team
from tests.ports import free_port

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


def refusing() -> Iterator[int]:
    yield free_port()


def silent() -> Iterator[int]:
    """Connections are taken, and nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def hanging_up() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture(params=[refusing, silent, hanging_up], ids=lambda how: how.__name__)
def away(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Absence]:
    servers = request.param()
    settings.REDIS_URL = f"redis://127.0.0.1:{next(servers)}/0"
    settings.CACHES = {
        **settings.CACHES,
        "default": {"BACKEND": "apiframe_site.redis_server.Cache", "LOCATION": settings.REDIS_URL},
    }
    monkeypatch.setattr(redis_server, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(redis_server, "ANSWER_SECONDS", 0.2)
    absence = Absence()
    monkeypatch.setattr(redis_server, "absence", absence)
    monkeypatch.setattr("django_q.tasks.get_broker", Queue)
    yield absence
    cache.clear()
    next(servers, None)


@pytest.fixture
def person(editor: User) -> User:
    editor.set_password(PASSWORD)
    editor.save()
    return editor


def test_every_page_is_there(away: Absence, team: Team, editor: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(editor)
    for page in ("", "assets/", "generate/", "videos/", "usage/"):
        assert client.get(f"/dailies/{page}").status_code == 200
    assert away.is_on


def test_what_is_pasted_and_pressed_is_written_down_and_answered(
    away: Absence,
    team: Team,
    editor: User,
    client_of: Callable[[User], Client],
    django_capture_on_commit_callbacks: Any,
) -> None:
    client = client_of(editor)
    with django_capture_on_commit_callbacks(execute=True):
        pasted = client.post("/dailies/assets/add/", {"urls": "https://media.example/a.jpg"}, follow=True)
    assert pasted.status_code == 200
    assert Asset.objects.count() == 1
    form = {"model": "seedance-2-mini", "shown_model": "seedance-2-mini", "prompt": "A lighthouse", "takes": "1"}
    form |= {"duration": "4", "resolution": "480p", "aspect_ratio": "16:9"}
    form["click"] = "2b0c5e9e-9f3c-4a53-8f0e-6d0f4a5e7c11"
    with django_capture_on_commit_callbacks(execute=True):
        pressed = client.post("/dailies/generate/", form, follow=True)
    assert pressed.status_code == 200
    assert Generation.objects.count() == 1


def test_people_sign_in_and_guessing_is_limited_all_the_same(away: Absence, person: User, team: Team) -> None:
    guesses = [
        Client().post("/login/", {"username": person.username, "password": f"guess {number}"}).content.decode()
        for number in range(7)
    ]
    assert "Too many" in guesses[-1]
    assert "Too many" not in guesses[0]
    other = User.objects.create_user("olga", password=PASSWORD)
    answer = Client().post("/login/", {"username": other.username, "password": PASSWORD})
    assert answer.status_code == 302


def test_the_health_says_so_and_pages_count_as_well(away: Absence, client: Client) -> None:
    Heartbeat.beat()
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["redis"] == {"ok": False}
    assert answer.json()["reason"].startswith("Redis does not answer.")


def test_a_worker_waits_for_it_without_dying(away: Absence, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    assert Queue("castboard").dequeue() is None
    assert waited == [1]


def test_who_asks_while_it_is_away_does_not_wait_each_time_and_it_is_said_once(
    away: Absence, caplog: pytest.LogCaptureFixture
) -> None:
    cache.get("anything")
    asked: list[int] = []
    for number in range(50):
        with pytest.raises(redis_server.redis.ConnectionError):
            away.ask(lambda number=number: asked.append(number))
        cache.set("kept", number)
    assert asked == []
    assert cache.get("kept") == 49
    assert [record.message.split(" (")[0] for record in caplog.records] == ["Redis is away"]


def test_when_it_is_back_it_is_used_again_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    absence = Absence()
    absence.begins(redis_server.redis.ConnectionError())
    absence._ask_again_at = 0.0
    assert absence.ask(lambda: "PONG") == "PONG"
    assert not absence.is_on
    assert caplog.records[-1].message == "Redis is back."


def test_a_clock_that_is_set_back_keeps_nobody_out(person: User, team: Team) -> None:
    with time_machine.travel("2030-01-02 10:00Z"):
        for number in range(7):
            Client().post("/login/", {"username": person.username, "password": f"guess {number}"})
    with time_machine.travel("2030-01-01 10:00Z"):
        assert Client().post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 302
