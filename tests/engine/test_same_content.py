"""The same content registered twice: found once its file is known, linked to what was here before, and said."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from assets_app.models import (
    Asset,
    Connection,
    NewAsset,
    NewFile,
    Original,
    Team,
    add_file,
    register_all,
    registering,
)
from assets_app.models.registering import replace_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(team: Team, sandbox: Any, run_files: Callable[[], int]) -> Callable[..., Asset]:
    """A sample of the sandbox, under whatever query string; our own copy of it is made at once."""

    def one(query: str = "", media_type: str = "image", *, into: Team = team, name: str = "courier.jpg") -> Asset:
        new = NewAsset(f"{sandbox.base_url}/samples/{name}{query}", media_type)
        (asset,) = register_all(into, None, [new])
        run_files()
        return Asset.objects.select_related("original__same_as").get(pk=asset.pk)

    return one


def said_of(asset: Asset) -> list[str]:
    return [event.note["said"] for event in asset.events.filter(subject="library")]


def older(asset: Asset) -> Asset | None:
    return Original.objects.get(pk=asset.pk).older_twin


def test_the_same_file_under_another_query_string_is_linked_to_the_first_and_said(register):
    first, second, third = register(), register("?v=2"), register("?v=3")
    assert [older(each) for each in (first, second, third)] == [None, first, first]
    assert said_of(second) == ["Found to be the same file as “courier”, which was here before"]
    assert said_of(first) == []


def test_what_was_registered_later_and_copied_first_is_the_one_that_is_linked(team, sandbox, run_files):
    urls = [f"{sandbox.base_url}/samples/courier.jpg?{n}" for n in range(2)]
    early, late = (register_all(team, None, [NewAsset(url, "image")])[0] for url in urls)
    Original.objects.filter(pk=early.pk).update(due_at=None)
    run_files()
    assert older(late) is None
    Original.objects.filter(pk=early.pk).update(due_at=timezone.now())
    run_files()
    assert (older(early), older(late)) == (None, early)
    assert said_of(late)


def test_another_teams_file_the_trash_and_another_type_are_not_the_same(register, team, sandbox):
    others = Team.objects.create(name="Others", slug="others")
    Connection.objects.create(team=others, base_url=sandbox.base_url, is_sandbox=True)
    register("?theirs", into=others)
    first = register()
    assert older(first) is None
    as_video = register("?v=2", "video")
    assert older(as_video) is None
    Asset.objects.filter(pk=first.pk).update(trashed_at=timezone.now())
    second = register("?v=3")
    assert older(second) is None
    Asset.objects.filter(pk=first.pk).update(trashed_at=None)
    third = register("?v=4")
    assert older(third) == first
    Asset.objects.filter(pk=first.pk).update(trashed_at=timezone.now())
    assert older(third) is None, "what lies in the trash is offered to nobody"


def test_another_source_is_another_file(register, sandbox):
    register()
    second = register("?v=2")
    Asset.objects.filter(pk=second.pk).update(state="failed", due_at=None)
    assert replace_source(Asset.objects.get(pk=second.pk), f"{sandbox.base_url}/samples/harbour.jpg", None)
    assert older(second) is None


def test_what_is_known_before_it_is_sent_is_not_registered_a_second_time(register, run, until, sandbox):
    first = register()
    until(lambda: Asset.objects.get(pk=first.pk).state == "active")
    second = register("?v=2")  # our copy is faster than the registration
    until(lambda: Asset.objects.get(pk=second.pk).state == "active")
    ids = Asset.objects.values_list("provider_id", flat=True)
    assert len(set(ids)) == 1
    assert Asset.objects.get(pk=second.pk).events.get(to_state="processing").note["same_as"] == "courier"


def test_a_person_who_registers_it_again_gets_a_registration_of_its_own(register, until):
    first = register()
    until(lambda: Asset.objects.get(pk=first.pk).state == "active")
    second = register("?v=2")
    until(lambda: Asset.objects.get(pk=second.pk).state == "active")
    Asset.objects.filter(pk=second.pk).update(state="failed", due_at=None)
    assert registering.register_again(Asset.objects.get(pk=second.pk), None)
    until(lambda: Asset.objects.get(pk=second.pk).state == "active")
    assert len(set(Asset.objects.values_list("provider_id", flat=True))) == 2


def test_registering_waits_for_no_copy(team, run, until, sandbox):
    """Nothing is looked up on the way but what is there."""
    (asset,) = register_all(team, None, [NewAsset(f"{sandbox.base_url}/samples/courier.jpg", "image")])
    until(lambda: Asset.objects.get(pk=asset.pk).state == "active")
    assert Original.objects.get(pk=asset.pk).sha256 == ""


def test_links_of_a_file_are_linked_like_those_of_the_board(team, sandbox, run_files, tmp_path):
    lines = tmp_path / "links.txt"
    lines.write_text("\n".join(f"{sandbox.base_url}/samples/courier.jpg?{n}" for n in range(2)))
    call_command("import_assets", team.slug, str(lines))
    run_files()
    assert Original.objects.exclude(same_as=None).count() == 1


def a_file(team: Team, sha256: str = "ab" * 32) -> NewFile:
    pk = uuid.uuid4()
    name = f"{team.pk}/originals/{pk}/x.png"
    return NewFile(pk, "courier", "image", name, sha256, "image/png", 4)


def test_of_two_uploads_of_one_file_the_second_is_the_first(team):
    first, second = add_file(team, None, a_file(team)), add_file(team, None, a_file(team))
    assert first == second
    assert add_file(team, None, a_file(team, "cd" * 32)) != first


@pytest.mark.django_db(transaction=True)
def test_two_people_who_upload_one_file_at_once_get_one_asset(team):
    found: list[Asset] = []
    together = threading.Barrier(2)

    def upload() -> None:
        together.wait(30)
        found.append(add_file(team, None, a_file(team)))
        connection.close()

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 2
    assert len(set(found)) == 1
    assert Asset.objects.count() == 1
