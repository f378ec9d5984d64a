"""Who decodes foreign bytes: a child process, and nobody else."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import assets_app
from assets_app.cuts import Cut
from assets_app.media import decoders
from assets_app.media.facts import ProbeError, ThumbnailError

from . import samples

HOME = Path(assets_app.__file__).parent
DECODING = {"av", "PIL", "pi_heif"}
OPERATIONS = "assets_app.media.operations"


def test_a_process_that_has_all_decoded_for_it_never_holds_a_decoder(tmp_path: Path) -> None:
    film = samples.film(tmp_path / "a.mp4", seconds=0.3)
    code = (
        "import sys; from pathlib import Path; from assets_app.media import archive, decoders\n"
        f"path = Path({str(film)!r})\n"
        "copy = archive.examine(path.open('rb'), path.parent, is_film=True)\n"
        "decoders.play_through(path, copy.facts); decoders.last_frame(path, 'video/mp4', 0.3)\n"
        "assert copy.poster and copy.clip\n"
        "sys.exit('av' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nobody_but_the_child_imports_what_decodes() -> None:
    """The sandbox draws what is its own."""
    imports = {name: _imported(file) for name, file in _modules() if not name.startswith("assets_app.sandbox")}
    needing = {name for name, others in imports.items() if {each.partition(".")[0] for each in others} & DECODING}
    while more := {name for name, others in imports.items() if others & needing} - needing - {OPERATIONS}:
        needing |= more
    assert {name for name in needing if not name.startswith("assets_app.media.")} == set()
    assert not needing & {f"assets_app.media.{name}" for name in ("decoders", "archive", "receiving", "fetch")}
    assert len(needing) > len(DECODING)


def _modules() -> Iterator[tuple[str, Path]]:
    for file in HOME.rglob("*.py"):
        yield ".".join(["assets_app", *file.relative_to(HOME).with_suffix("").parts]), file


def _imported(file: Path) -> set[str]:
    package = ["assets_app", *file.relative_to(HOME).parent.parts]
    modules = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            modules |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) + 1 - node.level]] if node.level else []
            base += node.module.split(".") if node.module else []
            modules |= {".".join(base), *(".".join([*base, each.name]) for each in node.names)}
    return modules


def test_what_the_child_has_against_a_file_comes_back_as_what_it_is(tmp_path: Path) -> None:
    page = tmp_path / "a.png"
    page.write_bytes(b"<html>")
    with pytest.raises(ProbeError, match="web page"):
        decoders.probe(page)
    facts = decoders.probe(samples.picture(tmp_path / "b.png", "PNG"))
    (tmp_path / "b.png").write_bytes(b"something else")
    with pytest.raises(ThumbnailError, match="damaged"):
        decoders.still(tmp_path / "b.png", facts)


def test_a_part_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    whole = samples.picture(tmp_path / "a.png", "PNG", size=(64, 48))
    decoders.cut_out(whole, tmp_path / "part", Cut(box=(0, 0, 20, 10)))
    facts = decoders.probe(tmp_path / "part")
    assert (facts.width, facts.height) == (20, 10)
