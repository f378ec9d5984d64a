"""axe finds nothing on any page, dark or light, wide or narrow, and none has to be scrolled sideways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from assets_app.models import Asset, Generation, Membership, NewReference, SpendingLimit, share
from tests.views.scene import make_generation, make_video

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/dailies/",
    "/dailies/assets/",
    "/dailies/assets/{asset}/",
    "/dailies/assets/{asset}/cut/",
    "/dailies/assets/{film}/cut/?most=2",
    "/dailies/assets/labels/",
    "/dailies/assets/trash/",
    "/dailies/generate/?asset={asset}",
    "/dailies/generate/?model=kling-3.0-omni",
    "/dailies/generate/?model=luma-ray-2",
    "/dailies/generate/before/?asset={asset}",
    "/dailies/help/#seedance-2",
    "/dailies/generate/presets/",
    "/dailies/videos/",
    "/dailies/videos/?q=nothing&rating=4",
    "/dailies/videos/trash/",
    "/dailies/videos/{generation}/",
    "/dailies/videos/{refused}/",
    "/dailies/generate/?from={refused}",
    "/dailies/videos/compare/?film={generation}&film={other}",
    "/dailies/videos/compare/",
    "/dailies/videos/followed/",
    "/share/{token}/",
    "/share/no-such-link/",
    "/dailies/usage/",
    "/dailies/budgets/",
    "/dailies/activity/",
    "/dailies/members/",
    "/dailies/settings/",
    "/account/",
    "/teams/",
    "/login/",
    "/no-such-page/",
)
# What opens on a page without an address of its own: where, what to do there, and what is there then.
OPENED: tuple[tuple[str, Callable[[Page], object], str], ...] = (
    ("/dailies/assets/", lambda page: page.locator(".tile-picture").first.click(), "#viewer .large"),
    ("/dailies/assets/", lambda page: page.keyboard.press("?"), "dialog[open]"),
    ("/dailies/members/", lambda page: page.keyboard.press("?"), "#keys-map .keys"),
    ("/dailies/assets/", lambda page: page.locator("[data-select]").first.check(), "#bar"),
    ("/dailies/videos/", lambda page: page.locator("[data-open]").first.click(), "#viewer .large"),
    ("/dailies/generate/", lambda page: page.locator(".prompt-menu > summary").click(), "#presets-title"),
)
# Of what is well only that it is: to carry every element of it here takes longer than to look at it.
BRIEFLY = {"resultTypes": ["violations"]}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]} | BRIEFLY
# A page is the same in dark and in light but for its colours, and these are the rules about colours.
COLOUR_RULES = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}} | BRIEFLY
# Made narrow, a page hides words and begins to scroll in parts; all else is as it was.
NARROW_RULES = {
    "runOnly": {
        "type": "rule",
        "values": [
            "aria-hidden-focus",
            "button-name",
            "label",
            "link-name",
            "scrollable-region-focusable",
            "select-name",
        ],
    }
} | BRIEFLY

IS_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
WIDE, NARROW = 1280, 390
LOOKS: tuple[tuple[int, Literal["dark", "light"], dict[str, Any]], ...] = (
    (NARROW, "dark", NARROW_RULES),
    (WIDE, "dark", RULES),
    (WIDE, "light", COLOUR_RULES),
)


def test_nothing_is_wrong_with_any_page(page: Page, team, editor, sign_in, worker, sandbox):
    Membership.objects.filter(user=editor).update(role=Membership.Role.ADMIN)
    SpendingLimit.objects.create(team=team, user=editor, period="day", warn_at=1, stop_at=9000)
    sign_in(editor)
    page.goto("/dailies/")
    names = ("courier.jpg", "crossing.mp4", "bell.mp3", "missing.jpg")
    page.evaluate(
        """async ([urls]) => {
            const body = new URLSearchParams({urls})
            const token = document.cookie.match(/csrftoken=([^;]+)/)[1]
            await fetch("/dailies/assets/add/", {method: "POST", body, headers: {"X-CSRFToken": token}})
        }""",
        ["\n".join(f"{sandbox.base_url}/samples/{name}" for name in names)],
    )
    page.goto("/dailies/")
    expect(page.locator("[data-asset][data-status=active]")).to_have_count(3)
    asset = Asset.objects.filter(state="active", media_type="image").get()
    film_asset = Asset.objects.filter(state="active", media_type="video").get()
    page.goto(f"/dailies/generate/?asset={asset.pk}")
    page.select_option("select[name=model]", "seedance-2-mini")
    expect(page.locator("input[name=shown_model]")).to_have_value("seedance-2-mini")
    page.fill("textarea[name=prompt]", "A quiet harbour")
    expect(page.locator(".generate-words")).to_contain_text("· 72")  # a press is for the price that it shows
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-generation][data-status=completed]")).to_have_count(1)
    generation = Generation.objects.get()
    page.goto(f"/dailies/videos/{generation.pk}/")
    expect(page.locator("video.player")).to_be_visible()
    with generation.video.file.open() as film:
        other = make_generation(team)
        make_video(other, content=film.read())
    refused = make_generation(
        team,
        "failed",
        reason="InputImageSensitiveContentDetected.PrivacyInformation: content[1] may contain real person",
        references=[NewReference("reference_image", "image", asset=asset)],
    )
    token = share(generation, editor, timedelta(days=1)).token
    page.goto("/dailies/")
    page.fill("textarea[name=urls]", f"{sandbox.base_url}/samples/harbour.jpg\n{sandbox.base_url}/samples/none.jpg")
    page.get_by_role("button", name="Check first").click()
    expect(page.locator("[data-candidate][data-status=ready]")).to_have_count(1)
    expect(page.locator("[data-candidate][data-status=unreachable]")).to_have_count(1)
    shown = {
        "asset": asset.pk,
        "generation": generation.pk,
        "other": other.pk,
        "refused": refused.pk,
        "film": film_asset.pk,
        "token": token,
    }
    found: set[str] = set()
    page.emulate_media(reduced_motion="reduce")  # what is still fading in has not its colours yet
    for path in PAGES:
        page.goto(path.format(**shown))
        found |= {f"{path} {complaint}" for complaint in complaints_about(page)}
    for path, act, what in OPENED:
        page.goto(path)
        act(page)
        expect(page.locator(what)).to_be_visible()
        found |= {f"{path}, opened {complaint}" for complaint in complaints_about(page)}
    page.complaints.clear()  # the page that is not there
    assert found == set()


def complaints_about(page: Page) -> set[str]:
    """What is wrong with the page as it stands, wide and narrow: its width, and what axe says of each look."""
    said = set()
    for width, scheme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        if page.evaluate(IS_TOO_WIDE):
            said.add(f"wider than its window of {width}")
        for violation in Axe().run(page, options=rules).response["violations"]:
            where = [" ".join(map(str, node["target"])) for node in violation["nodes"]][:3]
            said.add(f"({width}, {scheme}): {violation['id']}: {violation['help']} ({'; '.join(where)})")
    return said
