"""The provider's list of jobs against ours: whatever differs is found, put right where it can be, and told."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assets_app.apiframe.client import Client
from assets_app.apiframe.results import Job, JobPage, JobStatus
from assets_app.engine import differences, reconcile
from assets_app.models import Comparison, Connection, Discrepancy, Event, Generation, Team, Video
from assets_app.payload import Ref, build_body

from .conftest import PARAMS, wait_until

pytestmark = pytest.mark.django_db
MINI = "seedance-2-mini"


@pytest.fixture
def other(sandbox, api_key):
    """Another program with the same key."""
    with Client(sandbox.base_url, api_key) as client:
        yield client


@pytest.fixture
def film_elsewhere(other):
    """Make a film outside of Castboard and wait until it is there; its job's id."""

    def make(prompt: str = "A door opens", *references: Ref) -> str:
        job_id = other.generate_video(build_body(MINI, prompt, PARAMS, references), str(uuid.uuid4())).job_id
        wait_for(other, job_id)
        return job_id

    return make


@pytest.fixture
def film_of_ours(new_generation, until, run_files):
    def make(**columns: Any) -> Generation:
        generation = new_generation()
        until(lambda: Generation.objects.get(pk=generation.pk).state == "completed")
        run_files()
        Generation.objects.filter(pk=generation.pk).update(**columns)
        return Generation.objects.get(pk=generation.pk)

    return make


@pytest.fixture
def compare(team, sandbox):
    def run(**how: Any) -> Comparison:
        row, _made = Comparison.objects.get_or_create(team=team)
        Comparison.objects.filter(pk=row.pk).update(due_at=timezone.now())
        reconcile.compare(row.pk, **how)
        return Comparison.objects.get(pk=row.pk)

    return run


def wait_for(client: Client, job_id: str, status: JobStatus = JobStatus.COMPLETED) -> None:
    wait_until(lambda: client.get_job(job_id).status is status)


def open_ones() -> list[Discrepancy]:
    return list(Discrepancy.objects.filter(settled_at=None))


# --- nothing differs -------------------------------------------------------------------------------------------------
def test_when_both_lists_agree_there_is_nothing_to_tell(film_of_ours, compare):
    film = film_of_ours()
    row = compare()
    assert open_ones() == []
    assert (row.jobs_compared, row.is_whole, row.began_at, row.last_error) == (1, True, None, "")
    assert row.compared_until
    assert row.due_at > timezone.now()
    film.refresh_from_db()
    assert film.spend == film.credit_cost == 16


@pytest.mark.parametrize(("told", "cost"), [("asked", 16), ("0", 0)])
def test_a_failed_job_is_free_to_both_whatever_its_credit_cost(
    new_generation, until, compare, sandbox, told: str, cost: int
):
    sandbox.configure(refuse_share=1.0, failed_cost=told)
    generation = new_generation()
    until(lambda: Generation.objects.get().state == "failed")
    compare()
    generation.refresh_from_db()
    assert generation.credit_cost == cost
    assert generation.spend == 0
    assert open_ones() == []


# --- a job that we do not know ---------------------------------------------------------------------------------------
def test_a_film_made_by_another_program_is_listed_with_what_is_known_of_it(team, film_elsewhere, compare):
    job_id = film_elsewhere("A door opens")
    compare()
    (found,) = open_ones()
    assert (found.kind, found.job_id, found.generation) == ("unknown", job_id, None)
    assert (found.facts["model"], found.facts["credits"], found.facts["film"]) == (MINI, 16, "A door opens")
    event = Event.objects.get(team=team, to_state="difference")
    assert "job" in event.note


def test_it_can_be_taken_in_as_a_generation_whose_film_is_saved(
    team, admin, film_elsewhere, new_asset, until, compare, run_files
):
    asset = new_asset()
    until(lambda: team.assets.get().state == "active")
    asset.refresh_from_db()
    job_id = film_elsewhere("A door opens", Ref("reference_image", 0, "image", asset.reference_url))
    compare()
    (found,) = open_ones()
    generation = differences.take_in(found, admin)
    assert differences.take_in(found, admin) is None  # pressed twice
    run_files()
    generation.refresh_from_db()
    assert (generation.job_id, generation.state, generation.spend) == (job_id, "completed", 16)
    assert generation.prompt == "A door opens"
    assert generation.params == PARAMS
    assert generation.references.get().asset == asset
    assert generation.video.state == "saved"
    assert generation.video.file.size
    found.refresh_from_db()
    assert (found.settled_by, found.generation) == (admin, generation)
    compare()
    assert open_ones() == []
    assert Generation.objects.count() == 1


