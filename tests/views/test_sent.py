"""What was really sent, shown afterwards: whole, and without anything that opens a door."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from assets_app.models import Asset, Generation, NewReference

from .scene import KEY, make_asset, make_generation, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def page(client: Client, film: Generation) -> Any:
    return client.get(f"/dailies/videos/{film.pk}/")


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def sent(team, **columns: Any) -> Generation:
    film = make_generation(team, **columns)
    webhook = f"https://castboard.example/webhooks/apiframe/{film.webhook_token}/"
    Generation.objects.filter(pk=film.pk).update(request=film.build_request(webhook))
    film.refresh_from_db()
    return film


def test_the_request_is_shown_as_it_was_sent_but_for_the_webhook(team, ana):
    film = sent(team, references=[NewReference("reference_image", "image", make_asset(team))])
    assert film.request is not None
    answer = page(ana, film)
    shown = json.loads(answer.context["sent_json"])
    assert shown == {key: value for key, value in film.request.items() if not key.startswith("webhook")}
    assert "What was sent" in text(answer)
    for known in (film.job_id, film.idempotency_key):
        assert known in text(answer)
    assert [language for language, _code in answer.context["sent_code"]] == ["curl", "Python", "JavaScript"]


def test_what_was_sent_stays_though_the_film_is_described_otherwise_now(team, ana):
    film = sent(team)
    Generation.objects.filter(pk=film.pk).update(prompt="Something else")
    assert json.loads(page(ana, film).context["sent_json"])["prompt"] == "A lighthouse at dawn, slow push in"


def test_the_last_answer_is_whole_and_nothing_secret_is_on_the_page(team, ana):
    film = sent(team)
    answer = {
        "id": film.job_id,
        "odd": [1, {"two": None}],
        "input": {"webhookUrl": f"https://castboard.example/webhooks/apiframe/{film.webhook_token}/"},
        "of_another": "https://other.example/webhooks/apiframe/somebody-elses_token/",
    }
    Generation.objects.filter(pk=film.pk).update(provider_answer=answer)
    shown = page(ana, film)
    read = json.loads(shown.context["answer_json"])
    assert read["odd"] == [1, {"two": None}]
    for secret in (film.webhook_token, "somebody-elses_token", KEY, team.connection.api_key):
        assert secret not in text(shown)


def test_one_that_waits_shows_what_will_be_sent(team, ana):
    film = make_generation(
        team, "waiting", references=[NewReference("reference_image", "image", make_asset(team, state="processing"))]
    )
    answer = page(ana, film)
    assert "What will be sent" in text(answer)
    assert json.loads(answer.context["sent_json"])["prompt"] == film.prompt


@pytest.mark.parametrize("was_sent", [True, False])
def test_a_film_of_a_model_that_is_gone_can_still_be_read(team, ana, was_sent):
    film = sent(team) if was_sent else make_generation(team, "failed", reason="No available capacity")
    Generation.objects.filter(pk=film.pk).update(model="gone-1")
    answer = page(ana, film)
    assert answer.status_code == 200
    assert "gone-1" in text(answer)
    assert bool(answer.context["sent_json"]) is was_sent


# --- what it was made of, and whether it is safe ---------------------------------------------------------------------
def test_references_say_what_became_of_them(team, ana):
    trashed, purged, kept = assets = [make_asset(team) for _ in range(3)]
    film = make_generation(team, references=[NewReference("reference_image", "image", each) for each in assets])
    now = timezone.now()
    Asset.objects.filter(pk__in=[trashed.pk, purged.pk]).update(trashed_at=now)
    Asset.objects.filter(pk=purged.pk).update(purged_at=now)
    shown = text(page(ana, film))
    assert shown.count("in the trash") == 1
    assert shown.count("deleted for good") == 1
    for asset in (trashed, purged, kept):
        assert f"/dailies/assets/{asset.pk}/" in shown


@pytest.mark.parametrize(
    ("state", "hours", "words"),
    [
        ("saved", 1, "Saved by us"),
        ("copying", 1, "Saving…"),
        ("lost", 1, "Not saved"),
        ("lost", 25, "Not saved"),
    ],
)
def test_the_page_says_whether_the_film_is_safe_and_when_the_providers_copy_dies(team, ana, state, hours, words):
    done = timezone.now() - timedelta(hours=hours)
    film = make_generation(team, completed_at=done)
    make_video(film, state)
    shown = text(page(ana, film))
    assert words in shown
    dies = done + timedelta(hours=24)
    assert (f"{dies:%H:%M} UTC</time>" in shown) is (state == "copying" and hours < 24)
