"""What to keep of a picture, video or sound: a box of it, a length, or both. Pure; `media.cutting` cuts the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from assets_app.apiframe.model_facts import Bounds, MediaFacts

Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of a picture as it is shown."""

SHORTEST_SECONDS = 0.5
PHOTOS = frozenset({"image/jpeg", "image/heic", "image/heif"})
"""What a part of is a JPEG; a part of any other picture is a PNG."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What to keep: a `box` of the picture, so many `seconds` from `start` on, or both."""

    box: Box | None = None
    seconds: float | None = None
    start: float = 0.0

    @property
    def end(self) -> float | None:
        """The moment in the whole file at which it stops; None for its end."""
        return None if self.seconds is None else round(self.start + self.seconds, 3)

    @property
    def as_json(self) -> dict[str, Any]:
        box = {"box": list(self.box)} if self.box else {}
        start = {"start": self.start} if self.start else {}
        return box | start | ({"seconds": self.seconds} if self.seconds is not None else {})

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        left, top, width, height = stored.get("box") or (0, 0, 0, 0)
        box = (left, top, width, height) if width else None
        return cls(box=box, seconds=stored.get("seconds"), start=stored.get("start", 0.0))

    @property
    def words(self) -> str:
        """ "720 × 720", "the first 15 s", "3.2 to 8 s": what is kept."""
        said = []
        if self.box:
            said.append(f"{self.box[2]} × {self.box[3]}")
        if self.seconds is not None:
            said.append(f"{self.start:g} to {self.end:g} s" if self.start else f"the first {self.seconds:g} s")
        return ", ".join(said)


def crop_to_ratio(facts: MediaFacts, ratio: Bounds) -> Cut | None:
    """The largest middle part whose width / height lies within `ratio`; None when there is nothing to crop. Sides are
    even, as video wants them.
    """
    width, height = facts.width, facts.height
    if not width or not height:
        return None
    new_width, new_height = width, height
    if ratio.max is not None and width / height > ratio.max:
        new_width = int(height * ratio.max)
    elif ratio.min is not None and width / height < ratio.min:
        new_height = int(width / ratio.min)
    else:
        return None
    new_width, new_height = _even(new_width), _even(new_height)
    # An odd side loses its last row, which must not push the shape out of bounds again.
    if ratio.max is not None and new_width / new_height > ratio.max:
        new_width -= 2
    if ratio.min is not None and new_width / new_height < ratio.min:
        new_height -= 2
    if min(new_width, new_height) < 2:
        return None
    return Cut(box=((width - new_width) // 2, (height - new_height) // 2, new_width, new_height))


def box_of_shape(width: int, height: int, ratio: float, *, around: Box | None = None) -> Box:
    """The largest box of that width / height in a picture, its middle as near to that of `around` as can be. Sides are
    even.
    """
    new_width, new_height = min(width, round(height * ratio)), min(height, round(width / ratio))
    new_width, new_height = max(2, _even(new_width)), max(2, _even(new_height))
    left, top, old_width, old_height = around or (0, 0, width, height)
    middle = (left + old_width / 2, top + old_height / 2)
    new_left = min(max(0, round(middle[0] - new_width / 2)), width - new_width)
    new_top = min(max(0, round(middle[1] - new_height / 2)), height - new_height)
    return new_left, new_top, new_width, new_height


def facts_after(facts: MediaFacts, cut: Cut) -> MediaFacts:
    """What is known of the part before it is cut; how many bytes it takes is not."""
    width, height = cut.box[2:] if cut.box else (facts.width, facts.height)
    seconds = facts.seconds if cut.seconds is None else cut.seconds
    made = {
        "image": "image/jpeg" if facts.content_type in PHOTOS else "image/png",
        "video": "video/mp4",
        "audio": "audio/wav" if (facts.content_type or "").endswith("/wav") else "audio/mpeg",
    }.get(facts.media_type or "")
    return replace(facts, content_type=made, byte_size=None, width=width, height=height, seconds=seconds)


def trim_to_seconds(facts: MediaFacts, most: float) -> Cut | None:
    """Its beginning, `most` seconds long; None when it is no longer than that, or that is next to nothing."""
    if facts.seconds is None or facts.seconds <= most or most < SHORTEST_SECONDS:
        return None
    return Cut(seconds=round(most, 2))


def _even(side: int) -> int:
    return side - side % 2
