"""The list of films, one film, and the files we keep."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.models import Connection, Event, Generation, NewReference, Video
from assets_app.views.takes import Take

from .scene import hours_ago, make_asset, make_generation, make_video

pytestmark = pytest.mark.django_db

LIST = "/dailies/videos/"
FILM = bytes(range(256)) * 8


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def address(generation: Generation, part: str = "") -> str:
    return f"{LIST}{generation.pk}/{part}"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


# --- who may ---------------------------------------------------------------------------------------------------------
PARTS = ["", "file/", "poster/", "clip/", "download/"]


@pytest.mark.parametrize("part", PARTS)
def test_a_visitor_is_asked_to_sign_in(team, client, part):
    answer = client.get(address(make_generation(team), part))
    assert answer.status_code == 302
    assert answer.url.startswith("/login/")


@pytest.mark.parametrize("part", PARTS)
def test_another_teams_film_is_not_found(team, stranger, client_of, part):
    generation = make_generation(team)
    make_video(generation)
    assert client_of(stranger).get(address(generation, part)).status_code == 404
    assert client_of(stranger).get(f"/others/videos/{generation.pk}/{part}").status_code == 404


def test_a_viewer_may_watch_but_not_cancel_or_save(team, viewer, client_of):
    client, generation = client_of(viewer), make_generation(team, "queued")
    lost = make_generation(team)
    make_video(lost, "lost")
    assert client.get(LIST).status_code == client.get(address(generation)).status_code == 200
    assert client.post(address(generation, "cancel/")).status_code == 403
    assert client.post(address(lost, "save/")).status_code == 403
    assert set(Generation.objects.values_list("state", flat=True)) == {"queued", "completed"}


# --- money and keeping -----------------------------------------------------------------------------------------------
def test_a_failed_films_cost_is_never_shown_as_spent(team, ana):
    make_generation(team, "failed", credit_cost=144, reason="No available capacity for model")
    page = text(ana.get(LIST))
    assert "refunded" in page
    assert "144 credits" not in page
    assert page.count("144 sandbox credits") == page.count("Try again · 144 sandbox credits") == 1  # of another try


@pytest.mark.parametrize(
    ("state", "columns", "words"),
    [
        ("completed", {"credit_cost": 32}, "32 credits"),
        ("completed", {"credit_cost": 1}, "1 credit"),
        ("completed", {"credit_cost": None, "spend": 144}, "about 144 credits"),
        ("processing", {}, "held 144 credits"),
        ("processing", {"estimate_low": 40, "estimate_high": 1070, "spend": 1070}, "held 1,070 credits"),
        ("queued", {"estimate_low": None, "estimate_high": None, "spend": 0}, ""),
        ("failed", {}, "refunded"),
        ("failed", {"job_id": "", "sent_at": None}, "not charged"),
        ("cancelled", {"job_id": "", "sent_at": None}, "not charged"),
        ("failed", {"job_id": ""}, "counts 0 credits"),  # sent, and nobody proved that it was not taken
        ("failed", {"reason": "The provider was never heard to finish it.", "is_quote": False}, "counts 0 credits"),
        ("cancelled", {}, "counts 0 credits"),  # by the provider, of which FACTS say nothing
    ],
)
def test_what_a_film_costs_is_said_honestly(team, state, columns, words):
    assert Take(make_generation(team, state, **columns)).cost == words


def test_the_badge_says_whether_the_film_is_ours(team):
    now = timezone.now()
    generation = make_generation(team, completed_at=now)
    assert Take(generation).keeping is None
    said = {}
    with time_machine.travel(now + timedelta(hours=1, seconds=5), tick=False):
        video = make_video(generation, "copying")
        for video.state in ("copying", "saved", "lost"):
            keeping = Take(generation).keeping
            said[video.state] = keeping and keeping.words
    assert said == {
        "copying": "Saving… provider link expires in 22 h",
        "saved": "Saved",
        "lost": "Not saved",
    }


# --- one film --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("waiting", "as soon as all its assets are Active"),
        ("queued", "Next in line"),
        ("submitted", "will begin in a moment"),
        ("processing", "45 % rendered"),
        ("unconfirmed", "got no answer. We keep asking the provider and never pay for it twice."),
        ("cancelled", "Cancelled"),
    ],
)
def test_each_state_says_what_is_going_on(team, ana, state, words):
    page = text(ana.get(address(make_generation(team, state, progress=45))))
    assert words in page
    assert f'data-status="{state}"' in page


def test_a_failure_is_one_plain_sentence_the_next_step_and_the_raw_words_folded(team, ana):
    raw = "InputImageSensitiveContentDetected.PrivacyInformation: content[2]"
    generation = make_generation(team, "failed", reason=raw)
    page = text(ana.get(address(generation)))
    assert "real person" in page
    assert f"/dailies/generate/?from={generation.pk}" in page
    assert raw in page
    assert "The credits come back" in page


def test_a_saved_film_has_a_player_that_knows_its_frame_rate(team, ana):
    generation = make_generation(team)
    make_video(generation, fps=29.97)
    page = text(ana.get(address(generation)))
    assert "<video" in page
    assert 'data-fps="29.97"' in page
    assert address(generation, "file/") in page


def test_references_lead_to_their_assets(team, ana):
    image = make_asset(team, name="Courier")
    references = [
        NewReference("reference_image", "image", image),
        NewReference("reference_image", "image", url="https://media.example/b.png"),
    ]
    page = text(ana.get(address(make_generation(team, references=references))))
    assert f"/dailies/assets/{image.pk}/" in page
    assert "[Image2]" in page
    assert "media.example" in page


def test_the_request_as_code_hides_the_webhook(team, ana):
    body = {"model": "seedance-2", "prompt": "x", "webhookUrl": "https://us.example/webhooks/apiframe/secret-token/"}
    page = text(ana.get(address(make_generation(team, request=body))))
    assert "curl --fail-with-body" in page
    assert "secret-token" not in page


def test_the_history_is_in_plain_words(team, ana, editor):
    generation = make_generation(team, "queued", by=editor)
    generation.refresh_from_db()
    generation.move("unconfirmed", reason="timeout")
    generation.move("submitted", job_id="j")
    generation.move("failed", reason="No available capacity for model")
    page = text(ana.get(address(generation)))
    for words in ("Asked for", "edda ·", "no answer came back", "it had arrived after all", "Failed"):
        assert words in page


def test_a_prompt_with_markup_is_only_text(team, ana):
    generation = make_generation(team, prompt="<script>alert(1)</script>")
    for url in (LIST, address(generation), "/dailies/generate/"):
        assert "<script>alert" not in text(ana.get(url))


def test_queries_of_one_film_do_not_grow_with_its_references(team, ana):
    def queries(number: int) -> int:
        references = [NewReference("reference_image", "image", make_asset(team)) for _ in range(number)]
        generation = make_generation(team, references=references)
        make_video(generation)
        with CaptureQueriesContext(connection) as captured:
            ana.get(address(generation))
        return len(captured)

    few = queries(1)
    assert queries(9) == few
    assert few <= 18


@pytest.mark.parametrize(("problem", "words"), [("no_credits", "Waiting for credits"), ("down", "takes work again")])
def test_a_film_that_is_held_back_says_by_what(team, ana, problem, words):
    Connection.objects.update(problem=problem, problem_since=timezone.now())
    page = text(ana.get(address(make_generation(team, "queued"))))
    assert words in page
    assert "Next in line" not in page


# --- making it again -------------------------------------------------------------------------------------------------
NO_ROOM = "No available capacity for model"


def test_what_is_about_to_be_tried_again_by_itself_is_not_paid_for_twice(team, ana):
    failed = make_generation(team, "failed", reason="No available capacity for model", due_at=timezone.now())
    assert f"/videos/{failed.pk}/again/" not in ana.get(f"/dailies/videos/{failed.pk}/").content.decode()
    ana.post(f"/dailies/videos/{failed.pk}/again/")
    assert list(Generation.objects.all()) == [failed]


def test_one_press_makes_the_same_film_again_after_a_bad_moment(team, ana, editor):
    image = make_asset(team)
    failed = make_generation(
        team, "failed", reason=NO_ROOM, references=[NewReference("reference_image", "image", image)]
    )
    assert f'action="{address(failed, "again/")}"' in text(ana.get(LIST))
    for headers in ({"HX-Request": "true"}, {}, {}):
        answer = ana.post(address(failed, "again/"), headers=headers)
    again = Generation.objects.exclude(pk=failed.pk).get()
    assert answer.url == address(again)
    assert (again.state, again.created_by, again.prompt, again.params) == (
        "queued",
        editor,
        failed.prompt,
        failed.params,
    )
    assert [reference.asset for reference in again.references.all()] == [image]
    assert again.click != failed.click


@pytest.mark.parametrize(
    ("state", "reason"), [("failed", "InputImageSensitiveContentDetected.PrivacyInformation"), ("completed", NO_ROOM)]
)
def test_what_would_fail_again_or_never_failed_is_not_made_again(team, ana, state, reason):
    generation = make_generation(team, state, reason=reason)
    assert address(generation, "again/") not in text(ana.get(LIST))
    ana.post(address(generation, "again/"))
    assert Generation.objects.count() == 1


def test_a_film_whose_asset_is_gone_is_edited_first(team, ana):
    asset = make_asset(team, state="expired")
    failed = make_generation(
        team, "failed", reason=NO_ROOM, references=[NewReference("reference_image", "image", asset)]
    )
    answer = ana.post(address(failed, "again/"))
    assert answer.url == f"/dailies/generate/?from={failed.pk}"
    assert Generation.objects.count() == 1


def test_a_failed_film_leads_to_the_form_from_its_card(team, ana):
    failed = make_generation(team, "failed", reason="InputImageSensitiveContentDetected.PrivacyInformation")
    assert f'href="/dailies/generate/?from={failed.pk}"' in text(ana.get(LIST))


def test_a_film_that_does_not_exist_has_no_length(team):
    assert Take(make_generation(team, "failed")).seconds is None


# --- acting on it ----------------------------------------------------------------------------------------------------
def test_cancelling_works_while_it_is_still_ours(team, ana, editor):
    generation = make_generation(team, "queued")
    assert "Nothing was charged" in text(ana.post(address(generation, "cancel/"), follow=True))
    generation.refresh_from_db()
    assert generation.state == "cancelled"
    assert Event.objects.filter(generation=generation, to_state="cancelled", actor=editor).exists()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("submitted", "Too late: it is with the provider already"),
        ("processing", "Too late: it is with the provider already"),
        ("unconfirmed", "the provider may have it. It is not sent again."),
        ("completed", "nothing left to cancel"),
        ("failed", "nothing left to cancel"),
    ],
)
def test_a_cancel_that_comes_too_late_says_why_and_leaves_the_state(team, ana, state, words):
    generation = make_generation(team, state)
    assert words in text(ana.post(address(generation, "cancel/"), follow=True))
    generation.refresh_from_db()
    assert generation.state == state


def test_a_cancel_while_it_is_being_sent_says_so_there_and_on_its_page(team, ana):
    generation = make_generation(team, "queued", sent_at=timezone.now(), claim=uuid.uuid4())
    page = text(ana.post(address(generation, "cancel/"), follow=True))
    assert page.count("It is cancelled unless the provider takes it.") == 2
    assert address(generation, "cancel/") not in page
    Generation.objects.update(state="submitted", claim=None)
    assert "Somebody asked to cancel it, but the provider had taken it." in text(ana.get(address(generation)))


def test_a_set_is_called_off_as_far_as_each_of_its_takes_can_be(team, ana):
    click = uuid.uuid4()
    for take, (state, columns) in enumerate(
        [("queued", {}), ("queued", {"sent_at": timezone.now()}), ("unconfirmed", {}), ("processing", {})], start=1
    ):
        made = make_generation(team, state, **columns)
        Generation.objects.filter(pk=made.pk).update(click=click, take=take)
    said = text(ana.post(f"/dailies/videos/sets/{click}/cancel/", follow=True))
    assert "1 of 4 cancelled. Nothing was charged for it." in said
    assert "1 is being sent right now, and cancelled unless the provider takes it." in said
    assert "1 is with the provider or not, for no answer came back; it is not sent again." in said
    assert "1 is with the provider already, which has no way to cancel." in said


# --- what became of it, as a person says ------------------------------------------------------------------------------
@pytest.fixture
def asked_about(team):
    return make_generation(team, "unconfirmed", state_since=hours_ago(25), sent_at=hours_ago(25))


def test_after_a_day_its_page_asks_and_every_page_leads_there(team, ana, asked_about):
    assert "It never ran" in text(ana.get(address(asked_about)))
    for page in ("/dailies/", "/dailies/videos/", "/dailies/usage/"):
        assert f'data-asked-about="{asked_about.pk}"' in text(ana.get(page))


def test_one_who_may_only_look_is_not_asked(team, client_of, viewer, asked_about):
    page = text(client_of(viewer).get(address(asked_about)))
    assert "It never ran" not in page
    assert "data-asked-about" not in page


def test_before_that_nobody_is_asked_and_no_answer_is_taken(team, ana):
    fresh = make_generation(team, "unconfirmed")
    assert "It never ran" not in text(ana.get(address(fresh)))
    ana.post(address(fresh, "outcome/"), {"outcome": "never"})
    assert Generation.objects.get().state == "unconfirmed"


@pytest.mark.parametrize(("outcome", "spend", "words"), [("ran", 144, "may have cost 144"), ("never", 0, "0 credits")])
def test_what_a_person_says_counts_and_is_in_its_history(team, ana, editor, asked_about, outcome, spend, words):
    page = text(ana.post(address(asked_about, "outcome/"), {"outcome": outcome}, follow=True))
    film = Generation.objects.get()
    assert (film.state, film.spend) == ("failed", spend)
    assert words in text(ana.get("/dailies/videos/"))
    assert film.events.get(to_state="failed").actor == editor
    assert "Nothing was charged" not in page
    assert "data-asked-about" not in page


@pytest.mark.parametrize("form", [{}, {"outcome": ""}, {"outcome": "Never"}, {"job": "job-1"}])
def test_without_a_plain_word_on_what_became_of_it_nothing_is_changed(team, ana, asked_about, form):
    assert "Nothing was changed." in text(ana.post(address(asked_about, "outcome/"), form, follow=True))
    film = Generation.objects.get()
    assert (film.state, film.spend) == ("unconfirmed", 144)


@pytest.mark.parametrize("job", ["taken", "x" * 300, "two\nlines"])
def test_an_id_that_cannot_be_its_jobs_changes_nothing_and_says_so(team, ana, asked_about, job):
    Generation.objects.filter(pk=make_generation(team).pk).update(job_id="taken")
    said = text(ana.post(address(asked_about, "outcome/"), {"outcome": "ran", "job": job}, follow=True))
    assert "Nothing was changed." in said
    assert Generation.objects.get(pk=asked_about.pk).state == "unconfirmed"


def test_a_film_that_was_not_saved_can_be_saved_again_while_the_provider_has_it(team, ana, editor):
    generation = make_generation(team)
    make_video(generation, "lost", reason="The file was cut off.")
    page = text(ana.get(address(generation)))
    assert "could not be saved" in page
    assert "The file was cut off." in page
    ana.post(address(generation, "save/"))
    assert Video.objects.get().state == "copying"
    assert Event.objects.filter(subject="copy", to_state="copying", actor=editor).exists()


def test_nothing_is_said_of_the_providers_copy_that_it_did_not_say_itself(team, ana):
    generation = make_generation(team, completed_at=hours_ago(25))
    make_video(generation, "lost")
    page = text(ana.get(address(generation)))
    assert "deleted its copy" not in page
    assert address(generation, "save/") in page
    Generation.objects.update(provider_answer={"expired": True})
    page = text(ana.get(address(generation)))
    assert "the provider has deleted its copy" in page
    assert "asked for it again" not in page


def test_without_a_job_there_is_nobody_to_ask_for_the_film(team, ana):
    generation = make_generation(team, job_id="")
    make_video(generation, "lost", source_url="")
    page = text(ana.get(address(generation)))
    assert address(generation, "save/") not in page
    assert "no job to ask" in text(ana.post(address(generation, "save/"), follow=True))
    assert Video.objects.get().state == "lost"


# --- files -----------------------------------------------------------------------------------------------------------
def test_the_player_gets_the_part_it_asks_for(team, ana):
    generation = make_generation(team)
    make_video(generation, content=FILM)
    answer = ana.get(address(generation, "file/"), headers={"Range": "bytes=100-199"})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    assert b"".join(answer) == FILM[100:200]
    assert answer["Content-Type"] == "video/mp4"
    assert "private" in answer["Cache-Control"]


def test_the_whole_film_comes_without_a_range_and_is_not_sent_twice(team, ana):
    generation = make_generation(team)
    make_video(generation, content=FILM)
    answer = ana.get(address(generation, "file/"))
    assert b"".join(answer) == FILM
    again = ana.get(address(generation, "file/"), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("part", PARTS[1:])
def test_a_film_we_do_not_have_yet_is_not_found(team, ana, part):
    generation = make_generation(team)
    assert ana.get(address(generation, part)).status_code == 404
    make_video(generation, "copying")
    assert ana.get(address(generation, part)).status_code == 404


def test_a_row_whose_file_is_missing_is_not_found_and_no_crash(team, ana):
    generation = make_generation(team)
    video = make_video(generation)
    video.file.storage.delete(str(video.file.name))
    assert ana.get(address(generation, "file/")).status_code == 404


@pytest.mark.parametrize("place", [LIST, "/dailies/generate/"])
def test_a_film_plays_its_clip_under_the_mouse_and_itself_as_long_as_there_is_none(team, ana, place):
    video = make_video(make_generation(team))
    assert f'data-play="{address(video.generation, "file/")}?v=abababab"' in text(ana.get(place))
    video.clip.save(f"{video.folder}/film.clip.mp4", ContentFile(b"clip"))
    played = f"{address(video.generation, 'clip/')}?v=abababab"
    assert f'data-play="{played}"' in text(ana.get(place))
    answer = ana.get(played)
    assert (answer["Content-Type"], b"".join(answer)) == ("video/mp4", b"clip")
    assert "immutable" in answer["Cache-Control"]


# --- live ------------------------------------------------------------------------------------------------------------
def test_the_film_appears_on_its_page_when_it_is_saved(team, ana):
    generation = make_generation(team)
    video = make_video(generation, "copying")
    team.refresh_from_db()
    since = team.revision
    video.move("saved", file="x/film.mp4", content_type="video/mp4", sha256="ab" * 32)
    answer = text(ana.get(f"/dailies/live/?v={since}&page=video&for={generation.pk}"))
    assert "<video" in answer


def test_a_films_page_hears_nothing_of_other_films(team, ana):
    generation = make_generation(team)
    team.refresh_from_db()
    since = team.revision
    make_generation(team, "queued")
    answer = text(ana.get(f"/dailies/live/?v={since}&page=video&for={generation.pk}"))
    assert 'id="film-stage"' not in answer
    assert ana.get(f"/dailies/live/?v={since}&page=video&for=nonsense").status_code == 200
