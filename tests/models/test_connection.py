"""The API key is sealed at rest, and shown by its prefix only."""

from __future__ import annotations

import pytest
from django.db import connection as database

from assets_app.models import Connection, Team
from assets_app.models.sealing import Unreadable, seal, unseal

pytestmark = pytest.mark.django_db
KEY = "afk_0123456789abcdefghij"


@pytest.fixture
def connected() -> Connection:
    connection = Connection(team=Team.objects.create(name="A", slug="a"), base_url="https://api.example")
    connection.api_key = KEY
    connection.save()
    return Connection.objects.get()


def test_the_key_comes_back_as_it_was(connected):
    assert connected.api_key == KEY


def test_the_database_never_holds_the_key(connected):
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM assets_app_connection")
        assert KEY not in repr(cursor.fetchall())


def test_neither_its_name_nor_its_repr_shows_more_than_the_prefix(connected):
    assert KEY not in f"{connected} {connected!r}"
    assert "afk_0123" in str(connected)


def test_another_secret_key_cannot_open_it(connected, settings):
    settings.SECRET_KEY = "something else entirely, and long enough"
    with pytest.raises(Unreadable, match="paste it again"):
        _ = connected.api_key


def test_a_rotated_secret_key_still_opens_it(connected, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the new one, at least as long as the old one was"
    assert connected.api_key == KEY


def test_sealing_twice_gives_two_texts(settings):
    assert seal(KEY) != seal(KEY)
    assert unseal(seal(KEY)) == KEY


def test_a_banner_that_stays_up_keeps_the_time_it_began(connected):
    from assets_app.engine.outcomes import in_seconds

    connected.notice("down", "503", in_seconds(5))
    began = Connection.objects.get().problem_since
    connected.notice("down", "504", in_seconds(5))
    now = Connection.objects.get()
    assert (now.problem_since, now.problem_words) == (began, "504")


def test_a_banner_going_up_or_down_is_a_change_that_live_pages_see(connected):
    from assets_app.engine.outcomes import in_seconds

    before = Team.objects.get().revision
    connected.notice("down", "503", in_seconds(5))
    up = Team.objects.get().revision
    connected.notice("down", "503", in_seconds(5))
    assert (up, Team.objects.get().revision) == (before + 1, before + 1)
    assert connected.all_is_well()
    assert Team.objects.get().revision == up + 1
    assert not connected.all_is_well()
