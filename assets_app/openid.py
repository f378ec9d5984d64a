"""What is asked of the organisation's OpenID provider when somebody signs in through it, and how long for."""

from __future__ import annotations

from typing import Any, Self, cast
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from assets_app.media.guard import GuardedAdapter, Lifeline
from assets_app.origin import absolute

PATIENCE_SECONDS = 5.0
"""For a whole conversation with the provider: somebody waits for the page meanwhile."""

DOORS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
NONSENSE = (AttributeError, KeyError, TypeError, ValueError)
"""What reading an answer raises that is not what it should be."""


def offered_as() -> str:
    """What the organisation is called on our pages; "" where nobody signs in through one."""
    return settings.OIDC_NAME if settings.OIDC_SERVER_URL else ""


class Speechless(requests.RequestException):
    """The provider answers, but not as one that signs people in."""


class PatientSession(requests.Session):
    """One that is cut off after PATIENCE_SECONDS, however slowly the other side talks; for use in a `with`."""

    def __init__(self) -> None:
        super().__init__()
        self._lifeline = Lifeline(PATIENCE_SECONDS)
        for scheme in ("http", "https"):
            https = scheme == "https"
            self.mount(f"{scheme}://", GuardedAdapter(https=https, public_only=False, lifeline=self._lifeline))

    def __enter__(self) -> Self:
        self._lifeline.__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        self._lifeline.__exit__(None, None, None)
        super().__exit__(*why)

    def request(self, *args: Any, **options: Any) -> requests.Response:
        return super().request(*args, **{"timeout": PATIENCE_SECONDS, **options})


class _Client(OAuth2Client):
    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, str]) -> str:
        """With a query that the address has of its own left whole."""
        address: str = super().get_redirect_url(authorization_url, scope, extra_params)
        asked = address.removeprefix(f"{authorization_url}?")
        return f"{authorization_url}{'&' if '?' in authorization_url else '?'}{asked}"


class OrganisationSignIn(OpenIDConnectOAuth2Adapter):
    client_class = _Client

    @property
    def openid_config(self) -> dict[str, Any]:
        """What the provider publishes of itself. Raises requests' RequestException when it does not."""
        try:
            config = super().openid_config
            is_good = all(_is_door(config[door]) for door in DOORS)
        except NONSENSE:
            is_good = False
        if not is_good:
            raise Speechless("It does not publish where to sign in.")
        return cast("dict[str, Any]", config)

    def get_callback_url(self, request: HttpRequest, _app: SocialApp) -> str:
        return absolute(request, reverse("openid_connect_callback", args=[self.provider_id]))

    def get_access_token_data(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_access_token_data(*args, **kwargs)
        except NONSENSE as error:
            raise OAuth2Error("Its answer holds no token.") from error

    def parse_token(self, data: Any) -> SocialToken:
        try:
            return super().parse_token(data)
        except NONSENSE as error:
            raise OAuth2Error("Its answer holds no token.") from error

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        try:
            return cast("SocialLogin", super().complete_login(request, app, token, **kwargs))
        except NONSENSE as error:
            raise OAuth2Error("Its answer does not say who this is.") from error


def _is_door(address: Any) -> bool:
    return isinstance(address, str) and urlsplit(address).scheme in ("http", "https")
