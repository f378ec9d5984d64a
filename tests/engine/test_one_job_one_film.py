"""One job is one film, whoever takes it in: several teams may share a key and all see the same job."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from assets_app.engine import differences
from assets_app.models import Discrepancy, Generation
from tests.views.scene import make_team

pytestmark = pytest.mark.django_db(transaction=True)
TEAMS = 6
JOB = {
    "id": "0b7e6f0e-3f0c-4a55-9a51-0c9a2b5a7f11",
    "status": "COMPLETED",
    "model": "seedance-2",
    "result": {"videoUrl": "https://cdn2.apiframe.ai/videos/x.mp4"},
    "creditCost": 64,
    "createdAt": "2026-11-20T10:00:00Z",
}


def listed_in(slug: str) -> Discrepancy:
    return Discrepancy.objects.create(team=make_team(slug), kind="unknown", job_id=JOB["id"], facts={"job": JOB})


def all_take_in(found: list[Discrepancy], admin: User) -> list[Generation | None]:
    """All at once; what each came to."""
    together, made = threading.Barrier(len(found)), []

    def one(each: Any) -> None:
        together.wait()
        try:
            made.append(differences.take_in(each, admin))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[each]) for each in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made


@pytest.mark.parametrize("_again", range(3))
def test_teams_that_share_a_key_take_one_job_in_once(_again):
    admin = User.objects.create_user("ada")
    made = all_take_in([listed_in(f"team-{number}") for number in range(TEAMS)], admin)
    assert len(made) == TEAMS
    assert len([film for film in made if film]) == 1
    assert Generation.objects.filter(job_id=JOB["id"]).count() == 1
