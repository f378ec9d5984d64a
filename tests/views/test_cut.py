"""Choosing a part of an asset on a page of its own, and going on with it where it was needed."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from assets_app.models import (
    Asset,
    Candidate,
    Generation,
    MadeBy,
    NewCandidate,
    NewReference,
    Original,
    keep_unsent,
    look_at,
)

from .scene import PARAMS, make_asset, make_generation, make_team

pytestmark = pytest.mark.django_db

WIDE = {"width": 1200, "height": 400, "content_type": "image/jpeg"}
LONG = {"width": 1280, "height": 720, "content_type": "video/mp4", "seconds": 30.0, "fps": 24.0}
BELL = {"content_type": "audio/mpeg", "seconds": 20.0}
BOX = {"cut-left": 600, "cut-top": 0, "cut-width": 400, "cut-height": 400}


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def with_file(asset: Asset) -> Asset:
    original = Original.objects.get(pk=asset.pk)
    original.file.save(original.file_name("e" * 64, ".bin"), ContentFile(b"content"), save=False)
    Original.objects.filter(pk=asset.pk).update(file=original.file.name)
    return Asset.objects.select_related("original").get(pk=asset.pk)


def wide(team, **more: Any) -> Asset:
    return with_file(make_asset(team, name="Panorama", **(WIDE | more)))


def address(asset: Asset, query: str = "") -> str:
    return f"/dailies/assets/{asset.pk}/cut/{query}"


def cut(client: Client, asset: Asset, query: str = "", *, do: str = "cut", **data: Any) -> Any:
    return client.post(address(asset, query), {"cut-do": do, **data})


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- the page --------------------------------------------------------------------------------------------------------
def test_the_page_shows_the_whole_with_the_frame_that_one_press_would_take(team, ana):
    asset = wide(team)
    page = words(ana.get(address(asset)))
    assert "M100 0h1000v400h-1000Z" in page
    assert re.search(r'name="cut-width" value="1000"', page)
    assert "1000 × 400" in page
    assert "The provider takes this size." in page


def test_a_films_page_has_a_frame_and_seconds_within_what_is_asked_for(team, ana):
    asset = with_file(make_asset(team, "video", **LONG))
    form = ana.get(address(asset, "?model=seedance-2&most=8.5")).context["form"]
    assert (form.cut.start, form.cut.seconds, form.cut.box) == (0, 8.5, None)
    assert form.fit.who == "Seedance 2.0"


@pytest.mark.parametrize(
    "query", ["?most=x", "?most=nan", "?most=-3", "?most=1e99", "?model=none", "?film=x", "?for=x"]
)
def test_an_address_that_makes_no_sense_is_as_good_as_none(team, ana, query):
    assert ana.get(address(wide(team), query)).status_code == 200


def test_a_picture_that_no_browser_shows_is_seen_by_its_still(team, ana):
    asset = wide(team, content_type="image/heic")
    Original.objects.filter(pk=asset.pk).update(poster="still.webp")
    page = words(ana.get(address(asset)))
    assert f'<img src="/dailies/assets/{asset.pk}/poster/' in page
    assert f'<img src="/dailies/assets/{asset.pk}/file/' not in page


def test_the_asset_page_leads_there_only_for_those_who_may_and_where_there_is_something_to_cut(
    team, ana, viewer, client_of
):
    asset, bare = wide(team), make_asset(team, **WIDE)
    link = 'href="/dailies/assets/{}/cut/"'
    assert link.format(asset.pk) in words(ana.get(f"/dailies/assets/{asset.pk}/"))
    assert link.format(bare.pk) not in words(ana.get(f"/dailies/assets/{bare.pk}/"))
    assert link.format(asset.pk) not in words(client_of(viewer).get(f"/dailies/assets/{asset.pk}/"))


def test_whole_and_part_lead_to_each_other(team, ana):
    asset = wide(team)
    cut(ana, asset, **BOX)
    part = Asset.objects.get(cut_from=asset)
    assert "Cut from it" in words(ana.get(f"/dailies/assets/{asset.pk}/"))
    assert f'href="/dailies/assets/{part.pk}/"' in words(ana.get(f"/dailies/assets/{asset.pk}/"))
    assert f'href="/dailies/assets/{asset.pk}/"' in words(ana.get(f"/dailies/assets/{part.pk}/"))
    assert "Cut from it" not in words(ana.get(f"/dailies/assets/{part.pk}/"))


@pytest.mark.parametrize(("width", "is_offered"), [(1200, True), (600, False)])
def test_what_was_not_sent_for_its_shape_offers_to_choose_a_part(team, ana, width, is_offered):
    asset = wide(team, width=width)
    Asset.objects.filter(pk=asset.pk).update(state="rejected", reason="Too wide.")
    for page in (f"/dailies/assets/{asset.pk}/", "/dailies/"):
        assert ("Choose a part that fits" in words(ana.get(page))) == is_offered


# --- cutting ---------------------------------------------------------------------------------------------------------
def test_the_chosen_part_becomes_an_asset_of_its_own(team, ana, editor):
    asset = wide(team)
    answer = cut(ana, asset, **BOX)
    part = Asset.objects.get(cut_from=asset)
    assert answer.url == f"/dailies/assets/{part.pk}/"
    assert (part.name, part.made_by, part.created_by) == ("Panorama (cropped)", MadeBy.CROP, editor)
    assert part.original.cut == {"box": [600, 0, 400, 400]}
    asset.refresh_from_db()
    assert asset.state == "active"


def test_a_part_of_a_sound_may_begin_anywhere_and_be_named(team, ana):
    bell = with_file(make_asset(team, "audio", **BELL))
    cut(ana, bell, **{"cut-start": "3.5", "cut-end": "9", "cut-name": "Third stroke"})
    part = Asset.objects.get(cut_from=bell)
    assert (part.name, part.made_by, part.original.cut) == ("Third stroke", MadeBy.TRIM, {"start": 3.5, "seconds": 5.5})


def test_pressed_twice_it_is_made_once(team, ana):
    asset = wide(team)
    assert cut(ana, asset, **BOX).url == cut(ana, asset, **BOX).url
    assert Asset.objects.filter(cut_from=asset).count() == 1


def test_a_shape_moves_the_frame_and_cuts_nothing(team, ana):
    asset = wide(team)
    answer = cut(ana, asset, do="shape:1:1", **BOX | {"cut-name": "Kept"})
    assert re.search(r'name="cut-left" value="600"', words(answer))
    assert re.search(r'value="shape:1:1" data-shape="1:1" aria-pressed="true"', words(answer))
    assert 'value="Kept"' in words(answer)
    assert Asset.objects.count() == 1


def test_what_it_comes_to_is_said_while_it_is_chosen(team, ana):
    asset = wide(team)
    data = BOX | {"cut-do": "look"}
    said = words(ana.post(address(asset), data, headers={"hx-request": "true"}))
    assert said.startswith("<div")
    assert "400 × 400" in said
    said = words(ana.post(address(asset), data | {"cut-width": 200}, headers={"hx-request": "true"}))
    assert "the least is 300" in said
    assert "Cut it all the same" in said
    assert Asset.objects.count() == 1


# --- bad input -------------------------------------------------------------------------------------------------------
def test_a_frame_outside_the_picture_is_refused_and_nothing_typed_is_lost(team, ana):
    asset = wide(team)
    answer = cut(ana, asset, **BOX | {"cut-left": 900, "cut-name": "Sunset"})
    assert "From 900 on there are only 300 pixels left." in words(answer)
    assert 'value="900"' in words(answer)
    assert 'value="Sunset"' in words(answer)
    assert Asset.objects.count() == 1


def test_the_whole_is_no_part(team, ana):
    answer = cut(ana, wide(team), **{"cut-left": 0, "cut-top": 0, "cut-width": 1200, "cut-height": 400})
    assert "nothing would be cut away" in words(answer)
    assert Asset.objects.count() == 1


def test_nothing_sent_is_asked_for(team, ana):
    assert "How many pixels?" in words(cut(ana, wide(team)))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"file": ""}, "This team keeps no originals"),
        ({"state": "lost", "reason": "The source is gone."}, "The source is gone. Upload the file itself"),
        ({"state": "copying"}, "still on its way"),
        ({"width": None, "height": None}, "We could not measure it"),
    ],
)
def test_where_nothing_can_be_cut_it_says_why_and_what_to_do(team, ana, change, why):
    asset = wide(team)
    Original.objects.filter(pk=asset.pk).update(**change)
    assert why in words(ana.get(address(asset)))
    answer = cut(ana, asset, **BOX)
    assert answer.status_code == 409
    assert why in words(answer)
    assert Asset.objects.count() == 1


def test_what_went_into_the_trash_meanwhile_is_to_be_restored_first(team, ana):
    asset = wide(team)
    Asset.objects.filter(pk=asset.pk).update(trashed_at=timezone.now())
    assert "It is in the trash. Restore it first." in words(cut(ana, asset, **BOX))
    Asset.objects.filter(pk=asset.pk).update(purged_at=timezone.now())
    assert cut(ana, asset, **BOX).status_code == 404


def test_another_teams_asset_is_none_of_ours(team, ana):
    theirs = wide(make_team("others"))
    assert ana.get(address(theirs)).status_code == 404
    assert cut(ana, theirs, **BOX).status_code == 404
    assert Asset.objects.count() == 1


def test_a_viewer_may_not_cut(team, viewer, client_of):
    asset = wide(team)
    assert cut(client_of(viewer), asset, **BOX).status_code == 403
    assert Asset.objects.count() == 1


# --- from the composer and back --------------------------------------------------------------------------------------
def composed_with(*references: str, **more: Any) -> dict[str, Any]:
    values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in PARAMS.items()}
    form = {"model": "seedance-2", "shown_model": "seedance-2", "click": str(uuid.uuid4())}
    typed = {"prompt": "Ünder <the> arch\r\nat dawn", "url-reference_image": "https://typed.example/half"}
    return values | form | typed | {"reference": list(references), "duration": 11} | more


def carried(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        found.setdefault(name, []).append(value)
    return found


def test_what_is_being_composed_goes_along_and_comes_back_with_the_part_in_its_place(team, ana):
    ben, asset = make_asset(team, name="Ben"), wide(team)
    mine = composed_with(f"reference_image:asset:{ben.pk}", f"reference_image:asset:{asset.pk}")
    there = ana.post(address(asset, "?for=1&model=seedance-2&address=%3Fasset%3D1"), mine)
    along = carried(there.content.decode())
    assert along["reference"] == mine["reference"]
    assert "and use it" in words(there)
    back = ana.post(address(asset, "?for=1&model=seedance-2&address=%3Fasset%3D1"), mine | BOX | {"cut-do": "cut"})
    part = Asset.objects.get(cut_from=asset)
    form = back.context["form"]
    assert [each.asset for each in form.references] == [ben, part]
    assert form.text == "Ünder <the> arch\nat dawn"
    assert form.values["duration"] == "11"
    assert form.pending_urls == {"reference_image": "https://typed.example/half"}
    assert 'data-given="/dailies/generate/?asset=1"' in back.content.decode()


def test_a_mention_means_the_part_from_then_on(team, ana):
    asset = wide(team)
    mine = composed_with(
        f"reference_image:asset:{asset.pk}",
        prompt="Along @Panorama",
        mentions=f'{{"Panorama": "{asset.pk}"}}',
    )
    form = ana.post(address(asset, "?for=0"), mine | BOX | {"cut-do": "cut"}).context["form"]
    assert form.mentioned.used == {"Panorama": str(Asset.objects.get(cut_from=asset).pk)}


def test_without_a_cut_it_comes_back_as_it_was(team, ana):
    asset = wide(team)
    mine = composed_with(f"reference_image:asset:{asset.pk}")
    form = ana.post(address(asset, "?for=0"), mine | BOX | {"cut-do": "back"}).context["form"]
    assert [each.asset for each in form.references] == [asset]
    assert form.text == "Ünder <the> arch\nat dawn"
    assert Asset.objects.count() == 1


def test_a_mistake_on_the_way_loses_nothing_of_what_is_being_composed(team, ana):
    asset = wide(team)
    mine = composed_with(f"reference_image:asset:{asset.pk}")
    page = ana.post(address(asset, "?for=0"), mine | BOX | {"cut-do": "cut", "cut-width": 0}).content.decode()
    assert carried(page)["reference"] == mine["reference"]
    assert "The frame needs at least 2 pixels." in page


def test_what_is_not_in_the_form_any_more_is_left_in_the_library_and_that_is_said(team, ana):
    asset, ben = wide(team), make_asset(team, name="Ben")
    mine = composed_with(f"reference_image:asset:{ben.pk}")
    form = ana.post(address(asset, "?for=0"), mine | BOX | {"cut-do": "cut"}).context["form"]
    assert [each.asset for each in form.references] == [ben]
    assert "Panorama (cropped) is in the library" in " ".join(form.notes)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/teams/"])
def test_the_address_it_comes_back_to_is_the_studios_own(team, ana, elsewhere):
    asset = wide(team)
    mine = composed_with(f"reference_image:asset:{asset.pk}")
    page = ana.post(f"/dailies/assets/{asset.pk}/cut/?address={elsewhere}", mine | {"cut-do": "back"})
    assert 'data-given="/dailies/generate/"' in page.content.decode()


# --- from a film that was refused ------------------------------------------------------------------------------------
def test_a_part_chosen_for_a_refused_film_opens_the_form_with_it(team, ana):
    asset, ben = wide(team), make_asset(team, name="Ben")
    references = [NewReference("reference_image", "image", asset=each) for each in (ben, asset)]
    reason = "expected the aspect ratio to be between 0.40 and 2.50, got 3.00"
    failed = make_generation(team, "failed", reason=reason, references=references)
    answer = cut(ana, asset, f"?film={failed.pk}&model=seedance-2", **BOX)
    part = Asset.objects.get(cut_from=asset)
    assert answer.url == f"/dailies/generate/?from={failed.pk}&part={part.pk}"
    form = ana.get(answer.url).context["form"]
    assert [each.asset for each in form.references] == [ben, part]
    assert form.values["made_from"] == str(failed.pk)
    assert Generation.objects.count() == 1


def test_a_part_that_is_none_of_ours_opens_the_form_as_it_was(team, ana):
    failed = make_generation(team, "failed", reason="x", references=[])
    others = make_team("others")
    theirs = make_asset(others)
    Asset.objects.filter(pk=theirs.pk).update(cut_from=theirs)
    for part in (theirs.pk, uuid.uuid4(), "x"):
        assert ana.get(f"/dailies/generate/?from={failed.pk}&part={part}").context["form"].references == []


# --- from the list of links that are checked first -------------------------------------------------------------------
def refused_link(team, user, **columns: Any) -> Candidate:
    (found,) = look_at(team, user, [NewCandidate("https://media.example/wide.jpg", "image")])
    found.file.save(f"{found.folder}/wide.jpg", ContentFile(b"wide"))
    seen = {"state": "refused", "reason": "Too wide.", "sha256": "e" * 64, "due_at": None}
    Candidate.objects.filter(pk=found.pk).update(**WIDE | seen | columns)
    return Candidate.objects.get(pk=found.pk)


def test_a_link_that_is_refused_is_kept_unsent_to_choose_a_part_of_it(team, ana, editor):
    link = refused_link(team, editor)
    assert f"/dailies/candidates/{link.pk}/part/" in words(ana.get("/dailies/"))
    answer = ana.post(f"/dailies/candidates/{link.pk}/part/")
    whole = Asset.objects.get()
    assert answer.url == address(whole)
    assert (whole.state, whole.reason, whole.needs_attention, whole.due_at) == ("rejected", "Too wide.", False, None)
    assert not Candidate.objects.exists()
    assert ana.get(answer.url).context["form"].cut.box == (100, 0, 1000, 400)
    cut(ana, whole, **BOX)
    assert Asset.objects.get(cut_from=whole).state == "checking"


@pytest.mark.parametrize("columns", [{"file": ""}, {"state": "ready"}])
def test_a_link_that_fits_or_whose_file_we_do_not_have_stays_in_the_list(team, ana, editor, columns):
    link = refused_link(team, editor, **columns)
    assert ana.post(f"/dailies/candidates/{link.pk}/part/").url == "/dailies/"
    assert Candidate.objects.count() == 1
    assert not Asset.objects.exists()


def test_of_a_link_that_is_dropped_at_the_same_moment_nothing_is_kept(team, editor):
    link = refused_link(team, editor)
    Candidate.objects.filter(pk=link.pk).throw_away()
    assert keep_unsent(link, editor) is None
    assert not Asset.objects.exists()


def test_a_link_that_is_looked_at_anew_is_left_to_that(team, editor):
    link = refused_link(team, editor)
    Candidate.objects.filter(pk=link.pk).update(state="looking", due_at=timezone.now())
    assert keep_unsent(link, editor) is None
    assert Candidate.objects.get().state == "looking"


def test_two_presses_at_once_keep_the_link_once(team, editor):
    link = refused_link(team, editor)
    again = Candidate.objects.get(pk=link.pk)
    whole = keep_unsent(link, editor)
    assert keep_unsent(again, editor) == whole == Asset.objects.get()
