"""Passkeys are made for the public name, and a page elsewhere says where they work."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_page_under_another_name_says_where_passkeys_work(page: Page, team, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://castboard.example"
    page.goto("/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("Passkeys work at castboard.example: open Castboard there.")
