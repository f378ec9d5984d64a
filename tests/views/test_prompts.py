"""Prompts of before and presets beside the prompt: picking one, undoing that, keeping one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assets_app.forms.studio import StudioForm
from assets_app.models import Asset, Generation, Preset

from .scene import make_asset, make_generation, make_team, make_user
from .test_studio import CHECK, HTMX, PAGE, a_form, of

pytestmark = pytest.mark.django_db

MENU = "/dailies/generate/prompts/"
PRESETS = "/dailies/generate/presets/"
SAVE = f"{PRESETS}save/"
WAYS = pytest.mark.parametrize("headers", [HTMX, {}], ids=["in the page", "without JavaScript"])


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def checked(ana: Client, *references: str, headers: dict[str, str] = HTMX, **changes: Any) -> StudioForm:
    answer = ana.post(CHECK, a_form(*references, **changes), headers=headers)
    assert answer.status_code == 200
    return answer.context["form"]


# --- prompts of before -----------------------------------------------------------------------------------------------
def test_the_menu_has_each_prompt_once_the_persons_own_apart(team, ana, editor):
    other = make_user("ben", team)
    for by, prompt in ((editor, "Mine"), (other, "Theirs"), (editor, "Mine"), (other, "Mine"), (editor, "Later")):
        make_generation(team, by=by, prompt=prompt)
    make_generation(make_team("rivals"), by=editor, prompt="Secret")
    recent = ana.get(MENU).context["recent"]
    assert [each.prompt for each in recent["mine"]] == ["Later"]
    assert [each.prompt for each in recent["theirs"]] == ["Mine", "Theirs"]


def test_the_menu_costs_the_same_however_much_was_made(team, ana, editor):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ana.get(MENU)
        return len(captured)

    make_generation(team, by=editor, prompt="One")
    few = queries()
    for number in range(12):
        make_generation(team, by=make_user(f"user{number}", team), prompt=f"Prompt {number}")
        Preset.objects.create(team=team, name=f"Preset {number}", created_by=make_user(f"maker{number}"))
    assert queries() == few


@WAYS
def test_one_picked_fills_the_box_and_can_be_undone_and_redone(team, ana, headers):
    made = make_generation(team, prompt="A calm harbour")
    form = checked(ana, prompt="My own words", do=f"recall:{made.pk}", headers=headers)
    assert form.text == "A calm harbour"
    undone = checked(ana, prompt=form.text, undo=form.data["undo"], do="undo", headers=headers)
    assert undone.text == "My own words"
    redone = checked(ana, prompt=undone.text, undo=undone.data["undo"], do="undo", headers=headers)
    assert redone.text == "A calm harbour"


def test_a_recalled_prompt_mentions_things_by_their_present_names_and_says_what_is_not_attached(team, ana):
    anna = make_asset(team, name="Anna")
    made = make_generation(team, prompt="@Anna waves")
    Generation.objects.filter(pk=made.pk).update(mentions={"Anna": str(anna.pk)})
    Asset.objects.filter(pk=anna.pk).update(name="Ana")
    form = checked(ana, prompt="", do=f"recall:{made.pk}")
    assert form.text == "@Ana waves"
    assert [each.asset for each in form.mentioned.loose] == [anna]


@pytest.mark.parametrize("do", ["recall:nonsense", "recall:", "preset:x", "preset:", "preset:99999999999999999999"])
def test_what_is_not_there_any_more_is_said_and_nothing_is_lost(team, ana, do):
    form = checked(ana, prompt="My own words", do=do)
    assert form.text == "My own words"
    assert "not there any more" in form.notes[0]


def test_another_teams_prompts_and_presets_are_out_of_reach(team, ana):
    rivals = make_team("rivals")
    made = make_generation(rivals, prompt="Secret")
    preset = Preset.objects.create(team=rivals, name="Secret", prompt="Secret")
    for do in (f"recall:{made.pk}", f"preset:{preset.pk}"):
        assert checked(ana, prompt="My own words", do=do).text == "My own words"
    assert "Secret" not in ana.get(PRESETS).content.decode()
    assert ana.post(f"{PRESETS}{preset.pk}/rename/", {"name": "Mine"}).status_code == 404
    assert ana.post(f"{PRESETS}{preset.pk}/delete/").status_code == 404


@pytest.mark.parametrize(
    "undo",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"model": 1, "values": [], "slots": []}',
        '{"model": "x", "values": {"seed": {}}, "slots": 3}',
    ],
)
def test_an_undo_that_no_page_of_ours_wrote_changes_nothing(team, ana, undo):
    assert checked(ana, prompt="My own words", undo=undo, do="undo").text == "My own words"


def test_an_undo_cannot_set_what_the_form_does_not_take(team, ana):
    undo = json.dumps({"model": "seedance-2", "values": {"duration": "99", "click": "x", "nobody": "1"}, "slots": []})
    form = checked(ana, undo=undo, do="undo")
    assert [problem.field for problem in form.refusals] == ["duration"]
    assert form.data["click"] != "x"


def test_without_javascript_the_menu_comes_with_the_page(team, ana):
    make_generation(team, prompt="A calm harbour")
    page = ana.post(CHECK, a_form(do="menu", prompt="My own words")).content.decode()
    assert 'value="recall:' in page
    assert "My own words" in page
    assert 'value="recall:' not in ana.get(PAGE).content.decode()


# --- presets ---------------------------------------------------------------------------------------------------------
@WAYS
def test_a_preset_keeps_the_prompt_and_the_settings(team, ana, editor, headers):
    anna = make_asset(team, name="Anna")
    typed = a_form(of(anna), prompt="@Anna at dawn", duration="12", seed="7", preset_name="  Dawn  look ")
    answer = ana.post(SAVE, typed, headers=headers)
    assert "Kept as “Dawn look”" in answer.content.decode()
    kept = Preset.objects.get()
    assert (kept.team, kept.name, kept.created_by, kept.model) == (team, "Dawn look", editor, "seedance-2")
    assert (kept.prompt, kept.mentions) == ("@Anna at dawn", {"Anna": str(anna.pk)})
    assert (kept.params["duration"], kept.params["seed"]) == (12, 7)
    form = answer.context["form"]
    assert (form.text, form.references[0].asset) == ("@Anna at dawn", anna)


@WAYS
def test_a_preset_is_applied_with_its_model_and_undone_with_the_old_one(team, ana, headers):
    preset = Preset.objects.create(
        team=team,
        name="Cheap",
        model="seedance-2-mini",
        prompt="Fog",
        params={"duration": 4, "resolution": "480p", "aspect_ratio": "9:16", "generate_audio": False},
    )
    picture = make_asset(team)
    form = checked(ana, of(picture), prompt="My own words", seed="7", do=f"preset:{preset.pk}", headers=headers)
    assert (form.model.id, form.text) == ("seedance-2-mini", "Fog")
    assert form.params["duration"] == 4
    assert form.params["generate_audio"] is False
    assert form.params["seed"] == 7
    assert form.notes[-1] == (
        "“Cheap” changed the model, the prompt, duration, resolution, aspect ratio and sound. All else is as it was."
    )
    assert [each.asset for each in form.references] == [picture]
    sent = a_form(of(picture), model="seedance-2-mini", shown_model="seedance-2-mini", prompt="Fog", duration="4")
    sent |= {"resolution": "480p", "undo": form.data["undo"], "do": "undo"}
    undone = ana.post(CHECK, sent, headers=headers).context["form"]
    assert (undone.model.id, undone.text) == ("seedance-2", "My own words")
    assert (undone.params["duration"], undone.params["seed"]) == (8, 7)
    assert [each.asset for each in undone.references] == [picture]


def test_a_preset_without_a_prompt_leaves_the_prompt(team, ana):
    preset = Preset.objects.create(team=team, name="Long", params={"duration": 15})
    form = checked(ana, prompt="My own words", do=f"preset:{preset.pk}")
    assert (form.text, form.model.id) == ("My own words", "seedance-2")


def test_what_a_preset_does_not_speak_of_stays_as_typed(team, ana):
    model = {"model": "kling-2.6", "shown_model": "kling-2.6"}
    preset = Preset.objects.create(team=team, name="Long", model="kling-2.6", params={"duration": 10})
    form = checked(ana, **model, prompt="My own words", negative_prompt="No people", do=f"preset:{preset.pk}")
    assert (form.text, form.params["negative_prompt"], form.params["duration"]) == ("My own words", "No people", 10)
    assert form.notes == ["“Long” changed duration. All else is as it was."]
    again = checked(ana, **model, duration="10", do=f"preset:{preset.pk}")
    assert again.notes == ["All that “Long” says was set already."]


def test_what_was_composed_is_given_back_with_a_preset_over_it(team, ana):
    preset = Preset.objects.create(team=team, name="Long", params={"duration": 15})
    answer = ana.post(
        CHECK, a_form(prompt="My own words", do=f"preset:{preset.pk}", restored="1"), headers=HTMX
    ).content.decode()
    assert 'id="studio-prompt"' in answer
    assert "My own words" in answer
    kept = ana.post(CHECK, a_form(prompt="My own words", do=f"preset:{preset.pk}"), headers=HTMX).content.decode()
    assert 'id="studio-prompt"' not in kept  # somebody may be typing in it


def test_a_preset_opens_the_studio_from_its_page(team, ana):
    preset = Preset.objects.create(team=team, name="Cheap", model="seedance-2-mini", prompt="Fog over the pier")
    assert f"?preset={preset.pk}" in ana.get(PRESETS).content.decode()
    form = ana.get(f"{PAGE}?preset={preset.pk}").context["form"]
    assert (form.model.id, form.text) == ("seedance-2-mini", "Fog over the pier")


def test_a_preset_of_a_model_that_is_gone_says_so(team, ana):
    preset = Preset.objects.create(team=team, name="Old", model="no-such-model", prompt="Fog")
    form = checked(ana, do=f"preset:{preset.pk}")
    assert form.text == "Fog"
    assert "not offered any more" in form.notes[-1]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "DAWN look"])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_lost(team, ana, name):
    Preset.objects.create(team=team, name="Dawn look")
    answer = ana.post(SAVE, a_form(preset_name=name, prompt="My own words"), headers=HTMX)
    assert answer.status_code == 200
    assert Preset.objects.count() == 1
    assert answer.context["form"].notes
    assert answer.context["form"].text == "My own words"


def test_presets_are_renamed_and_deleted(team, ana):
    dawn, dusk = (Preset.objects.create(team=team, name=name) for name in ("Dawn", "Dusk"))
    ana.post(f"{PRESETS}{dawn.pk}/rename/", {"name": "Morning"})
    page = ana.post(f"{PRESETS}{dusk.pk}/rename/", {"name": "morning"}, follow=True).content.decode()
    assert "a preset called “morning” already" in page
    assert set(Preset.objects.values_list("name", flat=True)) == {"Morning", "Dusk"}
    ana.post(f"{PRESETS}{dusk.pk}/delete/")
    assert list(Preset.objects.values_list("name", flat=True)) == ["Morning"]


def test_a_viewer_sees_presets_and_changes_none(team, viewer, client_of):
    preset = Preset.objects.create(team=team, name="Dawn")
    client = client_of(viewer)
    assert "Rename" not in client.get(PRESETS).content.decode()
    assert client.post(SAVE, a_form(preset_name="x")).status_code == 403
    assert client.post(f"{PRESETS}{preset.pk}/delete/").status_code == 403


def test_settings_far_too_long_for_any_model_are_not_kept(team, ana):
    model = "kling-3.0-omni"
    long = a_form(model=model, shown_model=model, negative_prompt="x" * 60_000, preset_name="Dawn")
    answer = ana.post(SAVE, long, headers=HTMX)
    assert "a preset takes 50,000" in answer.content.decode()
    assert not Preset.objects.exists()


# --- what no page of ours wrote --------------------------------------------------------------------------------------
HALF = "\\ud800"  # of a character: no encoder takes it, and it comes only where JSON spells it


@WAYS
@pytest.mark.parametrize("action", ["undo", "swap", "mention:0"])
def test_half_a_character_in_a_hidden_field_breaks_no_page(team, ana, action, headers):
    anna = make_asset(team, name="Anna")
    undo = f'{{"model": "{HALF}", "values": {{"prompt": "@a{HALF}", "mentions": ""}}, "slots": ["{HALF}"]}}'
    sent = {
        "mentions": f'{{"{HALF}x": "{anna.pk}"}}',
        "kept": f'{{"of": {{"{HALF}": {{"a": "{HALF}"}}}}, "arrived": {{}}}}',
        "undo": undo.replace("@a", "@a\\u0000"),
    }
    checked(ana, of(anna), do=action, headers=headers, **sent)
