"""A real Chromium before a live server, with the engine running beside it as the worker would run it.

`CHROMIUM_SLOWDOWN=6` makes each page's processor so many times slower: what a test may not lean on shows then.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright
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
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
]
# No test is about speed: so long for what a loaded machine does in a second.
PATIENCE_MS = 60_000
TEXT_SHOWN = 1500  # characters of a page, when a test has failed on it
# Not errors: a page was left, or a newer question asked, before the answer to the last one was there.
BROKEN_OFF = ("htmx:sendAbort", "htmx:afterRequest")
PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or find()
    if not path:
        pytest.fail("No Chromium runs here: `make test-browser` installs one.")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    context.complaints = []
    context.on("console", lambda message: _note(context, message.text) if message.type == "error" else None)
    context.on("weberror", lambda problem: _note(context, str(problem.error)))
    yield context
    context.close()


def _note(context: BrowserContext, complaint: str) -> None:
    if not complaint.startswith(BROKEN_OFF):
        context.complaints.append(complaint)


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A page that must not log an error: a blocked inline script or style is one."""
    page = window.new_page()
    if slowdown := os.environ.get("CHROMIUM_SLOWDOWN"):
        window.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": float(slowdown)})
    page.complaints = window.complaints
    yield page
    assert window.complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the pages of a failed test showed, beside its traceback."""
    report = yield
    context = getattr(item, "funcargs", {}).get("window")
    if report.when == "call" and report.failed and context:
        report.sections += [(f"Page {page.url}", _text_of(page)) for page in context.pages]
        report.sections.append(("Errors the pages logged", "\n".join(context.complaints) or "none"))
    return report


def _text_of(page: Page) -> str:
    try:
        return page.locator("body").inner_text()[:TEXT_SHOWN]
    except Error as why:
        return f"cannot be read: {why}"


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
def sign_in(page: Page, live_server: LiveServer) -> Callable[[User], None]:
    """Signed in, on no page yet. That the form of `/login/` does it too is shown once, in the main path."""

    def as_person(user: User) -> None:
        client = Client()
        client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])

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
