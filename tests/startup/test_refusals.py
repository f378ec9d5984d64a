"""A start that cannot succeed, or is broken off, ends without a traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest
from pytest_django.fixtures import Settings

from assets_app.startup import preparation
from tests.supervisor.helpers import PATIENCE_SECONDS, ROOT

PRESSED_WHILE_IMPORTING = """
import runpy, sys
class Pressed:
    def find_spec(self, name, *_):
        if name == "django.core.management":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
sys.argv = ["manage.py", "up"]
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_a_disk_that_takes_nothing_more_is_one_line(number: int, settings: Settings) -> None:
    words = os.strerror(number)
    with (
        pytest.raises(SystemExit, match=rf"^castboard: nothing can be written to {settings.DATA_DIR}/x \({words}\)"),
        preparation.room_or_refusal(),
    ):
        raise OSError(number, words, f"{settings.DATA_DIR}/x")


def test_ctrl_c_in_the_first_moments_ends_it_without_a_word() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRESSED_WHILE_IMPORTING],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
