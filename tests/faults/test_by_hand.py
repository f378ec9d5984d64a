"""Started by hand, as README describes, with nobody who watches: a worker that is killed and started again goes on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assets_app.sandbox.server import SandboxServer
from assets_app.startup.schedules import SCHEDULES
from tests.faults.by_hand import started_by_hand
from tests.supervisor.helpers import wait_for

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="ends whole process groups"),
]
ASSETS = 12


def test_a_worker_that_is_killed_and_started_again_finishes_what_was_under_way(
    tmp_path: Path, sandbox: SandboxServer
) -> None:
    sandbox.configure(asset_delay="3")
    with started_by_hand(tmp_path, sandbox.base_url) as board:
        assert Counter(board.rows("SELECT name FROM django_q_schedule")) == {
            (f"castboard {name}",): 1 for name in SCHEDULES
        }
        board.register(ASSETS)
        first = board.start_worker()
        wait_for(lambda: ("processing",) in board.rows("SELECT state FROM assets_app_asset"))
        board.kill(first)
        assert {state for (state,) in board.rows("SELECT state FROM assets_app_asset")} != {"active"}
        board.start_worker()  # nobody asks for anything: no page, no new row
        wait_for(lambda: board.rows("SELECT state FROM assets_app_asset") == [("active",)] * ASSETS)
        wait_for(lambda: board.rows("SELECT 1 FROM assets_app_heartbeat WHERE beat_at IS NOT NULL"))
