"""The models that people may choose from, and which one is meant where another is named."""

from __future__ import annotations

from assets_app.apiframe import catalogue
from assets_app.apiframe.catalogue import Model


def offered_models() -> list[Model]:
    return catalogue.load().video_models


def model_called(model_id: str | None) -> Model:
    """The offered model of this id; for one that is not offered the nearest, and the first when none was named."""
    return catalogue.load().nearest(model_id) if model_id else offered_models()[0]


def not_offered(model_id: str) -> list[str]:
    """What is said of a model that is not in the catalogue (any more); nothing of one that is."""
    known = catalogue.load()
    if model_id in known.models:
        return []
    nearest_one = known.nearest(model_id).label
    return [f"“{model_id[:60]}” is not offered any more; the nearest is {nearest_one}, which is chosen now."]
