"""A token tells whether the process that holds something with it still lives."""

from __future__ import annotations

import multiprocessing
import os
import signal
import uuid
from dataclasses import replace
from multiprocessing.queues import SimpleQueue

import pytest

from assets_app.models import holding
from assets_app.supervisor import identity
from assets_app.supervisor.identity import Identity

pytestmark = pytest.mark.skipif(not Identity.of_this_process().machine, reason="this system does not tell")


def test_our_own_token_is_of_the_living_and_each_is_another() -> None:
    tokens = [holding.token() for _ in range(1000)]
    assert len(set(tokens)) == 1000
    assert not any(holding.is_of_the_dead(token) for token in tokens)


def test_a_token_is_of_the_dead_from_the_moment_its_process_was_killed_reaped_or_not() -> None:
    context = multiprocessing.get_context("fork")
    tokens = context.SimpleQueue()
    process = context.Process(target=_hold, args=(tokens,), daemon=True)
    process.start()
    token = tokens.get()
    os.kill(process.pid, signal.SIGSTOP)
    assert not holding.is_of_the_dead(token)  # it may go on
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert holding.is_of_the_dead(token)
    process.join()
    assert holding.is_of_the_dead(token)


def test_a_pid_that_was_given_again_means_another_process() -> None:
    me = Identity.of_this_process()
    assert not me.is_dead()
    assert replace(me, started=me.started - 1).is_dead()


def test_nobody_on_another_machine_is_ever_said_to_be_dead() -> None:
    me = Identity.of_this_process()
    assert not replace(me, machine=me.machine - 1, started=me.started - 1).is_dead()
    assert not holding.is_of_the_dead(uuid.uuid4())


def test_where_processes_cannot_be_told_apart_nobody_is_said_to_be_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = replace(Identity.of_this_process(), machine=0, started=1)
    monkeypatch.setattr(identity, "_machine", lambda: 0)
    assert not gone.is_dead()


def test_one_that_could_not_see_when_it_started_itself_is_not_taken_for_another() -> None:
    assert not replace(Identity.of_this_process(), started=0).is_dead()


def _hold(tokens: SimpleQueue) -> None:
    tokens.put(holding.token())
    signal.pause()
