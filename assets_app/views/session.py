"""Coming in and going out, and which team somebody works in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account import views as allauth_views
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import csrf
from django.views.decorators.http import require_http_methods, require_safe

from assets_app import engine
from assets_app.forms.connection import NewConnectionForm
from assets_app.forms.members import NewTeamForm
from assets_app.known_devices import KnownDevice
from assets_app.mail import can_send
from assets_app.middleware import LAST_TEAM
from assets_app.models import Membership, Team, found
from assets_app.openid import offered_as
from assets_app.sign_in_limits import forget_guesses_at
from assets_app.startup.first_team import demo_is_open, needs_our_sandbox

AGAIN = "again"
"""In the sign-in page's address: what was sent from it was sent too late."""


ENTRANCES = ("login", "account_login", "openid_connect_login", "mfa_login_webauthn")
"""What the sign-in page sends to: nothing was typed there that may not be typed once more."""


@method_decorator(login_not_required, name="dispatch")
class SignIn(allauth_views.LoginView):
    template_name = "session/login.html"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        return {**super().get_context_data(**more), "organisation": offered_as(), "demo_is_open": demo_is_open()}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """401 for a request from inside a page: it says so itself (`session.js`), and keeps what was typed."""
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return super().dispatch(request, *args, **kwargs)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page is older than the sign-in. A request from inside it gets what one without a session gets."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    if request.resolver_match and request.resolver_match.url_name in ENTRANCES:
        query = {AGAIN: "1", **({"next": going_to} if (going_to := get_next_redirect_url(request)) else {})}
        return redirect(f"{reverse('login')}?{urlencode(query)}")
    return csrf.csrf_failure(request, reason)


class SignOut(allauth_views.LogoutView):
    """By POST only: nobody is signed out by a picture in somebody's message."""

    http_method_names = ["post"]


@method_decorator(login_not_required, name="dispatch")
class ForgottenPassword(allauth_views.PasswordResetView):
    """The answer is the same for an address that nobody has, and as quick: whose it is, the worker looks up."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not can_send():
            return render(request, "account/password_reset_by_hand.html")
        return super().dispatch(request, *args, **kwargs)


class SecondStep(AuthenticateView):
    """Asks for what this person has."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.stage.login.user
        types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        has = {"has_app": Authenticator.Type.TOTP in types, "has_passkey": Authenticator.Type.WEBAUTHN in types}
        return {**super().get_context_data(**kwargs), **has}


class NewPassword(allauth_views.PasswordResetFromKeyView):
    """What the link in a mail opens. Whoever it was sent to is let in from this browser, whatever others have tried."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        forget_guesses_at(self.reset_user.pk)
        KnownDevice.of(self.request).remember(self.reset_user.pk, response)
        return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The board of the team that this browser was in last, or of the only one; else a choice, or an explanation when
    there is none.
    """
    teams = _teams_of(request)
    last = [team for team in teams if team.slug == request.COOKIES.get(LAST_TEAM)]
    if last or len(teams) == 1:
        return redirect("board", (last or teams)[0].slug)
    return _choice(request, teams)


@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    return _choice(request, _teams_of(request))


@require_safe
def teams_menu(request: HttpRequest) -> HttpResponse:
    """What the switcher drops down, asked for when it is first opened: no page pays for it."""
    teams, asked = _teams_of(request), request.GET.get("here", "")
    here = asked if any(team.slug == asked for team in teams) else ""
    context = {"teams": teams, "may_found": _may_found(request), "here": here}
    return render(request, "team/_menu.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_team(request: HttpRequest) -> HttpResponse:
    """Who runs a team may make another: they are trusted with a key and with people already."""
    if not _may_found(request):
        raise PermissionDenied
    data = request.POST or None
    form, connection_form = NewTeamForm(data), NewConnectionForm(data, may_play=needs_our_sandbox())
    # Both are asked, so that a page with two mistakes tells both; but no key is tried for a team that cannot be.
    if form.is_valid() and connection_form.is_valid():
        with transaction.atomic():
            team = found(form.cleaned_data["name"], form.cleaned_data["slug"], request.user)  # type: ignore[arg-type]
            connection_form.save_for(team, request.user)  # type: ignore[arg-type]
        engine.wake()
        messages.success(request, f"{team.name} is there. Invite the others under Members.")
        return redirect("board", team.slug)
    return render(request, "team/new.html", {"form": form, "connection_form": connection_form})


def _teams_of(request: HttpRequest) -> list[Team]:
    return list(Team.objects.filter(memberships__user=request.user.pk).order_by("name"))


def _may_found(request: HttpRequest) -> bool:
    return Membership.objects.filter(user=request.user.pk, role=Membership.Role.ADMIN).exists()


def _choice(request: HttpRequest, teams: list[Team]) -> HttpResponse:
    return render(request, "session/teams.html", {"teams": teams, "may_found": _may_found(request)})
