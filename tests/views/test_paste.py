"""What the paste box makes of text: a pure reading, proved line by line and on anything at all."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets_app.forms import links, paste
from assets_app.forms.entries import _LIST_MARK, _UNSEEN, entries
from assets_app.forms.links import guess_type
from assets_app.forms.paste import as_text, key_of, parse


def only(text: str) -> paste.Line:
    (line,) = parse(text)
    return line


def test_each_line_becomes_an_entry_with_a_guessed_type() -> None:
    lines = parse("https://a.example/one.PNG\n\nhttp://a.example/two.mp4?x=1#t\r\nhttps://a.example/three.mp3")
    assert [(line.number, line.media_type, line.is_ready) for line in lines] == [
        (1, "image", True),
        (2, "video", True),
        (3, "audio", True),
    ]


@pytest.mark.parametrize(
    "wrapped",
    [
        "  https://a.example/one.png\t",
        "<https://a.example/one.png>",
        '"https://a.example/one.png",',
        "'https://a.example/one.png';",
        "“https://a.example/one.png”",
        "(<https://a.example/one.png>),",
        "- https://a.example/one.png",
        "12. https://a.example/one.png",
    ],
)
def test_what_people_put_around_a_link_is_taken_off(wrapped: str) -> None:
    assert only(wrapped).url == "https://a.example/one.png"
    assert only(wrapped).is_ready


def test_four_pairs_of_brackets_are_taken_off_and_no_more() -> None:
    assert only("((((https://a.example/one.png))))").url == "https://a.example/one.png"
    assert only("(((((https://a.example/one.png)))))").problem == links.NOT_WEB


def test_a_flood_of_brackets_is_read_as_quickly_as_any_other_text() -> None:
    started = time.process_time()
    line = only("(" * 500_000 + ")" * 500_000)
    assert time.process_time() - started < 1  # the square of its length took minutes
    assert line.problem == links.NOT_WEB


def test_a_bracket_that_belongs_to_the_link_stays() -> None:
    assert only("https://a.example/wiki/Lamp_(detail).png").url.endswith("Lamp_(detail).png")


def test_several_links_on_a_line_are_several_entries() -> None:
    assert [line.url for line in parse("https://a.example/1.png, https://a.example/2.png")] == [
        "https://a.example/1.png",
        "https://a.example/2.png",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ftp://a.example/one.png", links.NOT_WEB),
        ("a.example/one.png", links.NOT_WEB),
        ("hello there", links.NOT_WEB),
        ("javascript:alert(1)", links.NOT_WEB),
        ("the hero https://a.example/one.png", links.SPACES),
        ("https://a.example/my file.png", links.SPACES),
        ("https://bob:secret@a.example/one.png", links.CREDENTIALS),
        ("https://bob@a.example/one.png", links.CREDENTIALS),
        ("https://@a.example/one.png", links.CREDENTIALS),
        ("https:///one.png", links.BROKEN),
        ("https://[::1/one.png", links.BROKEN),
        ("https://a.example:99999/one.png", links.BROKEN),
        ("https://a.example/one\x00.png", links.BROKEN),
        ("https://a.example/one\ud800.png", links.BROKEN),
        (f"https://a.example/{'x' * 2000}.png", links.TOO_LONG),
        ("https://a.example/no-ending", paste.NO_TYPE),
    ],
)
def test_a_line_that_cannot_be_registered_says_why(text: str, problem: str) -> None:
    line = only(text)
    assert line.problem == problem
    assert not line.is_ready
    assert line.text == text


def test_www_is_understood_as_https() -> None:
    assert only("www.a.example/one.png").url == "https://www.a.example/one.png"
    assert only("www.a.example/one.png").text == "www.a.example/one.png"
    assert only("www.").problem == links.NOT_WEB


def test_only_what_can_be_registered_has_a_type_to_choose() -> None:
    chosen = [
        line.text
        for line in parse("https://a.example/1.png\nftp://a.example/2.png\nhttps://a.example/3")
        if line.has_type
    ]
    assert chosen == ["https://a.example/1.png", "https://a.example/3"]


def test_exactly_two_thousand_characters_are_not_too_long() -> None:
    start, end = "https://a.example/", ".png"
    assert only(start + "x" * (2000 - len(start + end)) + end).is_ready


def test_a_repeated_link_points_at_the_line_that_had_it_first() -> None:
    first, other, again = parse("https://a.example/1.png\nhttps://a.example/2.png\n<https://a.example/1.png>")
    assert (first.same_as, other.same_as, again.same_as) == (None, None, 1)
    assert not again.is_ready


def test_a_correction_stays_with_its_link_when_lines_move() -> None:
    corrections = {key_of("https://a.example/clip"): "video", key_of("https://a.example/x.png"): "nonsense"}
    lines = parse("https://a.example/x.png\nhttps://a.example/clip", corrections)
    assert [(line.media_type, line.problem) for line in lines] == [("image", ""), ("video", "")]


@pytest.mark.parametrize(
    ("url", "media_type"),
    [
        ("https://a.example/a.HEIC", "image"),
        ("https://a.example/a%2Emov", "video"),
        ("https://a.example/a.wav?sig=1.png", "audio"),
        ("https://a.example/a.png.zip", ""),
        ("https://a.example/", ""),
    ],
)
def test_the_type_is_guessed_from_the_ending_of_the_path_alone(url: str, media_type: str) -> None:
    assert guess_type(url) == media_type


NASTY = st.text() | st.lists(
    st.sampled_from(
        ["https://a.example/1.png", "http://[", "<", ">", '"', ",", " ", "\n", "\t", "1.", "-", "@", "\x00", "é"]
    )
).map("".join)


@given(NASTY)
@example("https://a.example/1.png,0https://a.example/2.png")
def test_nothing_pasted_is_ever_lost(text: str) -> None:
    """Every letter and digit but those of list marks is in an entry, or told as not read; every entry is ready, the
    same as an earlier one, or comes back whole with a reason.
    """
    found = list(entries(text))
    lines = parse(text)
    assert [line.text for line in lines] == [entry.text for entry in found]
    assert [line.number for line in lines] == list(range(1, len(found) + 1))
    kept = "\n".join(words for entry in found for words in (entry.text, entry.headings, *entry.unread))
    for word in text.translate(_UNSEEN).split():
        mark = _LIST_MARK.match(word)
        for part in re.findall(r"\w+", word[mark.end() :] if mark else word):
            assert part in kept
    for line in lines:
        assert line.is_ready or line.problem or line.same_as
        if line.is_ready:
            assert line.url in line.text
            assert line.media_type in ("image", "video", "audio")


@given(NASTY)
@example("https://a.example/1.png,0https://a.example/2.png")
def test_what_came_back_reads_the_same_again(text: str) -> None:
    bad = [line for line in parse(text) if line.problem]
    again = parse(as_text(bad))
    assert [(line.url, line.problem) for line in again] == [(line.url, line.problem) for line in bad]


def test_lines_of_a_table_come_back_beneath_its_headings() -> None:
    lines = parse("name,url\nhero,https://a.example/x,y\nnonsense\nboat,https://a.example/z")
    bad = [line for line in lines if line.problem]
    assert as_text(bad) == "nonsense\nname,url\nhero,https://a.example/x,y\nboat,https://a.example/z"
    assert {(line.name, line.url) for line in parse(as_text(bad))} == {(line.name, line.url) for line in bad}
