"""What part of a file to keep, as a person chooses it: a frame in the picture, a start and an end, or both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict

from assets_app.apiframe import catalogue
from assets_app.apiframe.model_facts import Bounds, MediaFacts, MediaLimits, Model, Problem
from assets_app.cuts import (
    SHORTEST_SECONDS,
    Box,
    Cut,
    box_of_shape,
    crop_to_ratio,
    facts_after,
    trim_to_seconds,
)
from assets_app.models.cutting import LONGEST_NAME, name_of_cut

FREE = "free"
BOX = ("left", "top", "width", "height")
TIMES = ("start", "end")
CLOSE = 0.011  # seconds: times are shown in hundredths


@dataclass(frozen=True)
class Fit:
    """What the part has to fit: `limits` of one model, or of the widest of all; `shapes` as in "16:9" are offered."""

    who: str
    limits: MediaLimits | None
    shapes: tuple[str, ...]

    @classmethod
    def of(cls, media_type: str, model_id: str = "", most_seconds: float | None = None) -> Fit:
        """`most_seconds` is for one that has to leave room for others."""
        known = catalogue.load()
        model: Model | None = known.models.get(model_id)
        limits = (model.media_limits if model else known.asset_limits).get(media_type)
        if limits and most_seconds is not None:
            limits = replace(limits, seconds=replace(limits.seconds, max=most_seconds, warn_above=None))
        return cls(model.label if model else "the provider", limits, _shapes_of(model or known.video_models[0], limits))

    def suggestion(self, facts: MediaFacts) -> Cut:
        """The middle, or the beginning, of what is too much; what fits is kept whole."""
        cropped = crop_to_ratio(facts, self.limits.ratio) if self.limits else None
        trimmed = trim_to_seconds(facts, undisputed(self.limits.seconds)) if self.limits and facts.seconds else None
        return Cut(box=cropped.box if cropped else None, seconds=trimmed.seconds if trimmed else None)


def undisputed(bounds: Bounds) -> float:
    """The upper end that no source disputes; infinite where there is none."""
    return min((each for each in (bounds.max, bounds.warn_above) if each is not None), default=math.inf)


def _shapes_of(model: Model, limits: MediaLimits | None) -> tuple[str, ...]:
    param = model.params.get("aspect_ratio")
    offered = (param.choices or param.suggestions) if param else ()
    bounds = limits.ratio if limits else Bounds()
    low, high = bounds.min or 0, bounds.max or math.inf
    return tuple(shape for shape in map(str, offered) if (ratio := ratio_of(shape)) and low <= ratio <= high)


def ratio_of(shape: str) -> float | None:
    """1.777… for "16:9"; None for "free", "adaptive" and nonsense."""
    wide, _, high = shape.partition(":")
    if not (wide.isdecimal() and high.isdecimal() and 0 < len(wide) < 4 and len(high) < 4 and int(high)):
        return None
    return int(wide) / int(high) or None


def _pixels(least: int) -> forms.IntegerField:
    messages = {"required": "How many pixels?", "invalid": "Give a whole number of pixels."}
    return forms.IntegerField(
        min_value=least,
        error_messages=messages | {"min_value": "The frame needs at least %(limit_value)s pixels." if least else ""},
    )


def _seconds() -> forms.FloatField:
    return forms.FloatField(
        min_value=0,
        error_messages={
            "required": "Which second?",
            "invalid": "Give seconds as a number, as in 3.5.",
            "min_value": "It begins at 0.",
        },
    )


class CutForm(forms.Form):
    """Bound from the start: what it comes to is said while it is being chosen."""

    name = forms.CharField(required=False, max_length=LONGEST_NAME, label="Name")
    left, top, width, height = _pixels(0), _pixels(0), _pixels(2), _pixels(2)
    start, end = _seconds(), _seconds()
    anyway = forms.BooleanField(required=False, label="Cut it all the same")

    def __init__(self, whole: MediaFacts, fit: Fit, data: QueryDict | Mapping[str, Any]) -> None:
        super().__init__(data, prefix="cut", auto_id="%s")
        self.whole, self.fit = whole, fit
        self.problems: list[Problem] = []
        for name in self.fields.keys() - {"name", "anyway"}:
            if name not in self.measured:
                del self.fields[name]
        for name in ("left", "top"):
            if name in self.fields:
                self.fields[name].error_messages["min_value"] = "The frame has to begin inside the picture: 0 or more."
        self._dress()

    @classmethod
    def suggested(cls, whole: MediaFacts, fit: Fit) -> CutForm:
        """As the page first shows it."""
        cut = fit.suggestion(whole)
        left, top, width, height = cut.box or (0, 0, whole.width or 0, whole.height or 0)
        values: dict[str, float] = {"left": left, "top": top, "width": width, "height": height, "start": 0}
        values |= {"end": cut.seconds if cut.seconds is not None else _floor(whole.seconds or 0)}
        return cls(whole, fit, {f"cut-{name}": f"{value:g}" for name, value in values.items()})

    @property
    def measured(self) -> tuple[str, ...]:
        """The fields of what may be chosen in such a file."""
        has_picture = self.whole.media_type != "audio" and self.whole.width and self.whole.height
        return (*(BOX if has_picture else ()), *(TIMES if self.has_time else ()))

    @property
    def has_frame(self) -> bool:
        return "width" in self.fields

    @property
    def has_time(self) -> bool:
        return self.whole.media_type != "image" and bool(self.whole.seconds)

    def _dress(self) -> None:
        for name, field in self.fields.items():
            attrs: dict[str, Any] = {"autocomplete": "off"}
            if name != "anyway":
                attrs["class"] = "input"
            if name in BOX:
                side = self.whole.width if name in ("left", "width") else self.whole.height
                attrs |= {"inputmode": "numeric", "max": side, "data-box": name}
            if name in TIMES:
                attrs |= {"inputmode": "decimal", "step": "0.01", "max": _floor(self.whole.seconds or 0)}
                attrs["data-time"] = name
            field.widget.attrs |= attrs

    def shaped(self, shape: str) -> CutForm:
        """The same with the largest frame of that shape, around the middle of the one there is."""
        ratio = ratio_of(shape)
        data: dict[str, Any] = self.data.dict() if isinstance(self.data, QueryDict) else dict(self.data)
        if ratio and self.has_frame and self.whole.width and self.whole.height:
            box = box_of_shape(self.whole.width, self.whole.height, ratio, around=self._box())
            for name, value in zip(BOX, box, strict=True):
                data[f"cut-{name}"] = str(value)
        return CutForm(self.whole, self.fit, data)

    # --- what is wrong with it ---------------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_frame()
        self._check_times()
        if self.errors:
            return cleaned
        if self.cut == Cut():
            raise forms.ValidationError(self._whole_words, code="whole")
        if self.fit.limits:
            after = facts_after(self.whole, self.cut)
            self.problems = catalogue.check_media(after, self.fit.limits)
        refused = [each.message for each in self.problems if each.severity == "refuse"]
        if refused and not cleaned.get("anyway"):
            raise forms.ValidationError(refused, code="refused")
        return cleaned

    @property
    def _whole_words(self) -> str:
        ways = ["a smaller frame"] if self.has_frame else []
        ways += ["a later start or an earlier end"] if self.has_time else []
        return f"This is the whole of it: nothing would be cut away. Choose {' or '.join(ways)}."

    def _check_frame(self) -> None:
        for begin, side, whole, word in (
            ("left", "width", self.whole.width, "wide"),
            ("top", "height", self.whole.height, "high"),
        ):
            at, length = self.cleaned_data.get(begin), self.cleaned_data.get(side)
            if at is None or length is None or whole is None:
                continue
            if at > whole - 2:
                self.add_error(begin, f"The picture is only {whole} pixels {word}. Begin at {whole - 2} or less.")
            elif at + length > whole:
                self.add_error(
                    side, f"From {at} on there are only {whole - at} pixels left. Make it at most {whole - at} {word}."
                )

    def _check_times(self) -> None:
        start, end = (self.cleaned_data.get(name) for name in TIMES)
        if start is None or end is None or self.whole.seconds is None:
            return
        if end > self.whole.seconds + CLOSE:
            self.add_error("end", f"It is only {_floor(self.whole.seconds):g} s long. End there, or before.")
        elif end <= start:
            self.add_error("end", f"The end has to come after the start, which is at {start:g} s.")
        elif end - start < SHORTEST_SECONDS - 1e-6:
            self.add_error("end", f"Keep at least {SHORTEST_SECONDS:g} s.")

    @property
    def is_whole(self) -> bool:
        """Whether all that is wrong with it is that nothing has been chosen."""
        return self.has_error("__all__", "whole")

    @property
    def is_refused(self) -> bool:
        """Whether the provider would refuse what comes of it, so that it takes a word more to cut it."""
        return any(each.severity == "refuse" for each in self.problems)

    # --- what it comes to --------------------------------------------------------------------------------------------
    @property
    def cut(self) -> Cut:
        """What to keep; of a picture or a time that is kept whole, nothing is said."""
        start, seconds = self._times()
        box = self._box()
        if box is not None and self.whole.media_type == "video":
            box = (*box[:2], box[2] - box[2] % 2, box[3] - box[3] % 2)
        is_all = box is None or (box[:2] == (0, 0) and self._is_all(box))
        return Cut(box=None if is_all else box, seconds=seconds, start=start)

    def _is_all(self, box: Box) -> bool:
        odd = 1 if self.whole.media_type == "video" else 0
        return box[2] >= (self.whole.width or 0) - odd and box[3] >= (self.whole.height or 0) - odd

    def _box(self) -> Box | None:
        left, top, width, height = (self._chosen(name) for name in BOX)
        if left is None or top is None or width is None or height is None:
            return None
        return left, top, width, height

    def _times(self) -> tuple[float, float | None]:
        start, end = (self._chosen(name) for name in TIMES)
        if start is None or end is None:
            return 0.0, None
        start = 0.0 if start < CLOSE / 2 else round(start, 2)
        is_all = not start and end >= (self.whole.seconds or 0) - CLOSE
        return start, None if is_all else round(end - start, 3)

    def _chosen(self, name: str) -> Any:
        self.errors  # noqa: B018 (Django cleans a form on the first look at its errors)
        return self.cleaned_data.get(name)

    @property
    def words(self) -> str:
        """ "720 × 720, 5 s": what comes of it; "" while that cannot be told."""
        if any(name in self.errors for name in self.measured):
            return ""
        after = facts_after(self.whole, self.cut)
        said = [f"{after.width} × {after.height}"] if self.has_frame else []
        return ", ".join([*said, *([f"{after.seconds:g} s"] if self.has_time and after.seconds else [])])

    def name_for(self, whole_name: str) -> str:
        return " ".join((self._chosen("name") or "").split()) or name_of_cut(whole_name, self.cut)


def _floor(seconds: float) -> float:
    """In hundredths, and never beyond the end."""
    return math.floor(seconds * 100 + 1e-6) / 100
