"""How a small action answers: a toast where htmx asked, else a message on the page that comes next, or comes back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event


def said(request: HttpRequest, text: str, *then: object, is_problem: bool = False) -> HttpResponse:
    """Say `text`, and have the page show what changed; without htmx go on to the page named by `then`."""
    if request.headers.get("HX-Request"):
        tone = "error" if is_problem else ""
        answer = trigger_client_event(HttpResponse(status=204), "castboard:toast", {"text": text, "tone": tone})
        return trigger_client_event(answer, "castboard:changed", {})
    (messages.error if is_problem else messages.info)(request, text)
    return redirect(*then)  # type: ignore[call-overload]


def go_to(request: HttpRequest, address: str) -> HttpResponse:
    """On to another page, which htmx must be told in its own way."""
    return HttpResponseClientRedirect(address) if request.headers.get("HX-Request") else redirect(address)


def way_back(request: HttpRequest, field: str, instead: str) -> str:
    """The page of ours that a form says it was on, from its root; else `instead`."""
    back = request.POST.get(field, "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, None)
    return back if is_ours else instead
