"""Who may change things: members look, editors act, admins run the team."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase

from assets_app.middleware import TeamRequest
from assets_app.models import Membership

View = Callable[..., HttpResponseBase]


def editors_only(view: View) -> View:
    """403 for a member who may only look. The team itself is settled by the middleware."""
    return _only(view, lambda membership: membership.may_edit)


def admins_only(view: View) -> View:
    """403 for a member who does not run the team."""
    return _only(view, lambda membership: membership.is_admin)


def _only(view: View, may: Callable[[Membership], bool]) -> View:
    @wraps(view)
    def guarded(request: TeamRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.membership):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
