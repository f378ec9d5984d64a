"""Before you send: the exact request and every check with its outcome, and nothing is sent by looking."""

from __future__ import annotations

import html
import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client

from assets_app.apiframe import catalogue
from assets_app.forms import opening
from assets_app.forms.dry_run import DryRun
from assets_app.forms.slots import Filled
from assets_app.models import Generation, Team

from .scene import make_asset, make_team
from .test_studio import CHECK, HTMX, PAGE, a_form, of

pytestmark = pytest.mark.django_db

BEFORE = "/dailies/generate/before/"
SEEDANCE = catalogue.load().get("seedance-2")


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def outcomes(team: Team, *references: Filled, **values: Any) -> dict[str, str]:
    form = opening.fresh(team, SEEDANCE, references, {"prompt": "A quiet sea", **values})
    return {line.what: line.outcome for line in DryRun(form).lines}


def request_in(page: str) -> Any:
    found = re.search(r'<pre class="raw" id="before-request"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    return json.loads(html.unescape(found[1]))


def test_the_request_shown_is_the_one_that_is_sent(team, ana):
    form = a_form(of(make_asset(team)), seed="7", prompt="  A quiet sea ")
    shown = request_in(ana.post(CHECK, form, headers=HTMX).content.decode())
    assert not Generation.objects.exists()
    ana.post(PAGE, form, headers=HTMX)
    assert Generation.objects.get().build_request(None) == shown


def test_of_a_request_in_order_every_check_has_passed():
    team = make_team()
    found = outcomes(team, Filled("reference_image", "image", asset=make_asset(team, width=1280, height=720)))
    assert set(found.values()) == {"passed"}
    for rule in SEEDANCE.rules:
        assert rule.summary in found
    assert found["Reference images: 1 of at most 9"] == "passed"
    assert found["The request is what the provider’s own document allows"] == "passed"


def test_each_rule_that_is_broken_is_refused_in_its_own_line_and_the_others_stay_passed():
    team = make_team()
    found = outcomes(team, Filled("end_image", "image", asset=make_asset(team)))
    assert found["An end image needs a start image."] == "refused"
    assert list(found.values()).count("refused") == 1


def test_a_doubt_is_a_warning():
    team = make_team()
    video = Filled("reference_video", "video", asset=make_asset(team, "video"))
    found = outcomes(team, video, aspect_ratio="adaptive", prompt="Replace the dog")
    assert "warned" in found.values()
    assert "refused" not in found.values()


def test_no_problem_of_the_form_goes_unsaid():
    team = make_team()
    references = [
        Filled("reference_image", "image", asset=make_asset(team, state="failed")),
        Filled("reference_image", "image", asset=make_asset(team, width=100, height=100)),
        Filled("first_clip", "video", url="https://media.example/a.mp4"),
        Filled("end_image", "image", lost=str(uuid.uuid4())),
    ]
    values = {"prompt": "", "duration": "99", "resolution": "8k", "takes": "77"}
    form = opening.fresh(team, SEEDANCE, references, values)
    said = [problem for line in DryRun(form).lines for problem in line.problems if problem.code != "document"]
    assert sorted(map(str, said)) == sorted(map(str, [*form.refusals, *form.warnings]))


def test_an_empty_prompt_is_the_next_step_and_no_count_of_refusals():
    team = make_team()
    empty = DryRun(opening.fresh(team, SEEDANCE, [], {"prompt": ""}))
    assert empty.sum == "the prompt is still to be written"
    assert [p.code for line in empty.lines for p in line.problems] == ["prompt_empty"]
    more = DryRun(opening.fresh(team, SEEDANCE, [], {"prompt": "", "duration": "99"}))
    assert "3 refused" in more.sum  # the prompt, the seconds, and these once more by the provider’s document


def test_files_nobody_has_seen_are_said_to_be_unknown():
    found = outcomes(make_team(), Filled("reference_image", "image", url="https://media.example/a.png"))
    assert "The files are within the limits, as far as we know them: 1 we have not seen" in found


@pytest.mark.parametrize("way", ["in the page", "on a page of its own"])
def test_checks_price_and_code_are_there_without_anything_being_sent(team, ana, way):
    form = a_form(of(make_asset(team)))
    if way == "in the page":
        page = ana.post(CHECK, form, headers=HTMX).content.decode()
    else:
        page = ana.post(BEFORE, form).content.decode()
    for words in (
        "The exact request",
        "curl --fail-with-body",
        "import requests",
        "const body",
        "Price: 144 credits",
        "passed",
    ):
        assert words in page
    assert page.count("data-copy-from") == 4
    assert not Generation.objects.exists()


def test_the_page_of_its_own_leads_back_with_everything_that_was_typed(team, ana):
    asset = make_asset(team)
    typed = a_form(
        of(asset), duration="99", seed="41", prompt="Two\r\nlines", **{"url-end_image": "https://media.example/e.png"}
    )
    page = ana.post(BEFORE, typed).content.decode()
    names = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    back: dict[str, Any] = {name: html.unescape(value) for name, value in names if name != "reference"}
    back["reference"] = [value for name, value in names if name == "reference"]
    form = ana.post(CHECK, back | {"do": "look"}).context["form"]
    assert form.text == "Two\nlines"
    assert (form.values["duration"], form.values["seed"], form.values["generate_audio"]) == ("99", "41", True)
    assert [each.asset for each in form.references] == [asset]
    assert form.pending_urls == {"end_image": "https://media.example/e.png"}


def test_shots_and_camera_moves_find_their_way_back_too(team, ana):
    shots = {"multi_prompt-prompt": ["A door", "A stair"], "multi_prompt-duration": ["3", "x"]}
    typed = a_form(model="kling-3.0-omni", shown_model="kling-3.0-omni", **shots)
    answer = ana.post(BEFORE, typed)
    fields = answer.context["fields"]
    assert [value for name, value in fields if name == "multi_prompt-prompt"] == ["A door", "A stair"]
    assert [value for name, value in fields if name == "multi_prompt-duration"] == ["3", "x"]
    moves = a_form(model="luma-ray-2", shown_model="luma-ray-2", concepts=["pov", "static"])
    fields = ana.post(BEFORE, moves).context["fields"]
    assert [value for name, value in fields if name == "concepts"] == ["pov", "static"]


def test_it_opens_by_its_address_too(team, ana):
    page = ana.get(f"{BEFORE}?asset={make_asset(team).pk}&model=seedance-2.5").content.decode()
    assert request_in(page)["model"] == "seedance-2.5"
    assert "The prompt is empty" in page


def test_an_asset_without_an_id_shows_as_a_blank_that_is_explained(team, ana):
    page = ana.post(BEFORE, a_form(of(make_asset(team, state="queued")))).content.decode()
    assert "stands for the id that an asset gets when it is Active" in page
