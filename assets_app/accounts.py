"""How django-allauth does things here: nobody signs up without an invitation, and second factors are sealed at rest."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from requests import RequestException

from assets_app import sessions, sign_in_log
from assets_app.known_devices import KnownDevice
from assets_app.mail import has_words, post
from assets_app.models import Clock, Event, Invitation, LastCode
from assets_app.models.sealing import Unreadable, seal, unseal
from assets_app.names import email_is_taken, looks_like_anothers
from assets_app.openid import OrganisationSignIn, PatientSession, offered_as
from assets_app.origin import hostname
from assets_app.sign_in_limits import accounts_meant, guess_password

log = logging.getLogger(__name__)

INVITED = "invited"  # the session's key for the invitation somebody came with
SELF_EVIDENT = ("account/messages/logged_in.txt", "account/messages/logged_out.txt")


WRONG = "Name or password is wrong."


WAYS_TO_CONFIRM = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code of your authenticator app, or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Invited people are made known by the page of their invitation; there is no other way in."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Whether somebody may be sent on there: to pages of ours, told from their root."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write it down for the worker, with those of allauth's facts that are ours: all mails are in our own words."""
        kind = template_prefix.rpartition("/")[2]
        if not has_words(kind):
            log.error("There are no words for a mail of the kind %s, so none is sent", kind)
            return
        facts = {
            name: str(context[name]) for name in ("name", "address", "person", "before", "now") if context.get(name)
        }
        post(kind, email, self.request, **facts)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """To the address of an account, if it has one, about what was done with it."""
        facts = {"name": user.get_username(), "address": self.get_client_ip(self.request), **(context or {})}
        if account := facts.get("account"):
            facts["person"] = account.get_provider_account()
        if to := email or EmailAddress.objects.get_primary_email(user):
            self.send_mail(template_prefix, to, facts)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**method, "description": WAYS_TO_CONFIRM[method["id"]]} for method in found]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if message_template not in SELF_EVIDENT:
            super().add_message(request, level, message_template, *args, **kwargs)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Raises a ValidationError, without a look at the password, when there were too many wrong ones."""
        guess = guess_password(request, credentials)
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is not None:
            guess.was_right()
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        sign_in_log.wrong_password(request, accounts_meant(credentials))

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **how)
        KnownDevice.of(request).remember(user.pk, response)
        sessions.begin(request)
        return response


class OrganisationAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "no_password": "Set a password first: without it you could not sign in any more.",
        "disconnect_last": "It is the only way in that you have. Set a password first.",
        "connected_other": "That account is connected to somebody else here.",
        "email_taken": "Somebody here uses this address. If it is you, sign in with your password and connect %s then.",
    }

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = OrganisationSignIn
        return found

    def get_requests_session(self) -> PatientSession:
        return PatientSession()

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Who does not answer has not refused anybody: `views.openid` says so."""
        if isinstance(exception, RequestException):
            raise exception

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Signing in with the organisation's account makes one here only for somebody who opened an invitation. Who has
        an account here with that address is told how to connect the two; the address alone opens nothing.
        """
        if Invitation.objects.open_with(request.session.get(INVITED, "")):
            return True
        email = sociallogin.user.email
        context = {
            "organisation": offered_as(),
            "known_email": email if email and email_is_taken(email) else "",
            "going_to": sociallogin.get_redirect_url(request) or "",
        }
        raise ImmediateHttpResponse(render(request, "account/signup_closed.html", context))

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Who is called there as nobody here may be is asked for another name."""
        is_allowed: bool = super().is_auto_signup_allowed(request, sociallogin)
        return is_allowed and not looks_like_anothers(sociallogin.user.get_username())


class SecondFactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return seal(text)

    def generate_authenticator_name(self, user: User, type: Any) -> str:  # noqa: A002 (allauth's name)
        """What a passkey is called until its owner says better."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom a passkey is made for: one of another name would not be offered where others reach us."""
        return {"id": hostname(context.request), "name": "Castboard"}

    def decrypt(self, encrypted_text: str) -> str:
        """What was sealed under a SECRET_KEY that is gone becomes a secret that no code fits."""
        try:
            return unseal(encrypted_text)
        except Unreadable:
            return generate_totp_secret()


def use_code(user: User, secret: str, code: str) -> bool:
    """Whether an app's right code is good, which it is once. The secret is as it is kept."""
    plain = SecondFactorAdapter().decrypt(secret)
    counters = list(yield_hotp_counters_from_time())
    shown = {format_hotp_value(hotp_value(plain, each)): each for each in counters}
    fits = [shown[each] for each in shown if compare_user_code(actual=code, expected=each)]
    return bool(fits) and LastCode.use(user.pk, fits[0], latest=counters[-1])


def tell_of_new_name(request: HttpRequest, user: User, before: str) -> None:
    facts = {"before": before, "now": user.get_username()}
    get_adapter(request).send_notification_mail("account/email/name_changed", user, facts)


def tell_of_new_email(request: HttpRequest, user: User, before: str) -> None:
    """At the old address, whose owner may know nothing of it, and at the new one."""
    facts = {"before": before, "now": user.email}
    for address in {before, user.email} - {""}:
        get_adapter(request).send_notification_mail("account/email/email_changed", user, facts, address)


@transaction.atomic
def set_email(user: User, email: str) -> None:
    """Where messages about the account and password resets go; "" for nowhere. Kept in small letters, in which
    addresses are looked up.
    """
    user.email = email = email.lower()
    user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=user).delete()
    if email:
        EmailAddress.objects.create(user=user, email=email, primary=True)


def email_at_organisation(user: User) -> str:
    """The address that the organisation now has for somebody, where that is another one than ours and nobody else's: it
    is offered, and never taken over by itself. "" for none.
    """
    account = SocialAccount.objects.filter(user=user).order_by("-last_login").first()
    if account is None or not settings.OIDC_SERVER_URL:
        return ""
    found = account.get_provider().extract_common_fields(account.extra_data).get("email")
    if not isinstance(found, str) or found.lower() == user.email.lower() or email_is_taken(found, by_other_than=user):
        return ""
    try:
        validate_email(found)
    except ValidationError:
        return ""
    return found


UNJOINED_FOR = timedelta(days=1)


def forget_who_never_joined() -> int:
    """Delete accounts that somebody got through the organisation, with an invitation that they opened and then did not
    take up. They are in no team, and never were. Nothing while the clock may only say so.
    """
    if not Clock.may_delete():
        return 0
    before = timezone.now() - UNJOINED_FOR
    found = User.objects.filter(date_joined__lt=before, memberships=None, is_active=True, is_staff=False)
    by_organisation = found.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX, socialaccount__isnull=False)
    never = by_organisation.exclude(Exists(Event.objects.filter(actor=OuterRef("pk"))))
    return never.delete()[1].get(User._meta.label, 0)
