"""What a mail says. Each kind has one template below mail/, which fills a layout: of the subject, of text, of HTML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils import timezone

from assets_app.models import Mail

if TYPE_CHECKING:
    from django.contrib.auth.models import User

FORGOTTEN = "password_reset_key"
LAYOUTS = SUBJECT, TEXT, HTML = ("mail/_subject.txt", "mail/_text.txt", "mail/_page.html")


def has_words(kind: str) -> bool:
    try:
        get_template(f"mail/{kind}.txt")
    except TemplateDoesNotExist:
        return False
    return True


def letters_of(mail: Mail) -> list[EmailMultiAlternatives]:
    """The message, ready to go; none when it was for whoever has an address that nobody has."""
    if mail.kind == FORGOTTEN:
        return [_letter(mail, to, facts, number) for number, (to, facts) in enumerate(_forgetful(mail))]
    return [_letter(mail, mail.to, {})]


def _letter(mail: Mail, to: str, more: dict[str, Any], number: int = 0) -> EmailMultiAlternatives:
    context = {
        "place": mail.place,
        "when": mail.created_at,
        "organisation": settings.OIDC_NAME,
        **mail.facts,
        **more,
    }
    subject, text, html = (
        render_to_string(f"mail/{mail.kind}.txt", {**context, "layout": layout}).strip() for layout in LAYOUTS
    )
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or urlsplit(mail.place).hostname
    # Sent twice it has one name, by which a mail server knows it again.
    headers = {"Message-ID": f"<{mail.pk}.{number}@{domain}>", "Auto-Submitted": "auto-generated"}
    subject = app_settings.EMAIL_SUBJECT_PREFIX + " ".join(subject.split())
    letter = EmailMultiAlternatives(subject, text + "\n", settings.DEFAULT_FROM_EMAIL, [to], headers=headers)
    letter.attach_alternative(html, "text/html")
    return letter


def _forgetful(mail: Mail) -> Iterator[tuple[str, dict[str, Any]]]:
    """Whose address it is, as they gave it, and what they are told: a link, made now, unless they have no password."""
    for user in filter_users_by_email(mail.to, is_active=True, prefer_verified=True):
        facts: dict[str, Any] = {"name": user.get_username()}
        if user.has_usable_password():
            token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
            door = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), token])
            facts["link"] = mail.place + door
            facts["until"] = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        yield _as_they_gave_it(user, mail.to), facts


def _as_they_gave_it(user: User, typed: str) -> str:
    """Addresses that look alike are not all one: what was typed is not written to."""
    kept = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return next((email for email in kept if email.lower() == typed.lower()), user.email)
