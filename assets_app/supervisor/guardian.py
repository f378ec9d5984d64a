"""`python -m assets_app.supervisor.guardian REGISTER`: outlives a supervisor that is killed, and ends its groups.

It waits for its standard input to close, which the system does when the supervisor is gone, however that happened. It
also holds the supervisor's lock, so a new one waits until the old one's processes have left.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path

from assets_app.supervisor.groups import Register

GRACE_SECONDS = 3.0


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it leaves when its supervisor has left, not before
    sys.stdin.read()
    with suppress(OSError):  # it comes last: they are ended, whether or not there is room to say so
        Register(Path(sys.argv[1])).sweep(grace=GRACE_SECONDS)


if __name__ == "__main__":
    main()
