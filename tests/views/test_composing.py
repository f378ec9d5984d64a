"""One composer for every model: changing the model, what is remembered, and one-press ways out of a refusal."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assets_app.apiframe import catalogue
from assets_app.forms import buttons, opening
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.forms.switching import Kept
from assets_app.models import Generation, Membership

from .scene import make_asset, make_team
from .test_studio import CHECK, HTMX, PAGE, a_form, of

pytestmark = pytest.mark.django_db

KNOWN = catalogue.load()


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def sent_back(form: StudioForm, **changes: Any) -> dict[str, Any]:
    """What a page that shows this form would send."""
    values = {name: value for name, value in form.values.items() if value not in (None, False)}
    values |= {name: "on" for name, value in values.items() if value is True}
    references = [reference.value for reference in form.references]
    model = form.model.id
    return {**values, "model": model, "shown_model": model, "kept": form.kept.text, "reference": references, **changes}


def checked(ana: Client, data: dict[str, Any]) -> StudioForm:
    return ana.post(CHECK, data, headers=HTMX).context["form"]


def codes(form: StudioForm) -> set[str]:
    return {problem.code for problem in form.refusals}


# --- another model ---------------------------------------------------------------------------------------------------
def test_the_list_has_every_model_under_its_makers_with_seedance_2_first(team, ana):
    _, _, page = ana.get(PAGE).content.decode().partition('name="model"')
    groups = re.findall(r'<optgroup label="([^"]+)">', page)
    assert groups[0] == "ByteDance Seedance 2"
    assert re.findall(r'<option value="([a-z0-9.-]+)"', page)[: len(KNOWN.models)] == [m.id for m in KNOWN.video_models]


def test_a_start_image_becomes_the_image_of_another_family_and_back_again(team, ana):
    frames = (of(make_asset(team), "start_image"), of(make_asset(team), "end_image"))
    veo = checked(ana, a_form(*frames, model="veo-3.1", aspect_ratio="9:16"))
    assert [each.slot for each in veo.references] == ["image", "last_frame"]
    assert veo.values["aspect_ratio"] == "9:16"
    assert "Start image: with Veo 3.1 this is “Image”." in veo.notes
    back = checked(ana, sent_back(veo, model="seedance-2"))
    assert [each.slot for each in back.references] == ["start_image", "end_image"]


def test_what_the_new_model_has_no_place_for_stays_in_sight_and_blocks_until_it_is_removed(team, ana):
    image, film = make_asset(team, name="Courier"), make_asset(team, "video", name="Crossing")
    answer = ana.post(CHECK, a_form(of(image), of(film), model="hailuo-02"), headers=HTMX)
    hailuo, page = answer.context["form"], answer.content.decode()
    assert "Not taken by Hailuo 02" in page
    assert f'value="{of(film)}"' in page
    assert codes(hailuo) == {"unknown_slot"}
    ana.post(PAGE, sent_back(hailuo), headers=HTMX)
    assert not Generation.objects.exists()
    used = checked(ana, sent_back(hailuo, do="move:0:image"))
    assert (used.references[0].slot, used.references[0].asset) == ("image", image)
    assert codes(checked(ana, sent_back(used, do="clear:unfit"))) == set()


def test_a_direct_url_without_a_place_is_kept_as_well(team, ana):
    typed = "reference_video:url:https://media.example/a.mp4"
    hailuo = checked(ana, a_form(typed, model="hailuo-02"))
    assert [each.url for each in hailuo.references] == ["https://media.example/a.mp4"]
    assert checked(ana, sent_back(hailuo, model="seedance-2.5")).references[0].slot == "reference_video"


def test_going_back_brings_back_what_the_other_model_could_not_hold(team, ana):
    first = a_form(resolution="4k", duration="15", seed="41", web_search="on")
    fast = checked(ana, first | {"model": "hailuo-02"})
    assert (fast.values["resolution"], fast.values["duration"]) == ("768p", 10)
    back = checked(ana, sent_back(fast, model="seedance-2"))
    assert {name: str(back.values[name]) for name in ("resolution", "duration", "seed", "web_search")} == {
        "resolution": "4k",
        "duration": "15",
        "seed": "41",
        "web_search": "True",
    }
    assert back.text == "A lighthouse at dawn"


def test_what_was_changed_meanwhile_wins_over_what_was_there_before(team, ana):
    fast = checked(ana, a_form(resolution="4k", duration="15", model="hailuo-02"))
    back = checked(ana, sent_back(fast, model="seedance-2", duration="6"))
    assert (back.values["resolution"], back.values["duration"]) == ("4k", "6")


def test_shots_come_back_too(team, ana):
    shots = {"multi_prompt-prompt": ["A door", "A stair"], "multi_prompt-duration": ["3", "x"]}
    luma = checked(ana, a_form(model="luma-ray-2", shown_model="kling-3.0-omni", **shots))
    assert "Luma Ray 2 has no “Shots”; it was left out." in luma.notes
    omni = checked(ana, sent_back(luma, model="kling-3.0-omni"))
    assert omni.values["multi_prompt"] == [
        {"prompt": "A door", "duration": "3"},
        {"prompt": "A stair", "duration": "x"},
    ]


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", '{"of": 3}', '{"of": {"veo-3": {"seed": {"a": []}}}}', "[" * 5000, "9" * 200_000]
)
def test_what_no_page_of_ours_wrote_down_is_no_memory(team, ana, kept):
    assert Kept.read(kept).arrived == {}
    assert checked(ana, a_form(model="veo-3", kept=kept)).model.id == "veo-3"


def test_without_javascript_the_button_beside_the_list_does_the_same(team, ana):
    page = ana.post(CHECK, a_form(model="kling-3.0-omni", do="look")).content.decode()
    assert 'name="multi_prompt-prompt"' in page
    assert 'name="shown_model" value="kling-3.0-omni"' in page


# --- shots -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])
def test_rows_of_shots_are_added_and_taken_away_with_nothing_lost(team, ana, headers):
    typed = a_form(model="kling-3.0-omni", shown_model="kling-3.0-omni")
    typed |= {"multi_prompt-prompt": ["A door", "A stair"], "multi_prompt-duration": ["3", "5"]}
    more = ana.post(CHECK, typed | {"do": "row:multi_prompt"}, headers=headers).context["form"]
    assert [row.get("prompt") for row in more.values["multi_prompt"]] == ["A door", "A stair", None]
    less = ana.post(CHECK, typed | {"do": "row-off:multi_prompt:0"}, headers=headers).context["form"]
    assert less.values["multi_prompt"] == [{"duration": "5", "prompt": "A stair"}]


def test_shots_are_sent_as_the_list_that_the_model_takes(team, ana):
    typed = a_form(model="kling-3.0-omni", shown_model="kling-3.0-omni", mode="pro")
    typed |= {"multi_prompt-prompt": ["A door", "", "A stair"], "multi_prompt-duration": ["3", "", "5"]}
    answer = ana.post(PAGE, typed, headers=HTMX)
    assert answer.context["form"].refusals == []
    block = Generation.objects.get().build_request(None)["klingParams"]
    assert block["multi_prompt"] == [{"prompt": "A door", "duration": 3}, {"prompt": "A stair", "duration": 5}]


@pytest.mark.parametrize(
    ("prompts", "seconds", "said"),
    [
        (["A door"], ["x"], "Shots, 1: duration must be a whole number."),
        (["A door", "A stair"], ["3", ""], "Shots, 2: duration is missing."),
        (["A door", "A stair"], ["3", "99"], "Shots, 2, duration: Must be at most 15."),
        (["A door"] * 7, ["1"] * 7, "Shots: Must have at most 6 items."),
    ],
)
def test_a_shot_that_is_not_in_order_is_named_and_nothing_is_sent(team, ana, prompts, seconds, said):
    typed = a_form(model="kling-3.0-omni", shown_model="kling-3.0-omni")
    typed |= {"multi_prompt-prompt": prompts, "multi_prompt-duration": seconds}
    page = ana.post(PAGE, typed, headers=HTMX).content.decode()
    assert said in page
    assert page.count("A door") >= prompts.count("A door")
    assert not Generation.objects.exists()


KLING = {"model": "kling-3.0", "shown_model": "kling-3.0", "mode": "pro"}


def test_a_model_that_takes_its_shots_as_a_text_has_the_same_rows_and_is_sent_them_as_json(team, ana):
    typed = a_form(**KLING)
    typed |= {"multi_prompt-prompt": ["Eine Tür", "", "A stair"], "multi_prompt-duration": ["3", "", "5"]}
    answer = ana.post(PAGE, typed, headers=HTMX)
    assert answer.context["form"].refusals == []
    made = Generation.objects.get()
    text = made.build_request(None)["klingParams"]["multi_prompt"]
    assert json.loads(text) == [{"prompt": "Eine Tür", "duration": 3}, {"prompt": "A stair", "duration": 5}]
    page = ana.get(f"{PAGE}?from={made.pk}").content.decode()
    assert "Eine Tür</textarea>" in page
    assert page.count('name="multi_prompt-prompt"') == 2


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (["3", "x"], "Shots, 2: duration must be a whole number."),
        (["3", "99"], "Shots, 2, duration: Must be at most 15."),
        (["3", "4"], "The shots are 7 s long together, but the duration is 8 s."),
    ],
)
def test_shots_sent_as_a_text_are_checked_like_the_others(team, ana, seconds, said):
    typed = a_form(**KLING) | {"multi_prompt-prompt": ["A door", "A stair"], "multi_prompt-duration": seconds}
    assert said in ana.post(CHECK, typed, headers=HTMX).content.decode()


def test_shots_written_as_json_become_rows_and_what_is_something_else_is_sent_as_it_is(team, ana):
    rows = checked(ana, a_form(**KLING, multi_prompt='[{"prompt": "A door", "duration": 8}]', do="look"))
    assert rows.values["multi_prompt"] == [{"prompt": "A door", "duration": "8"}]
    odd = a_form(**KLING, multi_prompt='{"shots": 2}')
    page = ana.post(CHECK, odd | {"do": "look"}, headers=HTMX).content.decode()
    assert "this is no JSON list of objects" in page
    assert "{&quot;shots&quot;: 2}</textarea>" in page
    ana.post(PAGE, odd, headers=HTMX)
    assert Generation.objects.get().build_request(None)["klingParams"]["multi_prompt"] == '{"shots": 2}'


def test_rows_and_a_text_that_is_none_are_not_both_sent_and_neither_is_lost(team, ana):
    typed = a_form(**KLING, multi_prompt="[half")
    typed |= {"multi_prompt-prompt": ["A door"], "multi_prompt-duration": ["8"]}
    page = ana.post(PAGE, typed, headers=HTMX).content.decode()
    assert "cannot be read as rows. Mend it, or empty its box." in page
    assert "A door</textarea>" in page
    assert "[half</textarea>" in page
    more = checked(ana, typed | {"do": "row:multi_prompt"})
    assert more.values["multi_prompt"][-1] == {"": "[half"}
    assert not Generation.objects.exists()


def test_shots_go_along_to_a_model_that_takes_them_otherwise(team, ana):
    shots = {"multi_prompt-prompt": ["A door"], "multi_prompt-duration": ["8"]}
    omni = checked(ana, a_form(model="kling-3.0-omni", shown_model="kling-3.0", **shots))
    assert omni.params["multi_prompt"] == [{"duration": 8, "prompt": "A door"}]
    assert not [note for note in omni.notes if "Shots" in note]


def test_shots_that_do_not_fill_the_film_are_warned_of_with_a_press_that_mends_it(team, ana):
    typed = a_form(model="kling-3.0-omni", shown_model="kling-3.0-omni")
    typed |= {"multi_prompt-prompt": ["A door"], "multi_prompt-duration": ["5"]}
    answer = ana.post(CHECK, typed, headers=HTMX).content.decode()
    assert "The shots are 5 s long together, but the duration is 8 s." in answer
    mended = checked(ana, typed | {"do": "set:duration:5"})
    assert mended.warnings == []


def test_camera_moves_may_be_several(team, ana):
    ana.post(
        PAGE,
        a_form(model="luma-ray-2", shown_model="luma-ray-2", duration="5", concepts=["pov", "static"]),
        headers=HTMX,
    )
    assert Generation.objects.get().params["concepts"] == ["pov", "static"]


# --- remembered ------------------------------------------------------------------------------------------------------
def test_the_next_empty_form_has_the_settings_of_the_last_film_but_neither_its_words_nor_its_seed(team, ana):
    ana.post(
        PAGE,
        a_form(model="seedance-2.5", shown_model="seedance-2.5", duration="20", resolution="480p", seed="41"),
        headers=HTMX,
    )
    form = ana.get(PAGE).context["form"]
    assert (form.model.id, form.values["duration"], form.values["resolution"]) == ("seedance-2.5", 20, "480p")
    assert (form.text, form.values["seed"]) == ("", None)


def test_each_model_has_its_own_settings_and_each_person_theirs(team, ana, admin, client_of):
    ana.post(PAGE, a_form(duration="12", resolution="1080p"), headers=HTMX)
    ana.post(PAGE, a_form(model="veo-3", shown_model="veo-3", duration="4", resolution="1080p"), headers=HTMX)
    assert ana.get(f"{PAGE}?model=seedance-2").context["form"].values["duration"] == 12
    assert ana.get(PAGE).context["form"].model.id == "veo-3"
    assert client_of(admin).get(PAGE).context["form"].model.id == "seedance-2"


def test_what_was_refused_is_not_remembered(team, ana, editor):
    ana.post(PAGE, a_form(duration="99"), headers=HTMX)
    assert Membership.objects.get(user=editor).studio == {}


def test_what_a_model_does_not_take_any_more_is_not_brought_back(team, ana, editor):
    studio = {
        "model": "seedance-2",
        "params": {"seedance-2": {"duration": 400, "resolution": "8k", "aspect_ratio": "1:1"}},
    }
    Membership.objects.filter(user=editor).update(studio=studio)
    form = ana.get(PAGE).context["form"]
    assert [form.values[name] for name in ("duration", "resolution", "aspect_ratio")] == [8, "720p", "1:1"]


# --- rules, with a way out of each -----------------------------------------------------------------------------------
FRAME, END, STILL, CLIP, SOUND = "start_image", "end_image", "reference_image", "reference_video", "reference_audio"
BROKEN = [
    (
        "frames_exclude_references",
        "seedance-2.5",
        [FRAME, STILL],
        "adaptive",
        ["frames-to-references", "clear:reference"],
    ),
    (
        "frames_exclude_references",
        "seedance-2.5",
        [FRAME, SOUND],
        "adaptive",
        ["frames-to-references", "clear:reference"],
    ),
    ("end_image_needs_start_image", "seedance-2", [END], "adaptive", ["frame-first", "clear:end"]),
    ("audio_needs_image_or_video", "seedance-2", [SOUND], "16:9", ["model:seedance-2.5", "clear:reference_audio"]),
    ("start_image_needs_adaptive", "seedance-2.5", [FRAME], "16:9", ["set:aspect_ratio:adaptive"]),
    ("lone_video_needs_adaptive", "seedance-2", [CLIP], "16:9", ["set:aspect_ratio:adaptive"]),
    ("too_many", "seedance-2", [CLIP] * 4, "16:9", ["trim:reference_video"]),
]


@pytest.mark.parametrize(("code", "model", "slots", "ratio", "ways"), BROKEN)
def test_each_broken_rule_keeps_the_button_off_is_refused_by_the_server_and_mended_by_one_press(
    team, ana, code, model, slots, ratio, ways
):
    kinds = {CLIP: "video", SOUND: "audio"}
    references = [of(make_asset(team, kinds.get(slot, "image")), slot) for slot in slots]
    typed = a_form(*references, model=model, shown_model=model, aspect_ratio=ratio)
    refused = ana.post(PAGE, typed, headers=HTMX)
    page = html.unescape(refused.content.decode())
    assert not Generation.objects.exists()
    assert code in codes(refused.context["form"])
    assert 'aria-disabled="true"' in page
    assert all(f'value="{reference}"' in page for reference in references), "what was chosen stays"
    _, _, beside_the_button = page.partition('id="studio-bill"')
    beside_the_button, _, _ = beside_the_button.partition('id="studio-generate"')
    for way in ways:
        assert f'name="do" value="{way}"' in beside_the_button
        mended = checked(ana, typed | {"do": way})
        assert code not in codes(mended)
        assert mended.text == "A lighthouse at dawn"


@pytest.mark.parametrize(("typed", "way"), [("99", "set:duration:15"), ("1", "set:duration:4")])
def test_a_number_out_of_range_is_brought_into_it_by_one_press(team, ana, typed, way):
    page = ana.post(CHECK, a_form(duration=typed), headers=HTMX).content.decode()
    assert f'name="do" value="{way}"' in page
    assert codes(checked(ana, a_form(duration=typed, do=way))) == set()


def test_an_address_that_was_typed_but_not_added_is_added_or_cleared_by_one_press(team, ana):
    typed = a_form(aspect_ratio="adaptive", **{"url-start_image": "https://media.example/e.png"})
    added, cleared = checked(ana, typed | {"do": "url"}), checked(ana, typed | {"do": "drop-url:start_image"})
    assert [each.url for each in added.references] == ["https://media.example/e.png"]
    assert (cleared.references, cleared.pending_urls, codes(cleared)) == ([], {}, set())


def test_frames_that_find_no_room_among_the_references_stay_where_they_are(team):
    full = [Filled("reference_image", "image", asset=make_asset(team)) for _ in range(9)]
    frame = Filled("start_image", "image", asset=make_asset(team))
    filled = opening.fresh(team, KNOWN.get("seedance-2"), [*full, frame], {"prompt": "x"})
    form = buttons.after(filled, "frames-to-references")
    assert [each.slot for each in form.references].count("start_image") == 1
    assert "there is no room for 1 more" in form.notes[0]


@pytest.mark.parametrize(
    "do",
    [
        "set:prompt:x",
        "set:click:1",
        "set:nothing:1",
        "model:nobody",
        "row:duration",
        "row-off:x:1",
        "trim:",
        "clear:",
        "row:",
        "set:",
    ],
)
def test_a_way_out_that_nobody_offered_does_no_harm(team, ana, do):
    image = of(make_asset(team))
    form = checked(ana, a_form(image, do=do))
    assert (form.text, [each.value for each in form.references]) == ("A lighthouse at dawn", [image])


# --- nothing that was not asked for ----------------------------------------------------------------------------------
def test_unknown_keys_never_reach_the_provider(team, ana):
    stray = {"colour": "red", "webhookUrl": "https://evil.example", "seedanceParams": "{}", "loop": "on", "mode": "4k"}
    ana.post(PAGE, a_form(**stray), headers=HTMX)
    made = Generation.objects.get()
    body = made.build_request(None)
    assert catalogue.validate_body(body) == {}
    assert not {"colour", "loop", "mode", "webhookUrl"} & (set(body) | set(body["seedanceParams"]) | set(made.params))


def test_what_the_model_never_takes_stays_out_of_an_old_request_too():
    team = make_team()
    form = opening.fresh(
        team, KNOWN.get("sora-2"), [], {"prompt": "x", "web_search": True, "seed": 3, "camera_fixed": True}
    )
    assert (form.request_body() or {})["soraParams"].keys() == {"duration", "resolution", "aspect_ratio"}


def test_all_that_is_picked_comes_with_one_query_and_what_finds_no_place_is_said(team, ana):
    pictures = [make_asset(team) for _ in range(12)]

    def opened(number: int) -> tuple[int, Any]:
        address = f"{PAGE}?" + "&".join(f"asset={each.pk}" for each in pictures[:number])
        ana.get(address)
        with CaptureQueriesContext(connection) as captured:
            answer = ana.get(address)
        return len(captured), answer.context["form"]

    few, _form = opened(1)
    many, form = opened(12)
    assert many == few
    assert [each.asset for each in form.references] == pictures[:9]
    assert sum("was not added" in note for note in form.notes) == 3
