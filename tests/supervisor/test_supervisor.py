"""The supervisor with real processes: small Python programs that write down their pids."""

from __future__ import annotations

import time
from pathlib import Path

from tests.supervisor.helpers import is_alive, kill, on_stage, wait_for, writes_its_pid


def test_a_child_that_is_killed_starts_again(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        kill(stage.wait_for_start("one"))
        assert is_alive(stage.wait_for_start("one", count=2))
        _, output = stage.stop()
    assert "up      | one was killed (SIGKILL); starting it again" in output


def test_what_a_dead_child_leaves_behind_is_killed_before_it_starts_again(tmp_path: Path) -> None:
    has_a_child = f"subprocess.Popen([sys.executable, '-c', {_pid_writer(tmp_path / 'orphan')!r}]); time.sleep(60)"
    with on_stage(tmp_path, writes_its_pid(tmp_path, "parent", has_a_child)) as stage:
        parent = stage.wait_for_start("parent")
        orphan = stage.wait_for_start("orphan")
        kill(parent)
        stage.wait_for_start("parent", count=2)
        assert not is_alive(orphan)
        stage.stop()


def test_sigterm_asks_the_leader_and_leaves_nothing_behind(tmp_path: Path) -> None:
    goodbye = "signal.signal(signal.SIGTERM, lambda *_: (print('goodbye'), sys.exit())); time.sleep(60)"
    with on_stage(tmp_path, writes_its_pid(tmp_path, "polite", goodbye), writes_its_pid(tmp_path, "other")) as stage:
        pids = [stage.wait_for_start("polite"), stage.wait_for_start("other")]
        guardian = stage.guardian()
        exit_code, output = stage.stop()
    assert exit_code == 0
    assert "polite  | goodbye" in output
    assert not any(is_alive(pid) for pid in [*pids, guardian])


def test_children_end_one_after_the_other_in_their_order(tmp_path: Path) -> None:
    lingers = (
        "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), print('goodbye'), sys.exit())); time.sleep(60)"
    )
    leaves = "signal.signal(signal.SIGTERM, lambda *_: (print('goodbye'), sys.exit())); time.sleep(60)"
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one", lingers), writes_its_pid(tmp_path, "two", leaves)) as stage:
        stage.wait_for_start("one")
        stage.wait_for_start("two")
        time.sleep(0.3)  # its handler is set a moment after it wrote its pid
        _, output = stage.stop()
    assert output.splitlines() == ["up      | Stopping…", "one     | goodbye", "two     | goodbye"]


def test_a_second_signal_kills_a_child_that_will_not_go(tmp_path: Path) -> None:
    stubborn = "signal.signal(signal.SIGTERM, lambda *_: print('no')); [time.sleep(1) for _ in range(60)]"
    with on_stage(tmp_path, writes_its_pid(tmp_path, "stubborn", stubborn), grace=3600) as stage:
        pid = stage.wait_for_start("stubborn")
        time.sleep(0.3)  # its handler is set a moment after it wrote its pid
        stage.process.terminate()
        time.sleep(0.7)
        assert is_alive(pid)
        stage.stop()
        assert not is_alive(pid)


def test_a_supervisor_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        child, guardian = stage.wait_for_start("one"), stage.guardian()
        wait_for((tmp_path / "groups").read_text)
        stage.process.kill()
        wait_for(lambda: not is_alive(child))
        wait_for(lambda: not is_alive(guardian))


def test_a_guardian_that_is_killed_is_replaced(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        child, guardian = stage.wait_for_start("one"), stage.guardian()
        kill(guardian)
        wait_for(lambda: not is_alive(guardian))
        time.sleep(0.5)
        stage.process.kill()
        wait_for(lambda: not is_alive(child))


def test_when_supervisor_and_guardian_are_both_killed_the_next_one_tidies_up(tmp_path: Path) -> None:
    with on_stage(tmp_path, writes_its_pid(tmp_path, "one")) as stage:
        child, guardian = stage.wait_for_start("one"), stage.guardian()
        stage.process.kill()
        kill(guardian)
        assert is_alive(child)
        with on_stage(tmp_path, writes_its_pid(tmp_path, "two")) as second:
            second.wait_for_start("two")
            assert not is_alive(child)


def test_a_child_that_never_stays_up_ends_everything_and_its_last_lines_are_shown(tmp_path: Path) -> None:
    fails = "print('no such table'); sys.exit(3)"
    with on_stage(tmp_path, writes_its_pid(tmp_path, "good"), writes_its_pid(tmp_path, "broken", fails)) as stage:
        output, _ = stage.process.communicate(timeout=20)
        assert stage.process.returncode == 1
        assert not is_alive(stage.pids("good")[0])
    assert "up      | broken ended (exit code 3); starting it again" in output
    assert "up      | broken does not stay up. Its last lines:\nup      |   no such table" in output


def _pid_writer(file: Path) -> str:
    return f"import os, time; print(os.getpid(), file=open({str(file)!r}, 'a'), flush=True); time.sleep(60)"
