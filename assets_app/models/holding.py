"""Tokens for what a process holds, a lane or a row. Each carries who made it, so that everybody on the same machine can
see whether its holder still lives; to others it is any UUID, and what it stands for runs out in time.
"""

from __future__ import annotations

import uuid
from itertools import count

from assets_app.supervisor.identity import MACHINE_BITS, PID_BITS, STARTED_BITS, Identity

_COUNTED_BITS = 128 - MACHINE_BITS - PID_BITS - STARTED_BITS
_counted = count()


def token() -> uuid.UUID:
    """One that no other process makes, and this one not again before 67 million others."""
    me = Identity.of_this_process()
    number = me.machine
    for value, bits in ((me.pid, PID_BITS), (me.started, STARTED_BITS), (next(_counted), _COUNTED_BITS)):
        number = number << bits | value % 2**bits
    return uuid.UUID(int=number)


def is_of_the_dead(token: uuid.UUID) -> bool:
    """Whether the process that made the token is certainly gone."""
    number = token.int >> _COUNTED_BITS
    number, started = divmod(number, 2**STARTED_BITS)
    machine, pid = divmod(number, 2**PID_BITS)
    return Identity(machine, pid, started).is_dead()
