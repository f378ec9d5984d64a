"""What an asset can be found by: folded words, the same on every database.

Folding happens here and not in the database, because SQLite and PostgreSQL fold differently and neither splits file
names and addresses the way people search for them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from assets_app.models import Asset

LONGEST_WORD = 40
MOST_WORDS = 400
MOST_QUERY_WORDS = 12
# Chinese, Japanese and Korean are written without blanks: each sign is a word, and a word is several of them. So is
# each picture (🎬); of the other signs neither SQLite nor PostgreSQL could tell which are its own syntax.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+|[^\w\s\x00-\x7f]"
)
_PICTURE = "So"  # Unicode's "symbol, other"
_DIGITS = re.compile(r"\d+")
_RUN = re.compile(r"\d+|\D+")
MOST_RUNS = 6  # of letters and of digits in one word, as in sc03sh012tk02; more is a checksum


def fold(text: str) -> str:
    """Small letters without accents: "Ärger", "arger" and "ÄRGER" are one word."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
    return unicodedata.normalize("NFC", "".join(sign for sign in decomposed if not unicodedata.combining(sign)))


def printable(text: str) -> str:
    """Without what cannot be seen, such as the NUL that an address may hide behind "%00"."""
    return "".join(sign for sign in text if sign.isprintable())


def words_in(text: str) -> list[str]:
    """Runs of letters and digits, and pictures such as 🎬, in the order of the text."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text)) if word.isalnum() or _is_picture(word)]


def _is_picture(sign: str) -> bool:
    return unicodedata.category(sign) == _PICTURE


def query_words(text: str) -> list[str]:
    """What a person asks for: each must begin a word of the asset. None where the text says nothing that anything
    could be found by ("???"): that finds nothing.
    """
    return list(dict.fromkeys(words_in(text)))[:MOST_QUERY_WORDS]


def findable_words(text: str) -> list[str]:
    """The words of a text and their parts, each once: people look for the number of DSC01273, and say 1273."""
    return list(dict.fromkeys(part for word in words_in(text) for part in (word, *_parts_of(word))))


def _parts_of(word: str) -> list[str]:
    """Where letters and digits meet; numbers also without the zeros before them."""
    runs = _RUN.findall(word)
    if len(runs) > MOST_RUNS:
        return []
    bare = [run.lstrip("0") for run in runs if run.isdecimal() and run.startswith("0")]
    return [part for part in (*runs[1:], *bare) if part and part != word]


def sorting_name(name: str) -> str:
    """By which names are sorted: accents and case do not matter, and "shot 2" comes before "shot 10"."""
    return _DIGITS.sub(lambda digits: digits.group().lstrip("0").rjust(8, "0"), fold(name))[:200]


def words_of(asset: Asset, original: Any = None, tags: Iterable[str] = ()) -> str:
    """All words of an asset, each once: name, kind, tags, notes, source and what its file is."""
    address = urlsplit(asset.source_url)
    texts = [asset.name, asset.kind, *tags, asset.notes, address.netloc, unquote(address.path), asset.media_type]
    if original is not None:
        texts += _words_of_file(original)
    found = dict.fromkeys(word for text in texts for word in findable_words(text))
    return " ".join(list(found)[:MOST_WORDS])


def _words_of_file(original: Any) -> list[str]:
    words = [original.content_type.partition("/")[2]]
    width, height = original.width, original.height
    if width and height:
        shape = "square" if width == height else "landscape" if width > height else "portrait"
        words += [f"{width}x{height}", f"{min(width, height)}p", shape]
    if original.seconds:
        words.append(f"{round(original.seconds)}s")
    if original.media_type == "video":
        words.append("silent" if original.has_audio is False else "sound" if original.has_audio else "")
    return words
