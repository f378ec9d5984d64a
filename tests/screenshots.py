"""`python -m tests.screenshots`: take the README's pictures anew: a newcomer's first quarter of an hour."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from assets_app.sandbox import samples
from tests.ensure_browser import find

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "static" / "img"
PORT = 8790
START_SECONDS = 60


@contextmanager
def castboard() -> Iterator[str]:
    """`manage.py up` with nothing in it yet; yields its address."""
    with tempfile.TemporaryDirectory(prefix="castboard-screenshots-") as data_dir:
        environment = {**os.environ, "PORT": str(PORT), "DATA_DIR": data_dir}
        up = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=environment)
        try:
            _wait_for(f"http://127.0.0.1:{PORT}/healthz")
            yield f"http://127.0.0.1:{PORT}"
        finally:
            up.terminate()
            up.wait(20)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.3)
    sys.exit(f"{address} did not answer 200 within {START_SECONDS} s")


def fill_the_board(page: Page, address: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("[name=username]", "demo")
    page.fill("[name=password]", "demo")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/demo/")
    urls = [str(sample["url"]) for sample in samples.urls(f"http://127.0.0.1:{PORT + 1}")]
    page.fill("textarea[name=urls]", "\n".join(urls))
    page.get_by_role("button", name="Register").click()
    in_flight = "[data-status=checking], [data-status=queued], [data-status=processing]"
    page.wait_for_selector("[data-asset]", timeout=30_000)
    page.wait_for_function("selector => !document.querySelector(selector)", arg=in_flight, timeout=60_000)
    page.wait_for_timeout(3_000)  # the thumbnails come a moment after the badges
    page.fill("textarea[name=urls]", "")


def make_two_takes(page: Page, address: str) -> None:
    page.goto(f"{address}/demo/generate/?model=seedance-2-mini")
    for number, name in enumerate(("courier", "harbour", "lantern"), start=1):
        page.get_by_role("button", name=f"Add {name}, image").click()
        expect(page.locator("#studio-slots .reference")).to_have_count(number)
    page.fill("[name=prompt]", "At dusk @courier walks along @harbour, swinging @lantern. Slow push in.")
    page.locator("label:has(#studio-takes-2)").click()
    expect(page.locator("#studio-generate")).to_contain_text("Generate 2")
    page.locator("#studio-generate").click()
    expect(page.locator("[data-generation][data-status=completed]")).to_have_count(2)
    page.wait_for_timeout(4_000)  # the posters come a moment after the badges


def compare_them(page: Page, address: str) -> None:
    page.goto(f"{address}/demo/videos/")
    page.get_by_role("link", name="Compare").first.click()
    page.wait_for_function("() => [...document.querySelectorAll('video')].every(film => film.readyState >= 2)")


def main() -> None:
    expect.set_options(timeout=60_000)
    with castboard() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark")
        for name, act in (("board", fill_the_board), ("studio", make_two_takes), ("compare", compare_them)):
            act(page, address)
            page.mouse.move(0, 0)
            page.evaluate("document.activeElement.blur()")
            picture = PICTURES / f"readme-{name}.png"
            page.screenshot(path=str(picture))
            print(picture.relative_to(ROOT))
        browser.close()


if __name__ == "__main__":
    main()
