"""Films that nobody can ask about: only the provider's word makes one that was sent cost nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from assets_app.apiframe.results import Job
from assets_app.engine import differences
from assets_app.engine.steps import STEPS
from assets_app.models import Asset, Connection, Discrepancy, Generation

pytestmark = pytest.mark.django_db


@pytest.fixture
def exchanged(new_generation, until, sandbox):
    """A film under way whose key was exchanged by the environment for one of another account."""
    sandbox.configure(job_delay="3600")
    film = new_generation()
    until(lambda: Generation.objects.get().state in ("submitted", "processing"))
    Generation.objects.update(spend=16)
    exchange_key(f"afk_{uuid.uuid4().hex}")
    return film


def exchange_key(key: str) -> None:
    connection = Connection.objects.get()
    connection.api_key = key
    connection.asked_at = None
    connection.save()


def of(film) -> Generation:
    return Generation.objects.get(pk=film.pk)


def test_what_another_account_says_of_a_film_is_not_believed(exchanged, run):
    Generation.objects.update(attempts=100)
    for _ in range(3):
        run()
    assert of(exchanged).state in ("submitted", "processing")
    assert "sent with another key" in of(exchanged).last_error


def test_it_goes_on_when_its_key_is_back(exchanged, run, api_key):
    run()
    exchange_key(api_key)
    run()
    assert of(exchanged).last_error == ""
    assert of(exchanged).state in ("submitted", "processing")


def test_given_up_at_last_it_counts_what_was_held_and_an_admin_is_told(exchanged, run):
    Generation.objects.update(attempts=STEPS["follow"].max_attempts)
    run()
    film = of(exchanged)
    assert (film.state, film.spend) == ("failed", 16)
    found = Discrepancy.objects.get()
    assert (found.kind, found.generation_id, found.job_id) == ("given_up", film.pk, film.job_id)


def test_an_unconfirmed_film_that_is_given_up_counts_on(new_generation, run, sandbox):
    lost = new_generation()
    sandbox.fail_next("drop", "POST /v2/videos/generate")
    run()
    exchange_key(f"afk_{uuid.uuid4().hex}")
    Generation.objects.update(attempts=500, state_since=timezone.now() - timedelta(days=31), spend=16)
    run()
    assert (of(lost).state, of(lost).spend) == ("failed", 16)
    assert Discrepancy.objects.get().job_id == str(lost.pk)


@pytest.mark.parametrize(
    ("status", "charge", "ends"), [("COMPLETED", 20, ("completed", 20)), ("FAILED", 20, ("failed", 0))]
)
def test_what_the_list_of_jobs_says_later_counts(exchanged, run, status, charge, ends):
    Generation.objects.update(attempts=STEPS["follow"].max_attempts)
    run()
    film = of(exchanged)
    job = Job.from_json({"id": film.job_id, "status": status, "creditCost": charge})
    differences.settle(film, job)
    assert (of(film).state, of(film).spend) == ends
    differences.close_what_is_settled(film.team, timezone.now() + timedelta(seconds=1))
    assert not Discrepancy.objects.filter(kind="given_up", settled_at=None).exists()


class TestAccount:
    def test_is_remembered_from_the_first_answer(self, team, engine, run):
        Connection.objects.update(asked_at=None)
        run()
        connection = Connection.objects.get()
        assert connection.account_id
        assert connection.account_heard_with == connection.fingerprint

    def test_another_one_by_the_environment_has_the_library_registered_again(
        self, team, new_asset, until, run, sandbox
    ):
        asset = new_asset()
        until(lambda: Asset.objects.get().state == "active")
        before = Asset.objects.get().provider_id
        exchange_key(f"afk_{uuid.uuid4().hex}")
        until(lambda: Asset.objects.get().state == "active" and Asset.objects.get().provider_id != before)
        assert Asset.objects.get().pk == asset.pk
