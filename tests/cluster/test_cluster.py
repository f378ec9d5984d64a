"""A cluster as it is started by hand, and the death of each of its processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import pytest
from django.utils import timezone
from django_q import cluster as django_qs
from django_q.tasks import async_task

from assets_app.models import Heartbeat, Lease, holding
from tests.cluster.conftest import Cluster, members_of
from tests.supervisor.helpers import PATIENCE_SECONDS, kill, wait_for

Start = Callable[[], Cluster]


def test_whichever_process_of_an_idle_cluster_is_killed_the_others_go_on(start_cluster: Start) -> None:
    cluster = start_cluster()
    sentinel = cluster.sentinel
    assert cluster.does_its_work()
    for victim in cluster.helpers():
        kill(victim)
        cluster.wait_until_whole(without=[victim])
        assert cluster.does_its_work()
    everybody = cluster.helpers()
    for victim in everybody:
        kill(victim)
    cluster.wait_until_whole(without=everybody)
    assert cluster.does_its_work()
    assert cluster.sentinel == sentinel
    cluster.head.send_signal(signal.SIGTERM)
    assert cluster.head.wait(PATIENCE_SECONDS) == 0
    assert not members_of(cluster.head.pid)


@pytest.mark.parametrize("victim", ["head", "sentinel"])
def test_a_cluster_without_its_head_or_its_sentinel_ends(start_cluster: Start, victim: str) -> None:
    cluster = start_cluster()
    kill(cluster.head.pid if victim == "head" else cluster.sentinel)
    cluster.head.wait(PATIENCE_SECONDS)
    wait_for(lambda: not members_of(cluster.head.pid))


def test_a_cluster_whose_workers_are_all_busy_goes_on_giving_signs_of_life(
    start_cluster: Start, tmp_path: Path
) -> None:
    start_cluster()
    busy = tmp_path / "busy"
    for _ in range(3):
        async_task("tests.cluster.stage.keep_busy", str(busy))
    wait_for(lambda: busy.exists() and len(set(busy.read_text().split())) == 3)
    since = timezone.now()
    wait_for(lambda: (Heartbeat.last() or since) > since)


def test_a_cluster_frees_the_lane_that_another_held_when_it_was_killed(start_cluster: Start) -> None:
    """Before the lease runs out, by noticing that its holder's process is gone."""
    start_cluster()
    until = timezone.now() + timedelta(seconds=2 * Lease.SECONDS - 1)
    Lease.objects.update_or_create(lane="provider", defaults={"holder": token_of_the_dead(), "until": until})
    wait_for(lambda: Lease.objects.get(lane="provider").holder is None)
    assert timezone.now() < until


def token_of_the_dead() -> object:
    context = multiprocessing.get_context("fork")
    tokens = context.SimpleQueue()
    process = context.Process(target=_hold, args=(tokens,))
    process.start()
    token = tokens.get()
    process.kill()
    process.join(PATIENCE_SECONDS)
    return token


def test_django_q_still_builds_its_clusters_from_the_names_that_ours_takes_the_place_of() -> None:
    """A new version of the library that does not would silently run its own."""
    start = django_qs.Cluster.start.__code__.co_names
    assert {"Event", "Sentinel", "get_mp_context"} <= set(start)
    assert {"Queue", "Event"} <= set(django_qs.Sentinel.__init__.__code__.co_names)
    assert "Value" in django_qs.Sentinel.spawn_worker.__code__.co_names


def _hold(tokens: SimpleQueue) -> None:
    tokens.put(holding.token())
    signal.pause()
