"""The sandbox fetches what anybody names, and outlives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets_app.decoding import DecoderDied
from assets_app.sandbox import decoders
from assets_app.sandbox.fetching import Library, MediaRefused
from tests.media import samples


def test_a_file_that_ends_its_decoder_cannot_be_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise DecoderDied("It crashes the decoder.")

    monkeypatch.setattr(decoders._decoders, "run", die)
    film = samples.picture(tmp_path / "a.png", "PNG")
    with pytest.raises(MediaRefused, match="cannot be decoded"):
        Library(tmp_path / "library")._keep(film, "ab" * 32, "image")
    assert decoders.first_picture(film) is None


def test_the_first_picture_of_a_file_is_drawn_by_a_child(tmp_path: Path) -> None:
    picture = decoders.first_picture(samples.picture(tmp_path / "a.png", "PNG", size=(2000, 100), fill=(200, 40, 40)))
    assert picture is not None
    assert (picture.size, picture.getpixel((5, 5))) == ((1280, 64), (200, 40, 40))
    assert decoders.first_picture(tmp_path / "nowhere.png") is None
    facts = decoders.inspect(samples.film(tmp_path / "a.mp4", seconds=0.2))
    assert facts is not None
    assert (facts.media_type, facts.width) == ("video", 320)
