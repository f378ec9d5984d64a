"""An admin compares the provider's list of jobs with ours and takes a film in that was made elsewhere."""

from __future__ import annotations

import re
import time
import uuid

import pytest
from playwright.sync_api import Page, expect

from assets_app.apiframe.client import Client
from assets_app.apiframe.results import JobStatus
from assets_app.engine import reconcile
from assets_app.models import Membership
from assets_app.payload import build_body

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PARAMS = {"duration": 4, "resolution": "480p", "aspect_ratio": "16:9", "generate_audio": False}


@pytest.fixture
def film_elsewhere(sandbox, api_key):
    with Client(sandbox.base_url, api_key) as other:
        job_id = other.generate_video(
            build_body("seedance-2-mini", "A bell rings across the harbour", PARAMS), str(uuid.uuid4())
        ).job_id
        while other.get_job(job_id).status is not JobStatus.COMPLETED:
            time.sleep(0.05)  # the sandbox draws it in its own time
    return job_id


def test_a_film_made_elsewhere_is_found_live_and_taken_in(page: Page, editor, sign_in, worker, film_elsewhere):
    Membership.objects.filter(user=editor).update(role=Membership.Role.ADMIN)
    sign_in(editor)
    page.goto("/dailies/usage/")
    expect(page.get_by_text("Nothing was generated in this time")).to_be_visible()
    page.get_by_role("button", name="Compare now").click()
    expect(page.get_by_role("button", name="Compare now")).to_be_disabled()
    reconcile.run_due(10)  # as the worker does, once it is told
    expect(page.locator("[data-difference=unknown]")).to_contain_text("A bell rings across the harbour")
    page.get_by_role("button", name="Import").click()
    expect(page).to_have_url(re.compile("/dailies/videos/"))
    expect(page.locator("[data-generation][data-status=completed]").first).to_be_visible()
    expect(page.locator("video").first).to_be_visible()
    page.goto("/dailies/usage/")
    expect(page.locator("#figures")).to_contain_text("16 sandbox credits for 1 film")
    expect(page.locator(".chart-day").last.locator("title")).to_contain_text("Seedance 2.0 Mini: 16")
    expect(page.locator("[data-difference]")).to_have_count(0)
