"""Films that somebody asked for and that were not sent yet, when they are taken out of the team or may not spend its
credits any more: they are not sent, and it is said.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from assets_app.engine import retrying
from assets_app.models import Event, Generation, Membership, Team
from assets_app.views.team_history import words_of
from tests.views.scene import make_generation

Role = Membership.Role


def membership(user: User, team: Team) -> Membership:
    return Membership.objects.get(user=user, team=team)


@pytest.fixture
def films(team: Team, editor: User, admin: User) -> dict[str, Generation]:
    """Of the editor one in each place that is still ours, and what is not theirs or not ours."""
    return {
        "queued": make_generation(team, "queued", by=editor),
        "waiting": make_generation(team, "waiting", by=editor),
        "for a yes": make_generation(team, "approval", by=editor, sent_at=None, job_id=""),
        "of the admin": make_generation(team, "queued", by=admin),
        "made": make_generation(team, "processing", by=editor),
    }


def states(films: dict[str, Generation]) -> dict[str, str]:
    return {name: Generation.objects.get(pk=film.pk).state for name, film in films.items()}


ENDED = {"queued": "cancelled", "waiting": "cancelled", "for a yes": "cancelled"}
GO_ON = {"of the admin": "queued", "made": "processing"}


def test_they_are_cancelled_when_somebody_is_taken_out(
    team: Team, editor: User, admin: User, films: dict[str, Generation], client_of: Callable[[User], Client]
) -> None:
    page = client_of(admin).post(f"/dailies/members/{membership(editor, team).pk}/end/", follow=True)
    assert states(films) == ENDED | GO_ON
    assert "3 films of theirs not yet sent are cancelled." in page.content.decode()
    assert "films not yet sent, cancelled with that: 3" in words_of(Event.objects.get(to_state="removed"))
    assert Event.objects.filter(generation=films["queued"], to_state="cancelled", actor=admin).exists()


def test_and_when_somebody_leaves(team: Team, editor: User, films: dict[str, Generation]) -> None:
    membership(editor, team).end(by=membership(editor, team))
    assert states(films) == ENDED | GO_ON


def test_and_when_somebody_may_only_look_from_now_on(
    team: Team, editor: User, admin: User, films: dict[str, Generation]
) -> None:
    membership(editor, team).change_role(Role.VIEWER, by=membership(admin, team))
    assert states(films) == ENDED | GO_ON
    assert "cancelled with that: 3" in words_of(Event.objects.get(to_state="role"))


def test_but_not_when_an_admin_becomes_an_editor(
    team: Team, editor: User, admin: User, films: dict[str, Generation]
) -> None:
    membership(editor, team).change_role(Role.ADMIN, by=membership(admin, team))
    membership(editor, team).change_role(Role.EDITOR, by=membership(admin, team))
    assert "cancelled" not in states(films).values()


def test_one_that_is_being_sent_comes_to_an_end_unless_the_provider_takes_it(
    team: Team, editor: User, admin: User
) -> None:
    film = make_generation(team, "queued", by=editor)
    Generation.objects.filter(pk=film.pk).update(sent_at=timezone.now())
    membership(editor, team).end(by=membership(admin, team))
    film.refresh_from_db()
    assert (film.state, film.cancel_asked_by) == ("queued", admin)
    assert not film.come_back()
    assert film.state == "cancelled"


def test_what_fails_later_is_not_tried_again_by_itself(team: Team, editor: User, admin: User) -> None:
    failed = make_generation(team, "failed", by=editor, reason="No available capacity for model")
    membership(editor, team).end(by=membership(admin, team))
    assert "may not spend" in retrying.try_again(failed)
    assert Generation.objects.count() == 1
