"""The provider's own OpenAPI document, when it lies beside the repository."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = Path(__file__).resolve().parents[3] / "shared" / "apiframe" / "openapi.json"

needs_document = pytest.mark.skipif(not DOCUMENT.exists(), reason=f"the provider's document is not at {DOCUMENT}")


@cache
def document() -> dict[str, Any]:
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


@cache
def video_schemas() -> dict[str, dict[str, Any]]:
    """The schema of a whole body, by model id."""
    branches = document()["components"]["schemas"]["GenerateVideoRequest"]["oneOf"]
    return {branch["properties"]["model"]["enum"][0]: branch for branch in branches}
