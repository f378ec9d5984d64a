"""How lines of the log are written: without what would let whoever reads them in, and one line for what visitors do."""

from __future__ import annotations

import copy
import logging
import re

# What stands after these in an address opens something to whoever has it. Also inside of another address (`next=`).
OPENED_BY_TOKEN = ("webhooks/apiframe", "share", "invite", "password/reset")
_TOKEN = re.compile(
    rf"((?:/|%2F)(?:{'|'.join(path.replace('/', '(?:/|%2F)') for path in OPENED_BY_TOKEN)})(?:/|%2F))[^\s/?&#\"'%]+",
    re.IGNORECASE,
)


def without_tokens(text: str) -> str:
    return _TOKEN.sub(r"\1…", text)


class Line(logging.Formatter):
    """Whatever wrote it, its traceback included, holds no token. A refusal has none: it is not our fault."""

    def format(self, record: logging.LogRecord) -> str:
        if 400 <= getattr(record, "status_code", 0) < 500:
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        return without_tokens(super().format(record))
