"""What is known of a video model, as plain values: parameters, media slots, limits and prices.

Everything here is immutable and knows neither Django nor where the facts came from; `catalogue.load()` builds it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Literal

ParamKind = Literal[
    "integer", "number", "boolean", "enum", "string", "uri", "uri_list", "enum_list", "object_list", "unknown"
]
MediaType = Literal["image", "video", "audio"]

Severity = Literal["refuse", "doubt", "warn"]
"""What keeps a request back; what sources disagree about, so that a person decides; what is only said."""
Number = int | float

ALWAYS_SENT = ("duration", "resolution", "aspect_ratio")
"""Left out, the provider fills these in at its own price: one user paid double (FACTS §6)."""


def a(media_type: str) -> str:
    """ "an image"."""
    return {"image": "an image", "video": "a video", "audio": "sound"}.get(media_type, media_type)


@dataclass(frozen=True, slots=True)
class Param:
    """One key of a request body and the values it takes. `choices` belong to the kinds enum and enum_list."""

    name: str
    kind: ParamKind
    required: bool = False
    minimum: Number | None = None
    maximum: Number | None = None
    choices: tuple[Any, ...] = ()
    default: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    fields: tuple[Param, ...] = ()
    """The keys of each object in an object_list; of a string, those of the objects whose list it spells as JSON."""
    label: str = ""
    help: str = ""
    unit: str = ""
    suggestions: tuple[str, ...] = ()
    """Values worth offering where a pattern is all the document gives."""
    example: str = ""
    source: str = ""
    """Where a curated override of the provider's document came from; empty when the document stands."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for media in a request. `param` is the provider's key for it."""

    name: str
    param: str
    media_type: MediaType
    label: str
    minimum: int = 0
    maximum: int = 1
    is_list: bool = False
    """True when the provider takes a list of URLs under `param`, False for a single URL."""
    role: str = ""
    """What it is for, the same word in every model: start, end, reference_image, reference_video, … ; "" if unknown."""
    help: str = ""
    mention: str = ""
    """How a prompt names what is in it, as in “[Image{n}]”, where n counts from 1 (FACTS §6)."""

    @property
    def is_numbered(self) -> bool:
        """Whether a prompt tells what is in it apart by numbers."""
        return "{n}" in self.mention

    def mention_of(self, position: int) -> str:
        """How a prompt names what is at `position`, counted from 0."""
        return self.mention.replace("{n}", str(position + 1))

    @property
    def is_reference(self) -> bool:
        """A reference guides the film; a start or end image is part of it."""
        return self.role.startswith("reference_")

    @property
    def is_frame(self) -> bool:
        """Whether what is in it begins or ends the film."""
        return self.role in ("start", "end")


@dataclass(frozen=True, slots=True)
class Ref:
    """Media in a slot of one request: `value` is an `asset://` id or a direct URL, `position` orders a slot."""

    slot: str
    position: int
    media_type: str
    value: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Outside `min`-`max` a value is refused; outside `warn_below`-`warn_above` it may be, sources disagree."""

    min: Number | None = None
    max: Number | None = None
    warn_below: Number | None = None
    warn_above: Number | None = None


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What the provider takes as media of one type. Sizes in bytes, sides in pixels, ratio is width / height."""

    media_type: MediaType
    formats: tuple[str, ...]
    content_types: tuple[str, ...]
    doubtful_content_types: tuple[str, ...] = ()
    bytes: Bounds = Bounds()
    side: Bounds = Bounds()
    ratio: Bounds = Bounds()
    pixels: Bounds = Bounds()
    fps: Bounds = Bounds()
    seconds: Bounds = Bounds()
    seconds_total: Bounds = Bounds()
    source: str = ""
    as_of: str = ""

    @property
    def max_bytes(self) -> int | None:
        return None if self.bytes.max is None else int(self.bytes.max)


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What is known of one file. None means unknown, and the unknown is never refused."""

    media_type: str | None = None
    content_type: str | None = None
    byte_size: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """A way out of a problem that one press takes. `do` is understood by whoever shows it."""

    do: str
    label: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a request or a file would be refused for, or may be. `fix` says what to do about it."""

    code: str
    field: str
    message: str
    severity: Severity = "refuse"
    fix: str = ""
    position: int | None = None
    """Which reference of the slot `field` is meant, counted from 0; None for the whole."""
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """Credits for one job. `exact` only where the figure was checked against a real bill; else say "about"."""

    credits_low: int
    credits_high: int
    exact: bool
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Credits per second of output at one resolution; `measured` when checked against the cost of a real job."""

    resolution: str
    credits: Number
    reference_video: bool = False
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Prices:
    """The price facts of one model. `lowest`-`highest` span everything it offers, per second or per clip."""

    mode: Literal["per-second", "flat"]
    lowest: Number
    highest: Number
    rates: tuple[Rate, ...]
    as_of: str
    source: str

    def of(self, duration: Number, resolution: str | None, *, has_reference_video: bool) -> Price:
        rate = self._rate(resolution, has_reference_video=has_reference_video)
        if rate is not None:
            return self._price(rate.credits * duration, rate.credits * duration, exact=rate.measured)
        seconds = duration if self.mode == "per-second" else 1
        return self._price(self.lowest * seconds, self.highest * seconds, exact=False)

    def _rate(self, resolution: str | None, *, has_reference_video: bool) -> Rate | None:
        return next(
            (r for r in self.rates if (r.resolution, r.reference_video) == (resolution, has_reference_video)), None
        )

    def _price(self, low: Number, high: Number, *, exact: bool) -> Price:
        return Price(_whole(low), _whole(high), exact=exact, as_of=self.as_of, source=self.source)


