"""Code samples do what they say, whatever an address or an id holds."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess

import pytest

from assets_app import asset_code

EVIL = 'http://127.0.0.1:8438/"+str(__import__("os").system("id"))+"${process.exit(1)}`\\'
FAKE_FETCH = """
globalThis.fetch = async (url) => {
  console.error(JSON.stringify(url));
  return { ok: true, json: async () => ({ assetId: "x", status: "Active" }) };
};
"""
EVIL_ID = 'a1\nprint("evil")\u2028console.log("evil")'


def calls_of(code: str) -> set[str]:
    """Whatever the Python sample calls, by name."""
    calls = [node.func for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return {call.id if isinstance(call, ast.Name) else getattr(call, "attr", "") for call in calls}


@pytest.mark.parametrize("address", ["https://api.apiframe.ai", EVIL, "https://x/'\"{1/0}"])
def test_python_calls_nothing_but_its_own(address: str) -> None:
    code = asset_code.as_python("https://a.example/a.png", "image", EVIL_ID, address)
    assert calls_of(code) == {"Session", "post", "raise_for_status", "json", "get", "sleep", "print"}
    assert "evil" not in {node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)}


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node here")
def test_javascript_runs_nothing_but_its_own() -> None:
    code = asset_code.as_javascript("https://a.example/a.png", "image", EVIL_ID, EVIL)
    done = subprocess.run(
        ["node", "--input-type=module", "-e", FAKE_FETCH + code], capture_output=True, text=True, timeout=30, check=True
    )
    assert [json.loads(line) for line in done.stderr.splitlines()] == [
        f"{EVIL}/v2/assets/create",
        f"{EVIL}/v2/assets/x",
    ]
    assert "evil" not in done.stdout


def test_javascript_holds_the_address_as_text_only() -> None:
    code = asset_code.as_javascript("https://a.example/a.png", "image", EVIL_ID, EVIL)
    assert code.count(json.dumps(f"{EVIL}/v2/assets/")) == 1
    assert "\u2028" not in code
