"""Two people before the same asset: nobody's work is undone by a page that has been open for a while."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from assets_app.library import changes
from assets_app.models import Asset
from tests.views.scene import make_asset, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_older_page_saves_what_is_typed_on_it_and_tells_what_somebody_else_changed(
    page: Page, team, editor, sign_in
):
    asset, mara = make_asset(team, name="Harbour"), make_user("mara", team)
    sign_in(editor)
    page.goto(f"/dailies/assets/{asset.pk}/")
    changes.tag(team, mara, [asset], changes.tags_named(team, ["sea"]))
    changes.edit(Asset.objects.get(), mara, kind="place", notes="Too dark")

    page.get_by_label("Tags, separated by commas").fill("boat")
    page.get_by_label("Consent and rights").fill("Signed by Ana")
    page.get_by_label("Notes").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("changed this")).to_have_count(0)

    page.get_by_label("Notes").fill("Keep")
    page.get_by_label("Consent and rights").click()
    told = page.locator("#asset-meanwhile")
    expect(told).to_contain_text("mara changed this to “Too dark”")
    expect(page.get_by_label("Notes", exact=True)).to_have_value("Keep")
    expect(page.get_by_label("Consent and rights")).to_be_focused()
    assert Asset.objects.get().notes == "Too dark"

    told.get_by_role("button", name="Save mine").click()
    expect(told).not_to_contain_text("mara")
    asset.refresh_from_db()
    assert (asset.notes, asset.kind, asset.rights_note) == ("Keep", "place", "Signed by Ana")
    assert set(asset.tags.values_list("name", flat=True)) == {"sea", "boat"}

    page.get_by_label("Notes", exact=True).fill("Keep it")  # one's own second thought meets nobody
    page.get_by_label("Consent and rights").click()
    expect(page.locator("#asset-shown input")).to_have_attribute("value", re.compile('"notes": ?"Keep it"'))
    expect(told.get_by_role("button")).to_have_count(0)


def test_what_somebody_else_saved_shows_where_this_person_changed_nothing(page: Page, team, editor, sign_in):
    asset, mara = make_asset(team, name="Harbour"), make_user("mara", team)
    sign_in(editor)
    page.goto(f"/dailies/assets/{asset.pk}/")
    rights = page.get_by_label("Consent and rights")
    rights.evaluate("field => field.value = 'half a sen'")  # typed, and not left yet
    changes.tag(team, mara, [asset], changes.tags_named(team, ["sea"]))
    changes.edit(Asset.objects.get(), mara, kind="place", notes="Too dark", rights_note="Signed by Mara")
    page.evaluate("document.dispatchEvent(new CustomEvent('castboard:changed'))")
    expect(page.get_by_label("Notes", exact=True)).to_have_value("Too dark")
    expect(page.get_by_label("Kind")).to_have_value("place")
    expect(page.get_by_label("Tags, separated by commas")).to_have_value("sea")
    expect(page.locator("#asset-labels")).to_contain_text("# sea")
    expect(rights).to_have_value("half a sen")
    page.get_by_label("Notes", exact=True).fill("Better now")
    page.get_by_label("Kind").click()
    expect(page.locator("#asset-meanwhile")).to_contain_text("mara changed this to “Signed by Mara”")
    expect(page.locator("#asset-meanwhile")).not_to_contain_text("press again")
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert Asset.objects.get().notes == "Better now"  # nothing that she did was gone over, nor met
