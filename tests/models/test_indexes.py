"""Questions that are asked of large tables find their index. SQLite keeps no statistics here, so that its plans are the
same for ten rows and for a million; and it takes a partial index only where a question holds its condition word for
word.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from assets_app.films.finding import Reel
from assets_app.films.query import FilmQuery
from assets_app.models import Asset, Generation, Original, Team
from assets_app.views import board
from tests.views.scene import make_generation

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by its statistics"),
]

ASKED: dict[str, tuple[Callable[[Team], QuerySet], str]] = {
    "a job by the provider's id": (
        lambda _: Generation.objects.filter(job_id="job-1"),
        "INDEX generation_job (job_id=?)",
    ),
    "what the provider's list should have": (
        lambda team: Generation.objects.filter(team=team).counted_jobs().filter(sent_at__gte=timezone.now()),
        "INDEX generation_counted (team_id=? AND sent_at>?)",
    ),
    "a file by its content": (
        lambda team: Original.objects.filter(team=team, sha256="ab"),
        "INDEX original_content (team_id=? AND sha256=?)",
    ),
    "the assets of a kind": (
        lambda team: team.assets.live().filter(kind="prop").order_by("-number"),
        "INDEX library_kind (team_id=? AND kind=?)",
    ),
    "the trash of assets": (
        lambda team: Asset.objects.filter(team=team).in_trash().order_by("-trashed_at"),
        "INDEX library_trash (team_id=?",
    ),
    "the trash of films": (
        lambda team: Generation.objects.filter(team=team).in_trash().order_by("-trashed_at", "-id"),
        "INDEX generation_thrown (team_id=?",
    ),
    "what the last jobs were charged": (
        lambda team: Generation.objects.filter(team=team, state="completed", credit_cost__gt=0).order_by(
            "-completed_at"
        ),
        "INDEX generation_charged (team_id=?",
    ),
    "what became Active just now": (
        lambda team: (
            team.assets.live()
            .filter(state="active", state_since__gte=timezone.now() - board.JUST_NOW)
            .order_by("-state_since", "-id")
        ),
        "INDEX asset_board (team_id=? AND state=? AND state_since>?)",
    ),
    "what is on its way": (
        lambda team: team.assets.live().filter(state="processing").order_by("-number"),
        "INDEX library_state (team_id=? AND state=?)",
    ),
    "how many films failed": (
        lambda team: Generation.objects.filter(team=team, state__in=["failed", "cancelled"]).live().values("pk"),
        "COVERING INDEX generation_list (team_id=?)",
    ),
    "how many films one model made": (
        lambda team: Generation.objects.filter(team=team, model="seedance-2").live().values("pk"),
        "COVERING INDEX generation_list (team_id=?)",
    ),
    "films of the team in their order": (
        lambda team: Reel(team, team.members.first(), FilmQuery()).in_order(),
        "INDEX generation_list (team_id=?)",
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_it_is_found_by_its_index(team, editor, what):
    ask, index = ASKED[what]
    plan = ask(team).explain()
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_what_was_made_of_a_film_is_found_among_its_own(team):
    later = make_generation(team).made_later.filter(trashed_at=None).order_by("-created_at", "-id")
    assert "(made_from_id=?)" in later.explain()
