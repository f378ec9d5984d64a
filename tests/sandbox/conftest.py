"""What the sandbox's own tests need: a caller that knows nothing of our client, and a small foreign web site."""

from __future__ import annotations

import io
import json
import threading
import time
import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import av
import pytest
import requests
from PIL import Image

from assets_app.sandbox.server import SandboxServer
from assets_app.sandbox.settings import INSTANT

DOCUMENT = Path(__file__).resolve().parents[3] / "shared" / "apiframe" / "openapi.json"
PATIENCE = 180.0  # seconds, for a machine that is busy with something else

T = TypeVar("T")


def eventually(ask: Callable[[], T | None]) -> T:
    """The first true answer within a generous time; work in the background has no other way to be awaited."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


class Caller:
    """A customer of the sandbox, with one key."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.base_url = base_url
        self.api_key = api_key
        self.session = requests.Session()
        self.session.headers["X-API-Key"] = api_key

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.base_url + path, timeout=PATIENCE, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return self.session.post(self.base_url + path, timeout=PATIENCE, **more)

    def credits(self) -> int:
        return int(self.get("/v2/me").json()["team"]["credits"])

    def register(self, url: str, media_type: str = "image") -> str:
        answer = self.post("/v2/assets/create", json={"url": url, "type": media_type})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["assetId"])

    def settled_asset(self, asset_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            asset = self.get(f"/v2/assets/{asset_id}").json()
            return asset if asset["status"] != "Processing" else None

        return eventually(look)

    def active_asset(self, url: str, media_type: str = "image") -> str:
        asset_id = self.register(url, media_type)
        asset = self.settled_asset(asset_id)
        assert asset["status"] == "Active", asset
        return asset_id

    def refusal_of(self, url: str, media_type: str = "image") -> str:
        asset = self.settled_asset(self.register(url, media_type))
        assert asset["status"] == "Failed", asset
        return str(asset["errorMsg"])

    def submit(self, body: dict[str, Any], key: str | None = None) -> requests.Response:
        return self.post("/v2/videos/generate", json=body, headers={"Idempotency-Key": key} if key else {})

    def accepted(self, body: dict[str, Any], key: str | None = None) -> str:
        answer = self.submit(body, key)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["jobId"])

    def job(self, job_id: str) -> dict[str, Any]:
        return dict(self.get(f"/v2/jobs/{job_id}").json())

    def finished_job(self, job_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            job = self.job(job_id)
            return job if job["status"] in {"COMPLETED", "FAILED"} else None

        return eventually(look)


def body(prompt: str = "A door opens.", model: str = "seedance-2", **params: Any) -> dict[str, Any]:
    """A small valid request: four seconds in 480p without sound."""
    return {
        "model": model,
        "prompt": prompt,
        "seedanceParams": {
            "duration": 4,
            "resolution": "480p",
            "aspect_ratio": "16:9",
            "generate_audio": False,
            **params,
        },
    }


@pytest.fixture
def caller(sandbox: SandboxServer, api_key: str) -> Iterator[Caller]:
    customer = Caller(sandbox.base_url, api_key)
    yield customer
    customer.session.close()


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def timed_sandbox(tmp_path: Path, clock: Clock) -> Iterator[SandboxServer]:
    """A sandbox of its own whose time stands still: assets take 10 s, jobs 100 s."""
    settings = INSTANT.changed({"asset_delay": "10", "job_delay": "100"})
    with SandboxServer(tmp_path / "provider", settings=settings, clock=clock) as server:
        yield server


@pytest.fixture
def timed_caller(timed_sandbox: SandboxServer, api_key: str) -> Iterator[Caller]:
    customer = Caller(timed_sandbox.base_url, api_key)
    yield customer
    customer.session.close()


Page = bytes | Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A foreign web site; `pages` says what is under each path."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.answers_to_posts: list[int] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = site.pages.get(self.path)
                if callable(page):
                    page(self)
                elif page is None:
                    self.send_error(404)
                else:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(page)))
                    self.end_headers()
                    self.wfile.write(page)

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                site.posts.append((dict(self.headers), content))
                self.send_response(site.answers_to_posts.pop(0) if site.answers_to_posts else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def put(self, path: str, page: Page) -> str:
        self.pages[path] = page
        return self.base_url + path

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(content) for _, content in self.posts]


@pytest.fixture
def site() -> Iterator[Site]:
    there = Site()
    yield there
    there.server.shutdown()
    there.server.server_close()


def png(width: int = 400, height: int = 400, colour: str = "teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def wav(seconds: float) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes([128]) * round(8000 * seconds))
    return file.getvalue()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """Short grey films of any size, length and rate."""

    def make(width: int = 864, height: int = 496, seconds: float = 2, fps: int = 24) -> bytes:
        path = tmp_path_factory.mktemp("clip") / "clip.mp4"
        with av.open(path, "w") as container:
            stream = container.add_stream("libx264", rate=fps)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.options = {"preset": "ultrafast"}
            for number in range(round(seconds * fps)):
                frame = av.VideoFrame(width, height, "yuv420p")
                for plane in frame.planes:
                    plane.update(bytes([128]) * plane.buffer_size)
                frame.pts, frame.time_base = number, Fraction(1, fps)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()

    return make
