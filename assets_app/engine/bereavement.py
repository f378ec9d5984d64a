"""What a process held that was killed is free as soon as somebody on its machine sees that it is gone.

On other machines nobody can see that: there leases and claims run out, as they always do.
"""

from __future__ import annotations

from assets_app.engine.waking import wake
from assets_app.models import Asset, Candidate, Comparison, Generation, Lease, Mail, MediaCheck, Original, Video
from assets_app.models.due import Due, DueQuerySet

CLAIMED: tuple[type[Due], ...] = (Asset, Generation, Video, Candidate, Original, Comparison, MediaCheck, Mail)


def free_what_the_dead_hold() -> None:
    """End their leases and their claims now, and wake the engine if there were any.

    A claim ends early, no more: whatever a row says about what was done under it stands, such as that it was sent.
    """
    lanes = Lease.let_go_of_the_dead()
    rows = sum(DueQuerySet(model).let_go_of_the_dead() for model in CLAIMED)
    if lanes or rows:
        wake()
