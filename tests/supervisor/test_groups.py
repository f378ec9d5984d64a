"""Recognising and ending process groups."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assets_app.supervisor import groups
from assets_app.supervisor.groups import Group, Register, end, living
from tests.supervisor.helpers import group_of, wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(SLEEP, start_new_session=True)
    wait_for(group_of(process).is_alive)  # the system shows its arguments a moment after it has begun
    yield process
    process.kill()
    process.wait()


def test_a_living_group_is_recognised_and_ended(sleeper: subprocess.Popen) -> None:
    group = group_of(sleeper)
    assert living([group]) == {group}
    end([group], grace=5)
    assert living([group]) == set()
    assert sleeper.wait() < 0


def test_a_group_of_that_number_with_another_command_line_is_left_alone(sleeper: subprocess.Popen) -> None:
    stranger = Group.led_by(sleeper.pid, [sys.executable, "manage.py", "qcluster"])
    assert not stranger.is_alive()
    end([stranger], grace=0)
    assert sleeper.poll() is None


def test_a_group_that_is_gone_needs_no_ending() -> None:
    end([Group(2**22 + 1, "manage.py qcluster")], grace=0)


@pytest.mark.skipif(not shutil.which("ps"), reason="this machine has no ps")
def test_where_there_is_no_proc_ps_says_the_same(sleeper: subprocess.Popen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "PROC", Path("/nowhere"))
    assert group_of(sleeper).is_alive()


def test_a_register_reads_back_what_was_written(tmp_path: Path) -> None:
    register = Register(tmp_path / "groups")
    assert register.read() == []
    entries = [Group(12, "manage.py qcluster"), Group(13, "-m gunicorn apiframe_site.wsgi:application")]
    register.write(entries)
    assert register.read() == entries


def test_a_damaged_register_is_read_as_far_as_it_makes_sense(tmp_path: Path) -> None:
    (tmp_path / "groups").write_text("\n\nnonsense\n12\n13 manage.py qcluster\n")
    assert Register(tmp_path / "groups").read() == [Group(13, "manage.py qcluster")]
