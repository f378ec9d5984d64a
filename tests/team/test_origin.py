"""PUBLIC_URL is where others reach Castboard, whatever name a request gives it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

import assets_app
from assets_app.middleware import page_before
from assets_app.models import Team
from assets_app.origin import absolute, hostname, origin
from tests.team.test_organisation import organisation  # noqa: F401 (a fixture)

PUBLIC = "https://castboard.example"
WRONG_NAMES = ["127.0.0.1:8000", "localhost:9999", "evil.example", "castboard.example:31337"]


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Settings) -> None:
    settings.PUBLIC_URL = PUBLIC
    settings.ALLOWED_HOSTS = ["*"]


@pytest.mark.parametrize("host", WRONG_NAMES)
def test_what_the_request_calls_us_is_in_no_address(host: str) -> None:
    request = RequestFactory().get("/", headers={"Host": host})
    assert (origin(request), hostname(request)) == (PUBLIC, "castboard.example")
    assert absolute(request, "/invite/x/") == f"{PUBLIC}/invite/x/"


def test_without_a_public_name_it_is_the_requests(settings: Settings) -> None:
    settings.PUBLIC_URL = ""
    request = RequestFactory().get("/", headers={"Host": "studio.lan:8000"})
    assert (origin(request), hostname(request)) == ("http://studio.lan:8000", "studio.lan")


def test_an_invitation_leads_to_the_public_name(admin: User, team: Team, client_of: Callable[[User], Client]) -> None:
    page = client_of(admin).post("/dailies/members/invite/", {"role": "editor", "days": "7"}, headers={"Host": "evil"})
    (link,) = set(re.findall(r'value="(\S+/invite/\S+)"', page.content.decode()))
    assert link.startswith(f"{PUBLIC}/invite/")


def test_a_passkey_is_made_for_the_public_name(team: Team, client: Client) -> None:
    asked = client.get("/login/passkey/", headers={"Accept": "application/json", "Host": "127.0.0.1:8000"}).json()
    assert asked["request_options"]["publicKey"]["rpId"] == "castboard.example"


def test_the_organisation_sends_people_back_to_the_public_name(
    organisation: str,  # noqa: F811
    team: Team,
    client: Client,
) -> None:
    page = client.post("/login/oidc/", headers={"Host": "127.0.0.1:8000"}).content.decode()
    (left,) = set(re.findall(r'url=(\S+)"', page))
    asked = parse_qs(urlsplit(unescape(left)).query)
    assert asked["redirect_uri"] == [f"{PUBLIC}/login/oidc/callback/"]


@pytest.mark.parametrize("name", ["castboard.example", "127.0.0.1:8000"])
def test_a_form_that_came_too_late_leads_back_by_either_name(name: str) -> None:
    headers = {"Host": "127.0.0.1:8000", "Referer": f"https://{name}/dailies/assets/"}
    assert page_before(RequestFactory().post("/x/", headers=headers)) == "/dailies/assets/"


@pytest.mark.parametrize(
    "on", ["//localhost/", "http://127.0.0.1/x", f"{PUBLIC}/x", "//castboard.example/x", "/\\evil.example"]
)
def test_signing_in_leads_on_to_a_path_of_ours_and_no_other_place(
    admin: User, client: Client, settings: Settings, on: str
) -> None:
    settings.ALLOWED_HOSTS = ["castboard.example", "localhost", "127.0.0.1", "testserver"]
    admin.set_password("far from the shore")
    admin.save()
    answer = client.post("/login/", {"username": "ada", "password": "far from the shore", "next": on})
    assert answer["Location"] == "/"


def test_nothing_else_makes_an_absolute_address() -> None:
    root = Path(assets_app.__file__).parent
    makers = re.compile(r"build_absolute_uri|get_current_site|\.get_host\(\)|settings\.PUBLIC_URL \+|get_raw_uri")
    found = {str(file.relative_to(root)) for file in root.rglob("*.py") if makers.search(file.read_text())}
    assert found == {"origin.py", "middleware.py"}  # the second refuses a name, and makes nothing of it


class TestANameForTheMachineItself:
    @pytest.fixture(autouse=True)
    def public_by_hosts_alone(self, settings: Settings) -> None:
        settings.PUBLIC_URL = ""
        settings.ALLOWED_HOSTS = ["castboard.example", "127.0.0.1", "localhost"]
        settings.HEALTH_ONLY_HOSTS = ["127.0.0.1", "localhost"]

    @pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9999", "localhost."])
    def test_opens_no_page(self, db: None, host: str) -> None:
        assert Client(headers={"Host": host}).get("/login/").status_code == 400

    def test_is_told_how_well_it_is(self, db: None) -> None:
        assert "process" in Client(headers={"Host": "127.0.0.1:8000"}).get("/healthz").json()

    def test_and_others_come_in_by_the_name_they_have(self, db: None) -> None:
        assert Client(headers={"Host": "castboard.example"}).get("/login/").status_code == 200
