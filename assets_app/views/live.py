"""The live poll: one per page, silent while nothing changed, and then only what changed since the version it names.

A page takes part by registering how to draw its changes:

    @live_page("board")
    def changes(request, since): return rendered_html

The HTML holds whole elements. `live.js` puts each in the place of the element with the same id; one with `data-list`
goes into the list of that id (sorted by `data-order`, largest first) when it is not there yet, one with `data-gone`
leaves the page, and one that is equal to what is shown is left alone. A page names itself with `live_page` in its
context, and with `live_for` what it is about: that comes back as `request.GET["for"]`.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.views.decorators.http import require_safe

from assets_app.addresses import whole_number
from assets_app.middleware import TeamRequest
from assets_app.views.arrivals import arrivals

Changes = Callable[[TeamRequest, int], str]

PAGES: dict[str, Changes] = {}

# More changed rows than this are not worth placing one by one: a page then sends its whole list, which is capped too.
MANY = 100


def live_page(name: str) -> Callable[[Changes], Changes]:
    """Register what changed on the page `name` since a revision."""

    def register(changes: Changes) -> Changes:
        PAGES[name] = changes
        return changes

    return register


@require_safe
def live(request: TeamRequest) -> HttpResponse:
    """204 while the team's revision is the one the page has, without a query beyond those that let the person in."""
    since = whole_number(request.GET.get("v", ""))
    if since == request.team.revision:
        return HttpResponse(status=204)
    name = request.GET.get("page", "")
    parts: list[str] = [render_to_string(template, request=request) for template in ("_meters.html", "_banner.html")]
    if name in PAGES:
        parts.append(PAGES[name](request, since))
    parts.append(arrivals(request, since))
    context = {
        "live_page": name,
        "live_for": request.GET.get("for", ""),
        "mail": format_html_join("", "{}", ((part,) for part in parts)),
    }
    return render(request, "_live.html", context)
