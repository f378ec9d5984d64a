from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_app.apiframe.catalogue import MediaFacts, Problem, Ref, check_media, check_request, load

CATALOGUE = load()
FAMILY = [model.id for model in CATALOGUE.family("seedance-2")]
FAMILY_2_0 = FAMILY[:3]
PARAMS = {"duration": 8, "resolution": "720p", "aspect_ratio": "16:9"}
ADAPTIVE = {**PARAMS, "aspect_ratio": "adaptive"}
GOOD = {
    "image": MediaFacts("image", "image/jpeg", 2_000_000, 1280, 720),
    "video": MediaFacts("video", "video/mp4", 9_000_000, 1280, 720, 5.0, 24),
    "audio": MediaFacts("audio", "audio/mpeg", 300_000, seconds=5.0),
}
WIDE = st.integers(0, 10**9)


def refs(**counts: int) -> list[Ref]:
    media = {"start_image": "image", "end_image": "image"}
    return [
        Ref(slot, n, media.get(slot) or slot.removeprefix("reference_"), f"asset://{slot}-{n}")
        for slot, count in counts.items()
        for n in range(count)
    ]


def codes(problems: list[Problem], severity: str = "refuse") -> list[str]:
    return [problem.code for problem in problems if problem.severity == severity]


def check(
    model_id: str, params: dict[str, Any] = PARAMS, prompt: str = "A fox runs.", /, **counts: int
) -> list[Problem]:
    return check_request(CATALOGUE.get(model_id), params, prompt, refs(**counts))


# ---- one file against the limits


@pytest.mark.parametrize("media_type", ["image", "video", "audio"])
def test_an_ordinary_file_has_no_problem(media_type: str) -> None:
    for model_id in FAMILY:
        assert check_media(GOOD[media_type], CATALOGUE.get(model_id).media_limits[media_type]) == []
    assert check_media(GOOD[media_type], CATALOGUE.asset_limits[media_type]) == []


@pytest.mark.parametrize(
    ("media_type", "wrong", "code", "severity"),
    [
        ("image", {"content_type": "image/svg+xml"}, "format", "refuse"),
        ("image", {"content_type": "image/heic"}, "format", "warn"),
        ("image", {"byte_size": 30 * 1024 * 1024 + 1}, "bytes", "refuse"),
        ("image", {"width": 299, "height": 300}, "width", "refuse"),
        ("image", {"width": 300, "height": 299}, "height", "refuse"),
        ("image", {"width": 6001, "height": 3000}, "width", "refuse"),
        ("image", {"width": 399, "height": 1000}, "ratio", "refuse"),
        ("image", {"width": 2510, "height": 1000}, "ratio", "refuse"),
        ("video", {"content_type": "video/webm"}, "format", "refuse"),
        ("video", {"byte_size": 51 * 1024 * 1024}, "bytes", "refuse"),
        ("video", {"width": 600, "height": 600}, "pixels", "refuse"),
        ("video", {"width": 640, "height": 638}, "pixels", "warn"),
        ("video", {"width": 1920, "height": 1080}, "pixels", "warn"),
        ("video", {"width": 4096, "height": 2160}, "pixels", "refuse"),
        ("video", {"fps": 23}, "fps", "refuse"),
        ("video", {"fps": 23.976}, "fps", "warn"),
        ("video", {"fps": 61}, "fps", "refuse"),
        ("video", {"seconds": 1.7}, "seconds", "refuse"),
        ("video", {"seconds": 1.9}, "seconds", "warn"),
        ("video", {"seconds": 15.1}, "seconds", "warn"),
        ("video", {"seconds": 16}, "seconds", "refuse"),
        ("audio", {"content_type": "audio/mp4"}, "format", "refuse"),
        ("audio", {"byte_size": 16 * 1024 * 1024}, "bytes", "refuse"),
        ("audio", {"seconds": 1}, "seconds", "refuse"),
    ],
)
def test_a_file_out_of_one_limit_is_told_which_and_what_to_do(
    media_type: str, wrong: dict[str, Any], code: str, severity: str
) -> None:
    good = GOOD[media_type]
    facts = MediaFacts(**{name: wrong.get(name, getattr(good, name)) for name in good.__slots__})
    (problem,) = check_media(facts, CATALOGUE.get("seedance-2").media_limits[media_type])
    assert (problem.code, problem.severity) == (code, severity)
    assert problem.message.endswith(".")
    assert problem.fix


def test_a_measured_refusal_holds_299_pixels_are_refused_and_320_are_not() -> None:
    limits = CATALOGUE.get("seedance-2").media_limits["image"]
    assert codes(check_media(MediaFacts("image", width=299, height=400), limits)) == ["width"]
    assert check_media(MediaFacts("image", width=320, height=400), limits) == []


