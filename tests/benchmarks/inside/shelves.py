"""Inside an installation: a library of a given size, and what its pages cost."""

from __future__ import annotations

import statistics
import time

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from assets_app.library import seeding
from assets_app.library.finding import PAGE
from assets_app.models import Asset, Membership, Team

DEEP = 0.6  # a million's ten-thousandth page of sixty begins here


def fill(assets: int) -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    team = Team.objects.create(name="Shelves", slug="shelves")
    for name in ("ana", "ben", "cleo", "dan"):
        person = User.objects.create_user(name)
        Membership.objects.create(team=team, user=person, role=Membership.Role.EDITOR)
    seeding.seed(team, assets)


def measure(requests: int) -> dict[str, float]:
    """Milliseconds of each kind of page: the fastest tenth of so many requests, for whatever else the machine does only
    ever adds to them.
    """
    team = Team.objects.get()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="ana"))
    deep = Asset.objects.order_by("-number").values_list("number", flat=True)[int(team.assets.count() * DEEP)]
    night = team.tags.get(name="night").pk
    pages = {
        "first_page": "",
        "ten_thousandth_page": f"?after={deep}&seen=600000",
        "by_name": "?sort=name",
        "filtered_page": "?type=video&status=ready",
        "tagged_page": f"?tag={night}&type=image",
        "search": "?q=harbour",
        "search_as_you_type": "?q=har",
    }
    return {page: _milliseconds(client, f"/shelves/assets/{query}", requests) for page, query in pages.items()}


def _milliseconds(client: Client, address: str, requests: int) -> float:
    spent = []
    for _ in range(requests + 3):  # the first ones warm up
        start = time.perf_counter()
        answer = client.get(address)
        spent.append((time.perf_counter() - start) * 1000)
        if answer.content.count(b"<article") != PAGE:
            raise RuntimeError(f"{address} does not show {PAGE} assets")
    return statistics.quantiles(spent[3:], n=10)[0]
