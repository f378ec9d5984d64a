"""Which assets the provider is asked about first."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from assets_app.models import Asset

AHEAD = timedelta(days=1)


def ask_first_about(assets: list[uuid.UUID]) -> None:
    """A film waits for them: they go before a whole library that is due since another account's key came. One that was
    put off keeps its time.
    """
    now = timezone.now()
    ahead = now - AHEAD
    crowded = Q(due_at=None) | Q(due_at__gt=ahead, due_at__lte=now)
    Asset.objects.filter(crowded, pk__in=assets, state="active", claim=None).update(due_at=ahead)
