"""Signing in through an organisation whose own address sends people on to another, as many do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import pytest
from allauth.socialaccount.models import SocialAccount
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from tests.team.test_organisation import Organisation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class InTwoPlaces(Organisation):
    """Sends on from 127.0.0.1 to localhost, which is another origin, and back from there."""

    def do_GET(self) -> None:  # noqa: N802 (the name of the standard library)
        path, _, query = self.path.partition("?")
        if path == "/authorize":
            self.send_on(f"http://localhost:{self.server.server_port}/who?{query}")
        elif path == "/who":
            asked = parse_qs(query)
            self.send_on(f"{asked['redirect_uri'][0]}?{urlencode({'code': 'c', 'state': asked['state'][0]})}")
        else:
            super().do_GET()

    def send_on(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def organisation(settings: Settings) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), InTwoPlaces)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    app = {"provider_id": "oidc", "name": "Studio", "client_id": "c", "secret": "s"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [{**app, "settings": {"server_url": address}}]}}
    settings.OIDC_SERVER_URL, settings.OIDC_NAME = address, "Studio"
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def test_one_press_leads_through_both_places_and_in(page: Page, organisation: str, team, editor) -> None:
    SocialAccount.objects.create(user=editor, provider="oidc", uid="42")
    page.goto("/login/?next=/dailies/members/")
    page.get_by_role("button", name="Sign in with Studio").click()
    page.wait_for_url("**/dailies/members/")
    expect(page.get_by_role("heading", name="Members").first).to_be_visible()


def test_one_that_is_gone_is_named_beside_the_other_ways(
    page: Page, organisation: str, team, editor, settings: Settings
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"
    page.goto("/login/")
    page.get_by_role("button", name="Sign in with Studio").click()
    expect(page.get_by_role("alert").first).to_contain_text("Studio does not answer. Sign in another way")
    expect(page.get_by_label("Password")).to_be_visible()
