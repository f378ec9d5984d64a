"""System checks for `manage.py check --deploy`."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from assets_app.startup.first_team import WHY_NOT_DEMO, demo_password_is_a_danger


@register(Tags.security, deploy=True)
def nobody_signs_in_with_the_demo_password(**_options: Any) -> list[CheckMessage]:
    try:
        is_danger = demo_password_is_a_danger()
    except DatabaseError:  # nobody at all signs in to a database that is not there yet
        return []
    return [Error(WHY_NOT_DEMO[0].upper() + WHY_NOT_DEMO[1:], id="castboard.E001")] if is_danger else []
