"""Names of downloaded films: the team's pattern, whatever is put into it, on whatever file system."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_app.films.naming import FIELDS, LONGEST, BadPattern, check, example, file_name, file_names, safe, unique
from assets_app.models import Asset, Generation, NewReference, Team
from tests.views.scene import make_asset, make_generation, make_team, make_user, make_video


@pytest.fixture
def team(db) -> Team:
    return make_team()


def film(team: Team, **columns) -> Generation:
    at = datetime(2026, 11, 3, 15, 42, tzinfo=ZoneInfo("UTC"))
    return make_generation(team, created_at=at, **columns)


def test_the_example_shows_every_field() -> None:
    pattern = "_".join(f"{{{name}}}" for name in FIELDS)
    assert example(pattern) == (
        "2026-11-03_1542_02_Courier_seedance-2_2_A-courier-crosses-the-bridge-at_ana_8s_720p.mp4"
    )


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
    assert file_name(film(team), "{date}_{person}_{model}_{take}") == "2026-11-03_seedance-2_1.mp4"
    assert file_name(film(team), "{person}") == "film.mp4"


def test_without_a_chosen_reference_the_prompt_stands_in_unless_it_is_named_itself(team: Team) -> None:
    assert file_name(film(team, prompt="A quiet sea"), "{asset}_{take}") == "A-quiet-sea_1.mp4"
    assert file_name(film(team, prompt="A quiet sea"), "{asset}_{prompt}_{take}") == "A-quiet-sea_1.mp4"


# --- a chain of next shots -------------------------------------------------------------------------------------------
def shot_after(before: Generation, *chosen: Asset, prompt: str) -> Generation:
    """It begins with the last frame of the shot before."""
    frame = make_asset(before.team, name=f"Last frame: {before.prompt}")
    Asset.objects.filter(pk=frame.pk).update(made_from=before, made_by="last_frame")
    references = [NewReference("start_image", "image", frame)]
    references += [NewReference("reference_image", "image", each) for each in chosen]
    made = film(before.team, references=references, prompt=prompt)
    Generation.objects.filter(pk=made.pk).update(made_from=before, origin="next")
    return Generation.objects.get(pk=made.pk)


def same_shot(of: Generation, origin: str) -> Generation:
    made = film(
        of.team,
        prompt=of.prompt,
        references=[NewReference(each.slot, each.media_type, each.asset) for each in of.references.all()],
    )
    Generation.objects.filter(pk=made.pk).update(made_from=of, origin=origin)
    return Generation.objects.get(pk=made.pk)


def test_a_chained_film_is_named_by_who_is_in_it_and_by_its_place_never_by_the_shot_before(team: Team) -> None:
    courier = make_asset(team, name="Courier")
    first = film(team, references=[NewReference("reference_image", "image", courier)], prompt="She waits")
    second = shot_after(first, prompt="Her hand closes")
    third = shot_after(second, prompt="Over the shoulder")
    names = file_names([third, first, second], "{shot}_{asset}_{prompt}")
    assert names == ["03_Courier_Over-the-shoulder.mp4", "01_Courier_She-waits.mp4", "02_Courier_Her-hand-closes.mp4"]


def test_a_draft_its_final_and_other_takes_are_the_same_shot(team: Team) -> None:
    first = film(team, prompt="She waits")
    draft = shot_after(first, prompt="Her hand closes")
    final = same_shot(draft, "final")
    after_draft, edited = shot_after(draft, prompt="Over the shoulder"), same_shot(final, "edit")
    names = file_names([first, draft, final, edited, after_draft], "{shot}_{asset}")
    assert [name[:2] for name in names] == ["01", "02", "02", "02", "03"]
    assert names[1] == "02_Her-hand-closes.mp4"


def test_by_the_usual_pattern_a_chain_sorts_by_name(team: Team) -> None:
    shots = [film(team, references=[NewReference("reference_image", "image", make_asset(team, name="Zoe"))])]
    for number in range(11):
        shots.append(shot_after(shots[-1], prompt=f"Shot {12 - number}"))
    names = file_names(shots, team.film_names)
    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_a_part_cut_out_of_a_frame_names_no_film_either(team: Team) -> None:
    first = film(team, prompt="She waits")
    made = shot_after(first, prompt="Her hand closes")
    frame = Asset.objects.get(made_by="last_frame")
    part = make_asset(team, name="Last frame: She waits, the middle")
    Asset.objects.filter(pk=part.pk).update(cut_from=frame, made_by="crop")
    made.references.update(asset=part)
    assert file_name(made, "{asset}") == "Her-hand-closes.mp4"


def test_names_of_many_films_cost_as_many_looks_as_their_longest_chain(team: Team, django_assert_num_queries) -> None:
    chains = [[film(team)] for _ in range(3)]
    for chain in chains:
        chain += [shot_after(chain[0], prompt="Then")]
    films = list(Generation.objects.select_related("video", "created_by").filter(pk__in=[one[1].pk for one in chains]))
    with django_assert_num_queries(2):
        file_names(films, "{shot}_{asset}_{take}")


def test_films_that_go_round_in_a_ring_are_named_all_the_same(team: Team) -> None:
    one = film(team)
    other = shot_after(one, prompt="Then")
    Generation.objects.filter(pk=one.pk).update(made_from=other, origin="next")
    assert file_name(Generation.objects.get(pk=other.pk), "{shot}_{take}") == "03_1.mp4"


def test_signs_at_the_end_of_a_field_leave_the_patterns_own_sign_alone(team: Team) -> None:
    assert file_name(film(team, prompt="Who <is> it?"), "{prompt}_{take}") == "Who-is-it_1.mp4"


def test_a_pattern_that_cannot_be_read_names_films_all_the_same(team: Team) -> None:
    assert file_name(film(team), "{nonsense} {") == "2026-11-03_1.mp4"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{project}_{date}", "“{project}” is no field. Use one of {date}, {time}, {shot}, {asset}"),
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
