"""The list of films: filters, pages, sets of takes, what is done to many, the trash, and downloads."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets_app.models import Event, FilmStar, Generation, NewReference, Team, Video

from .scene import hours_ago, make_asset, make_generation, make_video

pytestmark = pytest.mark.django_db

LIST = "/dailies/videos/"
JSON = {"Accept": "application/json"}


@pytest.fixture
def ana(editor, client_of) -> Client:
    return client_of(editor)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def shown(answer: Any) -> list[str]:
    return re.findall(r'data-generation="([^"]+)"', answer.content.decode())


def prompts(client: Client, query: str = "") -> list[str]:
    """The prompts in the order of the list."""
    answer = client.get(f"{LIST}?{query}")
    return [card.take.generation.prompt for card in answer.context["page"].cards]


def do(client: Client, action: str, *films: Generation, **more: Any) -> Any:
    body = {"film": [str(film.pk) for film in films], **more}
    return client.post(f"{LIST}do/{action}/", body, headers=JSON)


def take_set(team: Team, number: int, **columns: Any) -> list[Generation]:
    click = uuid.uuid4()
    made = []
    for take in range(1, number + 1):
        # What `start` does for the takes of one press, one by one and in any state.
        film = make_generation(team, prompt=f"take {take}")
        Generation.objects.filter(pk=film.pk).update(click=click, take=take, **columns)
        film.refresh_from_db()
        made.append(film)
    at = timezone.now()
    for film in made:
        Generation.objects.filter(pk=film.pk).update(created_at=at - timedelta(microseconds=film.take))
    return made


# --- pages -----------------------------------------------------------------------------------------------------------
def test_the_newest_film_comes_first_and_there_is_a_count(team, ana):
    for hours in (3, 1, 2):
        make_generation(team, prompt=f"film {hours}", created_at=hours_ago(hours))
    assert prompts(ana) == ["film 1", "film 2", "film 3"]
    assert '<span id="films-total">3</span> videos' in text(ana.get(LIST))


@pytest.mark.parametrize("sort", ["newest", "oldest", "rating", "cost"])
def test_pages_follow_each_other_without_a_gap_or_a_repeat(team, ana, sort):
    at = timezone.now()
    for number in range(50):
        make_generation(team, created_at=at, rating=number % 3, spend=number % 4)
    seen: list[str] = []
    told: list[tuple[str, str]] = []
    url = f"{LIST}?sort={sort}"
    while url:
        answer = ana.get(url)
        seen += shown(answer)
        told += re.findall(r"(\d+)</span> of <span[^>]*>(\d+)<", answer.content.decode())
        more = answer.context["page"].more
        url = f"{LIST}{more}" if more else ""
    assert len(seen) == len(set(seen)) == 50
    assert told == [("24", "50"), ("48", "50"), ("50", "50")]


@pytest.mark.parametrize("sort", ["newest", "oldest", "rating", "cost"])
@pytest.mark.parametrize(
    "place",
    [
        "nonsense",
        "0001-01-01T00:00:00+14:00~{pk}",
        "9999-12-31T23:59:59-14:00~{pk}",
        "2026-01-01~{pk}",
        "5~2026-01-01T00:00:00+00:00~nothing",
        "99999999999999999999~2026-01-01T00:00:00+00:00~{pk}",
        "99999~2026-01-01T00:00:00+00:00~{pk}",
        "²~2026-01-01T00:00:00+00:00~{pk}",
    ],
)
def test_a_place_that_makes_no_sense_never_breaks_the_list(team, ana, sort, place):
    generation = make_generation(team)
    assert ana.get(LIST, {"sort": sort, "after": place.format(pk=generation.pk)}).status_code == 200


def test_a_page_never_ends_inside_a_set_of_takes(team, ana):
    for _ in range(22):
        make_generation(team)
    Generation.objects.update(created_at=hours_ago(-1))
    takes = take_set(team, 5)
    first = shown(ana.get(LIST))
    assert len(first) == 27
    assert {str(film.pk) for film in takes} <= set(first)


def test_coming_back_shows_as_many_as_before(team, ana):
    for _ in range(40):
        make_generation(team)
    assert len(shown(ana.get(f"{LIST}?shown=36"))) == 36


def test_queries_do_not_grow_with_films(team, ana):
    def queries(number: int) -> int:
        for _ in range(number):
            make_video(make_generation(team))
            reference = NewReference("reference_image", "image", asset=make_asset(team))
            make_generation(team, "failed", reason="content[1] may contain real person", references=[reference])
        take_set(team, 2)
        with CaptureQueriesContext(connection) as captured:
            ana.get(f"{LIST}?sort=newest")
        return len(captured)

    few = queries(3)
    assert queries(11) == few
    assert few <= 16  # three of them say what a press of each card costs


# --- filters ---------------------------------------------------------------------------------------------------------
def test_the_state_is_filtered_by(team, ana):
    for state in ("completed", "failed", "processing", "unconfirmed", "cancelled"):
        make_generation(team, state, prompt=state)
    found = {status: set(prompts(ana, f"status={status}")) for status in ("working", "ready", "attention")}
    assert found == {
        "working": {"processing", "unconfirmed"},
        "ready": {"completed"},
        "attention": {"failed", "cancelled"},
    }


def test_every_filter_narrows_by_what_it_says(team, ana, editor, admin):
    asset, other = make_asset(team), make_asset(team)
    wanted = make_generation(
        team,
        by=editor,
        prompt="Courier at dawn",
        model="seedance-2-fast",
        rating=4,
        is_draft=True,
        followed="partly",
        references=[NewReference("reference_image", "image", asset)],
        created_at=hours_ago(48),
    )
    make_generation(team, by=admin, prompt="else", references=[NewReference("reference_image", "image", other)])
    FilmStar.objects.create(user=editor, generation=wanted)
    FilmStar.objects.create(user=admin, generation=Generation.objects.get(prompt="else"))
    before = (timezone.now() - timedelta(days=1)).date()
    queries = {
        "text": "q=DAWN+courier",
        "model": "model=seedance-2-fast",
        "person": f"person={editor.pk}",
        "mine": "person=me",
        "stage": "stage=draft",
        "followed": "followed=partly",
        "asset": f"asset={asset.pk}",
        "until": f"to={before}",
        "starred": "starred=yes",
        "rating": "rating=4",
    }
    assert {name: prompts(ana, query) for name, query in queries.items()} == {
        name: ["Courier at dawn"] for name in queries
    }
    everything = "&".join(queries.values())
    assert prompts(ana, everything) == ["Courier at dawn"]
    assert prompts(ana, "rating=5") == []
    assert prompts(ana, f"from={before}&to={before}&rating=5") == []


def test_words_are_found_whatever_their_case_beyond_ascii_too(team, ana):
    make_generation(team, prompt="ÄRGER am Hafen")
    assert prompts(ana, "q=ärger") == ["ÄRGER am Hafen"]
    assert prompts(ana, "q=100%25") == []
    assert prompts(ana, "q=h_fen") == []


def test_what_an_address_asks_in_vain_is_said_and_left_out(team, ana):
    make_generation(team)
    answer = ana.get(f"{LIST}?status=odd&asset=nonsense&rating=9&person=x&model=%3Cb%3E&sort=odd")
    assert len(shown(answer)) == 1
    assert "“status=odd” is nothing the list of videos knows" in text(answer)
    assert "<b>" not in text(answer)


def test_another_teams_asset_finds_nothing(team, ana, stranger):
    theirs = make_asset(Team.objects.get(slug="others"))
    make_generation(team)
    answer = ana.get(f"{LIST}?asset={theirs.pk}")
    assert shown(answer) == []
    assert "does not have any more" in text(answer)
    assert theirs.name not in text(answer)


def test_filters_count_what_they_would_show(team, ana, editor):
    make_generation(team, by=editor)
    make_generation(team, "failed", by=editor)
    make_generation(team, "failed", model="seedance-2-fast")
    page = ana.get(f"{LIST}?status=attention").context["page"]
    counts = {facet.name: {choice.label: choice.count for choice in facet.choices} for facet in page.facets}
    states = {"Needs approval": 0, "In progress": 0, "Ready": 1, "Failed or cancelled": 2}
    assert counts["status"] == {"Any state": 3, **states}
    assert counts["person"]["Mine"] == 1
    assert set(counts["model"].values()) == {2, 1}
    assert str(page.reel.total) == "2"


def test_the_four_ways_to_be_empty(team, ana):
    assert "appear here, and stay" in text(ana.get(LIST))
    film = make_generation(team)
    assert "No video matches “nothing”" in text(ana.get(f"{LIST}?q=nothing"))
    assert "Clear all" in text(ana.get(f"{LIST}?q=nothing"))
    after = f"2020-01-01T00:00:00+00:00~{film.pk}"
    assert "nothing more after this place" in text(ana.get(LIST, {"after": after}))


# --- sets ------------------------------------------------------------------------------------------------------------
def test_takes_of_one_press_lie_in_one_frame(team, ana):
    make_generation(team, created_at=hours_ago(1))
    takes = take_set(team, 3)
    make_generation(team, created_at=hours_ago(-1))
    cards = ana.get(LIST).context["page"].cards
    assert [(card.take.generation.take, card.begins, card.ends) for card in cards if card.set] == [
        (1, True, False),
        (2, False, False),
        (3, False, True),
    ]
    page = text(ana.get(LIST))
    assert page.count(f'data-set="{takes[0].click}"') == 3
    assert "<strong>3 takes</strong> · 432 credits" in page


def test_two_takes_that_can_be_played_can_be_compared(team, ana):
    one, two, three = take_set(team, 3)
    make_video(one)
    assert re.search(r"data-compare-set hidden", text(ana.get(LIST)))
    make_video(three)
    assert f"compare/?film={one.pk}&amp;film={three.pk}" in text(ana.get(LIST))
    assert str(two.pk) not in re.findall(r"compare/[^\"]*", text(ana.get(LIST)))[0]


# --- what is done to many --------------------------------------------------------------------------------------------
def test_many_are_rated_in_one_go_and_their_history_says_so(team, ana, editor):
    films = [make_generation(team) for _ in range(3)]
    answer = do(ana, "rate", *films, rating=4)
    assert answer.json()["said"] == "Rated 3."
    assert set(Generation.objects.values_list("rating", flat=True)) == {4}
    assert Event.objects.filter(actor=editor, note__said="Rated it 4 of 5").count() == 3
    assert do(ana, "rate", *films, rating=9).status_code == 422


def test_a_star_is_a_persons_own_and_a_viewer_may_give_it(team, ana, viewer, client_of):
    film = make_generation(team)
    assert do(client_of(viewer), "star", film).status_code == 200
    assert FilmStar.objects.get().user == viewer
    assert not ana.get(LIST).context["page"].cards[0].is_starred
    assert client_of(viewer).get(LIST).context["page"].cards[0].is_starred


def test_the_answer_counts_what_was_done_and_names_what_was_not(team, ana):
    done, busy = make_generation(team), make_generation(team, "processing", prompt="A slow one")
    answer = do(ana, "trash", done, busy).json()
    assert answer["said"].startswith("To the trash: 1, 1 failed: A slow one (it is still being made")
    assert answer["done"] == [str(done.pk)]
    assert answer["removed"]
    busy.refresh_from_db()
    assert busy.trashed_at is None


def test_all_that_match_are_meant_loaded_or_not(team, ana):
    for number in range(40):
        make_generation(team, prompt=f"night {number}")
    day = make_generation(team, prompt="day")
    assert do(ana, "trash", all="1", query="q=night").json()["said"] == "To the trash: 40."
    assert list(Generation.objects.live()) == [day]


@pytest.mark.parametrize(("action", "status"), [("trash", 403), ("rate", 403), ("nonsense", 404), ("unstar", 200)])
def test_a_viewer_changes_nothing_of_the_teams(team, viewer, client_of, action, status):
    film = make_generation(team)
    assert do(client_of(viewer), action, film, rating=1).status_code == status
    film.refresh_from_db()
    assert (film.rating, film.trashed_at) == (0, None)


def test_another_teams_films_cannot_be_touched(team, stranger, client_of):
    film = make_generation(team)
    answer = client_of(stranger).post("/others/videos/do/trash/", {"film": str(film.pk)}, headers=JSON)
    assert answer.json()["said"] == "Nothing is selected any more."
    film.refresh_from_db()
    assert film.trashed_at is None


def test_without_a_script_the_answer_is_a_message_on_the_page_before(team, ana):
    film = make_generation(team)
    answer = ana.post(f"{LIST}do/rate/", {"film": film.pk, "rating": 5, "back": f"{LIST}?sort=rating"}, follow=True)
    assert answer.redirect_chain[0][0] == f"{LIST}?sort=rating"
    assert "Rated 1." in text(answer)
    evil = ana.post(f"{LIST}do/rate/", {"film": film.pk, "rating": 5, "back": "https://evil.example/"})
    assert evil.url == LIST


# --- the trash -------------------------------------------------------------------------------------------------------
def test_what_is_trashed_leaves_every_list_and_comes_back_by_undo(team, ana, editor):
    film = make_generation(team, prompt="Unloved")
    undo = do(ana, "trash", film).json()["undo"]
    assert prompts(ana) == []
    assert "Unloved" not in text(ana.get("/dailies/generate/"))
    assert "Unloved" in text(ana.get(f"{LIST}trash/"))
    film.refresh_from_db()
    assert film.trashed_by == editor
    ana.post(undo, {"film": film.pk}, headers=JSON)
    assert prompts(ana) == ["Unloved"]
    said = Event.objects.filter(generation=film, subject="film").order_by("id").values_list("note__said", flat=True)
    assert list(said) == ["Put it into the trash", "Took it out of the trash"]


def test_the_page_of_an_asset_says_which_of_its_films_is_in_the_trash(team, ana):
    asset = make_asset(team)
    film = make_generation(team, references=[NewReference("reference_image", "image", asset)])
    assert f"{LIST}?asset={asset.pk}" in text(ana.get(f"/dailies/assets/{asset.pk}/"))
    do(ana, "trash", film)
    assert "in the trash" in text(ana.get(f"/dailies/assets/{asset.pk}/"))


def test_only_an_admin_deletes_for_good(team, ana, admin, client_of):
    film = make_generation(team)
    make_video(film)
    do(ana, "trash", film)
    assert do(ana, "purge", film).status_code == 403
    assert do(client_of(admin), "purge", film).json()["said"] == "Deleted for good: 1."
    film.refresh_from_db()
    assert film.purged_at
    assert film.spend == 144
    assert "The trash is empty" in text(ana.get(f"{LIST}trash/"))
    assert ana.get(f"{LIST}{film.pk}/").status_code == 200
    assert ana.get(f"{LIST}{film.pk}/file/").status_code == 404


# --- one file, and many ----------------------------------------------------------------------------------------------
def unpacked(answer: Any) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def test_a_download_is_named_by_the_teams_pattern(team, ana, editor):
    Team.objects.update(film_names="{person}_{asset}_{take}")
    asset = make_asset(team, name="Courier: the bag")
    film = make_generation(team, by=editor, references=[NewReference("reference_image", "image", asset)])
    make_video(film)
    answer = ana.get(f"{LIST}{film.pk}/download/")
    answer.close()
    assert answer["Content-Disposition"] == 'attachment; filename="edda_Courier-the-bag_1.mp4"'


def test_many_come_as_one_zip_each_under_a_name_of_its_own(team, viewer, client_of):
    Team.objects.update(film_names="{model}")
    films = [make_generation(team) for _ in range(3)]
    for number, film in enumerate(films[:2]):
        make_video(film, content=bytes([number]) * 700_000)
    answer = client_of(viewer).post(f"{LIST}download/", {"film": [film.pk for film in films]})
    assert answer.streaming
    assert answer["Content-Type"] == "application/zip"
    files = unpacked(answer)
    assert sorted(files) == ["seedance-2 (2).mp4", "seedance-2.mp4"]
    assert sorted(map(len, files.values())) == [700_000, 700_000]


def test_a_file_that_is_missing_is_named_in_the_archive(team, ana):
    film, lost = make_generation(team), make_generation(team)
    make_video(film)
    video = make_video(lost)
    video.file.storage.delete(str(video.file.name))
    files = unpacked(ana.post(f"{LIST}download/", {"film": [film.pk, lost.pk]}))
    assert len(files) == 2
    assert b".mp4" in files["Not in this archive.txt"]


def test_too_many_or_none_is_said_instead_of_packed(team, ana):
    films = [make_generation(team) for _ in range(201)]
    Video.objects.bulk_create([Video(generation=film, team=team, state="copying") for film in films])
    said = ana.post(f"{LIST}download/", {"film": [film.pk for film in films]}, follow=True)
    assert "more than 200 films" in text(said)
    assert "more than 200 films" in text(ana.post(f"{LIST}download/", {"all": "1", "query": ""}, follow=True))
    assert "None of them is saved" in text(ana.post(f"{LIST}download/", {"film": films[0].pk}, follow=True))


def test_what_is_in_the_trash_is_not_packed(team, ana):
    film = make_generation(team)
    make_video(film)
    do(ana, "trash", film)
    assert "None of them" in text(ana.post(f"{LIST}download/", {"film": film.pk}, follow=True))


# --- large, keys, live -----------------------------------------------------------------------------------------------
def test_the_large_view_shows_the_film_and_what_people_ask_of_it(team, ana, editor):
    film = make_generation(team, by=editor, notes="Use the second half")
    make_video(film)
    page = text(ana.get(f"{LIST}{film.pk}/large/"))
    for words in ("data-media", "data-download", "Seedance 2", "144", "Use the second half", "Asked for by", "edda"):
        assert words in page
    assert "Rate" in text(ana.get(f"{LIST}keys/"))


def test_a_filtered_list_is_not_joined_by_what_it_leaves_out(team, ana):
    team.refresh_from_db()
    since = team.revision
    make_generation(team, "queued")
    for query, joins in (("", True), ("status%3Dworking", True), ("status%3Dready", False), ("sort%3Dcost", False)):
        answer = text(ana.get(f"/dailies/live/?v={since}&page=videos&for={query}"))
        assert ('data-list="films"' in answer) is joins, query


def test_a_trashed_film_leaves_open_pages_and_a_restored_one_comes_back(team, ana):
    film = make_generation(team)
    team.refresh_from_db()
    since = team.revision
    do(ana, "trash", film)
    assert f'id="videos-{film.pk}" data-gone' in text(ana.get(f"/dailies/live/?v={since}&page=videos"))
    do(ana, "restore", film)
    assert 'data-list="films"' in text(ana.get(f"/dailies/live/?v={since}&page=videos"))


def test_a_film_that_was_not_saved_can_be_saved_again_from_its_card(team, ana):
    film = make_generation(team)
    make_video(film, "lost")
    assert f'action="{LIST}{film.pk}/save/"' in text(ana.get(LIST))
    answer = ana.post(f"{LIST}{film.pk}/save/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert Video.objects.get().state == "copying"


# --- who has downloaded what -----------------------------------------------------------------------------------------
def downloads(film: Generation) -> list[Any]:
    return [event.actor for event in film.events.filter(subject="download")]


def fetched(client: Client, film: Generation, part: str = "download", **headers: str) -> int:
    """How it was answered; read to its end, for then the client closes it."""
    answer = client.get(f"{LIST}{film.pk}/{part}/", headers=headers)
    assert b"".join(answer) or answer.status_code == 416
    return answer.status_code


def test_a_download_is_marked_on_the_card_and_told_in_the_history(team, ana, editor):
    film, other = make_generation(team, prompt="Pier"), make_generation(team, prompt="Boat")
    for each in (film, other):
        make_video(each)
    assert fetched(ana, film) == 200
    assert downloads(film) == [editor]
    cards = {card.take.generation: card.downloaded for card in ana.get(LIST).context["page"].cards}
    assert cards[film].actor == editor
    assert cards[other] is None
    assert "Downloaded by</span> edda" in text(ana.get(LIST))
    assert "Downloaded it" in text(ana.get(f"{LIST}{film.pk}/"))
    assert "Downloaded it" in text(ana.get("/dailies/activity/"))


def test_only_a_file_that_sets_out_from_its_beginning_is_a_download(team, ana, editor):
    film = make_generation(team)
    make_video(film)
    assert b"".join(ana.head(f"{LIST}{film.pk}/download/")) == b""
    assert fetched(ana, film, "file") == 200
    assert fetched(ana, film, Range="bytes=100-") == 206
    assert fetched(ana, film, Range="bytes=99999-") == 416
    assert downloads(film) == []
    assert fetched(ana, film, Range="bytes=0-99") == 206
    assert downloads(film) == [editor]


def test_all_of_an_archive_are_marked_and_those_left_over_are_found(team, ana, editor):
    films = [make_generation(team, prompt=prompt) for prompt in ("Pier", "Boat", "Fog")]
    for film in films[:2]:
        make_video(film)
    make_generation(team, "failed", prompt="Rain")
    before = Team.objects.get(pk=team.pk).revision
    assert set(prompts(ana, "not_downloaded=yes")) == {"Pier", "Boat"}
    answer = ana.post(f"{LIST}download/", {"film": [films[0].pk, films[2].pk]})
    assert b"".join(answer)
    assert [downloads(film) for film in films] == [[editor], [], []]
    assert prompts(ana, "not_downloaded=yes") == ["Boat"]
    films[0].refresh_from_db()
    assert films[0].revision > before
    assert "Not downloaded yet" in text(ana.get(f"{LIST}?not_downloaded=yes"))
