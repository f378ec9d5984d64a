"""What every test may ask for: a team, its people, and a provider that is real enough to be strict."""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, settings

from assets_app.models import Clock, Connection, Membership, Team
from assets_app.sandbox.sample_files import Samples
from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import INSTANT

# Playwright runs an event loop of its own beside the test, and Django then takes every query for one made inside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A machine that is busy with something else is slow, and no test is about that.
settings.register_profile("anew", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("castboard", settings.get_profile("anew"), derandomize=True)
settings.load_profile("castboard")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: one that began last would leave the other processors without work."""
    items.sort(key=lambda item: not (item.get_closest_marker("faults") or item.get_closest_marker("long")))


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    data_dir = Path(tmp_path_factory.mktemp("sandbox"))
    (data_dir / "samples").symlink_to(_samples(tmp_path_factory))
    with SandboxServer(data_dir, settings=INSTANT) as server:
        yield server


def _samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sandbox's samples, which take seconds to make: made once, for all processes of this run."""
    own = tmp_path_factory.getbasetemp()
    directory = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "samples"
    directory.mkdir(exist_ok=True)
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        Samples(directory).make_all()
    return directory


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> Iterator[SandboxServer]:
    """The provider at home: no delays, no limits, no faults, unless a test asks for them."""
    yield sandbox_server
    sandbox_server.provider.settings = INSTANT
    sandbox_server.provider.faults.clear()


@pytest.fixture
def api_key() -> str:
    """A key of its own for each test: its credits, assets and jobs are nobody else's."""
    return f"afk_{uuid.uuid4().hex}"


@pytest.fixture
def team(db: None, sandbox_server: SandboxServer, api_key: str) -> Team:
    """A team connected to the sandbox, with plenty of requests a minute."""
    team = Team.objects.create(name="Dailies", slug="dailies")
    connection = Connection(team=team, base_url=sandbox_server.base_url, requests_per_minute=600_000, is_sandbox=True)
    connection.api_key = api_key
    connection.save()
    return team


def _member(team: Team, name: str, role: str) -> User:
    user = User.objects.create_user(name)
    Membership.objects.create(team=team, user=user, role=role)
    return user


@pytest.fixture
def steady_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that was never set, and an installation that was never off."""
    monkeypatch.setattr(Clock, "steady_for", lambda: timedelta(days=365))


@pytest.fixture
def admin(team: Team) -> User:
    return _member(team, "ada", Membership.Role.ADMIN)


@pytest.fixture
def editor(team: Team) -> User:
    return _member(team, "edda", Membership.Role.EDITOR)


@pytest.fixture
def viewer(team: Team) -> User:
    return _member(team, "vito", Membership.Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody with a team of their own, and nothing to do with ours."""
    return _member(Team.objects.create(name="Others", slug="others"), "stan", Membership.Role.ADMIN)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