def test_one_that_was_dismissed_does_not_come_back(team, admin, film_elsewhere, compare):
    film_elsewhere()
    compare()
    assert differences.dismiss(team, [open_ones()[0].pk], admin) == 1
    compare()
    assert open_ones() == []


def test_a_team_cannot_dismiss_what_another_has_found(film_elsewhere, compare, stranger, admin):
    film_elsewhere()
    compare()
    others = stranger.memberships.get().team
    assert differences.dismiss(others, [open_ones()[0].pk], stranger) == 0


def test_what_failed_elsewhere_cost_nothing_and_is_not_listed(other, compare, sandbox):
    sandbox.provider.configure({"refuse_share": 1.0})
    job_id = other.generate_video(build_body(MINI, "A door", PARAMS), "k").job_id
    wait_for(other, job_id, JobStatus.FAILED)
    compare()
    assert open_ones() == []


def test_a_film_of_another_team_here_with_the_same_key_is_known(team, api_key, sandbox, film_of_ours, compare):
    film = film_of_ours()
    sharing = Team.objects.create(name="Second unit", slug="second")
    Generation.objects.filter(pk=film.pk).update(team=sharing, spend=3)
    compare()
    assert open_ones() == []
    film.refresh_from_db()
    assert film.spend == 3  # theirs to compare


def test_our_own_job_whose_answer_is_still_on_its_way_is_not_taken_for_a_strangers(
    team, new_generation, film_elsewhere, compare
):
    generation = new_generation(prompt="A door opens")
    fingerprint = Connection.objects.get().fingerprint
    Generation.objects.update(sent_at=timezone.now(), sent_with=fingerprint, due_at=None)
    job_id = film_elsewhere("A door opens")
    row = compare()
    assert open_ones() == []
    assert row.compared_until < timezone.now()
    Generation.objects.filter(pk=generation.pk).update(job_id=job_id, state="submitted")
    compare()
    assert open_ones() == []


def test_a_job_that_still_runs_is_compared_next_time(other, compare, sandbox):
    sandbox.provider.configure({"job_delay": "2"})
    job_id = other.generate_video(build_body(MINI, "A door", PARAMS), "k").job_id
    first = compare()
    assert open_ones() == []
    assert first.unfinished == first.compared_until
    wait_for(other, job_id)
    compare()
    assert [found.job_id for found in open_ones()] == [job_id]


# --- a film that we had not saved ------------------------------------------------------------------------------------
@pytest.mark.parametrize("had", ["lost", "nothing"])
def test_a_film_that_is_still_there_is_saved_after_all(had, film_of_ours, compare, run_files):
    film = film_of_ours()
    if had == "lost":
        Video.objects.update(state="lost", file="", reason="Given up after 600 tries.")
    else:
        Video.objects.all().delete()
    compare()
    (found,) = open_ones()
    assert (found.kind, found.generation) == ("unsaved", film)
    run_files()
    assert Video.objects.get().state == "saved"
    compare()
    assert open_ones() == []


def test_what_the_provider_deleted_is_not_tried_again(film_of_ours, compare, sandbox):
    film_of_ours()
    Video.objects.update(state="lost", file="")
    sandbox.provider.configure({"retention_seconds": 0})
    compare()
    assert Video.objects.get().state == "lost"
    assert open_ones() == []


def test_what_we_deleted_ourselves_stays_deleted(film_of_ours, compare):
    film_of_ours(trashed_at=timezone.now(), purged_at=timezone.now())
    Video.objects.update(state="lost", file="")
    compare()
    assert Video.objects.get().state == "lost"


# --- another charge --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ours", [{"credit_cost": 20, "spend": 20}, {"credit_cost": None, "spend": 99}])
def test_a_charge_that_differs_becomes_the_providers(ours, team, film_of_ours, compare):
    film = film_of_ours(**ours)
    before = Team.objects.get().revision
    compare()
    film.refresh_from_db()
    assert film.credit_cost == film.spend == 16
    assert film.revision > before
    (found,) = open_ones()
    assert (found.kind, found.facts["ours"], found.facts["theirs"]) == ("charge", ours["spend"], 16)
    compare()
    assert open_ones() == []
    assert Discrepancy.objects.get().settled_by is None


