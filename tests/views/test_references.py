"""References on the Generate page: the picker beside it, links put into it, and moving them about."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from assets_app.forms import slots
from assets_app.forms.notes import CannotPlace
from assets_app.forms.offered import model_called
from assets_app.forms.studio import StudioForm
from assets_app.library import changes
from assets_app.models import Asset, Star

from .scene import make_asset, make_team
from .test_studio import CHECK, HTMX, a_form, of
from .test_studio_form import SEEDANCE, filled, url_reference

pytestmark = pytest.mark.django_db

REGISTER = "/dailies/generate/register/"
WAYS = pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def places(references: Any) -> list[tuple[str, Any]]:
    return [(each.slot, each.asset or each.url) for each in slots.in_order(references, SEEDANCE)]


# --- moving them about -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("index", "position", "order"), [(0, 2, "bca"), (2, 0, "cab"), (0, 0, "abc"), (1, 9, "acb")])
def test_a_reference_is_let_down_anywhere_in_its_row(index, position, order):
    row = [url_reference("reference_image", name) for name in "abc"]
    assert [each.name for each in slots.settle(row, index, "reference_image", position, SEEDANCE)] == list(order)


def test_let_down_in_another_slot_it_takes_its_place_there_or_changes_places(team):
    first, second = filled(make_asset(team)), filled(make_asset(team))
    start = filled(make_asset(team), "start_image")
    moved = slots.settle([first, second, start], 0, "start_image", 0, SEEDANCE)
    assert places(moved) == [
        ("reference_image", start.asset),
        ("reference_image", second.asset),
        ("start_image", first.asset),
    ]
    back = slots.settle([second, start], 1, "reference_image", 0, SEEDANCE)
    assert places(back) == [("reference_image", start.asset), ("reference_image", second.asset)]


def test_it_cannot_be_let_down_where_it_does_not_fit(team):
    with pytest.raises(CannotPlace):
        slots.settle([filled(make_asset(team, "video"))], 0, "reference_image", 0, SEEDANCE)


def test_start_and_end_change_places_and_one_alone_goes_to_the_other(team):
    start, end, guide = (filled(make_asset(team), slot) for slot in ("start_image", "end_image", "reference_image"))
    assert places(slots.swap_frames([start, end, guide], SEEDANCE)) == [
        ("reference_image", guide.asset),
        ("start_image", end.asset),
        ("end_image", start.asset),
    ]
    assert places(slots.swap_frames([start], SEEDANCE)) == [("end_image", start.asset)]


@WAYS
def test_one_button_swaps_start_and_end(team, ana, headers):
    start, end = make_asset(team), make_asset(team)
    sent = (of(start, "start_image"), of(end, "end_image"))
    page = ana.post(CHECK, a_form(*sent, do="swap"), headers=headers).content.decode()
    assert f'value="{of(end, "start_image")}"' in page
    assert f'value="{of(start, "end_image")}"' in page
    assert 'value="swap"' in page
    assert 'value="swap"' not in ana.post(CHECK, a_form(do="look"), headers=headers).content.decode()


@pytest.mark.parametrize(
    "do", ["place:0", "place:0:nowhere:0", "place:9:reference_image:0", "place:0:reference_image:x"]
)
def test_a_place_that_makes_no_sense_does_no_harm(team, ana, do):
    asset = make_asset(team)
    form = ana.post(CHECK, a_form(of(asset), do=do), headers=HTMX).context["form"]
    assert [each.asset for each in form.references] == [asset]


def test_numbers_in_the_prompt_follow_a_drag(team, ana):
    references = [make_asset(team, name=name) for name in ("Ana", "Boat", "Cat")]
    typed = {"prompt": "[Image1], @Boat, [Image3]", "do": "place:2:reference_image:0"}
    form: StudioForm = ana.post(CHECK, a_form(*map(of, references), **typed), headers=HTMX).context["form"]
    assert form.text == "[Image2], @Boat, [Image1]"
    assert form.mentioned.rendered == "[Image2], [Image3], [Image1]"


# --- the picker ------------------------------------------------------------------------------------------------------
def picker(client: Client, **asked: Any) -> set[str]:
    answer = client.post(CHECK, a_form(do="pool", **asked), headers=HTMX)
    return {each["asset"].name for each in answer.context["pool"]}


def test_the_picker_is_narrowed_by_what_the_library_knows(team, ana, editor):
    mine, starred, place, kept = (make_asset(team, name=name) for name in ("mine", "starred", "place", "kept"))
    make_asset(team, "video", name="film")
    Asset.objects.filter(pk=mine.pk).update(created_by=editor)
    Asset.objects.filter(pk=place.pk).update(kind="place")
    Star.objects.create(user=editor, asset=starred)
    collection = changes.collection_named(team, "Trailer")
    changes.collect(team, editor, [kept], collection)
    assert picker(ana) == {"mine", "starred", "place", "kept", "film"}
    assert picker(ana, pool_mine="on") == {"mine"}
    assert picker(ana, pool_starred="on") == {"starred"}
    assert picker(ana, pool_kind="place") == {"place"}
    assert picker(ana, pool_collection=str(collection.pk)) == {"kept"}
    assert picker(ana, pool_type="video") == {"film"}
    assert picker(ana, pool_name="sta") == {"starred"}


@pytest.mark.parametrize(
    "asked", [{"pool_kind": "x"}, {"pool_collection": "x"}, {"pool_collection": "9" * 99}, {"pool_type": "x"}]
)
def test_a_narrowing_that_makes_no_sense_does_not_narrow(team, ana, asked):
    make_asset(team, name="one")
    assert picker(ana, **asked) == {"one"}


def test_another_teams_collection_shows_nothing(team, ana):
    make_asset(team, name="one")
    foreign = changes.collection_named(make_team("rivals"), "Theirs")
    assert picker(ana, pool_collection=str(foreign.pk)) == set()


def test_the_picker_shows_what_is_called_so_first_and_what_was_made_of_films_last(team, ana):
    courier, bag = make_asset(team, name="Courier"), make_asset(team, name="The courier's bag")
    frames = [make_asset(team, name=f"Courier, last frame {number}") for number in range(3)]
    Asset.objects.filter(pk__in=[frame.pk for frame in frames]).update(made_by="last_frame")

    def shown(**asked: Any) -> list[Any]:
        answer = ana.post(CHECK, a_form(do="pool", **asked), headers=HTMX)
        return [each["asset"] for each in answer.context["pool"]]

    assert shown() == [bag, courier, *reversed(frames)]
    assert shown(pool_name="cour") == [courier, bag, *reversed(frames)]


def test_what_was_just_added_comes_first(team, ana):
    for name in ("first", "second", "third"):
        make_asset(team, name=name)
    answer = ana.post(CHECK, a_form(do="pool"), headers=HTMX)
    assert [each["asset"].name for each in answer.context["pool"]] == ["third", "second", "first"]


# --- links -----------------------------------------------------------------------------------------------------------
@WAYS
def test_a_link_in_the_picker_is_offered_both_ways(team, ana, headers):
    url = "https://media.example/harbour.png"
    page = ana.post(CHECK, a_form(do="pool", pool_name=url), headers=headers).content.decode()
    assert f'name="register" value="image:{url}"' in page
    assert f'value="link:image:{url}"' in page
    assert "link:video" not in page


def test_of_a_link_that_does_not_say_what_it_is_the_person_does(team, ana):
    page = ana.post(CHECK, a_form(do="pool", pool_name="https://media.example/7"), headers=HTMX).content.decode()
    assert [f'value="link:{each}:' in page for each in ("image", "video", "audio")] == [True] * 3


def test_a_link_is_used_as_it_is_in_the_first_slot_that_fits(team, ana):
    url = "https://media.example/a:b.mp4?x=1:2"
    answer = ana.post(CHECK, a_form(do=f"link:video:{url}", pool_name=url), headers=HTMX)
    assert places(answer.context["form"].references) == [("reference_video", url)]
    assert answer.context["pool_link"] is None
    full = [of(make_asset(team, "video")) for _ in range(3)]
    refused = ana.post(CHECK, a_form(*full, do=f"link:video:{url}", pool_name=url), headers=HTMX)
    assert "3 of 3 taken" in refused.content.decode()
    assert refused.context["pool_link"].url == url


@WAYS
def test_a_link_is_registered_and_attached_at_once(team, ana, editor, headers, django_capture_on_commit_callbacks):
    url = "https://media.example/harbour.png"
    with django_capture_on_commit_callbacks(execute=True):
        answer = ana.post(REGISTER, a_form(register=f"image:{url}", prompt="kept words"), headers=headers)
    asset = Asset.objects.get()
    assert (asset.team, asset.created_by, asset.source_url, asset.state) == (team, editor, url, "queued")
    page = answer.content.decode()
    assert f'value="{of(asset)}"' in page
    assert "when ready" in page
    assert OrmQ.objects.exists()


def test_a_link_that_the_library_has_is_attached_as_it_is(team, ana):
    asset = make_asset(team)
    answer = ana.post(REGISTER, a_form(register=f"image:{asset.source_url}"), headers=HTMX)
    assert Asset.objects.count() == 1
    assert places(answer.context["form"].references) == [("reference_image", asset)]


def test_a_link_to_what_is_in_the_trash_says_so(team, ana, editor):
    asset = make_asset(team, name="Old harbour")
    Asset.objects.filter(pk=asset.pk).update(trashed_at=timezone.now())
    answer = ana.post(REGISTER, a_form(register=f"image:{asset.source_url}"), headers=HTMX)
    assert Asset.objects.count() == 1
    assert "Old harbour is in the trash" in answer.content.decode()


def test_the_person_says_what_a_link_without_an_ending_is(team, ana):
    ana.post(REGISTER, a_form(register="audio:https://media.example/7"), headers=HTMX)
    assert Asset.objects.get().media_type == "audio"


@pytest.mark.parametrize("register", ["", "image:", "image:nonsense", "image:https://a b", "x:https://media.example/7"])
def test_what_cannot_be_registered_is_said_and_nothing_is_written(team, ana, register):
    answer = ana.post(REGISTER, a_form(register=register, prompt="kept words"), headers=HTMX)
    assert answer.status_code == 200
    assert answer.context["form"].notes
    assert not Asset.objects.exists()


def test_every_model_that_has_two_frames_can_swap_them():
    assert [slot.name for slot in slots.frames_of(model_called("seedance-2")) or ()] == ["start_image", "end_image"]


# --- let down on one slot --------------------------------------------------------------------------------------------
@WAYS
def test_what_is_let_down_on_a_slot_goes_there_and_nowhere_else(team, ana, headers):
    start, guide = make_asset(team, name="Pier"), make_asset(team, name="Boat")
    page = ana.post(CHECK, a_form(of(guide), do=f"put:start_image:{start.pk}"), headers=headers).content.decode()
    assert f'value="{of(start, "start_image")}"' in page
    link = "https://media.example/end.png"
    page = ana.post(CHECK, a_form(do=f"put-url:end_image:{link}"), headers=headers).content.decode()
    assert f'value="end_image:url:{link}"' in page


@pytest.mark.parametrize(
    ("slot", "media_type", "why"),
    [
        ("start_image", "video", "Waves is a video; “Start image” takes an image."),
        ("reference_video", "image", "Waves is an image; “Reference videos” takes a video."),
        ("end_image", "image", "Waves was not added. End image: 1 of 1 taken."),
        ("nowhere", "image", "Seedance 2.0 has no such slot."),
    ],
)
def test_what_cannot_be_let_down_there_says_why_and_goes_nowhere(team, ana, slot, media_type, why):
    end, asset = make_asset(team), make_asset(team, media_type, name="Waves")
    page = ana.post(CHECK, a_form(of(end, "end_image"), do=f"put:{slot}:{asset.pk}"), headers=HTMX).content.decode()
    assert why in page
    assert f'value="{of(end, "end_image")}"' in page
    assert f"asset:{asset.pk}" not in page.replace(f"add:{asset.pk}", "")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://media.example/waves.mp4", "waves.mp4 looks like a video; “Start image” takes an image."),
        ("ftp://media.example/pier.png", "Not a web address"),
        ("", "Not a web address"),
    ],
)
def test_a_link_that_cannot_be_let_down_there_says_why(ana, url, why):
    page = ana.post(CHECK, a_form(do=f"put-url:start_image:{url}"), headers=HTMX).content.decode()
    assert why in page
    assert 'name="reference"' not in page


def test_another_teams_asset_is_not_let_down(ana):
    foreign = make_asset(make_team("rivals"))
    page = ana.post(CHECK, a_form(do=f"put:start_image:{foreign.pk}"), headers=HTMX).content.decode()
    assert "This asset is not in your team" in page
    assert 'name="reference"' not in page
