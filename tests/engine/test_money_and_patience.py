"""Want of credits, and a provider that asks us to wait: said where it matters, and over by itself."""

from __future__ import annotations

import pytest

from assets_app.apiframe.errors import RateLimited
from assets_app.engine import accounts
from assets_app.engine.outcomes import in_seconds
from assets_app.models import Connection, Generation

pytestmark = pytest.mark.django_db


def connection() -> Connection:
    return Connection.objects.get()


@pytest.fixture
def unpaid(new_generation, until, sandbox, api_key) -> Generation:
    """A film that costs 16 credits, of which there are 12."""
    sandbox.set_key(api_key, credits=12)
    new_generation()
    until(lambda: connection().problem == "no_credits")
    return Generation.objects.get()


def test_a_film_that_cannot_be_paid_says_what_it_needs_and_what_there_is(unpaid, admin, client_of):
    assert unpaid.last_error == "It needs 16 credits, and there were 12."
    page = client_of(admin).get(f"/dailies/videos/{unpaid.pk}/").content.decode()
    assert "Waiting for credits. It needs 16 credits, and there were 12." in page


def test_the_composer_says_it_too_for_a_film_that_would_have_to_wait(unpaid, admin, client_of):
    Connection.objects.update(credits=12, problem="no_credits")
    page = " ".join(client_of(admin).get(f"/dailies/generate/?from={unpaid.pk}").content.decode().split())
    assert "There are 12 credits and this may need 16. It will be sent once there are enough." in page


@pytest.mark.parametrize(("most", "waits"), [(12, False), (13, True), (None, True)])
def test_cheaper_films_need_not_wait_for_credits(team, most, waits):
    shared = Connection(problem="no_credits", credits=12)
    assert shared.stops_submit_of(most) is waits
    assert not shared.stops_everything


def test_while_the_provider_is_away_every_film_waits(team):
    assert Connection(problem="down", credits=5000).stops_submit_of(1)
    assert not Connection(problem="", credits=0).stops_submit_of(50)


def ask_to_wait(engine, seconds: float) -> None:
    until_then = in_seconds(seconds)
    engine.standing.postpone(connection(), until_then)
    accounts.asked_to_wait(connection(), RateLimited("Too many requests", retry_after=seconds), until_then)


def test_a_long_wait_that_the_provider_asked_for_puts_up_a_banner(new_generation, engine, run, admin, client_of):
    new_generation()
    engine_settling_obeys(engine, 900)
    assert connection().problem == "asked_to_wait"
    for address in ("/dailies/", "/dailies/generate/", "/dailies/videos/"):
        page = client_of(admin).get(address).content.decode()
        assert "The provider asked us to wait until <time" in page
    run()
    assert Generation.objects.get().sent_at is None


def engine_settling_obeys(engine, seconds: float) -> None:
    engine.settle.__self__._obey(connection(), RateLimited("Too many requests", retry_after=seconds))


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        ("down", "· 2 wait · asked again every 5 seconds"),
        ("key_refused", "· 2 wait · asked again every 30 seconds"),
        ("blocked", "· 2 wait · asked again every minute"),
        ("asked_to_wait", "· 2 wait</span>"),
        ("no_credits", "</time> · asked again every 30 seconds"),  # films under way go on
    ],
)
def test_the_banner_says_how_much_waits_and_when_it_is_looked_into_again(
    new_generation, admin, client_of, problem, said
):
    new_generation()
    new_generation()
    connection().notice(problem, "Its words", in_seconds(900))
    assert said in " ".join(client_of(admin).get("/dailies/").content.decode().split())


def test_a_short_one_does_not(new_generation, engine):
    engine_settling_obeys(engine, 2)
    assert connection().problem == ""


def test_when_the_time_is_over_everything_goes_on_and_the_banner_goes(new_generation, engine, until):
    new_generation()
    ask_to_wait(engine, 900)
    Connection.objects.update(probe_at=in_seconds(-1))
    until(lambda: Generation.objects.get().state == "completed")
    assert connection().problem == ""


def test_another_problem_stays_up_while_the_provider_asks_us_to_wait(team, engine):
    Connection.objects.update(problem="key_refused")
    engine_settling_obeys(engine, 900)
    assert connection().problem == "key_refused"
