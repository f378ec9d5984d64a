"""A link put into the studio that is to become an asset: registered, and attached at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from assets_app import engine
from assets_app.forms import attaching, opening
from assets_app.forms.notes import CannotPlace
from assets_app.forms.paste import key_of
from assets_app.forms.registering import Paste
from assets_app.middleware import TeamRequest
from assets_app.views.access import editors_only
from assets_app.views.studio import show_change

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from assets_app.models import Asset


@require_POST
@editors_only
def register_link(request: TeamRequest) -> HttpResponse:
    """`register` is `<type>:<URL>`. What the library has from this address already is attached as it is."""
    media_type, _, url = request.POST.get("register", "").partition(":")
    form = opening.posted(request.team, request.POST)
    try:
        asset = _registered(request, url, media_type)
    except CannotPlace as why:
        form.notes.append(why.note)
    else:
        form = attaching.with_asset(form, str(asset.pk))
    return show_change(request, form)


def _registered(request: TeamRequest, url: str, media_type: str) -> Asset:
    """Raises CannotPlace, saying why it is none."""
    paste = Paste(request.team, {"urls": url, key_of(url): media_type})
    if len(paste.rows) != 1:
        raise CannotPlace("One link at a time: paste a list of them on the board.")
    (row,) = paste.rows
    if row.known:
        return row.known
    if row.problem:
        raise CannotPlace(f"{row.problem}.")
    if made := paste.register(cast("User", request.user)):
        engine.wake()
        return made[0]
    # It came into the library this very moment, or is in its trash: of that the form says so.
    return request.team.assets.with_source([row.line.url]).order_by("trashed_at", "-created_at")[0]
