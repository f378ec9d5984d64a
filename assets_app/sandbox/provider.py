"""The provider itself: everything that belongs together for the life of one sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

from assets_app.sandbox.assets import Assets
from assets_app.sandbox.clockwork import Timeline, Workers
from assets_app.sandbox.faults import Faults
from assets_app.sandbox.fetching import Library
from assets_app.sandbox.jobs import Jobs
from assets_app.sandbox.ratelimit import RateLimit
from assets_app.sandbox.sample_files import Samples
from assets_app.sandbox.settings import Settings
from assets_app.sandbox.stats import Stats
from assets_app.sandbox.store import Store
from assets_app.sandbox.uploads import Uploads
from assets_app.sandbox.webhooks import Webhooks

Clock = Callable[[], float]


class Provider:
    """Settings, memory, and the services that work on them. Knows nothing of sockets."""

    def __init__(self, data_dir: Path, settings: Settings, clock: Clock = time.time) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.clock = clock
        self.random = Random(settings.seed)
        self.base_url = ""  # known once a port is listened on
        self.store = Store(data_dir / "sandbox.sqlite3")
        self.stats = Stats()
        self.rate_limit = RateLimit()
        self.faults = Faults(self.random)
        self.timeline = Timeline(clock)
        self.fetchers = Workers("fetcher", 24)
        self.renderer = Workers("renderer", 1)  # films are drawn one at a time: the machine has other work, too
        self.messengers = Workers("messenger", 4)
        self.library = Library(data_dir / "media")
        self.samples = Samples(data_dir / "samples")
        self.webhooks = Webhooks(self)
        self.assets = Assets(self)
        self.uploads = Uploads(self, data_dir / "uploads")
        self.jobs = Jobs(self, data_dir / "films")

    def start(self, base_url: str) -> None:
        """Go on with everything that was under way when the sandbox last stopped."""
        self.base_url = base_url
        self.timeline.start()
        self.uploads.resume()
        self.assets.resume()
        self.jobs.resume()

    def stop(self) -> None:
        self.timeline.stop()
        self.jobs.stop()
        for workers in (self.messengers, self.renderer, self.fetchers):
            workers.stop(patience=0.5)
        self.store.close()

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Adjust settings while running; ValueError says what is wrong with them."""
        self.settings = self.settings.changed(changes)
        if "seed" in changes:
            self.random.seed(self.settings.seed)

    def reset(self) -> None:
        """Forget all keys, assets, jobs, files and counts, as if never used. Settings and samples stay."""
        self.store.clear()
        for directory in (self.library.directory, self.uploads.directory, self.jobs.directory):
            for file in directory.iterdir():
                file.unlink(missing_ok=True)
        self.stats.clear()
        self.rate_limit.clear()
        self.faults.clear()
