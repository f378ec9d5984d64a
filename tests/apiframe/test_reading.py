"""Whatever JSON a provider answers with, what is kept of it can be stored, shown and sent, and holds no key."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_app.apiframe.client import MASK, _redactor
from assets_app.apiframe.errors import UnexpectedAnswer, error_for_status
from assets_app.apiframe.reading import read_json
from assets_app.apiframe.results import AssetCreated, Job, JobAccepted, JobPage, Me, ModelEntry, ProviderAsset, Upload

from .conftest import KEY
from .scripted import Says

REDACT = _redactor(KEY)
HOSTILE = st.text(st.sampled_from(list('\0\ud800\udfff\ud83d\ude00a\\"/é')) | st.characters(), max_size=8)
TEXTS = HOSTILE | st.sampled_from([KEY, KEY.upper(), f"x{KEY}y", f"{KEY[:9]}\0{KEY[9:]}", "https://a.example/a.mp4\0"])
NAMES = TEXTS | st.sampled_from(
    "id jobId assetId status url error errorMsg result videoUrl input jobs models user team apiKey name plan".split()
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=20,
)
RESULTS = [AssetCreated, ProviderAsset, Upload, JobAccepted, Job, JobPage, Me, ModelEntry]


def spelled(value: object) -> str:
    """As an API may spell it: NaN and all, every character escaped, the letters of the key as well."""
    return json.dumps(value).replace(KEY[:4], "".join(f"\\u{ord(letter):04x}" for letter in KEY[:4]))


def texts_in(value: object) -> Iterator[str]:
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts_in(name)
            yield from texts_in(item)


def assert_clean(value: object) -> None:
    for text in texts_in(value):
        text.encode()
        assert "\0" not in text
        assert KEY not in text.lower()


@given(ANYTHING)
def test_any_json_is_read_as_something_that_can_be_kept(value):
    read = read_json(spelled(value).encode(), REDACT)
    assert_clean(read)
    json.dumps(read, allow_nan=False)


@given(st.dictionaries(NAMES, ANYTHING, max_size=8))
def test_every_result_holds_only_what_can_be_kept(answer):
    read = read_json(spelled({"id": "j1", "url": "https://a.example/", **answer}).encode(), REDACT)
    for result in RESULTS:
        with contextlib.suppress(UnexpectedAnswer):
            assert_clean(result.from_json(read))


@given(st.dictionaries(NAMES, ANYTHING, max_size=8), st.sampled_from([400, 401, 402, 403, 404, 409, 429, 500]))
def test_every_complaint_holds_only_what_can_be_kept(answer, status):
    error = error_for_status(status, spelled(answer), {}, changes_something=True, redact=REDACT)
    assert_clean([error.message, getattr(error, "details", {})])


def test_what_needs_no_cleaning_is_read_as_it_is():
    value = {"jobs": [{"id": "j1", "n": 1.5, "prompt": "a fox 🦊", "big": 10**20, "none": None, "yes": True}]}
    assert read_json(json.dumps(value, ensure_ascii=False).encode(), REDACT) == value
    assert read_json(json.dumps(value), REDACT) == value


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_is_none_is_read_as_nothing(number):
    assert read_json(f'{{"n": {number}}}') == {"n": None}


def test_bytes_that_are_no_text_are_no_json():
    with pytest.raises(ValueError, match="decode"):
        read_json(b'"\xed\xa0\x80"')


def test_a_good_answer_that_repeats_the_key_is_kept_without_it(provider, client):
    provider.says = Says(body={"status": "Failed", "errorMsg": f"no access for {KEY}", KEY: [KEY.upper()]})
    asset = client.get_asset("a1")
    assert asset.error_message == f"no access for {MASK}"
    assert asset.raw == {"status": "Failed", "errorMsg": f"no access for {MASK}", MASK: [MASK]}


def test_the_name_of_an_exchange_never_holds_the_key(provider, client):
    provider.says = Says(body={"status": "Active"}, headers={"X-Request-Id": f"r-{KEY}"})
    assert client.get_asset("a1").request_id == f"r-{MASK}"
