"""Mentions in a prompt, as plain text: what is found, what the model is told, and names that change."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_app import prompting
from assets_app.apiframe import catalogue

SEEDANCE = catalogue.load().get("seedance-2")


def found(prompt: str, *names: str) -> list[str]:
    return [each.name for each in prompting.find(prompt, dict.fromkeys(names, "id"))]


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("@Anna waves", ["Anna"]),
        ("(@Anna), @Anna’s boat, @Anna.", ["Anna"] * 3),
        ("@Anna Smith waves to @Anna", ["Anna Smith", "Anna"]),
        ("@Annabel and @anna and mail@Anna", []),
        ("@Anna2 and @Anna_x", []),
        ("@Anna Smith 2 and @Anna Smith 20", ["Anna Smith 2", "Anna Smith"]),
        ("@Anna@Anna", ["Anna"]),
        ("向@小明走去", ["小明"]),
        ("@shot (1).png", ["shot (1).png"]),
    ],
)
def test_the_longest_name_is_found_and_only_where_it_is_a_whole_word(prompt, names):
    assert found(prompt, "Anna", "Anna Smith", "Anna Smith 2", "小明", "shot (1).png") == names


def test_each_mention_becomes_what_the_model_calls_the_thing():
    mentions = {"Anna": "a", "Boat": "b", "Gone": "c"}
    words = prompting.words_for(SEEDANCE, [("b", "reference_image", 0), ("a", "reference_image", 1)])
    rendered = prompting.render("@Anna rows @Boat, @Boat sinks; @Gone, @Nobody", mentions, words)
    assert rendered == "[Image2] rows [Image1], [Image1] sinks; Gone, @Nobody"


def test_each_kind_of_slot_has_its_words():
    places = [
        ("i", "reference_image", 1),
        ("v", "reference_video", 0),
        ("s", "reference_audio", 2),
        ("a", "start_image", 0),
        ("z", "end_image", 0),
        ("n", "nowhere", 0),
    ]
    assert prompting.words_for(SEEDANCE, places) == {
        "i": "[Image2]",
        "v": "[Video1]",
        "s": "[Audio3]",
        "a": "the first frame",
        "z": "the last frame",
    }


def test_every_slot_of_every_model_has_a_word():
    for model in catalogue.load().video_models:
        for slot in model.slots:
            assert slot.mention, f"{model.id}: {slot.name}"
            assert slot.is_numbered == slot.is_list, f"{model.id}: {slot.name}"


def test_what_is_called_otherwise_now_is_mentioned_by_its_present_name():
    mentions = {"Anna": "1", "Boat": "2", "Anna 2": "3"}
    prompt, now = prompting.renamed("@Anna, @Boat, @Anna 2", mentions, {"1": "Ana", "2": "Boat", "3": "Anna"})
    assert prompt == "@Ana, @Boat, @Anna 2"
    assert now == {"Ana": "1", "Boat": "2", "Anna 2": "3"}


def test_two_that_swapped_their_names_are_still_told_apart():
    prompt, now = prompting.renamed("@A sees @B", {"A": "1", "B": "2"}, {"1": "B", "2": "A"})
    assert (prompt, now) == ("@B sees @A", {"B": "1", "A": "2"})


def test_of_two_that_came_to_one_name_the_second_gets_a_number():
    prompt, now = prompting.renamed("@A sees @B", {"A": "1", "B": "2"}, {"1": "Sea", "2": "Sea"})
    assert (prompt, now) == ("@Sea sees @Sea 2", {"Sea": "1", "Sea 2": "2"})


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="@\n\r\0"), min_size=1, max_size=12).filter(str.strip)


@given(st.dictionaries(NAMES, st.sampled_from("abc"), min_size=1), st.data())
def test_a_prompt_made_of_mentions_is_rendered_whole(mentions, data):
    names = data.draw(st.lists(st.sampled_from(sorted(mentions)), min_size=1))
    prompt = "\n".join(f"@{name}\r" for name in names)
    if any(name[0].isspace() for name in names):
        return
    rendered = prompting.render(prompt, mentions, {"a": "[A]", "b": "[B]", "c": "[C]"})
    assert rendered.replace("\r", "").split("\n") == [f"[{mentions[name].upper()}]" for name in names]


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=8), st.sampled_from("ab")), st.text(max_size=8))
def test_whatever_is_typed_nothing_breaks_and_the_rest_stays(prompt, mentions, name):
    cut = prompting.find(prompt, mentions)
    assert prompting.replace(prompt, mentions, lambda each: prompt[each.start : each.end]) == prompt
    assert [each.start for each in cut] == sorted({each.start for each in cut})
    for sign in prompting.unsettled(prompt, mentions):
        assert prompt[sign.start] == "@"
    assert prompting.free_name(name, "me", mentions) not in {key for key, value in mentions.items() if value != "me"}


def test_a_sign_may_begin_any_name_that_ends_with_a_word():
    (sign,) = prompting.unsettled("see @Anna Smith, now\nand on", {})
    assert sign.names == ("Anna Smith, now", "Anna Smith,", "Anna Smith", "Anna")


def test_a_text_full_of_signs_costs_no_time():
    names = {"@" * 200 + chr(0x100 + number): str(number) for number in range(100)}
    began = time.process_time()
    prompting.find("@" * 50_000, names)
    assert time.process_time() - began < 0.1  # a page looks several times


def test_mentions_beyond_any_use_stay_text():
    prompt = "@Ana " * (prompting.MOST_SIGNS + 1)
    assert len(prompting.find(prompt, {"Ana": "1"})) == prompting.MOST_SIGNS
