"""Mentioning assets on the Generate page, with what the browser remembers and without."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assets_app.forms import attaching, opening, ordering
from assets_app.forms.mentions import MOST_LOOKED_UP, Mentions
from assets_app.forms.offered import model_called
from assets_app.forms.slots import Filled
from assets_app.forms.studio import StudioForm
from assets_app.models import Asset, Generation, NewReference
from assets_app.money.ordering import Order, start
from assets_app.views.mentioning import offers_for

from .scene import PARAMS, make_asset, make_team
from .test_studio import CHECK, HTMX, PAGE, a_form, of

pytestmark = pytest.mark.django_db

LIST = "/dailies/generate/mentions/"
SEEDANCE = model_called("seedance-2")


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def knowing(**names: Any) -> str:
    return json.dumps({name.replace("_", " "): str(getattr(thing, "pk", thing)) for name, thing in names.items()})


def checked(ana: Client, *references: str, **changes: Any) -> StudioForm:
    answer = ana.post(CHECK, a_form(*references, **changes), headers=HTMX)
    assert answer.status_code == 200
    return answer.context["form"]


def codes(form: StudioForm) -> set[str]:
    return {problem.code for problem in form.refusals}


def test_a_mention_is_sent_as_what_the_model_calls_it_and_kept_as_it_was_typed(team, ana):
    anna, boat = make_asset(team, name="Anna Smith"), make_asset(team, name="Boat")
    prompt = "@Anna Smith rows @Boat"
    ana.post(PAGE, a_form(of(boat), of(anna), prompt=prompt, mentions=knowing(Anna_Smith=anna, Boat=boat)))
    made = Generation.objects.get()
    assert made.prompt == prompt
    assert made.mentions == {"Anna Smith": str(anna.pk), "Boat": str(boat.pk)}
    assert made.build_request(None)["prompt"] == "[Image2] rows [Image1]"


def test_the_page_says_what_the_model_receives(team, ana):
    anna = make_asset(team, name="Anna")
    answer = ana.post(CHECK, a_form(of(anna), prompt="@Anna waves", mentions=knowing(Anna=anna)), headers=HTMX)
    assert '<span class="receives-text">[Image1] waves</span>' in answer.content.decode()
    assert answer.context["code"][0][1].count("[Image1] waves") == 1


def test_the_length_that_counts_is_that_of_what_is_sent(team, ana):
    anna = make_asset(team, name="A" * 100)
    long = f"@{anna.name} " + "x" * 3980
    assert codes(checked(ana, of(anna), prompt=long)) == set()
    assert "prompt_too_long" in codes(checked(ana, of(anna), prompt=long + "x" * 20))


def test_names_follow_the_order_of_the_references(team, ana):
    anna, boat = make_asset(team, name="Anna"), make_asset(team, name="Boat")
    typed = {"prompt": "@Anna rows [Image2]", "mentions": knowing(Anna=anna)}
    form = checked(ana, of(anna), of(boat), do="down:0", **typed)
    assert form.text == "@Anna rows [Image1]"
    assert form.mentioned.rendered == "[Image2] rows [Image1]"


def test_a_frame_is_mentioned_in_words(team, ana):
    anna = make_asset(team, name="Anna")
    form = checked(ana, of(anna, "start_image"), prompt="From @Anna on", aspect_ratio="adaptive")
    assert form.mentioned.rendered == "From the first frame on"


def test_a_mention_of_what_is_not_attached_is_refused_and_one_button_attaches_it(team, ana):
    anna = make_asset(team, name="Anna")
    typed = {"prompt": "@Anna waves", "mentions": knowing(Anna=anna)}
    answer = ana.post(PAGE, a_form(**typed), headers=HTMX)
    assert not Generation.objects.exists()
    page = answer.content.decode()
    assert "mentioned but not among the references" in page
    assert f'value="attach:{anna.pk}"' in page
    form = checked(ana, do=f"attach:{anna.pk}", **typed)
    assert [each.asset for each in form.references] == [anna]
    assert codes(form) == set()
    assert form.mentioned.rendered == "[Image1] waves"


def test_what_is_removed_from_the_references_stays_mentioned_by_identity(team, ana):
    anna = make_asset(team, name="Anna")
    form = checked(ana, of(anna), prompt="@Anna waves", do="remove:0")
    assert [each.asset for each in form.mentioned.loose] == [anna]
    assert codes(form) == {"mention_loose"}


def test_a_direct_url_may_be_mentioned_and_attached_again(team, ana):
    url = "https://media.example/harbour.png"
    typed = {"prompt": "At @harbour.png", "mentions": ""}
    form = checked(ana, f"reference_image:url:{url}", **typed)
    assert form.mentioned.used == {"harbour.png": url}
    assert form.mentioned.rendered == "At [Image1]"
    again = checked(ana, do=f"attach:{url}", prompt="At @harbour.png", mentions=form.mentioned.as_json)
    assert [each.url for each in again.references] == [url]


# --- typed by hand, without what a browser remembers -----------------------------------------------------------------
def test_a_name_typed_by_hand_means_the_reference_of_that_name_first(team, ana):
    attached, other = make_asset(team, name="Anna"), make_asset(team, name="Anna")
    form = checked(ana, of(attached), prompt="@anna waves")
    assert form.mentioned.used == {"anna": str(attached.pk)}
    assert form.mentioned.rendered == "[Image1] waves"
    assert str(other.pk) not in form.mentioned.as_json


def test_a_name_typed_by_hand_is_looked_up_in_the_library(team, ana):
    anna = make_asset(team, name="Anna Smith")
    make_asset(team, name="Anna")
    make_asset(make_team("rivals"), name="Anna Smith waves")
    form = checked(ana, prompt="@Anna Smith waves")
    assert [each.asset for each in form.mentioned.loose] == [anna]


def test_a_name_that_several_have_is_asked_about(team, ana):
    one, two = make_asset(team, name="Anna"), make_asset(team, name="Anna")
    answer = ana.post(CHECK, a_form(prompt="@Anna waves"), headers=HTMX)
    assert codes(answer.context["form"]) == {"mention_in_doubt"}
    page = answer.content.decode()
    assert "Several assets are called “Anna”" in page
    assert f'value="mean:{one.pk}:Anna"' in page
    form = checked(ana, prompt="@Anna waves", do=f"mean:{two.pk}:Anna")
    assert [each.asset for each in form.references] == [two]
    assert codes(form) == set()


def test_two_of_one_name_are_both_mentioned(team, ana):
    one, two = make_asset(team, name="Anna"), make_asset(team, name="Anna")
    form = checked(ana, of(one), of(two), prompt="@Anna meets @Anna 2")
    assert form.mentioned.rendered == "[Image1] meets [Image2]"
    turned = checked(ana, of(one), of(two), prompt=form.text, mentions=form.mentioned.as_json, do="down:0")
    assert turned.mentioned.rendered == "[Image2] meets [Image1]"


def test_a_sign_that_means_nothing_is_only_pointed_out(team, ana):
    form = checked(ana, prompt="@Nobody looks @ the sea, mail a@b.example, @image1")
    assert codes(form) == set()
    assert [each.message for each in form.warnings if each.code == "mention_unknown"] == [
        "“@Nobody” is no asset of your team: the model reads it as it stands."
    ]
    assert form.mentioned.rendered == form.text


# --- what is attached but never named --------------------------------------------------------------------------------
def test_references_that_the_prompt_never_names_are_pointed_out(team, ana):
    anna, boat, sea = (make_asset(team, name=name) for name in ("Anna", "Boat", "Sea"))
    answer = ana.post(CHECK, a_form(of(anna), of(boat), of(sea), prompt="@Boat and Image 3"), headers=HTMX)
    assert [name.handle for name in answer.context["names"] if name.is_unnamed] == ["Anna"]
    assert "Not mentioned yet:" in answer.content.decode()
    form = checked(ana, of(anna), of(boat), prompt="@Boat", do="mention:0")
    assert form.text == "@Boat @Anna "
    assert form.mentioned.unnamed == []


def test_a_start_image_needs_no_mention(team, ana):
    assert checked(ana, of(make_asset(team), "start_image")).mentioned.unnamed == []


# --- made before -----------------------------------------------------------------------------------------------------
def test_edit_again_shows_what_was_mentioned_by_its_present_name(team, ana):
    anna = make_asset(team, name="Anna")
    order = Order(
        uuid.uuid4(),
        "seedance-2",
        "@Anna waves",
        PARAMS,
        [NewReference("reference_image", "image", anna)],
        {"Anna": str(anna.pk)},
    )
    (made,) = start(team, None, order)
    Asset.objects.filter(pk=anna.pk).update(name="Ana Lima")
    form = opening.of_generation(team, made)
    assert form.text == "@Ana Lima waves"
    assert form.mentioned.rendered == "[Image1] waves"
    assert ordering.is_same_as(form, made)
    assert "@Ana Lima waves" in ana.get(f"{PAGE}?from={made.pk}").content.decode()


# --- what no page of ours sent ---------------------------------------------------------------------------------------
def test_another_teams_asset_is_never_shown_nor_sent(team, ana):
    foreign = make_asset(make_team("rivals"), name="Secret")
    answer = ana.post(PAGE, a_form(prompt="@Anna waves", mentions=knowing(Anna=foreign)), headers=HTMX)
    assert not Generation.objects.exists()
    assert "Secret" not in answer.content.decode()
    assert codes(answer.context["form"]) == {"mention_gone"}
    assert checked(ana, prompt="x", do=f"attach:{foreign.pk}").references == []
    assert checked(ana, prompt="@Anna", do=f"mean:{foreign.pk}:Anna").references == []


@pytest.mark.parametrize(
    "mentions",
    ["[]", "{", "null", "1", '{"Anna": 1}', '{"": "x"}', '{"Anna": "javascript:alert(1)"}', "[" * 100_000, '{"a":{}}'],
)
def test_a_damaged_memory_is_no_memory(team, ana, mentions):
    anna = make_asset(team, name="Anna")
    assert checked(ana, of(anna), prompt="@Anna", mentions=mentions).mentioned.used == {"Anna": str(anna.pk)}


def test_a_prompt_full_of_signs_costs_one_look_at_the_library(team, ana):
    for number in range(30):
        make_asset(team, name=f"Shot {number}")

    def queries(prompt: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            ana.post(CHECK, a_form(prompt=prompt), headers=HTMX)
        return len(captured)

    assert queries("@Shot 1 " * 40 + "@Nobody " * 40) == queries("@Shot 1 @Nobody")


# --- the list that @ opens -------------------------------------------------------------------------------------------
def test_of_equal_names_those_that_can_be_sent_at_once_come_first(team, ana):
    active, _waits = make_asset(team, name="Mara close up"), make_asset(team, state="processing", name="Mara asleep")
    assert "Mara close up" in (listed := ana.post(LIST, a_form(mention="ma"), headers=HTMX).content.decode())
    assert listed.index(str(active.pk)) < listed.index("Mara asleep")


def test_the_list_offers_what_is_attached_first_and_then_what_was_just_added(team, ana):
    old, attached, new = (make_asset(team, name=f"Harbour {name}") for name in ("old", "here", "new"))
    make_asset(team, name="Harbour broken", state="failed")
    make_asset(make_team("rivals"), name="Harbour theirs")
    answer = ana.post(LIST, a_form(of(attached), mention="harb"), headers=HTMX)
    assert [offer.identity for offer in answer.context["offers"]] == [str(each.pk) for each in (attached, new, old)]
    page = answer.content.decode()
    assert page.count('role="option"') == 3
    assert "[Image1]" in page


def offered(team: Any, text: str, *references: Filled) -> list[str]:
    form = opening.fresh(team, SEEDANCE, references, {})
    return [offer.handle for offer in offers_for(form, text)]


def make_frame(team: Any, name: str) -> Any:
    made = make_asset(team, name=name)
    Asset.objects.filter(pk=made.pk).update(made_by="last_frame")
    return Asset.objects.get(pk=made.pk)


def test_names_that_are_or_begin_with_what_is_typed_come_first(team):
    for name in ("Courier", "Courier in red", "The courier's bag"):
        make_asset(team, name=name)
    for number in range(14):
        make_asset(team, name=f"Wide shot {number} of a courier")
    assert offered(team, "cour")[:2] == ["Courier in red", "Courier"]
    assert offered(team, "courier")[:2] == ["Courier", "Courier in red"]
    assert offered(team, "wide shot 1")[0].startswith("Wide shot 1")


def test_frames_and_films_made_here_are_offered_only_to_whoever_types_their_name(team):
    courier = make_asset(team, name="Courier")
    for number in range(14):
        make_frame(team, f"Last frame: Wide shot {number}. courier")
    assert offered(team, "cour") == ["Courier"]
    assert offered(team, "") == ["Courier"]
    assert len(offered(team, "last")) == 12
    frame = make_frame(team, "Last frame: the courier")
    attached = [Filled("reference_image", "image", asset=frame)]
    assert offered(team, "cour", *attached) == ["Courier", frame.name]
    assert courier.name in offered(team, "", *attached)


def test_a_sign_that_nothing_is_called_offers_nothing(team):
    asset = make_asset(team, name="DSC01273 🎬")
    attached = [Filled("reference_image", "image", asset=asset)]
    for text in ("?", "€", "_"):
        assert offered(team, text) == offered(team, text, *attached) == []
    for text in ("🎬", "1273"):
        assert offered(team, text) == offered(team, text, *attached) == [asset.name]


def test_the_list_offers_names_that_nothing_else_has(team):
    one, two = make_asset(team, name="Anna"), make_asset(team, name="Anna")
    form = attaching.with_asset(opening.fresh(team, model_called("seedance-2"), [], {}), str(one.pk))
    assert [(offer.handle, offer.identity) for offer in offers_for(form, "ann")] == [
        ("Anna", str(one.pk)),
        ("Anna 2", str(two.pk)),
    ]


def test_a_prompt_with_very_many_signs_is_not_looked_through_to_its_end(team):
    found = Mentions(team, model_called("seedance-2"), [], " ".join(f"@bob{number}" for number in range(500)), {})
    assert found.unknown == [f"bob{number}" for number in range(MOST_LOOKED_UP)]


@pytest.mark.parametrize("typed", ["She meets @Nob", "She meets @Nobody"])
def test_a_name_that_is_being_typed_is_not_called_unknown_before_the_press(team, ana, typed):
    said = "is no asset of your team: the model reads it as it stands."
    for prompt, is_said in ((typed, False), (f"{typed} at the pier", True)):
        answer = ana.post(CHECK, a_form(prompt=prompt), headers=HTMX)
        assert any(said in each.message for each in answer.context["prompt_problems"]) == is_said
