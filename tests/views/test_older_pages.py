"""A page that has been open for a while undoes nothing that somebody else did meanwhile, whichever form it is."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from assets_app.models import Event, Generation, HandPrice, Membership, NewReference, Preset, SpendingLimit, Tag, Team

from .access_table import TABLE as DOORS
from .edit_table import TABLE, Edit
from .scene import make_asset, make_generation, make_video

EDITS = {name: edit for name, edit in TABLE.items() if isinstance(edit, Edit)}
EACH = [(name, field) for name, edit in EDITS.items() for field in edit.fields]


class Forms(HTMLParser):
    """The forms of a page by address, with what a browser sends for each field when nothing is touched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] | None = None
        self._text = self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = self.found.setdefault(given.get("action", "").partition("#")[0], {})
        elif self._form is None:
            return
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self._form[given.get("name", "")] = given.get("value", "on" if given.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self._text = given["name"]
            self._form[self._text] = ""
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self._form[self._select] = given["value"]

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._text:
            self._form[self._text] += data.removeprefix("\n") if not self._form[self._text] else data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._text = ""


@dataclass
class Story:
    """Two admins before the same form: `mine` is the page that was opened first."""

    edit: Edit
    address: str
    page: str
    mine: Client
    theirs: Client

    def form_on(self, page: HttpResponse) -> dict[str, str]:
        return dict(Forms(page.content.decode()).found[self.address if self.edit.page != self.address else ""])

    def send_on(self, answer: HttpResponse) -> HttpResponse:
        return self.mine.get(answer["Location"])

    def open(self, who: Client) -> dict[str, str]:
        return self.form_on(who.get(self.page))

    def send(self, who: Client, form: dict[str, str], **typed: str) -> HttpResponse:
        return who.post(self.address, form | typed)


def test_every_form_is_known_to_edit_or_not_to() -> None:
    sends = {name for name, entry in DOORS.items() if "POST" in entry}
    assert sends - set(TABLE) == set(), "say in tests/views/edit_table.py whether it goes over somebody's work"
    assert set(TABLE) - sends == set()


@pytest.fixture
def story(
    request: pytest.FixtureRequest, team: Team, admin: User, client_of: Callable[[User], Client], settings: Any
) -> Story:
    name: str = request.param
    leo = User.objects.create_user("leo", first_name="Leo")
    Membership.objects.create(team=team, user=leo, role=Membership.Role.ADMIN)
    asset = make_asset(team, name="Boat")
    film = make_generation(team, references=[NewReference("reference_image", "image", asset)])
    make_video(film)
    keys = {
        "asset": asset.pk,
        "video": film.pk,
        "label": Tag.objects.create(team=team, name="Night").pk,
        "preset": Preset.objects.create(team=team, name="Moon").pk,
        "budget": SpendingLimit.objects.create(team=team, period="day", warn_at=100, stop_at=1000).pk,
        "price": HandPrice.objects.create(team=team, model="seedance-2", credits=100).pk,
        "member": Membership.objects.create(user=User.objects.create_user("zoe"), team=team).pk,
    }
    arguments: dict[str, Any] = {"team": team.slug, "pk": keys.get(name.partition("-")[0])}
    if name == "label-rename":
        arguments["what"] = "tag"
    is_own = name == "profile"
    address = reverse(name, kwargs={} if is_own else {k: v for k, v in arguments.items() if v is not None})
    edit = EDITS[name]
    fields = {field.format(**keys): values for field, values in edit.fields.items()}
    mine, theirs = client_of(admin), client_of(admin if is_own else leo)
    return Story(Edit(edit.page.format(**keys), fields), address, edit.page.format(**keys), mine, theirs)


def said(page: HttpResponse) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.mark.parametrize("story", EDITS, indirect=True, ids=str)
def test_what_one_did_not_touch_stays_as_somebody_else_made_it(story: Story) -> None:
    before = story.open(story.mine)
    for field, (their_value, _mine) in story.edit.fields.items():
        story.send(story.theirs, story.open(story.theirs), **{field: their_value})
    story.send(story.mine, before)
    after = story.open(story.mine)
    for field, (their_value, _mine) in story.edit.fields.items():
        if (
            field not in ("rating", "followed") or "notes" in story.edit.fields
        ):  # such a press is a value, never nothing
            assert after[field].replace("\r\n", "\n") == their_value


@pytest.mark.parametrize(("story", "field"), EACH, indirect=["story"], ids=str)
def test_what_somebody_else_changed_too_is_told_and_stays_until_one_presses_again(story: Story, field: str) -> None:
    field = next(name for name in story.edit.fields if name.endswith(field.rpartition("-")[2]))
    theirs, mine = story.edit.fields[field]
    before = story.open(story.mine)
    story.send(story.theirs, story.open(story.theirs), **{field: theirs})
    answer = story.send(story.mine, before, **{field: mine})
    if answer.status_code == 302:  # one press of a button: said on the page it was pressed on
        answer = story.send_on(answer)
        again = story.form_on(answer)
    else:
        assert answer.status_code == 409
        again = story.form_on(answer)
        assert again[field].replace("\r\n", "\n") == mine
    assert "while the page was open" in said(answer) or "while you wrote" in said(answer)
    if Event.objects.filter(actor__username="leo").exists():
        assert re.search(r"Leo changed this|wrote \(Leo, ", said(answer))
    assert shown_now(story, field).replace("\r\n", "\n") in (theirs, "0")
    story.send(story.mine, again, **{field: mine})
    assert shown_now(story, field) in (mine, "0", "")


def shown_now(story: Story, field: str) -> str:
    if field in ("rating", "followed") and "notes" not in story.edit.fields:
        return str(getattr(Generation.objects.get(), field))
    return story.open(story.mine)[field]


@pytest.mark.parametrize("story", EDITS, indirect=True, ids=str)
def test_a_program_that_says_nothing_of_what_was_shown_writes_what_it_sends(story: Story) -> None:
    form = {name: value for name, value in story.open(story.mine).items() if "shown" not in name and name != "read"}
    for field, (_theirs, mine) in story.edit.fields.items():
        if form.get("read") is None and "notes" in story.edit.fields and len(story.edit.fields) == 1:
            continue  # the notes of a film have always been sent with those that were read
        assert story.send(story.mine, form, **{field: mine}).status_code in (200, 302)
        assert shown_now(story, field) == mine
        form = {name: value for name, value in story.open(story.mine).items() if "shown" not in name and name != "read"}


# --- tags, which are added up ----------------------------------------------------------------------------------------
def test_two_who_tag_at_once_both_keep_their_tags(
    team: Team, admin: User, editor: User, client_of: Callable[[User], Client]
) -> None:
    asset = make_asset(team)
    page, address = f"/dailies/assets/{asset.pk}/", f"/dailies/assets/{asset.pk}/edit/"
    client_of(admin).post(address, {"names": "boat, fog"})
    shown = {
        client: Forms(client.get(page).content.decode()).found[address]
        for client in (client_of(admin), client_of(editor))
    }
    for (client, form), names in zip(shown.items(), ("boat, sea, fog", "fog, night"), strict=True):
        client.post(address, form | {"names": names})
    assert set(asset.tags.values_list("name", flat=True)) == {"sea", "fog", "night"}


def test_ones_own_second_thought_meets_nobody(team: Team, editor: User, client_of: Callable[[User], Client]) -> None:
    film = make_generation(team)
    address = f"/dailies/videos/{film.pk}/rate/"
    for rating in ("4", "5"):  # from two places of one page, of which each shows what was there when it was drawn
        client_of(editor).post(address, {"rating": rating, "shown": '{"rating": "0"}'})
    film.refresh_from_db()
    assert film.rating == 5
