from __future__ import annotations

import ast
import json
import shlex
import shutil
import subprocess
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_app.apiframe.catalogue import UnknownModel, load, validate_body
from assets_app.payload import Ref, as_curl, as_javascript, as_python, build_body
from assets_app.sandbox.server import SandboxServer

BASE = "https://api.apiframe.ai/"
SEEDANCE = [model.id for model in load().family("seedance-2")]

prompts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80) | st.sampled_from(
    [
        "it's",
        'say "hi"',
        "$HOME `id` $(id) \\",
        "!!",
        "'; rm -rf / #",
        "日本語 🎬\u2028\u2029",
        "line\nline\ttab\r\0\x7f",
        "</script>",
    ]
)
bodies = st.builds(
    lambda prompt, url, seed: build_body(
        "seedance-2", prompt, {"seed": seed, "generate_audio": True}, [Ref("reference_image", 0, "image", url)]
    ),
    prompts,
    prompts,
    st.none() | st.integers(),
)


def test_a_request_has_the_choices_and_the_media_in_their_slots() -> None:
    references = [
        Ref("reference_image", 1, "image", "https://x.example/b.png"),
        Ref("reference_audio", 0, "audio", "asset://c"),
        Ref("reference_image", 0, "image", "asset://a"),
        Ref("reference_video", 0, "video", "asset://v"),
    ]
    chosen = {"duration": 5, "resolution": "480p", "aspect_ratio": "9:16", "generate_audio": False, "seed": None}
    assert build_body("seedance-2", "A fox.", chosen, references) == {
        "model": "seedance-2",
        "prompt": "A fox.",
        "seedanceParams": {
            "duration": 5,
            "resolution": "480p",
            "aspect_ratio": "9:16",
            "generate_audio": False,
            "reference_image_urls": ["asset://a", "https://x.example/b.png"],
            "reference_video_urls": ["asset://v"],
            "reference_audio_urls": ["asset://c"],
        },
    }


@pytest.mark.parametrize("model_id", SEEDANCE)
def test_duration_resolution_and_ratio_are_always_sent(model_id: str) -> None:
    assert build_body(model_id, "A fox.", {})["seedanceParams"] == {
        "duration": 8,
        "resolution": "720p",
        "aspect_ratio": "16:9",
    }


@pytest.mark.parametrize(
    ("references", "ratio"),
    [
        ([Ref("start_image", 0, "image", "asset://a")], "adaptive"),
        ([Ref("reference_video", 0, "video", "asset://a")], "adaptive"),
        ([Ref("reference_video", 0, "video", "asset://a"), Ref("reference_image", 0, "image", "asset://b")], "16:9"),
    ],
)
def test_a_ratio_nobody_chose_fits_the_media(references: list[Ref], ratio: str) -> None:
    assert build_body("seedance-2.5", "A fox.", {}, references)["seedanceParams"]["aspect_ratio"] == ratio


def test_a_ratio_somebody_chose_is_never_changed() -> None:
    body = build_body("seedance-2", "x", {"aspect_ratio": "1:1"}, [Ref("start_image", 0, "image", "asset://a")])
    assert body["seedanceParams"]["aspect_ratio"] == "1:1"


def test_choices_left_over_from_another_model_stay_out() -> None:
    params = {"duration": 5, "web_search": True, "return_last_frame": True, "klingParams": {}, "prompt": "no"}
    block = build_body("seedance-1-pro", "A fox.", params)["seedanceParams"]
    assert set(block) == {"duration", "resolution", "aspect_ratio"}


def test_media_among_the_parameters_are_not_sent_twice_nor_instead_of_the_references() -> None:
    body = build_body("seedance-2", "A fox.", {"start_image": "asset://stray"})
    assert "start_image" not in body["seedanceParams"]


def test_a_reference_without_a_place_is_an_error_rather_than_lost() -> None:
    with pytest.raises(ValueError, match="Seedance 1 Pro has no place for a reference image"):
        build_body("seedance-1-pro", "A fox.", {}, [Ref("reference_image", 0, "image", "asset://a")])


def test_a_second_start_image_is_an_error_rather_than_lost() -> None:
    two = [Ref("start_image", n, "image", "asset://a") for n in range(2)]
    with pytest.raises(ValueError, match="takes one start image only"):
        build_body("seedance-2", "A fox.", {}, two)


def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(UnknownModel):
        build_body("seedance-9", "A fox.", {})


def test_a_webhook_is_asked_for_only_with_an_address() -> None:
    assert "webhookUrl" not in build_body("seedance-2", "A fox.", {}, webhook_url="")
    body = build_body("seedance-2", "A fox.", {}, webhook_url="https://me.example/h?t=1", webhook_events=["progress"])
    assert (body["webhookUrl"], body["webhookEvents"]) == ("https://me.example/h?t=1", ["progress"])


