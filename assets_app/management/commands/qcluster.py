"""`manage.py qcluster`: django-q2's cluster, mended so that the death of one process stops no other, with somebody in
its first process who keeps the engine going.
"""

from __future__ import annotations

import os
from typing import Any

from django.db import connections
from django_q.cluster import Cluster
from django_q.management.commands import qcluster

from apiframe_site.time_limits import limit_waiting
from assets_app.cluster import sentinel
from assets_app.startup import preparation
from assets_app.startup.keeping import Keeper
from assets_app.startup.versions import refuse_other_version


class Command(qcluster.Command):
    def handle(self, *_args: Any, **options: Any) -> None:
        if options["cluster_name"]:
            os.environ["Q_CLUSTER_NAME"] = options["cluster_name"]
        limit_waiting()
        refuse_other_version()
        connections.close_all()  # the fork must not share them
        sentinel.install()
        preparation.wait_for_redis()
        cluster = Cluster()
        cluster.start()
        if options["run_once"]:
            cluster.stop()
            return
        keeper = Keeper()
        keeper.start()  # after the fork
        cluster.sentinel.join()
        keeper.stop()
