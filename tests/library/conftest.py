"""A library that is small, and different in every respect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User

from assets_app.models import Asset, Team


@pytest.fixture
def make(team: Team) -> Any:
    def make_one(name: str = "shot", **columns: Any) -> Asset:
        values = {"media_type": "image", "state": "active", "source_url": f"https://a.example/{name}.bin"} | columns
        return Asset.objects.create(team=team, name=name, **values)

    return make_one


@pytest.fixture
def people(team: Team, editor: User, viewer: User) -> Sequence[User]:
    return editor, viewer
