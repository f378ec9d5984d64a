"""Before what could lock an account out, its owner shows once more that it is theirs."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows import reauthentication
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

View = Callable[..., HttpResponseBase]


def proven(view: View) -> View:
    """A page for whom signing in has shown a moment ago. allauth asks those for their password, or a code, who have
    one; whoever comes by the organisation alone has neither, and goes there once more.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if must_go_to_organisation(request):
            return redirect(f"{reverse('confirm-by-organisation')}?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return guarded


def ask_for_proof(request: HttpRequest) -> HttpResponse | None:
    """For a page of a team: where to go first; None for whom was asked a moment ago. A form comes back to its page."""
    if must_go_to_organisation(request):
        return redirect(f"{reverse('confirm-by-organisation')}?{urlencode({'next': request.path})}")
    if not reauthentication.is_reauthentication_required(request, app="allauth.mfa"):
        return None
    if request.method == "POST":
        return redirect(request.path)
    raise ReauthenticationRequired


def ask_for_all_proof(request: HttpRequest) -> HttpResponse | None:
    """For what nothing brings back, password and second step are both asked for, those that somebody has: where to go
    first; None for whom was asked for all a moment ago.
    """
    if must_go_to_organisation(request):
        return redirect(f"{reverse('confirm-by-organisation')}?{urlencode({'next': request.path})}")
    now = time.time()
    shown = {
        "password" if each["method"] == "password" else "second step"
        for each in get_authentication_records(request, request.user)
        if each.get("reauthenticated") and now - each["at"] < REAUTHENTICATION_TIMEOUT
    }
    for way in get_adapter().get_reauthentication_methods(request.user):
        if ("password" if way["id"] == "reauthenticate" else "second step") not in shown:
            return redirect(f"{way['url']}?{urlencode({'next': request.path})}")
    return None


def must_go_to_organisation(request: HttpRequest) -> bool:
    user = request.user
    if not user.is_authenticated or not settings.OIDC_SERVER_URL or reauthentication.get_reauthentication_flows(user):
        return False
    if not SocialAccount.objects.filter(user=user).exists():
        return False
    latest = max((each.get("at", 0) for each in get_authentication_records(request, user)), default=0)
    return time.time() - latest >= REAUTHENTICATION_TIMEOUT


@never_cache
@require_safe
def confirm_by_organisation(request: HttpRequest) -> HttpResponse:
    """Asks for nothing itself: leads there, and from there on."""
    going_to = get_next_redirect_url(request) or reverse("account")
    query = urlencode({"process": "login", "next": going_to, "auth_params": "prompt=login"})
    context = {"organisation": settings.OIDC_NAME, "to": f"{reverse('openid_connect_login', args=['oidc'])}?{query}"}
    return render(request, "account/confirm_by_organisation.html", context)
