"""What people make of a film: the next shot, a reference, the same again, the final of a draft."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.models import Asset, Event, Generation, NewReference, SpendingLimit, Team
from assets_app.views.takes import Take, takes_of

from .scene import PARAMS, hours_ago, make_asset, make_generation, make_team, make_video
from .test_studio import HTMX, PAGE

pytestmark = pytest.mark.django_db

DRAFT: dict[str, Any] = {
    "model": "seedance-2-mini",
    "params": PARAMS | {"resolution": "480p"},
    "is_draft": True,
    "draft_of": {"model": "seedance-2", "params": PARAMS | {"resolution": "1080p"}},
}


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


@pytest.fixture
def finished(team: Team) -> Generation:
    generation = make_generation(team, references=[NewReference("reference_image", "image", make_asset(team))])
    make_video(generation, width=1280, height=720, seconds=8.04)
    return generation


def do(client: Client, generation: Generation, what: str, htmx: bool = False, n: str = "", **sent: Any) -> Any:
    address = f"/dailies/videos/{generation.pk}/{what}/"
    return client.post(f"{address}?{urlencode({'n': n})}" if n else address, sent, headers=HTMX if htmx else {})


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def newest() -> Generation:
    return Generation.objects.order_by("-created_at").first() or pytest.fail("nothing was made")


# --- the next shot ---------------------------------------------------------------------------------------------------
def test_the_next_shot_opens_with_the_last_frame_in_its_place(team, ana, finished):
    answer = do(ana, finished, "next")
    frame = Asset.objects.get(made_by="last_frame")
    assert answer.url == f"{PAGE}?from={finished.pk}&then={frame.pk}"
    form = ana.get(answer.url).context["form"]
    assert [(each.slot, each.asset) for each in form.references] == [("start_image", frame)]
    assert form.waits_for  # the picture is still in the making: Generate will wait for it
    assert (frame.made_from, frame.created_by) == (finished, ana_user(team))


def ana_user(team: Team) -> Any:
    return team.members.get(username="edda")


def test_pressed_twice_it_opens_with_the_same_frame(ana, finished):
    assert do(ana, finished, "next").url == do(ana, finished, "next").url
    assert Asset.objects.filter(made_by="last_frame").count() == 1


def test_without_a_film_there_is_no_next_shot_and_it_says_why(team, ana):
    waiting = make_generation(team, "processing")
    answer = ana.post(f"/dailies/videos/{waiting.pk}/next/", follow=True)
    assert "not finished yet" in text(answer)
    assert not Asset.objects.exists()


def test_in_a_list_the_page_goes_on_to_the_composer(ana, finished):
    answer = do(ana, finished, "next", htmx=True)
    assert answer.headers["HX-Redirect"].startswith(f"{PAGE}?from={finished.pk}&then=")


# --- a reference -----------------------------------------------------------------------------------------------------
def test_what_is_made_of_a_film_has_a_name_that_can_be_mentioned_itself(ana, finished):
    Generation.objects.filter(pk=finished.pk).update(prompt="See @Anna  at\nthe pier")
    do(ana, finished, "reference")
    assert Asset.objects.get(made_by="film").name == "Film: See Anna at the pier"


def test_a_film_within_the_limits_becomes_a_reference_at_once(ana, finished):
    answer = do(ana, finished, "reference")
    asset = Asset.objects.get(made_by="film")
    assert answer.url == f"{PAGE}?asset={asset.pk}"
    form = ana.get(answer.url).context["form"]
    assert [(each.slot, each.asset) for each in form.references] == [("reference_video", asset)]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"seconds": 30.04}, "30.04 s"),
        ({"width": 320, "height": 240}, "76,800 pixels"),
        ({"byte_size": 60 * 2**20}, "60.0 MB"),
    ],
)
def test_a_film_outside_the_limits_is_warned_of_and_offered_anyway(team, ana, columns, words):
    generation = make_generation(team)
    make_video(generation, **columns)
    answer = do(ana, generation, "reference")
    assert not Asset.objects.exists()
    page = text(ana.get(answer.url))
    assert words in page
    assert "Use it anyway" in page
    assert do(ana, generation, "reference", anyway="1").url.startswith(f"{PAGE}?asset=")
    assert Asset.objects.get().made_by == "film"


# --- again -----------------------------------------------------------------------------------------------------------
def test_run_again_sends_the_very_same_request_as_a_new_take(ana, finished):
    answer = do(ana, finished, "run", n="0")
    again = newest()
    assert answer.url == f"/dailies/videos/{again.pk}/"
    assert (again.made_from, again.origin, again.state) == (finished, "again", "queued")
    assert (again.model, again.prompt, again.params) == (finished.model, finished.prompt, finished.params)
    assert again.references.get().asset == finished.references.get().asset
    assert again.estimate_high == 144
    assert again.click != finished.click


def test_the_same_press_again_is_one_take_and_the_next_press_is_another(ana, finished):
    for _ in range(3):  # a double click, two tabs, an answer that was lost
        do(ana, finished, "run", n="0")
    assert Generation.objects.filter(origin="again").count() == 1
    page = ana.get(f"/dailies/videos/{finished.pk}/").content.decode()
    assert f"/{finished.pk}/run/?n=1" in page
    do(ana, finished, "run", n="1")
    assert Generation.objects.filter(origin="again").count() == 2


@pytest.mark.parametrize("number", ["", "nonsense", "-1", "99999999999", "7", "²"])
def test_a_number_that_no_page_sent_makes_one_take_all_the_same(ana, finished, number):
    do(ana, finished, "run", n=number)
    assert Generation.objects.filter(origin="again").count() == 1


def test_what_cannot_be_sent_as_it_stands_opens_the_composer_with_everything_in_it(team, ana):
    gone = make_asset(team, state="failed", name="Broken")
    film = make_generation(team, references=[NewReference("reference_image", "image", gone)], prompt="Words to keep")
    answer = do(ana, film, "run", n="0")
    assert answer.url == f"{PAGE}?from={film.pk}&as=again"
    page = ana.get(answer.url)
    assert "Words to keep" in text(page)
    assert "register it again" in text(page).lower()
    assert page.context["form"].data["origin"] == "again"


def test_a_model_that_left_the_catalogue_is_never_swapped_for_another_in_silence(team, ana):
    film = make_generation(team, model="seedance-2")
    Generation.objects.update(model="seedance-0-gone")
    assert do(ana, film, "run", n="0").url.startswith(PAGE)
    assert Generation.objects.count() == 1


def test_above_the_teams_limit_the_composer_asks_first(team, ana, finished):
    Team.objects.update(confirm_above=100)
    assert do(ana, finished, "run", n="0").url == f"{PAGE}?from={finished.pk}&as=again"
    assert Generation.objects.count() == 1


def test_a_full_budget_says_so_and_sends_nothing(team, ana, finished):
    SpendingLimit.objects.create(team=team, period="day", stop_at=150)
    answer = ana.post(f"/dailies/videos/{finished.pk}/run/?n=0", follow=True)
    assert "150" in text(answer)
    assert Generation.objects.count() == 1


# --- the final of a draft --------------------------------------------------------------------------------------------
def test_a_draft_is_made_final_with_what_it_stands_for_once(team, ana):
    draft = make_generation(team, **DRAFT)
    for _ in range(2):
        answer = do(ana, draft, "final")
    final = newest()
    assert answer.url == f"/dailies/videos/{final.pk}/"
    assert Generation.objects.count() == 2
    assert (final.model, final.params["resolution"], final.prompt) == ("seedance-2", "1080p", draft.prompt)
    assert (final.is_draft, final.origin, final.made_from) == (False, "final", draft)


def test_what_is_no_draft_is_not_made_final(team, ana, finished):
    assert "no draft" in text(ana.post(f"/dailies/videos/{finished.pk}/final/", follow=True))
    assert Generation.objects.count() == 1


def test_a_draft_run_again_is_a_draft_again(team, ana):
    draft = make_generation(team, **DRAFT)
    do(ana, draft, "run", n="0")
    again = newest()
    assert (again.is_draft, again.model, again.draft_of) == (True, "seedance-2-mini", draft.draft_of)


def test_a_draft_is_called_one_and_offers_its_final(team, ana):
    draft = make_generation(team, **DRAFT)
    page = text(ana.get(f"/dailies/videos/{draft.pk}/"))
    assert "Make it final" in page
    assert "Seedance 2.0, 1080p" in page
    assert "Draft" in text(ana.get(PAGE))


# --- a set -----------------------------------------------------------------------------------------------------------
def a_set(team: Team, *states: str) -> list[Generation]:
    click, made = uuid.uuid4(), []
    for number, state in enumerate(states, 1):
        made.append(make_generation(team, state))
        Generation.objects.filter(pk=made[-1].pk).update(click=click, take=number)
    return list(Generation.objects.filter(click=click).order_by("take"))


def cancel(client: Client, takes: list[Generation], **headers: str) -> Any:
    return client.post(f"/dailies/videos/sets/{takes[0].click}/cancel/", follow=True, headers=headers or None)


def test_a_whole_set_is_cancelled_while_it_is_ours(team, ana):
    takes = a_set(team, "queued", "waiting", "queued")
    assert "3 of 3 cancelled" in text(cancel(ana, takes))
    assert {each.state for each in Generation.objects.all()} == {"cancelled"}


def test_what_of_a_set_is_with_the_provider_goes_on_and_it_says_so(team, ana):
    takes = a_set(team, "queued", "processing")
    said = text(cancel(ana, takes))
    assert "1 of 2 cancelled" in said
    assert "has no way to cancel" in said
    assert [each.state for each in Generation.objects.order_by("take")] == ["cancelled", "processing"]


def test_a_set_that_is_gone_or_anothers_is_not_cancelled(team, ana):
    foreign = a_set(make_team("rivals"), "queued")
    assert "no such takes" in text(cancel(ana, foreign))
    assert Generation.objects.get().state == "queued"


def test_a_take_is_cancelled_from_the_strip_without_leaving_the_page(team, ana):
    queued = make_generation(team, "queued")
    answer = do(ana, queued, "cancel", htmx=True)
    assert answer.status_code == 204
    assert "castboard:changed" in answer.headers["HX-Trigger"]
    assert "Nothing was charged" in answer.headers["HX-Trigger"]


# --- lineage ---------------------------------------------------------------------------------------------------------
def test_a_film_says_what_it_comes_from_and_what_came_of_it(team, ana, finished):
    do(ana, finished, "run", n="0")
    again = newest()
    do(ana, finished, "next")
    page = text(ana.get(f"/dailies/videos/{finished.pk}/"))
    assert "Made from it" in page
    assert f"/dailies/videos/{again.pk}/" in page
    assert f"/dailies/assets/{Asset.objects.get(made_by='last_frame').pk}/" in page
    assert "Run again from" in text(ana.get(f"/dailies/videos/{again.pk}/"))


def test_of_a_draft_that_was_made_from_a_film_its_final_is_listed_first(team, ana, finished):
    draft, final = make_generation(team, is_draft=True), make_generation(team)
    Generation.objects.filter(pk=draft.pk).update(made_from=finished, origin="next")
    Generation.objects.filter(pk=final.pk).update(made_from=draft, origin="final")
    page = text(ana.get(f"/dailies/videos/{finished.pk}/")).partition("Made from it")[2]
    assert 0 < page.index(f"/dailies/videos/{final.pk}/") < page.index(f"/dailies/videos/{draft.pk}/")
    assert "The next shot, final" in page


def test_an_asset_says_which_film_it_comes_from(ana, finished):
    do(ana, finished, "next")
    page = text(ana.get(f"/dailies/assets/{Asset.objects.get(made_by='last_frame').pk}/"))
    assert "The last frame of" in page
    assert f"/dailies/videos/{finished.pk}/" in page


def test_a_set_names_its_other_takes(team, ana):
    first, second = a_set(team, "completed", "completed")
    page = text(ana.get(f"/dailies/videos/{first.pk}/"))
    assert "Its other takes" in page
    assert f"/dailies/videos/{second.pk}/" in page


def test_queries_do_not_grow_with_what_came_of_a_film(team, ana, finished):
    def queries(number: int) -> int:
        for _ in range(number):
            child = make_generation(team)
            make_video(child)
            Generation.objects.filter(pk=child.pk).update(made_from=finished, origin="edit")
        with CaptureQueriesContext(connection) as captured:
            ana.get(f"/dailies/videos/{finished.pk}/")
        return len(captured)

    assert queries(2) == queries(15)


def test_queries_of_the_composer_do_not_grow_with_takes(team, ana):
    def queries(number: int) -> int:
        for _ in range(number):
            make_generation(team, "processing")
        with CaptureQueriesContext(connection) as captured:
            ana.get(PAGE)
        return len(captured)

    cache.clear()
    queries(1)
    assert queries(1) == queries(8)


def test_a_viewer_is_offered_nothing_to_make(team, viewer, client_of, finished):
    page = text(client_of(viewer).get(f"/dailies/videos/{finished.pk}/"))
    assert "Run again" not in page
    assert "Next shot" not in page


# --- how long it takes -----------------------------------------------------------------------------------------------
def took(team: Team, seconds: float, **columns: Any) -> None:
    done = hours_ago(1)
    make_generation(team, sent_at=done - timedelta(seconds=seconds), completed_at=done, **columns)


def test_the_usual_time_is_the_median_of_the_models_own_films(team, ana):
    cache.clear()
    for seconds in (90, 100, 400):
        took(team, seconds)
    took(team, 20, model="seedance-2-mini")
    running = make_generation(team, "processing")
    page = text(ana.get(f"/dailies/videos/{running.pk}/"))
    assert "usually 1 m 40 s" in page
    assert "usually 1 m 40 s" in text(ana.get(PAGE))


def test_after_twice_the_usual_time_it_is_called_slow_and_later_stuck(team):
    cache.clear()
    took(team, 100)
    running = make_generation(team, "processing")
    for seconds, word in ((199, ""), (201, "slow"), (1799, "slow"), (1801, "stuck")):
        with time_machine.travel(running.sent_at + timedelta(seconds=seconds), tick=False):
            assert Take(running).pace_word == word


def test_nothing_is_slow_while_it_is_still_ours(team, ana):
    cache.clear()
    queued = make_generation(team, "queued", created_at=hours_ago(5))
    assert "data-slow-at" not in text(ana.get(f"/dailies/videos/{queued.pk}/"))


def test_a_film_at_the_provider_says_that_it_cannot_be_cancelled(team, ana):
    running = make_generation(team, "processing")
    page = text(ana.get(f"/dailies/videos/{running.pk}/"))
    assert "has no way to cancel" in page
    assert not re.search(r"videos/[^\"]*/cancel/", page)


def test_runs_are_counted_by_the_query_of_the_list(team, finished):
    child = make_generation(team)
    Generation.objects.filter(pk=child.pk).update(made_from=finished, origin="again")
    assert {each.pk: each.runs for each in takes_of(team)} == {finished.pk: 1, child.pk: 0}


def test_each_list_names_the_next_press_of_running_again(ana, finished):
    do(ana, finished, "run", n="0")
    for path in (PAGE, f"/dailies/videos/{finished.pk}/", "/dailies/videos/"):
        assert f"/dailies/videos/{finished.pk}/run/?n=1" in ana.get(path).content.decode(), path


def test_making_something_is_in_the_history_of_the_asset(ana, finished):
    do(ana, finished, "next")
    assert Event.objects.filter(asset__made_by="last_frame", actor__username="edda").exists()
    assert timezone.now() >= Asset.objects.get(made_by="last_frame").created_at


def test_no_form_stands_inside_another(team, ana, finished):
    """A browser would end the outer one there, and what stands after it would not be sent."""
    for path in (PAGE, f"/dailies/videos/{finished.pk}/", "/dailies/videos/"):
        depths, depth = [], 0
        for tag in re.findall(r"<(/?)form[ >]", ana.get(path).content.decode()):
            depth += -1 if tag else 1
            depths.append(depth)
        assert set(depths) <= {0, 1}, path


def test_the_tools_of_a_card_belong_to_a_form_that_is_on_the_page(ana, finished):
    for path in (PAGE, f"/dailies/videos/{finished.pk}/", "/dailies/videos/"):
        page = ana.get(path).content.decode()
        assert f"/dailies/videos/{finished.pk}/next/" in page, path
        assert page.count('id="making"') == 1, path


# --- a draft that has its final --------------------------------------------------------------------------------------
def test_a_draft_that_has_its_final_shows_it_instead_of_paying_again(team, ana):
    draft = make_generation(team, **DRAFT)
    make_video(draft)
    do(ana, draft, "final")
    final = newest()
    for address in (f"/dailies/videos/{draft.pk}/", "/dailies/videos/", PAGE):
        page = text(ana.get(address))
        assert f'href="/dailies/videos/{final.pk}/"> <svg' in page.replace('"><svg', '"> <svg')
        assert "Show the final" in page
        assert f"/{draft.pk}/final/" not in page


@pytest.mark.parametrize("gone", [{"state": "failed"}, {"state": "cancelled"}, {"trashed_at": timezone.now()}])
def test_a_final_that_came_to_nothing_is_not_shown_as_one(team, ana, gone):
    draft = make_generation(team, **DRAFT)
    final = make_generation(team)
    Generation.objects.filter(pk=final.pk).update(made_from=draft, origin="final", **gone)
    page = text(ana.get(f"/dailies/videos/{draft.pk}/"))
    assert f"/{draft.pk}/final/" in page
    assert "Show the final" not in page


def test_a_final_that_was_made_before_is_shown_and_nothing_is_said_to_be_on_its_way(team, ana):
    draft = make_generation(team, **DRAFT)
    do(ana, draft, "final")
    answer = do(ana, draft, "final", htmx=True)
    assert answer.headers["HX-Redirect"] == f"/dailies/videos/{newest().pk}/"
    assert "HX-Trigger" not in answer.headers
    assert "Nothing was sent: this was made before." in text(ana.get(answer.headers["HX-Redirect"]))


# --- what a press says -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("state", "words"), [("active", "On its way: "), ("processing", "Waiting for its assets: ")])
def test_a_press_in_a_list_says_what_becomes_of_it_and_what_it_costs(team, ana, state, words):
    film = make_generation(team, references=[NewReference("reference_image", "image", make_asset(team, state=state))])
    said = json.loads(do(ana, film, "run", htmx=True, n="0").headers["HX-Trigger"])["castboard:toast"]["text"]
    assert said == f"{words}{Take(film).tags.again.words}."
    again = do(ana, film, "run", htmx=True, n="0")  # the same press, come twice
    assert "castboard:toast" not in again.headers["HX-Trigger"]


def test_a_card_says_the_sum_beside_what_spends_it(team, ana):
    make_generation(team, **DRAFT)
    for address in ("/dailies/videos/", PAGE):
        page = text(ana.get(address))
        assert re.findall(r'<span class="unseen">([^<]*)</span><span aria-hidden="true">([^<]*)</span>', page) == [
            ("Make it final · up to 1,672 sandbox credits", "up to 1,672"),
            ("Run again · 32 sandbox credits", "32"),
        ]


def test_run_again_beside_an_unconfirmed_film_warns_that_the_first_may_arrive(team, ana):
    film = make_generation(team, "unconfirmed")
    assert "the first may still arrive, and both are then paid for" in text(ana.get(f"/dailies/videos/{film.pk}/"))
    assert "while this one may still arrive" in text(ana.get(PAGE))
    assert "may still arrive" not in text(ana.get(f"/dailies/videos/{make_generation(team).pk}/"))


def test_a_failed_take_says_in_the_studio_why_and_over_what_and_offers_the_step_that_helps(team, ana):
    face = "The request failed because the input image 1 may contain real person."
    anna = NewReference("reference_image", "image", make_asset(team, name="Anna"))
    make_generation(team, "failed", reason=face, references=[anna])
    sound = "The request failed because the output audio may contain sensitive information."
    muted = make_generation(team, "failed", reason=sound)
    page = text(ana.get(PAGE))
    assert "A reference image was refused: it seems to show a real person" in page
    assert "[Image1] Anna" in page
    assert "Leave it out" in page
    assert "Try again without sound · 144 sandbox credits" in page
    answer = ana.post(f"/dailies/videos/{muted.pk}/fix/?fix=sound_off", headers=HTMX)
    assert json.loads(answer.headers["HX-Trigger"])["castboard:toast"]["text"] == "On its way: 144 sandbox credits."
    assert newest().params["generate_audio"] is False


def test_what_is_made_of_a_film_is_not_called_an_upload(team, ana, finished):
    do(ana, finished, "next")
    frame = Asset.objects.get(made_by="last_frame")
    page = text(ana.get(f"/dailies/assets/{frame.pk}/"))
    assert "<dd>Last frame of “A lighthouse at dawn, slow push in”</dd>" in page
    assert "Last frame of “A lighthouse at dawn, slow push in”, which is looked into first" in page
    for address in ("/dailies/", "/dailies/assets/"):
        assert "last frame of a film" in text(ana.get(address))
        assert "uploaded" not in text(ana.get(address))
