"""The door to one film: only through the team, and the few things that every view of a film asks."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404

from assets_app.middleware import TeamRequest
from assets_app.models import Generation
from assets_app.views.takes import takes_of


def film_of(request: TeamRequest, pk: uuid.UUID) -> Generation:
    """404 for another team's, as for none."""
    return get_object_or_404(takes_of(request.team), pk=pk)


def is_sandbox(request: TeamRequest) -> bool:
    connection = getattr(request.team, "connection", None)
    return bool(connection and connection.is_sandbox)
