"""What every request passes: a name of ours, pages made small, nothing that no database takes, signing in first, and
`request.team`, the one door to a team's things.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest, DisallowedHost
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
    StreamingHttpResponse,
    UnreadablePostError,
)
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from assets_app.models import Membership, Team
from assets_app.origin import is_ours

# Every live tick pays for this query: no more than the team goes along, and what can be said beforehand is said once.
# How somebody last set the studio is asked for there.
MEMBERSHIPS = Membership.objects.select_related("team").defer("studio")


NUL = "\0"


class OwnNameMiddleware:
    """400 for a page by a name that is good for asking after our health only (settings, HEALTH_ONLY_HOSTS)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != "/healthz" and settings.HEALTH_ONLY_HOSTS:
            name, _port = split_domain_port(request.get_host())
            if name in settings.HEALTH_ONLY_HOSTS:
                why = "have the proxy pass on the Host it was asked for, or set PUBLIC_URL"
                raise DisallowedHost(f"Asked for as {name}, which is this machine: {why}.")
        return self.get_response(request)


class HeadersAloneMiddleware:
    """Sends no body where none was asked for: gunicorn would leave it out too, with a line in the log each time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "HEAD":
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = ()
            elif isinstance(response, HttpResponse):
                response.content = b""
        return response


class PrivatePagesMiddleware:
    """Keeps pages out of every cache, the browser's included: after somebody has signed out, Back shows none of theirs.
    What says for itself how long it may be kept, as a picture does, is left alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith(("text/html", "application/json")):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


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


UNSENT = "unsent"
UNSENT_FOR = 15 * 60  # seconds that signing in may take before a page says no more about it


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """To the sign-in page, and from there back. A form that came too late leads back to the page it stood on, for its
    own address takes no visits; the sign-in page says that it was not sent, and `unsent.js` puts back what was typed.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD") or request.headers.get("HX-Request"):
            return super().handle_no_permission(request, view_func)
        query = urlencode({"next": page_before(request), UNSENT: 1})
        response = redirect(f"{reverse('login')}?{query}")
        response.set_cookie(UNSENT, "1", max_age=UNSENT_FOR, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
        return response


STOOD_ON = "stood_on"


def page_before(request: HttpRequest) -> str:
    """The page of ours that a form stood on, from its root, as the browser tells it; else the start. A page that was
    itself the answer to a form has an address that takes no visits: its forms say where the first one stood.
    """
    is_form = request.method == "POST" and request.content_type == "application/x-www-form-urlencoded"
    if told := is_form and request.POST.get(STOOD_ON, ""):
        return told if told.startswith("/") and url_has_allowed_host_and_scheme(told, None) else "/"
    referer = urlsplit(request.headers.get("Referer", ""))
    if not is_ours(request, referer.netloc) or not referer.path.startswith("/") or referer.path.startswith("//"):
        return "/"
    return referer.path + (f"?{referer.query}" if referer.query else "")


def page_at_hand(request: HttpRequest) -> str:
    """Where a visit brings the page that is being drawn."""
    return page_before(request) if request.method == "POST" else request.get_full_path()


class NoVisitsMiddleware:
    """A page instead of nothing for a visit to an address that takes only what forms send: a browser shows an error of
    its own for an empty answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page


class TeamRequest(HttpRequest):
    """What a view under `/<team>/` gets."""

    team: Team
    membership: Membership


LAST_TEAM = "team"
"""Which team this browser showed last, to begin with another time. It opens nothing."""
LAST_TEAM_SECONDS = 400 * 24 * 60 * 60  # browsers keep none longer


class TeamMiddleware:
    """For routes with a `team` slug: the signed-in person's membership of it, or 404. Another team's address and one
    that does not exist look the same. The view receives `request.team` instead of the slug.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        team: Team | None = getattr(request, "team", None)
        if team and request.COOKIES.get(LAST_TEAM) != team.slug:
            is_https = settings.SESSION_COOKIE_SECURE
            response.set_cookie(LAST_TEAM, team.slug, LAST_TEAM_SECONDS, secure=is_https, httponly=True, samesite="Lax")
        return response

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
