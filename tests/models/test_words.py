"""What assets are found and sorted by, and the numbers that order them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from assets_app.models.numbers import first_number_at, next_number
from assets_app.models.words import LONGEST_WORD, fold, query_words, sorting_name, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ärger über Öl", ["arger", "uber", "ol"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("shot_012-v3.final.MP4", ["shot", "012", "v3", "final", "mp4"]),
        ("1920x1080", ["1920x1080"]),
        ("夜の街", ["夜", "の", "街"]),
        ("'; DROP TABLE -- \" * NEAR(", ["drop", "table", "near"]),
        ("", []),
    ],
)
def test_words_are_folded_and_split_as_people_search(text: str, words: list[str]) -> None:
    assert words_in(text) == words


@given(st.text())
def test_any_text_gives_words_of_letters_and_digits_only(text: str) -> None:
    for word in query_words(text):
        assert word.isalnum()
        assert len(word) <= LONGEST_WORD


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
