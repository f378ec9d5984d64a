from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import UnknownModel, build, load, validate_body
from assets_app.apiframe.checks import RULE_CODES
from assets_app.apiframe.model_facts import ALWAYS_SENT, Model, Param
from assets_app.apiframe.validation import errors_in_value
from tests.apiframe.document import needs_document, video_schemas

CATALOGUE = load()
OVERRIDDEN = {"seedance-2.5"}


def raw() -> dict[str, Any]:
    return json.loads(catalogue.CATALOGUE_FILE.read_text(encoding="utf-8"))


def body(model: str = "seedance-2", **params: Any) -> dict[str, Any]:
    return {"model": model, "prompt": "A fox runs.", "seedanceParams": params}


# ---- what is in it


@needs_document
def test_every_video_model_of_the_document_is_present_with_its_very_parameters() -> None:
    assert set(CATALOGUE.models) == set(video_schemas())
    for model_id, schema in video_schemas().items():
        model = CATALOGUE.get(model_id)
        block = schema["properties"].get(model.params_key, {"properties": {}})
        assert set(model.params) == set(block["properties"]), model_id
        assert set(model.required) == set(schema["required"]), model_id


def test_no_parameter_of_any_model_is_of_a_shape_nobody_understands() -> None:
    kinds = {param.kind for model in CATALOGUE.video_models for param in model.params.values()}
    assert "unknown" not in kinds


def test_the_seedance_family_comes_in_its_order_and_first_of_all() -> None:
    family = ["seedance-2", "seedance-2-fast", "seedance-2-mini", "seedance-2.5"]
    assert [model.id for model in CATALOGUE.family("seedance-2")] == family
    assert [model.id for model in CATALOGUE.video_models][:4] == family


@pytest.mark.parametrize("name", ["seedance-9", "", None, ["seedance-2"]])
def test_a_model_nobody_knows_is_a_key_error_with_a_plain_sentence(name: Any) -> None:
    with pytest.raises(UnknownModel, match="No video model") as caught:
        CATALOGUE.get(name)
    assert isinstance(caught.value, KeyError)


def test_a_family_nobody_knows_is_unknown_too() -> None:
    with pytest.raises(UnknownModel):
        CATALOGUE.family("nobodys")


@pytest.mark.parametrize(
    ("model_id", "duration", "resolutions", "images", "videos", "audio"),
    [
        ("seedance-2", (4, 15), ("480p", "720p", "1080p", "4k"), 9, 3, 3),
        ("seedance-2-fast", (4, 15), ("480p", "720p"), 9, 3, 3),
        ("seedance-2-mini", (4, 15), ("480p", "720p"), 9, 3, 3),
        ("seedance-2.5", (4, 30), ("480p", "720p"), 30, 10, 10),
    ],
)
def test_the_seedance_family_has_the_limits_of_the_facts(
    model_id: str, duration: tuple[int, int], resolutions: tuple[str, ...], images: int, videos: int, audio: int
) -> None:
    model = CATALOGUE.get(model_id)
    assert (model.params["duration"].minimum, model.params["duration"].maximum) == duration
    assert model.params["resolution"].choices == resolutions
    assert model.params["aspect_ratio"].choices == ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16", "adaptive")
    assert {slot.name: slot.maximum for slot in model.slots} == {
        "reference_image": images,
        "reference_video": videos,
        "reference_audio": audio,
        "start_image": 1,
        "end_image": 1,
    }
    assert model.prompt_max == 4000
    assert [model.params[name].default for name in ALWAYS_SENT] == [8, "720p", "16:9"]
    assert model.params["generate_audio"].default is True
    assert model.params["camera_fixed"].default is False


def test_every_override_says_where_it_comes_from_and_wins() -> None:
    for override in raw()["curated"]["overrides"]:
        assert override["source"]
        assert re.fullmatch(r"\d{4}-\d{2}", override["as_of"])
        param = CATALOGUE.get(override["model"]).params[override["param"]]
        assert param.source == override["source"]
        for key, value in override["set"].items():
            found = getattr(param, key)
            if key == "fields":
                assert {each.name: each.maximum for each in found} == {n: f.get("maximum") for n, f in value.items()}
                continue
            assert (list(found) if isinstance(found, tuple) else found) == value


