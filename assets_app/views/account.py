"""Somebody's own account: who they are here, how they sign in, and the teams they belong to."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets_app import leaving, sessions, sign_in_log
from assets_app.accounts import email_at_organisation, set_email, tell_of_new_email, tell_of_new_name
from assets_app.forms.account import ProfileForm
from assets_app.forms.leaving import HeirsForm
from assets_app.models import LastAdmin, Membership
from assets_app.names import taken
from assets_app.openid import offered_as
from assets_app.views.proof import ask_for_all_proof


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
        "signed_in": sessions.of(cast("User", request.user), request),
        "organisation": offered_as(),
        "email_there": email_at_organisation(cast("User", request.user)),
    }
    return render(request, "account/account.html", context)


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    ended = sessions.end_others(cast("User", request.user), request)
    messages.success(request, f"Signed out in {ended} other place{'s' if ended != 1 else ''}.")
    return redirect("account")


def _locked(request: HttpRequest) -> User:
    """Whoever is signed in, as they are now; in a transaction."""
    return User.objects.select_for_update().get(pk=cast("User", request.user).pk)


@require_POST
@reauthentication_required
def take_email(request: HttpRequest) -> HttpResponse:
    """The address that the organisation has for somebody, if it is still the one that their page showed."""
    with transaction.atomic():
        user = _locked(request)
        before, found = user.email, email_at_organisation(user)
        is_so = bool(found) and found == request.POST.get("email")
        if is_so:
            set_email(user, found)
            tell_of_new_email(request, user, before)
    if is_so:
        sign_in_log.changed(request, user, "email")
        messages.success(request, f"Your e-mail is {found} now.")
    return redirect("account")


def _profile_saved(request: HttpRequest) -> ProfileForm:
    """What was sent, written down where it is good."""
    try:
        with transaction.atomic():
            user = _locked(request)
            name, email = user.get_username(), user.email
            form = ProfileForm(request.POST, user=user)
            if form.is_valid():
                form.save()
                if user.email != email:
                    tell_of_new_email(request, user, email)
                if user.get_username() != name:
                    tell_of_new_name(request, user, name)
                    sign_in_log.changed(request, user, "name", before=name)
    except IntegrityError:  # somebody took the name in this very moment
        form.add_error("username", taken())
    return form


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def profile(request: HttpRequest) -> HttpResponse:
    """Asks who it is first: whoever can change the e-mail can have a new password sent to it."""
    if request.method != "POST":
        form = ProfileForm(user=request.user)  # type: ignore[arg-type]
        return render(request, "account/profile.html", {"form": form})
    form = _profile_saved(request)
    if not form.is_valid():
        return render(request, "account/profile.html", {"form": form}, status=409 if form.meanwhile else 200)
    if "email" in form.changes:
        sign_in_log.changed(request, form.user, "email")
    messages.success(request, "Saved.")
    return redirect("account")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Says what goes and what stays, and asks who runs the teams that only they run."""
    if first := ask_for_all_proof(request):
        return first
    user = cast("User", request.user)
    form = HeirsForm(request.POST if request.method == "POST" else None, user=user)
    if not form.is_valid():
        return render(request, "account/delete.html", {"form": form, "memberships": form.memberships})
    try:
        leaving.delete_account(user, form.heirs, request)
    except LastAdmin:  # somebody else stepped down meanwhile
        return render(request, "account/delete.html", {"form": HeirsForm(user=user), "memberships": form.memberships})
    logout(request)
    messages.success(request, "Your account is deleted.")
    return redirect("login")
