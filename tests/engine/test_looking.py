"""Links that are looked at before they are registered: what each turns out to be, and what is done about it."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from assets_app.models import (
    Asset,
    Candidate,
    Connection,
    Event,
    NewAsset,
    NewCandidate,
    Team,
    look_at,
    register_all,
    register_candidates,
)
from assets_app.models.candidate import KEPT, forget_old_candidates

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def picture(width: int = 640, height: int = 480, colour: str = "red") -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(output, "PNG")
    return output.getvalue()


FILES: dict[str, tuple[int, bytes]] = {
    "/good.png": (200, picture()),
    "/same.png": (200, picture()),
    "/other.png": (200, picture(colour="blue")),
    "/small.png": (200, picture(100, 100)),
    "/no-ending": (200, picture(colour="green")),
    "/page.png": (200, b"<html><body>Hello</body></html>"),
    "/mine.png": (403, b""),
    "/gone.png": (404, b""),
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, content = FILES[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def site(team: Team) -> Iterator[str]:
    """A site that our fetching may reach although it is on this machine: it is given as the team's provider."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    Connection.objects.filter(team=team).update(base_url=address)
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def look(team: Team, editor: User, site: str, run_files: Callable[[], int]) -> Callable[..., Candidate]:
    def look_at_one(path: str, media_type: str = "image", *, host: str = "") -> Candidate:
        look_at(team, editor, [NewCandidate((host or site) + path, media_type)])
        for _ in range(3):
            Candidate.objects.filter(due_at__isnull=False).update(due_at=timezone.now())
            run_files()
        return Candidate.objects.order_by("-created_at").first()

    return look_at_one


def test_what_is_fit_is_ready_with_its_facts_and_preview(look):
    found = look("/good.png")
    assert (found.state, found.media_type, found.width, found.height) == ("ready", "image", 640, 480)
    assert found.byte_size == len(picture())
    assert default_storage.exists(found.poster.name)


def test_what_would_be_refused_says_which_limit_and_by_how_much(look):
    found = look("/small.png")
    assert found.state == "refused"
    assert "The width is 100 px; the least is 300 px. Use a larger version." in found.reason


def test_content_tells_the_type_when_nobody_else_did(look):
    found = look("/no-ending", "")
    assert (found.state, found.wanted_type) == ("ready", "image")


def test_a_guess_gives_way_to_the_content(look):
    assert look("/no-ending", "audio").wanted_type == "image"


def test_what_is_no_media_would_be_refused(look):
    found = look("/page.png")
    assert (found.state, found.reason) == ("refused", "This is a web page, no picture, video or sound.")


def test_what_is_gone_is_unreachable_and_says_why(look):
    found = look("/gone.png")
    assert found.state == "unreachable"
    assert "404" in found.reason


def test_a_server_that_does_not_answer_is_tried_twice_and_then_unreachable(look, team):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        Connection.objects.filter(team=team).update(base_url=address)
        found = look("/good.png", host=address)
    assert found.state == "unreachable"


def test_what_we_may_not_fetch_can_still_be_registered(look, team, editor):
    assert look("/mine.png").state == "unchecked"
    private = look("/good.png", host="http://127.0.0.2:9")
    assert private.state == "unchecked"
    assert "private network" in private.reason
    assert len(register_candidates(team, editor)) == 2


def test_the_same_content_is_linked_whatever_its_address(look, team, editor, run_files):
    look("/good.png")
    (asset,) = register_candidates(team, editor)
    found = look("/same.png")
    assert (found.state, found.known_as) == ("known", asset)
    assert register_candidates(team, editor) == []
    assert not Candidate.objects.exists()


def test_two_links_to_one_file_in_one_list_are_registered_once(look, team, editor):
    look("/good.png")
    twin = look("/same.png")
    assert twin.state == "known"
    assert twin.reason == "The same file as good in this list."
    assert len(register_candidates(team, editor)) == 1


def test_registering_keeps_the_id_the_files_and_the_order(look, team, editor, run_files):
    first, second = look("/good.png"), look("/other.png")
    look("/gone.png")
    assets = register_candidates(team, editor)
    assert [asset.pk for asset in assets] == [first.pk, second.pk]
    asset = Asset.objects.order_by("-number").first()
    assert (asset.pk, asset.state, asset.created_by) == (first.pk, "queued", editor)
    assert asset.original.is_saved
    assert asset.original.due_at is None
    assert default_storage.exists(asset.original.file.name)
    assert "640x480" in asset.words
    assert list(Candidate.objects.values_list("state", flat=True)) == ["unreachable"]
    assert run_files() == 0, "what was looked at is not fetched again"


def test_a_refused_one_can_be_registered_anyway(look, team, editor):
    found = look("/small.png")
    assert register_candidates(team, editor) == []
    Candidate.objects.filter(pk=found.pk).update(anyway=True)
    assert [asset.pk for asset in register_candidates(team, editor)] == [found.pk]


def test_what_came_into_the_library_meanwhile_is_not_registered_twice(look, team, editor, site):
    look("/good.png")
    register_all(team, None, [NewAsset(f"{site}/good.png", "image")])
    assert register_candidates(team, editor) == []
    assert Asset.objects.count() == 1
    assert not Candidate.objects.exists()


def test_looking_leaves_nothing_in_the_teams_history(look, team):
    look("/good.png")
    assert not Event.objects.filter(team=team).exists()


def test_a_link_that_is_on_the_list_is_not_put_there_twice(team, editor, site):
    new = NewCandidate(f"{site}/good.png", "image")
    assert len(look_at(team, editor, [new])) == 1
    assert look_at(team, editor, [new]) == []


@pytest.mark.usefixtures("steady_clock")
def test_what_nobody_decided_about_is_forgotten_with_its_files(look, django_capture_on_commit_callbacks):
    found = look("/good.png")
    assert forget_old_candidates() == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_old_candidates(timezone.now() + KEPT) == 1
    assert not default_storage.exists(found.file.name)
    assert not default_storage.exists(found.poster.name)
