"""Everything that happened: as a page with filters, and as a table to take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assets_app.models import Asset, Event, Invitation, Membership, NewAsset, Team, invite, register_all
from assets_app.views import team_history
from assets_app.views.activity import ON_A_PAGE
from assets_app.views.spreadsheet import harmless
from tests.views.scene import make_generation

PAGE = "/dailies/activity/"


@pytest.fixture
def client(viewer: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(viewer)


def register(team: Team, by: User | None, *names: str) -> list[Asset]:
    return register_all(team, by, [NewAsset(f"https://media.example/{name}.png", "image", name) for name in names])


def table(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{PAGE}export/{query}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_each_event_says_who_did_what_to_what(team: Team, editor: User, client: Client) -> None:
    (asset,) = register(team, editor, "Lighthouse")
    asset.move("processing")
    page = client.get(PAGE).content.decode()
    assert page.index("Sent to the provider") < page.index("Registered it here")
    assert "edda" in page
    assert f'href="/dailies/assets/{asset.pk}/"' in page


def test_moments_in_the_table_are_dates_to_a_spreadsheet(team: Team, editor: User, client: Client) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, 30, 5, tzinfo=UTC), tick=False):
        register(team, editor, "March")
    assert {row["When (UTC)"] for row in table(client)} == {"2026-03-01 12:00:30"}


def test_it_can_be_narrowed_to_a_person_a_kind_and_days_all_in_the_address(
    team: Team, editor: User, admin: User, client: Client
) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=timezone.get_current_timezone()), tick=False):
        register(team, editor, "March")
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=timezone.get_current_timezone()), tick=False):
        register(team, admin, "Second")
        make_generation(team, "queued", by=editor, prompt="A slow pan")
        invite(team, admin, Membership.Role.VIEWER, timedelta(days=1), "Nora")

    def about(query: str) -> list[str]:
        return sorted(row["About"] for row in table(client, query))

    assert about(f"?who={editor.pk}") == ["A slow pan", "March"]
    assert about("?kind=asset") == ["March", "Second"]
    assert about("?kind=video") == ["A slow pan"]
    assert about("?kind=team") == ["Dailies"]
    assert about("?until=2026-03-01") == ["March"]
    assert about(f"?since=2026-03-02&who={admin.pk}&kind=asset") == ["Second"]
    assert "Nothing like that happened" in client.get(f"{PAGE}?since=2027-01-01").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "?who=x",
        "?who=999999999999999999",
        "?kind=nonsense",
        "?since=2026-02-31",
        "?until=yesterday",
        "?before=x",
        "?until=9999-12-31",
    ],
)
def test_what_makes_no_sense_in_the_address_is_left_out(team: Team, editor: User, client: Client, query: str) -> None:
    register(team, editor, "Lighthouse")
    assert "Lighthouse" in client.get(PAGE + query).content.decode()


def test_pages_follow_each_other_without_losing_or_repeating_anything(team: Team, editor: User, client: Client) -> None:
    now = timezone.now()
    made = Event.objects.bulk_create(
        [Event(team=team, actor=editor, subject=Event.TEAM, to_state="founded") for _ in range(2 * ON_A_PAGE + 5)]
    )
    Event.objects.filter(pk__in=[event.pk for event in made[:90]]).update(at=now)  # many at the same moment
    seen: list[int] = []
    query = ""
    for _ in range(3):
        context = client.get(PAGE + query).context
        seen += [line.event.pk for line in context["lines"]]
        query = f"?{context['older']}"
    assert sorted(seen) == sorted(event.pk for event in made)
    assert context["older"] == ""


def test_the_number_of_queries_does_not_grow_with_the_events(
    team: Team, editor: User, client: Client, django_assert_max_num_queries
) -> None:
    for count in (1, 40):
        register(team, editor, *(f"shot {count} {place}" for place in range(count)))
        make_generation(team, "queued", by=editor)
        with django_assert_max_num_queries(9):
            assert client.get(PAGE).status_code == 200


def test_another_teams_events_are_never_among_them(team: Team, stranger: User, client: Client) -> None:
    others = Membership.objects.get(user=stranger).team
    register(others, stranger, "Secret")
    event = Event.objects.get(team=others)
    assert "Secret" not in client.get(PAGE).content.decode()
    assert "stan" not in client.get(f"{PAGE}?who={stranger.pk}&before={event.pk}").content.decode()
    assert table(client) == []


def test_somebody_who_has_left_can_still_be_chosen(team: Team, admin: User, editor: User, client: Client) -> None:
    register(team, editor, "Lighthouse")
    Membership.objects.get(user=editor).end(by=Membership.objects.get(user=admin))
    page = client.get(f"{PAGE}?who={editor.pk}").content.decode()
    assert f'<option value="{editor.pk}" selected>edda</option>' in page


class TestTable:
    def test_it_has_all_events_however_many_there_are(
        self, team: Team, editor: User, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("assets_app.views.activity.AT_A_TIME", 7)
        register(team, editor, *(f"shot {place}" for place in range(30)))
        assert sorted(row["About"] for row in table(client)) == sorted(f"shot {place}" for place in range(30))

    def test_a_name_that_is_a_formula_stays_text(self, team: Team, editor: User, client: Client) -> None:
        register(team, editor, '=HYPERLINK("https://evil.example","Click")')
        assert table(client)[0]["About"].startswith("'=")

    @given(st.text())
    def test_no_cell_begins_as_a_formula_does(self, text: str) -> None:
        assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert harmless(text).replace("'", "") == text.replace("'", "")


def test_every_word_that_is_recorded_about_a_team_is_told_in_plain_words(
    team: Team, admin: User, editor: User, stranger: User
) -> None:
    boss = Membership.objects.get(user=admin)
    _invitation, token = invite(team, admin, Membership.Role.EDITOR, timedelta(days=1), "Stan")
    found = Invitation.objects.open_with(token)
    assert found
    found.accept(stranger)
    invite(team, admin, Membership.Role.VIEWER, timedelta(days=1))[0].revoke(admin)
    other = Membership.objects.get(user=stranger, team=team)
    other.change_role(Membership.Role.VIEWER, by=boss)
    other.end(by=boss)
    Membership.objects.get(user=editor).end(by=Membership.objects.get(user=editor))
    Event.about_team(team, admin, "settings", name="Night shift", keep_originals=False)
    told = [team_history.words_of(event) for event in Event.objects.filter(subject=Event.TEAM).order_by("id")]
    assert told == [
        "Made an invitation for Stan, as editor",
        "Joined as editor, invited by ada",
        "Made an invitation, as viewer",
        "Took back the invitation",
        "Made stan viewer; was editor",
        "Took stan out of the team",
        "Left the team",
        "Changed the settings: the team is called “Night shift”, originals are kept: no",
    ]


def test_a_word_nobody_knows_any_more_is_shown_as_it_is(team: Team) -> None:
    assert team_history.words_of(Event.about_team(team, None, "renumbered")) == "renumbered"
    assert team_history.words_of(Event.about_team(team, None, "role")) == "role"
