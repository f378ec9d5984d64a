"""The Generate page from outside: who may, what comes back, and what is started."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from assets_app.models import Connection, Generation, NewReference

from .scene import make_asset, make_generation, make_team

pytestmark = pytest.mark.django_db

PAGE = "/dailies/generate/"
CHECK = "/dailies/generate/check/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def a_form(*references: str, **changes: Any) -> dict[str, Any]:
    """What the page would send."""
    return {
        "click": str(uuid.uuid4()),
        "model": "seedance-2",
        "shown_model": "seedance-2",
        "prompt": "A lighthouse at dawn",
        "duration": "8",
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "generate_audio": "on",
        "seed": "",
        "reference": list(references),
        **changes,
    }


def of(asset: Any, slot: str = "") -> str:
    return f"{slot or f'reference_{asset.media_type}'}:asset:{asset.pk}"


# --- who may ---------------------------------------------------------------------------------------------------------
def test_a_viewer_may_look_but_not_generate(team, viewer, client_of):
    client = client_of(viewer)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "for editors" in page.content.decode()
    assert client.post(PAGE, a_form()).status_code == 403
    assert not Generation.objects.exists()


def test_a_member_of_another_team_finds_nothing_here(team, stranger, client_of):
    client = client_of(stranger)
    assert [client.get(PAGE).status_code, client.post(PAGE, a_form()).status_code, client.post(CHECK).status_code] == [
        404
    ] * 3


def test_a_visitor_is_asked_to_sign_in(team, client):
    for answer in (client.get(PAGE), client.post(PAGE, a_form()), client.post(CHECK, a_form())):
        assert answer.status_code == 302
        assert answer.url.startswith("/login/")


def test_a_form_from_another_site_is_turned_away(team, editor):
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    assert client.post(PAGE, a_form()).status_code == 403


# --- the page --------------------------------------------------------------------------------------------------------
def test_picked_assets_are_in_their_slots(team, ana):
    image, film = make_asset(team, name="Courier"), make_asset(team, "video", name="Crossing")
    page = ana.get(f"{PAGE}?asset={image.pk}&asset={film.pk}").content.decode()
    assert f'value="{of(image)}"' in page
    assert f'value="{of(film)}"' in page
    assert "[Video1]" in page


def test_what_cannot_be_placed_is_said_and_the_rest_is(team, ana):
    good, failed = make_asset(team), make_asset(team, state="failed", name="Broken")
    foreign = make_asset(make_team("rivals"), name="Secret")
    page = ana.get(f"{PAGE}?asset={failed.pk}&asset={foreign.pk}&asset={good.pk}&asset=nonsense").content.decode()
    assert f'value="{of(good)}"' in page
    assert "Broken is Failed" in page
    assert "not in your team" in page
    assert "Secret" not in page


def test_try_again_starts_from_everything_that_was(team, ana):
    image = make_asset(team)
    reference = NewReference("reference_image", "image", image)
    made = make_generation(team, "failed", references=[reference], prompt="The very same words")
    page = ana.get(f"{PAGE}?from={made.pk}").content.decode()
    assert "The very same words" in page
    assert f'value="{of(image)}"' in page


def test_another_teams_film_is_no_start(team, ana):
    foreign = make_generation(make_team("rivals"), prompt="Their secret")
    assert ana.get(f"{PAGE}?from={foreign.pk}").status_code == 404
    assert ana.get(f"{PAGE}?from=nonsense").status_code == 200


def test_the_pool_offers_what_can_be_used_and_nothing_else(team, ana):
    for state in ("active", "processing", "queued", "failed", "expired"):
        make_asset(team, state=state, name=f"pool-{state}")
    make_asset(make_team("rivals"), name="pool-foreign")
    page = ana.get(PAGE).content.decode()
    assert [f"pool-{state}" in page for state in ("active", "processing", "queued")] == [True] * 3
    assert [f"pool-{state}" in page for state in ("failed", "expired", "foreign")] == [False] * 3


def test_the_pool_is_filtered_by_type_and_name(team, ana):
    make_asset(team, name="Harbour still")
    make_asset(team, "video", name="Harbour pan")
    found = ana.post(CHECK, a_form(do="pool:video", pool_name="harb"), headers=HTMX).content.decode()
    assert "Harbour pan" in found
    assert "Harbour still" not in found
    nothing = ana.post(CHECK, a_form(do="pool", pool_name="zebra"), headers=HTMX).content.decode()
    assert "No Active asset matches" in nothing


def test_queries_do_not_grow_with_what_is_shown(team, ana):
    def queries(number: int) -> int:
        assets = [make_asset(team, name=f"a{n}", seconds=2.0) for n in range(number)]
        for asset in assets[:3]:
            make_generation(team, references=[NewReference("reference_image", "image", asset)])
        query = "&".join(f"asset={asset.pk}" for asset in assets[:1])
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert ana.get(f"{PAGE}?{query}").status_code == 200
        return len(captured)

    few = queries(3)
    assert queries(30) == few
    assert few <= 19  # among them what a press of each card costs, what is held, and which models have no price


def test_checking_many_references_takes_one_look_at_the_library(team, ana):
    def queries(number: int) -> int:
        references = [of(make_asset(team)) for _ in range(number)]
        with CaptureQueriesContext(connection) as captured:
            ana.post(CHECK, a_form(*references), headers=HTMX)
        return len(captured)

    few = queries(1)
    assert queries(9) == few


# --- checking --------------------------------------------------------------------------------------------------------
def test_a_check_says_price_and_problems_and_writes_nothing(team, ana):
    Connection.objects.update(is_sandbox=False, credits=1000)
    answer = ana.post(CHECK, a_form(), headers=HTMX).content.decode()
    assert "about 144 credits" in answer
    assert "856 left after" in answer
    assert 'aria-disabled="true"' not in answer
    assert not Generation.objects.exists()


def test_the_sandbox_says_that_its_credits_are_no_money(team, ana):
    assert "144 sandbox credits" in ana.post(CHECK, a_form(), headers=HTMX).content.decode()


def test_a_price_whose_ends_lie_far_apart_is_said_by_its_upper_end(team, ana):
    Connection.objects.update(is_sandbox=False, credits=5000)
    answer = ana.post(CHECK, a_form(resolution="1080p"), headers=HTMX).content.decode()
    assert "up to 1,672 credits, often far less (price list of 2026-09)" in answer
    assert "about 3,328 left" in answer
    assert '<span class="generate-words">Generate · up to 1,672 credits</span>' in answer


def test_the_button_says_why_it_is_off(team, ana):
    answer = ana.post(CHECK, a_form(duration="99"), headers=HTMX).content.decode()
    assert 'aria-disabled="true"' in answer
    assert answer.count("Duration: ") >= 2  # beside the button and beside the control


def test_a_plain_check_leaves_the_controls_alone_so_that_typing_is_never_overwritten(team, ana):
    answer = ana.post(CHECK, a_form(), headers=HTMX).content.decode()
    assert 'id="studio-controls"' not in answer
    assert 'id="studio-prompt"' not in answer
    assert 'id="studio-slots"' not in answer


def test_a_change_of_model_draws_the_controls_anew_and_says_what_did_not_fit(team, ana):
    answer = ana.post(CHECK, a_form(model="seedance-2.5", resolution="4k"), headers=HTMX).content.decode()
    assert 'id="studio-controls"' in answer
    assert "does not take resolution 4k: now 720p" in answer


@pytest.mark.parametrize(("model", "most"), [("happyhorse-1.1", 2500), ("seedance-2", 4000), ("wan-2.7", 5000)])
def test_each_check_says_how_long_a_prompt_the_model_takes(team, ana, model, most):
    answer = ana.post(CHECK, a_form(model=model), headers=HTMX).content.decode()
    assert f'data-prompt-max="{most}"' in answer


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])
def test_small_buttons_work_with_and_without_javascript(team, ana, headers):
    asset = make_asset(team, name="Courier")
    added = ana.post(CHECK, a_form(do=f"add:{asset.pk}", prompt="kept words"), headers=headers).content.decode()
    assert f'value="{of(asset)}"' in added
    removed = ana.post(CHECK, a_form(of(asset), do="remove:0"), headers=headers).content.decode()
    assert f'value="{of(asset)}"' not in removed
    typed = {"url-reference_image": "https://media.example/a.png"}
    with_url = ana.post(CHECK, a_form(do="url", **typed), headers=headers).content.decode()
    assert 'value="reference_image:url:https://media.example/a.png"' in with_url


def test_an_empty_slot_can_be_aimed_at_and_gets_the_next_pick(team, ana):
    lantern = make_asset(team, name="Lantern")
    make_asset(team, "video", name="Crossing")
    aimed = ana.post(CHECK, a_form(do="aim:end_image"), headers=HTMX).content.decode()
    assert 'name="target" value="end_image"' in aimed
    assert "Lantern" in aimed
    assert "Crossing" not in aimed
    picked = ana.post(CHECK, a_form(do=f"add:{lantern.pk}", target="end_image"), headers=HTMX).content.decode()
    assert f'value="{of(lantern, "end_image")}"' in picked
    assert 'name="target" value=""' in picked


def test_a_pick_that_does_not_fit_where_it_was_aimed_goes_where_it_fits(team, ana):
    crossing = make_asset(team, "video")
    for target in ("end_image", "nowhere"):
        picked = ana.post(CHECK, a_form(do=f"add:{crossing.pk}", target=target), headers=HTMX).content.decode()
        assert f'value="{of(crossing)}"' in picked


def test_an_address_of_another_type_than_its_slot_is_warned_of(team, ana):
    typed = {"url-start_image": "https://media.example/song.mp3?v=2"}
    assert "This looks like audio." in ana.post(CHECK, a_form(do="url", **typed), headers=HTMX).content.decode()
    fitting = {"url-start_image": "https://media.example/still.png"}
    assert "looks like" not in ana.post(CHECK, a_form(do="url", **fitting), headers=HTMX).content.decode()


def test_a_small_button_means_the_reference_it_is_drawn_on_in_whatever_order_things_were_added(team, ana):
    courier, crossing, lantern = make_asset(team), make_asset(team, "video"), make_asset(team)
    added = ana.post(CHECK, a_form(of(courier), of(crossing), do=f"add:{lantern.pk}"), headers=HTMX).content.decode()
    sent_back = re.findall(r'name="reference" value="([^"]+)"', added)
    remove_lantern = re.search(rf'{of(lantern)}".*?value="(remove:\d+)"', added, re.DOTALL)
    assert remove_lantern
    left = ana.post(CHECK, a_form(*sent_back, do=remove_lantern[1]), headers=HTMX).content.decode()
    assert re.findall(r'name="reference" value="([^"]+)"', left) == [of(courier), of(crossing)]


def test_a_bad_address_stays_where_it_was_typed(team, ana):
    for typed in ("htps://oops", "not a url"):
        answer = ana.post(CHECK, a_form(do="url", **{"url-start_image": typed}), headers=HTMX).content.decode()
        assert f'value="{typed}"' in answer
        assert "Not a web address: it must begin with http:// or https://" in answer


@pytest.mark.parametrize("do", ["remove:99", "up:-1", "move:0:nowhere", "add:nonsense", "dance", "move::", "remove:"])
def test_a_button_nobody_made_does_no_harm(team, ana, do):
    asset = make_asset(team)
    answer = ana.post(CHECK, a_form(of(asset), do=do), headers=HTMX)
    assert answer.status_code == 200
    assert of(asset) in answer.content.decode()


def test_the_request_is_shown_as_code_without_the_key(team, ana, api_key):
    answer = ana.post(CHECK, a_form(of(make_asset(team))), headers=HTMX).content.decode()
    assert "curl --fail-with-body" in answer
    assert "asset://prov-" in answer
    assert "$APIFRAME_API_KEY" in answer
    assert api_key not in answer


# --- generating ------------------------------------------------------------------------------------------------------
def test_generate_writes_down_exactly_what_the_form_said_and_wakes_the_engine(
    team, ana, editor, django_capture_on_commit_callbacks
):
    image, film = make_asset(team), make_asset(team, "video")
    references = [of(film), of(image), "reference_image:url:https://media.example/b.png"]
    with django_capture_on_commit_callbacks(execute=True):
        answer = ana.post(PAGE, a_form(*references, prompt="  A quiet sea  ", seed="7"), headers=HTMX)
    assert answer.status_code == 200
    made = Generation.objects.get()
    assert (made.team, made.created_by, made.state, made.prompt) == (team, editor, "queued", "A quiet sea")
    assert made.params == {
        "duration": 8,
        "resolution": "720p",
        "aspect_ratio": "16:9",
        "camera_fixed": False,
        "generate_audio": True,
        "return_last_frame": False,
        "web_search": False,
        "seed": 7,
    }
    assert [(each.slot, each.position, each.asset, each.url) for each in made.references.all()] == [
        ("reference_image", 0, image, ""),
        ("reference_image", 1, None, "https://media.example/b.png"),
        ("reference_video", 0, film, ""),
    ]
    assert (made.estimate_low, made.estimate_high) == (144, 288)
    assert OrmQ.objects.exists()


def test_one_that_needs_an_asset_still_processing_waits_for_it(team, ana):
    ana.post(PAGE, a_form(of(make_asset(team, state="processing"))), headers=HTMX)
    assert Generation.objects.get().state == "waiting"


def test_what_a_generation_was_sent_with_is_picked_no_more(team, ana):
    asset = make_asset(team)
    answer = ana.post(PAGE, a_form(of(asset)), headers=HTMX)
    assert json.loads(answer["HX-Trigger"])["castboard:used"]["ids"] == [str(asset.pk)]


def test_a_double_click_is_one_generation(team, ana):
    form = a_form(of(make_asset(team)))
    answers = [ana.post(PAGE, form, headers=HTMX) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert Generation.objects.count() == 1


def test_going_back_and_sending_again_without_javascript_is_one_generation(team, ana):
    form = a_form()
    first, again = ana.post(PAGE, form), ana.post(PAGE, form)
    assert first.status_code == again.status_code == 302
    assert first.url == again.url
    assert Generation.objects.count() == 1


def test_a_form_that_was_sent_and_then_changed_is_not_mistaken_for_the_first(team, ana):
    form = a_form()
    ana.post(PAGE, form, headers=HTMX)
    answer = ana.post(PAGE, form | {"prompt": "Another idea"}, headers=HTMX).content.decode()
    assert Generation.objects.count() == 1
    assert "before you changed it" in answer
    assert 'id="studio-click"' in answer
    assert form["click"] not in answer


def test_a_fresh_click_comes_only_after_success(team, ana):
    form = a_form()
    refused = ana.post(PAGE, form | {"prompt": ""}, headers=HTMX).content.decode()
    assert 'id="studio-click"' not in refused
    started = ana.post(PAGE, form, headers=HTMX).content.decode()
    assert 'id="studio-click"' in started
    assert form["click"] not in started


def test_without_javascript_everything_is_still_there_after_generating(team, ana):
    asset = make_asset(team)
    answer = ana.post(PAGE, a_form(of(asset), prompt="Once more with feeling"), follow=True)
    page = answer.content.decode()
    assert "On its way" in page
    assert "Once more with feeling" in page
    assert f'value="{of(asset)}"' in page


@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])
def test_bad_input_keeps_everything_that_was_typed(team, ana, headers):
    asset = make_asset(team)
    typed = a_form(of(asset), duration="99", seed="41", **{"url-end_image": "https://media.example/e.png"})
    answer = ana.post(PAGE, typed, headers=headers).content.decode()
    assert not Generation.objects.exists()
    assert f'value="{of(asset)}"' in answer
    for value in ("99", "41", "https://media.example/e.png"):
        assert f'value="{value}"' in answer
    if not headers:
        assert "A lighthouse at dawn" in answer


def test_an_address_typed_but_not_added_is_not_left_out_silently(team, ana):
    answer = ana.post(PAGE, a_form(**{"url-end_image": "https://media.example/e.png"}), headers=HTMX).content.decode()
    assert "typed here but not added" in answer
    assert not Generation.objects.exists()


def test_another_teams_asset_in_a_sent_form_is_refused(team, ana):
    foreign = make_asset(make_team("rivals"), name="Secret")
    answer = ana.post(PAGE, a_form(of(foreign)), headers=HTMX).content.decode()
    assert not Generation.objects.exists()
    assert "not in your team" in answer
    assert "Secret" not in answer


def test_an_asset_of_the_wrong_type_for_its_slot_is_refused(team, ana):
    ana.post(PAGE, a_form(of(make_asset(team, "audio"), "reference_image")), headers=HTMX)
    assert not Generation.objects.exists()


def test_a_model_changed_without_javascript_is_not_paid_for_before_its_changes_are_seen(team, ana):
    answer = ana.post(PAGE, a_form(model="seedance-2.5", resolution="4k")).content.decode()
    assert not Generation.objects.exists()
    assert "now 720p" in answer


@pytest.mark.parametrize(
    "changes",
    [
        {"click": ""},
        {"click": "nonsense"},
        {"duration": "9" * 400},
        {"seed": "1e9"},
        {"model": "nobody"},
        {"reference": ["", ":", "a:b:c", "reference_image:asset:x", "nowhere:url:https://a.example/"]},
        {"aspect_ratio": "<script>"},
    ],
)
def test_hostile_fields_never_break_the_page(team, ana, changes):
    for headers in (HTMX, {}):
        answer = ana.post(PAGE, a_form() | changes, headers=headers)
        assert answer.status_code in (200, 302)
        assert b"<script>alert" not in answer.content
        assert b'"<script>"' not in answer.content


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_of_thousands_of_references_and_a_prompt_like_a_book_the_beginning_is_kept(team, ana, headers):
    references = [f"reference_image:url:https://a.example/{number}.png" for number in range(4000)]
    form = a_form(*references, prompt="word " * 200_000, model="seedance-2.5")
    for path in (CHECK, PAGE):
        answer = ana.post(path, form, headers=headers)
        assert len(answer.context["form"].references) == 100
        html = answer.content.decode()
        assert len(html) < 1_000_000
        assert "4,000 references came at once: the first 100 are here." in html
        assert "A prompt of 1,000,000 characters came: the first 50,000 are here." in html
        assert "word word" in html
    assert not Generation.objects.exists()


def test_a_prompt_that_is_only_too_long_stays_whole(team, ana):
    prompt = "word " * 9_000
    assert ana.post(PAGE, a_form(prompt=prompt)).context["form"].text == prompt


@pytest.mark.parametrize("place", ["9" * 5000, "-1", "1", "²", "٠", "00", ""])
@pytest.mark.parametrize("verb", ["remove", "up", "down", "move"])
def test_a_button_for_a_reference_that_is_not_there_does_nothing(team, ana, verb, place):
    form = a_form(of(make_asset(team)), do=f"{verb}:{place}:start_image")
    assert len(ana.post(CHECK, form, headers=HTMX).context["form"].references) == 1


def test_a_damaged_click_is_replaced_so_that_the_next_press_works(team, ana):
    answer = ana.post(PAGE, a_form(click="nonsense"), headers=HTMX).content.decode()
    assert not Generation.objects.exists()
    assert 'id="studio-click"' in answer


# --- live ------------------------------------------------------------------------------------------------------------
def test_a_new_take_travels_to_the_open_page_and_nothing_else_does(team, ana):
    make_generation(team, prompt="Old one")
    team.refresh_from_db()
    since = team.revision
    assert ana.get(f"/dailies/live/?v={since}&page=studio").status_code == 204
    new = make_generation(team, "queued", prompt="New one")
    answer = ana.get(f"/dailies/live/?v={since}&page=studio").content.decode()
    assert f'data-generation="{new.pk}"' in answer
    assert "Old one" not in answer
    assert 'id="assets-changed"' not in answer


def test_an_asset_that_changed_makes_the_page_look_again(team, ana):
    team.refresh_from_db()
    since = team.revision
    make_asset(team)
    assert 'id="assets-changed"' in ana.get(f"/dailies/live/?v={since}&page=studio").content.decode()