def test_every_url_a_model_takes_is_a_slot_with_a_name_of_its_own() -> None:
    for model in CATALOGUE.video_models:
        urls = {param.name for param in model.params.values() if param.kind in {"uri", "uri_list"}}
        assert {slot.param for slot in model.slots} == urls, model.id
        assert len({slot.name for slot in model.slots}) == len(model.slots), model.id
        assert all(name in raw()["curated"]["slots"] for name in urls), model.id


def test_a_model_that_cannot_do_without_media_says_so() -> None:
    needed = {slot.name: slot.minimum for slot in CATALOGUE.get("kling-3.0-motion-control").slots}
    assert needed == {"image": 1, "video": 1}
    assert [slot.minimum for slot in CATALOGUE.get("midjourney-video").slots] == [1]


def test_every_default_is_a_value_its_parameter_takes() -> None:
    for model in CATALOGUE.video_models:
        for param in model.params.values():
            if param.default is not None:
                assert not list(errors_in_value(param, param.default)), (model.id, param.name)
            elif param.name in ALWAYS_SENT:
                pytest.fail(f"{model.id} would leave {param.name} to the provider")


def test_every_rule_is_checked_somewhere_and_every_check_is_used() -> None:
    assert set(raw()["curated"]["rules"]) == RULE_CODES
    for facts in raw()["curated"]["rules"].values():
        assert facts["source"]
        assert facts["summary"]
        assert all(model_id in CATALOGUE.models for model_id in facts["models"])


def test_a_rule_without_a_check_is_refused_when_the_catalogue_is_read() -> None:
    broken = raw()
    broken["curated"]["rules"]["no_cats"] = next(iter(broken["curated"]["rules"].values()))
    with pytest.raises(ValueError, match="no_cats"):
        build(broken)


def test_a_model_nobody_has_curated_yet_works_all_the_same() -> None:
    grown = raw()
    grown["generated"]["models"]["newcomer-1"] = {
        "params_key": "newcomerParams",
        "required": ["model", "prompt"],
        "fields": {"prompt": {"kind": "string", "required": True}},
        "params": {
            "duration": {"kind": "integer", "minimum": 5, "maximum": 6},
            "style_video": {"kind": "uri"},
            "faces": {"kind": "uri_list"},
        },
    }
    model = build(grown).get("newcomer-1")
    assert model.label == "newcomer-1"
    assert model.params["duration"].default == 5
    assert {(slot.name, slot.media_type) for slot in model.slots} == {("style_video", "video"), ("faces", "image")}
    assert model.prompt_max is None
    assert model.price(5, "720p") is None


def test_the_catalogue_needs_no_django() -> None:
    code = "import sys; from assets_app.apiframe import catalogue; catalogue.load(); sys.exit('django' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, timeout=180, check=False).returncode == 0


# ---- prices


@pytest.mark.parametrize(
    ("model_id", "seconds", "resolution", "video", "low", "high", "exact"),
    [
        ("seedance-2", 8, "480p", False, 64, 64, False),
        ("seedance-2", 10, "720p", False, 180, 180, False),
        ("seedance-2", 4, "1080p", False, 32, 836, False),
        ("seedance-2", 4, "720p", True, 32, 836, False),
        ("seedance-2-mini", 4, "480p", True, 20, 20, True),
        ("seedance-2.5", 30, "480p", False, 390, 390, True),
        ("seedance-2.5", 10, "480p", True, 150, 150, True),
        ("seedance-2.5", 10, "720p", False, 290, 290, False),
        ("seedance-1.5-pro", 8, "480p", False, 12, 12, False),
        ("seedance-1.5-pro", 8, "1080p", False, 6, 180, False),
    ],
)
def test_a_price_is_the_known_cell_or_the_honest_range(
    model_id: str, seconds: int, resolution: str, video: bool, low: int, high: int, exact: bool
) -> None:
    price = CATALOGUE.get(model_id).price(seconds, resolution, has_reference_video=video)
    assert price is not None
    assert (price.credits_low, price.credits_high, price.exact) == (low, high, exact)
    assert price.as_of == "2026-09"
    assert price.source


def test_a_price_nobody_knows_is_none_rather_than_made_up() -> None:
    assert CATALOGUE.get("veo-3.1").price(8, "720p") is None


