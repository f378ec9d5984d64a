"""Choosing a part: what is suggested, what is refused and how it is said, what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets_app.apiframe.model_facts import MediaFacts
from assets_app.cuts import Cut, box_of_shape
from assets_app.forms.cut import CutForm, Fit, ratio_of

PICTURE = MediaFacts(media_type="image", content_type="image/jpeg", width=1200, height=400)
FILM = MediaFacts(media_type="video", content_type="video/mp4", width=1280, height=720, seconds=30.0, fps=24)
SONG = MediaFacts(media_type="audio", content_type="audio/mpeg", seconds=12.348)


def form_of(whole: MediaFacts, model: str = "seedance-2", **chosen: Any) -> CutForm:
    given = {"left": 0, "top": 0, "width": whole.width, "height": whole.height, "start": 0, "end": whole.seconds}
    data = {f"cut-{name}": str(value) for name, value in (given | chosen).items()}
    return CutForm(whole, Fit.of(str(whole.media_type), model), data)


def said_of(form: CutForm, name: str = "__all__") -> str:
    return " ".join(form.errors.get(name, []))


# --- what is suggested -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("whole", "most", "cut"),
    [
        (PICTURE, None, Cut(box=(100, 0, 1000, 400))),
        (FILM, None, Cut(seconds=15)),
        (FILM, 8, Cut(seconds=8)),
        (SONG, None, Cut()),
        (SONG, 9.5, Cut(seconds=9.5)),
        (MediaFacts(media_type="image", width=800, height=800), None, Cut()),
        (MediaFacts(media_type="image"), None, Cut()),
    ],
)
def test_first_it_shows_what_one_press_would_take(whole, most, cut):
    form = CutForm.suggested(whole, Fit.of(whole.media_type, "seedance-2", most))
    assert form.cut == cut
    assert form.is_valid() == (cut != Cut())
    assert form.is_whole == (cut == Cut())


def test_a_picture_has_a_frame_a_sound_has_seconds_a_film_has_both():
    assert (form_of(PICTURE).has_frame, form_of(PICTURE).has_time) == (True, False)
    assert (form_of(SONG).has_frame, form_of(SONG).has_time) == (False, True)
    assert (form_of(FILM).has_frame, form_of(FILM).has_time) == (True, True)


def test_of_what_nobody_could_measure_nothing_can_be_chosen():
    assert form_of(MediaFacts(media_type="image"), width=5, height=5).measured == ()


def test_only_shapes_that_the_model_makes_and_takes_are_offered():
    assert Fit.of("image", "seedance-2").shapes == ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")
    assert Fit.of("image", "kling-3.0").shapes == ("16:9", "9:16", "1:1")
    assert Fit.of("image", "no-such-model").shapes == Fit.of("image").shapes != ()


@pytest.mark.parametrize("nonsense", ["free", "adaptive", "", "1", "0:1", "1:0", "-1:2", "9999:1", "a:b", "²:1"])
def test_what_is_no_shape_is_none(nonsense):
    assert ratio_of(nonsense) is None
    assert form_of(PICTURE, left=100, width=600).shaped(nonsense).cut.box == (100, 0, 600, 400)


def test_a_shape_is_taken_as_large_as_can_be_around_the_middle_of_the_frame():
    assert form_of(PICTURE, left=600, width=600).shaped("1:1").cut.box == (700, 0, 400, 400)
    assert form_of(PICTURE, left=0, width=100).shaped("1:1").cut.box == (0, 0, 400, 400)


@given(
    size=st.tuples(st.integers(4, 5000), st.integers(4, 5000)),
    shape=st.sampled_from(["21:9", "16:9", "1:1", "3:4", "9:16"]),
    corner=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_shape_always_lies_inside_and_fills_one_side(size, shape, corner):
    width, height = size
    around = (int(corner[0] * (width - 2)), int(corner[1] * (height - 2)), 2, 2)
    left, top, new_width, new_height = box_of_shape(width, height, ratio_of(shape) or 0, around=around)
    assert 0 <= left <= left + new_width <= width
    assert 0 <= top <= top + new_height <= height
    assert new_width % 2 == new_height % 2 == 0
    assert width - new_width <= 1 or height - new_height <= 1


# --- what comes of it ------------------------------------------------------------------------------------------------
def test_frame_and_seconds_make_one_cut_of_a_film():
    form = form_of(FILM, left=100, top=0, width=721, height=720, start=2.5, end=9)
    assert form.is_valid()
    assert form.cut == Cut(box=(100, 0, 720, 720), start=2.5, seconds=6.5)
    assert form.words == "720 × 720, 6.5 s"
    assert form.name_for("Harbour") == "Harbour (cropped, 2.5 to 9 s)"


def test_to_the_end_is_to_the_end_although_the_page_shows_hundredths():
    assert form_of(SONG, start=1, end=12.34).cut == Cut(start=1, seconds=11.34)
    assert form_of(SONG, start=0, end=12.34).cut == Cut()


def test_a_name_that_was_given_is_kept():
    form = form_of(SONG, end=5, name="  The  bell ")
    assert form.is_valid()
    assert form.name_for("Bell tower") == "The bell"
    assert form_of(SONG, end=5).name_for("Bell tower") == "Bell tower (first 5 s)"


# --- what is refused -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("chosen", "field", "said"),
    [
        ({"left": 300}, "width", "From 300 on there are only 900 pixels left. Make it at most 900 wide."),
        ({"top": 100}, "height", "From 100 on there are only 300 pixels left. Make it at most 300 high."),
        ({"left": 1200}, "left", "The picture is only 1200 pixels wide. Begin at 1198 or less."),
        ({"left": 10**30}, "left", "The picture is only 1200 pixels wide."),
        ({"left": -1}, "left", "The frame has to begin inside the picture: 0 or more."),
        ({"width": 0}, "width", "The frame needs at least 2 pixels."),
        ({"height": -5}, "height", "The frame needs at least 2 pixels."),
        ({"width": ""}, "width", "How many pixels?"),
        ({"width": "wide"}, "width", "Give a whole number of pixels."),
        ({"width": "10.5"}, "width", "Give a whole number of pixels."),
    ],
)
def test_a_frame_that_is_none_says_what_to_do(chosen, field, said):
    form = form_of(PICTURE, **chosen)
    assert not form.is_valid()
    assert said in said_of(form, field)
    assert form.words == ""


@pytest.mark.parametrize(
    ("chosen", "field", "said"),
    [
        ({"start": 9, "end": 4}, "end", "The end has to come after the start, which is at 9 s."),
        ({"start": 4, "end": 4}, "end", "The end has to come after the start"),
        ({"end": 13}, "end", "It is only 12.34 s long. End there, or before."),
        ({"start": 20, "end": 25}, "end", "It is only 12.34 s long."),
        ({"start": 1, "end": 1.2}, "end", "Keep at least 0.5 s."),
        ({"start": -1}, "start", "It begins at 0."),
        ({"end": ""}, "end", "Which second?"),
        ({"end": "soon"}, "end", "Give seconds as a number, as in 3.5."),
        ({"end": "nan"}, "end", "Give seconds as a number"),
        ({"end": "inf"}, "end", "Give seconds as a number"),
    ],
)
def test_seconds_that_are_none_say_what_to_do(chosen, field, said):
    form = form_of(SONG, **chosen)
    assert not form.is_valid()
    assert said in said_of(form, field)


def test_what_the_model_would_refuse_takes_a_word_more():
    form = form_of(PICTURE, width=200, height=200)
    assert not form.is_valid()
    assert form.is_refused
    assert "the least is 300" in said_of(form)
    insisted = form_of(PICTURE, width=200, height=200, anyway="on")
    assert insisted.is_valid()
    assert insisted.cut == Cut(box=(0, 0, 200, 200))


def test_what_may_be_refused_is_said_and_no_hindrance():
    form = form_of(FILM, width=640, height=638)
    assert not form.is_valid()  # 30 s are too many
    shorter = form_of(FILM, width=640, height=638, end=10)
    assert shorter.is_valid()
    assert [each.severity for each in shorter.problems] == ["warn"]
