"""What comes to the studio from elsewhere: placed for the model that is shown, beside what is there, and said."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from assets_app.apiframe import catalogue
from assets_app.forms.notes import listed
from assets_app.forms.studio import StudioForm
from assets_app.models import Asset, Generation, Membership, NewReference, Preset

from .scene import PARAMS, make_asset, make_generation, make_team
from .test_composing import checked, codes, sent_back
from .test_studio import CHECK, HTMX, PAGE, a_form, of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def brought(ana: Client, form: dict[str, Any], *picks: Any, **asked: Any) -> StudioForm:
    """The draft of a browser, and the address under which the page was opened."""
    query = urlencode([("asset", each.pk) for each in picks] + list(asked.items()))
    return checked(ana, form | {"do": "bring", "brought": query, "restored": "1"})


def places(form: StudioForm) -> list[tuple[str, Any]]:
    return [(each.slot, each.asset) for each in form.references]


def presses(form: StudioForm) -> list[str]:
    return [fix.do for note in form.notes for fix in getattr(note, "fixes", ())]


# --- picks -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("last", "shown", "slot"),
    [
        ("happyhorse-1.1", "wan-2.7", "image"),
        ("runway-gen4.5", "seedance-2", "reference_image"),
        ("seedance-2", "veo-3.1", "reference_images"),
    ],
)
def test_picks_go_into_the_slots_of_the_model_that_is_shown_whatever_was_used_last(
    team, ana, editor, last, shown, slot
):
    Membership.objects.filter(user=editor).update(studio={"model": last, "params": {}})
    courier = make_asset(team, name="Courier")
    form = brought(ana, a_form(model=shown, shown_model=shown), courier)
    assert (form.model.id, places(form)) == (shown, [(slot, courier)])
    assert "unknown_slot" not in codes(form)


def test_what_the_shown_model_does_not_take_is_said_and_named(team, ana):
    picks = [
        make_asset(team, kind, name=name)
        for kind, name in (("image", "Courier"), ("video", "Crossing"), ("audio", "Bell"))
    ]
    draft = a_form(model="happyhorse-1.1", shown_model="happyhorse-1.1")
    query = urlencode([("asset", each.pk) for each in picks])
    answer = ana.post(CHECK, draft | {"do": "bring", "brought": query}, headers=HTMX)
    assert places(answer.context["form"]) == [("images", picks[0])]
    page = answer.content.decode()
    assert "HappyHorse 1.1 takes no video: Crossing was not added." in page
    assert "HappyHorse 1.1 takes no audio: Bell was not added." in page


def test_without_javascript_picks_are_placed_for_the_model_of_the_page_and_the_rest_is_said(team, ana, editor):
    Membership.objects.filter(user=editor).update(studio={"model": "wan-2.7", "params": {}})
    courier, harbour = make_asset(team, name="Courier"), make_asset(team, name="Harbour")
    answer = ana.get(f"{PAGE}?asset={courier.pk}&asset={harbour.pk}")
    assert places(answer.context["form"]) == [("image", courier)]
    page = answer.content.decode()
    assert "Harbour was not added. Image: 1 of 1 taken." in page
    assert f'value="put:last_frame:{harbour.pk}"' in page


def test_picks_come_beside_what_was_being_composed_and_nothing_there_moves(team, ana):
    courier, harbour, bell = (
        make_asset(team, name="Courier"),
        make_asset(team, name="Harbour"),
        make_asset(team, "audio"),
    )
    draft = a_form(of(courier), of(harbour), prompt="[Image1] walks to [Image2]")
    form = brought(ana, draft, bell, courier)
    assert [asset for _slot, asset in places(form)] == [courier, harbour, bell]
    assert form.text == "[Image1] walks to [Image2]"
    assert form.notes == ["Courier was attached already.", f"{bell.name} is added to Courier and Harbour."]


def test_picks_can_be_taken_back_or_begun_anew_with(team, ana):
    courier, lantern = make_asset(team, name="Courier"), make_asset(team, name="Lantern")
    form = brought(ana, a_form(of(courier), prompt="She waits"), lantern)
    back = checked(ana, sent_back(form, do="undo"))
    assert (places(back), back.text) == ([("reference_image", courier)], "She waits")
    again = checked(ana, sent_back(back, do="undo"))
    assert [asset for _slot, asset in places(again)] == [courier, lantern]
    anew = checked(ana, sent_back(form, do=presses(form)[0]))
    assert (places(anew), anew.text) == ([("reference_image", lantern)], "")
    assert checked(ana, sent_back(anew, do="undo")).text == "She waits"


def test_an_address_brings_its_model_to_the_draft_with_what_fits(team, ana):
    courier = make_asset(team, name="Courier")
    form = brought(ana, a_form(of(courier), prompt="She waits"), model="veo-3.1")
    assert (form.model.id, places(form), form.text) == ("veo-3.1", [("reference_images", courier)], "She waits")
    gone = brought(ana, a_form(of(courier)), model="seedance-9")
    assert any("is not offered any more" in note for note in gone.notes)
    assert [asset for _slot, asset in places(gone)] == [courier]


def test_a_preset_and_picks_of_one_address_meet_in_the_presets_model_or_are_said(team, ana, editor):
    preset = Preset.objects.create(team=team, name="Wide", model="hailuo-2.3", params={}, created_by=editor)
    form = brought(ana, a_form(), make_asset(team, name="Courier"), preset=preset.pk)
    assert form.model.id == "hailuo-2.3"
    assert "Hailuo 2.3 takes an image only as Image: Courier waits below, and cannot be sent as it is." in form.notes
    assert brought(ana, a_form(), preset="99").notes == ["That preset is not there any more."]


def test_another_teams_asset_is_not_brought(team, ana):
    form = brought(ana, a_form(), make_asset(make_team("rivals"), name="Secret"))
    assert (form.references, form.notes) == ([], ["This asset is not in your team's library."])


# --- what has no place -----------------------------------------------------------------------------------------------
def test_what_has_another_place_is_offered_it_beside_the_button_and_nothing_untrue_is_said(team, ana):
    courier = make_asset(team, name="Courier")
    draft = a_form(f"images:asset:{courier.pk}", model="wan-2.7", shown_model="happyhorse-1.1")
    page = ana.post(CHECK, draft, headers=HTMX).content.decode()
    assert "takes no image" not in page
    assert "Wan 2.7 takes an image only as Image or Last frame" in page
    bill = page[page.index('id="studio-bill"') :]
    assert 'value="move:0:image">Use it as image<' in bill
    used = checked(ana, draft | {"shown_model": "wan-2.7", "do": "move:0:image"})
    assert places(used) == [("image", courier)]


def test_references_of_a_model_that_left_the_catalogue_find_their_places_with_the_nearest(team, ana):
    frame = make_asset(team)
    form = checked(ana, a_form(of(frame, "image"), model="seedance-9", shown_model="seedance-9"))
    assert places(form) == [(form.model.slot_for("start").name, frame)]


# --- nothing more and nothing less than was seen ---------------------------------------------------------------------
def test_a_model_chosen_as_generate_is_pressed_is_shown_before_anything_is_paid(team, ana):
    courier = make_asset(team, name="Courier")
    draft = a_form(of(courier), model="seedance-2-fast", shown_model="seedance-2")
    for headers in (HTMX, {}):
        answer = ana.post(PAGE, draft, headers=headers)
        assert "The model was changed to Seedance 2.0 Fast just now." in answer.content.decode()
    assert not Generation.objects.exists()
    ana.post(PAGE, draft | {"shown_model": "seedance-2-fast"}, headers=HTMX)
    assert Generation.objects.get().model == "seedance-2-fast"


@pytest.mark.parametrize("value", ["reference_image:file:x", "nonsense", "reference_image:url:ftp://a.example/x.png"])
def test_a_reference_that_cannot_be_read_is_said_and_nothing_is_sent_without_it(team, ana, value):
    answer = ana.post(PAGE, a_form(of(make_asset(team)), value), headers=HTMX)
    assert "1 of the references could not be read, and is not here." in answer.content.decode()
    assert not Generation.objects.exists()


def test_a_page_that_answers_a_press_says_where_it_stands_so_that_no_draft_covers_it(team, ana):
    page = ana.post(PAGE, a_form(prompt="")).content.decode()
    assert f'data-given="{PAGE}"' in page
    parent = make_generation(team)
    page = ana.post(PAGE, a_form(prompt="", made_from=str(parent.pk), origin="edit")).content.decode()
    assert f'data-given="{PAGE}?from={parent.pk}"' in page


# --- the next shot ---------------------------------------------------------------------------------------------------
@pytest.fixture
def frame(team) -> Asset:
    """The last frame of a film that courier and harbour were in."""
    cast = [make_asset(team, name=name) for name in ("Courier", "Harbour")]
    references = [NewReference("reference_image", "image", each) for each in cast]
    film = make_generation(team, references=references, prompt="@Courier at the @Harbour")
    made = make_asset(team, name="Last frame: Courier at the Harbour")
    Asset.objects.filter(pk=made.pk).update(made_from=film, made_by="last_frame")
    return Asset.objects.get(pk=made.pk)


def opened(ana: Client, frame: Asset) -> Any:
    return ana.get(f"{PAGE}?from={frame.made_from_id}&then={frame.pk}")


def test_the_next_shot_says_whom_its_frame_keeps_out_and_one_press_keeps_them(team, ana, frame):
    answer = opened(ana, frame)
    words = (
        "A film that begins with a frame takes no references: Courier and Harbour of the shot before are not attached."
    )
    assert words in answer.content.decode()
    assert "Keep Courier and Harbour: send the frame as Image 1" in answer.content.decode()
    form = checked(ana, sent_back(answer.context["form"], do="keep-cast"))
    assert [(slot, asset.name) for slot, asset in places(form)] == [
        ("reference_image", frame.name),
        ("reference_image", "Courier"),
        ("reference_image", "Harbour"),
    ]
    assert codes(form) == {"prompt_empty"}
    assert places(checked(ana, sent_back(form, do="undo"))) == [("start_image", frame)]


def test_the_cast_is_offered_along_a_whole_chain_and_after_a_reload(team, ana, frame):
    second = make_generation(team, references=[NewReference("start_image", "image", frame)], prompt="Then")
    Generation.objects.filter(pk=second.pk).update(made_from=frame.made_from_id, origin="next")
    last = make_asset(team, name="Last frame: Then")
    answer = ana.get(f"{PAGE}?from={second.pk}&then={last.pk}")
    assert "Keep Courier and Harbour" in answer.content.decode()
    restored = ana.post(CHECK, sent_back(answer.context["form"], do="restore", restored="1"), headers=HTMX)
    assert "Keep Courier and Harbour" in restored.content.decode()


def test_who_left_the_library_is_not_offered(team, ana, frame):
    Asset.objects.filter(name="Courier").update(state="failed")
    assert "Keep Harbour: send" in opened(ana, frame).content.decode()


def test_a_pick_after_next_shot_does_not_become_the_end_image(team, ana, frame):
    lantern = make_asset(team, name="Lantern")
    form = checked(ana, sent_back(opened(ana, frame).context["form"], do=f"add:{lantern.pk}"))
    assert places(form) == [("start_image", frame)]
    assert presses(form) == [f"beside-frames:{lantern.pk}", f"put:end_image:{lantern.pk}"]
    both = checked(ana, sent_back(form, do=f"beside-frames:{lantern.pk}"))
    assert places(both) == [("reference_image", frame), ("reference_image", lantern)]
    by_hand = checked(ana, sent_back(form, do=f"put:end_image:{lantern.pk}"))
    assert places(by_hand) == [("start_image", frame), ("end_image", lantern)]


def test_a_next_shot_of_a_model_without_a_start_image_says_which_one_it_is_now(team, ana, frame):
    Generation.objects.filter(pk=frame.made_from_id).update(model="grok-imagine-video", params={})
    form = opened(ana, frame).context["form"]
    assert [note for note in form.notes if "takes no start image" in note]


# --- what a tool set is not what the person chose --------------------------------------------------------------------
def remembered(ana: Client, model: str = "seedance-2") -> dict[str, Any]:
    return Membership.objects.get(user__username="edda").studio.get("params", {}).get(model, {})


def press(ana: Client, form: StudioForm, **changes: Any) -> None:
    before = Generation.objects.count()
    ana.post(PAGE, sent_back(form, prompt="A quiet sea", **changes), headers=HTMX)
    assert Generation.objects.count() == before + 1


def test_the_ratio_of_a_next_shot_holds_for_that_film_only(team, ana, frame):
    ana.post(PAGE, a_form(aspect_ratio="9:16"), headers=HTMX)
    form = opened(ana, frame).context["form"]
    assert form.values["aspect_ratio"] == "adaptive"
    press(ana, form, duration="5")
    assert Generation.objects.latest("created_at").params["aspect_ratio"] == "adaptive"
    fresh = ana.get(PAGE).context["form"]
    assert (fresh.values["aspect_ratio"], fresh.values["duration"]) == ("9:16", 5)


def test_going_back_to_references_brings_the_ratio_back(team, ana, frame):
    form = checked(ana, sent_back(opened(ana, frame).context["form"], do="frames-to-references"))
    assert form.values["aspect_ratio"] == PARAMS["aspect_ratio"]
    assert "Aspect ratio is 16:9 again: no frame asks for adaptive." in form.notes
    chosen = checked(ana, sent_back(opened(ana, frame).context["form"], aspect_ratio="1:1", do="remove:0"))
    assert chosen.values["aspect_ratio"] == "1:1"


def test_a_chain_of_next_shots_still_knows_the_ratio_it_began_with(team, ana, frame):
    ana.post(PAGE, a_form(aspect_ratio="9:16"), headers=HTMX)
    Generation.objects.filter(pk=frame.made_from_id).update(params=PARAMS | {"aspect_ratio": "adaptive"})
    form = checked(ana, sent_back(opened(ana, frame).context["form"], do="remove:0"))
    assert form.values["aspect_ratio"] == "9:16"


def test_it_survives_a_change_of_model_and_the_way_back(team, ana, frame):
    form = opened(ana, frame).context["form"]
    for model in ("seedance-2.5", "veo-3.1", "seedance-2"):
        form = checked(ana, sent_back(form, model=model))
    press(ana, form)
    assert "aspect_ratio" not in remembered(ana)


def test_what_a_preset_a_change_of_model_or_a_way_out_sets_is_not_remembered(team, ana, editor):
    preset = Preset.objects.create(team=team, name="Wide", params={"aspect_ratio": "21:9"}, created_by=editor)
    ways: list[dict[str, Any]] = [
        {"do": f"preset:{preset.pk}"},
        {"do": "set:aspect_ratio:adaptive"},
        {"model": "seedance-2.5", "resolution": "4k"},
    ]
    for change in ways:
        ana.post(PAGE, a_form(aspect_ratio="9:16", resolution="480p"), headers=HTMX)
        form = checked(ana, sent_back(ana.get(PAGE).context["form"], **change))
        press(ana, form)
        assert remembered(ana)["aspect_ratio"] == "9:16"
        assert "resolution" not in remembered(ana, "seedance-2.5")
        Membership.objects.filter(user=editor).update(studio={})


def test_a_film_opened_to_be_edited_leaves_its_settings_out_of_what_the_person_chose(team, ana):
    ana.post(PAGE, a_form(duration="12"), headers=HTMX)
    theirs = make_generation(team, params=PARAMS | {"duration": 4, "resolution": "1080p"})
    press(ana, ana.get(f"{PAGE}?from={theirs.pk}").context["form"], aspect_ratio="1:1")
    known = remembered(ana)
    assert (known["duration"], known["resolution"], known["aspect_ratio"]) == (12, "720p", "1:1")


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{",
        '{"puts": 3}',
        '{"puts": {"seedance-2": {"duration": [1]}}}',
        '{"puts": {"seedance-2": {"aspect_ratio": ["adaptive", {"a": 1}, 1]}}}',
    ],
)
def test_what_an_older_page_or_nobody_wrote_does_no_harm(team, ana, kept):
    press(ana, checked(ana, a_form(kept=kept)), duration="6")
    assert remembered(ana)["duration"] == 6


def test_a_list_of_names_stays_short():
    assert [listed([*"abcdef"][:number]) for number in (1, 2, 3, 6)] == [
        "a",
        "a and b",
        "a, b and c",
        "a, b and 4 more",
    ]


def test_every_model_says_truly_what_it_takes():
    for model in catalogue.load().video_models:
        for media_type in ("image", "video", "audio"):
            takes = any(slot.media_type == media_type for slot in model.slots)
            assert ("takes no" in model.takes_only(media_type)) is not takes
