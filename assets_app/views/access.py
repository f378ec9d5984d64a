"""Who may change things: members look, editors act."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase

from assets_app.middleware import TeamRequest

View = Callable[..., HttpResponseBase]


def editors_only(view: View) -> View:
    """403 for a member who may only look. The team itself is settled by the middleware."""

    @wraps(view)
    def guarded(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.membership.may_edit:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
