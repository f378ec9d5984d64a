"""The page of one film: the film, what it was made of, what people say about it, what happened to it."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from assets_app.addresses import uuid_or_none
from assets_app.apiframe import catalogue
from assets_app.engine.missing import look_after
from assets_app.films.following import of_model
from assets_app.forms import slots
from assets_app.middleware import TeamRequest
from assets_app.models import Generation
from assets_app.money import limits
from assets_app.views import price_tags
from assets_app.views.asked import settings_of
from assets_app.views.fixes import refusal_of
from assets_app.views.history import history_of_film
from assets_app.views.lineage import lineage_of
from assets_app.views.live import live_page
from assets_app.views.marks import is_starred, marks_of
from assets_app.views.one_film import film_of, is_sandbox
from assets_app.views.sent import sent_of
from assets_app.views.shares import shares_of
from assets_app.views.takes import Take, takes_of
from assets_app.views.waiting_presses import asked_of


@require_safe
def video(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    film = film_of(request, pk)
    look_after(getattr(film, "video", None))
    return render(request, "videos/video.html", _film_context(request, film))


@live_page("video")
def changed_video(request: TeamRequest, since: int) -> str:
    """The parts of one film's page, if it is what changed."""
    key = uuid_or_none(request.GET.get("for", ""))
    generation = takes_of(request.team).filter(pk=key, revision__gt=since).first() if key else None
    return render_to_string("videos/_film.html", _film_context(request, generation), request) if generation else ""


def _film_context(request: TeamRequest, generation: Generation) -> dict[str, Any]:
    known = catalogue.load()
    model = known.described(generation.model)
    references = slots.in_order(slots.of_generation(generation), model)
    refused, waits = refusal_of(generation), generation.state == "approval"
    price_tags.put_on([generation], request.team, {generation.pk: refused.remedy} if refused else None)
    return (
        marks_of(generation)
        | shares_of(request, generation)
        | sent_of(request, generation, references)
        | lineage_of(request.team, generation)
        | {
            "refused": refused,
            "approval": next(iter(asked_of(request, generation.click)), None) if waits else None,
            "waits_for": limits.admins_of(request.team) if waits else "",
            "take": Take(generation, is_sandbox(request)),
            "is_starred": is_starred(generation, cast("User", request.user)),
            "references": [
                (reference, slots.token_of(references, index, model), known.slot_called(reference.slot, model))
                for index, reference in enumerate(references)
            ],
            "params": [
                (label, value) for name, label, value in settings_of(generation) if generation.params[name] is not False
            ],
            "following": of_model(request.team, generation.model) if references else None,
            "history": history_of_film(generation),
            "place": "videos",
            "live_page": "video",
            "live_for": generation.pk,
        }
    )
