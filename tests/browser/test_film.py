"""One film's page, and films side by side, in a real browser: what only a script and a player can show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assets_app.models import Generation, NewReference, Team
from assets_app.sandbox.films import Film, draw
from assets_app.views.compare import compare_address
from tests.views.scene import make_asset, make_generation, make_video

from .conftest import PATIENCE_MS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STATE = """() => [...document.querySelectorAll("video")].map(
    (film) => ({at: film.currentTime, paused: film.paused, muted: film.muted, length: film.duration}))"""
FRAME = 1 / 24


@pytest.fixture
def reel(tmp_path: Path) -> Any:
    """Films of some seconds that a browser really plays."""

    def make(team: Team, seconds: int, **columns: Any) -> Generation:
        path = tmp_path / f"{seconds}.mp4"
        if not path.exists():
            drawn = Film((320, 180), seconds, with_sound=True, prompt="A harbour", heading="Take 1", footing="Test")
            draw(drawn, path, None, lambda: False)
        generation = make_generation(team, **columns)
        content = path.read_bytes()
        make_video(generation, content=content, seconds=seconds + FRAME, width=320, height=180)
        return generation

    return make


def films(page: Page) -> list[dict[str, Any]]:
    return page.evaluate(STATE)


def until(page: Page, condition: str) -> None:
    page.wait_for_function(f"() => {{ const films = [...document.querySelectorAll('video')]; return {condition} }}")


def test_two_films_are_played_as_one(page: Page, team, editor, sign_in, reel):
    sign_in(editor)
    page.goto(compare_address(team, [reel(team, 5), reel(team, 2)]))
    until(page, "films.every((film) => film.readyState >= 3)")
    assert [film["muted"] for film in films(page)] == [False, True]

    page.keyboard.press("k")
    until(
        page,
        "films.every((film) => !film.paused && film.currentTime > 0.8)"
        " && Math.abs(films[0].currentTime - films[1].currentTime) < 0.2",
    )

    # The shorter one rests on its end until the longer one is over; then both begin again.
    until(page, "films[1].paused && !films[0].paused")
    until(page, "films.every((film) => !film.paused && film.currentTime < 1.9)")
    page.keyboard.press("k")
    until(page, "films.every((film) => film.paused && !film.seeking)")
    long, short = films(page)
    assert short["at"] == pytest.approx(min(long["at"], short["length"]), abs=0.05)

    page.keyboard.press("r")
    until(page, "films.every((film) => film.currentTime === 0)")
    for key in (".", ".", ".", ","):
        page.keyboard.press(key)
        until(page, "films.every((film) => !film.seeking)")
    assert [int(film["at"] / FRAME) for film in films(page)] == [2, 2]

    page.get_by_label("Time").fill("2.5")
    until(page, "films[0].currentTime === 2.5")
    assert films(page)[1]["at"] == pytest.approx(films(page)[1]["length"], abs=0.05)


def test_one_film_is_heard_at_a_time(page: Page, team, editor, sign_in, reel):
    sign_in(editor)
    page.goto(compare_address(team, [reel(team, 1) for _ in range(3)]))
    until(page, "films.every((film) => film.readyState >= 1)")
    page.keyboard.press("3")
    assert [film["muted"] for film in films(page)] == [True, True, False]
    page.get_by_label("Sound of film B").check()
    assert [film["muted"] for film in films(page)] == [True, False, True]
    page.keyboard.press("m")
    assert all(film["muted"] for film in films(page))


def test_a_film_that_cannot_be_played_does_not_hold_up_the_others(page: Page, team, editor, sign_in, reel):
    broken = make_generation(team)
    make_video(broken, content=b"<html>not a film</html>")
    sign_in(editor)
    page.goto(compare_address(team, [broken, reel(team, 2)]))
    expect(page.get_by_role("article", name="Film A").get_by_text("This film cannot be played here.")).to_be_visible()
    page.keyboard.press("k")
    until(page, "films[1].currentTime > 0.2")
    assert films(page)[1]["muted"] is False


def test_films_are_marked_where_they_are_compared(page: Page, team, editor, sign_in, reel, reloads):
    one, other = reel(team, 1), reel(team, 1)
    sign_in(editor)
    page.goto(compare_address(team, [one, other]))
    loads = reloads.count
    side = page.locator(f"[data-generation='{other.pk}']")
    side.get_by_role("button", name="4 of 5").click()
    expect(side.get_by_role("button", name="4 of 5")).to_have_attribute("aria-pressed", "true")
    side.get_by_role("button", name="Star").click()
    expect(side.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    assert reloads.count == loads
    other.refresh_from_db()
    assert other.rating == 4
    expect(side.get_by_role("button", name="Pick")).to_have_count(0)  # it rated over what stood there


def test_what_somebody_writes_survives_the_news_of_others(page: Page, team, editor, sign_in, reel):
    film = reel(team, 1, references=[NewReference("reference_image", "image", make_asset(team))])
    sign_in(editor)
    page.goto(f"/dailies/videos/{film.pk}/")
    page.fill("#notes-text", "The dolly is late")
    Generation.objects.get(pk=film.pk).annotate(None, "Ben was here", "")
    page.get_by_role("button", name="Partly").click()
    expect(page.get_by_text("Said that it shows its references in part")).to_be_visible()
    expect(page.locator("#notes-text")).to_have_value("The dolly is late")
    page.get_by_role("button", name="Save the notes").click()
    expect(page.get_by_text("Somebody else changed the notes while you wrote")).to_be_visible()
    expect(page.get_by_text("Ben was here")).to_be_visible()
    expect(page.locator("#notes-text")).to_have_value("The dolly is late")
    page.get_by_role("button", name="Save the notes").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    film.refresh_from_db()
    assert (film.notes, film.followed) == ("The dolly is late", "partly")


def test_a_film_plays_on_while_it_is_marked(page: Page, team, editor, sign_in, reel):
    film = reel(team, 3)
    sign_in(editor)
    page.goto(f"/dailies/videos/{film.pk}/")
    page.keyboard.press("k")
    until(page, "films[0].currentTime > 0.2")
    page.evaluate("document.querySelector('video').playbackRate = 0.1")  # or it may be over by the time we look
    page.get_by_role("button", name="5 of 5").click()
    expect(page.get_by_text("Rated it 5 of 5")).to_be_visible()
    assert films(page)[0]["paused"] is False


def test_a_link_opens_for_somebody_without_an_account(page: Page, team, editor, sign_in, reel, chromium, live_server):
    film = reel(team, 2)
    sign_in(editor)
    page.goto(f"/dailies/videos/{film.pk}/")
    page.locator("#film-shares summary").click()
    page.get_by_label("Works for").select_option("1")
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_role("textbox", name="Link made").input_value()
    context = chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    stranger = context.new_page()
    stranger.goto(address)
    stranger.keyboard.press("k")
    until(stranger, "films[0].currentTime > 0.2")
    page.get_by_role("button", name="Take back the link").click()
    expect(page.get_by_role("textbox", name="Link made")).to_have_count(0)
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This link shows nothing")).to_be_visible()
    context.close()
