"""A new database is made in one step of what older ones went through: both must end alike."""

from __future__ import annotations

from typing import Any

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState

Described = dict[str, Any]


def test_a_new_database_is_like_one_that_took_every_step() -> None:
    in_one_step, step_by_step = MigrationLoader(None), MigrationLoader(None, replace_migrations=False)
    assert described(in_one_step.project_state()) == described(step_by_step.project_state())


def described(state: ProjectState) -> Described:
    return {name: _described(model) for (app, name), model in state.models.items() if app == "assets_app"}


def _described(model: ModelState) -> Described:
    """Its fields, indexes and constraints, in no order."""
    told: Described = {f"field {name}": field.deconstruct()[1:] for name, field in model.fields.items()}
    for kind in ("indexes", "constraints"):
        told |= {f"{kind} {each.name}": each.deconstruct() for each in model.options.get(kind, [])}
    told["options"] = {name: value for name, value in model.options.items() if name not in ("indexes", "constraints")}
    return told
