"""Who is there, and which team they work in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET

from assets_app.models import Team


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    template_name = "session/login.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """401 for a request from inside a page: it says so itself (`session.js`), and keeps what was typed."""
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return super().dispatch(request, *args, **kwargs)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The board of the only team; a choice when there are several, an explanation when there is none."""
    teams = _teams_of(request)
    return redirect("board", teams[0].slug) if len(teams) == 1 else _choice(request, teams)


@require_GET
def teams(request: HttpRequest) -> HttpResponse:
    return _choice(request, _teams_of(request))


def _teams_of(request: HttpRequest) -> list[Team]:
    return list(Team.objects.filter(memberships__user=request.user.pk).order_by("name"))


def _choice(request: HttpRequest, teams: list[Team]) -> HttpResponse:
    return render(request, "session/teams.html", {"teams": teams})
