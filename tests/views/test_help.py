"""The page of limits: whatever the catalogue knows of a model stands on it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assets_app.apiframe import catalogue, in_words
from assets_app.forms.controls import editable_params

pytestmark = pytest.mark.django_db

HELP = "/dailies/help/"
MODELS = catalogue.load().video_models


@pytest.fixture
def page(viewer, client_of) -> str:
    return client_of(viewer).get(HELP).content.decode()


def test_every_model_is_there_with_its_places_settings_and_rules(page):
    for model in MODELS:
        _, _, rest = page.partition(f'id="{model.id}"')
        part, _, _ = rest.partition("</details>")
        assert f"?model={model.id}" in part
        for slot in model.slots:
            assert f"<dt>{slot.label}</dt><dd>{in_words.number_of(slot).capitalize()}." in part, (model.id, slot.name)
        for param in editable_params(model):
            assert f"<dt>{param.label}</dt>" in part, (model.id, param.name)
        for rule in model.rules:
            assert rule.summary in part, (model.id, rule.code)


@pytest.mark.parametrize(
    "words",
    [
        "4 to 15 s",
        "480p, 720p, 1080p or 4k",
        "[Image1]",
        "up to 9",
        "JPEG, PNG, WebP",
        "at most 30 MB",
        "300 px to 6,000 px",
        "1.8 s to 15.4 s",
        "below 2 s and above 15 s it may be refused",
        "[Image1], [Image2], …",
        "18 credits a second",
        "15 credits a second, checked against a bill",
        "As of 2026-09",
        "at most 4000 characters",
    ],
)
def test_limits_names_and_prices_are_said_with_their_doubts_and_dates(page, words):
    assert words in page.replace("4,000", "4000")


def test_our_own_notes_are_not_quoted_at_people(page):
    assert "FACTS" not in page


def test_what_nobody_knows_is_not_made_up(page):
    _, _, sora = page.partition('id="sora-2"')
    sora, _, _ = sora.partition("</details>")
    assert "No price is known of it before its first film" in sora
    assert "Nothing is known of the files it takes beyond their kind" in sora


def test_it_asks_the_database_nothing_about_models(team, viewer, client_of):
    client = client_of(viewer)
    with CaptureQueriesContext(connection) as captured:
        client.get(HELP)
    assert len(captured) <= 10


def test_the_studio_and_the_sidebar_lead_to_it(team, viewer, client_of):
    studio = client_of(viewer).get("/dailies/generate/").content.decode()
    assert f'href="{HELP}#seedance-2"' in studio
    assert f'class="place" href="{HELP}"' in studio


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_each_value_of_each_setting_has_words(model):
    for param in editable_params(model):
        assert in_words.values_of(param)
        assert in_words.default_of(param)
        assert param.help, f"{model.id}: nothing is said of {param.name}"
