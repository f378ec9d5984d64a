"""Pressing Cancel while the engine looks at the film again and again: it says what comes true."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect

from assets_app.models import Asset, Generation, NewAsset, NewReference, register_all
from assets_app.money.ordering import Order, start
from tests.views.scene import hours_ago, make_generation

pytestmark = pytest.mark.browser
PRESSES = 20  # two of fifteen met the engine's claim once
PARAMS = {"duration": 4, "resolution": "480p", "aspect_ratio": "16:9", "generate_audio": False}


def test_cancel_in_the_first_seconds_ends_in_cancelled_every_time(page, team, editor, sandbox, worker, sign_in):
    sandbox.configure(asset_delay="3600")
    link = NewAsset(f"{sandbox.base_url}/samples/courier.jpg", "image")
    (asset,) = register_all(team, editor, [link])
    sign_in(editor)
    page.goto("/dailies/")
    for _ in range(PRESSES):
        order = Order(
            click=uuid.uuid4(),
            model="seedance-2-mini",
            prompt="A lighthouse at dawn",
            params=PARAMS,
            references=[NewReference("reference_image", "image", asset)],
        )
        (film,) = start(team, editor, order)
        page.goto(f"/dailies/videos/{film.pk}/")
        page.get_by_role("button", name="Cancel", exact=True).click()
        expect(page.locator("#film-stage")).to_have_attribute("data-status", "cancelled")
        expect(page.locator("#film-stage")).to_contain_text("Cancelled before it was sent. Nothing was charged.")
    assert set(Generation.objects.values_list("state", "sent_at")) == {("cancelled", None)}
    assert Asset.objects.get().state != "active"
    keys_used = sandbox.stats()["jobs_per_idempotency_key"]
    assert not any(str(pk) in keys_used for pk in Generation.objects.values_list("pk", flat=True))


def test_a_person_says_that_a_lost_film_never_ran(page, team, editor, sandbox, sign_in):
    film = make_generation(team, "unconfirmed", state_since=hours_ago(25), sent_at=hours_ago(25))
    sign_in(editor)
    page.goto("/dailies/")
    page.get_by_role("link", name="Say whether it ran").click()
    page.get_by_role("button", name="It never ran").click()
    expect(page.locator("#film-stage")).to_have_attribute("data-status", "failed")
    expect(page.get_by_text("Say whether it ran")).to_have_count(0)
    film.refresh_from_db()
    assert film.spend == 0
