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
# Chinese, Japanese and Korean are written without blanks: each sign is a word, and a word is several of them.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")
_DIGITS = re.compile(r"\d+")


def fold(text: str) -> str:
    """Small letters without accents: "Ärger", "arger" and "ÄRGER" are one word."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss")).casefold()
    return unicodedata.normalize("NFC", "".join(sign for sign in decomposed if not unicodedata.combining(sign)))


def printable(text: str) -> str:
    """Without what cannot be seen, such as the NUL that an address may hide behind "%00"."""
    return "".join(sign for sign in text if sign.isprintable())


def words_in(text: str) -> list[str]:
    return [word[:LONGEST_WORD] for word in _WORD.findall(fold(text))]


def query_words(text: str) -> list[str]:
    """What a person asks for: each must begin a word of the asset."""
    return list(dict.fromkeys(words_in(text)))[:MOST_QUERY_WORDS]


def sorting_name(name: str) -> str:
    """By which names are sorted: accents and case do not matter, and "shot 2" comes before "shot 10"."""
    return _DIGITS.sub(lambda digits: digits.group().lstrip("0").rjust(8, "0"), fold(name))[:200]


def words_of(asset: Asset, original: Any = None, tags: Iterable[str] = ()) -> str:
    """All words of an asset, each once: name, kind, tags, notes, source and what its file is."""
    address = urlsplit(asset.source_url)
    texts = [asset.name, asset.kind, *tags, asset.notes, address.netloc, unquote(address.path), asset.media_type]
    if original is not None:
        texts += _words_of_file(original)
    found = dict.fromkeys(word for text in texts for word in words_in(text))
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
