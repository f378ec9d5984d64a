"""Who belongs to a team, as what, and how others come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from allauth.account.utils import perform_login
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Case, IntegerField, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets_app import second_step
from assets_app.accounts import INVITED
from assets_app.forms.account import JoinForm
from assets_app.forms.members import MAY, InviteForm, RoleForm
from assets_app.middleware import TeamRequest
from assets_app.models import Invitation, LastAdmin, Membership, NotAdmin, Share, invite
from assets_app.models.team import Gone
from assets_app.money import sums
from assets_app.openid import offered_as
from assets_app.origin import absolute
from assets_app.templatetags.castboard import person
from assets_app.views.access import admins_only

if TYPE_CHECKING:
    from django.contrib.auth.models import User

THE_LAST_ADMIN = "A team needs an admin. Make somebody else one first."
MOST_LINKS = 100
ADMINS_FIRST = Case(When(role="admin", then=0), When(role="editor", then=1), default=2, output_field=IntegerField())


@require_safe
def members(request: TeamRequest) -> HttpResponse:
    return _page(request)


@require_POST
@admins_only
def invite_somebody(request: TeamRequest) -> HttpResponse:
    """The answer is the page with the link on it: it is shown this once, and kept nowhere."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    given = form.cleaned_data
    _invitation, token = invite(request.team, request.membership.user, given["role"], form.lasting, given["note"])
    link = absolute(request, reverse("invitation", args=[token]))
    return _page(request, link=link, invited_as=Membership.Role(given["role"]))


@require_POST
@admins_only
def revoke(request: TeamRequest, pk: str) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, team=request.team)
    if invitation.revoke(request.membership.user):
        messages.success(request, "The link does not work any more.")
    return redirect("members", request.team.slug)


@require_POST
@admins_only
def change_role(request: TeamRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        request.team.next_revision()
        member = _member(request, pk)
        form = RoleForm(member, request.POST)
        is_valid = form.is_valid()
        if not is_valid and form.meanwhile:
            return _page(request, role_form=form, status=409)
        role = form.cleaned_data.get("role", member.role)
        if is_valid and _unless_refused(request, lambda: member.change_role(role, by=request.membership)):
            messages.success(request, f"{person(member.user)} is now {Membership.Role(role).label.lower()}.")
    return redirect("members", request.team.slug)


@require_POST
def end(request: TeamRequest, pk: int) -> HttpResponse:
    """Leave the team, or, as an admin, take somebody out of it."""
    member = _member(request, pk)
    leaves = member.pk == request.membership.pk
    if not leaves and not request.membership.is_admin:
        raise PermissionDenied
    ended: list[Gone] = []
    if not _unless_refused(request, lambda: ended.append(member.end(by=request.membership))):
        return redirect("members", request.team.slug)
    if leaves:
        messages.success(request, f"You have left {request.team.name}.")
        return redirect("home")
    messages.success(request, f"{person(member.user)} is no longer in {request.team.name}.{_told(*ended)}")
    return redirect("members", request.team.slug)


@login_not_required
@never_cache
@rate_limit(action="signup")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What a link opens: somebody signed in joins with one press; somebody new chooses a name and a password."""
    found = Invitation.objects.open_with(token)
    if found is None:
        return render(request, "team/invitation_over.html", status=404)
    context = {"invitation": found, "may": MAY[Membership.Role(found.role)], "organisation": offered_as()}
    if request.user.is_authenticated:
        user: User = request.user
        if request.method == "POST":
            return _enter(request, found, user)
        context["is_member"] = found.team.memberships.filter(user=user).exists()
        return render(request, "team/invitation.html", context)
    request.session[INVITED] = token
    form = JoinForm(request.POST or None)
    if not form.is_valid():
        return render(request, "team/invitation.html", {**context, "form": form})
    with transaction.atomic():
        user = form.save()
        entered = found.accept(user)
        if not entered:  # somebody else was faster: no account without a team
            transaction.set_rollback(True)
    if not entered:
        return render(request, "team/invitation_over.html", status=404)
    return perform_login(request, user, redirect_url=reverse("board", args=[found.team.slug]))


def _enter(request: HttpRequest, invitation: Invitation, user: User) -> HttpResponse:
    if not invitation.accept(user):
        return render(request, "team/invitation_over.html", status=404)
    request.session.pop(INVITED, None)
    return redirect("board", invitation.team.slug)


def _page(
    request: TeamRequest,
    form: InviteForm | None = None,
    *,
    role_form: RoleForm | None = None,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    costs = sums.of_people(request.team)
    members = list(request.team.memberships.select_related("user").order_by(ADMINS_FIRST, "user__username"))
    for member in members:
        member.cost = costs.get(member.user_id, sums.Cost())  # type: ignore[attr-defined]
        is_asked = role_form is not None and role_form.member.pk == member.pk
        member.role_form = role_form if is_asked else RoleForm(member)  # type: ignore[attr-defined]
    context = {
        "members": members,
        "place": "members",
        "live_page": "members",
        **more,
    }
    if request.membership.is_admin:
        context["with_second_step"] = second_step.who_has_one(member.user_id for member in members)
        context["form"] = form or InviteForm()
        links = Share.objects.open().of_team(request.team).select_related("generation", "created_by")
        context["links"] = links[:MOST_LINKS]
        context["links_open"] = links.count()
        context["invitations"] = request.team.invitations.open().select_related("created_by").order_by("-created_at")
    return render(request, "team/members.html", context, status=status)


def _told(gone: Gone) -> str:
    links = "The link" if gone.links == 1 else f"The {gone.links:,} links"
    films = "A film" if gone.films == 1 else f"{gone.films:,} films"
    said = f" {links} to films that they had made do not work any more." if gone.links else ""
    return said + (
        f" {films} of theirs not yet sent {'is' if gone.films == 1 else 'are'} cancelled." if gone.films else ""
    )


def _member(request: TeamRequest, pk: int) -> Membership:
    return get_object_or_404(Membership.objects.select_related("user"), pk=pk, team=request.team)


def _unless_refused(request: TeamRequest, change: Callable[[], object]) -> bool:
    try:
        change()
    except NotAdmin as error:
        raise PermissionDenied from error
    except LastAdmin:
        messages.error(request, THE_LAST_ADMIN)
        return False
    return True
