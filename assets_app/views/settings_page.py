"""A team's settings: its name, its way to the provider, webhooks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from assets_app import engine
from assets_app.forms.budgets import AskingForm
from assets_app.forms.connection import ConnectionForm, WebhooksForm
from assets_app.forms.film_names import FilmNamesForm
from assets_app.forms.members import TeamForm
from assets_app.middleware import TeamRequest
from assets_app.models import Connection, Event, Mail, SettledDoubt, Team
from assets_app.models.media_use import MediaUse
from assets_app.startup.first_team import is_set_by_the_environment
from assets_app.views import film_names
from assets_app.views.access import admins_only


@require_safe
@admins_only
def settings_page(request: TeamRequest) -> HttpResponse:
    return _page(request)


@require_POST
@admins_only
def save_team(request: TeamRequest) -> HttpResponse:
    form = _kept(request, TeamForm)
    if not form.is_valid():
        return _page(request, team_form=form)
    messages.success(request, "Saved.")
    return redirect("settings", request.team.slug)


@sensitive_post_parameters("api_key")
@require_POST
@admins_only
def save_connection(request: TeamRequest) -> HttpResponse:
    """Try the key, keep it if the provider takes it, and let whatever waited for it go on."""
    form = ConnectionForm(request.POST, connection=_connection(request))
    if not form.is_valid() or not form.save(request.membership.user):
        return _page(request, connection_form=form, raw=form.raw)
    engine.wake()
    account = form.connection.account_name or "the provider"
    messages.success(request, f"Connected: the key {form.connection.key_prefix}… works, {account} answered.")
    return redirect("settings", request.team.slug)


@require_POST
@admins_only
def save_webhooks(request: TeamRequest) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()
        form = WebhooksForm(request.POST, instance=_connection(request))
        if form.is_valid() and form.changes and form.instance.pk:
            form.instance.save(update_fields=["webhooks"])
            Event.about_team(request.team, request.membership.user, "settings", **form.changes)
    is_wanted = form.instance.webhooks
    messages.success(request, "Webhooks will be asked for." if is_wanted else "Webhooks are not asked for any more.")
    return redirect("settings", request.team.slug)


@require_POST
@admins_only
def save_asking(request: TeamRequest) -> HttpResponse:
    """Above how many credits one press of Generate asks first."""
    form = _kept(request, AskingForm)
    if not form.is_valid():
        return _page(request, asking_form=form)
    messages.success(request, "Saved.")
    return redirect("settings", request.team.slug)


@require_POST
@admins_only
def save_film_names(request: TeamRequest) -> HttpResponse:
    """How films are called when they are downloaded."""
    form = _kept(request, FilmNamesForm)
    if not form.is_valid():
        return _page(request, **film_names.section(form))
    messages.success(request, "Saved. Films are called so from now on.")
    return redirect("settings", request.team.slug)


@require_POST
@admins_only
def forget_refusal(request: TeamRequest, pk: int) -> HttpResponse:
    """Let be tried again what the provider has refused to this team's key."""
    with transaction.atomic():
        request.team.next_revision()
        gone = _settled_doubts(request).filter(pk=pk).first()
        if gone:
            gone.delete()
            Event.about_team(
                request.team, request.membership.user, "settings", tried_again=f"{gone.model_label}, {gone.what}"
            )
    messages.success(request, "It is not stopped any more: whoever generates is warned, and may send it anyway.")
    return redirect(f"{reverse('settings', args=[request.team.slug])}#connection")


def _settled_doubts(request: TeamRequest) -> QuerySet[SettledDoubt]:
    return SettledDoubt.objects.filter(fingerprint=_connection(request).fingerprint).order_by("refused_at")


def _kept(request: TeamRequest, made: type[TeamForm | AskingForm | FilmNamesForm]) -> Any:
    """The form over the team as it is now; what a valid one changes is written down, and who changed it."""
    with transaction.atomic():
        request.team.next_revision()
        form = made(request.POST, instance=Team.objects.get(pk=request.team.pk))
        if form.is_valid() and form.changes:
            form.instance.save(update_fields=list(form.changes))
            Event.about_team(request.team, request.membership.user, "settings", **form.changes)
    return form


def _page(request: TeamRequest, **forms: Any) -> HttpResponse:
    connection = _connection(request)
    context = {
        "team_form": TeamForm(instance=request.team),
        "connection_form": ConnectionForm(connection=connection),
        "asking_form": AskingForm(instance=request.team),
        "webhooks_form": WebhooksForm(instance=connection),
        "from_environment": is_set_by_the_environment(connection),
        "sandbox_url": settings.SANDBOX_URL,
        "public_url": settings.PUBLIC_URL,
        "settled_doubts": _settled_doubts(request),
        "storage": MediaUse.of(request.team.pk),
        "unsent_mail": Mail.objects.given_up().order_by("-created_at"),
        "place": "settings",
        "live_page": "settings",
        **film_names.section(FilmNamesForm(instance=request.team)),
    }
    is_beaten = any(getattr(form, "meanwhile", None) for form in forms.values())
    return render(request, "team/settings.html", context | forms, status=409 if is_beaten else 200)


def _connection(request: TeamRequest) -> Connection:
    """The team's, or a blank one to begin with."""
    return Connection.objects.select_related("team").filter(team=request.team).first() or Connection(
        team=request.team, base_url=settings.APIFRAME_BASE_URL
    )
