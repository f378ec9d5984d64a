"""A real Chromium before a live server, with the engine running beside it as the worker would run it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from assets_app.engine.files import FilesLane
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import Runner
from assets_app.models import Membership, Team
from tests.ensure_browser import find

# Chromium looks up its maker's hosts at each start; a machine without the internet would wait for them.
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE_MS = 20_000
PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or find()
    if not path:
        pytest.fail("No Chromium runs here: `make test` installs one.")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, live_server: LiveServer, tmp_path: Path) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A page that must not log an error: a blocked inline script or style is one."""
    page = window.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.complaints = complaints
    yield page
    assert complaints == []


@pytest.fixture
def editor(team: Team) -> User:
    """An editor who can really sign in."""
    user = User.objects.create_user("edda", password=PASSWORD)
    Membership.objects.create(team=team, user=user, role=Membership.Role.EDITOR)
    return user


@pytest.fixture
def team(transactional_db: None, team: Team) -> Team:
    """The live server and the engine have threads of their own, which see only what is committed."""
    return team


@pytest.fixture
def sign_in(page: Page) -> Callable[[User], None]:
    def as_person(user: User) -> None:
        page.goto("/login/")
        page.fill("input[name=username]", user.username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/dailies/")

    return as_person


@pytest.fixture
def worker(team: Team, sandbox: object) -> Iterator[None]:
    """Both lanes, run again and again as the messages of a real worker would have them run."""
    stop = threading.Event()

    def keep_running(make_lane: Callable[[], ProviderLane | FilesLane]) -> None:
        lane = make_lane()
        while not stop.is_set():
            Runner(lane).run(seconds=5, stopping=stop.is_set)
            stop.wait(0.1)
        connection.close()

    threads = [threading.Thread(target=keep_running, args=(lane,)) for lane in (ProviderLane, FilesLane)]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join()


class Reloads:
    """Counts the documents that a page loads: a live update that reloads is a failure."""

    def __init__(self, page: Page) -> None:
        self.count = 0
        page.on("load", lambda _: self._another())

    def _another(self) -> None:
        self.count += 1


@pytest.fixture
def reloads(page: Page) -> Reloads:
    return Reloads(page)
