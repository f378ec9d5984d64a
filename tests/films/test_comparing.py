"""What differs between texts: every word that another text lacks is marked, and no other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assets_app.films.comparing import Piece, Row, marked

WORDS = st.lists(st.sampled_from(["a", "slow", "push", "pan", "at", "dawn,", "\n", "é"]), max_size=12).map(" ".join)


def test_the_words_that_differ_are_marked():
    slow, quick = marked(["A lighthouse at dawn, slow push in", "A lighthouse at dusk, slow push in"])
    assert slow == [
        Piece("A lighthouse at ", differs=False),
        Piece("dawn,", differs=True),
        Piece(" slow push in", differs=False),
    ]
    assert [piece.text for piece in quick if piece.differs] == ["dusk,"]


def test_a_word_that_only_one_of_three_lacks_is_marked_where_it_is():
    texts = marked(["red boat sails", "red boat sails", "boat sails"])
    assert [[piece.text for piece in text if piece.differs] for text in texts] == [["red"], ["red"], []]


def test_texts_that_say_the_same_words_over_and_over_are_marked_whole():
    long = "word " * 4000
    assert marked([long, f"{long} more"])[0][0].differs
    assert not marked([long, long])[0][0].differs


def test_shorter_texts_that_repeat_themselves_are_marked_whole_too():
    texts = marked(["a a b " * 400, "a b b " * 400, "b a a " * 400])
    assert all(piece.differs for pieces in texts for piece in pieces)


def test_long_texts_with_many_different_words_are_compared_word_by_word():
    long = " ".join(f"word{number % 300}" for number in range(1200))
    texts = marked([long, f"{long} more"])
    assert [[piece.text for piece in text if piece.differs] for text in texts] == [[], ["more"]]


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_nothing_of_a_text_is_lost_and_equal_texts_have_no_marks(texts):
    pieces = marked(texts)
    for text, parts in zip(texts, pieces, strict=True):
        assert "".join(part.text for part in parts) == text.rstrip()
    if len(set(texts)) == 1:
        assert not any(part.differs for parts in pieces for part in parts)


@given(WORDS, WORDS)
def test_what_is_not_marked_is_the_same_in_both(one, other):
    first, second = marked([one, other])
    kept = [[word for part in text if not part.differs for word in part.text.split()] for text in (first, second)]
    assert kept[0] == kept[1]


def test_a_row_is_the_same_when_its_keys_are():
    assert Row("Model", ["a", "a"], ["a", "a"]).is_same
    assert not Row("Model", ["a", ""], ["a", ""]).is_same
