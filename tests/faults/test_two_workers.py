"""Two workers on one database, and kill -9 of any process of either, again and again: as soon as who has the provider's
lane is gone, the other goes on, nothing is lost, and nothing is paid for twice.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assets_app.models import Lease
from assets_app.models.holding import _COUNTED_BITS
from assets_app.sandbox.control import stats
from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import Settings
from assets_app.supervisor.identity import PID_BITS, STARTED_BITS
from tests import postgres
from tests.faults.by_hand import ROOT, ByHand, started_by_hand
from tests.supervisor.helpers import wait_for

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds its victims in /proc"),
]

KILLS = 12
LONGEST_RECOVERY_SECONDS = 600  # on a machine that is busy with something else
PRESSES = 4
ASSETS_EACH, TAKES_EACH = 3, 2
# A lease is renewed so often that it runs out no sooner: what is free before was seen to be held by the dead.
NOTICED_SECONDS = Lease.SECONDS / 2
SPEED = {
    "asset_delay": "uniform:1:4",
    "job_delay": "uniform:1:6",
    "requests_per_minute": "0",
    "drop_share": "0.05",
    "film_scale": "0.25",
}

# Pastes and presses once for each click that it is told, in a process that nobody kills.
PERSON = """
import sys, uuid
from assets_app import engine
from assets_app.models import NewAsset, Team, register_all
from assets_app.money.ordering import Order, start

team = Team.objects.get()
params = {"duration": 4, "resolution": "480p", "aspect_ratio": "16:9", "generate_audio": False}
for line in sys.stdin:
    links = [f"{team.connection.base_url}/samples/courier.jpg?{uuid.uuid4().hex}" for _ in range({ASSETS})]
    register_all(team, None, [NewAsset(link, "image") for link in links])
    start(team, None, Order(uuid.UUID(line.strip()), "seedance-2-mini", "A lighthouse", params, (), takes={TAKES}))
    engine.wake()
    print("pressed", flush=True)
