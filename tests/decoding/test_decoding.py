"""A child process that may die of the file it has: what comes of it for its parent, and what it may not do."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assets_app.decoding import DecoderDied, DecoderFault, limits, pool
from assets_app.decoding.pool import CRASHED, TOO_LONG, TOO_MUCH, WAS_KILLED, Child, Decoders

from .operations import Unfit

MODULE = "tests.decoding.operations"
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    """One child serves as many of these tests as it survives."""
    decoders = Decoders(MODULE, [Unfit])
    yield decoders
    decoders.close()


@pytest.fixture
def run(decoders: Decoders) -> Callable[..., object]:
    return lambda operation, seconds=PATIENCE_SECONDS, **arguments: decoders.run(
        operation, seconds=seconds, **arguments
    )


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def pid_of(decoders: Decoders) -> int:
    return decoders.run("say", seconds=PATIENCE_SECONDS, words="")["pid"]


def test_what_an_operation_finds_comes_back(run):
    assert run("say", words="ä\n")["words"] == "ä\n"


@pytest.mark.parametrize("count", [1, 3_000_000])
def test_so_does_what_it_makes(run, count):
    assert run("make", count=count) == b"x" * count


def test_one_process_serves_one_file_after_another(decoders):
    assert pid_of(decoders) == pid_of(decoders) != os.getpid()


def test_what_an_operation_has_against_a_file_is_raised_as_it_was(run):
    with pytest.raises(Unfit) as caught:
        run("refuse")
    assert caught.value.reason == "It is too red."


def test_a_full_disk_is_no_matter_of_the_file(run):
    with pytest.raises(OSError, match="No space") as caught:
        run("fill_the_disk")
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("operation", ["blunder", "answer_in_noise", "unheard_of"])
def test_a_mistake_of_ours_is_told_from_a_bad_file(run, operation):
    with pytest.raises(DecoderFault):
        run(operation)
    assert run("say", words="on it goes")["words"] == "on it goes"


@pytest.mark.parametrize(
    ("number", "reason"),
    [(signal.SIGSEGV, CRASHED), (signal.SIGABRT, CRASHED), (signal.SIGKILL, WAS_KILLED), (signal.SIGXCPU, TOO_LONG)],
)
def test_a_file_that_ends_the_process_costs_nothing_but_that(run, number, reason):
    with pytest.raises(DecoderDied) as caught:
        run("die", number=number)
    assert caught.value.reason == reason
    assert run("say", words="on it goes")["words"] == "on it goes"


def test_a_process_that_hangs_is_ended(decoders, run):
    pid = pid_of(decoders)
    with pytest.raises(DecoderDied) as caught:
        run("hang", seconds=0.1)
    assert caught.value.reason == TOO_LONG
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_ended_of_itself_is_replaced_in_silence(decoders, run):
    run("leave_soon")
    child = decoders._idle[-1]
    until(lambda: not Path(f"/proc/{child.process.pid}").exists())
    assert run("say", words="on it goes")["pid"] != child.process.pid


def test_one_that_always_ends_is_not_started_for_ever(run):
    with pytest.raises(DecoderFault):
        run("leave_at_once")


def test_a_file_that_takes_long_holds_up_no_other(run, tmp_path):
    thread = threading.Thread(target=lambda: run("wait_for", path=str(tmp_path / "over")))
    thread.start()
    assert run("say", words="meanwhile")["words"] == "meanwhile"
    (tmp_path / "over").touch()
    thread.join()


def test_a_process_that_cannot_start_says_nothing_about_a_file(monkeypatch):
    monkeypatch.setattr(pool.sys, "executable", "/nowhere/python")
    with pytest.raises(DecoderFault, match="could be started"):
        Child.start(MODULE)
    monkeypatch.undo()
    with pytest.raises(DecoderFault, match="did not start"):
        Child.start("no.such.module")


# What it may take


@pytest.mark.skipif(not limits.KERNEL_BOUNDS_MEMORY, reason="this kernel does not")
def test_memory_beyond_the_bound_is_not_given(run):
    assert run("take", gigabytes=1) == str(2**30)
    assert run("take", gigabytes=1, memory=2**29) == "refused"


def test_where_the_kernel_gives_it_all_the_same_the_process_is_ended(run, monkeypatch):
    monkeypatch.setattr(limits, "KERNEL_BOUNDS_MEMORY", False)
    monkeypatch.setattr(limits, "resident_bytes", lambda _pid: limits.SOME_MEMORY + 1)
    with pytest.raises(DecoderDied) as caught:
        run("hang")
    assert caught.value.reason == TOO_MUCH


def test_its_size_is_seen_without_proc_too(monkeypatch):
    seen = limits.resident_bytes(os.getpid())
    monkeypatch.setattr(limits, "_pages", lambda _: (_ for _ in ()).throw(FileNotFoundError()))
    asked = limits.resident_bytes(os.getpid())
    if not asked:
        pytest.skip("there is no ps here")
    assert asked == pytest.approx(seen, rel=0.2)


def test_processor_time_ends_even_for_whoever_has_no_parent_left_to_end_it(tmp_path):
    code = "from assets_app.decoding import limits; limits.THREADS = 1; limits.for_a_file(0.1, 2**30)\nwhile True: pass"
    burnt = subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE_SECONDS)
    assert burnt.returncode == -signal.SIGXCPU


def test_a_file_that_it_writes_has_an_end(run, tmp_path):
    run("write", path=str(tmp_path / "good"), at=1000)
    with pytest.raises(OSError, match="large") as caught:
        run("write", path=str(tmp_path / "bad"), at=limits.WRITTEN_BYTES)
    assert caught.value.errno == errno.EFBIG


def test_memory_that_stays_behind_ends_with_the_process(decoders, run):
    pid = pid_of(decoders)
    run("keep", megabytes=1)
    assert pid_of(decoders) == pid
    run("keep", megabytes=100)
    assert pid_of(decoders) != pid


def test_nothing_secret_is_in_its_environment(run, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@host/name")
    decoders = Decoders(MODULE, [])
    names = decoders.run("environment", seconds=PATIENCE_SECONDS)
    decoders.close()
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(names)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root is always let out of the network")
def test_it_reaches_nothing_over_the_network(run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert run("connect", port=server.getsockname()[1]) != "connected"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_stops_the_whole_group_leaves_it_to_its_parent(decoders, number):
    pid = pid_of(decoders)
    os.kill(pid, number)
    assert pid_of(decoders) == pid


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when it next reads or writes")
def test_it_dies_with_its_parent_though_it_is_at_work():
    code = (
        "import sys, threading; from assets_app.decoding.pool import Decoders\n"
        f"decoders = Decoders({MODULE!r}, [])\n"
        "print(decoders.run('say', seconds=60, words='')['pid'], flush=True)\n"
        "threading.Thread(target=lambda: decoders.run('burn', seconds=600)).start(); sys.stdin.read()"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    pid = int(parent.stdout.readline())
    process = Path(f"/proc/{pid}")
    until(lambda: process.joinpath("stat").read_text().rpartition(") ")[2].startswith("R"))
    parent.kill()
    parent.communicate()
    until(lambda: not process.exists())


def test_it_outlives_the_thread_that_asked_first(decoders):
    decoders.close()
    pids = []
    thread = threading.Thread(target=lambda: pids.append(pid_of(decoders)))
    thread.start()
    thread.join()
    assert [pid_of(decoders)] == pids


def test_a_process_that_was_forked_has_children_of_its_own(decoders):
    pid = pid_of(decoders)
    reader, writer = os.pipe()
    if not (fork := os.fork()):
        try:
            os.write(writer, str(pid_of(decoders)).encode())
        finally:
            os._exit(0)
    os.waitpid(fork, 0)
    theirs = int(os.read(reader, 100))
    os.close(reader)
    os.close(writer)
    assert theirs != pid == pid_of(decoders)