def test_one_that_differs_again_is_told_again(film_of_ours, compare):
    film = film_of_ours(spend=20)
    compare()
    compare()
    Generation.objects.filter(pk=film.pk).update(spend=21)
    compare()
    (found,) = open_ones()
    assert found.facts["ours"] == 21


# --- another outcome -------------------------------------------------------------------------------------------------
def test_what_we_gave_up_on_and_they_finished_is_ours_after_all(film_of_ours, compare, run_files):
    film = film_of_ours(state="failed", spend=0, credit_cost=None, reason="After a week it still says so.")
    Video.objects.all().delete()
    compare()
    run_files()
    film.refresh_from_db()
    assert (film.state, film.spend, film.credit_cost) == ("completed", 16, 16)
    assert film.video.state == "saved"
    (found,) = open_ones()
    assert (found.kind, found.facts["ours"], found.facts["theirs"]) == ("state", "failed", "COMPLETED")
    assert film.events.filter(from_state="failed", to_state="completed").exists()


def test_a_job_whose_answer_never_came_is_found_by_what_it_was_asked(film_of_ours, compare, run_files, team):
    twins = [film_of_ours(), film_of_ours()]
    jobs = {film.job_id for film in twins}
    Video.objects.all().delete()
    Generation.objects.update(state="failed", spend=0, job_id="", reason="We could not find out.")
    compare()
    run_files()
    found = Generation.objects.all()
    assert {film.job_id for film in found} == jobs
    assert {film.state for film in found} == {"completed"}
    assert {each.kind for each in open_ones()} == {"state"}
    assert Video.objects.filter(state="saved").count() == 2


def test_a_film_that_they_call_failed_counts_for_nothing_and_stays(new_generation, until, compare, sandbox):
    sandbox.provider.configure({"refuse_share": 1.0})
    new_generation()
    until(lambda: Generation.objects.get().state == "failed")
    Generation.objects.update(state="completed", spend=16, credit_cost=16)
    compare()
    film = Generation.objects.get()
    assert (film.state, film.spend) == ("completed", 0)
    assert [found.kind for found in open_ones()] == ["state"]


# --- reading the list ------------------------------------------------------------------------------------------------
def test_a_long_list_is_read_page_by_page(film_elsewhere, compare):
    jobs = [film_elsewhere() for _ in range(5)]
    row = compare(page_size=2)
    assert {found.job_id for found in open_ones()} == set(jobs)
    assert row.jobs_compared == 5
    assert row.is_whole


def test_a_list_that_is_too_long_is_read_so_far_and_that_is_said(film_elsewhere, compare):
    jobs = [film_elsewhere() for _ in range(5)]
    row = compare(page_size=2, most_pages=2)
    assert {found.job_id for found in open_ones()} == set(jobs[1:])
    assert not row.is_whole


def test_a_second_comparison_ends_where_the_first_has_been(film_elsewhere, compare, monkeypatch):
    monkeypatch.setattr(reconcile, "LOOKS_TWICE_WITHIN", timedelta(0))
    for _ in range(4):
        film_elsewhere()
    compare(page_size=1)
    film_elsewhere()
    row = compare(page_size=1)
    assert row.jobs_compared == 2  # the new one and the newest of before; the page after those ends it
    assert len(open_ones()) == 5


def test_one_old_job_among_new_ones_hides_none_of_those_after_it(film_elsewhere, compare):
    class Disordered(Client):
        """Its first page begins with a job of long ago."""

        def list_jobs(self, limit: int = 100, cursor: str | None = None, *args: Any, **more: Any) -> JobPage:
            page = super().list_jobs(limit, cursor, *args, **more)
            return replace(page, jobs=(LONG_AGO, *page.jobs)) if cursor is None else page

    films = {film_elsewhere() for _ in range(3)}
    compare(page_size=1, make_client=Disordered)
    assert films <= {found.job_id for found in open_ones()}


