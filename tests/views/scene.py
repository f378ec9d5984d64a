"""Rows in any state, for the pages of films and references; nothing here talks to anybody."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

from assets_app.models import (
    Asset,
    Connection,
    Generation,
    Membership,
    NewAsset,
    NewReference,
    Original,
    Team,
    Video,
    register_all,
)
from assets_app.models.states import ASSET, GENERATION
from assets_app.money.ordering import Order, start

KEY = "afk_" + "0" * 40
PARAMS = {
    "duration": 8,
    "resolution": "720p",
    "aspect_ratio": "16:9",
    "generate_audio": True,
    "camera_fixed": False,
    "web_search": False,
    "return_last_frame": False,
}


def make_team(slug: str = "dailies", *, balance: int | None = 5000, is_sandbox: bool = True) -> Team:
    team = Team.objects.create(name=slug.capitalize(), slug=slug)
    connection = Connection(team=team, base_url="http://127.0.0.1:8001", is_sandbox=is_sandbox, credits=balance)
    connection.api_key = KEY
    connection.save()
    return team


def make_user(name: str, team: Team | None = None, role: str = Membership.Role.EDITOR) -> User:
    user = User.objects.create_user(name)
    if team:
        Membership.objects.create(team=team, user=user, role=role)
    return user


def make_asset(
    team: Team, media_type: str = "image", state: str = "active", *, name: str = "", **original: Any
) -> Asset:
    """An asset in `state`; facts of our own copy as keywords, such as `seconds=9.4`, make that copy saved."""
    url = f"https://media.example/{uuid.uuid4()}.bin"
    (asset,) = register_all(team, None, [NewAsset(url, media_type, name or f"{media_type} {uuid.uuid4().hex[:4]}")])
    provider_id = f"prov-{asset.pk.hex[:8]}" if state in ("active", "processing", "expired") else ""
    due_at = timezone.now() if state in ASSET.in_group("processing") else None
    Asset.objects.filter(pk=asset.pk).update(state=state, due_at=due_at, provider_id=provider_id)
    if original:
        Original.objects.filter(pk=asset.pk).update(state="saved", due_at=None, **original)
    return Asset.objects.select_related("original").get(pk=asset.pk)


def make_generation(
    team: Team,
    state: str = "completed",
    *,
    by: User | None = None,
    references: list[NewReference] | None = None,
    **columns: Any,
) -> Generation:
    prompt = columns.pop("prompt", "A lighthouse at dawn, slow push in")
    order = Order(
        click=columns.pop("click", uuid.uuid4()),
        model=columns.pop("model", "seedance-2"),
        prompt=prompt,
        params=columns.pop("params", PARAMS),
        references=references or [],
        estimate=(144, 144),
        price_key="720p",
        seconds=8,
    )
    generation = start(team, by, order)[0]
    if state not in ("waiting", "queued"):
        columns = {
            "sent_at": timezone.now(),
            "job_id": "" if state == "unconfirmed" else str(uuid.uuid4()),
            "due_at": None if GENERATION[state].is_final else timezone.now(),
        } | columns
    if state == "completed":
        columns = {"completed_at": timezone.now(), "credit_cost": 144, "spend": 144, "progress": 100} | columns
    if state in ("failed", "cancelled"):
        columns = {"spend": 0, "is_quote": "reason" in columns} | columns
    Generation.objects.filter(pk=generation.pk).update(state=state, **columns)
    generation.refresh_from_db()
    return generation


def make_video(generation: Generation, state: str = "saved", content: bytes = b"film" * 1000, **columns: Any) -> Video:
    url = columns.pop("source_url", "https://cdn.example/film.mp4")
    video = Video(generation=generation, team=generation.team, source_url=url, state=state)
    if state == "saved":
        video.file.save(f"{video.folder}/film.mp4", ContentFile(content), save=False)
        known = {
            "content_type": "video/mp4",
            "byte_size": len(content),
            "width": 1280,
            "height": 720,
            "seconds": 8.04,
            "fps": 24.0,
        }
        for name, value in {**known, "sha256": "ab" * 32, **columns}.items():
            setattr(video, name, value)
    else:
        for name, value in columns.items():
            setattr(video, name, value)
    video.save()
    return video


def hours_ago(hours: float) -> Any:
    return timezone.now() - timedelta(hours=hours)
