"""Whether a film can be played to its end: what was paid for is only called saved when it can."""

from __future__ import annotations

import time
from pathlib import Path

from .facts import Facts, ProbeError, damage_reported_as

LONGEST_WATCHING_SECONDS = 90.0
MISSING_SECONDS = 0.5
_DAMAGED = "The film is damaged: it cannot be played to its end."


def play_through(path: Path, facts: Facts) -> None:
    """Decode every picture. Raises `ProbeError` where one cannot be, or where the film is shorter than it says.

    A film that is not through after a minute and a half of work is believed: it played so far.
    """
    from . import films

    give_up_at = time.monotonic() + LONGEST_WATCHING_SECONDS
    with damage_reported_as(ProbeError, _DAMAGED), films.opened(path, str(facts.content_type)) as container:
        stream = films.moving_picture(container)
        if stream is None:
            raise ProbeError("There is no picture in it.")
        claimed = container.duration / 1_000_000 if container.duration else 0.0
        stream.thread_type = "AUTO"
        last = 0.0
        for frame in container.decode(stream):
            if frame.is_corrupt:
                raise ProbeError(_DAMAGED)
            last = frame.time or last
            if time.monotonic() > give_up_at:
                return
    # An MP4 without its end has been found out by its boxes already; a WebM just stops before the time it tells.
    told = claimed if facts.content_type == "video/webm" else min(claimed, facts.seconds or claimed)
    if last < told - MISSING_SECONDS:
        raise ProbeError("The film is cut off: its end is missing.")
