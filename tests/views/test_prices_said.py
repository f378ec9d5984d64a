"""Each press that spends says what it costs, and sends nothing when that rose since."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assets_app.models import Connection, Generation, Team

from .scene import PARAMS, make_generation, make_video

pytestmark = pytest.mark.django_db

NO_ROOM = "The system is at capacity, please try again later"
HTMX = {"HX-Request": "true"}
LISTS = pytest.mark.parametrize("page", ["/dailies/videos/", "/dailies/generate/"], ids=["list", "strip"])


@pytest.fixture(autouse=True)
def real(team) -> None:
    Connection.objects.update(is_sandbox=False, credits=5000)


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def a_draft(team: Team) -> Generation:
    return make_generation(
        team,
        is_draft=True,
        model="seedance-2-mini",
        params=PARAMS | {"resolution": "480p"},
        draft_of={"model": "seedance-2", "params": PARAMS},
    )


def rose(team: Team) -> None:
    """Eight seconds at 720p were 144 by the list."""
    for _ in range(3):
        make_generation(team, credit_cost=160)


@LISTS
def test_the_small_tools_of_a_card_say_it_in_their_names_and_tooltips(team, ana, page):
    make_video(a_draft(team))
    said = text(ana.get(page))
    assert "Make it final: the same once more, as Seedance 2.0, 720p · about 144 credits" in said
    assert '<span class="unseen">Make it final · about 144 credits</span>' in said
    assert "Run again: the very same request as a new take · about 32 credits" in said
    assert '<span class="unseen">Run again · about 32 credits</span>' in said


def test_the_page_of_a_film_says_it_on_its_buttons(team, ana):
    film = a_draft(team)
    make_video(film)
    said = text(ana.get(f"/dailies/videos/{film.pk}/"))
    assert "<span>Make it final · about 144 credits</span>" in said
    assert "<span>Run again · about 32 credits</span>" in said


@pytest.mark.parametrize("page", ["/dailies/videos/", "film"])
def test_trying_again_and_the_step_that_helps_say_it(team, ana, page):
    moment = make_generation(team, "failed", reason=NO_ROOM)
    sound = make_generation(team, "failed", reason="OutputAudioSensitiveContentDetected.PolicyViolation")
    for film, button in (
        (moment, "Try again · about 144 credits"),
        (sound, "Try again without sound · about 144 credits"),
    ):
        assert button in text(ana.get(f"/dailies/videos/{film.pk}/" if page == "film" else page))


def test_a_price_that_nobody_knows_is_said_too(team, ana):
    film = make_generation(team, model="kling-2.1", params={"duration": 5}, price_key="5s", credit_cost=None)
    assert "<span>Run again · price not known</span>" in text(ana.get(f"/dailies/videos/{film.pk}/"))


def test_a_page_of_many_cards_takes_as_many_queries_as_one_of_few(team, ana):
    def queries() -> int:
        with CaptureQueriesContext(database) as captured:
            assert ana.get("/dailies/videos/").status_code == 200
        return len(captured)

    a_draft(team)
    make_generation(team, "failed", reason=NO_ROOM)
    few = queries()
    for number in range(11):
        a_draft(team)
        make_generation(team, model="kling-3.0", params={"duration": 3 + number}, price_key=f"{3 + number}s")
    assert queries() == few


VERBS = pytest.mark.parametrize("verb", ["run/?n=0", "final/", "again/", "fix/"])


def a_film_for(team: Team, verb: str) -> Generation:
    reasons = {"again/": NO_ROOM, "fix/": "OutputAudioSensitiveContentDetected.PolicyViolation"}
    if verb in reasons:
        return make_generation(team, "failed", reason=reasons[verb])
    return a_draft(team) if verb == "final/" else make_generation(team)


@VERBS
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])
def test_a_press_that_costs_more_than_was_shown_sends_nothing_and_leads_to_the_form(team, ana, verb, headers):
    film = a_film_for(team, verb)
    rose(team)
    before = Generation.objects.count()
    sent = {"shown_price": "144", "fix": "sound_off"}
    answer = ana.post(f"/dailies/videos/{film.pk}/{verb}", sent, headers=headers)
    assert Generation.objects.count() == before
    address = answer.headers.get("HX-Redirect") or answer.url
    opened = text(ana.get(address))
    assert "It costs up to 160 credits by now; the page said 144 credits." in opened
    assert re.search(r"Generate · (about )?160 credits", opened)


@VERBS
def test_a_press_that_costs_what_was_shown_or_less_goes(team, ana, verb):
    film = a_film_for(team, verb)
    before = Generation.objects.count()
    ana.post(f"/dailies/videos/{film.pk}/{verb}", {"shown_price": "144", "fix": "sound_off"})
    assert Generation.objects.count() == before + 1


# --- in the studio ---------------------------------------------------------------------------------------------------
def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form, as a browser sends them."""
    form = page.partition('id="studio"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]*? value="([^"]*)"', form))


def composed(ana: Client, **changes: str) -> dict[str, str]:
    known = {"model": "seedance-2", "prompt": "A lighthouse", "duration": "8", "resolution": "720p"}
    form = {**known, "aspect_ratio": "16:9", "takes": "1", **changes}
    checked = text(ana.post("/dailies/generate/check/", form))
    return fields_of(checked) | form | {"click": str(uuid.uuid4())}


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])
def test_generate_asks_again_when_the_price_rose_under_an_open_page(team, ana, headers):
    form = composed(ana)
    assert form["shown_price"] == "144"
    rose(team)
    answer = text(ana.post("/dailies/generate/", form, headers=headers))
    assert "It costs up to 160 credits by now; the page said 144 credits. Press Generate once more" in answer
    assert Generation.objects.count() == 3
    ana.post("/dailies/generate/", form | {"shown_price": "160"}, headers=headers)
    assert Generation.objects.count() == 4


def test_what_a_person_changed_after_the_page_showed_a_price_is_sent(team, ana):
    """Without JavaScript the button's price is that of the form as it came."""
    assert ana.post("/dailies/generate/", composed(ana) | {"duration": "15"}).status_code == 302
    assert Generation.objects.get().estimate_high == 270
