"""What an admin sees of the comparison with the provider, and does about it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone

from assets_app.engine import reconcile
from assets_app.models import Comparison, Connection, Discrepancy, Generation

from .scene import make_generation

pytestmark = pytest.mark.django_db
PAGE = "/dailies/usage/"


@pytest.fixture
def runs(client_of, admin):
    return client_of(admin)


@pytest.fixture
def unknown(team):
    def make(**said: Any) -> Discrepancy:
        job_id = str(uuid.uuid4())
        job = {
            "id": job_id,
            "status": "COMPLETED",
            "model": "seedance-2",
            "input": {"model": "seedance-2", "prompt": "A door opens", "seedanceParams": {"duration": 4}},
            "result": {"videoUrl": "https://cdn2.apiframe.ai/videos/x.mp4"},
            "creditCost": 64,
            "createdAt": "2026-11-20T10:00:00Z",
            "completedAt": "2026-11-20T10:02:00Z",
        } | said
        facts = {"model": job["model"], "credits": 64, "film": "A <b>door</b> opens", "made_at": job["createdAt"]}
        return Discrepancy.objects.create(team=team, kind="unknown", job_id=job_id, facts=facts | {"job": job})

    return make


@pytest.mark.parametrize("kind", Discrepancy.Kind.values)
def test_each_kind_is_told_in_words(kind, runs, team):
    film = make_generation(team)
    facts = {"ours": "failed" if kind == "state" else 20, "theirs": 16, "credits": 16, "film": "A door", "model": "x"}
    Discrepancy.objects.create(team=team, kind=kind, job_id="job", generation=film, facts=facts)
    page = runs.get(PAGE).content.decode()
    assert f'data-difference="{kind}"' in page
    assert "16 credits" in page or kind == "unsaved"


def test_facts_of_another_version_do_not_break_the_page(runs, team):
    for kind in Discrepancy.Kind.values:
        Discrepancy.objects.create(team=team, kind=kind, job_id="job", facts={"job": 1, "made_at": 2, "credits": "x"})
    assert runs.get(PAGE).status_code == 200


def test_only_admins_see_them_and_their_number_is_beside_usage(runs, client_of, editor, unknown):
    unknown()
    assert "A &lt;b&gt;door&lt;/b&gt; opens" in runs.get(PAGE).content.decode()
    assert "to look at" in runs.get("/dailies/members/").content.decode()
    for address in (PAGE, "/dailies/members/"):
        page = client_of(editor).get(address).content.decode()
        assert "door" not in page
        assert "to look at" not in page


def test_a_job_is_taken_in_and_leads_to_its_film(runs, admin, unknown):
    found = unknown()
    answer = runs.post(f"{PAGE}differences/{found.pk}/take-in/")
    film = Generation.objects.get()
    assert answer["Location"] == f"/dailies/videos/{film.pk}/"
    assert (film.prompt, film.spend, film.created_at.day) == ("A door opens", 64, 20)
    assert film.params == {"duration": 4}
    assert film.video.source_url.endswith("x.mp4")
    assert runs.get(answer["Location"]).status_code == 200
    runs.post(f"{PAGE}differences/{found.pk}/take-in/")
    assert Generation.objects.count() == 1


def test_a_film_that_the_provider_has_deleted_is_taken_in_for_the_accounts(runs, unknown):
    runs.post(f"{PAGE}differences/{unknown(expired=True).pk}/take-in/")
    assert Generation.objects.get().video.state == "lost"


def test_of_a_model_that_we_do_not_know_the_film_is_taken_in_too(runs, unknown):
    found = unknown(model="kling-9", input={"prompt": "A door opens"})
    answer = runs.post(f"{PAGE}differences/{found.pk}/take-in/")
    assert Generation.objects.get().model == "kling-9"
    assert runs.get(answer["Location"]).status_code == 200


def test_what_is_no_film_is_only_to_be_dismissed(runs, unknown):
    found = unknown(model="an-image-model", result={"images": ["https://cdn2.apiframe.ai/images/x.png"]})
    assert "Import" not in runs.get(PAGE).content.decode()
    runs.post(f"{PAGE}differences/{found.pk}/take-in/")
    assert not Generation.objects.exists()


def test_one_is_dismissed_or_all_that_the_page_showed(runs, admin, unknown):
    first, second, third = unknown(), unknown(), unknown()
    runs.post(f"{PAGE}differences/dismiss/", {"difference": first.pk})
    first.refresh_from_db()
    assert first.settled_by == admin
    runs.post(f"{PAGE}differences/dismiss/", {"up_to": second.pk})
    assert list(Discrepancy.objects.filter(settled_at=None)) == [third]


@pytest.mark.parametrize("sent", [{}, {"difference": "x"}, {"difference": "٣"}, {"up_to": "9" * 40}, {"up_to": "-1"}])
def test_what_makes_no_sense_dismisses_nothing(sent, runs, unknown):
    unknown()
    assert runs.post(f"{PAGE}differences/dismiss/", sent).status_code == 302
    assert Discrepancy.objects.filter(settled_at=None).exists()


def test_another_teams_are_out_of_reach(runs, stranger, unknown):
    found = unknown()
    Discrepancy.objects.update(team=stranger.memberships.get().team)
    assert runs.post(f"{PAGE}differences/{found.pk}/take-in/").status_code == 404
    runs.post(f"{PAGE}differences/dismiss/", {"difference": found.pk})
    assert Discrepancy.objects.filter(settled_at=None).exists()


def test_a_comparison_is_asked_for_once(runs, team, monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(reconcile, "send", lambda: sent.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        runs.post(f"{PAGE}compare/")
        runs.post(f"{PAGE}compare/")
    assert sent == [1]
    assert Comparison.objects.get(team=team).is_under_way
    assert "Being compared" in runs.get(PAGE).content.decode()


def test_without_a_connection_there_is_nothing_to_compare_with(runs):
    Connection.objects.all().delete()
    assert "nothing to compare with" in runs.post(f"{PAGE}compare/", follow=True).content.decode()


def test_the_page_hears_of_what_was_found(runs, team, unknown):
    before = runs.get(PAGE).content.decode()
    assert "data-difference" not in before
    unknown()
    team.next_revision()
    mail = runs.get("/dailies/live/", {"v": "0", "page": "usage", "for": "7"}).content.decode()
    assert 'data-difference="unknown"' in mail
    assert 'id="figures"' in mail


def test_it_says_how_far_it_got_and_what_went_wrong(runs, team):
    Comparison.objects.create(
        team=team,
        finished_at=timezone.now(),
        reaches_to=timezone.now(),
        jobs_compared=2000,
        is_whole=False,
        last_error="502 from the gate",
    )
    page = runs.get(PAGE).content.decode()
    assert "2,000 jobs" in page
    assert "the older of them were not looked at" in page
    assert "502 from the gate" in page


def test_the_activity_page_tells_what_was_found(runs, team):
    from assets_app.models import Event

    Event.about_team(team, None, "difference", kind="unsaved", job="x", film="{broken} %s")
    assert "a film that we had not saved" in runs.get("/dailies/activity/").content.decode()
