"""What the provider forgets is found out before it is used, and registered again under the same identity."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assets_app.engine.sweep import SHARE, VERIFIED_EVERY, sweep
from assets_app.models import Asset, Connection, Generation, NewReference, Original, Team
from assets_app.tasks import tick
from tests.views.scene import make_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def active(new_asset, until, run_files):
    def make(**columns):
        asset = new_asset()
        run_files()
        until(lambda: Asset.objects.get(pk=asset.pk).state == "active")
        Asset.objects.filter(pk=asset.pk).update(**columns)
        asset.refresh_from_db()
        return asset

    return make


def hours_ago(hours: float):
    return timezone.now() - timedelta(hours=hours)


def use(new_generation, asset: Asset) -> Generation:
    return new_generation((NewReference("reference_image", "image", asset),))


def states(asset: Asset) -> list[str]:
    return list(asset.events.filter(subject="").order_by("id").values_list("to_state", flat=True))


def test_an_asset_heard_of_lately_is_used_without_asking(active, new_generation, run):
    asset = active()
    before = asset.verified_at
    generation = use(new_generation, asset)
    run()
    generation.refresh_from_db()
    asset.refresh_from_db()
    assert generation.state in ("submitted", "processing", "completed")
    assert asset.verified_at == before


def test_an_asset_not_heard_of_for_an_hour_is_verified_before_it_is_used(active, new_generation, until):
    asset = active(verified_at=hours_ago(2))
    generation = use(new_generation, asset)
    until(lambda: Generation.objects.get().state not in ("waiting", "queued"))
    asset.refresh_from_db()
    assert asset.is_fresh
    assert asset.due_at is None
    assert states(asset)[-1] == "active"
    generation.refresh_from_db()
    assert f"asset://{asset.provider_id}" in str(generation.request)


def test_one_that_is_gone_is_registered_again_and_the_generation_waits_for_it(active, new_generation, until):
    asset = active(verified_at=hours_ago(2), provider_id="asset-nobody-knows")
    generation = use(new_generation, asset)
    until(lambda: Generation.objects.get().state not in ("waiting", "queued"))
    asset.refresh_from_db()
    generation.refresh_from_db()
    assert asset.provider_id != "asset-nobody-knows"
    assert states(asset)[-3:] == ["queued", "processing", "active"]
    assert f"asset://{asset.provider_id}" in str(generation.request)
    assert "asset-nobody-knows" not in str(generation.request)


def test_the_history_names_both_ids(active, new_generation, until):
    asset = active(verified_at=hours_ago(2), provider_id="asset-nobody-knows")
    use(new_generation, asset)
    until(lambda: Asset.objects.get().state == "active" and Asset.objects.get().is_fresh)
    asset.refresh_from_db()
    notes = asset.events.filter(to_state="processing").order_by("-id").first().note
    assert notes == {"provider_id": asset.provider_id, "previous_provider_id": "asset-nobody-knows"}


def test_our_own_copy_is_sent_even_when_the_source_is_gone(active, new_generation, until):
    asset = active(verified_at=hours_ago(2), provider_id="asset-nobody-knows", source_url="http://127.0.0.1:9/gone.jpg")
    use(new_generation, asset)
    until(lambda: Asset.objects.get().state == "active" and Asset.objects.get().is_fresh)
    assert Asset.objects.get().sends_copy


def test_without_a_copy_of_ours_the_source_is_registered_again(active, new_generation, until):
    asset = active(verified_at=hours_ago(2), provider_id="asset-nobody-knows")
    Original.objects.update(file="")
    use(new_generation, asset)
    until(lambda: Asset.objects.get().state == "active" and Asset.objects.get().is_fresh)
    assert not Asset.objects.get().sends_copy


def test_without_copy_and_source_it_expires_and_says_so(active, new_generation, until):
    asset = active(verified_at=hours_ago(2), provider_id="asset-nobody-knows", source_url="")
    Original.objects.update(file="")
    use(new_generation, asset)
    until(lambda: Generation.objects.get().state == "failed")
    asset.refresh_from_db()
    assert asset.state == "expired"
    assert "cannot be sent again" in asset.reason
    assert "nothing charged" in Generation.objects.get().reason


def test_a_provider_that_does_not_answer_proves_nothing(active, run, sandbox):
    asset = active(verified_at=hours_ago(20), due_at=timezone.now(), attempts=11)
    sandbox.fail_next("error", "GET /v2/assets/:id")
    run()
    asset.refresh_from_db()
    assert asset.state == "active"


def test_a_single_not_found_is_not_believed(active, run):
    asset = active(verified_at=hours_ago(20), due_at=timezone.now(), provider_id="asset-nobody-knows")
    run()
    asset.refresh_from_db()
    assert (asset.state, asset.attempts) == ("active", 1)
    run()
    asset.refresh_from_db()
    assert asset.state == "queued"


def test_an_asset_at_rest_is_not_under_way_while_it_is_verified(team):
    asset = make_asset(team)
    Asset.objects.filter(pk=asset.pk).update(due_at=timezone.now())
    asset.refresh_from_db()
    assert not asset.in_flight


# --- the sweep -------------------------------------------------------------------------------------------------------
def resting(team: Team, count: int, hours: float = 24) -> None:
    for number in range(count):
        asset = make_asset(team)
        Asset.objects.filter(pk=asset.pk).update(verified_at=hours_ago(hours + number))
    Original.objects.update(due_at=None)


def test_the_sweep_takes_the_longest_unheard_of_within_its_share(team):
    Connection.objects.update(requests_per_minute=200)
    resting(team, 7)
    resting(team, 3, hours=VERIFIED_EVERY.total_seconds() / 3600 - 11)
    assert sweep() == 200 * SHARE == 4
    due = Asset.objects.filter(due_at__isnull=False)
    assert due.count() == 4
    rest = Asset.objects.filter(due_at=None)
    assert max(due.values_list("verified_at", flat=True)) < min(rest.values_list("verified_at", flat=True))


def test_the_sweep_leaves_a_team_alone_that_has_something_to_do(team):
    resting(team, 3)
    make_asset(team, state="queued")
    Asset.objects.filter(state="queued").update(due_at=timezone.now())
    assert sweep() == 0


def test_what_is_in_the_trash_or_was_never_verified_is_not_swept(team):
    resting(team, 2)
    Asset.objects.update(trashed_at=timezone.now())
    make_asset(team)
    assert sweep() == 0


def test_teams_that_share_a_key_share_its_share(team):
    Connection.objects.update(requests_per_minute=100)
    other = Team.objects.create(name="Second unit", slug="second")
    mine = Connection.objects.get(team=team)
    Connection.objects.create(
        team=other,
        base_url=mine.base_url,
        fingerprint=mine.fingerprint,
        sealed_key=mine.sealed_key,
        requests_per_minute=100,
    )
    resting(team, 3)
    resting(other, 3)
    assert sweep() == 2


def test_the_sweep_runs_once_a_minute_and_verifies(active, run):
    asset = active(verified_at=hours_ago(20))
    tick()
    run()
    asset.refresh_from_db()
    assert asset.is_fresh
    assert (asset.due_at, asset.state) == (None, "active")
