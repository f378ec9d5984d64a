"""A provider that says what a test tells it to, over a real socket on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assets_app.apiframe.client import Client

from .scripted import PATIENCE_SECONDS, ScriptedProvider

KEY = "afk_9f8e7d6c5b4a39281706f5e4d3c2b1a0"


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider() as server:
        yield server


@pytest.fixture
def client(provider: ScriptedProvider) -> Iterator[Client]:
    with Client(provider.base_url, KEY, timeout=(PATIENCE_SECONDS, PATIENCE_SECONDS)) as client:
        yield client
