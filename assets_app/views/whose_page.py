"""Whose page it is: what a page sends is done for the person it was shown to, or not at all.

Somebody may sign in beside a page that still shows another, in the same browser. What that page sends carries whom it
was shown to: in a header what its scripts send, questions too, and in a field each form. What carries neither (programs
do not) is judged by the session alone. Whoever signed out is nobody else: they are asked to sign in, as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import render
from django_htmx.http import trigger_client_event

from assets_app.middleware import STOOD_ON, page_before
from assets_app.templatetags.castboard import person
from assets_app.templatetags.shown_to import FIELD, NOBODY, mark_of, person_of

HEADER = "X-Shown-To"
COOKIE = "shown_to"
"""Whom this browser showed a page last: for the scripts of its other pages (`session.js`), and never believed here."""

SECRET = ("password", "key", "code", "token", "credential", "secret")
MOST_SHOWN = 20  # fields of what was typed


class WhosePageMiddleware:
    """409 and nothing done for what another person's page sends. Stands before the check of the CSRF token, whose
    answer to the same page would say less.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        shown_to = getattr(request, "shown_to", None)  # set by what draws a page
        if shown_to is not None and request.COOKIES.get(COOKIE, NOBODY) != shown_to:
            response.set_cookie(COOKIE, shown_to, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        marks = {mark for mark in _marks(request, view) if mark is not None}
        if not marks or not request.user.is_authenticated:
            return None
        others = marks - {mark_of(request.user)}
        return _refusal(request, others.pop()) if others else None


def _marks(request: HttpRequest, view: Any) -> list[str | None]:
    """A view without the CSRF check reads its body by itself, as one does that writes uploads to the disk."""
    marks = [request.headers.get(HEADER)]
    if request.method == "POST" and not getattr(view, "csrf_exempt", False):
        with suppress(UnreadablePostError):  # the visitor is gone: the CSRF check turns the rest away
            marks.append(request.POST.get(FIELD))
    return marks


def _refusal(request: HttpRequest, mark: str) -> HttpResponse:
    words = _words(request, mark)
    if request.headers.get("HX-Request"):
        return trigger_client_event(HttpResponse(status=409), "castboard:another-person", {"text": words})
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"problem": words, "said": words}, status=409)
    context = {"words": words, "typed": _typed(request), "back": page_before(request)}
    return render(request, "session/another_person.html", context, status=409)


def _words(request: HttpRequest, mark: str) -> str:
    was = person_of(mark)
    if mark == NOBODY:
        whose = "this page was opened before anybody was"
    else:
        whose = f"this page was {person(was)}’s" if was else "this page was somebody else’s"
    return f"You are now signed in as {person(request.user)}; {whose}. Nothing was sent."


def _typed(request: HttpRequest) -> list[str]:
    """The texts among what was sent, without secrets and what no person types."""
    texts = [
        value.strip()
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", FIELD, STOOD_ON, "shown") and not any(word in name for word in SECRET)
        for value in values
    ]
    return [text for text in texts if any(sign in text for sign in (" ", "\n", "://"))][:MOST_SHOWN]
