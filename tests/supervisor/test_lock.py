"""One supervisor per data directory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from assets_app.supervisor import lock

HOLD = "import sys; from pathlib import Path; from assets_app.supervisor import lock; "


def test_a_lock_whose_owner_lives_is_refused_at_once_with_the_owners_pid(tmp_path: Path) -> None:
    held = lock.take(tmp_path / "lock", patience=0)
    with pytest.raises(lock.TakenError) as taken:
        lock.take(tmp_path / "lock", patience=60)
    os.close(held)
    assert taken.value.pid == os.getpid()


def test_a_lock_that_was_let_go_can_be_taken(tmp_path: Path) -> None:
    os.close(lock.take(tmp_path / "lock", patience=0))
    os.close(lock.take(tmp_path / "lock", patience=0))


def test_a_lock_that_outlives_its_owner_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    guardian_reads, until_we_close = os.pipe()
    leave_a_guardian = (
        f"{HOLD} import subprocess; held = lock.take(Path({str(file)!r}), patience=0); "
        "subprocess.Popen([sys.executable, '-c', 'import sys; sys.stdin.read()'], pass_fds=(held,))"
    )
    subprocess.run([sys.executable, "-c", leave_a_guardian], check=True, stdin=guardian_reads)
    os.close(guardian_reads)
    with pytest.raises(lock.TakenError):
        lock.take(file, patience=0)
    leave = threading.Timer(0.3, os.close, [until_we_close])
    leave.start()
    os.close(lock.take(file, patience=180))
    leave.join()


def test_a_lock_file_with_nonsense_in_it_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("nonsense that is longer than any pid")
    os.close(lock.take(tmp_path / "lock", patience=0))
    assert (tmp_path / "lock").read_text() == str(os.getpid())