""".replace("{ASSETS}", str(ASSETS_EACH)).replace("{TAKES}", str(TAKES_EACH))

STATES = (
    "SELECT state FROM assets_app_asset UNION ALL SELECT state FROM assets_app_generation "
    "UNION ALL SELECT state FROM assets_app_video"
)
UNFINISHED = (
    "SELECT state, origin, attempts, due_at, claim, sent_at, replayed_at, reason FROM assets_app_generation "
    "WHERE state NOT IN ('failed', 'completed', 'cancelled', 'lost')"
)
MOMENT = "%Y-%m-%d %H:%M:%S"
ENDS = {"active", "failed", "completed", "cancelled", "saved", "lost"}


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[SandboxServer]:
    with SandboxServer(tmp_path / "sandbox", settings=Settings().changed(SPEED)) as server:
        yield server


@pytest.fixture
def board(tmp_path: Path, provider: SandboxServer) -> Iterator[ByHand]:
    """On PostgreSQL, where several workers belong, if it can be had; else on SQLite."""
    has_its_own = os.environ.get("DATABASE_URL") or not importlib.util.find_spec(postgres.PACKAGE)
    server = contextlib.nullcontext("") if has_its_own else postgres.server()
    with server as database_url, started_by_hand(tmp_path, provider.base_url, database_url) as board:
        yield board


@pytest.fixture
def person(board: ByHand) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", PERSON],
        cwd=ROOT,
        env=board.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def press(person: subprocess.Popen[str], click: uuid.UUID) -> None:
    assert person.stdin
    assert person.stdout
    person.stdin.write(f"{click}\n")
    person.stdin.flush()
    assert person.stdout.readline() == "pressed\n"


def lane_of(board: ByHand) -> tuple[str, int] | None:
    """Who has the provider's lane: the holder's token, and its process."""
    held = board.rows("SELECT holder FROM assets_app_lease WHERE lane = 'provider' AND holder IS NOT NULL")
    if not held:
        return None
    token = uuid.UUID(str(held[0][0]))
    return str(token), (token.int >> _COUNTED_BITS + STARTED_BITS) % 2**PID_BITS


def test_whoever_of_two_workers_is_killed_the_other_goes_on_and_nothing_is_lost_or_doubled(
    board: ByHand, provider: SandboxServer, person: subprocess.Popen[str]
) -> None:
    dice = random.Random(os.environ.get("CASTBOARD_FAULT_SEED", "two workers"))
    clicks = [uuid.uuid4() for _ in range(PRESSES)]
    board.ensure_workers(2)
    stayed: list[float] = []
    for number in range(KILLS):
        if number % (KILLS // PRESSES) == 0:
            press(person, clicks[number // (KILLS // PRESSES)])
        holder: tuple[str, int] | None = None
        if number % 2 == 0:  # who talks with the provider
            with contextlib.suppress(AssertionError):
                wait_for(lambda: lane_of(board) or is_over(board), pause=0.2)
            holder = lane_of(board)
        else:
            time.sleep(dice.uniform(0.1, 1.0))
        victim = holder[1] if holder else dice.choice(board.processes() or [0])
        with contextlib.suppress(ProcessLookupError):
            if victim in board.processes():
                os.kill(victim, signal.SIGKILL)
        if holder:
            killed_at = time.monotonic()
            wait_for(lambda token=holder[0]: (lane_of(board) or ("",))[0] != token)
            stayed.append(time.monotonic() - killed_at)
        board.ensure_workers(2)
    wait_until_over(board)
    print(f"seconds that a lane stayed with the dead: {', '.join(f'{seconds:.1f}' for seconds in stayed)}")
    assert 2 * sum(seconds < NOTICED_SECONDS for seconds in stayed) > len(stayed)

    assets = board.rows("SELECT provider_id, state FROM assets_app_asset")
    assert len(assets) == PRESSES * ASSETS_EACH
    now = time.time()
    by_the_provider = {asset.id: asset.status(now).lower() for asset in provider.provider.store.assets.values()}
    assert dict(assets).items() <= by_the_provider.items()
    films = board.rows("SELECT id, click, take, state FROM assets_app_generation")
    assert sorted((str(uuid.UUID(str(click))), take) for _, click, take, _ in films) == sorted(
        (str(click), take) for click in clicks for take in range(1, TAKES_EACH + 1)
    )
    assert {state for *_, state in films} == {"completed"}
    assert {state for (state,) in board.rows("SELECT state FROM assets_app_video")} == {"saved"}
    made = stats(provider.provider)
    keys = [str(uuid.UUID(str(pk))) for pk, *_ in films]
    assert made["jobs_per_idempotency_key"] == dict.fromkeys(keys, 1)
    assert made["jobs_without_key"] == 0


def wait_until_over(board: ByHand) -> None:
    """Looking rarely: each look writes, and takes from the workers what they need to get there."""
    end = time.monotonic() + LONGEST_RECOVERY_SECONDS
    while not is_over(board):
        assert time.monotonic() < end, board.rows(UNFINISHED)
        time.sleep(0.5)


def is_over(board: ByHand) -> bool:
    board.ensure_workers(2)
    let_the_minutes_pass(board)
    return {state for (state,) in board.rows(STATES)} <= ENDS


def let_the_minutes_pass(board: ByHand) -> None:
    """Those after which a lost answer is looked for again, and for which the provider's list has to be silent before a
    key is sent again (as in `test_kill`).
    """
    now = datetime.now(UTC)
    then, soon = now - timedelta(minutes=10), now + timedelta(seconds=5)
    board.write(
        f"UPDATE assets_app_generation SET due_at = '{now:{MOMENT}}' "  # noqa: S608
        f"WHERE state = 'unconfirmed' AND claim IS NULL AND due_at > '{soon:{MOMENT}}'"
    )
    board.write(
        f"UPDATE assets_app_generation SET sent_at = '{then:{MOMENT}}', replayed_at = NULL, attempts = 20 "  # noqa: S608
        "WHERE state = 'unconfirmed' AND claim IS NULL AND attempts BETWEEN 3 AND 19"
    )
