"""A film that was sent and got no answer: looked for in the list first, never paid twice, never called free."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from assets_app.apiframe.results import JobAccepted
from assets_app.engine import lost, reconcile
from assets_app.engine.confirm_step import MOST_REPLAYS, SILENT_FOR, SILENT_LOOKS
from assets_app.engine.steps import STEPS
from assets_app.models import Cancel, Comparison, Connection, Discrepancy, Event, Generation, Team, Video
from tests.sandbox.conftest import eventually

pytestmark = pytest.mark.django_db
SUBMIT = "POST /v2/videos/generate"
UNTRUE = ("nothing was charged", "not charged", "never arrived", "refunded")


@pytest.fixture
def never_arrived(new_generation, run, sandbox) -> Generation:
    """Sent, and lost on the way there."""
    film = new_generation()
    Generation.objects.update(spend=16)
    sandbox.fail_next("lost", SUBMIT)
    run()
    assert film_now().state == "unconfirmed"
    return film


@pytest.fixture
def unanswered(new_generation, run, sandbox) -> Generation:
    """Sent, taken and paid; the answer was dropped."""
    film = new_generation()
    Generation.objects.update(spend=16)
    sandbox.fail_next("drop", SUBMIT)
    run()
    assert film_now().state == "unconfirmed"
    return film


def film_now() -> Generation:
    return Generation.objects.get()


def jobs_of_keys(sandbox) -> dict[str, int]:
    ours = {str(pk) for pk in Generation.objects.values_list("pk", flat=True)}
    return {key: number for key, number in sandbox.stats()["jobs_per_idempotency_key"].items() if key in ours}


def submits(sandbox) -> int:
    return sum(sandbox.stats()["requests"].get(SUBMIT, {}).values())


# --- the list first --------------------------------------------------------------------------------------------------
def test_ten_films_whose_answers_are_dropped_by_a_provider_that_forgets_keys_are_ten_jobs(
    new_generation, run, until, sandbox
):
    sandbox.configure(known_key="forgotten")
    sandbox.fail_next("drop", SUBMIT, times=10)
    for _ in range(10):
        new_generation()
    until(lambda: Generation.objects.filter(state="completed").count() == 10)
    assert Event.objects.filter(to_state="unconfirmed").count() == 10
    assert sorted(jobs_of_keys(sandbox).values()) == [1] * 10
    assert Generation.objects.values("job_id").distinct().count() == 10


@pytest.mark.parametrize("known_key", ["conflict", "forgotten", "job"])
def test_while_the_list_is_behind_it_stays_unconfirmed_with_its_sum_held_and_one_job(
    known_key, unanswered, run, until, sandbox
):
    sandbox.configure(known_key=known_key, list_lag_seconds=3600)
    for _ in range(SILENT_LOOKS + 3):
        run()
    assert (film_now().state, film_now().spend, film_now().replays) == ("unconfirmed", 16, 0)
    assert jobs_of_keys(sandbox) == {str(unanswered.pk): 1}
    sandbox.configure(list_lag_seconds=0)
    until(lambda: film_now().state == "completed")
    assert jobs_of_keys(sandbox) == {str(unanswered.pk): 1}


def test_a_409_proves_that_the_key_is_known_so_it_is_looked_for_and_never_called_free(
    unanswered, run, until, sandbox, let_the_list_be_silent
):
    sandbox.configure(known_key="conflict", list_lag_seconds=3600)
    let_the_list_be_silent()
    run()
    assert film_now().key_known_at
    before = submits(sandbox)
    for _ in range(20):
        let_the_list_be_silent()
        run()
    assert submits(sandbox) == before  # what is known needs no second replay
    assert (film_now().state, film_now().spend) == ("unconfirmed", 16)
    sandbox.configure(list_lag_seconds=0)
    until(lambda: film_now().state == "completed")


def test_a_409_to_the_first_request_is_remembered_too(new_generation, run, until, sandbox):
    new_generation()
    sandbox.fail_next("in progress", SUBMIT)
    run()
    assert (film_now().state, film_now().sent_at is not None) == ("unconfirmed", True)
    assert film_now().key_known_at
    until(lambda: film_now().state == "completed")
    assert list(jobs_of_keys(sandbox).values()) == [1]


# --- the same key again ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("age", "looks"), [(SILENT_FOR / 2, SILENT_LOOKS + 1), (SILENT_FOR * 12, 2)], ids=["too soon", "the clock jumped"]
)
def test_the_same_key_is_not_sent_again_before_the_list_was_silent_for_minutes(age, looks, never_arrived, run, sandbox):
    Generation.objects.update(sent_at=timezone.now() - age, attempts=looks)
    before = submits(sandbox)
    run()
    assert submits(sandbox) == before


def test_after_that_it_is_sent_again_and_becomes_one_film(never_arrived, until, sandbox, let_the_list_be_silent):
    let_the_list_be_silent()
    until(lambda: film_now().state == "completed")
    assert jobs_of_keys(sandbox) == {str(never_arrived.pk): 1}
    assert film_now().replays == 1


def test_a_job_that_an_equal_film_was_taken_for_is_one_film_however_often_its_own_key_names_it(
    unanswered, new_generation, run, sandbox, let_the_list_be_silent
):
    (job_id,) = [job.id for job in sandbox.provider.store.jobs.values() if job.idempotency_key == str(unanswered.pk)]
    twin = new_generation()
    Generation.objects.filter(pk=twin.pk).update(state="completed", job_id=job_id, due_at=None)
    for _ in range(3):
        let_the_list_be_silent()
        run()
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.job_id, unanswered.spend) == ("unconfirmed", "", 16)
    assert unanswered.replays == 1
    assert unanswered.key_known_at


def test_of_two_equal_films_the_one_that_never_arrived_does_not_take_the_job_of_the_other(
    never_arrived, new_generation, run, until, sandbox, let_the_list_be_silent
):
    other = new_generation()
    sandbox.fail_next("drop", SUBMIT)
    for _ in range(3):
        run()
    assert jobs_of_keys(sandbox) == {str(other.pk): 1}
    assert list(Generation.objects.values_list("state", flat=True)) == ["unconfirmed"] * 2
    let_the_list_be_silent()
    until(lambda: Generation.objects.filter(state="completed").count() == 2)
    assert jobs_of_keys(sandbox) == {str(never_arrived.pk): 1, str(other.pk): 1}
    theirs = {str(job.idempotency_key): job.id for job in sandbox.provider.store.jobs.values()}
    assert {str(pk): job for pk, job in Generation.objects.values_list("pk", "job_id")}.items() <= theirs.items()


def test_one_that_got_no_answer_either_waits_for_the_list_anew(never_arrived, run, sandbox, let_the_list_be_silent):
    sandbox.configure(known_key="forgotten", list_lag_seconds=3600)
    sandbox.fail_next("drop", SUBMIT)
    let_the_list_be_silent()
    run()
    for _ in range(SILENT_LOOKS - 1):
        run()
    assert (film_now().replays, jobs_of_keys(sandbox)) == (1, {str(never_arrived.pk): 1})


def test_a_replay_that_is_refused_proves_nothing(never_arrived, run, sandbox, let_the_list_be_silent):
    film = film_now()
    Generation.objects.update(request=film.request | {"unknown": 1})
    let_the_list_be_silent()
    run()
    assert (film_now().state, film_now().spend, film_now().replays) == ("unconfirmed", 16, MOST_REPLAYS)


def test_a_replay_that_surely_was_not_taken_does_not_count(
    never_arrived, run, sandbox, api_key, let_the_list_be_silent
):
    sandbox.set_key(api_key, credits=0)
    let_the_list_be_silent()
    run()
    assert (film_now().state, film_now().replays, film_now().replayed_at) == ("unconfirmed", 0, None)


def test_replays_have_an_end(never_arrived, run, sandbox, let_the_list_be_silent):
    Generation.objects.update(replays=MOST_REPLAYS)
    before = submits(sandbox)
    let_the_list_be_silent()
    run()
    assert submits(sandbox) == before


# --- clocks ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("wrong_by", [-1, 0, 1], ids=["an hour behind", "right", "an hour ahead"])
@pytest.mark.parametrize("true_hours", [0.5, 21.9, 23.9, 24.0, 24.1, 30])
def test_the_same_key_is_only_sent_within_the_day_that_it_is_kept(wrong_by, true_hours):
    """It was sent by a clock that was wrong, and is looked at by one that is right."""
    film = Generation(sent_at=timezone.now() - timedelta(hours=true_hours - wrong_by))
    if true_hours >= 24:
        assert not film.may_be_replayed
    if 1 <= true_hours <= 21.9:
        assert film.may_be_replayed


def test_once_too_late_it_stays_so_when_the_clock_is_set_back(never_arrived, run, sandbox):
    sent_at = timezone.now() - timedelta(hours=25)
    Generation.objects.update(sent_at=sent_at)
    run()
    Generation.objects.update(sent_at=timezone.now() - timedelta(hours=1), attempts=SILENT_LOOKS)  # as if set back
    before = submits(sandbox)
    run()
    assert submits(sandbox) == before


def test_one_sent_in_the_future_is_never_sent_again_and_yet_found(unanswered, run, until, sandbox):
    Generation.objects.update(sent_at=timezone.now() + timedelta(days=1))
    before = submits(sandbox)
    until(lambda: film_now().state == "completed")
    assert submits(sandbox) == before


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_an_hour_off_hides_no_job(hours, unanswered, run, until):
    Generation.objects.update(sent_at=timezone.now() + timedelta(hours=hours))
    until(lambda: film_now().state == "completed")


# --- a person's word -------------------------------------------------------------------------------------------------
@pytest.fixture
def asked_about(never_arrived, run) -> Generation:
    a_day_passes()
    run()
    return film_now()


def a_day_passes() -> None:
    then = timezone.now() - timedelta(hours=25)
    Generation.objects.update(sent_at=then, state_since=then, attempts=60)


def test_after_a_day_people_are_asked_and_the_sum_is_still_held(asked_about, team):
    assert (asked_about.state, asked_about.spend) == ("unconfirmed", 16)
    assert list(lost.asked_about(team)) == [asked_about]


def test_it_ran_counts_what_was_held_and_is_put_before_the_admins(asked_about, editor):
    assert lost.say_it_ran(asked_about, editor)
    film = film_now()
    assert (film.state, film.spend) == ("failed", 16)
    assert film.events.get(to_state="failed").actor == editor
    assert Discrepancy.objects.get().kind == "given_up"


def test_it_never_ran_releases_the_sum_and_says_who_said_so(asked_about, editor):
    assert lost.say_it_never_ran(asked_about, editor)
    film = film_now()
    assert (film.state, film.spend) == ("failed", 0)
    told = film.events.get(to_state="failed")
    assert (told.actor, told.reason) == (editor, "Said never to have run, by somebody who looked at the provider.")


def test_an_answer_counts_although_the_engine_is_looking_at_that_moment(asked_about, editor):
    Generation.objects.claim([asked_about.pk], 20)
    assert lost.say_it_never_ran(asked_about, editor)


def test_only_the_first_answer_counts(asked_about, editor, admin):
    assert lost.say_it_never_ran(asked_about, editor)
    assert not lost.say_it_ran(asked_about, admin)


def test_with_the_id_of_its_job_it_is_followed_to_its_end(unanswered, run, until, editor, sandbox):
    sandbox.configure(list_lag_seconds=3600)
    a_day_passes()
    run()
    (job_id,) = [job.id for job in sandbox.provider.store.jobs.values() if job.idempotency_key == str(unanswered.pk)]
    assert lost.say_it_ran(unanswered, editor, job_id)
    until(lambda: film_now().state == "completed")
    assert film_now().spend == 16


def test_a_job_that_is_another_films_is_not_taken(asked_about, editor, new_generation):
    other = new_generation()
    Generation.objects.filter(pk=other.pk).update(job_id="theirs")
    assert not lost.say_it_ran(asked_about, editor, "theirs")


@pytest.mark.parametrize(
    "say", [lost.say_it_ran, lost.say_it_never_ran, None], ids=["it ran", "it never ran", "nothing"]
)
def test_whatever_was_said_the_comparison_finds_it_later(say, unanswered, run, until, team, editor, sandbox):
    sandbox.configure(list_lag_seconds=3600, known_key="conflict")
    a_day_passes()
    run()
    if say:
        say(film_now(), editor)
    Generation.objects.filter(state="unconfirmed").update(due_at=timezone.now() + timedelta(hours=1))
    sandbox.configure(list_lag_seconds=0)
    wait_for_the_film(sandbox, unanswered)
    reconcile.compare(Comparison.objects.create(team=team, due_at=timezone.now()).pk)
    until(lambda: film_now().state == "completed")
    assert (film_now().spend, Video.objects.count()) == (16, 1)


def wait_for_the_film(sandbox, film) -> None:
    store = sandbox.provider.store
    eventually(
        lambda: [j for j in store.jobs.values() if j.idempotency_key == str(film.pk) and j.completed_at is not None]
    )


def test_nothing_it_says_calls_it_free_without_proof(asked_about, admin, client_of, editor):
    client = client_of(admin)
    pages = [f"/dailies/videos/{asked_about.pk}/", "/dailies/videos/", "/dailies/usage/"]
    for step in (lambda: None, lambda: lost.say_it_never_ran(film_now(), editor)):
        step()
        for page in pages:
            said = client.get(page).content.decode().lower()
            assert not [words for words in UNTRUE if words in said], page


# --- the wish to cancel ----------------------------------------------------------------------------------------------
def test_what_somebody_asked_to_cancel_is_not_sent_again(never_arrived, run, sandbox, editor, let_the_list_be_silent):
    assert film_now().cancel(editor) is Cancel.UNKNOWN
    before = submits(sandbox)
    for _ in range(3):
        let_the_list_be_silent()
        run()
    assert (submits(sandbox), film_now().state) == (before, "unconfirmed")


# --- another key ------------------------------------------------------------------------------------------------------
def test_what_is_about_to_be_sent_with_a_key_that_was_just_exchanged_is_not_sent(new_generation, engine, sandbox):
    """Its account would have made a film that nobody could ask about."""
    film, stale = new_generation(), Connection.objects.select_related("team").get()
    exchanged = Connection.objects.get()
    exchanged.api_key = f"afk_{uuid.uuid4().hex}"
    exchanged.save()
    engine._prepare_all(stale, STEPS["submit"], Generation, [film.pk])
    assert (film_now().state, film_now().sent_at, film_now().claim) == ("queued", None, None)


# --- paid, and its name not kept -------------------------------------------------------------------------------------
def test_a_job_whose_film_was_moved_meanwhile_keeps_its_name_and_is_loud(new_generation, editor, sandbox, caplog):
    film = new_generation()
    (row,) = Generation.objects.claim([film.pk], 20)[1]
    assert STEPS["submit"].prepare(row)
    lost.give_up_on_all([film], "Given up when the team’s key was exchanged.", editor)
    STEPS["submit"].settle(row, a_job())
    assert film_now().job_id == "job-1"
    assert "job-1" in caplog.text
    assert any("job-1" in str(event.note) for event in film.events.all())


def test_a_job_that_cannot_be_written_down_is_in_the_log(new_generation, monkeypatch, caplog):
    film = new_generation()
    (row,) = Generation.objects.claim([film.pk], 20)[1]
    assert STEPS["submit"].prepare(row)

    def full(_team: Team) -> int:
        raise OSError("No space left on device")

    monkeypatch.setattr(Team, "next_revision", full)
    with pytest.raises(OSError, match="No space"):
        STEPS["submit"].settle(row, a_job())
    assert f"Paid, id not stored: film {film.pk} is job job-1" in caplog.text


def a_job() -> JobAccepted:

    return JobAccepted(job_id="job-1", request_id=str(uuid.uuid4()))
