"""One asset as code for the provider's API: register its source, then read it until it is Active."""

from __future__ import annotations

import json
import shlex

from assets_app.payload import KEY_VARIABLE

CREATE_PATH = "/v2/assets/create"
READ_PATH = "/v2/assets"
UNKNOWN_ID = "the-asset-id-from-above"


def as_code(source_url: str, media_type: str, provider_id: str, base_url: str) -> list[tuple[str, str]]:
    """In each language there is, with the language's name."""
    facts = (source_url, media_type, provider_id, base_url)
    return [("curl", as_curl(*facts)), ("Python", as_python(*facts)), ("JavaScript", as_javascript(*facts))]


def as_curl(source_url: str, media_type: str, provider_id: str, base_url: str) -> str:
    """Two shell commands; the key comes from the environment."""
    base = base_url.rstrip("/")
    body = json.dumps({"url": source_url, "type": media_type}, ensure_ascii=False)
    key = f'-H "X-API-Key: ${KEY_VARIABLE}"'
    create = " \\\n  ".join(
        [
            f"curl --fail-with-body -X POST {shlex.quote(base + CREATE_PATH)}",
            key,
            "-H 'Content-Type: application/json'",
            f"--data-raw {shlex.quote(body)}",
        ]
    )
    read = f"curl --fail-with-body {shlex.quote(f'{base}{READ_PATH}/{provider_id or UNKNOWN_ID}')} \\\n  {key}"
    return f"{create}\n\n{read}\n"


def as_python(source_url: str, media_type: str, provider_id: str, base_url: str) -> str:
    """A Python program on the requests library; the key comes from the environment."""
    base = base_url.rstrip("/")
    return f"""\
import os
import time

import requests

session = requests.Session()
session.headers["X-API-Key"] = os.environ["{KEY_VARIABLE}"]

created = session.post(
    {base + CREATE_PATH!r},
    json={{"url": {source_url!r}, "type": {media_type!r}}},
    timeout=60,
)
created.raise_for_status()
asset_id = created.json()["assetId"]{_now_known("#", provider_id)}

while True:
    asset = session.get({f"{base}{READ_PATH}/"!r} + asset_id, timeout=60).json()
    if asset["status"] in ("Active", "Failed"):
        break
    time.sleep(2)
print(asset["status"], f"asset://{{asset_id}}")
"""


def as_javascript(source_url: str, media_type: str, provider_id: str, base_url: str) -> str:
    """A JavaScript module for Node 18 or later; the key comes from the environment."""
    base = base_url.rstrip("/")
    body = json.dumps({"url": source_url, "type": media_type}, ensure_ascii=False)
    return f"""\
const headers = {{ "X-API-Key": process.env.{KEY_VARIABLE}, "Content-Type": "application/json" }};

const created = await fetch({json.dumps(base + CREATE_PATH)}, {{
  method: "POST",
  headers,
  body: JSON.stringify({body}),
}});
if (!created.ok) throw new Error(await created.text());
const {{ assetId }} = await created.json();{_now_known("//", provider_id)}

let asset;
do {{
  await new Promise((resolve) => setTimeout(resolve, 2000));
  asset = await (await fetch({json.dumps(f"{base}{READ_PATH}/")} + assetId, {{ headers }})).json();
}} while (!["Active", "Failed"].includes(asset.status));
console.log(asset.status, `asset://${{assetId}}`);
"""


def _now_known(comment: str, provider_id: str) -> str:
    """A comment ends with its line, so there is none in the id."""
    return f"  {comment} the one we have: {json.dumps(provider_id)[1:-1]}" if provider_id else ""
