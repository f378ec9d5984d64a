"""What processes of a cluster share, when one of them is killed at the worst moment."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

import pytest

from assets_app.cluster.sharing import Event, Queue, Value

FORK = multiprocessing.get_context("fork")
PATIENCE_SECONDS = 60


@contextmanager
def forked(act: Callable[[], object]) -> Iterator[BaseProcess]:
    """Another process that acts, then stays, and is killed in the end."""
    process = FORK.Process(target=act, daemon=True)
    process.start()
    try:
        yield process
    finally:
        kill(process)


def kill(process: BaseProcess) -> None:
    process.kill()
    process.join(PATIENCE_SECONDS)


def test_a_reader_that_is_killed_while_it_waits_keeps_no_other_from_reading() -> None:
    asked, answers = Queue(), Queue()

    def read() -> None:
        answers.put("ready")
        answers.put(asked.get())

    with forked(read) as first, forked(read):
        assert [answers.get(), answers.get()] == ["ready", "ready"]
        kill(first)
        asked.put("who is there?")
        assert answers.get() == "who is there?"


def test_messages_come_whole_and_in_their_order_however_long_they_are() -> None:
    queue = Queue()
    messages = ["short", {"long": "x" * 3_000_000}, "STOP"]
    for message in messages:
        queue.put(message)
    assert [queue.get() for _ in messages] == messages
    assert queue.empty()


def test_a_full_queue_waits_for_its_reader() -> None:
    queue, written = Queue(maxsize=2), Queue()

    def write() -> None:
        for number in range(3):
            queue.put(number)
            written.put(number)

    with forked(write):
        assert [written.get(), written.get()] == [0, 1]
        assert (queue.qsize(), written.empty()) == (2, True)
        assert queue.get() == 0
        assert written.get() == 2


def test_room_that_a_killed_reader_did_not_give_back_is_there_after_the_next_message() -> None:
    queue = Queue(maxsize=2)
    queue.put("taken by one who dies before noting it")
    queue._reader.recv(1000)
    queue.put("the next")
    assert queue.qsize() == 2  # for the moment
    assert queue.get() == "the next"
    queue.put("a third")
    queue.put("a fourth")
    assert [queue.get(), queue.get(), queue.qsize()] == ["a third", "a fourth", 0]


def test_the_lock_of_a_value_comes_back_from_a_killed_holder() -> None:
    value, held = Value("f", -1), Queue()

    def hold() -> None:
        with value.get_lock():
            value.value = 5
            held.put("held")
            signal.pause()

    with forked(hold) as holder:
        assert held.get() == "held"
        kill(holder)
    with value.get_lock():
        assert value.value == 5


@pytest.mark.parametrize("sets_first", [True, False])
def test_an_event_is_seen_by_other_processes(sets_first: bool) -> None:
    event, heard = Event(), Queue()
    if sets_first:
        event.set()
    with forked(lambda: heard.put(event.wait(PATIENCE_SECONDS))):
        event.set()
        assert heard.get()
    assert event.is_set()
    assert not Event().is_set()


def test_nothing_is_left_open_by_what_is_no_longer_used() -> None:
    before = set(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else set()  # noqa: PTH110, PTH208
    Queue(), Event(), Value("f", -1)
    if before:
        assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
