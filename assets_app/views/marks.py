"""Marking one film: star, rating, whether it shows its references, notes. From its page, a card or the comparison."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from assets_app.forms.shown import shown_in, told, who_and_when
from assets_app.middleware import TeamRequest
from assets_app.models import BEST_RATING, LONGEST_NOTES, FilmStar, Followed, Generation
from assets_app.money.asking import amount_in
from assets_app.views.access import editors_only
from assets_app.views.answers import way_back
from assets_app.views.one_film import film_of
from assets_app.views.takes import Take


@require_POST
def star(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Put this person's star on it (`on=1`) or take it off (`on=0`); without `on`, whichever it is not. Anybody who may
    look may do so.
    """
    film, user = film_of(request, pk), cast("User", request.user)
    asked = request.POST.get("on", "")
    on = asked == "1" if asked in ("0", "1") else not is_starred(film, user)
    film.star(user, on)
    return _answer(request, film, "videos/_star.html", is_starred=on)


@require_POST
@editors_only
def rate(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """`rating` is 1 to 5; 0 takes it away."""
    film, asked = film_of(request, pk), request.POST.get("rating", "")
    if asked not in {str(number) for number in range(BEST_RATING + 1)}:
        return _refused(request, film, f"A rating is a number from 0 to {BEST_RATING}. Choose one of the stars.")
    shown = shown_in(request.POST).get("rating", "")
    if not film.rate(cast("User", request.user), int(asked), amount_in(shown)):
        return _beaten(request, film, "rating", "videos/_rating.html")
    return _answer(request, film, "videos/_rating.html")


@require_POST
@editors_only
def followed(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """`followed` is yes, partly or no; empty takes the verdict back."""
    film, asked = film_of(request, pk), request.POST.get("followed", "")
    if asked not in Followed.values:
        return _refused(request, film, "Say yes, partly or no.")
    if asked and not film.references.exists():
        return _refused(request, film, "It was made without references, so there was nothing to follow.")
    if not film.mark_followed(cast("User", request.user), asked, shown_in(request.POST).get("followed")):
        return _beaten(request, film, "followed", "videos/_followed.html")
    return _answer(request, film, "videos/_followed.html")


@require_POST
@editors_only
def annotate(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """`notes` in the place of those that were read, which come back as `read`. When somebody else wrote meanwhile,
    both are shown and nothing is overwritten.
    """
    film = film_of(request, pk)
    notes, read = (_lines(request.POST.get(name, "")) for name in ("notes", "read"))
    problem = ""
    if len(notes) > LONGEST_NOTES:
        problem = f"The notes have {len(notes):,} characters; {LONGEST_NOTES:,} is the most. Shorten them, then save."
    elif film.annotate(cast("User", request.user), notes, read):
        return _answer(request, film, "videos/_notes.html", said="Saved.")
    else:
        film.refresh_from_db(fields=["notes"])
        last = film.last_said_of("notes")
        by = f" ({', '.join(who_and_when(last))})" if last else ""
        problem = (
            f"Somebody else changed the notes while you wrote{by}. Theirs are below; put in what you miss, then save."
        )
    is_too_long = len(notes) > LONGEST_NOTES
    context = marks_of(film) | {
        "notes_typed": notes,
        "notes_read": read if is_too_long else film.notes,
        "notes_others": "" if is_too_long else film.notes,
        "notes_problem": problem,
    }
    if request.headers.get("HX-Request"):
        return render(request, "videos/_notes.html", context)
    return render(request, "videos/notes.html", context | {"place": "videos"}, status=422 if is_too_long else 409)


def marks_of(film: Generation) -> dict[str, Any]:
    """What the fragments of the marks show, beside the star, which is a person's own."""
    return {
        "take": Take(film),
        "followed_choices": [choice for choice in Followed.choices if choice[0]],
        "longest_notes": LONGEST_NOTES,
        "notes_typed": None,
        "notes_read": None,
    }


def is_starred(film: Generation, user: User) -> bool:
    return FilmStar.objects.filter(user=user, generation=film).exists()


def _lines(text: str) -> str:
    """As it was typed: a form sends line ends of its own."""
    return text.replace("\r\n", "\n").strip()


def _answer(request: TeamRequest, film: Generation, template: str, *, said: str = "", **context: Any) -> HttpResponse:
    """The mark as it is now, for the place where it was pressed; without htmx the page it was pressed on."""
    if request.headers.get("HX-Request"):
        answer = render(request, template, marks_of(film) | {"back": request.POST.get("back", "")} | context)
        if said:
            trigger_client_event(answer, "castboard:toast", {"text": said})
        return trigger_client_event(answer, "castboard:changed", {})
    if said:
        messages.success(request, said)
    return redirect(_back(request, film))


def _beaten(request: TeamRequest, film: Generation, field: str, template: str) -> HttpResponse:
    """Somebody else changed the mark since the page was drawn: it is shown as it is now, and the next press counts."""
    film.refresh_from_db(fields=[field])
    now = str(film.rating or "") if field == "rating" else film.get_followed_display()
    words = f"{told(film.last_said_of(field), now)} Yours is not saved: press again to save it."
    if not request.headers.get("HX-Request"):
        messages.error(request, words)
        return redirect(_back(request, film))
    answer = render(request, template, marks_of(film) | {"back": request.POST.get("back", "")})
    return trigger_client_event(answer, "castboard:toast", {"text": words, "tone": "error"})


def _refused(request: TeamRequest, film: Generation, why: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=422)
        return trigger_client_event(answer, "castboard:toast", {"text": why, "tone": "error"})
    messages.error(request, why)
    return redirect(_back(request, film))


def _back(request: TeamRequest, film: Generation) -> str:
    return way_back(request, "back", reverse("video", args=[request.team.slug, film.pk]))
