"""Whose page it is: every page, and every form on it, carries the person it was shown to (`views.whose_page` compares).

Known to all templates without `{% load %}`, and `{% csrf_token %}` writes it too: a form that is safe to send cannot
forget whose it is.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from assets_app.middleware import STOOD_ON, page_before

register = template.Library()

FIELD = "shown_to"
NOBODY = "nobody"
SIGNER = Signer(salt="castboard.shown_to")


def mark_of(user: AbstractBaseUser | AnonymousUser) -> str:
    """No secret, and one for each person: their key, signed so that nobody can make one up to learn a name."""
    return SIGNER.sign(user.pk) if user.is_authenticated else NOBODY


def person_of(mark: str) -> User | None:
    """Whom a page was shown to; None for nobody, for an account that is gone and for a mark that is not ours."""
    try:
        return User.objects.filter(pk=SIGNER.unsign(mark)).first()
    except BadSignature:
        return None


def _mark_for(request: HttpRequest) -> str:
    """The mark for a page that is being made, which the browser is then told (`views.whose_page`)."""
    mark = mark_of(getattr(request, "user", AnonymousUser()))  # a page of refusal may be made before anybody is known
    request.shown_to = mark  # type: ignore[attr-defined]
    return mark


@register.simple_tag(takes_context=True)
def shown_to(context: Context) -> str:
    """The mark itself, for the page."""
    request: HttpRequest | None = context.get("request")
    return _mark_for(request) if request is not None else NOBODY


@register.tag
def csrf_token(_parser: Parser, _token: Token) -> FormMarks:
    return FormMarks()


class FormMarks(CsrfTokenNode):
    """Django's token against forged forms, whose page the form stands on, and where, when the page's own address takes
    no visits.
    """

    def render(self, context: Any) -> SafeString:
        request: HttpRequest | None = context.get("request")
        token = super().render(context)
        if request is None or not token:
            return SafeString(token)
        marks = {FIELD: _mark_for(request)}
        if request.method == "POST" and not request.headers.get("HX-Request"):
            marks[STOOD_ON] = page_before(request)
        fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', marks.items())
        return SafeString(token) + fields
