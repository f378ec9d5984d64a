"""Whether a film is ours, as a person meets it: not there yet, saved, missing, and there again."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.storage import default_storage
from playwright.sync_api import Page, expect

from assets_app.models import Generation, Video
from assets_app.money.ordering import Order, start
from tests.engine.conftest import PARAMS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILM = "GET /videos/{name}"
AS_LONG_AS_IT_LASTS = 10_000


@pytest.fixture
def film(team, sandbox) -> Generation:
    return start(team, None, Order(click=uuid.uuid4(), model="seedance-2-mini", prompt="A harbour", params=PARAMS))[0]


def test_a_film_that_is_not_there_at_first_says_so_and_plays_when_it_is(
    page: Page, film, editor, sign_in, sandbox, worker, reloads
):
    sandbox.fail_next("gone", FILM, times=AS_LONG_AS_IT_LASTS)
    sign_in(editor)
    page.goto(f"/dailies/videos/{film.pk}/")
    reloads.count = 0
    expect(page.locator("#film-stage")).to_contain_text("It is not there yet.")
    expect(page.locator("#film-stage")).to_contain_text("Trying again by itself at")
    sandbox.provider.faults.clear()
    expect(page.locator("video#player")).to_be_visible()
    assert reloads.count == 0


def test_a_film_whose_file_is_missing_is_no_black_player_and_comes_back_by_itself(
    page: Page, film, editor, sign_in, sandbox, worker
):
    sign_in(editor)
    page.goto(f"/dailies/videos/{film.pk}/")
    expect(page.locator("video#player")).to_be_visible()
    sandbox.fail_next("gone", FILM, times=AS_LONG_AS_IT_LASTS)
    default_storage.delete(Video.objects.get().file.name)
    page.reload()
    expect(page.locator("#film-stage")).to_contain_text(
        "The file is missing on this server. It is being fetched again."
    )
    sandbox.provider.faults.clear()
    expect(page.locator("video#player")).to_be_visible()
    assert default_storage.exists(Video.objects.get().file.name)
