"""What a draft is sent as: cheap, and the same film in everything else."""

from __future__ import annotations

from typing import Any

import pytest

from assets_app import payload
from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Ref
from assets_app.drafting import Plan, draft_of, lowest_resolution

PARAMS = {"duration": 8, "resolution": "720p", "aspect_ratio": "16:9", "generate_audio": True, "seed": 7}
IMAGE = Ref("reference_image", 0, "image", "asset://a")
AUDIO = Ref("reference_audio", 0, "audio", "asset://b")


def draft(model_id: str = "seedance-2", *refs: Ref, **changes: Any) -> Plan:
    return draft_of(Plan(catalogue.load().get(model_id), PARAMS | changes), "A lighthouse", refs)


def test_a_draft_goes_to_the_cheapest_model_of_the_family_at_its_lowest_resolution():
    plan = draft()
    assert (plan.model.id, plan.params["resolution"]) == ("seedance-2-mini", "480p")


def test_everything_else_stays_as_it_was():
    assert draft().params == PARAMS | {"resolution": "480p"}


def test_a_length_that_only_one_model_takes_is_never_shortened():
    plan = draft("seedance-2.5", duration=25)
    assert (plan.model.id, plan.params["duration"], plan.params["resolution"]) == ("seedance-2.5", 25, "480p")


def test_a_model_that_refuses_the_references_is_passed_over():
    assert draft("seedance-2.5", AUDIO).model.id == "seedance-2.5"  # the others take audio in company only
    assert draft("seedance-2.5", AUDIO, IMAGE).model.id == "seedance-2-mini"


def test_more_references_than_the_cheap_model_takes_stay_with_the_one_that_does():
    many = [Ref("reference_image", n, "image", f"asset://{n}") for n in range(12)]
    assert draft("seedance-2.5", *many).model.id == "seedance-2.5"


def test_a_model_without_family_or_price_drafts_at_its_own_lowest_resolution():
    model = catalogue.load().get("kling-2.6")
    plan = draft_of(Plan(model, {"duration": 5, "aspect_ratio": "16:9"}), "A lighthouse")
    assert plan.model.id == "kling-2.6"


@pytest.mark.parametrize(
    ("model_id", "lowest"),
    [("seedance-2", "480p"), ("seedance-2.5", "480p"), ("hailuo-2.3", "768p"), ("kling-2.6", None)],
)
def test_the_lowest_resolution_is_the_one_with_the_fewest_lines(model_id, lowest):
    assert lowest_resolution(catalogue.load().get(model_id)) == lowest


@pytest.mark.parametrize("model", catalogue.load().video_models, ids=lambda model: model.id)
def test_a_draft_of_any_model_is_a_request_its_schema_allows(model):
    defaults = {p.name: p.default for p in model.params.values() if p.default is not None}
    plan = draft_of(Plan(model, defaults), "A lighthouse")
    before = set(catalogue.validate_body(payload.build_body(model.id, "A lighthouse", defaults)))
    assert set(catalogue.validate_body(payload.build_body(plan.model.id, "A lighthouse", plan.params))) <= before
