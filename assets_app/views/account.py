"""Somebody's own account: who they are here, how they sign in, and the teams they belong to."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from assets_app.forms.account import ProfileForm
from assets_app.models import Membership


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    ways: dict[str, list[Any]] = {kind.value: [] for kind in Authenticator.Type}
    for authenticator in Authenticator.objects.filter(user=request.user.pk).order_by("created_at"):
        ways[authenticator.type].append(authenticator)
    context = {
        "memberships": Membership.objects.filter(user=request.user.pk).select_related("team").order_by("team__name"),
        "totp": ways["totp"],
        "passkeys": ways["webauthn"],
        "recovery": ways["recovery_codes"],
        "organisation": settings.OIDC_NAME if settings.OIDC_SERVER_URL else "",
    }
    return render(request, "account/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def profile(request: HttpRequest) -> HttpResponse:
    """Asks who it is first: whoever can change the e-mail can have a new password sent to it."""
    form = ProfileForm(request.POST or None, user=request.user)  # type: ignore[arg-type]
    if form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("account")
    return render(request, "account/profile.html", {"form": form})
