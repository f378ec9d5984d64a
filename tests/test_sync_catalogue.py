from __future__ import annotations

import copy
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from assets_app.apiframe.catalogue import CATALOGUE_FILE, build
from assets_app.apiframe.openapi import OpenApiError, differences, formatted, read_document
from assets_app.management.commands import sync_catalogue
from tests.apiframe.document import DOCUMENT, needs_document

SMALL: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Small", "version": "1"},
    "paths": {
        "/v2/videos/generate": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Video"}}}}
            }
        }
    },
    "components": {
        "schemas": {
            "Video": {
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["model", "prompt"],
                        "properties": {
                            "model": {"type": "string", "enum": ["tiny-1"]},
                            "prompt": {"type": "string", "minLength": 1, "maxLength": 100},
                            "tinyParams": {
                                "type": "object",
                                "required": ["duration"],
                                "properties": {
                                    "duration": {"$ref": "#/components/schemas/Seconds"},
                                    "image": {"type": "string", "format": "uri"},
                                    "style": {"anyOf": [{"const": "a"}, {"enum": ["b"], "type": "string"}]},
                                    "strange": {"type": ["string", "null"]},
                                },
                            },
                        },
                    }
                ]
            },
            "Seconds": {"type": "integer", "minimum": 2, "maximum": 9},
        }
    },
}


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    return Path(shutil.copy(CATALOGUE_FILE, tmp_path / "catalogue.json"))


def sync(source: object, path: Path, **options: Any) -> str:
    out = StringIO()
    call_command("sync_catalogue", str(source), catalogue=path, stdout=out, **options)
    return out.getvalue()


def written(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "document.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


@needs_document
def test_the_committed_catalogue_is_what_the_document_says(committed: Path) -> None:
    assert sync(DOCUMENT, committed, check=True) == "Nothing changed: 41 video models.\n"
    assert sync(DOCUMENT, committed) == "Nothing changed: 41 video models.\n"
    assert committed.read_bytes() == CATALOGUE_FILE.read_bytes()


@needs_document
def test_the_order_of_the_document_does_not_matter(committed: Path, tmp_path: Path) -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    document["components"]["schemas"]["GenerateVideoRequest"]["oneOf"].reverse()
    assert "Nothing changed" in sync(written(tmp_path, document), committed, check=True)


@needs_document
def test_each_change_is_told_and_written_and_then_nothing_more_changes(committed: Path, tmp_path: Path) -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    branches = document["components"]["schemas"]["GenerateVideoRequest"]["oneOf"]
    by_id = {branch["properties"]["model"]["enum"][0]: branch for branch in branches}
    params = by_id["seedance-2.5"]["properties"]["seedanceParams"]["properties"]
    params["duration"]["maximum"] = 30
    params["motion"] = {"type": "boolean"}
    del params["camera_fixed"]
    branches.remove(by_id["veo-2"])
    newcomer = copy.deepcopy(by_id["sora-2"])
    newcomer["properties"]["model"]["enum"] = ["sora-3"]
    branches.append(newcomer)
    source = written(tmp_path, document)

    lines = sync(source, committed).splitlines()
    assert lines == [
        "+ model sora-3",
        "- model veo-2",
        '- seedance-2.5.params.camera_fixed: {"kind": "boolean"}',
        "~ seedance-2.5.params.duration.maximum: 15 → 30",
        '+ seedance-2.5.params.motion: {"kind": "boolean"}',
        "! sora-3 has no label yet",
        "! the override of seedance-2.5.duration is now what the document says; it can go",
        "Rebuilt: 41 video models. Running processes read it when they are next started.",
    ]
    built = build(json.loads(committed.read_text(encoding="utf-8")))
    assert "sora-3" in built.models
    assert "veo-2" not in built.models
    assert "Nothing changed" in sync(source, committed, check=True)


def test_check_tells_and_fails_and_touches_nothing(committed: Path, tmp_path: Path) -> None:
    before = committed.read_bytes()
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("sync_catalogue", str(written(tmp_path, SMALL)), catalogue=committed, check=True, stdout=out)
    assert caught.value.returncode == 1
    assert "+ model tiny-1" in out.getvalue()
    assert "- model seedance-2" in out.getvalue()
    assert committed.read_bytes() == before


def test_a_small_document_is_read_with_its_references_consts_and_strangers(committed: Path, tmp_path: Path) -> None:
    sync(written(tmp_path, SMALL), committed)
    model = build(json.loads(committed.read_text(encoding="utf-8"))).get("tiny-1")
    assert (model.params["duration"].minimum, model.params["duration"].maximum) == (2, 9)
    assert model.params["duration"].required
    assert model.params["style"].choices == ("a", "b")
    assert model.params["strange"].kind == "unknown"
    assert model.prompt_max == 100
    assert [slot.name for slot in model.slots] == ["image"]


def test_a_hand_edited_layout_is_put_right(committed: Path, tmp_path: Path) -> None:
    source = written(tmp_path, SMALL)
    sync(source, committed)
    tidy = committed.read_text(encoding="utf-8")
    committed.write_text(json.dumps(json.loads(tidy)), encoding="utf-8")
    assert "Only the order or the layout" in sync(source, committed)
    assert committed.read_text(encoding="utf-8") == tidy


def changed(**parts: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SMALL), **parts}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "not JSON"),
        ("<html>", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ([], "not an OpenAPI document"),
        ({"swagger": "2.0"}, "not an OpenAPI document"),
        ({"openapi": "3.1.0"}, "describes no POST /v2/videos/generate"),
        (changed(paths={"/v2/videos/generate": {"get": {}}}), "describes no POST"),
        (changed(components={}), "describes no POST"),
        (changed(components={"schemas": {"Video": {"type": "object"}}}), "names no video model"),
        (changed(components={"schemas": {"Video": {"$ref": "#/components/schemas/Video"}}}), "circles"),
        (
            changed(
                components={
                    "schemas": {**SMALL["components"]["schemas"], "Seconds": {"type": "integer", "minimum": "2"}}
                }
            ),
            "no number",
        ),
        (
            changed(
                components={
                    "schemas": {**SMALL["components"]["schemas"], "Seconds": {"type": "string", "pattern": "("}}
                }
            ),
            "cannot be read",
        ),
    ],
)
def test_a_document_that_is_something_else_is_one_clear_line_and_changes_nothing(
    document: Any, reason: str, committed: Path, tmp_path: Path
) -> None:
    source = written(tmp_path, document)
    with pytest.raises(CommandError, match=reason) as caught:
        sync(source, committed)
    assert str(caught.value).startswith(str(source))
    assert "\n" not in str(caught.value)
    assert caught.value.returncode != 0
    assert committed.read_bytes() == CATALOGUE_FILE.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalogue.json", "document.json"]


