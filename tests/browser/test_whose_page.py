"""Two people, one browser, two tabs: a page acts for the person it shows, or not at all."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from assets_app.models import Generation, Invitation, Membership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mara(team) -> User:
    user = User.objects.create_user("mara", first_name="Mara")
    Membership.objects.create(team=team, user=user, role=Membership.Role.ADMIN)
    return user


def beside(page: Page, user: User) -> Page:
    """Another tab of the same browser, in which somebody signs in."""
    tab = page.context.new_page()
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    address = page.url.split("/dailies/")[0]
    tab.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    tab.goto(f"{address}/dailies/generate/")
    return tab


def forgive_conflicts(page: Page) -> None:
    """A browser logs each 409, which is the answer here."""
    page.complaints[:] = [words for words in page.complaints if "409" not in words]


def test_generate_on_a_page_of_somebody_who_signed_out_pays_nothing(page: Page, team, editor, mara, sign_in):
    sign_in(editor)
    page.goto("/dailies/generate/")
    prompt = page.locator("#studio-prompt")
    prompt.fill("A secret boat")
    expect(page.locator("#studio-bill button[type=submit]").first).to_be_enabled()
    tab = beside(page, mara)
    expect(tab.locator("#studio-prompt")).to_have_value("")  # the draft is hers who wrote it
    prompt.press("Control+Enter")
    banner = page.locator("#connection-lost")
    expect(banner).to_contain_text("You are now signed in as Mara; this page was edda’s. Nothing was sent.")
    expect(prompt).to_have_value("A secret boat")
    assert Generation.objects.count() == 0
    beside(page, editor)
    prompt.press("Control+Enter")  # she is back, and so is her page
    expect(page.locator("#connection-lost")).to_be_hidden()
    assert Generation.objects.get().created_by == editor
    forgive_conflicts(page)


def test_a_whole_page_form_stays_with_what_was_typed_until_its_person_is_back(page: Page, team, editor, mara, sign_in):
    sign_in(mara)
    page.goto("/dailies/members/")
    page.get_by_label("Whom it is for").fill("For Leo")
    beside(page, editor)
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#connection-lost")).to_contain_text("signed in as edda")
    expect(page.get_by_label("Whom it is for")).to_have_value("For Leo")
    assert not Invitation.objects.exists()
    beside(page, mara)
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#invitation-link")).to_be_visible()
    assert Invitation.objects.get().created_by == mara
    forgive_conflicts(page)


def test_after_signing_in_again_what_a_form_held_is_back_and_said_not_to_be_sent(page: Page, team, editor, sign_in):
    Membership.objects.filter(user=editor).update(role=Membership.Role.ADMIN)
    sign_in(editor)
    page.goto("/dailies/members/")
    page.get_by_label("Whom it is for").fill("For Leo")
    Session.objects.all().delete()
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("main")).to_contain_text("what you sent did not arrive")
    page.get_by_label("Name or e-mail").fill("edda")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/dailies/members/")
    expect(page.locator("#toasts")).to_contain_text("this was not sent. What you typed is here again")
    expect(page.get_by_label("Whom it is for")).to_have_value("For Leo")
    assert not Invitation.objects.exists()
    page.complaints[:] = [words for words in page.complaints if "401" not in words]
