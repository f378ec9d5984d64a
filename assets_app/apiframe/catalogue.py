"""What the provider's video models accept, as data: read from catalogue.json, which lies beside this file.

The file has two halves. "generated" comes from the provider's OpenAPI document (`manage.py sync_catalogue`);
"curated" is kept by hand: labels, defaults, slots, media limits, rules, prices, and overrides where the document is
known to be out of date. The curated half wins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args

from assets_app.apiframe import validation
from assets_app.apiframe.checks import RULE_CODES, check_media, check_request, check_totals
from assets_app.apiframe.model_facts import (
    Bounds,
    Fix,
    MediaFacts,
    MediaLimits,
    MediaType,
    Model,
    Param,
    Price,
    Prices,
    Problem,
    Rate,
    Ref,
    Rule,
    Slot,
)

__all__ = [
    "CATALOGUE_FILE",
    "Bounds",
    "Catalogue",
    "Fix",
    "MediaFacts",
    "MediaLimits",
    "Model",
    "Param",
    "Price",
    "Prices",
    "Problem",
    "Ref",
    "Slot",
    "UnknownModel",
    "build",
    "check_media",
    "check_request",
    "check_totals",
    "load",
    "validate_body",
]

CATALOGUE_FILE = Path(__file__).with_name("catalogue.json")

OTHERS = "Other models"
FAMILIAR = 3
"""So many first letters alike make an id another version of a model, rather than another model."""

Json = Mapping[str, Any]


class UnknownModel(KeyError):
    """No video model of this id is in the catalogue."""

    def __init__(self, model_id: str) -> None:
        super().__init__(model_id)
        self.model_id = model_id

    def __str__(self) -> str:
        return f"No video model is called “{self.model_id}”."


@dataclass(frozen=True)
class Catalogue:
    """Every video model, by id, in the order people should see them."""

    models: Mapping[str, Model]
    families: Mapping[str, tuple[str, ...]]
    asset_limits: Mapping[str, MediaLimits]
    """The widest limits of any model, by media type: what a new asset is held to before its use is known."""

    document: str
    """Which document of the provider it was made from: title and version."""
    known_slots: Mapping[str, Slot]
    """Every place for media that any model has, by name: also one that the model at hand does not have."""

    @cached_property
    def video_models(self) -> list[Model]:
        return list(self.models.values())

    @cached_property
    def longest_film(self) -> int:
        """Seconds: what the model that makes the longest films makes at the most."""
        return max((seconds for model in self.video_models if (seconds := model.longest_film)), default=1)

    @cached_property
    def groups(self) -> list[tuple[str, list[Model]]]:
        """All models by the makers' families, in the order people should see them."""
        found: dict[str, list[Model]] = {}
        for model in self.video_models:
            found.setdefault(model.group, []).append(model)
        return list(found.items())

    def get(self, model_id: str) -> Model:
        """The model of this id. Raises UnknownModel."""
        try:
            return self.models[model_id]
        except (KeyError, TypeError):
            raise UnknownModel(model_id) from None

    def described(self, model_id: str) -> Model:
        """The model of this id; for one that is not offered (any more) a model of that name which takes nothing, so
        that what was once made with it can still be shown.
        """
        return self.models.get(model_id) or Model(model_id, model_id, None, {}, {}, ())

    def slot_called(self, name: str, model: Model) -> Slot:
        """The place of this name of `model`, or else of any model; one that nobody has (any more) has only its name."""
        return (
            model.slot(name)
            or self.known_slots.get(name)
            or Slot(name, "", "image", name.replace("_", " ").capitalize())
        )

    def nearest(self, model_id: str) -> Model:
        """The model of this id, or the offered one whose id is most like it; the most usual one when none is."""
        if model_id in self.models:
            return self.models[model_id]
        begins_alike = {
            each: len(list(takewhile(lambda pair: pair[0] == pair[1], zip(each, model_id, strict=False))))
            for each in self.models
        }
        most = max(begins_alike.values())
        alike = [each for each, length in begins_alike.items() if length == most >= FAMILIAR]
        found = get_close_matches(model_id, alike, n=1, cutoff=0) or list(self.models)
        return self.models[found[0]]

    def family(self, name: str) -> list[Model]:
        """The models of a family, the most usual first. Raises UnknownModel for a family nobody knows."""
        if name not in self.families:
            raise UnknownModel(name)
        return [self.models[model_id] for model_id in self.families[name] if model_id in self.models]


@cache
def load() -> Catalogue:
    """The committed catalogue; read once per process."""
    return build(json.loads(CATALOGUE_FILE.read_text(encoding="utf-8")))


def label_of(model_id: str) -> str:
    """What people call a model; its id when it has left the catalogue."""
    try:
        return load().get(model_id).label
    except UnknownModel:
        return model_id


def validate_body(body: object) -> dict[str, list[str]]:
    """What a strict provider would refuse in a whole POST /v2/videos/generate body, keyed by path.

    The paths are those of the provider's own 400 answer, such as "seedanceParams.duration" (FACTS §4). Empty when the
    body is valid.
    """
    return validation.errors_in_body(body, load().models)


def build(document: Json) -> Catalogue:
    """A catalogue from the two halves of catalogue.json. Raises KeyError, TypeError or ValueError for a broken one."""
    curated, generated = document["curated"], document["generated"]["models"]
    reader = _Reader(curated)
    known = [model_id for model_id in curated["labels"] if model_id in generated]
    new = [model_id for model_id in generated if model_id not in curated["labels"]]
    models = {model_id: reader.model(model_id, generated[model_id]) for model_id in known + new}
    return Catalogue(
        models=models,
        document=" ".join(str(document["generated"].get(key, "")) for key in ("title", "version")).strip(),
        known_slots={slot.name: slot for model in models.values() for slot in model.slots},
        families={name: tuple(ids) for name, ids in curated["families"].items()},
        asset_limits=reader.media_limits(curated["asset_limits"]),
    )


