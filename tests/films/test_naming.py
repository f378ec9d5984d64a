"""Names of downloaded films: the team's pattern, whatever is put into it, on whatever file system."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_app.films.naming import FIELDS, LONGEST, BadPattern, check, example, file_name, safe, unique
from assets_app.models import Generation, NewReference, Team
from tests.views.scene import make_asset, make_generation, make_team, make_user, make_video


@pytest.fixture
def team(db) -> Team:
    return make_team()


def film(team: Team, **columns) -> Generation:
    at = datetime(2026, 11, 3, 15, 42, tzinfo=ZoneInfo("UTC"))
    return make_generation(team, created_at=at, **columns)


def test_the_example_shows_every_field() -> None:
    pattern = "_".join(f"{{{name}}}" for name in FIELDS)
    assert example(pattern) == ("2026-11-03_1542_Courier_seedance-2_2_A-courier-crosses-the-bridge-at_ana_8s_720p.mp4")


def test_a_film_is_named_by_its_facts(team: Team) -> None:
    references = [
        NewReference("reference_image", "image", url="https://media.example/a.png"),
        NewReference("reference_image", "image", make_asset(team, name="Anna’s coat")),
    ]
    made = film(team, by=make_user("ana"), references=references, take=3, prompt="One two three four five six seven")
    make_video(made, content_type="video/webm", seconds=5.6)
    made.refresh_from_db()
    name = file_name(made, "{date} {person} {asset} take {take} {prompt} {seconds}")
    assert name == "2026-11-03 ana Anna’s-coat take 3 One-two-three-four-five-six 6s.webm"


def test_what_is_empty_leaves_no_gap(team: Team) -> None:
    assert file_name(film(team), "{date}_{asset}_{model}_{take}") == "2026-11-03_seedance-2_1.mp4"
    assert file_name(film(team), "{asset}_{person}") == "film.mp4"


def test_signs_at_the_end_of_a_field_leave_the_patterns_own_sign_alone(team: Team) -> None:
    assert file_name(film(team, prompt="Who <is> it?"), "{prompt}_{take}") == "Who-is-it_1.mp4"


def test_a_pattern_that_cannot_be_read_names_films_all_the_same(team: Team) -> None:
    assert file_name(film(team), "{nonsense} {") == "2026-11-03_1.mp4"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{project}_{date}", "“{project}” is no field. Use one of {date}, {time}, {asset}"),
        ("{date", "A brace is open"),
        ("date}", "A brace is open"),
        ("shot", "Without a field"),
        ("{}", "“{}” is no field"),
        ("{date!r}", "Only the field’s name"),
        ("{take:>9999999}", "Only the field’s name"),
        ("{take.__class__}", "is no field"),
        ("{take[0]}", "is no field"),
    ],
)
def test_a_bad_pattern_says_what_to_do(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=re.escape(why)):
        check(pattern)


@pytest.mark.parametrize("pattern", ["{date}", "{{shot}}_{take}", "Ω {take}", " {take}"])
def test_other_patterns_are_taken(pattern: str) -> None:
    check(pattern)


@given(st.text(max_size=400))
def test_every_name_is_safe_on_every_file_system(text: str) -> None:
    name = safe(text)
    assert name
    assert len(name.encode()) <= LONGEST + 1
    assert not re.search(r'[\x00-\x1f\x7f/\\:*?"<>|]', name)
    assert name == name.strip(". ")
    assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name, re.IGNORECASE)


@pytest.mark.parametrize(
    ("given_name", "safe_name"),
    [
        ("CON", "CON_"),
        ("aux.final", "aux_.final"),
        ("..\\..\\etc/passwd", "etc-passwd"),
        ("\u202egpj.exe", "gpj.exe"),
        ("e\u0301te\u0301", "été"),
        ("...", "film"),
        ("a  /  b", "a - b"),
    ],
)
def test_a_name_keeps_what_it_can(given_name: str, safe_name: str) -> None:
    assert safe(given_name) == safe_name


@given(st.lists(st.sampled_from(["a.mp4", "A.MP4", "a (2).mp4", "b.mp4", "noending"]), max_size=12))
def test_no_name_is_there_twice_whatever_its_case(names: list[str]) -> None:
    given_names = unique(names)
    assert len({name.casefold() for name in given_names}) == len(names)


def test_the_second_of_a_name_is_numbered() -> None:
    assert unique(["a.mp4", "A.mp4", "a.mp4"]) == ["a.mp4", "A (2).mp4", "a (3).mp4"]