@settings(deadline=None)
@given(st.sampled_from(CATALOGUE.video_models), st.integers(1, 30), st.sampled_from(["480p", "720p", "4k", None]))
def test_only_a_single_figure_is_ever_called_exact(model: Model, seconds: int, resolution: str | None) -> None:
    price = model.price(seconds, resolution)
    if price is not None:
        assert 0 < price.credits_low <= price.credits_high
        assert not price.exact or price.credits_low == price.credits_high


# ---- strict validation


def test_a_whole_request_is_valid() -> None:
    full = body(
        duration=8,
        resolution="720p",
        aspect_ratio="adaptive",
        seed=-1,
        reference_image_urls=["asset://kie-asset-123", "https://example.com/a%20b.png?x=1#y"],
        generate_audio=False,
    )
    assert validate_body({**full, "webhookUrl": "https://me.example/hook", "webhookEvents": ["failed"]}) == {}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"duration": 3}, "seedanceParams.duration"),
        ({"duration": 16}, "seedanceParams.duration"),
        ({"duration": 8.5}, "seedanceParams.duration"),
        ({"duration": "8"}, "seedanceParams.duration"),
        ({"duration": True}, "seedanceParams.duration"),
        ({"duration": None}, "seedanceParams.duration"),
        ({"duration": float("nan")}, "seedanceParams.duration"),
        ({"duration": float("inf")}, "seedanceParams.duration"),
        ({"resolution": "720"}, "seedanceParams.resolution"),
        ({"resolution": ["720p"]}, "seedanceParams.resolution"),
        ({"generate_audio": 1}, "seedanceParams.generate_audio"),
        ({"start_image": "not a url"}, "seedanceParams.start_image"),
        ({"start_image": "/relative.png"}, "seedanceParams.start_image"),
        ({"reference_image_urls": "https://x.example/a.png"}, "seedanceParams.reference_image_urls"),
        ({"reference_image_urls": ["asset://a"] * 10}, "seedanceParams.reference_image_urls"),
        ({"reference_image_urls": ["asset://a", ""]}, "seedanceParams.reference_image_urls.1"),
        ({"colour": "red"}, "seedanceParams.colour"),
    ],
)
def test_a_wrong_parameter_is_named_by_its_path(wrong: dict[str, Any], path: str) -> None:
    assert list(validate_body(body(**wrong))) == [path]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ([], "body"),
        (None, "body"),
        ({}, "model"),
        ({"model": "seedance-9", "prompt": "x"}, "model"),
        ({"model": ["seedance-2"], "prompt": "x"}, "model"),
        ({"model": "seedance-2"}, "prompt"),
        ({"model": "seedance-2", "prompt": ""}, "prompt"),
        ({"model": "seedance-2", "prompt": "x" * 4001}, "prompt"),
        ({"model": "seedance-2", "prompt": "x", "seed": 1}, "seed"),
        ({"model": "seedance-2", "prompt": "x", "klingParams": {}}, "klingParams"),
        ({"model": "seedance-2", "prompt": "x", "seedanceParams": []}, "seedanceParams"),
        ({"model": "seedance-2", "prompt": "x", "webhookEvents": []}, "webhookEvents"),
        ({"model": "seedance-2", "prompt": "x", "webhookEvents": ["done"]}, "webhookEvents.0"),
        ({"model": "seedance-2", "prompt": "x", "webhookUrl": 5}, "webhookUrl"),
        ({"model": "midjourney-video", "prompt": "x"}, "midjourneyVideoParams"),
        (
            {"model": "midjourney-video", "prompt": "x", "midjourneyVideoParams": {}},
            "midjourneyVideoParams.start_image",
        ),
        ({"model": "veo-2", "prompt": "x", "veoParams": {"aspect_ratio": "wide"}}, "veoParams.aspect_ratio"),
        ({"model": "veo-2", "prompt": "x", "veoParams": {"duration": 4}}, "veoParams.duration"),
        (
            {
                "model": "kling-3.0-omni",
                "prompt": "x",
                "klingParams": {"multi_prompt": [{"prompt": "a", "duration": 0}]},
            },
            "klingParams.multi_prompt.0.duration",
        ),
        (
            {"model": "kling-3.0-omni", "prompt": "x", "klingParams": {"multi_prompt": [{"duration": 1}]}},
            "klingParams.multi_prompt.0.prompt",
        ),
        (
            {"model": "kling-3.0-omni", "prompt": "x", "klingParams": {"multi_prompt": ["a"]}},
            "klingParams.multi_prompt.0",
        ),
        (
            {"model": "luma-ray-2", "prompt": "x", "lumaParams": {"concepts": ["pov", "moonwalk"]}},
            "lumaParams.concepts.1",
        ),
    ],
)
def test_a_wrong_body_is_named_by_its_path(wrong: Any, path: str) -> None:
    errors = validate_body(wrong)
    assert list(errors) == [path]
    assert all(message for message in errors[path])


