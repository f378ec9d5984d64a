"""What assets are found and sorted by, and the numbers that order them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from assets_app.models.numbers import first_number_at, next_number
from assets_app.models.words import LONGEST_WORD, findable_words, fold, query_words, sorting_name, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ärger über Öl", ["arger", "uber", "ol"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("shot_012-v3.final.MP4", ["shot", "012", "v3", "final", "mp4"]),
        ("1920x1080", ["1920x1080"]),
        ("夜の街", ["夜", "の", "街"]),
        ("'; DROP TABLE -- \" * NEAR(", ["drop", "table", "near"]),
        ("🎬🔥 take", ["🎬", "🔥", "take"]),
        ("２０２４ ﬁlm", ["2024", "film"]),
        ("", []),
    ],
)
def test_words_are_folded_and_split_as_people_search(text: str, words: list[str]) -> None:
    assert words_in(text) == words


@pytest.mark.parametrize("text", ["???", "%", "_", "*", '"', "''", "？！", "\u0301", "\u200b", "–", "€", "+", "\\"])
def test_signs_that_nothing_could_be_found_by_are_no_words(text: str) -> None:
    assert query_words(text) == []


@given(st.text())
def test_no_word_of_any_text_holds_a_sign_that_a_database_reads_as_its_own(text: str) -> None:
    for word in query_words(text):
        assert word.isalnum() or (len(word) == 1 and not word.isascii() and word.isprintable())
        assert len(word) <= LONGEST_WORD


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("DSC01273", "01273 1273 dsc"),
        ("IMG1234", "1234 img"),
        ("sc03sh012tk02", "3 sh 12 tk 02 2"),
        ("20240501Anna", "anna 2024"),
        ("1920x1080", "1080"),
        ("shot_007", "7 007"),
        ("Ｄ８ 🎬", "8 🎬"),
    ],
)
def test_a_name_is_found_by_each_part_where_letters_and_digits_meet(name: str, asked: str) -> None:
    words = findable_words(name)
    assert [word for word in query_words(asked) if not any(each.startswith(word) for each in words)] == []


def test_a_checksum_is_not_cut_into_its_digits() -> None:
    assert findable_words("9f86d081884c7d659a2f") == ["9f86d081884c7d659a2f"]


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_names_sort_as_people_count() -> None:
    names = ["Shot 10", "shot 2", "Écran", "ecran b", "shot 02b"]
    assert sorted(names, key=sorting_name) == ["Écran", "ecran b", "shot 2", "shot 02b", "Shot 10"]


def test_numbers_grow_with_time_and_within_a_moment() -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    numbers = []
    for seconds in range(3):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            numbers += [next_number() for _ in range(2000)]
    assert numbers == sorted(set(numbers))
    assert first_number_at(start) <= numbers[0] < first_number_at(start + timedelta(seconds=1)) <= numbers[2000]


def test_numbers_fit_the_database_for_any_day_a_person_can_ask_for() -> None:
    assert first_number_at(datetime(1000, 1, 1, tzinfo=UTC)) == 0
    assert first_number_at(datetime(2999, 12, 31, tzinfo=UTC)) < 2**63
