from __future__ import annotations

from assets_app.sandbox.ratelimit import RateLimit
from assets_app.sandbox.server import SandboxServer
from tests.sandbox.conftest import Caller, Clock


def test_one_request_too_many_is_refused_with_the_seconds_until_there_is_room(
    timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock
) -> None:
    timed_sandbox.configure(requests_per_minute=3)
    for _ in range(3):
        assert timed_caller.get("/v2/me").status_code == 200
        clock.pass_by(10)

    refused = timed_caller.get("/v2/me")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert refused.json().keys() == {"error"}

    clock.pass_by(30)
    assert timed_caller.get("/v2/me").status_code == 200
    assert timed_sandbox.stats()["rate_limited"] == 1


def test_each_key_has_its_own_limit(timed_sandbox: SandboxServer, timed_caller: Caller) -> None:
    timed_sandbox.configure(requests_per_minute=1)
    other = Caller(timed_sandbox.base_url, "afk_other")
    assert [timed_caller.get("/v2/me").status_code, other.get("/v2/me").status_code] == [200, 200]
    assert [timed_caller.get("/v2/me").status_code, other.get("/v2/me").status_code] == [429, 429]
    other.session.close()


def test_refused_requests_do_not_count() -> None:
    limit = RateLimit()
    assert limit.take("a", 1, now=0.0) is None
    assert all(limit.take("a", 1, now=float(second)) == 60 - second for second in range(1, 60))
    assert limit.take("a", 1, now=60.0) is None


def test_in_any_sixty_seconds_no_more_than_the_limit_pass() -> None:
    limit = RateLimit()
    passed = [now for now in (tick / 10 for tick in range(3000)) if limit.take("a", 20, now) is None]
    for start in passed:
        assert sum(start <= moment < start + 60 for moment in passed) <= 20


def test_a_lowered_limit_counts_what_was_already_used() -> None:
    limit = RateLimit()
    for second in range(10):
        limit.take("a", 10, now=float(second))
    assert limit.take("a", 5, now=10.0) == 55  # when the sixth-youngest of the ten has left the window


def test_no_limit_lets_everything_pass() -> None:
    limit = RateLimit()
    assert all(limit.take("a", 0, now=0.0) is None for _ in range(1000))
