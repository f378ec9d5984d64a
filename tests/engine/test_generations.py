"""A generation's way from a click to a film in our own storage: sent at most once, whatever happens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assets_app.engine.locating import NO_ADDRESS
from assets_app.engine.provider import ProviderLane
from assets_app.engine.steps import STEPS
from assets_app.models import Asset, Cancel, Connection, Generation, NewReference, SettledDoubt, Video
from assets_app.money.ordering import Order, start
from assets_app.payload import build_body

pytestmark = pytest.mark.django_db


def jobs_for(sandbox, generation) -> int:
    return sandbox.stats()["jobs_per_idempotency_key"].get(str(generation.pk), 0)


def test_a_click_becomes_a_film_in_our_own_storage(new_generation, until, run_files, sandbox):
    generation = new_generation()
    until(lambda: Generation.objects.get().state == "completed")
    run_files()
    generation.refresh_from_db()
    video = generation.video
    assert video.state == "saved"
    assert video.seconds == pytest.approx(4, abs=0.1)
    assert video.content_type == "video/mp4"
    assert video.file.size == video.byte_size
    assert video.poster.name
    assert generation.credit_cost == 16
    assert jobs_for(sandbox, generation) == 1


def test_the_exact_request_is_written_down_before_it_is_sent(new_generation, run, sandbox):
    generation = new_generation()
    sandbox.fail_next("lost", "POST /v2/videos/generate")
    run()
    generation.refresh_from_db()
    assert generation.request == build_body(generation.model, generation.prompt, generation.params, [])
    assert generation.sent_at


def test_assets_and_direct_urls_travel_side_by_side(new_asset, new_generation, until, sandbox):
    asset = new_asset()
    until(lambda: Asset.objects.get().state == "active")
    asset.refresh_from_db()
    url = f"{sandbox.base_url}/samples/lantern.jpg"
    references = (
        NewReference("reference_image", "image", asset=asset),
        NewReference("reference_image", "image", url=url),
    )
    generation = new_generation(references)
    until(lambda: Generation.objects.get().state == "completed")
    generation.refresh_from_db()
    assert generation.request["seedanceParams"]["reference_image_urls"] == [asset.reference_url, url]


def test_a_generation_waits_for_its_assets_and_goes_on_by_itself(new_asset, new_generation, until):
    asset = new_asset()
    generation = new_generation((NewReference("reference_image", "image", asset=asset),))
    assert generation.state == "waiting"
    until(lambda: Generation.objects.get().state == "completed")


def test_a_generation_whose_asset_fails_is_never_sent_and_says_which(new_asset, new_generation, until, sandbox):
    asset = new_asset(f"{sandbox.base_url}/samples/nothing-here.jpg")
    generation = new_generation((NewReference("reference_image", "image", asset=asset),))
    until(lambda: Generation.objects.get().state == "failed")
    generation.refresh_from_db()
    assert asset.name in generation.reason
    assert generation.sent_at is None
    assert jobs_for(sandbox, generation) == 0


def test_a_refused_film_ends_failed_in_the_providers_words(new_generation, until):
    new_generation(prompt="A portrait [refuse]")
    until(lambda: Generation.objects.get().state == "failed")
    assert "real person" in Generation.objects.get().reason


def test_what_the_provider_settles_by_a_refusal_is_known_from_then_on(new_asset, new_generation, until, team):
    asset = new_asset()
    until(lambda: Asset.objects.get().state == "active")
    references = tuple(NewReference(slot, "image", asset=asset) for slot in ("start_image", "reference_image"))
    new_generation(references, aspect_ratio="adaptive")
    until(lambda: Generation.objects.get().state == "failed")
    known = SettledDoubt.of(team, {"seedance-2-mini"}, {"frames_beside_references"})
    assert "cannot be mixed" in known["frames_beside_references"].words


def test_a_body_that_the_provider_rejects_ends_failed_and_charges_nothing(new_generation, run, sandbox, api_key):
    generation = new_generation(duration=99)
    run()
    generation.refresh_from_db()
    assert generation.state == "failed"
    assert "duration" in generation.reason
    assert jobs_for(sandbox, generation) == 0


@pytest.mark.parametrize(("is_sandbox", "seconds"), [(False, 5.0), (True, 1.0)])
def test_a_job_is_asked_about_as_often_as_its_provider_advises(team, new_generation, run, sandbox, is_sandbox, seconds):
    sandbox.configure(job_delay="600")
    Connection.objects.update(is_sandbox=is_sandbox)
    new_generation()
    for _ in range(3):  # it is sent, and looked at twice
        run()
        row = Generation.objects.get()
        assert row.status.group == "processing"
        assert seconds - 1 < (row.due_at - timezone.now()).total_seconds() <= seconds


class TestAnAnswerThatNeverComes:
    @pytest.mark.parametrize("fault", ["drop", "truncated", "gateway", "page"])
    def test_makes_it_unconfirmed_and_the_list_of_jobs_finds_it(self, fault, new_generation, run, until, sandbox):
        generation = new_generation()
        sandbox.fail_next(fault, "POST /v2/videos/generate")
        run()
        assert Generation.objects.get().state == "unconfirmed"
        until(lambda: Generation.objects.get().state == "completed")
        assert jobs_for(sandbox, generation) == 1

    @pytest.mark.parametrize("fault", ["lost", "error"])
    def test_is_asked_for_again_with_the_same_key_when_the_list_has_been_silent(
        self, fault, new_generation, run, until, sandbox, let_the_list_be_silent
    ):
        generation = new_generation()
        sandbox.fail_next(fault, "POST /v2/videos/generate")
        run()
        assert Generation.objects.get().state == "unconfirmed"
        let_the_list_be_silent()
        until(lambda: Generation.objects.get().state == "completed")
        assert jobs_for(sandbox, generation) == 1

    def test_a_worker_that_dies_between_sending_and_hearing_leaves_one_job(self, new_generation, until, sandbox):
        generation = new_generation()
        (claimed,) = Generation.objects.claim([generation.pk], 20)[1]
        step = STEPS["submit"]
        assert step.prepare(claimed)
        client = ProviderLane()._client(Connection.objects.get())
        step.call(client, claimed)  # the job exists, and nobody writes it down
        Generation.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        until(lambda: Generation.objects.get().state == "completed")
        assert jobs_for(sandbox, generation) == 1
        assert "unconfirmed" in generation.events.values_list("to_state", flat=True)

    def test_a_job_that_another_generation_owns_is_not_taken_for_ours(self, new_generation, until, run, sandbox):
        new_generation()
        until(lambda: Generation.objects.get().state == "completed")
        twin = new_generation()
        sandbox.fail_next("lost", "POST /v2/videos/generate")
        for _ in range(3):
            run()
        assert Generation.objects.values_list("state", "job_id").get(pk=twin.pk) == ("unconfirmed", "")


class TestCancelling:
    def test_what_was_not_sent_can_be_cancelled_and_stays_unsent(self, new_generation, run, sandbox, editor):
        generation = new_generation()
        assert generation.cancel(editor) is Cancel.DONE
        run()
        assert Generation.objects.get().state == "cancelled"
        assert jobs_for(sandbox, generation) == 0

    def test_what_may_have_been_sent_can_not_be_cancelled(self, new_generation, run, sandbox, editor):
        generation = new_generation()
        sandbox.fail_next("drop", "POST /v2/videos/generate")
        run()
        assert generation.cancel(editor) is Cancel.UNKNOWN


def test_without_credits_it_waits_and_goes_on_when_there_are_some(new_generation, run, until, sandbox, api_key):
    sandbox.set_key(api_key, credits=3)
    generation = new_generation()
    run()
    generation.refresh_from_db()
    connection = Connection.objects.get()
    assert (generation.state, generation.sent_at) == ("queued", None)
    assert (connection.problem, connection.credits_needed) == ("no_credits", 16)
    sandbox.set_key(api_key, credits=500)
    Connection.objects.update(probe_at=timezone.now())
    until(lambda: Generation.objects.get().state == "completed")
    assert Connection.objects.get().problem == ""


def test_the_same_click_is_one_generation(team, new_generation):
    first = new_generation()
    again = start(team, None, Order(click=first.click, model=first.model, prompt=first.prompt, params=first.params))
    assert again == [first]
    assert Generation.objects.count() == 1


def test_many_jobs_are_read_with_one_list(new_generation, until, run, sandbox):
    sandbox.configure(job_delay="3600")
    for _ in range(5):
        new_generation()
    until(lambda: Generation.objects.filter(state__in=["submitted", "processing"]).count() == 5)
    before = dict(sandbox.stats()["requests"])
    calls = run()
    after = sandbox.stats()["requests"]
    assert calls <= 2  # the list, and perhaps the balance
    assert after.get("GET /v2/jobs/{id}") == before.get("GET /v2/jobs/{id}")
    sandbox.configure(job_delay="0")


def test_a_job_that_the_list_leaves_out_is_read_on_its_own(new_generation, until, engine, run):
    for _ in range(2):
        new_generation()
    until(lambda: Generation.objects.exclude(job_id="").count() == 2)
    lost = Generation.objects.first()
    assert lost
    engine.standing.unlisted.add(lost.pk)
    until(lambda: Generation.objects.filter(state="completed").count() == 2)


def test_a_failed_job_is_refunded_and_the_balance_says_so(new_generation, until, run):
    new_generation(prompt="[refuse]")
    until(lambda: Generation.objects.get().state == "failed")
    run()
    assert Connection.objects.get().credits == 5000


class TestOurOwnCopy:
    def test_is_retried_until_it_works(self, new_generation, until, run_files, sandbox):
        new_generation()
        until(lambda: Generation.objects.get().state == "completed")
        url = Video.objects.get().source_url
        Video.objects.update(source_url="http://127.0.0.1:9/nobody-home.mp4")
        Connection.objects.update(base_url="http://127.0.0.1:9")
        run_files()
        video = Video.objects.get()
        assert (video.state, video.attempts) == ("copying", 1)
        assert video.last_error
        Connection.objects.update(base_url=sandbox.base_url)
        Video.objects.update(source_url=url, due_at=timezone.now())
        run_files()
        assert Video.objects.get().state == "saved"

    def test_is_not_given_up_for_a_refusal_that_may_pass(self, new_generation, until, run_files, sandbox):
        new_generation()
        until(lambda: Generation.objects.get().state == "completed")
        Video.objects.update(source_url="http://127.0.0.1:9/not-ours.mp4")  # no provider's origin: refused as private
        run_files()
        assert Video.objects.get().state == "copying"

    def test_a_completed_job_without_an_address_says_so(self, new_generation, until):
        generation = new_generation()
        until(lambda: Generation.objects.get().job_id != "")
        (row,) = Generation.objects.filter(pk=generation.pk)
        from assets_app.apiframe.results import Job

        if row.state != "completed":
            STEPS["follow"].settle(row, Job.from_json({"id": row.job_id, "status": "COMPLETED", "result": None}))
            video = Video.objects.get()
            assert (video.state, video.last_error) == ("copying", NO_ADDRESS)

    def test_an_original_is_kept_with_its_facts_and_a_poster(self, new_asset, until, run_files):
        asset = new_asset()
        run_files()
        original = asset.original
        original.refresh_from_db()
        assert original.state == "saved"
        assert original.width
        assert original.poster.name


def test_one_whose_model_left_the_catalogue_while_it_waited_is_never_sent_and_says_so(new_generation, run, sandbox):
    generation = new_generation()
    Generation.objects.update(model="seedance-1.9-gone")
    run()
    generation.refresh_from_db()
    assert (generation.state, generation.sent_at) == ("failed", None)
    assert "seedance-1.9-gone" in generation.reason
    assert jobs_for(sandbox, generation) == 0
