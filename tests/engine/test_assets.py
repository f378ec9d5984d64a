"""An asset's way from a pasted URL to Active, and all the ways it can stray."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assets_app.engine.runner import CLAIM_SECONDS
from assets_app.models import Asset, Connection, Event

pytestmark = pytest.mark.django_db


def test_a_queued_asset_becomes_active_and_its_history_says_so(new_asset, until):
    asset = new_asset()
    until(lambda: Asset.objects.get().state == "active")
    asset.refresh_from_db()
    assert asset.provider_id
    assert asset.active_at
    assert asset.due_at is None
    assert asset.claim is None
    assert list(asset.events.order_by("id").values_list("to_state", flat=True)) == ["queued", "processing", "active"]


def test_a_file_of_the_wrong_type_ends_failed_with_the_providers_words(new_asset, until, sandbox):
    asset = new_asset(f"{sandbox.base_url}/samples/crossing.mp4", media_type="image")
    until(lambda: Asset.objects.get().state == "failed")
    asset.refresh_from_db()
    assert asset.reason
    assert asset.due_at is None


def test_a_refused_request_ends_the_row_at_once_and_keeps_what_was_said(new_asset, run):
    asset = new_asset("not a url at all")
    run()
    asset.refresh_from_db()
    assert asset.state == "failed"
    assert "url" in asset.reason.lower()


def test_an_asset_that_the_provider_forgot_expires(new_asset, until):
    asset = new_asset()
    until(lambda: Asset.objects.get().state == "processing")
    Asset.objects.update(provider_id="asset-nobody-knows")
    until(lambda: Asset.objects.get().state == "expired")
    asset.refresh_from_db()
    assert asset.reason


def test_a_new_asset_that_is_not_known_yet_is_given_time(new_asset, run, until):
    asset = new_asset()
    until(lambda: Asset.objects.get().state == "processing")
    Asset.objects.update(provider_id="asset-nobody-knows")
    run()
    asset.refresh_from_db()
    assert asset.state == "processing"
    assert asset.last_error


def test_a_server_error_is_tried_again_and_counted(new_asset, run, until, sandbox):
    asset = new_asset()
    sandbox.fail_next("error", "POST /v2/assets/create")
    run()
    asset.refresh_from_db()
    assert (asset.state, asset.attempts) == ("queued", 1)
    assert asset.last_error
    assert asset.due_at > timezone.now()
    until(lambda: Asset.objects.get().state == "active")
    asset.refresh_from_db()
    assert (asset.attempts, asset.last_error) == (0, "")


def test_a_row_that_always_fails_ends_failed_with_its_last_error_and_blocks_nobody(new_asset, run, until, sandbox):
    poisoned = new_asset()
    Asset.objects.filter(pk=poisoned.pk).update(attempts=11)
    sandbox.fail_next("error", "POST /v2/assets/create")
    run()
    healthy = new_asset()
    until(lambda: Asset.objects.get(pk=healthy.pk).state == "active")
    poisoned.refresh_from_db()
    assert poisoned.state == "failed"
    assert poisoned.reason


def test_an_unknown_status_is_kept_and_taken_for_processing(new_asset, until, engine, run):
    asset = new_asset()
    until(lambda: Asset.objects.get().state == "processing")
    asset.refresh_from_db()
    from assets_app.apiframe.results import ProviderAsset
    from assets_app.engine.steps import STEPS

    answer = ProviderAsset.from_json({"status": "Simmering", "url": None, "shelf": 3})
    assert STEPS["watch"].settle(asset, answer)
    asset.refresh_from_db()
    assert asset.state == "processing"
    assert asset.provider_answer == {"status": "Simmering", "url": None, "shelf": 3}


def test_a_row_whose_worker_died_is_free_again_when_its_claim_runs_out(new_asset, until):
    asset = new_asset()
    _token, claimed = Asset.objects.claim([asset.pk], CLAIM_SECONDS)
    assert [row.pk for row in claimed] == [asset.pk]
    assert Asset.objects.claim([asset.pk], CLAIM_SECONDS)[1] == []
    Asset.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    until(lambda: Asset.objects.get().state == "active")


def test_an_outcome_that_comes_after_the_claim_ran_out_changes_nothing(new_asset):
    asset = new_asset()
    (slow,) = Asset.objects.claim([asset.pk], CLAIM_SECONDS)[1]
    Asset.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    (quick,) = Asset.objects.claim([asset.pk], CLAIM_SECONDS)[1]
    assert quick.move("processing", provider_id="asset-quick")
    assert not slow.move("processing", provider_id="asset-slow")
    assert Asset.objects.get().provider_id == "asset-quick"
    assert Event.objects.filter(to_state="processing").count() == 1


class TestWhenTheConnectionIsTheTrouble:
    def test_a_revoked_key_puts_up_a_banner_and_rows_keep_their_state(self, team, new_asset, run, sandbox, api_key):
        sandbox.set_key(api_key, state="revoked")
        asset = new_asset()
        run()
        run()
        assert Connection.objects.get().problem == "key_refused"
        asset.refresh_from_db()
        assert asset.state == "queued"

    def test_it_goes_on_by_itself_when_the_key_works_again(self, team, new_asset, run, until, sandbox, api_key):
        sandbox.set_key(api_key, state="revoked")
        new_asset()
        run()
        run()
        sandbox.set_key(api_key, state="active")
        Connection.objects.update(probe_at=timezone.now())
        until(lambda: Asset.objects.get().state == "active")
        assert Connection.objects.get().problem == ""

    def test_while_it_lasts_nothing_but_the_question_is_asked(self, team, new_asset, run, sandbox):
        sandbox.configure(down=True)
        new_asset()
        for _ in range(4):
            run()
            Connection.objects.update(probe_at=timezone.now())
        assert Connection.objects.get().problem == "down"
        before = sandbox.stats()["requests"].get("POST /v2/assets/create", {})
        for _ in range(3):
            run()
        assert sandbox.stats()["requests"].get("POST /v2/assets/create", {}) == before

    def test_an_outage_of_any_length_costs_a_row_no_attempts(self, team, new_asset, run, until, sandbox):
        sandbox.configure(down=True)
        asset = new_asset()
        for _ in range(30):
            run()
            Connection.objects.update(probe_at=timezone.now())
        asset.refresh_from_db()
        assert asset.state == "queued"
        sandbox.configure(down=False)
        until(lambda: Asset.objects.get().state == "active")

    def test_one_hiccup_of_the_account_question_is_no_outage(self, team, new_asset, until, sandbox):
        sandbox.fail_next("error", "GET /v2/me")
        new_asset()
        until(lambda: Asset.objects.get().state == "active")
        assert Connection.objects.get().problem == ""

    def test_too_many_requests_stops_the_whole_key_for_as_long_as_asked(self, team, new_asset, run, sandbox):
        sandbox.configure(requests_per_minute=1)
        first, second = new_asset(), new_asset()
        run()
        stats_before = sandbox.stats()["requests"]
        run()
        run()
        assert sandbox.stats()["requests"] == stats_before
        for asset in (first, second):
            asset.refresh_from_db()
        assert {first.state, second.state} <= {"queued", "processing"}
        assert max(first.attempts, second.attempts) == 0

    def test_a_key_that_cannot_be_read_says_so_and_keeps_the_rows(self, team, new_asset, run, settings):
        settings.SECRET_KEY = "another-" * 10
        asset = new_asset()
        run()
        assert Connection.objects.get().problem == "key_unreadable"
        asset.refresh_from_db()
        assert asset.state == "queued"

    def test_a_key_that_can_be_no_key_says_so_and_keeps_the_rows(self, team, new_asset, run):
        connection = Connection.objects.get()
        connection.api_key = "a key\nwith a line break"
        connection.save()
        asset = new_asset()
        run()
        assert Connection.objects.get().problem == "key_refused"
        asset.refresh_from_db()
        assert asset.state == "queued"

    def test_the_balance_is_known_after_the_first_run(self, team, new_asset, run):
        new_asset()
        run()
        assert Connection.objects.get().credits == 5000
