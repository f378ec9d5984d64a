"""`manage.py import_assets`: a file of links, with an answer for each line that needs one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from assets_app.models import Asset, Team
from tests.views.scene import make_asset


def run(team: str, file: Path | str, **options: object) -> tuple[str, str, str]:
    """What was said, what was complained about, and how it ended."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_assets", team, str(file), stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), ""


def test_each_link_of_a_text_file_is_registered_and_bad_lines_are_named(team: Team, tmp_path: Path) -> None:
    known = make_asset(team, name="Quay")
    file = tmp_path / "links.txt"
    file.write_text(f"https://a.example/1.png\n{known.source_url}\nnonsense\nhttps://a.example/1.png\n")
    out, err, end = run("dailies", file)
    assert "line 2: in the library already: Quay" in out
    assert "1 registered, 1 in the library already, 1 repeated, 1 with a problem" in out
    assert "line 3: nonsense: Not a web address" in err
    assert end == "1 lines need a look."
    assert Asset.objects.filter(source_url="https://a.example/1.png", state="queued").count() == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_cell_of_a_table_that_holds_a_link_is_one(team: Team, tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "cast.csv"
    rows = [["name", "link"], ["Courier", "https://a.example/c.png"], ["Tram", "https://a.example/t.mp4"]]
    file.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-8-sig")
    _out, err, end = run("dailies", file)
    assert (err, end) == ("", "")
    assert set(Asset.objects.values_list("source_url", flat=True)) == {rows[1][1], rows[2][1]}


def test_it_is_said_who_registers_them(team: Team, editor: User, viewer: User, tmp_path: Path) -> None:
    file = tmp_path / "links.txt"
    file.write_text("https://a.example/1.png")
    for name in ("vito", "nobody"):
        assert run("dailies", file, user=name)[2] == f"Nobody called “{name}” may add to dailies."
    assert not Asset.objects.exists()
    run("dailies", file, user="edda")
    assert Asset.objects.get().created_by == editor


def test_checking_registers_nothing(team: Team, tmp_path: Path) -> None:
    file = tmp_path / "links.txt"
    file.write_text("https://a.example/1.png")
    out, _err, end = run("dailies", file, check=True)
    assert "1 would be registered" in out
    assert not end
    assert not Asset.objects.exists()


def test_a_team_or_file_that_is_not_there_is_one_clear_line(team: Team, tmp_path: Path) -> None:
    assert run("nobody", tmp_path / "x")[2] == "There is no team “nobody”."
    assert "cannot be read" in run("dailies", tmp_path / "missing.txt")[2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_gives_names_and_says_what_it_does_not_read(team: Team, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "cast.csv"
    file.write_text("name;link;tags\r\nÄlster;https://a.example/w_1,h_2/c.png;night\r\n;lost;\r\n", encoding=encoding)
    out, err, end = run("dailies", file)
    assert Asset.objects.get().name == "Älster"
    assert Asset.objects.get().source_url == "https://a.example/w_1,h_2/c.png"
    assert "only links, names and types are read, and not: tags" in out
    assert "line 2: ;lost;: Not a web address" in err
    assert end == "1 lines need a look."