@pytest.mark.parametrize("model", load().video_models, ids=lambda model: model.id)
def test_the_plainest_request_of_every_model_is_valid(model: Any) -> None:
    references = [Ref(s.name, n, s.media_type, "asset://a") for s in model.slots for n in range(s.minimum)]
    assert validate_body(build_body(model.id, "A fox.", {}, references)) == {}


@settings(deadline=None)
@given(st.data(), st.sampled_from(SEEDANCE))
def test_whatever_is_chosen_in_range_makes_a_valid_body(data: st.DataObject, model_id: str) -> None:
    model = load().get(model_id)
    params = {
        "duration": data.draw(st.none() | st.integers(4, 15)),
        "resolution": data.draw(st.none() | st.sampled_from(model.params["resolution"].choices)),
        "aspect_ratio": data.draw(st.none() | st.sampled_from(model.params["aspect_ratio"].choices)),
        "generate_audio": data.draw(st.none() | st.booleans()),
        "seed": data.draw(st.none() | st.integers()),
    }
    counts = [(slot, data.draw(st.integers(0, slot.maximum))) for slot in model.slots]
    references = [Ref(slot.name, n, slot.media_type, f"asset://{n}") for slot, count in counts for n in range(count)]
    shuffled = data.draw(st.permutations(references))
    body = build_body(model_id, "A fox.", params, shuffled, "https://me.example/hook")
    assert validate_body(body) == {}
    assert model.references_in(body["seedanceParams"]) == references


# ---- the same request as code


@settings(deadline=None)
@given(bodies)
def test_the_shell_reads_the_very_request_from_the_curl_command(body: dict[str, Any]) -> None:
    words = shlex.split(as_curl(body, BASE))
    assert json.loads(words[words.index("--data-raw") + 1]) == body
    assert "https://api.apiframe.ai/v2/videos/generate" in words
    assert "X-API-Key: $APIFRAME_API_KEY" in words


def test_a_real_shell_agrees_and_fills_in_the_key_and_nothing_else() -> None:
    body = build_body("seedance-2", 'it\'s $HOME `id` \\ !! "x"\n日本', {})
    command = as_curl(body, BASE).replace("curl ", "printf '%s\\0' ", 1)
    shell = subprocess.run(
        ["bash", "-c", command],
        env={"APIFRAME_API_KEY": "afk_1", "HOME": "/h"},
        capture_output=True,
        timeout=180,
        check=True,
    )
    words = shell.stdout.decode().split("\0")
    assert json.loads(words[words.index("--data-raw") + 1]) == body
    assert "X-API-Key: afk_1" in words


@settings(deadline=None)
@given(bodies)
def test_the_python_program_compiles_and_holds_the_very_request(body: dict[str, Any]) -> None:
    program = ast.parse(as_python(body, BASE))
    literal = next(node.value for node in program.body if isinstance(node, ast.Assign) and node.targets[0].id == "body")
    assert ast.literal_eval(literal) == body


@settings(deadline=None)
@given(bodies)
def test_the_javascript_module_holds_the_very_request(body: dict[str, Any]) -> None:
    module = as_javascript(body, BASE)
    literal = module.removeprefix("const body = ").split(";\n\nconst response")[0]
    assert json.loads(literal) == body


@pytest.mark.skipif(shutil.which("node") is None, reason="no node here")
def test_node_reads_the_very_request_from_the_javascript_module() -> None:
    body = build_body("seedance-2", 'it\'s `${1}` \u2028 "x" </script>\n日本', {})
    module = as_javascript(body, BASE).split("const response")[0] + "console.log(JSON.stringify(body));"
    ran = subprocess.run(["node", "--input-type=module", "-e", module], capture_output=True, timeout=180, check=True)
    assert json.loads(ran.stdout) == body


def test_the_python_program_makes_a_video_and_says_where_it_is(
    sandbox: SandboxServer, api_key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APIFRAME_API_KEY", api_key)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    program = as_python(build_body("seedance-2", "A fox.", {"duration": 4, "resolution": "480p"}), sandbox.base_url)
    exec(compile(program, "program", "exec"), {})  # noqa: S102 - it is ours
    said = capsys.readouterr().out
    assert said.startswith("COMPLETED {")
    assert ".mp4" in said


@pytest.mark.parametrize("show", [as_curl, as_python, as_javascript])
def test_no_program_holds_a_key(show: Any) -> None:
    text = show(build_body("seedance-2", "A fox.", {}), BASE)
    assert "APIFRAME_API_KEY" in text
    assert "afk_" not in text
