"""What the Generate form makes of what a page sends, without a page."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from assets_app.apiframe import catalogue
from assets_app.forms import buttons, opening, ordering, slots
from assets_app.forms.controls import editable_params
from assets_app.forms.meters import meters_of
from assets_app.forms.notes import CannotPlace
from assets_app.forms.offered import model_called, offered_models
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.forms.switching import carry_over
from assets_app.models import Team

from .scene import make_asset, make_generation, make_team

pytestmark = pytest.mark.django_db

SEEDANCE = catalogue.load().get("seedance-2")


@pytest.fixture
def team() -> Team:
    return make_team()


def form_for(team: Team, *references: Filled, **values: Any) -> StudioForm:
    return opening.fresh(team, SEEDANCE, references, {"prompt": "A quiet sea", **values})


def filled(asset: Any, slot: str = "") -> Filled:
    return Filled(slot or f"reference_{asset.media_type}", asset.media_type, asset=asset)


def codes(form: StudioForm) -> set[str]:
    return {problem.code for problem in form.refusals}


def url_reference(slot: str, name: str) -> Filled:
    media_type = next(each.media_type for each in SEEDANCE.slots if each.name == slot)
    return Filled(slot, media_type, url=f"https://media.example/{name}")


def test_every_model_gets_a_control_for_each_of_its_parameters(team):
    for model in offered_models():
        names = [control.param.name for control in opening.fresh(team, model, [], {}).controls]
        assert set(names) == set(model.params) - {slot.param for slot in model.slots}
        first = [name for name in ("duration", "resolution", "aspect_ratio") if name in names]
        assert names[: len(first)] == first


def test_the_defaults_are_a_request_the_provider_takes(team):
    for model in offered_models():
        needed = [
            Filled(slot.name, slot.media_type, url=f"https://media.example/{slot.name}")
            for slot in model.slots
            if slot.minimum
        ]
        form = opening.fresh(team, model, needed, {"prompt": "A quiet sea"})
        assert form.refusals == []
        assert catalogue.validate_body(form.request_body()) == {}


def test_nothing_is_wrong_but_the_prompt_on_a_fresh_form(team):
    assert codes(opening.fresh(team, SEEDANCE, [], {})) == {"prompt_empty"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("duration", "99"), ("duration", "8.5"), ("duration", ""), ("resolution", "8k"), ("seed", "many")],
)
def test_a_value_the_model_does_not_take_is_refused_beside_its_control(team, name, value):
    form = form_for(team, **{name: value})
    assert [problem.field for problem in form.refusals] == [name]
    assert not form.is_valid()


def test_changing_the_model_keeps_what_fits_and_says_what_does_not():
    new = catalogue.load().get("seedance-2.5")
    kept, notes = carry_over(SEEDANCE, new, {"duration": "12", "resolution": "4k", "aspect_ratio": "9:16", "seed": "7"})
    assert (kept["duration"], kept["aspect_ratio"], kept["seed"]) == ("12", "9:16", "7")
    assert kept["resolution"] == "720p"
    assert [("4k" in note, "720p" in note) for note in notes] == [(True, True)]


def test_changing_the_model_brings_a_number_to_the_nearest_that_fits():
    kept, notes = carry_over(catalogue.load().get("seedance-2.5"), SEEDANCE, {"duration": "30"})
    assert kept["duration"] == 15
    assert len(notes) == 1


@given(
    old=st.sampled_from(offered_models()),
    new=st.sampled_from(offered_models()),
    values=st.dictionaries(
        st.sampled_from([param.name for param in editable_params(SEEDANCE)]),
        st.one_of(
            st.none(), st.text(max_size=8), st.integers().map(str), st.sampled_from(["4k", "720p", "16:9", "on"])
        ),
    ),
)
def test_what_is_carried_over_is_either_unchanged_or_told(old, new, values):
    kept, notes = carry_over(old, new, values)
    changed = {name for name, value in kept.items() if value != values.get(name)}
    left_out = {
        param.name
        for param in editable_params(old)
        if param.name not in kept and (value := values.get(param.name)) and str(value) != str(param.default)
    }
    assert len(notes) == len(changed) + len(left_out)


def test_an_asset_goes_to_the_first_open_slot_of_its_type(team):
    references: list[Filled] = []
    for asset in [make_asset(team), make_asset(team, "video"), make_asset(team, "audio"), make_asset(team)]:
        references = slots.place(references, asset, SEEDANCE)
    assert [each.slot for each in references] == [
        "reference_image",
        "reference_video",
        "reference_audio",
        "reference_image",
    ]


@pytest.mark.parametrize("model", [each for each in offered_models() if each.slot_for("end")], ids=lambda each: each.id)
def test_no_pick_ever_goes_into_the_end_image_by_itself(team, model):
    references: list[Filled] = []
    for _ in range(3):
        with suppress(CannotPlace):
            references = slots.place(references, make_asset(team), model)
    end = model.slot_for("end").name
    assert references
    assert end not in {each.slot for each in references}
    assert slots.place(references, make_asset(team), model, end)[-1].slot == end


def test_a_pick_beside_a_start_image_says_what_can_be_done_with_it(team):
    lantern = make_asset(team, name="Lantern")
    with pytest.raises(CannotPlace, match=r"^Lantern was not added\. Start image: 1 of 1 taken\.") as why:
        slots.place([filled(make_asset(team), "start_image")], lantern, SEEDANCE)
    assert [(fix.do, fix.label) for fix in why.value.note.fixes] == [
        (f"beside-frames:{lantern.pk}", "Send the frame as a reference too"),
        (f"put:end_image:{lantern.pk}", "Use it as end image"),
    ]


def test_a_full_slot_says_why_nothing_was_added(team):
    full = [filled(make_asset(team, "video")) for _ in range(3)]
    with pytest.raises(CannotPlace, match="3 of 3"):
        slots.place(full, make_asset(team, "video"), SEEDANCE)


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_an_asset_the_provider_cannot_use_is_not_placed(team, state):
    with pytest.raises(CannotPlace, match="register it again"):
        slots.place([], make_asset(team, state=state), SEEDANCE)


def test_the_same_asset_is_not_placed_twice_in_a_slot(team):
    asset = make_asset(team)
    with pytest.raises(CannotPlace, match="already there"):
        slots.place([filled(asset)], asset, SEEDANCE)


def test_an_asset_that_is_still_processing_may_be_used_and_is_waited_for(team):
    form = form_for(team, filled(make_asset(team, state="processing")))
    assert form.refusals == []
    assert len(form.waits_for) == 1


def test_an_asset_that_failed_meanwhile_keeps_the_button_off(team):
    assert codes(form_for(team, filled(make_asset(team, state="failed")))) == {"unusable"}


def test_a_reference_moves_among_its_own_kind_only(team):
    a, b, film = filled(make_asset(team)), filled(make_asset(team)), filled(make_asset(team, "video"))
    assert slots.shift([a, film, b], 2, -1) == [b, film, a]
    assert slots.shift([a, film, b], 0, -1) == [a, film, b]


def test_start_and_end_image_change_places(team):
    start, end = filled(make_asset(team), "start_image"), filled(make_asset(team), "end_image")
    swapped = slots.transfer([start, end], 0, "end_image", SEEDANCE)
    assert {each.slot: each.asset for each in swapped} == {"start_image": end.asset, "end_image": start.asset}


def test_a_film_does_not_become_a_start_image(team):
    with pytest.raises(CannotPlace):
        slots.transfer([filled(make_asset(team, "video"))], 0, "start_image", SEEDANCE)


def test_the_names_in_the_prompt_follow_the_references_they_meant(team):
    form = form_for(
        team,
        filled(make_asset(team, name="Ana")),
        filled(make_asset(team, name="Boat")),
        prompt="[Image1] waves from [Image2], [Image2] rocks, [Video1] stays",
    )
    assert buttons.after(form, "down:0").text == "[Image2] waves from [Image1], [Image1] rocks, [Video1] stays"
    assert buttons.after(form, "remove:0").text == "Ana waves from [Image1], [Image1] rocks, [Video1] stays"
    assert buttons.after(form, "move:0:start_image").text == "Ana waves from [Image1], [Image1] rocks, [Video1] stays"


@given(st.lists(st.sampled_from("abcd"), unique=True, min_size=2), st.data())
def test_after_any_moves_the_prompt_still_means_the_same_pictures(names, data):
    references = [url_reference("reference_image", name) for name in names]
    prompt = " ".join(slots.token_of(references, n, SEEDANCE) for n in range(len(references)))
    index = data.draw(st.integers(0, len(names) - 1))
    after = slots.shift(references, index, data.draw(st.sampled_from([-1, 1])))
    called = {slots.token_of(after, n, SEEDANCE): after[n].name for n in range(len(after))}
    assert [called[token] for token in slots.renumber(prompt, references, after, SEEDANCE, {}).split()] == names


@pytest.mark.parametrize(
    "url",
    [
        "",
        "media.example/a.png",
        "ftp://media.example/a.png",
        "https://",
        "https://ana:secret@media.example/a.png",
        "https://media.example/a b.png",
        "https://media.example/" + "a" * 2000,
        "http://[::1/a.png",
        "javascript:alert(1)",
    ],
)
def test_an_address_the_provider_could_not_fetch_is_said_to_be_one(url):
    assert slots.problem_with_url(url)


@given(st.lists(st.text(max_size=40), max_size=8))
def test_what_no_page_of_ours_wrote_is_dropped_quietly(values):
    team = Team(pk=uuid.uuid4())
    for reference in slots.read_all(team, SEEDANCE, [value for value in values if ":asset:" not in value]):
        assert reference.url


def test_references_survive_the_round_trip_through_the_page(team):
    made = [
        filled(make_asset(team, "video")),
        url_reference("reference_image", "a:b?c=d#e"),
        filled(make_asset(team), "start_image"),
    ]
    assert slots.read_all(team, SEEDANCE, [each.value for each in made]) == made


def test_another_teams_asset_is_refused(team):
    foreign = make_asset(make_team("rivals"))
    data = QueryDict(mutable=True)
    data.update({"prompt": "x", "reference": f"reference_image:asset:{foreign.pk}", "duration": "8"})
    form = opening.posted(team, data)
    assert form.references[0].asset is None
    assert "unusable" in codes(form)
    assert buttons.after(form_for(team), f"add:{foreign.pk}").references == []


def test_the_meter_counts_pictures_and_adds_seconds(team):
    references = [
        filled(make_asset(team)),
        filled(make_asset(team, "video", seconds=4.2)),
        filled(make_asset(team, "video", seconds=5.2)),
        url_reference("reference_audio", "bell.mp3"),
    ]
    words = {meter.slot.name: (meter.words, meter.is_over) for meter in meters_of(SEEDANCE, references)}
    assert words == {
        "reference_image": ("1/9", False),
        "reference_video": ("9.4/15 s", False),
        "reference_audio": ("0+/15 s", False),
    }


def test_too_many_seconds_keep_the_button_off(team):
    form = form_for(team, *(filled(make_asset(team, "video", seconds=9)) for _ in range(2)), aspect_ratio="adaptive")
    assert "seconds_total" in codes(form)


def test_a_start_image_beside_references_is_in_doubt_and_keeps_nothing_off(team):
    references = filled(make_asset(team)), filled(make_asset(team), "start_image")
    form = form_for(team, *references, aspect_ratio="adaptive")
    assert not codes(form)
    assert form.doubts_said == "frames_beside_references"


def test_the_price_follows_duration_resolution_and_reference_videos(team):
    mini = model_called("seedance-2-mini")

    def credits_for(*references: Filled, **values: Any) -> int | None:
        price = opening.fresh(team, mini, references, {"prompt": "x", "resolution": "480p", **values}).price
        return price.credits_low if price else None

    assert credits_for(duration="8") == 32
    assert credits_for(duration="10") == 40
    assert credits_for(filled(make_asset(team, "video", seconds=3)), duration="8") == 40
    assert credits_for(duration="many") is None


def test_a_form_made_from_a_generation_says_the_same(team):
    generation = make_generation(team, references=[filled(make_asset(team)).as_new_reference()])
    form = opening.of_generation(team, generation)
    assert ordering.is_same_as(form, generation)
    assert form.refusals == []
    assert not ordering.is_same_as(buttons.after(form, "remove:0"), generation)
