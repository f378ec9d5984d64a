"""Every route of the whole site, tried by everybody, against the table of who may what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assets_app.models import (
    Discrepancy,
    HandPrice,
    Heartbeat,
    Membership,
    NewCandidate,
    Original,
    Preset,
    SavedView,
    SpendingLimit,
    Tag,
    Team,
    invite,
    look_at,
    share,
)

from .access_table import TABLE
from .scene import make_asset, make_generation, make_video


def routes(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        else:
            yield pattern


ALL = list(routes(get_resolver().url_patterns))


@pytest.fixture
def things(team: Team, admin: User, editor: User, viewer: User, stranger: User) -> dict[str, Any]:
    """Something real behind each kind of address, all of it the team's, so that 404 means "not for you"."""
    for user in (admin, editor, viewer, stranger):
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)
    asset = make_asset(team, seconds=1.0)
    original: Original = asset.original
    original.file.save(f"{original.folder}/still.png", ContentFile(b"still"), save=False)
    original.poster.save(f"{original.folder}/still.webp", ContentFile(b"poster"), save=False)
    original.clip.save(f"{original.folder}/clip.mp4", ContentFile(b"clip"), save=False)
    original.sent_file.save(f"{original.folder}/still.sent.jpg", ContentFile(b"sent"), save=False)
    original.sent_facts = {"content_type": "image/jpeg"}
    original.save()
    generation = make_generation(team)
    video = make_video(generation)
    video.poster.save(f"{video.folder}/film.webp", ContentFile(b"poster"))
    video.clip.save(f"{video.folder}/film.clip.mp4", ContentFile(b"clip"))
    (candidate,) = look_at(team, editor, [NewCandidate("https://media.example/1.png", "image")])
    candidate.poster.save(f"{candidate.folder}/still.webp", ContentFile(b"poster"))
    invitation, token = invite(team, admin, Membership.Role.VIEWER, timedelta(days=1))
    link = share(generation, editor, timedelta(days=1))
    Heartbeat.beat()
    return {
        "asset": asset.pk,
        "candidate": candidate.pk,
        "video": generation.pk,
        "click": generation.click,
        "member": Membership.objects.create(user=User.objects.create_user("zoe"), team=team).pk,
        "invitation": invitation.pk,
        "difference": Discrepancy.objects.create(team=team, kind="unknown", job_id="job").pk,
        "preset": Preset.objects.create(team=team, name="Dawn").pk,
        "label": Tag.objects.create(team=team, name="Night").pk,
        "view": SavedView.objects.create(team=team, name="Mine", query="owner=me", position=1).pk,
        "share": link.pk,
        "price": HandPrice.objects.create(team=team, model="kling-3.0", credits=100).pk,
        "budget": SpendingLimit.objects.create(team=team, period="day", stop_at=500).pk,
        "token": {"invitation": token, "webhook-apiframe": generation.webhook_token}
        | dict.fromkeys(("share", "share-file", "share-poster", "share-download"), link.token),
    }


def address_of(route: URLPattern, things: dict[str, Any]) -> str:
    name = str(route.name)
    given: dict[str, Any] = {
        "team": "dailies",
        "pk": things.get(name.partition("-")[0], 1),
        "click": things["click"],
        "token": things["token"].get(name),
        "action": "trash",
        "what": "tag",
        "provider_id": "oidc",
        "uidb36": "1",
        "key": "no-such-key",
    }
    wanted = list(route.pattern.converters) or list(route.pattern.regex.groupindex)
    return reverse(name, kwargs={argument: given[argument] for argument in wanted})


def outcome_of(response: HttpResponseBase) -> str:
    if response.status_code == 302 and response["Location"].startswith("/login/?next="):
        return "to sign in"
    if response.status_code == 403:
        return "refused"
    if response.status_code == 404:
        return "hidden"
    if response.status_code >= 500 or response.status_code == 405:
        return f"answered with {response.status_code}"
    return "in"


def test_every_route_has_a_name() -> None:
    assert [str(route.pattern) for route in ALL if not route.name] == []


def test_every_route_has_a_line_in_the_table() -> None:
    """Say in tests/views/access_table.py who may open it."""
    assert {str(route.name) for route in ALL} == set(TABLE)


@pytest.mark.long
def test_each_door_opens_for_whom_the_table_says(
    things: dict[str, Any],
    client_of: Callable[[User], Client],
    admin: User,
    editor: User,
    viewer: User,
    stranger: User,
) -> None:
    """All in one: what stands behind the doors is the same for each, and takes longer to make than to try them."""
    people = {"stranger": stranger, "viewer": viewer, "editor": editor, "admin": admin}
    visitors = {"anonymous": Client()} | {kind: client_of(user) for kind, user in people.items()}
    assert [wrong for route in ALL for wrong in wrong_with(route, address_of(route, things), visitors)] == []


def wrong_with(route: URLPattern, address: str, visitors: dict[str, Client]) -> Iterator[str]:
    entry = TABLE[str(route.name)]
    for method in ("GET", "POST"):
        if method not in entry:
            if tried(visitors["admin"], method, address).status_code != 405:
                yield f"{method} {address}: it is answered"
            continue
        if method == "GET":
            head, page = (tried(visitors["admin"], each, address).status_code for each in ("HEAD", "GET"))
            if head != page:
                yield f"HEAD {address}: {head}, and GET {page}"
        for kind, client in visitors.items():
            answer, expected = outcome_of(tried(client, method, address)), getattr(entry[method], kind)
            if answer != expected:
                yield f"{method} {address}, {kind}: {answer} instead of {expected}"


def tried(client: Client, method: str, address: str) -> HttpResponseBase:
    """The answer, without the traces it leaves: everybody finds the same team behind the door."""
    cache.clear()
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = client.generic(method, address)
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response