def test_a_missing_file_is_one_clear_line(committed: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        sync(tmp_path / "nowhere.json", committed)


def test_a_catalogue_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    source = written(tmp_path, SMALL)
    with pytest.raises(CommandError, match="No such file"):
        sync(source, tmp_path / "nowhere.json")
    with pytest.raises(CommandError, match="not a catalogue"):
        sync(source, source)


def test_a_catalogue_that_cannot_be_written_stays_whole(
    committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CommandError, match="cannot be written: No space left"):
        sync(written(tmp_path, SMALL), committed)
    assert committed.read_bytes() == CATALOGUE_FILE.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalogue.json", "document.json"]


# ---- from a URL


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = {
            "/openapi.json": (200, json.dumps(SMALL).encode()),
            "/big": (200, b" " * 3000),
        }.get(self.path, (404, b"{}"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched_from_a_url(site: str, committed: Path) -> None:
    assert "Rebuilt: 1 video models." in sync(f"{site}/openapi.json", committed)


def test_an_answer_that_is_no_success_is_one_clear_line(site: str, committed: Path) -> None:
    with pytest.raises(CommandError, match="the answer was 404"):
        sync(f"{site}/gone", committed)


def test_an_answer_without_end_is_cut_off(site: str, committed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_catalogue, "MAX_BYTES", 2000)
    with pytest.raises(CommandError, match="too large"):
        sync(f"{site}/big", committed)


def test_a_site_nobody_answers_at_is_one_clear_line(committed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as bound_but_deaf:
        bound_but_deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound_but_deaf.getsockname()[1]}/openapi.json"
        with pytest.raises(CommandError, match=r"cannot be reached$"):
            sync(url, committed)


def test_a_site_that_does_not_answer_in_time_is_one_clear_line(
    committed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(sync_catalogue, "TIMEOUT", (1, 0.05))
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(CommandError, match="no answer in time"):
        sync(f"http://127.0.0.1:{mute.getsockname()[1]}/openapi.json", committed)


# ---- the parts


def shaken(value: Any) -> st.SearchStrategy[Any]:
    """The small document with one random part replaced by something else."""
    paths: list[tuple[Any, ...]] = []

    def collect(node: Any, path: tuple[Any, ...]) -> None:
        paths.append(path)
        for key, below in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            collect(below, (*path, key))

    collect(value, ())
    junk: st.SearchStrategy[Any] = st.sampled_from(
        [None, True, 5, "x", "#/components/schemas/Video", [], {}, [5], {"x": 5}, [[]], [{}]]
    )
    return st.tuples(st.sampled_from(paths[1:]), junk).map(lambda pair: replaced(value, *pair))


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    made = copy.deepcopy(value)
    node = made
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = junk
    return made


@settings(deadline=None, max_examples=300)
@given(shaken(SMALL))
def test_a_broken_document_is_read_or_refused_but_never_stumbled_over(document: Any) -> None:
    try:
        generated = read_document(document)
    except OpenApiError:
        return
    curated = json.loads(CATALOGUE_FILE.read_text(encoding="utf-8"))["curated"]
    build({"curated": curated, "generated": generated})


@settings(deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)))
def test_formatting_loses_nothing_and_is_stable(value: Any) -> None:
    text = formatted(value)
    assert json.loads(text) == value
    assert formatted(json.loads(text)) == text


def test_a_changed_type_is_a_change_even_when_equal() -> None:
    old = {"models": {"a": {"x": 1}}}
    assert differences(old, {"models": {"a": {"x": True}}}) == ["~ a.x: 1 → true"]
    assert differences(old, old) == []
