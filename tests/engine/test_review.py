"""What a hostile review found: each of these was broken once."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection as database
from django.utils import timezone

from assets_app.apiframe.errors import RateLimited
from assets_app.apiframe.results import Job, JobPage, Me
from assets_app.engine import accounts, budget, runner
from assets_app.engine.completing import complete
from assets_app.engine.differences import adopt
from assets_app.engine.files import FilesLane
from assets_app.engine.finding import find_job
from assets_app.engine.provider import ProviderLane
from assets_app.engine.runner import CLAIM_SECONDS, Done, Runner, Work
from assets_app.engine.steps import STEPS
from assets_app.models import (
    Asset,
    Budget,
    Cancel,
    Connection,
    Generation,
    Lease,
    NewAsset,
    NewReference,
    Original,
    Team,
    Video,
    register_all,
)
from tests.engine.conftest import PATIENCE_SECONDS
from tests.views.scene import make_generation

pytestmark = pytest.mark.django_db(transaction=True)


def jobs_for(sandbox, generation) -> int:
    return sandbox.stats()["jobs_per_idempotency_key"].get(str(generation.pk), 0)


class TestMoney:
    def test_a_cancel_that_read_the_row_before_it_was_sent_is_kept_as_a_wish(self, new_generation, editor):
        generation = new_generation()
        (sending,) = Generation.objects.claim([generation.pk], CLAIM_SECONDS)[1]
        seen_by_a_person = Generation.objects.get()
        assert STEPS["submit"].prepare(sending)
        assert seen_by_a_person.cancel(editor) is Cancel.ASKED
        assert Generation.objects.get().state == "queued"

    def test_a_cancel_just_before_the_send_stops_it(self, new_generation, editor):
        generation = new_generation()
        (sending,) = Generation.objects.claim([generation.pk], CLAIM_SECONDS)[1]
        assert Generation.objects.get().cancel(editor) is Cancel.DONE
        assert not STEPS["submit"].prepare(sending)

    def test_of_two_equal_takes_each_finds_its_own_job(self, new_generation, until, run, sandbox):
        for _ in range(2):
            new_generation()
            sandbox.fail_next("drop", "POST /v2/videos/generate")
            run()
        Generation.objects.update(sent_at=timezone.now() - timedelta(hours=25), state="unconfirmed")
        until(lambda: Generation.objects.filter(state="completed").count() == 2)
        assert Generation.objects.values("job_id").distinct().count() == 2

    def test_a_search_that_could_not_see_everything_does_not_say_that_nothing_was_charged(
        self, new_generation, until, run, sandbox, monkeypatch
    ):
        from assets_app.engine import finding

        monkeypatch.setattr(finding, "MOST_CANDIDATES", 0)
        lost = new_generation()
        sandbox.fail_next("drop", "POST /v2/videos/generate")
        run()
        Generation.objects.update(sent_at=timezone.now() - timedelta(hours=25))
        run()
        lost.refresh_from_db()
        assert lost.state == "unconfirmed"
        Generation.objects.update(attempts=500, state_since=timezone.now() - timedelta(days=31))
        until(lambda: Generation.objects.get().state == "failed")
        assert "may have been charged" in Generation.objects.get().reason

    def test_a_request_is_never_repeated_with_another_accounts_key(self, new_generation, run, sandbox):
        generation = new_generation()
        sandbox.fail_next("drop", "POST /v2/videos/generate")
        run()
        connection = Connection.objects.get()
        connection.api_key = f"afk_{uuid.uuid4().hex}"
        connection.save()
        for _ in range(3):
            run()
        assert jobs_for(sandbox, generation) == 1

    def test_two_equal_takes_that_search_at_the_same_time_never_share_a_job(self, new_generation, until, run, sandbox):
        for _ in range(2):
            new_generation()
        until(lambda: Generation.objects.filter(state="completed").count() == 2)
        jobs = set(Generation.objects.values_list("job_id", flat=True))
        Video.objects.all().delete()
        Generation.objects.update(
            sent_at=timezone.now() - timedelta(hours=25), state="unconfirmed", job_id="", due_at=timezone.now()
        )
        until(lambda: Generation.objects.filter(state="completed").count() == 2)
        assert set(Generation.objects.values_list("job_id", flat=True)) == jobs

    def test_an_equal_film_of_another_team_with_the_same_key_is_never_taken_for_ours(
        self, team, api_key, new_generation, until, run, sandbox
    ):
        sharing = Team.objects.create(name="Second unit", slug="second")
        theirs = new_generation()
        until(lambda: Generation.objects.get().state == "completed")
        Generation.objects.update(team=sharing)
        Video.objects.update(team=sharing)
        connection = Connection(team=sharing, base_url=sandbox.base_url, is_sandbox=True)
        connection.api_key = api_key
        connection.save()
        ours = new_generation()
        sandbox.fail_next("lost", "POST /v2/videos/generate")
        run()
        for _ in range(3):
            run()
        theirs.refresh_from_db()
        assert theirs.job_id
        assert Generation.objects.values_list("state", "job_id").get(pk=ours.pk) == ("unconfirmed", "")

    def test_a_list_with_a_row_nobody_could_read_does_not_say_that_nothing_was_charged(self, new_generation):
        long_ago = Job.from_json({"id": "old", "status": "COMPLETED", "createdAt": "2020-01-01T00:00:00Z"})

        class Garbled:
            def list_jobs(self, limit: int, cursor: str | None = None) -> JobPage:
                return JobPage(jobs=(long_ago,), unreadable=1)

        lost = new_generation()
        lost.sent_at = timezone.now()
        found = find_job(Garbled(), lost, frozenset())
        assert (found.job, found.complete) == (None, False)

    def test_one_old_job_among_new_ones_does_not_say_that_nothing_was_charged(self, new_generation):
        now = timezone.now().isoformat()
        long_ago = Job.from_json({"id": "old", "status": "COMPLETED", "createdAt": "2020-01-01T00:00:00Z"})
        later = Job.from_json({"id": "later", "status": "COMPLETED", "model": "seedance-2-mini", "createdAt": now})
        lost = new_generation()
        lost.sent_at, lost.request = timezone.now(), {"model": "seedance-2-mini", "prompt": "A lighthouse"}

        class Disordered:
            pages = {
                None: JobPage((long_ago, later), "2", has_more=True),
                "2": JobPage((long_ago,), "3", has_more=True),
            }

            def list_jobs(self, limit: int, cursor: str | None = None) -> JobPage:
                return self.pages[cursor]

            def get_job(self, job_id: str) -> Job:
                return replace(later, input=given)

        given = lost.request
        assert find_job(Disordered(), lost, frozenset()).job.id == "later"
        given = {"prompt": "Another"}
        nothing = find_job(Disordered(), lost, frozenset())
        assert (nothing.job, nothing.complete, nothing.requests) == (None, True, 3)  # a page of old ones ends the list

    def test_what_was_put_off_is_sent_with_the_assets_as_they_are_by_then(
        self, new_asset, new_generation, until, sandbox
    ):
        asset = new_asset()
        until(lambda: Asset.objects.get().state == "active")
        asset.refresh_from_db()
        new_generation((NewReference("reference_image", "image", asset),))
        (row,) = Generation.objects.claim([Generation.objects.get().pk], CLAIM_SECONDS)[1]
        assert STEPS["submit"].prepare(row)
        error = RateLimited("Slow down.", status=429)
        STEPS["submit"].put_back(row, error)
        row.release(due_at=timezone.now())
        Asset.objects.update(provider_id="registered-anew")
        (row,) = Generation.objects.claim([row.pk], CLAIM_SECONDS)[1]
        assert STEPS["submit"].prepare(row)
        assert "registered-anew" in str(Generation.objects.get().request)

    def test_a_film_that_is_found_finished_without_a_charge_counts_at_its_estimate(self, team):
        film = make_generation(team, "failed")
        adopt(film, Job.from_json({"id": film.job_id, "status": "COMPLETED"}))
        film.refresh_from_db()
        assert (film.state, film.spend) == ("completed", 144)

    @pytest.mark.parametrize("charge", [-5000, 10**14])
    def test_a_charge_that_can_be_none_counts_as_unknown(self, team, charge):
        film = make_generation(team, "processing")
        complete(film, Job.from_json({"id": film.job_id, "status": "COMPLETED", "creditCost": charge}))
        film.refresh_from_db()
        assert (film.spend, film.credit_cost) == (144, None)

    def test_a_film_that_was_deleted_as_failed_comes_back_when_it_was_paid_for(self, team, editor):
        film = make_generation(team, "failed", trashed_at=timezone.now(), trashed_by=editor, purged_at=timezone.now())
        adopt(film, Job.from_json({"id": film.job_id, "status": "COMPLETED", "creditCost": 16}))
        assert list(Generation.objects.live()) == [film]
        assert Generation.objects.get().purged_at is None

    def test_a_provider_whose_clock_is_wrong_spoils_neither_page_nor_price(self, team, client_of, admin):
        film = make_generation(team, "processing")
        wrong = {"id": film.job_id, "status": "COMPLETED", "creditCost": 16, "completedAt": "9999-12-31T23:59:59Z"}
        complete(film, Job.from_json(wrong | {"result": "https://cdn.example/film.mp4"}))
        film.refresh_from_db()
        assert film.completed_at <= timezone.now()
        assert client_of(admin).get(f"/{team.slug}/videos/{film.pk}/").status_code == 200

    def test_a_film_that_is_too_dear_does_not_hold_up_a_cheap_one(self, new_generation, run, until, sandbox, api_key):
        sandbox.set_key(api_key, credits=20)
        dear = new_generation(duration=15)
        run()
        cheap = new_generation()
        until(lambda: Generation.objects.get(pk=cheap.pk).state == "completed")
        dear.refresh_from_db()
        assert dear.state == "queued"

    def test_the_banner_goes_when_nothing_waits_for_credits_any_more(
        self, new_generation, run, sandbox, api_key, editor
    ):
        sandbox.set_key(api_key, credits=3)
        dear = new_generation()
        run()
        dear.refresh_from_db()
        assert Connection.objects.get().problem == "no_credits"
        assert dear.cancel(editor) is Cancel.DONE
        Connection.objects.update(probe_at=timezone.now())
        run()
        assert Connection.objects.get().problem == ""


class TestOurCopy:
    def test_a_late_runner_does_not_delete_what_another_has_saved(self, new_generation, until):
        new_generation()
        until(lambda: Generation.objects.get().state == "completed")
        lane = FilesLane(strict=True)
        (late,) = lane.launch(1)
        Video.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        Runner(FilesLane(strict=True)).run_until_idle()
        lane.settle([Done(late.subject, answer=late.call())])
        video = Video.objects.get()
        assert video.state == "saved"
        assert default_storage.exists(video.file.name)
        assert default_storage.exists(video.poster.name)

    def test_a_host_that_drips_keeps_one_worker_only(self, new_asset, monkeypatch):
        new_asset()
        monkeypatch.setattr(runner, "RENEWAL_SECONDS", 0.05)
        call_is_under_way, call_may_end, time_is_up, still_waits = (threading.Event() for _ in range(4))

        class Slow(FilesLane):
            def _work(self, row):
                def wait():
                    call_is_under_way.set()
                    call_may_end.wait(PATIENCE_SECONDS)
                    raise OSError("dripped")

                return Work(wait, row)

            def renew(self, subjects):
                super().renew(subjects)
                if time_is_up.is_set():
                    still_waits.set()

        def run_slow() -> None:
            Runner(Slow()).run(seconds=PATIENCE_SECONDS, stopping=time_is_up.is_set)
            database.close()

        slow = threading.Thread(target=run_slow)
        slow.start()
        assert call_is_under_way.wait(PATIENCE_SECONDS)
        time_is_up.set()
        assert still_waits.wait(PATIENCE_SECONDS)
        assert Runner(FilesLane()).run(seconds=0.1) is False
        assert Original.objects.get().claim
        call_may_end.set()
        slow.join()


class TestNobodyElseSuffers:
    def test_from_a_mistake_of_ours_over_one_account(self, team, new_asset, sandbox, monkeypatch, run_for_real):
        other = Team.objects.create(name="Other", slug="other")
        connection = Connection(team=other, base_url=sandbox.base_url, requests_per_minute=600_000)
        connection.api_key = f"afk_{uuid.uuid4().hex}"
        connection.save()
        register_all(other, None, [NewAsset(f"{sandbox.base_url}/samples/courier.jpg", "image")])
        new_asset()
        really_heard = accounts.heard

        def heard(connection: Connection, me: Me, at: datetime) -> None:
            if connection.team_id == team.pk:
                raise ZeroDivisionError
            really_heard(connection, me, at)

        monkeypatch.setattr(accounts, "heard", heard)
        run_for_real(lambda: other.assets.get().state == "active")

    def test_from_a_provider_that_hangs(self, team, new_asset, sandbox):
        for _ in range(40):
            new_asset()
        other = Team.objects.create(name="Other", slug="other")
        connection = Connection(team=other, base_url=sandbox.base_url, requests_per_minute=600_000)
        connection.api_key = f"afk_{uuid.uuid4().hex}"
        connection.save()
        lane = ProviderLane(threads=4)
        register_all(other, None, [NewAsset(f"{sandbox.base_url}/samples/courier.jpg", "image")])
        launched = lane.launch(lane.most_under_way)
        of_the_many = [work for work in launched if work.subject.connection.team_id == team.pk]
        assert len(of_the_many) <= lane.threads // 2
        assert any(work.subject.connection.team_id == other.pk for work in launched)

    def test_from_a_list_of_jobs_that_fails(self, new_generation, until, sandbox):
        for _ in range(2):
            new_generation()
        sandbox.fail_next("error", "GET /v2/jobs", times=1000)
        until(lambda: Generation.objects.filter(state="completed").count() == 2)


def test_a_broker_that_is_down_does_not_undo_what_was_written(new_asset, monkeypatch):
    from assets_app.engine import wake

    def send(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django_q.tasks.async_task", send)
    wake()
    assert new_asset().pk


def test_two_equal_pastes_at_once_register_once(team):
    wanted = [NewAsset(f"https://media.example/{number}.png", "image") for number in range(20)]

    def paste() -> None:
        register_all(team, None, wanted, unless_known=True)
        database.close()

    pastes = [threading.Thread(target=paste) for _ in range(4)]
    for each in pastes:
        each.start()
    for each in pastes:
        each.join()
    assert Asset.objects.count() == 20


class TestStatusesNobodyKnows:
    def test_are_recorded(self, new_generation, until):
        new_generation()
        until(lambda: Generation.objects.get().job_id != "")
        row = Generation.objects.get()
        row.state = "processing"
        assert STEPS["follow"].settle(row, Job.from_json({"id": row.job_id, "status": "SIMMERING"}))
        assert Generation.objects.get().provider_answer["status"] == "SIMMERING"

    def test_do_not_go_on_for_ever(self, new_generation, until, run, sandbox, steady_clock):
        sandbox.configure(job_delay="3600")
        new_generation()
        until(lambda: Generation.objects.get().state in ("submitted", "processing"))
        Generation.objects.update(created_at=timezone.now() - timedelta(days=8), state="processing")
        run()
        assert Generation.objects.get().state == "processing"  # one look proves nothing
        Generation.objects.update(doubted_at=timezone.now() - timedelta(hours=1))
        run()
        assert Generation.objects.get().state == "failed"


class TestAClockThatJumpedBack:
    def test_does_not_keep_requests_from_leaving(self):
        Budget.objects.create(fingerprint="key", next_free=time.time() + 86_400, blocked_until=time.time() + 86_400)
        assert budget.seconds_until_free("key") <= budget.FURTHEST_PLAN_SECONDS
        assert budget.take("key", 1, 500) == 1

    def test_does_not_keep_a_lane_or_a_row_from_being_taken(self, new_asset):
        Lease.objects.create(lane="provider", holder=uuid.uuid4(), until=timezone.now() + timedelta(days=1))
        assert not Lease.is_held("provider")
        assert Lease.take("provider", uuid.uuid4())
        asset = new_asset()
        Asset.objects.update(claim=uuid.uuid4(), claimed_until=timezone.now() + timedelta(days=1))
        assert Asset.objects.claim([asset.pk], CLAIM_SECONDS)[1]
