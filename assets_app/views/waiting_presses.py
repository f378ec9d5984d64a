"""Presses that wait for an admin's yes, because nobody knows their price and a budget holds, as admins see them."""

from __future__ import annotations

import uuid

from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from assets_app.forms.prices import PriceOfPress
from assets_app.middleware import TeamRequest
from assets_app.models import Generation
from assets_app.money import approving
from assets_app.money.approving import Waiting
from assets_app.money.words import price_in_words
from assets_app.views.asked import settings_of
from assets_app.views.live import MANY
from assets_app.views.one_film import is_sandbox


class Asked:
    """One press that waits, as an admin sees it."""

    def __init__(self, waiting: Waiting, *, is_sandbox: bool, form: PriceOfPress | None = None) -> None:
        self.waiting = waiting
        self.form = form or PriceOfPress(waiting.first)
        self.price_words = price_in_words(waiting.price, len(waiting.takes), is_sandbox=is_sandbox)
        self.settings = [
            (label, value)
            for name, label, value in settings_of(waiting.first)
            if waiting.first.params.get(name) is not False
        ]

    @property
    def order(self) -> int:
        """The oldest first."""
        return -int(self.waiting.first.created_at.timestamp() * 1000)


def asked_of(request: TeamRequest, *clicks: uuid.UUID, form: PriceOfPress | None = None) -> list[Asked]:
    """What waits for this person's yes; nothing for who cannot give one. `form` is that of the press it is about, sent
    with something that cannot be meant.
    """
    if not request.membership.is_admin:
        return []
    return [
        Asked(
            waiting,
            is_sandbox=is_sandbox(request),
            form=form if form and form.generation.click == waiting.click else None,
        )
        for waiting in approving.waiting_in(request.team, *clicks)
    ]


def changed_approvals(request: TeamRequest, since: int) -> SafeString:
    """For live pages: all that wait, and which do not any more."""
    if not request.membership.is_admin:
        return SafeString()
    asked = asked_of(request)
    left = {each.waiting.click for each in asked}
    changed = Generation.objects.filter(team=request.team, revision__gt=since).values_list("click", flat=True)[:MANY]
    gone = format_html_join("", '<div id="approval-{}" data-gone></div>', ((each,) for each in set(changed) - left))
    return (
        SafeString("".join(render_to_string("team/_approval.html", {"asked": each}, request) for each in asked)) + gone
    )
