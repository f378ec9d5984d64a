"""The sandbox plays every video model of the catalogue, not only the family it was made for."""

from __future__ import annotations

from typing import Any

import pytest

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Model, Param
from assets_app.sandbox.casting import film_of
from assets_app.sandbox.store import Job
from tests.sandbox.conftest import Caller

SAMPLE_VALUES: dict[str, Any] = {
    "uri": "https://example.com/a.png",
    "uri_list": ["https://example.com/a.png"],
    "string": "text",
    "boolean": True,
    "number": 1,
}


def value_for(param: Param) -> Any:
    if param.kind == "enum":
        return param.choices[0]
    return param.minimum if param.kind == "integer" else SAMPLE_VALUES[param.kind]


def least_body(model: Model) -> dict[str, Any]:
    """What the model needs, and nothing more."""
    body: dict[str, Any] = {"model": model.id}
    body |= {name: value_for(param) for name, param in model.fields.items() if name in model.required}
    needed = {name: value_for(param) for name, param in model.params.items() if param.required}
    if model.params_key and (needed or model.params_key in model.required):
        body[model.params_key] = needed
    return body


@pytest.fixture
def rich_caller(sandbox: Any, caller: Caller) -> Caller:
    sandbox.configure(job_delay="3600")
    sandbox.set_key(caller.api_key, credits=1_000_000)
    return caller


@pytest.mark.parametrize("model", catalogue.load().video_models, ids=lambda model: model.id)
def test_each_model_takes_its_least_body_for_a_price_and_has_a_film_to_draw(model: Model) -> None:
    body = least_body(model)
    assert catalogue.validate_body(body) == {}

    film = film_of(Job("1", "a", None, body, cost=0, created_at=0, starts_at=0, due_at=0), [])

    assert film.size[0] % 2 == film.size[1] % 2 == 0
    assert 300 <= min(film.size) <= max(film.size) <= 4500
    assert 1 <= film.seconds <= 60


def test_a_model_of_another_family_is_accepted_priced_and_listed(rich_caller: Caller) -> None:
    before = rich_caller.credits()
    job_id = rich_caller.accepted(least_body(catalogue.load().get("veo-3.1")))
    job = rich_caller.job(job_id)
    assert (job["model"], job["status"]) == ("veo-3.1", "QUEUED")
    assert before - rich_caller.credits() == job["creditCost"] > 0
