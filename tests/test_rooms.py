"""The code's rooms, one above the other: what is imported lies below, or in the same room (README, "How it works")."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import assets_app

ROOT = Path(assets_app.__file__).parent
PURE = "addresses asset_code cuts days drafting origin payload prompting totals"
FLOORS = [
    f"apiframe supervisor decoding {PURE}",
    "media sandbox",
    "models openid",
    "known_devices mail many middleware names sessions sign_in_log",
    "sign_in_limits second_step",
    "accounts",
    "leaving library money",
    "engine films",
    "cluster startup tasks",
    "forms",
    "templatetags views",
    "apps management urls",
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms.split()}


@cache
def imports() -> tuple[tuple[str, str, str], ...]:
    """Each import of another room: the file, its room, and the other."""
    return tuple(_found())


def _found() -> Iterator[tuple[str, str, str]]:
    for file in sorted(ROOT.rglob("*.py")):
        place = file.relative_to(ROOT).with_suffix("").parts
        if place[0] in ("migrations", "__init__"):  # these go with every room
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            for name in _named(node, ("assets_app", *place[:-1])):
                if name[0] == "assets_app" and name[1:2] not in ([], [place[0]]):
                    yield str(file.relative_to(ROOT)), place[0], name[1]


def _named(node: ast.AST, package: tuple[str, ...]) -> list[list[str]]:
    """The whole names, in parts, that an import statement takes from."""
    if isinstance(node, ast.Import):
        return [each.name.split(".") for each in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = [*package[: len(package) + 1 - node.level]] if node.level else []
    base += node.module.split(".") if node.module else []
    return [[*base, each.name] for each in node.names]


def test_every_room_has_its_floor() -> None:
    rooms = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert rooms - {"migrations", "__init__"} == set(FLOOR)


@pytest.mark.parametrize("room", sorted(FLOOR))
def test_a_room_takes_nothing_from_above_it(room: str) -> None:
    upwards = [f"{file}: {other}" for file, own, other in imports() if own == room and FLOOR[other] > FLOOR[room]]
    assert upwards == []


def test_rooms_of_one_floor_do_not_take_from_each_other_both_ways() -> None:
    ways = {(own, other) for _file, own, other in imports()}
    assert [(own, other) for own, other in ways if (other, own) in ways] == []