def whole_seconds(value: Any) -> int | None:
    """A length, rounded up; None for what is none: "auto", -1, nothing."""
    try:
        number = math.ceil(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0 < number < 2**15 else None


def _whole(amount: Number) -> int:
    """Rounded up, because the balance must suffice; first freed of what binary fractions add (1.1 × 10 is 11)."""
    return math.ceil(round(amount, 6))


@dataclass(frozen=True, slots=True)
class Rule:
    """A cross-field rule of one model: `code` names the predicate in `checks`, the words are data."""

    code: str
    field: str
    severity: Severity
    summary: str
    """The rule itself, for a page of limits; `message` is said of a request that breaks it."""
    message: str
    fix: str
    source: str
    options: Mapping[str, Any] = made(default_factory=dict)
    fixes: tuple[Fix, ...] = ()
    """Their words may name what the message names."""


@dataclass(frozen=True, slots=True)
class Model:
    """One video model. `fields` are the keys beside `model` at the top of a body, `params` those of `params_key`."""

    id: str
    label: str
    params_key: str | None
    fields: Mapping[str, Param]
    params: Mapping[str, Param]
    required: tuple[str, ...]
    slots: tuple[Slot, ...] = ()
    rules: tuple[Rule, ...] = ()
    prices: Prices | None = None
    media_limits: Mapping[str, MediaLimits] = made(default_factory=dict)
    group: str = ""
    """The makers' family under which a list shows it."""

    @property
    def needs_prompt(self) -> bool:
        prompt = self.fields.get("prompt")
        return prompt is not None and (prompt.required or bool(prompt.min_length))

    @property
    def prompt_max(self) -> int | None:
        """Longest prompt in characters; None when the provider names no limit."""
        prompt = self.fields.get("prompt")
        return None if prompt is None else prompt.max_length

    @property
    def longest_film(self) -> int | None:
        """Seconds; None where the request does not settle the length."""
        duration = self.params.get("duration")
        if duration is None:
            return None
        choices = [seconds for choice in duration.choices if (seconds := whole_seconds(choice))]
        return max(choices, default=whole_seconds(duration.maximum))

    def slot(self, name: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.name == name), None)

    def slot_for(self, role: str) -> Slot | None:
        """Its place for media of this role."""
        return next((slot for slot in self.slots if slot.role == role), None)

    def has_rule(self, code: str) -> bool:
        return any(rule.code == code for rule in self.rules)

    def takes_only(self, media_type: str) -> str:
        """What it takes of this type, as the end of a sentence: "takes an image only as Image or Last frame", "takes no
        video".
        """
        labels = [slot.label for slot in self.slots if slot.media_type == media_type]
        return f"takes {a(media_type)} only as {' or '.join(labels)}" if labels else f"takes no {media_type}"

    def price(self, duration: Number, resolution: str | None, has_reference_video: bool = False) -> Price | None:
        """What a job of `duration` seconds costs, or None when nothing is known of this model's prices."""
        if self.prices is None:
            return None
        return self.prices.of(duration, resolution, has_reference_video=has_reference_video)

    def references_in(self, params: Mapping[str, Any]) -> list[Ref]:
        """The media of a request's parameter block, slot by slot, in the order the model will number them."""
        refs = []
        for slot in self.slots:
            given = params.get(slot.param)
            values = given if slot.is_list and isinstance(given, list) else [given]
            refs += [Ref(slot.name, n, slot.media_type, v) for n, v in enumerate(values) if isinstance(v, str) and v]
        return refs
