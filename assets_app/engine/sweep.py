"""The slow rounds. Every Active asset is asked about now and then, so that one which the provider has dropped is
registered again before anybody misses it; and films that were saved before clips were made get theirs.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from assets_app.engine.waking import FILES, PROVIDER, wake
from assets_app.models import Asset, Candidate, Connection, Generation, Original, Video

SHARE = 0.02  # of a key's requests, whatever the size of the libraries behind it
VERIFIED_EVERY = timedelta(hours=12)
CLIPS = 10


def sweep() -> int:
    """For one minute: make those due that were not heard of for longest, as many as the share allows. A team that has
    anything else to do is left alone. Returns how many.
    """
    used: Counter[str] = Counter()
    for connection in Connection.objects.order_by("?"):
        share = max(1, int(connection.requests_per_minute * SHARE)) - used[connection.fingerprint]
        if share > 0 and not connection.stops_everything and not _is_busy(connection):
            used[connection.fingerprint] += _make_due(connection, share)
    total = used.total()
    if total:
        wake(PROVIDER)
    return total


def _is_busy(connection: Connection) -> bool:
    return any(model.objects.due().filter(team_id=connection.team_id).exists() for model in (Asset, Generation))


def _make_due(connection: Connection, most: int) -> int:
    now = timezone.now()
    resting = Asset.objects.live().filter(team_id=connection.team_id, state="active", due_at=None)
    stale = resting.filter(verified_at__lt=now - VERIFIED_EVERY).order_by("verified_at").values_list("pk", flat=True)
    return Asset.objects.filter(pk__in=list(stale[:most]), state="active", due_at=None).update(due_at=now)


def sweep_clips() -> int:
    """For one minute: make some films due for their clip, the newest first, while no copy is owed to anybody. Returns
    how many.
    """
    if any(model.objects.due().exists() for model in (Video, Candidate, Original)):
        return 0
    without = Video.objects.filter(state="saved", clip=None, due_at=None)
    newest = without.order_by("-state_since").values_list("pk", flat=True)[:CLIPS]
    made_due = without.filter(pk__in=list(newest)).update(due_at=timezone.now())
    if made_due:
        wake(FILES)
    return made_due
