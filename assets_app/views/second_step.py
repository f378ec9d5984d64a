"""An admin takes away what a member confirms signing in with, who has lost it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assets_app import second_step
from assets_app.middleware import TeamRequest
from assets_app.models import Membership
from assets_app.templatetags.castboard import person
from assets_app.views.access import admins_only
from assets_app.views.proof import ask_for_proof


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admins_only
def remove(request: TeamRequest, pk: int) -> HttpResponse:
    """Asks first: the page says what it means, and for whom an admin of this team may not."""
    member = get_object_or_404(Membership.objects.select_related("user"), pk=pk, team=request.team)
    if member.pk == request.membership.pk:
        return redirect("account")
    if not second_step.has_second_step(member.user):
        messages.info(request, f"{person(member.user)} has no second step and no passkey.")
        return redirect("members", request.team.slug)
    if first := ask_for_proof(request):
        return first
    beyond = second_step.teams_beyond(member.user, request.membership.user)
    if request.method == "POST" and not beyond:
        second_step.remove(member.user, request.membership.user, request)
        messages.success(request, f"{person(member.user)} signs in by password alone now.")
        return redirect("members", request.team.slug)
    context = {"member": member, "is_beyond": bool(beyond), "place": "members"}
    return render(request, "team/second_step.html", context)