def test_the_message_says_by_how_much() -> None:
    limits = CATALOGUE.get("seedance-2").media_limits["video"]
    (problem,) = check_media(MediaFacts("video", seconds=33.337), limits)
    assert problem.message == "The length is 33.34 s; the most is 15.4 s."
    (problem,) = check_media(MediaFacts("video", byte_size=52 * 1024 * 1024), limits)
    assert problem.message == "The file is 52 MB; the most is 50 MB."


def test_a_file_of_another_type_is_that_one_problem_and_no_other() -> None:
    assert codes(check_media(GOOD["video"], CATALOGUE.get("seedance-2").media_limits["image"])) == ["wrong_media_type"]


def test_what_is_unknown_is_never_refused() -> None:
    for limits in CATALOGUE.asset_limits.values():
        assert check_media(MediaFacts(), limits) == []
        assert check_media(MediaFacts(width=5), limits) == [] or limits.media_type != "audio"


@settings(deadline=None)
@given(
    st.sampled_from(["image", "video", "audio"]),
    st.builds(
        MediaFacts,
        st.none(),
        st.none() | st.text(max_size=9),
        st.none() | WIDE,
        st.none() | WIDE,
        st.none() | WIDE,
        st.none() | st.floats(0, 1e9),
        st.none() | st.floats(0, 1e9),
    ),
)
def test_any_facts_can_be_checked_and_the_widest_limits_refuse_nothing_a_model_takes(
    media_type: str, facts: MediaFacts
) -> None:
    asset = check_media(facts, CATALOGUE.asset_limits[media_type])
    for model in CATALOGUE.family("seedance-2"):
        if not codes(check_media(facts, model.media_limits[media_type])):
            assert not codes(asset)


# ---- a whole request


@pytest.mark.parametrize("model_id", FAMILY)
def test_an_ordinary_request_has_no_problem(model_id: str) -> None:
    assert check(model_id) == []
    assert check(model_id, reference_image=2, reference_video=1, reference_audio=1) == []
    assert check(model_id, ADAPTIVE, start_image=1, end_image=1) == []
    assert check(model_id, ADAPTIVE, reference_video=1) == []


@pytest.mark.parametrize("model_id", FAMILY)
@pytest.mark.parametrize("frame", ["start_image", "end_image"])
@pytest.mark.parametrize("reference", ["reference_image", "reference_video", "reference_audio"])
def test_frames_beside_references_are_refused_or_where_sources_disagree_in_doubt(
    model_id: str, frame: str, reference: str
) -> None:
    problems = check(model_id, ADAPTIVE, **{frame: 1, reference: 1})
    assert ("frames_exclude_references" in codes(problems)) == (model_id == "seedance-2.5")
    assert ("frames_beside_references" in codes(problems, "doubt")) == (model_id != "seedance-2.5")


@pytest.mark.parametrize("model_id", FAMILY)
def test_an_end_image_needs_a_start_image(model_id: str) -> None:
    assert codes(check(model_id, ADAPTIVE, end_image=1)) == ["end_image_needs_start_image"]


def test_audio_alone_is_refused_by_2_0_and_taken_by_2_5() -> None:
    for model_id in FAMILY_2_0:
        assert codes(check(model_id, reference_audio=1)) == ["audio_needs_image_or_video"]
    assert check("seedance-2.5", reference_audio=1) == []


def test_a_ratio_beside_a_start_image_is_refused_by_2_5_and_doubted_by_2_0() -> None:
    (problem,) = check("seedance-2.5", start_image=1)
    assert (problem.code, problem.severity) == ("start_image_needs_adaptive", "refuse")
    assert "16:9" in problem.message
    for model_id in FAMILY_2_0:
        (problem,) = check(model_id, start_image=1)
        assert (problem.code, problem.severity) == ("start_image_prefers_adaptive", "warn")


@pytest.mark.parametrize("model_id", FAMILY)
def test_one_video_without_an_image_reads_as_an_extension_when_a_ratio_is_given(model_id: str) -> None:
    assert codes(check(model_id, reference_video=1)) == ["lone_video_needs_adaptive"]
    assert check(model_id, reference_video=2) == []
    assert check(model_id, reference_video=1, reference_image=1) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "Replace the dog with a cat.",
        "Change the colour of her coat in the video.",
        "Keep the camera, only change the sky.",
    ],
)
def test_a_prompt_that_reads_like_an_edit_is_warned_of_beside_a_video_only(prompt: str) -> None:
    assert codes(check("seedance-2", ADAPTIVE, prompt, reference_video=1), "warn") == ["prompt_reads_like_an_edit"]
    assert check("seedance-2", PARAMS, prompt, reference_image=1) == []


@pytest.mark.parametrize(
    ("prompt", "code"), [("", "prompt_empty"), (" \n", "prompt_empty"), ("x" * 4001, "prompt_too_long")]
)
def test_a_prompt_must_be_there_and_fit(prompt: str, code: str) -> None:
    assert codes(check("seedance-2", PARAMS, prompt)) == [code]


