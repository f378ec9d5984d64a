from __future__ import annotations

import io
from pathlib import Path

import pytest
import requests
from PIL import Image

from assets_app.apiframe import catalogue
from assets_app.sandbox import sample_files, samples
from assets_app.sandbox.probing import inspect
from assets_app.sandbox.server import SandboxServer
from tests.sandbox.conftest import PATIENCE, Caller


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> sample_files.Samples:
    return sample_files.Samples(tmp_path_factory.mktemp("samples"))


def test_there_are_three_pictures_a_video_a_sound_and_one_that_is_broken() -> None:
    offered = samples.urls("http://127.0.0.1:8001/")
    assert [item["type"] for item in offered if not item["broken"]] == ["image"] * 3 + ["video", "audio"]
    assert [item["url"] for item in offered if item["broken"]] == ["http://127.0.0.1:8001/samples/broken.png"]


@pytest.mark.parametrize("name", [name for name, sample in samples.SAMPLES.items() if not sample.is_broken])
def test_each_good_sample_is_within_every_limit_without_a_warning(made: sample_files.Samples, name: str) -> None:
    path, content_type = made.path(name)
    facts = inspect(path)
    assert facts is not None
    assert (facts.media_type, facts.content_type) == (samples.SAMPLES[name].media_type, content_type)
    for model in catalogue.load().family("seedance-2"):
        assert catalogue.check_media(facts, model.media_limits[samples.SAMPLES[name].media_type]) == []


def test_a_sample_is_made_once(made: sample_files.Samples) -> None:
    path, _ = made.path("lantern.jpg")
    before = path.stat().st_mtime_ns
    assert made.path("lantern.jpg")[0].stat().st_mtime_ns == before


def test_the_sandbox_can_fetch_its_own_samples(sandbox: SandboxServer, caller: Caller) -> None:
    offered = {
        item["name"]: item for item in requests.get(f"{sandbox.base_url}/samples/", timeout=PATIENCE).json()["samples"]
    }
    content = requests.get(offered["harbour.jpg"]["url"], timeout=PATIENCE).content
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (1600, 900)
    assert caller.active_asset(offered["harbour.jpg"]["url"])
    assert (
        caller.refusal_of(offered["broken.png"]["url"])
        == "InvalidParameter: the parameter image format unknown is not valid"
    )


def test_nothing_half_made_is_left(made: sample_files.Samples, tmp_path: Path) -> None:
    made.path("broken.png")
    directory = made.path("broken.png")[0].parent
    assert not [path.name for path in directory.iterdir() if path.name.startswith(".")]


def test_there_is_a_maker_for_each_sample_offered() -> None:
    assert set(sample_files.MAKERS) == set(samples.SAMPLES)
