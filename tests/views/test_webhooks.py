from __future__ import annotations

import hmac
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from django_q.models import OrmQ

from assets_app.apiframe.webhooks import secrets_for
from assets_app.models import Connection, Generation
from assets_app.views import webhooks

from .scene import KEY, make_generation, make_team

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timedelta(minutes=5)


@pytest.fixture
def generation() -> Generation:
    return make_generation(make_team(), "processing", due_at=timezone.now() + LATER)


def body_for(generation: Generation, **changes: Any) -> bytes:
    said = {
        "event": "completed",
        "jobId": generation.job_id,
        "status": "COMPLETED",
        "result": {"videoUrl": "https://evil.example/x.mp4"},
    }
    return json.dumps(said | changes).encode()


def signed(body: bytes, form: int = 0, key: str = KEY) -> str:
    return "sha256=" + hmac.digest(secrets_for(key)[form], body, "sha256").hex()


def deliver(generation: Generation, body: bytes, signature: str | None, **headers: str) -> int:
    if signature is not None:
        headers["X-Webhook-Signature"] = signature
    url = f"/webhooks/apiframe/{generation.webhook_token}/"
    client = Client(enforce_csrf_checks=True)
    return client.post(url, body, content_type="application/json", headers=headers).status_code


def is_due(generation: Generation) -> bool:
    generation.refresh_from_db()
    return generation.due_at is not None and generation.due_at <= timezone.now()


@pytest.mark.parametrize("form", [0, 1], ids=["raw digest as key", "hex digest as key"])
def test_a_signed_webhook_makes_its_generation_due_and_wakes_the_engine(generation, form):
    body = body_for(generation)
    assert deliver(generation, body, signed(body, form)) == 200
    assert is_due(generation)
    assert OrmQ.objects.exists()


def test_nothing_that_a_webhook_says_is_believed(generation):
    body = body_for(generation, creditCost=99999)
    deliver(generation, body, signed(body))
    generation.refresh_from_db()
    assert (generation.state, generation.credit_cost) == ("processing", None)
    assert not hasattr(generation, "video")


@pytest.mark.parametrize("signature", [None, "", "sha256=00", "sha256=" + "0" * 64, signed(b"another body"), "ümlaut"])
def test_a_forged_webhook_is_turned_away_and_changes_nothing(generation, signature):
    assert deliver(generation, body_for(generation), signature) == 401
    assert not is_due(generation)
    assert not OrmQ.objects.exists()


def test_another_teams_key_does_not_open_the_door(generation):
    body = body_for(generation)
    assert deliver(generation, body, signed(body, key="afk_" + "1" * 40)) == 401


def test_an_unknown_token_is_not_found(generation, client):
    assert (
        client.post("/webhooks/apiframe/nobody-was-given-this/", b"{}", content_type="application/json").status_code
        == 404
    )


def test_only_post_is_answered(generation, client):
    assert client.get(f"/webhooks/apiframe/{generation.webhook_token}/").status_code == 405


def test_a_huge_body_is_refused_unread(generation):
    body = b"x" * (64 * 1024 + 1)
    assert deliver(generation, body, signed(body)) == 413
    assert not is_due(generation)


def test_a_webhook_that_comes_twice_is_thanked_twice_and_harmless(generation):
    body = body_for(generation)
    assert [deliver(generation, body, signed(body)) for _ in range(2)] == [200, 200]
    assert Generation.objects.count() == 1


def test_a_late_webhook_does_not_wake_what_has_ended(generation):
    Generation.objects.update(state="completed", due_at=None)
    body = body_for(generation, event="progress", status="PROCESSING")
    assert deliver(generation, body, signed(body)) == 200
    generation.refresh_from_db()
    assert (generation.state, generation.due_at) == ("completed", None)
    assert not OrmQ.objects.exists()


def test_a_webhook_about_another_job_is_ignored_and_logged(generation, caplog):
    body = body_for(generation, jobId="11111111-1111-1111-1111-111111111111")
    with caplog.at_level(logging.INFO, "assets_app"):
        assert deliver(generation, body, signed(body)) == 200
    assert not is_due(generation)
    assert "another job" in caplog.text


def test_an_unconfirmed_generation_is_nudged_although_it_does_not_know_its_job_yet(generation):
    Generation.objects.update(state="unconfirmed", job_id="")
    body = body_for(generation)
    assert deliver(generation, body, signed(body)) == 200
    assert is_due(generation)


def test_one_that_is_being_looked_at_right_now_is_left_alone(generation):
    Generation.objects.update(claim="22222222-2222-2222-2222-222222222222", claimed_until=timezone.now() + LATER)
    body = body_for(generation)
    assert deliver(generation, body, signed(body)) == 200
    assert not is_due(generation)


def test_a_signed_body_that_makes_no_sense_is_harmless(generation):
    for body in (b"", b"not json", b"[]", b'"word"', b"\xff\xfe", b"[" * 5000):
        assert deliver(generation, body, signed(body)) == 200
    assert not is_due(generation)


def test_the_log_says_which_key_form_matched_and_nothing_of_the_body(generation, caplog):
    body = body_for(generation, note="private-words")
    with caplog.at_level(logging.DEBUG, "assets_app"):
        deliver(generation, body, signed(body, 1))
    assert "hex key" in caplog.text
    assert "private-words" not in caplog.text
    assert KEY not in caplog.text


def test_a_key_that_cannot_be_read_lets_nobody_in(generation):
    generation.team.connection.__class__.objects.update(sealed_key="damaged")
    body = body_for(generation)
    assert deliver(generation, body, signed(body)) == 401


def test_a_body_whose_length_nobody_says_is_told_from_a_forged_one(generation):
    path = f"/webhooks/apiframe/{generation.webhook_token}/"
    request = RequestFactory().post(path, headers={"Transfer-Encoding": "chunked"})
    del request.META["CONTENT_LENGTH"]
    assert webhooks.apiframe(request, token=generation.webhook_token).status_code == 411
    assert "did not say how long" in Connection.objects.get().webhook_words
