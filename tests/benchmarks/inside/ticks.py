"""Inside the web process: a silent live tick and the emptiest signed-in view, through the whole WSGI application."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path, reverse

from apiframe_site import urls
from assets_app.models import Membership, Team


def empty(_request: HttpRequest) -> HttpResponse:
    """Signed in, for the middleware asks that of every view; nothing else."""
    return HttpResponse(status=204)


urlpatterns = [path("", include([path("benchmark/empty/", empty, name="empty")])), *urls.urlpatterns]


def sign_in() -> dict[str, Any]:
    """A person of the team: their cookies, and the two addresses to compare."""
    settings.ROOT_URLCONF = __name__
    team = Team.objects.get()
    user = User.objects.create_user("bench")
    Membership.objects.create(team=team, user=user, role=Membership.Role.EDITOR)
    client = Client()
    client.force_login(user)
    team.refresh_from_db()
    return {
        "cookies": "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items()),
        "addresses": {
            "live_tick": f"{reverse('live', args=[team.slug])}?v={team.revision}&page=board",
            "empty_view": reverse("empty"),
        },
    }


def compare(cookies: str, addresses: dict[str, str], blocks: int, requests: int) -> dict[str, Any]:
    """Requests per CPU-second and per second of both without a web server, as medians of alternating blocks."""
    settings.ROOT_URLCONF = __name__
    askers = {name: _asker(address, cookies) for name, address in addresses.items()}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in askers}
    for block in range(blocks + 1):
        for name, ask in askers.items():
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(requests):
                ask()
            if block:  # the first is a warm-up
                found[name].append((requests / (time.process_time() - cpu), requests / (time.perf_counter() - wall)))
    return {
        name: {
            "requests_per_cpu_second": round(statistics.median(by_cpu for by_cpu, _ in rates)),
            "requests_per_second": round(statistics.median(by_wall for _, by_wall in rates)),
        }
        for name, rates in found.items()
    }


def _asker(address: str, cookies: str) -> Callable[[], None]:
    application = get_wsgi_application()
    headers = {"Host": "localhost", "Cookie": cookies, "HX-Request": "true"}
    environ = RequestFactory(headers=headers).get(address).environ
    answered: list[str] = []

    def start(status: str, *_: Any) -> Callable[[bytes], object]:
        answered.append(status)
        return lambda _body: None

    def ask() -> None:
        response = application(dict(environ), start)
        b"".join(response)
        response.close()
        if not answered.pop().startswith("204"):
            raise RuntimeError(f"{address} did not answer 204")

    return ask