def test_a_long_prompt_is_warned_of() -> None:
    assert codes(check("seedance-2", PARAMS, "x" * 1801), "warn") == ["prompt_is_long"]


@pytest.mark.parametrize("prompt", ["[Image3] runs", "Image 3 runs", "@image3 runs"])
def test_a_prompt_that_names_media_which_are_not_there_is_warned_of(prompt: str) -> None:
    (problem,) = check("seedance-2", PARAMS, prompt, reference_image=2)
    assert problem.code == "prompt_names_missing_media"
    assert "Image 3" in problem.message
    assert check("seedance-2", PARAMS, prompt, reference_image=3) == []


@pytest.mark.parametrize(
    ("model_id", "slot", "most"), [("seedance-2", "reference_image", 9), ("seedance-2.5", "reference_image", 30)]
)
def test_too_many_of_a_kind_are_refused_with_the_number_to_remove(model_id: str, slot: str, most: int) -> None:
    assert check(model_id, **{slot: most}) == []
    (problem,) = check(model_id, **{slot: most + 2})
    assert (problem.code, problem.field, problem.fix) == ("too_many", slot, "Remove 2.")


def test_a_slot_the_model_does_not_have_is_refused() -> None:
    problems = check("seedance-1-pro", {"duration": 5}, reference_image=2)
    assert codes(problems) == ["unknown_slot"]
    assert "Seedance 1 Pro" in problems[0].message


def test_media_the_model_cannot_do_without_are_asked_for() -> None:
    assert [(p.code, p.field) for p in check("midjourney-video", {})] == [("too_few", "start_image")]


def test_parameters_are_checked_one_by_one_and_the_empty_ones_are_left_to_their_defaults() -> None:
    problems = check("seedance-2.5", {**PARAMS, "duration": 31, "resolution": "4k", "loop": True, "seed": None})
    assert [(problem.code, problem.field) for problem in problems] == [
        ("param", "duration"),
        ("param", "resolution"),
        ("unknown_param", "loop"),
    ]


def test_a_reference_of_another_type_than_its_slot_is_refused_by_its_place() -> None:
    wrong = [Ref("reference_image", 0, "image", "asset://a"), Ref("reference_image", 1, "video", "asset://b")]
    (problem,) = check_request(CATALOGUE.get("seedance-2"), PARAMS, "A fox runs.", wrong)
    assert (problem.code, problem.field, problem.position) == ("wrong_media_type", "reference_image", 1)


def test_a_bad_file_is_named_by_its_slot_and_place_and_the_unknown_ones_pass() -> None:
    given_refs = refs(reference_image=3)
    facts = [None, GOOD["image"], MediaFacts("image", width=100, height=100)]
    problems = check_request(CATALOGUE.get("seedance-2"), PARAMS, "A fox runs.", given_refs, facts)
    assert [(problem.code, problem.position) for problem in problems] == [("width", 2), ("height", 2)]
    assert check_request(CATALOGUE.get("seedance-2"), PARAMS, "A fox runs.", given_refs, facts[:1]) == []


@pytest.mark.parametrize(("model_id", "fits", "too_long"), [("seedance-2", 7.5, 7.8), ("seedance-2.5", 15, 15.1)])
@pytest.mark.parametrize("media_type", ["video", "audio"])
def test_the_lengths_of_one_type_are_added_up(model_id: str, fits: float, too_long: float, media_type: str) -> None:
    given_refs = refs(reference_image=1, **{f"reference_{media_type}": 2})

    def totals(seconds: float) -> list[str]:
        facts = [None, *[MediaFacts(media_type, seconds=seconds)] * 2]
        return codes(check_request(CATALOGUE.get(model_id), PARAMS, "A fox runs.", given_refs, facts))

    assert totals(fits) == []
    assert totals(too_long) == ["seconds_total"]


@settings(deadline=None)
@given(
    st.sampled_from(CATALOGUE.video_models),
    st.text(max_size=60),
    st.dictionaries(
        st.sampled_from(["duration", "aspect_ratio", "seed", "x"]), st.none() | st.integers() | st.text(max_size=4)
    ),
    st.lists(
        st.builds(
            Ref,
            st.sampled_from(
                ["reference_image", "reference_video", "reference_audio", "start_image", "end_image", "image"]
            ),
            st.integers(0, 3),
            st.sampled_from(["image", "video", "audio", "text"]),
            st.just("asset://a"),
        ),
        max_size=6,
    ),
)
def test_any_request_can_be_checked_and_refusals_come_first(
    model: Any, prompt: str, params: dict[str, Any], references: list[Ref]
) -> None:
    problems = check_request(model, params, prompt, references, [MediaFacts(seconds=9)] * len(references))
    severities = [problem.severity for problem in problems]
    assert severities == sorted(severities, key=lambda severity: severity == "warn")
    assert all(problem.message and problem.fix and "{" not in problem.message + problem.fix for problem in problems)
