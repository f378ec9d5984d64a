"""django-q2's cluster with our own means of sharing, whose processes end together.

It is put together from names in `django_q.cluster`, which a test holds to be there and to be used.
"""

from __future__ import annotations

from multiprocessing.util import register_after_fork

from django_q import cluster, signals

from assets_app.cluster import sharing, signs
from assets_app.supervisor.identity import end_with


class Sentinel(cluster.Sentinel):
    """Starts the cluster's processes and starts those again that die."""

    def start(self) -> None:
        end_with(self.parent_pid)
        register_after_fork(self, _end_with_sentinel)
        signals.post_spawn.connect(signs.begin)
        super().start()


def install() -> None:
    """Have django-q2 build its clusters in this process from our parts."""
    cluster.Sentinel = Sentinel
    cluster.Queue, cluster.Event, cluster.Value = sharing.Queue, sharing.Event, sharing.Value


def _end_with_sentinel(sentinel: Sentinel) -> None:
    end_with(sentinel.pid)
