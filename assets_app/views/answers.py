"""How a small action answers: a toast where htmx asked, else a message on the page that comes next."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_htmx.http import trigger_client_event


def said(request: HttpRequest, text: str, *then: object, is_problem: bool = False) -> HttpResponse:
    """Say `text`, and have the page show what changed; without htmx go on to the page named by `then`."""
    if request.headers.get("HX-Request"):
        tone = "error" if is_problem else ""
        answer = trigger_client_event(HttpResponse(status=204), "castboard:toast", {"text": text, "tone": tone})
        return trigger_client_event(answer, "castboard:changed", {})
    (messages.error if is_problem else messages.info)(request, text)
    return redirect(*then)  # type: ignore[call-overload]
