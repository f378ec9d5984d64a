from __future__ import annotations

import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from assets_app.sandbox.server import SandboxServer
from tests.sandbox.conftest import PATIENCE, Caller, Clock, Site, eventually, png, wav


def test_an_asset_is_processing_until_its_time_has_come_and_then_active(
    timed_caller: Caller, clock: Clock, site: Site
) -> None:
    asset_id = timed_caller.register(site.put("/still.png", png()))
    assert timed_caller.get(f"/v2/assets/{asset_id}").json()["status"] == "Processing"

    clock.pass_by(10)

    asset = timed_caller.settled_asset(asset_id)
    assert (asset["status"], asset["errorMsg"]) == ("Active", None)
    assert timed_caller.session.get(asset["url"], timeout=PATIENCE).content == png()


def test_a_failed_asset_looks_like_processing_before_its_time(
    timed_sandbox: SandboxServer, timed_caller: Caller, clock: Clock, site: Site
) -> None:
    asset_id = timed_caller.register(site.base_url + "/nothing-here.png")
    eventually(lambda: timed_sandbox.provider.store.assets[asset_id].error)

    before = timed_caller.get(f"/v2/assets/{asset_id}").json()
    clock.pass_by(10)
    after = timed_caller.get(f"/v2/assets/{asset_id}").json()

    assert (before["status"], before["errorMsg"]) == ("Processing", None)
    assert (after["status"], after["url"]) == ("Failed", None)
    assert "HTTP 404" in after["errorMsg"]


def test_the_file_is_really_fetched_and_known_by_its_content_not_its_name(caller: Caller, site: Site) -> None:
    url = site.put("/misnamed.txt", png())
    assert caller.active_asset(url)


def test_an_asset_of_another_key_does_not_exist(sandbox: SandboxServer, caller: Caller, site: Site) -> None:
    asset_id = caller.register(site.put("/still.png", png()))
    stranger = Caller(sandbox.base_url, "afk_somebody_else")

    answer = stranger.get(f"/v2/assets/{asset_id}")
    stranger.session.close()

    assert (answer.status_code, answer.json()) == (404, {"error": "Asset not found"})


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        ({}, {"url", "type"}),
        ({"url": "https://example.com/a.png"}, {"type"}),
        ({"url": "https://example.com/a.png", "type": "picture"}, {"type"}),
        ({"url": "not an address", "type": "image"}, {"url"}),
        ({"url": "data:image/png;base64,AAAA", "type": "image"}, {"url"}),
        ({"url": 7, "type": "image"}, {"url"}),
    ],
)
def test_a_bad_registration_names_the_fields_that_are_wrong(
    caller: Caller, document: dict[str, object], wrong: set[str]
) -> None:
    answer = caller.post("/v2/assets/create", json=document)
    assert answer.status_code == 400
    assert set(answer.json()["details"]) == wrong


def test_a_body_that_is_not_json_is_a_400(caller: Caller) -> None:
    assert caller.post("/v2/assets/create", data=b"{").status_code == 400
    assert caller.post("/v2/assets/create", data=b"[]").status_code == 400


def _status(code: int) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda request: request.send_error(code)


def _too_slow(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(40):
        request.wfile.write(b"x")
        request.wfile.flush()
        time.sleep(0.05)


def _around_in_circles(request: BaseHTTPRequestHandler) -> None:
    request.send_response(302)
    request.send_header("Location", request.path)
    request.send_header("Content-Length", "0")
    request.end_headers()


def _broken_off(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    request.wfile.write(b"\x89PNG")
    request.close_connection = True


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (_status(403), "InvalidParameter.DownloadFailed: the address answered HTTP 403"),
        (_around_in_circles, "InvalidParameter.DownloadFailed: too many redirects"),
        (_broken_off, "InvalidParameter.DownloadFailed: connection broken while fetching resource"),
        (b"", "InvalidParameter.DownloadFailed: the address answered with nothing"),
        (b"<html>sign in first</html>", "InvalidParameter: the parameter image format unknown is not valid"),
        (png()[:60], "InvalidParameter: the image file cannot be decoded"),
        (png(299, 400), "InvalidParameter: image width must be between 300 and 6000 pixels, got 299"),
        (png(400, 1200), "InvalidParameter: expected the aspect ratio to be between 0.40 and 2.50, got 0.33"),
        (wav(3), "InvalidParameter: the parameter image format wav is not valid"),
    ],
)
def test_an_image_that_cannot_be_had_or_will_not_do_fails_in_the_upstreams_words(
    sandbox: SandboxServer, caller: Caller, site: Site, page: bytes, said: str
) -> None:
    assert caller.refusal_of(site.put("/file.png", page)) == said


def test_an_image_that_takes_too_long_fails_in_the_upstreams_words(
    sandbox: SandboxServer, caller: Caller, site: Site
) -> None:
    sandbox.configure(fetch_seconds=0.3)
    url = site.put("/file.png", _too_slow)
    assert caller.refusal_of(url) == "InvalidParameter.DownloadFailed: timeout while fetching resource"


def test_an_address_where_nobody_listens_fails(caller: Caller) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/a.png"
        assert caller.refusal_of(url) == "InvalidParameter.DownloadFailed: connection refused"


def test_a_file_over_the_limit_is_not_read_to_its_end(caller: Caller, site: Site) -> None:
    sent = 0

    def endless(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response(200)
        request.end_headers()
        while sent < 200_000_000:
            request.wfile.write(bytes(1_000_000))
            sent += 1_000_000

    assert (
        caller.refusal_of(site.put("/huge.png", endless)) == "InvalidParameter: image file size must not exceed 30 MB"
    )
    assert sent < 60_000_000


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"width": 320, "height": 320}, "Pixel count must be between 407696 and 8295044, got 102400"),
        ({"seconds": 1}, "video Duration must be between 1.8 and"),
        ({"fps": 12}, "video frame rate must be between 23.9 and 60 FPS, got 12"),
    ],
)
def test_a_video_outside_the_limits_fails(
    caller: Caller, site: Site, clip: Callable[..., bytes], shape: dict[str, int], said: str
) -> None:
    assert said in caller.refusal_of(site.put("/clip.mp4", clip(**shape)), "video")


def test_a_fitting_video_and_sound_become_active(caller: Caller, site: Site, clip: Callable[..., bytes]) -> None:
    assert caller.active_asset(site.put("/clip.mp4", clip()), "video")
    assert caller.active_asset(site.put("/sound.wav", wav(3)), "audio")


def test_sound_that_is_too_long_fails(caller: Caller, site: Site) -> None:
    assert "audio Duration must be between" in caller.refusal_of(site.put("/long.wav", wav(60)), "audio")


def test_a_person_can_rehearse_a_refusal_by_a_word_in_the_address(caller: Caller, site: Site) -> None:
    assert "may contain real person" in caller.refusal_of(site.put("/refuse-face.png", png()))
    assert "rejected by review" in caller.refusal_of(site.put("/refuse-review.png", png()))


def test_a_thousand_copies_of_one_file_are_kept_once(sandbox: SandboxServer, caller: Caller, site: Site) -> None:
    urls = [site.put(f"/copy-{number}.png", png(colour="orchid")) for number in range(8)]
    links = {caller.settled_asset(asset_id)["url"] for asset_id in [caller.register(url) for url in urls]}
    assert len(links) == 1
