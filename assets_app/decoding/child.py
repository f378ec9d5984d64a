"""The child: `python -m assets_app.decoding.child DESCRIPTOR MODULE PARENT`, where the descriptor is its end of the
line to its parent, and the module has the table `OPERATIONS`. The package tells how it is used.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, BinaryIO

from assets_app.decoding import Refusal, limits

Operations = Mapping[str, Callable[..., Any]]

IDLE_SECONDS = 30.0
MOST_FILES = 500  # operations, of which a film has four
MOST_BYTES_AT_REST = 96 * 2**20
"""With Pillow and FFmpeg it holds 60 MB. They leak little and leave much behind; a new process takes a third of a
second.
"""


def main() -> None:
    descriptor, module, parent = sys.argv[1:]
    limits.for_good(int(parent))
    operations: Operations = import_module(module).OPERATIONS
    with socket.socket(fileno=int(descriptor)) as line:
        try:
            serve(line, operations)
        except OSError:  # our parent has gone
            return


def serve(line: socket.socket, operations: Operations) -> None:
    """Answer until nobody asks, or it is time to begin afresh."""
    line.settimeout(IDLE_SECONDS)
    line.sendall(_line({"ready": True}))
    questions = line.makefile("rb")
    for _ in range(MOST_FILES):
        question = _next(questions)
        if not question:
            return
        line.sendall(_answer(operations, **json.loads(question)))
        if _has_grown():
            limits.give_memory_back()
            if _has_grown():
                return


def _has_grown() -> bool:
    return limits.resident_bytes(os.getpid()) > MOST_BYTES_AT_REST


def _next(questions: BinaryIO) -> bytes:
    try:
        return questions.readline()
    except TimeoutError:
        return b""


def _answer(operations: Operations, operation: str, arguments: dict[str, Any], seconds: float, memory: int) -> bytes:
    limits.for_a_file(seconds, memory)
    try:
        result = operations[operation](**arguments)
        return _line({"bytes": len(result)}) + result if isinstance(result, bytes) else _line({"result": result})
    except Refusal as refusal:
        return _line({"refusal": type(refusal).__name__, "reason": refusal.reason})
    except OSError as error:
        return _line({"errno": error.errno or 0, "reason": error.strerror or str(error)})
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told
        traceback.print_exc()
        return _line({"mistake": f"{type(error).__name__}: {error}"})


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"


if __name__ == "__main__":
    main()
