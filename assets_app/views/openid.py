"""To the organisation's sign-in, and back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import requests
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from assets_app.openid import OrganisationSignIn

SILENT, CANCELLED = "silent", "cancelled"
"""In the sign-in page's address: why the organisation has not let somebody in."""

WORDS = {
    SILENT: "{} does not answer. Try again in a moment.",
    CANCELLED: "It was cancelled at {}, so nothing has changed.",
}


class _Back(OAuth2CallbackView):
    state: dict[str, Any] | None = None

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        """Kept for when the organisation falls silent: where somebody was going is in it."""
        self.state, response = super()._get_state(request, provider)
        return self.state, response

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
            why = CANCELLED if response.get("Location") == reverse("socialaccount_login_cancelled") else ""
        except requests.RequestException:
            why = SILENT
        state = self.state or {}
        return _another_way(request, why, state.get("process"), state.get("next")) if why else response


@login_not_required
@never_cache
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """A page that goes on by itself. The answer to a form may lead to no other place (`form-action`), nor may what that
    place redirects to, which only the organisation knows.
    """
    try:
        response = OAuth2LoginView.adapter_view(OrganisationSignIn(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except requests.RequestException:
        return _another_way(request, SILENT, request.GET.get("process"), get_next_redirect_url(request))
    if not response.has_header("Location"):
        return response
    context = {"to": response["Location"], "organisation": settings.OIDC_NAME}
    return render(request, "session/leaving.html", context)


@login_not_required
@never_cache
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return _Back.adapter_view(OrganisationSignIn(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error


def _another_way(request: HttpRequest, why: str, process: str | None, going_to: str | None) -> HttpResponse:
    """The organisation does not let somebody in: said where there is another way, or where to try again."""
    going_to, organisation = going_to or "", settings.OIDC_NAME
    invited = going_to.startswith(reverse("invitation", args=["-"]).removesuffix("-/"))
    if process == AuthProcess.CONNECT or invited:
        words = WORDS[why].format(organisation)
        messages.error(request, words[0].upper() + words[1:])
        return redirect(going_to if invited else "socialaccount_connections")
    query = urlencode({why: 1, **({"next": going_to} if going_to else {})})
    return redirect(f"{reverse('login')}?{query}")
