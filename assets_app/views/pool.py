"""The assets to pick from, beside the studio's form; and what is made of a link that somebody puts there instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.http import QueryDict

from assets_app.forms import slots
from assets_app.forms.links import guess_type
from assets_app.forms.slots import WAITING_STATES
from assets_app.forms.studio import StudioForm
from assets_app.library.choosing import best_first
from assets_app.library.finding import Shelf
from assets_app.library.query import ME, LibraryQuery
from assets_app.middleware import TeamRequest
from assets_app.models import Kind, MediaType

if TYPE_CHECKING:
    from django.contrib.auth.models import User

POOL_SIZE = 60
LONGEST_NUMBER = 18


@dataclass(frozen=True)
class Link:
    """A web address where a name was expected, and the types of what it may lead to; `problem` when to nothing."""

    url: str
    media_types: list[str]
    problem: str = ""


def pool_of(request: TeamRequest, form: StudioForm) -> dict[str, Any]:
    """What the picker shows: Active assets and those that may become so, narrowed down as asked."""
    asked: QueryDict = request.POST if request.method == "POST" else request.GET
    query = _query(asked, form)
    is_settled = (asked.get("do", "").startswith("link:") or "register" in asked) and not form.notes
    link = None if is_settled else link_in(asked.get("pool_name", ""))
    if is_settled:
        query = query.but(text="")
    found = [] if link else _found(request, query)
    used = {reference.asset.pk for reference in form.references if reference.asset}
    return {
        "pool": [{"asset": asset, "is_used": asset.pk in used} for asset in found[:POOL_SIZE]],
        "pool_has_more": len(found) > POOL_SIZE,
        "pool_query": query,
        "pool_link": link,
        "pool_type": query.media_type,
        "pool_name": link.url if link else query.text,
        "pool_types": [
            ("", "All"),
            *((value, f"{label}s" if value != "audio" else label) for value, label in MediaType.choices),
        ],
        "pool_kinds": Kind.choices,
        "pool_collections": request.team.collections.all(),
        "pool_is_narrowed": bool(query.kind or query.collection or query.owner or query.starred),
    }


def _found(request: TeamRequest, query: LibraryQuery) -> list[Any]:
    shelf = Shelf(request.team, cast("User", request.user), query)
    usable = shelf.in_order().filter(state__in=("active", *WAITING_STATES))
    return best_first(usable.select_related("original"), query.text, POOL_SIZE + 1)


def _query(asked: QueryDict, form: StudioForm) -> LibraryQuery:
    """As asked in the form's own fields; what makes no sense does not narrow."""
    action = asked.get("do", "")
    media_type = action.removeprefix("pool:") if action.startswith("pool:") else asked.get("pool_type", "")
    if action.startswith("aim:") and (slot := form.model.slot(form.target)):
        media_type = slot.media_type
    kind, collection = asked.get("pool_kind", ""), asked.get("pool_collection", "")
    is_number = collection.isascii() and collection.isdecimal() and len(collection) <= LONGEST_NUMBER
    return LibraryQuery(
        text=" ".join(asked.get("pool_name", "").split())[:200],
        media_type=media_type if media_type in MediaType.values else "",
        kind=kind if kind in Kind.values else "",
        collection=int(collection) if is_number else None,
        owner=ME if asked.get("pool_mine") else None,
        starred=bool(asked.get("pool_starred")),
    )


def link_in(text: str) -> Link | None:
    """The web address that was put where a name is looked for; None when it is a name."""
    url = text.strip()
    if not url.lower().startswith(("http://", "https://")):
        return None
    known = guess_type(url)
    return Link(url, [known] if known else list(MediaType.values), slots.problem_with_url(url))
