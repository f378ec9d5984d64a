"""`manage.py up`: everything that `make run` starts, kept alive by one process until Ctrl-C."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections, transaction

from apiframe_site.time_limits import limit_waiting
from assets_app.models import Heartbeat
from assets_app.startup import first_team, preparation, privacy
from assets_app.startup.chores import Greeting, Watch
from assets_app.supervisor.child import Child, python, say
from assets_app.supervisor.groups import Register
from assets_app.supervisor.supervisor import Chore, Supervisor

WEB_THREADS = 16  # a film that plays holds one
_LEFTOVERS_GRACE = 3.0
# For the GNU C library: hand freed memory back. After a handful of films this is 20 MB; elsewhere it means nothing.
_GIVE_MEMORY_BACK = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (gunicorn makes its files there with mkstemp)


class Command(BaseCommand):
    help = "Prepare the database and the static files, then run web server, worker and sandbox until Ctrl-C."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            raise SystemExit(_run())
        except KeyboardInterrupt:  # while preparing: nothing has been started yet
            raise SystemExit(130) from None


def _run() -> int:
    with preparation.room_or_refusal():
        lock = preparation.lock_data_dir()
        register = Register(settings.DATA_DIR / "up.groups")
        register.sweep(grace=_LEFTOVERS_GRACE)  # and its room on the disk is taken from here on
        if said := privacy.keep_private():
            say("up", said)
    preparation.require_redis()
    with preparation.listen(settings.PORT) as listener:
        with preparation.database_or_refusal():
            preparation.migrate()
            with transaction.atomic():
                sign_in = first_team.ensure()
                if sign_in and sign_in.is_shown_once:
                    # Before it counts, and not only in the greeting, which waits: whoever stops us now would never
                    # see it.
                    say("up", f"sign in as {sign_in}")
            with_sandbox = first_team.needs_our_sandbox()
            Heartbeat.objects.update(asked_at=None)  # whoever was asked before is gone
        if with_sandbox:
            preparation.require_free(settings.PORT + 1)
        with preparation.room_or_refusal():
            preparation.collect_static()
        connections.close_all()
        limit_waiting()  # from here on: a migration takes as long as it takes

        worker = _child("worker", "manage.py", "qcluster")
        # They end in this order: the worker first, and the provider that the others talk to last.
        children = [worker, _web(listener.fileno()), *([_sandbox()] if with_sandbox else [])]
        supervisor = Supervisor(children, register, lock=lock, cwd=settings.BASE_DIR)
        watch = Watch(supervisor, worker)
        supervisor.chores = [Chore(1.0, watch), Chore(0.5, Greeting(sign_in, with_sandbox=with_sandbox, watch=watch))]
        return supervisor.run()


def _web(listener: int) -> Child:
    command = ["-m", "gunicorn", "apiframe_site.wsgi:application", "--bind", f"fd://{listener}"]
    # Loaded before the fork, the code is in memory once, and what the settings refuse is said once.
    command += ["--preload", "--worker-class", "apiframe_site.worker.Worker"]
    command += ["--workers", "1", "--threads", str(WEB_THREADS)]
    command += ["--keep-alive", "30", "--graceful-timeout", "3", "--log-level", "warning", "--no-control-socket"]
    if os.access(_SHARED_MEMORY, os.W_OK):
        command += ["--worker-tmp-dir", str(_SHARED_MEMORY)]  # a slow disk must not make a worker look hung
    return _child("web", *command, pass_fds=(listener,))


def _sandbox() -> Child:
    where = ["--port", str(settings.PORT + 1), "--data-dir", str(settings.DATA_DIR / "sandbox")]
    return _child("sandbox", "manage.py", "sandbox", *where)


def _child(name: str, *arguments: str, pass_fds: tuple[int, ...] = ()) -> Child:
    environment = {**_GIVE_MEMORY_BACK, **os.environ}
    return Child(name, python(*arguments), cwd=settings.BASE_DIR, environment=environment, pass_fds=pass_fds)