def test_the_newer_limits_of_seedance_2_5_are_valid_and_the_withdrawn_ones_are_not() -> None:
    assert validate_body(body("seedance-2.5", duration=30, reference_image_urls=["asset://a"] * 30)) == {}
    assert set(validate_body(body("seedance-2.5", duration=31, resolution="4k"))) == {
        "seedanceParams.duration",
        "seedanceParams.resolution",
    }


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 40),
    st.floats(-5, 40, allow_nan=False),
    st.sampled_from(["", "16:9", "5", "720p", "https://x.example/a", "asset://a", "no url", "/a"]),
    st.lists(st.sampled_from(["asset://a", "pov", 5, None]), max_size=11),
    st.dictionaries(st.sampled_from(["prompt", "duration", "x"]), st.sampled_from(["a", 1, 20]), max_size=3),
)
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme and (parts.netloc or parts.path)) and " " not in value


def near(param: Param) -> st.SearchStrategy[Any]:
    """Values a parameter takes, and those that just miss."""
    edges = [
        edge for bound in (param.minimum, param.maximum) if bound is not None for edge in (bound - 1, bound, bound + 1)
    ]
    texts = ["a" * n for bound in (param.min_length, param.max_length) if bound for n in (bound - 1, bound, bound + 1)]
    item: st.SearchStrategy[Any]
    match param.kind:
        case "enum":
            return st.sampled_from(param.choices)
        case "boolean":
            return st.booleans()
        case "integer" | "number":
            return st.sampled_from([*edges, 1, 0.5, 7.0])
        case "string":
            return st.sampled_from([*texts, "16:9", "a fox"])
        case "uri":
            return st.just("asset://a")
        case "uri_list":
            item = st.just("https://x.example/a.png")
        case "enum_list":
            item = st.sampled_from(param.choices)
        case _:
            item = st.fixed_dictionaries({}, optional={field.name: near(field) for field in param.fields})
    return st.lists(item, max_size=(param.max_items or 3) + 1)


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    model = draw(st.sampled_from([m for m in CATALOGUE.video_models if m.id not in OVERRIDDEN]))

    def some(params: Any, junk_share: int) -> dict[str, Any]:
        values = {}
        for param in params:
            if param.required or draw(st.booleans()):
                strange = draw(st.integers(0, 99)) < junk_share
                values[param.name] = draw(JUNK if strange else near(param))
        if draw(st.integers(0, 99)) < junk_share:
            values[draw(st.sampled_from(["seed", "colour", "duration"]))] = draw(JUNK)
        return values

    junk_share = draw(st.sampled_from([0, 0, 15]))
    made = {"model": model.id, **some(model.fields.values(), junk_share)}
    if model.params_key and (model.params_key in model.required or draw(st.booleans())):
        made[model.params_key] = some(model.params.values(), junk_share)
    return made


@needs_document
@settings(max_examples=400, deadline=None)
@given(bodies())
def test_validation_agrees_with_the_schema_of_the_document(made: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(video_schemas()[made["model"]], format_checker=FORMATS)
    theirs = [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(made)]
    assert bool(validate_body(made)) == bool(theirs), theirs


@settings(deadline=None)
@given(st.recursive(JUNK, lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=4), max_leaves=8))
def test_validation_never_stumbles_over_junk(junk: Any) -> None:
    for made in (junk, {"model": "seedance-2", "prompt": junk, "seedanceParams": junk}):
        assert validate_body(made)
