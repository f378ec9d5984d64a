"""Two to four films side by side: played together, with a table of what differs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from assets_app.addresses import uuid_or_none
from assets_app.engine.missing import look_after
from assets_app.films.comparing import Row, marked
from assets_app.films.finding import starred
from assets_app.forms import slots
from assets_app.forms.slots import Filled
from assets_app.middleware import TeamRequest
from assets_app.models import Generation, Reference, Team
from assets_app.templatetags.castboard import media_time, person
from assets_app.views.asked import model_of, settings_of
from assets_app.views.live import live_page
from assets_app.views.one_film import is_sandbox
from assets_app.views.takes import Take, takes_of

FEWEST, MOST = 2, 4
LETTERS = "ABCD"


@dataclass(frozen=True)
class Side:
    """One of the films that are compared."""

    letter: str
    take: Take
    name: str
    """ "Take 2" beside others of its press of the button; "" otherwise."""
    is_starred: bool
    without: str
    """The address of the comparison without it; "" when too few would be left."""


def compare_address(team: Team, films: Iterable[Generation]) -> str:
    """Where these films are compared, as many of them as fit."""
    return _address(team.slug, [film.pk for film in films][:MOST])


def other_takes(team: Team, film: Generation, takes: Iterable[Generation]) -> str:
    """Where those of the takes that are saved are compared, this film among them; "" when there is only one."""
    saved = sorted((each for each in takes if Take(each).film), key=lambda each: each.pk != film.pk)[:MOST]
    return compare_address(team, sorted(saved, key=lambda each: each.take)) if len(saved) >= FEWEST else ""


@require_safe
def compare(request: TeamRequest) -> HttpResponse:
    """`/<team>/videos/compare/?film=<id>&film=<id>`: those of the team, each once, in this order, four at most."""
    asked = list(dict.fromkeys(request.GET.getlist("film")))
    films = _films(request, asked)
    shown = films[:MOST]
    context = {
        **_compared(request, shown),
        "is_tall": bool(shown) and all(_is_tall(film) for film in shown),
        "missing": len(asked) - len(films),
        "too_many": len(films) - len(shown),
        "back": request.get_full_path(),
        "place": "videos",
        "live_page": "compare",
        "live_for": " ".join(str(film.pk) for film in shown),
    }
    enough = len(shown) >= FEWEST
    return render(request, "compare/compare.html" if enough else "compare/too_few.html", context)


@live_page("compare")
def changed_films(request: TeamRequest, since: int) -> str:
    """The table, when one of the films changed; the players are left alone."""
    films = _films(request, request.GET.get("for", "").split())[:MOST]
    if all(film.revision <= since for film in films):
        return ""
    return render_to_string("compare/_table.html", _compared(request, films), request)


def _compared(request: TeamRequest, films: Sequence[Generation]) -> dict[str, Any]:
    rows = _rows(request, films)
    return {"sides": _sides(request, films), "rows": rows, "differs": not all(row.is_same for row in rows)}


def _films(request: TeamRequest, asked: Sequence[str]) -> list[Generation]:
    """Those of the team that are not in the trash, in the order asked for."""
    ids = [pk for text in asked[:100] if (pk := uuid_or_none(text))]
    found = takes_of(request.team).filter(trashed_at=None, pk__in=ids).prefetch_related("references__asset__original")
    by_id = {film.pk: film for film in found}
    for film in by_id.values():
        look_after(getattr(film, "video", None))
    return [by_id[pk] for pk in dict.fromkeys(ids) if pk in by_id]


def _sides(request: TeamRequest, films: Sequence[Generation]) -> list[Side]:
    stars = starred(cast("User", request.user), films)
    return [
        Side(
            letter=letter,
            take=Take(film, is_sandbox(request)),
            name=f"Take {film.take}" if sum(other.click == film.click for other in films) > 1 else "",
            is_starred=film.pk in stars,
            without=_address(request.team.slug, [other.pk for other in films if other != film])
            if len(films) > FEWEST
            else "",
        )
        for letter, film in zip(LETTERS, films, strict=False)
    ]


def _address(slug: str, ids: Sequence[uuid.UUID]) -> str:
    return f"{reverse('videos-compare', args=[slug])}?{urlencode([('film', pk) for pk in ids])}"


def _is_tall(film: Generation) -> bool:
    video = getattr(film, "video", None)
    return bool(video and video.width and video.height and video.height > video.width)


# --- the table -------------------------------------------------------------------------------------------------------
def _rows(request: TeamRequest, films: Sequence[Generation]) -> list[Row]:
    takes = [Take(film, is_sandbox(request)) for film in films]
    prompts = [film.prompt for film in films]
    given = [_references(film) for film in films]
    rows = [
        Row("Prompt", marked(prompts), prompts, "prompt"),
        _text("Model", takes, lambda take: take.model_label),
        *_settings(films),
        Row("References", given, [tuple(each.same_thing for _token, each in cell) for cell in given], "references"),
        _text("Cost", takes, lambda take: take.cost),
        _text("Length", takes, lambda take: media_time(take.seconds)),
        _text("Pixels", takes, _pixels),
        _text("State", takes, lambda take: take.status.label),
        _text("By", takes, lambda take: person(take.generation.created_by)),
        _text("Rating", takes, lambda take: f"{take.generation.rating} of 5" if take.generation.rating else ""),
        _text(
            "Followed", takes, lambda take: take.generation.get_followed_display() if take.generation.followed else ""
        ),
        _text("Notes", takes, lambda take: take.generation.notes),
    ]
    return [row for row in rows if not row.is_empty]


def _text(label: str, takes: Sequence[Take], value: Callable[[Take], str]) -> Row:
    cells = [value(take) for take in takes]
    return Row(label, cells, cells)


def _settings(films: Sequence[Generation]) -> list[Row]:
    """One row for each setting that any of them has, in the order of the first that has it."""
    of_each = [{name: (label, value) for name, label, value in settings_of(film)} for film in films]
    labels = {name: label for settings in of_each for name, (label, _value) in settings.items()}
    values = {name: [settings.get(name, ("", ""))[1] for settings in of_each] for name in labels}
    return [Row(label, values[name], values[name]) for name, label in labels.items()]


def _references(film: Generation) -> list[tuple[str, Filled]]:
    model = model_of(film)
    rows: list[Reference] = list(film.references.all())
    filled = [Filled(each.slot, each.media_type, asset=each.asset, url=each.url) for each in rows]
    if model is None:
        return [(each.slot.replace("_", " "), each) for each in filled]
    filled = slots.in_order(filled, model)
    return [(slots.token_of(filled, index, model) or _slot(model, each), each) for index, each in enumerate(filled)]


def _slot(model: Any, reference: Filled) -> str:
    slot = model.slot(reference.slot)
    return slot.label if slot else reference.slot.replace("_", " ")


def _pixels(take: Take) -> str:
    film = take.film
    return f"{film.width} × {film.height}" if film and film.width and film.height else ""