LONG_AGO = Job.from_json({"id": "old", "status": "FAILED", "createdAt": "2020-01-01T00:00:00Z"})


def test_a_worker_killed_in_the_middle_costs_one_page(film_elsewhere, compare, monkeypatch, sandbox):
    jobs = [film_elsewhere() for _ in range(4)]
    settle, pages = reconcile.Reading._settle, []

    def killed(self: reconcile.Reading, page: Any) -> None:
        settle(self, page)
        pages.append(page)
        if len(pages) == 2:
            raise KeyboardInterrupt  # what no handler of ours catches

    monkeypatch.setattr(reconcile.Reading, "_settle", killed)
    with pytest.raises(KeyboardInterrupt):
        compare(page_size=1)
    row = Comparison.objects.get()
    assert (row.pages, row.finished_at) == (1, None)
    assert not Comparison.objects.due().exists()  # it may live yet
    Comparison.objects.update(claimed_until=timezone.now())
    row = compare(page_size=1)
    assert row.jobs_compared == 4
    assert {found.job_id for found in open_ones()} == set(jobs)
    assert Discrepancy.objects.count() == 4


def test_whoever_lost_its_claim_leaves_it_to_the_other(film_elsewhere, compare, monkeypatch):
    film_elsewhere()
    film_elsewhere()
    settle = reconcile.Reading._settle

    def slow(self: reconcile.Reading, page: Any) -> None:
        settle(self, page)
        Comparison.objects.update(claim=uuid.uuid4())

    monkeypatch.setattr(reconcile.Reading, "_settle", slow)
    row = compare(page_size=1)
    assert row.pages == 0
    assert row.claim


def test_another_key_has_another_list_and_is_read_from_the_start(team, film_elsewhere, compare):
    film_elsewhere()
    compare()
    connection = Connection.objects.get()
    connection.api_key = f"afk_{uuid.uuid4().hex}"
    connection.save()
    row = compare()
    assert row.jobs_compared == 0
    assert row.fingerprint == connection.fingerprint


def test_it_waits_for_the_keys_budget_and_goes_on_later(film_elsewhere, compare):
    film_elsewhere()
    film_elsewhere()
    Connection.objects.update(requests_per_minute=1)
    row = compare(page_size=1)
    assert row.finished_at is None
    assert row.claim is None
    assert row.due_at < timezone.now() + timedelta(minutes=1)
    Connection.objects.update(requests_per_minute=600_000)
    reconcile.budget.Budget.objects.all().delete()
    assert compare(page_size=1).jobs_compared == 2


def test_a_refusal_is_obeyed_and_told_and_the_next_night_comes(film_elsewhere, compare, sandbox):
    film_elsewhere()
    for _ in range(reconcile.TRIES):
        sandbox.fail_next("error", "GET /v2/jobs")
        row = compare()
        assert row.last_error
    assert row.due_at > timezone.now() + timedelta(minutes=10) or row.due_at == row.next_night()
    assert compare().jobs_compared == 1
    assert Comparison.objects.get().last_error == ""


def test_nothing_is_asked_while_the_connection_is_down(compare, sandbox):
    Connection.objects.update(problem=Connection.Problem.KEY_REFUSED)
    before = sandbox.stats()["requests"]
    assert "connection" in compare().last_error
    assert sandbox.stats()["requests"] == before


# --- when ------------------------------------------------------------------------------------------------------------
def test_every_team_has_its_night(team, stranger, time_machine):
    time_machine.move_to("2026-11-22T12:00:00Z", tick=False)
    reconcile.run_due(1)
    row = Comparison.objects.get()  # the stranger's team has no connection
    assert row.team == team
    assert timedelta(hours=15) <= row.due_at - timezone.now() <= timedelta(hours=16)


def test_one_list_that_breaks_us_does_not_keep_the_other_teams_from_being_compared(
    team, stranger, sandbox, api_key, monkeypatch
):
    other_team = stranger.teams.get()
    if not hasattr(other_team, "connection"):
        connection = Connection(team=other_team, base_url=sandbox.base_url, is_sandbox=True)
        connection.api_key = api_key
        connection.save()
    for number, each in enumerate((team, other_team)):
        Comparison.objects.create(team=each, due_at=timezone.now() - timedelta(minutes=5 - number))
    settle = reconcile.Reading._settle

    def broken_for_one(reading: reconcile.Reading, jobs: Any) -> None:
        if reading.team == team:
            raise ZeroDivisionError
        settle(reading, jobs)

    monkeypatch.setattr(reconcile.Reading, "_settle", broken_for_one)
    reconcile.run_due(20)
    broken, well = Comparison.objects.get(team=team), Comparison.objects.get(team=other_team)
    assert well.finished_at
    assert broken.due_at > timezone.now()
    assert "log of the worker" in broken.last_error


