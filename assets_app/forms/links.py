"""One link: what is wrong with it, and what it seems to lead to."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from assets_app.models.asset import MAX_URL_LENGTH

ENDINGS = {
    "image": "jpg jpeg png webp gif bmp tif tiff heic heif",
    "video": "mp4 mov webm m4v mkv",
    "audio": "mp3 wav m4a aac flac ogg oga opus",
}
TYPE_OF_ENDING = {f".{ending}": media_type for media_type, endings in ENDINGS.items() for ending in endings.split()}

NOT_WEB = "Not a web address: it must begin with http:// or https://"
SPACES = "Has a space in it: one link a line, and nothing else"
BROKEN = "This address cannot be read"
CREDENTIALS = "Holds a user name or password, which would be passed on"
TOO_LONG = f"Longer than {MAX_URL_LENGTH:,} characters"

_WRAPPERS = {"<": ">", '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "(": ")", "[": "]"}
MOST_WRAPPERS = 4  # each costs a copy of the text, and nobody puts more around a link
_WWW = re.compile(r"www\.[^\s/.]+\.[^\s/]", re.IGNORECASE)  # as people write an address that they read somewhere


def problem_with(url: str) -> str:
    """Why this cannot be registered, in plain words; "" when it can."""
    if len(url.split()) > 1 and "://" in url:
        return SPACES
    if not is_web(url):
        return NOT_WEB
    if len(url) > MAX_URL_LENGTH:
        return TOO_LONG
    if not url.isprintable():
        return BROKEN
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return BROKEN
    if "@" in parts.netloc:
        return CREDENTIALS
    return "" if parts.hostname else BROKEN


def guess_type(url: str) -> str:
    """By the ending of the path alone; "" when it says nothing. The provider decides by content later."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return TYPE_OF_ENDING.get(PurePosixPath(unquote(path)).suffix.lower(), "")


def is_web(text: str) -> bool:
    return text[:8].lower().startswith(("http://", "https://"))


def bare(text: str) -> str:
    """Without what people and programs put around links, as spaces, quotes and commas; with what they leave out."""
    text = text.strip().rstrip(",;")
    for _ in range(MOST_WRAPPERS):
        if len(text) < 2 or _WRAPPERS.get(text[0]) != text[-1]:
            break
        text = text[1:-1].strip().rstrip(",;")
    return f"https://{text}" if _WWW.match(text) else text
