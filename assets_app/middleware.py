"""What every request passes: pages made small, nothing that no database takes, and `request.team`, the one door to a
team's things.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from assets_app.models import Membership, Team

# Every live tick pays for this query: no more than the team goes along, and what can be said beforehand is said once.
# How somebody last set the studio is asked for there.
MEMBERSHIPS = Membership.objects.select_related("team").defer("studio")


NUL = "\0"


class CompressedPages(GZipMiddleware):
    """Pages and their fragments, which shrink to a tenth, and nothing else: films, pictures and archives would not
    shrink, and would lose the parts that a player asks for. Django pads each answer at random, so that its length tells
    nothing of the secrets in it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class NoNulMiddleware:
    """400 for a NUL character in the address, a cookie or a form: no person means one, and PostgreSQL takes none.

    A view without the CSRF check is left to read its body by itself, as one does that writes uploads to the disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _refuse_nul(request.path)
        _refuse_nul(*request.COOKIES.values())
        _refuse_nul_in(request.GET)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: dict[str, Any]) -> None:
        if not getattr(view, "csrf_exempt", False):
            with suppress(UnreadablePostError):  # the visitor is gone: the CSRF check turns the rest away
                _refuse_nul_in(request.POST)


def _refuse_nul_in(sent: QueryDict) -> None:
    for name, values in sent.lists():
        _refuse_nul(name, *values)


def _refuse_nul(*texts: str) -> None:
    if any(NUL in text for text in texts):
        raise BadRequest("There is a NUL character in this request.")


class TeamRequest(HttpRequest):
    """What a view under `/<team>/` gets."""

    team: Team
    membership: Membership


class TeamMiddleware:
    """For routes with a `team` slug: the signed-in person's membership of it, or 404. Another team's address and one
    that does not exist look the same. The view receives `request.team` instead of the slug.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, _view: Any, _args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        slug = kwargs.pop("team", None)
        if slug is None:
            return None
        try:
            membership = MEMBERSHIPS.get(user_id=request.user.pk, team__slug=slug)
        except Membership.DoesNotExist as error:
            raise Http404 from error
        request.membership, request.team = membership, membership.team
        return None
