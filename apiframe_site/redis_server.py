"""A Redis server that may be away. What it holds is a comfort: messages that say "look now" about rows that are written
down, remembered figures, and counts of attempts. So nobody waits long for it, and no page fails without it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache
from django_q.brokers import Broker
from django_q.brokers.redis_broker import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from apiframe_site.memory import Memory

log = logging.getLogger("assets_app.redis")

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 3.0  # longer than the second that a worker waits for a message
PAUSE_SECONDS = 3.0  # nobody asks a server that was away just now
AWAY = (redis.RedisError, OSError)


def patience() -> dict[str, Any]:
    """How a connection is made. A second try at once, for one that was open may have been closed since."""
    retry = Retry(NoBackoff(), 1)
    return {"socket_connect_timeout": CONNECT_SECONDS, "socket_timeout": ANSWER_SECONDS, "retry": retry}


class Absence:
    """Whether the server is away, as far as this process knows, and since when not to ask it again. Said once when it
    goes and once when it is back.
    """

    def __init__(self) -> None:
        self.is_on = False
        self._ask_again_at = 0.0

    @property
    def is_to_be_spared(self) -> bool:
        return self.is_on and time.monotonic() < self._ask_again_at

    def begins(self, error: Exception) -> None:
        self._ask_again_at = time.monotonic() + PAUSE_SECONDS
        if not self.is_on:
            log.warning("Redis is away (%s). Pages go on without it.", type(error).__name__)
        self.is_on = True

    def ends(self) -> None:
        if self.is_on:
            log.warning("Redis is back.")
        self.is_on = False

    def ask(self, server: Callable[[], Any]) -> Any:
        """What the server says. Raises one of AWAY, at once when it did so just now."""
        if self.is_to_be_spared:
            raise redis.ConnectionError("Redis was away a moment ago.")
        try:
            said = server()
        except AWAY as error:
            self.begins(error)
            raise
        self.ends()
        return said


absence = Absence()


def trouble() -> str:
    """What is wrong with the Redis server that the settings name, in a sentence; "" when it answers."""
    try:
        with redis.from_url(settings.REDIS_URL, **patience()) as server:
            absence.ask(server.ping)
    except AWAY:
        return "Redis does not answer. Pages go on; the work behind them waits until it does."
    return ""


class Cache(BaseCache):
    """Redis; while it is away, the memory of this process. Counts that are kept there hold meanwhile: guessing
    passwords never becomes free, and nobody is locked out.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.redis = RedisCache(location, {**params, "OPTIONS": {**patience(), **params.get("OPTIONS", {})}})
        self.memory = Memory("while Redis is away", {**params, "OPTIONS": {}})

    def _do(self, name: str, *arguments: Any, **options: Any) -> Any:
        try:
            return absence.ask(lambda: getattr(self.redis, name)(*arguments, **options))
        except AWAY:
            return getattr(self.memory, name)(*arguments, **options)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._do("add", key, value, timeout, version))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._do("get", key, default, version)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._do("set", key, value, timeout, version)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._do("touch", key, timeout, version))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._do("delete", key, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return int(self._do("incr", key, delta, version))

    def has_key(self, key: str, version: int | None = None) -> bool:
        return bool(self._do("has_key", key, version))

    def clear(self) -> None:
        """This process's memory only: on the server live the messages, too."""
        self.memory.clear()

    def close(self, **options: Any) -> None:
        self.redis.close(**options)


class Queue(Redis):
    """django-q2's broker on Redis. Whoever has a message to send learns at once that it is away; a worker waits for it,
    and takes messages again as soon as it is back.
    """

    set_stat, get_stat, get_stats = Broker.set_stat, Broker.get_stat, Broker.get_stats  # twice a second: in memory

    @staticmethod
    def get_connection(_list_key: str | None = None) -> redis.Redis:
        return redis.from_url(settings.REDIS_URL, **patience())

    def enqueue(self, task: str) -> int:
        return int(absence.ask(lambda: super(Queue, self).enqueue(task)))

    def dequeue(self) -> list[tuple[None, bytes]] | None:
        try:
            return absence.ask(super().dequeue)
        except AWAY:
            time.sleep(1)
            return None
