"""The supervisor with real processes: small Python programs that write down their pids."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from assets_app.supervisor import groups, supervisor
from assets_app.supervisor.child import Child, python
from assets_app.supervisor.groups import Group, Register
from tests.supervisor.helpers import PATIENCE_SECONDS, is_alive, kill, on_stage, wait_for, writes_its_pid


def test_a_child_that_is_killed_starts_again(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        kill(stage.wait_for_start("one"))
        assert is_alive(stage.wait_for_start("one", count=2))
        _, output = stage.stop()
    assert "up      | one was killed (SIGKILL); starting it again" in output


def test_what_a_dead_child_leaves_behind_is_killed_before_it_starts_again(tmp_path: Path) -> None:
    has_a_child = f"subprocess.Popen([sys.executable, '-c', {_pid_writer(tmp_path / 'orphan')!r}]); time.sleep(600)"
    with on_stage(tmp_path, writes_its_pid(tmp_path, "parent", has_a_child)) as stage:
        parent = stage.wait_for_start("parent")
        orphan = stage.wait_for_start("orphan")
        kill(parent)
        stage.wait_for_start("parent", count=2)
        assert not is_alive(orphan)
        stage.stop()


def test_sigterm_asks_the_leader_and_leaves_nothing_behind(tmp_path: Path) -> None:
    polite = writes_its_pid(tmp_path, "polite", when_asked_to_stop="(print('goodbye'), sys.exit())")
    with on_stage(tmp_path, polite, writes_its_pid(tmp_path, "other")) as stage:
        pids = [stage.wait_for_start("polite"), stage.wait_for_start("other")]
        guardian = stage.guardian()
        exit_code, output = stage.stop()
    assert exit_code == 0
    assert "polite  | goodbye" in output
    assert not any(is_alive(pid) for pid in [*pids, guardian])


def test_children_end_one_after_the_other_in_their_order(tmp_path: Path) -> None:
    lingers = writes_its_pid(tmp_path, "one", when_asked_to_stop="(time.sleep(0.3), print('goodbye'), sys.exit())")
    leaves = writes_its_pid(tmp_path, "two", when_asked_to_stop="(print('goodbye'), sys.exit())")
    with on_stage(tmp_path, lingers, leaves, grace=3600) as stage:
        stage.wait_for_start("one")
        stage.wait_for_start("two")
        _, output = stage.stop()
    assert output.splitlines() == ["up      | Stopping…", "one     | goodbye", "two     | goodbye"]


def test_a_second_signal_kills_a_child_that_will_not_go(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    stubborn = writes_its_pid(tmp_path, "stubborn", when_asked_to_stop=f"open({str(asked)!r}, 'w').close()")
    with on_stage(tmp_path, stubborn, grace=3600) as stage:
        pid = stage.wait_for_start("stubborn")
        stage.process.terminate()
        wait_for(asked.exists)
        time.sleep(supervisor._ONE_PRESS_SECONDS + 0.1)  # a second signal that comes sooner is the same press
        assert is_alive(pid)
        stage.stop()
        assert not is_alive(pid)


def test_a_supervisor_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        child, guardian = stage.wait_for_start("one"), stage.guardian()
        stage.wait_until_written_down(child)
        stage.process.kill()
        wait_for(lambda: not is_alive(child))
        wait_for(lambda: not is_alive(guardian))


def test_a_guardian_that_is_killed_is_replaced(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        child, guardian = stage.wait_for_start("one"), stage.guardian()
        stage.wait_until_written_down(child)
        kill(guardian)
        stage.other_guardian(than=guardian)
        stage.process.kill()
        wait_for(lambda: not is_alive(child))


def test_when_supervisor_and_guardian_are_both_killed_the_next_one_tidies_up(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        child, guardian = stage.wait_for_start("one"), stage.guardian()
        stage.wait_until_written_down(child)
        os.kill(guardian, signal.SIGSTOP)  # or it would tidy up as soon as the other is gone
        stage.process.kill()
        stage.process.wait()
        kill(guardian)
        assert is_alive(child)
        with on_stage(tmp_path, writes_its_pid(tmp_path, "two")) as second:
            second.wait_for_start("two")
            assert not is_alive(child)


def test_a_child_that_never_stays_up_ends_everything_and_its_last_lines_are_shown(tmp_path: Path) -> None:
    fails = "print('no such table'); sys.exit(3)"
    with on_stage(tmp_path, writes_its_pid(tmp_path, "good"), writes_its_pid(tmp_path, "broken", fails)) as stage:
        output, _ = stage.process.communicate(timeout=PATIENCE_SECONDS)
        assert stage.process.returncode == 1
        assert not any(is_alive(pid) for pid in stage.pids("good"))
    assert "up      | broken ended (exit code 3); starting it again" in output
    assert "up      | broken does not stay up. Its last lines:\nup      |   no such table" in output


@pytest.mark.parametrize("step", ["prepare", "write", "go"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("alone", [True, False])
def test_a_supervisor_that_is_killed_while_it_starts_a_child_leaves_nobody_for_good(
    tmp_path: Path, when: str, step: str, alone: bool
) -> None:
    said = {"KILLED_AT": f"{when} {step}"} | ({} if alone else {"KILLED_WITH_GUARDIAN": "yes"})
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one"), **said) as stage:
        assert stage.process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
        if not alone:
            with on_stage(tmp_path, writes_its_pid(tmp_path, "two")) as second:
                second.wait_for_start("two")
                assert not any(is_alive(pid) for pid in stage.pids("one"))
                second.stop()
        wait_for(lambda: not somebody_of(tmp_path))


def test_children_that_no_register_tells_of_are_found_by_their_mark(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        child, guardian = stage.wait_for_start("one"), stage.guardian()
        os.kill(guardian, signal.SIGSTOP)
        stage.process.kill()
        stage.process.wait()
        kill(guardian)
        (tmp_path / "groups").write_text("scribbled over")
        with on_stage(tmp_path, writes_its_pid(tmp_path, "two")) as second:
            second.wait_for_start("two")
            assert not is_alive(child)
            second.stop()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("write", "cannot note what runs right now: [Errno 28] No space left on device"),
        ("fork", "cannot look after one right now: [Errno 11] Resource temporarily unavailable"),
        ("thread", "cannot look after one right now: can't start new thread"),
    ],
)
def test_a_machine_without_room_is_said_once_and_gone_on_with(tmp_path: Path, what: str, words: str) -> None:
    failed = tmp_path / "failed"
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        first, guardian = stage.wait_for_start("one"), stage.guardian()
        (tmp_path / "scarce").write_text(what)
        kill(first)
        wait_for(lambda: failed.exists() and len(failed.read_text().split()) >= 2)
        if what == "write":
            kill(guardian)  # who would not know of the child
        (tmp_path / "scarce").unlink()
        child = stage.wait_for_start("one", count=2)
        exit_code, output = stage.stop()
        assert exit_code == 0
        assert not is_alive(child)
    assert output.count(words) == 1
    assert "Traceback" not in output


def test_a_register_is_written_in_place(tmp_path: Path) -> None:
    """In room it has had from the start: there is none to be had on a full disk."""
    register = Register(tmp_path / "groups")
    register.write([])
    before = register.path.stat()
    register.write([Group(12, "manage.py qcluster")])
    after = register.path.stat()
    assert (after.st_ino, after.st_size, after.st_blocks) == (before.st_ino, before.st_size, before.st_blocks)
    assert list(tmp_path.iterdir()) == [register.path]


def test_a_chore_that_hangs_keeps_nobody_from_being_looked_after_or_stopped(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one"), CHORE_HANGS="yes") as stage:
        first = stage.wait_for_start("one")
        wait_for((tmp_path / "hangs").exists)
        kill(first)
        second = stage.wait_for_start("one", count=2)
        exit_code, _ = stage.stop()
    assert exit_code == 0
    assert not is_alive(second)


def test_a_run_that_a_chore_wants_restarted_is_restarted_once(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one"), CHORE_RESTARTS="yes") as stage:
        first = stage.wait_for_start("one")
        (tmp_path / "restart").touch()
        second = stage.wait_for_start("one", count=2)
        assert not is_alive(first)
        assert is_alive(second)
        _, output = stage.stop()
    assert output.count("one does not work; starting it again") == 1
    assert stage.pids("one") == [first, second]


def test_a_restart_that_was_asked_for_before_the_present_run_is_no_more_wanted(tmp_path: Path) -> None:
    child = Child("one", python("-c", "import time; time.sleep(600)"), cwd=tmp_path)
    child.prepare({})
    supervises = supervisor.Supervisor([child], Register(tmp_path / "groups"), lock=0, cwd=tmp_path)
    try:
        supervises._restart(child, child.started_at - 1, "did not work")
        assert child.is_running
        supervises._restart(child, child.started_at, "does not work")
        assert not child.is_running
    finally:
        child.kill_run()


def test_a_child_that_has_to_be_killed_in_the_end_is_named(tmp_path: Path) -> None:
    stubborn = writes_its_pid(tmp_path, "stubborn", when_asked_to_stop="None")
    with on_stage(tmp_path, stubborn, grace=0.1) as stage:
        stage.wait_for_start("stubborn")
        exit_code, output = stage.stop()
    assert exit_code == 0
    assert "up      | stubborn did not stop when it was asked; killed" in output


def somebody_of(directory: Path) -> list[str]:
    """The command lines of what still runs on this stage."""
    return [line for pid, _, line in groups._processes() if str(directory) in line and pid != os.getpid()]


def _pid_writer(file: Path) -> str:
    return f"import os, time; print(os.getpid(), file=open({str(file)!r}, 'a'), flush=True); time.sleep(60)"
