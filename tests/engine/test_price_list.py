"""GET /v2/models is asked now and then for what films cost; whatever comes of it, films go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assets_app.apiframe import catalogue
from assets_app.apiframe.client import Client
from assets_app.apiframe.errors import ServerError
from assets_app.models import Connection, Generation, SpendingLimit
from assets_app.money import approving, prices
from tests.views.scene import make_generation

SORA = {"duration": 8, "resolution": "standard", "aspect_ratio": "16:9"}
pytestmark = pytest.mark.django_db


def most(team, model: str) -> int | None:
    team.connection.refresh_from_db()
    found = prices.quote(team, catalogue.load().get(model), {"duration": 5, "resolution": "720p"}, has_video=False)
    return found and found.credits_high


def asked(monkeypatch) -> list[str | None]:
    calls: list[str | None] = []
    models = Client.models

    def counted(client, modality=None):
        calls.append(modality)
        return models(client, modality)

    monkeypatch.setattr(Client, "models", counted)
    return calls


def test_what_the_sandbox_says_is_kept_for_some_models_and_not_for_those_it_leaves_out(team, run):
    run()
    assert most(team, "kling-3.0") == 110
    assert most(team, "kling-2.6") == 14 * 5
    assert most(team, "midjourney-video") == 60
    assert most(team, "veo-3.1") == 240 * 5  # without a mode: the careful reading
    assert most(team, "hailuo-2.3") == 80
    assert most(team, "hailuo-02") is None  # only the least is said
    assert most(team, "sora-2") is None


def test_it_is_asked_once_and_again_when_it_is_old_or_the_key_is_another(team, run, monkeypatch):
    calls = asked(monkeypatch)
    for _ in range(3):
        run()
        Connection.objects.update(asked_at=None)
    assert calls == ["video"]
    old = timezone.now() - timedelta(hours=7)
    Connection.objects.update(prices_heard_at=old, prices_asked_at=old, asked_at=None)
    run()
    assert len(calls) == 2
    connection = Connection.objects.get()
    connection.api_key = "afk_another"
    connection.asked_at = None
    connection.save()
    run()
    assert len(calls) == 3


def test_a_list_that_does_not_come_stops_nothing_puts_up_no_banner_and_is_asked_for_later(team, run, monkeypatch):
    calls: list[int] = []

    def fails(*_args):
        calls.append(1)
        raise ServerError("Bad gateway", status=502)

    monkeypatch.setattr(Client, "models", fails)
    generation = make_generation(team)
    Generation.objects.filter(pk=generation.pk).update(state="queued", sent_at=None, due_at=timezone.now())
    run()
    run()
    assert len(calls) == 1
    assert Connection.objects.get().problem == ""
    assert Generation.objects.get().job_id


def test_what_waits_for_a_yes_is_never_picked_up(team, editor, admin, run):
    SpendingLimit.objects.create(team=team, period="day", stop_at=10_000)
    generation = make_generation(
        team, "approval", by=editor, model="sora-2", params=SORA, due_at=None, job_id="", sent_at=None, spend=0
    )
    Generation.objects.update(due_at=timezone.now() - timedelta(days=1))  # not even so
    run()
    run()
    generation.refresh_from_db()
    assert (generation.state, generation.job_id, generation.sent_at) == ("approval", "", None)
    approving.say_yes(team, admin, generation.click, "unknown")
    run()
    generation.refresh_from_db()
    assert generation.job_id