class _Reader:
    """Lays the curated half over the generated one."""

    def __init__(self, curated: Json) -> None:
        self.curated = curated

    def model(self, model_id: str, generated: Json) -> Model:
        params = {name: self.param(model_id, name, facts) for name, facts in generated["params"].items()}
        slots = tuple(self.slots(params))
        return Model(
            id=model_id,
            label=self.curated["labels"].get(model_id, model_id),
            params_key=generated["params_key"],
            fields={name: self.param(model_id, name, facts) for name, facts in generated["fields"].items()},
            params=params,
            required=tuple(generated["required"]),
            slots=slots,
            rules=tuple(self.rules(model_id, slots)),
            prices=self.prices(model_id),
            media_limits=self.media_limits(self.curated["media_limits_of"].get(model_id)),
            group=next((name for name, ids in self.curated["groups"].items() if model_id in ids), OTHERS),
        )

    def param(self, model_id: str, name: str, generated: Json) -> Param:
        param = _param(name, generated)
        for override in self.curated["overrides"]:
            if (override["model"], override["param"]) == (model_id, name):
                param = replace(param, source=override["source"], **_tuples(override["set"]))
        return self.with_words(replace(param, default=self.default(model_id, param)))

    def with_words(self, param: Param) -> Param:
        words = self.curated["params"].get(param.name, {})
        return replace(
            param,
            label=words.get("label") or param.name.replace("_", " ").capitalize(),
            help=words.get("help", ""),
            unit=words.get("unit", ""),
            suggestions=tuple(words.get("suggestions", ())) if param.pattern else (),
            example=words.get("example", "") if param.kind == "string" else "",
            fields=tuple(self.with_words(each) for each in param.fields),
        )

    def default(self, model_id: str, param: Param) -> Any:
        """The first of the curated candidates that this model accepts."""
        families = [name for name, ids in self.curated["families"].items() if model_id in ids]
        for group in (*families, "any"):
            for candidate in self.curated["defaults"].get(group, {}).get(param.name, ()):
                if not list(validation.errors_in_value(param, candidate)):
                    return candidate
        return None

    def slots(self, params: Mapping[str, Param]) -> Iterator[Slot]:
        """Every URL a model takes is a slot, in curated order; one nobody has curated yet is named by its own key."""
        order = list(self.curated["slots"])
        uris = [param for param in params.values() if param.kind in {"uri", "uri_list"}]
        for param in sorted(uris, key=lambda p: order.index(p.name) if p.name in order else len(order)):
            words = self.curated["slots"].get(param.name, {})
            is_list = param.kind == "uri_list"
            yield Slot(
                name=words.get("name", param.name),
                param=param.name,
                media_type=words.get("media_type") or _media_type_in(param.name),
                label=words.get("label", param.label),
                minimum=max(param.min_items or 0, int(param.required)),
                maximum=(param.max_items or _NO_MAXIMUM) if is_list else 1,
                is_list=is_list,
                mention=words.get("mention") or _mention(param),
                role=words.get("role", ""),
                help=words.get("help", ""),
            )

    def rules(self, model_id: str, slots: Sequence[Slot]) -> Iterator[Rule]:
        """A rule's `field` may be a role: each model calls its place for that by a name of its own."""
        name_of = {slot.role: slot.name for slot in slots}
        for code, facts in self.curated["rules"].items():
            if code not in RULE_CODES:
                raise ValueError(f"the catalogue names a rule nobody can check: {code}")
            if model_id in facts["models"]:
                about = {key: value for key, value in facts.items() if key != "models"}
                about["field"] = name_of.get(about["field"], about["field"])
                yield Rule(code=code, **{**about, "fixes": tuple(Fix(**fix) for fix in about.get("fixes", ()))})

    def prices(self, model_id: str) -> Prices | None:
        facts = self.curated["prices"].get(model_id)
        if facts is None:
            return None
        return Prices(**{**facts, "rates": tuple(Rate(**rate) for rate in facts["rates"])})

    def media_limits(self, name: str | None) -> dict[str, MediaLimits]:
        limits = self.curated["media_limits"].get(name, {})
        return {media_type: _media_limits(media_type, facts) for media_type, facts in limits.items()}


_NO_MAXIMUM = 100
"""For a list of URLs to which the provider's document sets no end."""


def _param(name: str, facts: Json) -> Param:
    return Param(name=name, **_tuples(facts))


def _tuples(facts: Json) -> dict[str, Any]:
    read = dict(facts)
    if "choices" in read:
        read["choices"] = tuple(read["choices"])
    if "fields" in read:
        read["fields"] = tuple(_param(name, each) for name, each in read["fields"].items())
    return read


def _media_limits(media_type: Any, facts: Json) -> MediaLimits:
    read: dict[str, Any] = {
        key: Bounds(**value) if isinstance(value, dict) else tuple(value) if isinstance(value, list) else value
        for key, value in facts.items()
    }
    return MediaLimits(media_type=media_type, **read)


def _mention(param: Param) -> str:
    """How a prompt names what is in a slot that nobody has curated yet."""
    return (
        f"[{_media_type_in(param.name).capitalize()}{{n}}]"
        if param.kind == "uri_list"
        else f"the {param.label.lower()}"
    )


def _media_type_in(name: str) -> MediaType:
    return next((each for each in get_args(MediaType) if each in name), "image")
