"""What sources disagree about is said, sent when a person wants it all the same, and known once it was refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from assets_app.engine.doubting import turn_down
from assets_app.models import Generation, NewReference, SettledDoubt

from .scene import PARAMS, make_asset, make_generation, make_team
from .test_studio import CHECK, HTMX, PAGE, a_form, of

pytestmark = pytest.mark.django_db

DOUBT = "frames_beside_references"
WORDS = "InvalidParameter: first/last frame content cannot be mixed with reference media content"
MAY_REFUSE = "The provider may refuse start and end images beside references"
REFUSED = "The provider refused start and end images beside references on"


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def both(team, **changes: Any) -> dict[str, Any]:
    """A form with a start image and a reference."""
    references = of(make_asset(team), "start_image"), of(make_asset(team))
    return a_form(*references, aspect_ratio="adaptive", **changes)


def film_of_both(team, model: str = "seedance-2", state: str = "processing", **columns: Any) -> Generation:
    references = [NewReference(slot, "image", asset=make_asset(team)) for slot in ("start_image", "reference_image")]
    return make_generation(team, state, model=model, references=references, **columns)


def refuse(team, model: str = "seedance-2", words: str = WORDS) -> Generation:
    film = film_of_both(team, model)
    turn_down(film, words)
    return film


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_button_says_what_it_does_and_ways_round_it_stand_beside_it(team, ana):
    page = text(ana.post(CHECK, both(team), headers=HTMX))
    assert MAY_REFUSE in page
    assert "Send anyway ·" in page
    assert f'name="doubts" value="{DOUBT}"' in page
    assert 'value="frames-to-references"' in page


def test_a_press_on_a_page_that_did_not_say_so_sends_nothing_and_says_it(team, ana):
    typed = both(team)
    answer = ana.post(PAGE, typed, headers=HTMX)
    assert not Generation.objects.exists()
    assert MAY_REFUSE in text(answer)
    assert "Nothing was sent" in text(answer)


def test_a_press_on_a_page_that_said_so_sends_it(team, ana):
    ana.post(PAGE, both(team, doubts=DOUBT), headers=HTMX)
    assert {each.slot for each in Generation.objects.get().references.all()} == {"start_image", "reference_image"}


@pytest.mark.parametrize("model", ["seedance-2", "seedance-2-fast", "seedance-2-mini"])
def test_once_refused_it_is_kept_back_for_that_model(team, ana, model):
    refuse(team, model)
    page = text(ana.post(CHECK, both(team, model=model, shown_model=model), headers=HTMX))
    assert REFUSED in page
    assert 'aria-disabled="true"' in page
    ana.post(PAGE, both(team, model=model, shown_model=model, doubts=DOUBT), headers=HTMX)
    assert Generation.objects.count() == 1


def test_it_stays_in_doubt_for_another_model_another_key_and_another_reason(team, ana):
    refuse(team, "seedance-2-fast")
    refuse(team, words="InputTextSensitiveContentDetected")
    assert "Send anyway" in text(ana.post(CHECK, both(team), headers=HTMX))
    refuse(team)
    connection = team.connection
    connection.api_key = "afk_of_another_account"
    connection.save()
    assert "Send anyway" in text(ana.post(CHECK, both(team), headers=HTMX))


def test_a_draft_is_kept_back_by_what_its_own_model_was_refused(team, ana):
    typed = both(team, draft="on", resolution="1080p")
    form = ana.post(CHECK, typed, headers=HTMX).context["form"]
    assert form.plan.model.id != "seedance-2", "a draft is made with a cheaper one"
    refuse(team, form.plan.model.id)
    assert REFUSED in text(ana.post(CHECK, typed, headers=HTMX))


@pytest.mark.parametrize(("state", "press"), [("completed", "run"), ("failed", "again")])
def test_a_press_that_shows_no_form_leads_to_the_page_that_says_so(team, ana, state, press):
    params = PARAMS | {"aspect_ratio": "adaptive"}
    film = film_of_both(team, state=state, params=params)
    answer = ana.post(f"/dailies/videos/{film.pk}/{press}/")
    assert Generation.objects.count() == 1
    assert answer.url.startswith(PAGE)
    assert MAY_REFUSE in text(ana.get(answer.url))


def test_an_admin_lets_it_be_tried_again_and_that_is_on_record(team, ana, admin, client_of):
    refuse(team)
    settings = client_of(admin).get("/dailies/settings/")
    assert "start and end images beside references" in text(settings)
    forget = f"/dailies/settings/refusals/{SettledDoubt.objects.get().pk}/forget/"
    assert ana.post(forget).status_code == 403
    client_of(admin).post(forget)
    assert "Send anyway" in text(ana.post(CHECK, both(team), headers=HTMX))
    told = text(client_of(admin).get("/dailies/activity/"))
    assert "may be tried again: Seedance 2.0, start and end images beside references" in told


def test_what_another_teams_key_was_refused_is_not_ours_to_forget(team, admin, client_of):
    other = make_team("Others")
    refuse(other)
    client_of(admin).post(f"/dailies/settings/refusals/{SettledDoubt.objects.get().pk}/forget/")
    assert SettledDoubt.objects.exists()
