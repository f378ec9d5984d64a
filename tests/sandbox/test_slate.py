"""The words on a sandbox film are drawn in letters that its font has."""

from __future__ import annotations

import pytest
from PIL import ImageFont

from assets_app.sandbox.slate import font, spelt


def test_accents_and_dashes_are_spelt_in_plain_letters() -> None:
    assert spelt("Über der Straße – naïve Łódź") == "Uber der Strasse - naive Lodz"


@pytest.mark.parametrize("sign", "äöüÄÖÜßéèñçøåæœłşğžč–—’“”…")
def test_each_of_them_can_be_drawn(sign: str) -> None:
    face = font(30)
    assert isinstance(face, ImageFont.FreeTypeFont)
    box = bytes(face.getmask("\U000f0000"))
    assert all(bytes(face.getmask(letter)) != box for letter in spelt(sign))
