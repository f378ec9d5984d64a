"""Far too much text in any field: a clear answer, a page of a sane size, and nothing written down."""

from __future__ import annotations

import uuid

import pytest

from assets_app.models import Asset, Generation, Preset, SavedView, Tag
from tests.views.scene import PARAMS, make_asset, make_generation

pytestmark = pytest.mark.django_db
HUGE = "A lighthouse. " * 100_000  # over a million characters
LONGEST_ADDRESS = 4_000
LARGEST_PAGE = 600_000


@pytest.fixture
def edda(editor, client_of):
    return client_of(editor)


def form(**changes: str) -> dict[str, str]:
    settings = {name: "on" if value is True else str(value) for name, value in PARAMS.items() if value is not False}
    called = {"model": "seedance-2", "shown_model": "seedance-2", "prompt": "A lighthouse"}
    return {"click": str(uuid.uuid4()), **called, **settings, **changes}


@pytest.mark.parametrize(
    "name",
    [
        "prompt",
        "model",
        "shown_model",
        "duration",
        "resolution",
        "aspect_ratio",
        "seed",
        "takes",
        "click",
        "reference_image",
        "mentions",
        "from",
        "memory",
        "undo",
        "confirmed",
        "unfit",
        "kept",
        "reference",
        "url-reference_image",
        "negative_prompt",
    ],
)
@pytest.mark.parametrize("path", ["generate/", "generate/check/"])
def test_in_the_studio(edda, path, name):
    answer = edda.post(f"/dailies/{path}", form(**{name: HUGE}))
    assert answer.status_code < 500
    assert len(answer.content) < LARGEST_PAGE
    assert not Generation.objects.exclude(prompt="A lighthouse").exists()


def test_a_prompt_comes_back_as_far_as_it_can_and_the_page_says_so(edda):
    page = edda.post("/dailies/generate/", form(prompt=HUGE)).content.decode()
    assert f"A prompt of {len(HUGE):,} characters came: the first 50,000 are here." in page
    assert HUGE[:49_000] in page
    assert not Generation.objects.exists()


OF_AN_ASSET = [("edit/", "name"), ("edit/", "names"), ("edit/", "notes"), ("edit/", "rights_note")]


@pytest.mark.parametrize(("path", "name"), OF_AN_ASSET)
def test_of_an_asset(edda, team, path, name):
    asset = make_asset(team, name="Anna")
    answer = edda.post(f"/dailies/assets/{asset.pk}/{path}", {name: HUGE}, follow=True)
    assert answer.status_code < 500
    assert len(answer.content) < LARGEST_PAGE + len(HUGE)  # what somebody wrote is given back, once
    assert "is the most" in answer.content.decode() or "at most" in answer.content.decode()
    kept = Asset.objects.get()
    assert (kept.name, kept.notes, kept.rights_note) == ("Anna", "", "")
    assert not Tag.objects.filter(name__startswith="A lighthouse. A light").exists()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("videos/{film}/notes/", "notes"),
        ("generate/presets/save/", "name"),
        ("assets/views/save/", "name"),
        ("assets/views/save/", "query"),
    ],
)
def test_of_a_film_a_preset_and_a_view(edda, team, path, name):
    film = make_generation(team)
    data = form() | {"name": "Dawn", "query": "type=image", "on": "assets"} | {name: HUGE}
    answer = edda.post(f"/dailies/{path.format(film=film.pk)}", data, follow=True)
    assert answer.status_code in (200, 400, 422)
    assert all(len(address) < LONGEST_ADDRESS for address, _status in answer.redirect_chain)
    assert len(answer.content) < LARGEST_PAGE + len(HUGE)
    assert Generation.objects.get().notes == ""
    assert not Preset.objects.exists()
    assert not SavedView.objects.filter(query__contains="lighthouse").exists()


@pytest.mark.parametrize("how", ["too much text", "too many fields"])
def test_more_than_any_form_holds_is_answered_and_says_where_the_text_is(edda, settings, how):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000_000, 100
    data = form(prompt=HUGE) if how == "too much text" else form() | {f"x{number}": "1" for number in range(200)}
    answer = edda.post("/dailies/generate/", data)
    assert answer.status_code == 400
    assert "Go back: what you typed should still be there." in answer.content.decode()
