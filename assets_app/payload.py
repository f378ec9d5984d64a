"""Turns what people chose into the request the provider gets, and shows that very request as code. Pure functions."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from assets_app.apiframe import catalogue
from assets_app.apiframe.model_facts import ALWAYS_SENT, Model, Ref
from assets_app.apiframe.results import JobStatus

__all__ = ["Ref", "as_curl", "as_javascript", "as_json", "as_python", "body_or_none", "build_body"]

GENERATE_PATH, JOB_PATH = "/v2/videos/generate", "/v2/jobs/"
FINAL = tuple(status.value for status in JobStatus if status.is_final)
SECONDS_BETWEEN_LOOKS = 5
KEY_VARIABLE = "APIFRAME_API_KEY"


def build_body(
    model_id: str,
    prompt: str,
    params: Mapping[str, Any],
    references: Sequence[Ref] = (),
    webhook_url: str | None = None,
    webhook_events: Sequence[str] = ("completed", "failed"),
) -> dict[str, Any]:
    """The body of one POST /v2/videos/generate.

    Duration, resolution and aspect ratio are always there: left out, the provider fills them in at its own price
    (FACTS §6). Parameters the model does not have and those that are None stay out; references go to their slot in
    the order of their position. A reference for which the model has no place raises ValueError, because a request
    that silently lost one costs the same. Raises UnknownModel for a model nobody knows.
    """
    model = catalogue.load().get(model_id)
    block = {**_chosen(model, params, references), **_media(model, references)}
    body: dict[str, Any] = {"model": model_id, "prompt": prompt}
    if model.params_key is not None and (block or model.params_key in model.required):
        body[model.params_key] = block
    if webhook_url:
        body |= {"webhookUrl": webhook_url, "webhookEvents": list(webhook_events)}
    return body


def body_or_none(
    model_id: str, prompt: str, params: Mapping[str, Any], references: Sequence[Ref] = ()
) -> dict[str, Any] | None:
    """The body as `build_body` makes it, without a webhook; None while the model has no place for something, or for a
    model that is not offered (any more).
    """
    try:
        return build_body(model_id, prompt, params, references)
    except (ValueError, catalogue.UnknownModel):
        return None


def _chosen(model: Model, params: Mapping[str, Any], references: Sequence[Ref]) -> dict[str, Any]:
    media = {slot.param for slot in model.slots}
    chosen = {}
    for name, param in model.params.items():
        value = params.get(name)
        if value is None and name in ALWAYS_SENT:
            value = _fitting_ratio(model, references) if name == "aspect_ratio" else param.default
        if value is not None and name not in media:
            chosen[name] = value
    return chosen


def _fitting_ratio(model: Model, references: Sequence[Ref]) -> Any:
    """An explicit ratio beside a start image, or beside a lone video, may be refused (FACTS §6 rules 4 and 5)."""
    ratio = model.params["aspect_ratio"]
    slots = [ref.slot for ref in references]
    lone_video = slots.count("reference_video") == 1 and "reference_image" not in slots
    if "adaptive" in ratio.choices and ("start_image" in slots or lone_video):
        return "adaptive"
    return ratio.default


def _media(model: Model, references: Sequence[Ref]) -> dict[str, Any]:
    media: dict[str, Any] = {}
    for ref in sorted(references, key=lambda ref: ref.position):
        slot = model.slot(ref.slot)
        if slot is None:
            raise ValueError(f"{model.label} has no place for a {ref.slot.replace('_', ' ')}")
        if slot.is_list:
            media.setdefault(slot.param, []).append(ref.value)
        elif slot.param in media:
            raise ValueError(f"{model.label} takes one {slot.label.lower()} only")
        else:
            media[slot.param] = ref.value
    return {slot.param: media[slot.param] for slot in model.slots if slot.param in media}


def as_code(body: Mapping[str, Any], base_url: str) -> list[tuple[str, str]]:
    """The request in each language there is, with the language's name."""
    return [
        ("curl", as_curl(body, base_url)),
        ("Python", as_python(body, base_url)),
        ("JavaScript", as_javascript(body, base_url)),
    ]


def as_curl(body: Mapping[str, Any], base_url: str) -> str:
    """The request as a shell command; the key comes from the environment."""
    return " \\\n  ".join(
        [
            f"curl --fail-with-body -X POST {shlex.quote(_address(base_url))}",
            f'-H "X-API-Key: ${KEY_VARIABLE}"',
            "-H 'Content-Type: application/json'",
            f"--data-raw {shlex.quote(as_json(body))}",
        ]
    )


def as_python(body: Mapping[str, Any], base_url: str) -> str:
    """The request as a Python program on the requests library, which waits for the video; the key comes from the
    environment. The provider asks to be asked every 5 to 10 seconds (FACTS §10).
    """
    return f"""\
import os
import time

import requests

body = {_python(body)}

session = requests.Session()
session.headers["X-API-Key"] = os.environ["{KEY_VARIABLE}"]

response = session.post(
    {_address(base_url)!r},
    json=body,
    timeout=60,
)
response.raise_for_status()
job_id = response.json()["jobId"]

while True:
    response = session.get({_address(base_url, JOB_PATH)!r} + job_id, timeout=60)
    response.raise_for_status()
    job = response.json()
    if job["status"] in {FINAL!r}:
        break
    time.sleep({SECONDS_BETWEEN_LOOKS})
print(job["status"], job.get("result") or job.get("error"))
"""


def as_javascript(body: Mapping[str, Any], base_url: str) -> str:
    """The request as a JavaScript module for Node 18 or later, which waits for the video; the key comes from the
    environment.
    """
    return f"""\
const body = {as_json(body)};

const response = await fetch({json.dumps(_address(base_url))}, {{
  method: "POST",
  headers: {{
    "X-API-Key": process.env.{KEY_VARIABLE},
    "Content-Type": "application/json",
  }},
  body: JSON.stringify(body),
}});
if (!response.ok) throw new Error(await response.text());
const {{ jobId }} = await response.json();

let job;
do {{
  await new Promise((resolve) => setTimeout(resolve, {SECONDS_BETWEEN_LOOKS * 1000}));
  const answer = await fetch({json.dumps(_address(base_url, JOB_PATH))} + jobId, {{
    headers: {{ "X-API-Key": process.env.{KEY_VARIABLE} }},
  }});
  if (!answer.ok) throw new Error(await answer.text());
  job = await answer.json();
}} while (!{json.dumps(FINAL)}.includes(job.status));
console.log(job.status, job.result ?? job.error);
"""


def _address(base_url: str, path: str = GENERATE_PATH) -> str:
    return base_url.rstrip("/") + path


def as_json(body: Mapping[str, Any]) -> str:
    """The body by itself, as people read it."""
    return json.dumps(body, indent=2, ensure_ascii=False)


def _python(value: Any, indent: str = "") -> str:
    deeper = indent + "    "
    if isinstance(value, Mapping) and value:
        lines = [f"{deeper}{key!r}: {_python(each, deeper)},\n" for key, each in value.items()]
        return "{\n" + "".join(lines) + indent + "}"
    if isinstance(value, list) and value:
        lines = [f"{deeper}{_python(each, deeper)},\n" for each in value]
        return "[\n" + "".join(lines) + indent + "]"
    return repr(value)