def test_a_job_dated_in_the_future_does_not_end_all_later_comparisons(film_elsewhere, compare, monkeypatch):
    list_jobs = Client.list_jobs

    def ahead(client: Client, *args: Any) -> JobPage:
        page = list_jobs(client, *args)
        later = timedelta(days=400)
        return replace(page, jobs=tuple(replace(job, created_at=job.created_at + later) for job in page.jobs))

    film_elsewhere("One")
    with monkeypatch.context() as patch:
        patch.setattr(Client, "list_jobs", ahead)
        row = compare()
    assert row.compared_until <= timezone.now()


def test_what_is_taken_in_is_never_dated_in_the_future(team, admin, film_elsewhere, compare):
    film_elsewhere()
    compare()
    (found,) = open_ones()
    found.facts["job"] |= {"createdAt": "9999-12-31T23:59:59Z", "completedAt": "9999-12-31T23:59:59Z"}
    generation = differences.take_in(found, admin)
    assert generation.created_at <= timezone.now()
    assert generation.completed_at <= timezone.now()


def test_asked_for_it_begins_at_once_and_once(team, film_elsewhere, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(reconcile, "send", lambda: sent.append(1))
    film_elsewhere()
    with django_capture_on_commit_callbacks(execute=True):
        assert reconcile.ask(team)
        assert not reconcile.ask(team)
    assert sent == [1]
    assert not reconcile.run_due(20)
    assert len(open_ones()) == 1
    assert reconcile.ask(team)


# --- ours that it does not list --------------------------------------------------------------------------------------
@pytest.fixture
def forgotten(team):
    """Finished takes of ours that count, whose jobs the provider never heard of; sent so many hours ago."""

    def make(number: int = 1, hours: float = 5, **columns: Any) -> list[Generation]:
        at = timezone.now() - timedelta(hours=hours)
        films = [
            Generation(
                team=team,
                click=uuid.uuid4(),
                model=MINI,
                prompt="A door opens",
                state="completed",
                job_id=str(uuid.uuid4()),
                **{"spend": 16, "credit_cost": 16, "sent_at": at, "created_at": at, "completed_at": at} | columns,
            )
            for _ in range(number)
        ]
        return Generation.objects.bulk_create(films)

    return make


def test_films_of_ours_that_the_provider_does_not_list_are_told_and_no_agreement_is(
    forgotten, film_of_ours, compare, client_of, admin
):
    film_of_ours()
    films = forgotten(2000)
    row = compare()
    assert {(found.kind, found.job_id) for found in open_ones()} == {("unlisted", film.job_id) for film in films}
    assert sum(found.facts["was_asked"] for found in open_ones()) == reconcile.MOST_READ_SINGLY
    assert row.is_complete
    assert Event.objects.get(to_state="difference").note == {"kind": "unlisted", "number": 2000}
    page = client_of(admin).get("/dailies/usage/").content.decode()
    assert "2,000 differ" in page
    assert "Both lists agree" not in page
    compare()
    assert len(open_ones()) == 2000


def test_one_that_is_listed_after_all_is_settled(forgotten, film_of_ours, compare):
    film = film_of_ours()
    Generation.objects.filter(pk=film.pk).update(sent_at=timezone.now() - timedelta(hours=5))
    job_id = film.job_id
    Generation.objects.filter(pk=film.pk).update(job_id=str(uuid.uuid4()))
    Generation.objects.filter(pk=film.pk).update(sent_with="")
    compare()
    assert "unlisted" in {found.kind for found in open_ones()}
    Discrepancy.objects.filter(kind="unlisted").update(job_id=job_id)
    Generation.objects.filter(pk=film.pk).update(job_id=job_id)
    compare()
    assert "unlisted" not in {found.kind for found in open_ones()}


def test_a_list_that_leaves_out_what_the_provider_knows_by_name_is_no_difference(film_of_ours, compare):
    class Forgetful(Client):
        def list_jobs(self, *args: Any, **more: Any) -> JobPage:
            return replace(super().list_jobs(*args, **more), jobs=())

    film = film_of_ours(sent_at=timezone.now() - timedelta(hours=1))
    compare(make_client=Forgetful)
    assert open_ones() == []
    film.refresh_from_db()
    assert film.listed_at


@pytest.mark.parametrize(
    ("columns", "is_said"),
    [
        ({"hours": 24 * 30}, True),  # older than is read
        ({"sent_with": "another key"}, True),
        ({"hours": 0.05}, False),  # the list may lag
        ({"spend": 0}, False),  # counts nothing
    ],
)
def test_what_the_reading_does_not_cover_is_no_difference_but_is_said(
    columns, is_said, forgotten, compare, client_of, admin
):
    forgotten(**columns)
    row = compare()
    assert open_ones() == []
    assert row.not_covered == int(is_said)
    page = client_of(admin).get("/dailies/usage/").content.decode()
    assert ("1 film of ours was not looked for" in page) == is_said
    assert ("As far as they were compared, both lists agree." in page) == is_said


def test_the_whole_list_is_read_when_an_admin_asks_for_it(team, forgotten, compare):
    (film,) = forgotten(hours=24 * 300)
    reconcile.ask(team, all_of_it=True)
    row = compare()
    assert [found.generation for found in open_ones()] == [film]
    assert (row.reads_all, row.not_covered) == (False, 0)


def test_a_list_with_a_row_that_nobody_can_read_says_nothing_about_ours(forgotten, compare, client_of, admin):
    class Garbled(Client):
        def list_jobs(self, *args: Any, **more: Any) -> JobPage:
            return replace(super().list_jobs(*args, **more), unreadable=1)

    forgotten()
    row = compare(make_client=Garbled)
    assert open_ones() == []
    assert not row.is_complete
    page = client_of(admin).get("/dailies/usage/").content.decode()
    assert "1 of its rows could not be read" in page
    assert "lists agree" not in page


def test_a_list_that_was_not_read_to_its_end_says_nothing_about_what_lies_beyond(film_elsewhere, forgotten, compare):
    for _ in range(3):
        film_elsewhere()
    forgotten(hours=5)
    row = compare(page_size=1, most_pages=2)
    assert "unlisted" not in {found.kind for found in open_ones()}
    assert row.not_covered == 1
    assert not row.is_complete


def test_an_admin_puts_one_aside_with_a_reason_or_says_that_it_cost_nothing(team, forgotten, compare, client_of, admin):
    aside, free = forgotten(2)
    compare()
    runs = client_of(admin)
    found = {each.generation_id: each.pk for each in open_ones()}
    runs.post("/dailies/usage/differences/dismiss/", {"difference": found[aside.pk], "why": "Another account"})
    runs.post(f"/dailies/usage/differences/{found[free.pk]}/write-off/")
    assert open_ones() == []
    assert Discrepancy.objects.get(generation=aside).why == "Another account"
    assert [Generation.objects.get(pk=film.pk).spend for film in (aside, free)] == [16, 0]
    assert "Another account" in runs.get("/dailies/usage/").content.decode()
    assert "Dismissed 1 of the differences" in runs.get("/dailies/activity/").content.decode()
    table = b"".join(runs.get("/dailies/usage/differences/export/")).decode()
    assert table.count("Not in the provider’s list") == 2
    assert "Another account" in table
    compare()
    assert open_ones() == []


def test_one_that_the_provider_still_makes_though_we_have_it_as_finished_is_told(other, film_of_ours, compare):
    class Slow(Client):
        def list_jobs(self, *args: Any, **more: Any) -> JobPage:
            page = super().list_jobs(*args, **more)
            return replace(page, jobs=tuple(_running(job) for job in page.jobs))

    film_of_ours(completed_at=timezone.now() - timedelta(hours=2))
    compare(make_client=Slow)
    (found,) = open_ones()
    assert (found.kind, found.facts["theirs"]) == ("state", "PROCESSING")


def _running(job: Job) -> Job:
    return replace(job, status=JobStatus.PROCESSING, raw_status="PROCESSING")
