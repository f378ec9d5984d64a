"""The parent's side: the children that one process has, and what it asks of them."""

from __future__ import annotations

import atexit
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assets_app.decoding import DecoderDied, DecoderFault, Refusal, limits

log = logging.getLogger(__name__)

START_SECONDS = 120.0  # a third of a second on a machine with nothing else to do
END_SECONDS = 5.0
MOST_ANSWERED_BYTES = 64 * 2**20
_LONGEST_LINE = 64 * 1024
_LOOK_EVERY_SECONDS = 0.5
_HOME = Path(__file__).parents[2]
# Of our environment, in which there are keys and passwords.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_LITTLE_MEMORY = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}

TOO_LONG = "It takes too long to decode."
TOO_MUCH = "It takes too much memory to decode."
CRASHED = "It crashes the decoder."
WAS_KILLED = "The system ended its decoder, as it does when memory runs out."


@dataclass(frozen=True)
class Question:
    """An operation by name, and what it may take: seconds by the clock, bytes of memory."""

    operation: str
    arguments: dict[str, Any]
    seconds: float
    memory: int


class _Left(DecoderFault):
    """It had ended of itself before it read the question."""


class Decoders:
    """Children that carry out the operations of one module, for the threads of one process."""

    def __init__(self, module: str, refusals: Collection[type[Refusal]]) -> None:
        """`refusals` are those that the operations raise."""
        self.module = module
        self.refusals = {kind.__name__: kind for kind in refusals}
        self._idle: list[Child] = []
        self._starter: ThreadPoolExecutor | None = None
        os.register_at_fork(after_in_child=self._begin_anew)
        atexit.register(self.close)

    def run(self, operation: str, *, seconds: float, memory: int = limits.SOME_MEMORY, **arguments: Any) -> Any:
        """Carry out an operation on a child: its result, as JSON knows it, or the bytes it made.

        Raises `Refusal` of the given kinds, `DecoderDied`, `OSError` and `DecoderFault`.
        """
        question = Question(operation, arguments, seconds, limits.memory_of(memory))
        while self._idle:
            with suppress(_Left, IndexError):  # another thread may have taken it
                return self._ask(self._idle.pop(), question)
        return self._ask(self._started(), question)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().end()

    def _ask(self, child: Child, question: Question) -> Any:
        try:
            answer = child.ask(question)
        except BaseException as error:
            child.end()
            if isinstance(error, DecoderDied):
                log.warning("A file ended the process that decoded it (%s): %s", question.operation, error)
            raise
        self._idle.append(child)
        match answer:
            case {"made": bytes(made)}:
                return made
            case {"result": result}:
                return result
            case {"refusal": str(kind), "reason": str(reason)} if kind in self.refusals:
                raise self.refusals[kind](reason)
            case {"errno": int(number), "reason": str(words)}:
                raise OSError(number, words)
        raise DecoderFault(str(answer.get("mistake", "An answer that nobody understands.")))

    def _started(self) -> Child:
        """On Linux a child dies with the thread that started it: with one that lives as long as we do."""
        self._starter = self._starter or ThreadPoolExecutor(1, thread_name_prefix="decoder starter")
        return self._starter.submit(Child.start, self.module).result()

    def _begin_anew(self) -> None:
        """In a process that was forked: the children and the threads are its parent's."""
        for child in self._idle:
            child.let_go()
        self._idle, self._starter = [], None


class Child:
    """One process, and the line to it."""

    def __init__(self, process: subprocess.Popen[bytes], line: socket.socket) -> None:
        self.process, self.line = process, line
        self.answers = line.makefile("rb")

    @classmethod
    def start(cls, module: str) -> Child:
        """One that is ready. Raises `DecoderFault` when there is none to be had."""
        ours, its = socket.socketpair()
        command = [sys.executable, "-m", "assets_app.decoding.child", str(its.fileno()), module, str(os.getpid())]
        environment = _LITTLE_MEMORY | {name: os.environ[name] for name in _KEPT if name in os.environ}
        with its:
            try:
                process = subprocess.Popen(  # noqa: S603 (our own command line)
                    command, cwd=_HOME, env=environment, stdin=subprocess.DEVNULL, pass_fds=[its.fileno()]
                )
            except OSError as error:
                ours.close()
                raise DecoderFault(f"No process to decode in could be started: {error}") from error
        # Nobody may ask for a while, and what ended of itself shall not stay as a zombie until then.
        threading.Thread(target=process.wait, name="end of a decoder", daemon=True).start()
        child = cls(process, ours)
        try:
            if "ready" in child._answer(START_SECONDS, limits.SOME_MEMORY):
                return child
        except (DecoderDied, DecoderFault) as error:
            child.end()
            raise DecoderFault(f"The process to decode in did not start: {error}") from error
        child.end()
        raise DecoderFault("The process to decode in did not start.")

    def ask(self, question: Question) -> dict[str, Any]:
        """Its answer. What it made is added as "made". Raises `DecoderDied` and `DecoderFault`; then it is to be
        ended.
        """
        with suppress(OSError):  # it is gone, and the answer will be why
            self.line.settimeout(END_SECONDS)
            self.line.sendall(json.dumps(asdict(question)).encode() + b"\n")
        return self._answer(question.seconds, question.memory)

    def end(self) -> None:
        """Kill it if it still lives, and let go of what we had of it."""
        self.let_go()
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):  # it hangs in the kernel
            self.process.wait(END_SECONDS)

    def let_go(self) -> None:
        with suppress(OSError):
            self.answers.close()
        self.line.close()

    def _answer(self, seconds: float, memory: int) -> dict[str, Any]:
        self._wait(seconds, memory)
        try:
            said = json.loads(self._whole(self.answers.readline(_LONGEST_LINE)))
            match said:
                case {"bytes": int(length)} if 0 <= length <= MOST_ANSWERED_BYTES:
                    return {"made": self._whole(self.answers.read(length), length)}
                case dict():
                    return said
        except (OSError, EOFError) as error:
            raise self._why_it_ended() from error
        except ValueError as error:
            raise DecoderFault("An answer that is no JSON.") from error
        raise DecoderFault("An answer that nobody understands.")

    def _wait(self, seconds: float, memory: int) -> None:
        """Until it says something, or is gone. Raises `DecoderDied` when it takes too much."""
        poll = select.poll()
        poll.register(self.line, select.POLLIN)
        give_up_at = time.monotonic() + seconds
        while (left := give_up_at - time.monotonic()) > 0:
            if poll.poll(min(left, _LOOK_EVERY_SECONDS) * 1000):
                return
            if not limits.KERNEL_BOUNDS_MEMORY and limits.resident_bytes(self.process.pid) > memory:
                raise DecoderDied(TOO_MUCH)
        raise DecoderDied(TOO_LONG)

    @staticmethod
    def _whole(content: bytes, length: int = 1) -> bytes:
        if len(content) < length:
            raise EOFError
        return content

    def _why_it_ended(self) -> DecoderDied | _Left:
        try:
            code = self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return DecoderDied(CRASHED)
        if code == 0:
            return _Left("It had ended of itself.")
        return DecoderDied({-signal.SIGXCPU: TOO_LONG, -signal.SIGKILL: WAS_KILLED}.get(code, CRASHED))
