"""An engine that runs inline, and rows for it to work on."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from assets_app.engine.confirm_step import SILENT_FOR, SILENT_LOOKS
from assets_app.engine.files import FilesLane
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import Runner
from assets_app.models import Asset, Generation, NewAsset, NewReference, Team, register_all
from assets_app.money.ordering import Order, start
from assets_app.sandbox.server import SandboxServer

LONGEST_PAUSE_SECONDS = 0.2
PATIENCE_SECONDS = 180.0  # for a machine that is busy with something else
PARAMS = {"duration": 4, "resolution": "480p", "aspect_ratio": "16:9", "generate_audio": False}


def wait_until(true: Callable[[], Any], meanwhile: Callable[[], object] = lambda: None) -> None:
    """Look more and more rarely: the provider works in this very process, and needs it for itself."""
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, 0.01
    while True:
        meanwhile()
        if true():
            return
        if time.monotonic() > deadline:
            pytest.fail("the engine did not get there")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


@pytest.fixture
def engine(sandbox: SandboxServer) -> ProviderLane:
    return ProviderLane(threads=4, strict=True)


@pytest.fixture
def run(engine: ProviderLane) -> Callable[[], int]:
    """Do everything that is due, as if all waiting were over. Returns the calls made."""

    def run_once() -> int:
        for model in (Asset, Generation):
            model.objects.filter(due_at__isnull=False, claim=None).update(due_at=timezone.now())
        return Runner(engine).run_until_idle(rounds=1)

    return run_once


@pytest.fixture
def run_files() -> Callable[[], int]:
    return lambda: Runner(FilesLane(strict=True)).run_until_idle()


@pytest.fixture
def until(run: Callable[[], int]) -> Callable[[Callable[[], bool]], None]:
    """Run round after round until something is true: the provider works in its own time."""

    def run_until(true: Callable[[], bool]) -> None:
        wait_until(true, meanwhile=run)

    return run_until


@pytest.fixture
def run_for_real() -> Callable[..., None]:
    """Run the lane with its threads, as a worker does, again and again until something is true."""

    def run_until(true: Callable[[], bool]) -> None:
        wait_until(true, meanwhile=lambda: Runner(ProviderLane()).run(seconds=0.5))

    return run_until


@pytest.fixture
def let_the_list_be_silent() -> Callable[[], None]:
    """As if the provider's list of jobs had not known of what is unconfirmed for minutes, look after look."""

    def minutes_pass() -> None:
        then = timezone.now() - SILENT_FOR
        lost = Generation.objects.filter(state="unconfirmed")
        lost.update(sent_at=then, attempts=SILENT_LOOKS)
        lost.exclude(replayed_at=None).update(replayed_at=then)

    return minutes_pass


@pytest.fixture
def new_asset(team: Team, sandbox: SandboxServer) -> Callable[..., Asset]:
    def make(url: str = "", media_type: str = "image") -> Asset:
        (asset,) = register_all(team, None, [NewAsset(url or f"{sandbox.base_url}/samples/{SAMPLE}", media_type)])
        return asset

    return make


@pytest.fixture
def new_generation(team: Team) -> Callable[..., Generation]:
    def make(
        references: tuple[NewReference, ...] = (), prompt: str = "A lighthouse at dawn", **params: Any
    ) -> Generation:
        order = Order(
            click=uuid.uuid4(),
            model="seedance-2-mini",
            prompt=prompt,
            params=PARAMS | params,
            references=references,
        )
        return start(team, None, order)[0]

    return make


SAMPLE = "courier.jpg"
